"""Colours of the scene and of what is exported. Every text colour reaches a contrast of 7 : 1 on its background."""

from dataclasses import dataclass

Colour = tuple[float, float, float]


def _rgb(code: str) -> Colour:
    red, green, blue = (int(code[k : k + 2], 16) / 255 for k in (0, 2, 4))
    return red, green, blue


@dataclass(frozen=True)
class Theme:
    """The colours that do not carry numbers, as sRGB in [0, 1].

    Attributes:
        name: "light" or "dark".
        background: Behind everything.
        foreground: Text, ticks, the edges of the box.
        wall: Fill of the floor and the walls of the box.
        grid: Lines on the floor and the walls.
        contour: Level lines on the surface.
        contour_on_dark: The same where the surface is dark.
        unknown: The surface where its colour's quantity is not known.
        plain: The surface where it has one colour.
        cap: The plane at which the surface is cut off.
        outline: Rim of every glyph.
        minimum: Glyphs of minima.
        saddle: Glyphs of saddles.
        maximum: Glyphs of maxima.
        talweg: Valley lines between minima.
        descending: Lines of steepest descent from saddles.
        ascending: Lines of steepest ascent from saddles.
        mark: Ring around a point that is pointed at or selected.
        path: The training path.
        run_1: A second run on the same plane.
        run_2: A third one.
        run_3: A fourth one.
        path_start: Its first checkpoint.
        path_end: Its last checkpoint.
        landmark: Checkpoints that the plane was laid through.
    """

    name: str
    background: Colour
    foreground: Colour
    wall: Colour
    grid: Colour
    contour: Colour
    contour_on_dark: Colour
    unknown: Colour
    plain: Colour
    cap: Colour
    outline: Colour
    minimum: Colour
    saddle: Colour
    maximum: Colour
    talweg: Colour
    descending: Colour
    ascending: Colour
    mark: Colour
    path: Colour
    run_1: Colour
    run_2: Colour
    run_3: Colour
    path_start: Colour
    path_end: Colour
    landmark: Colour


LIGHT = Theme(
    name="light",
    background=_rgb("ffffff"),
    foreground=_rgb("1b1f24"),
    wall=_rgb("f4f5f7"),
    grid=_rgb("cfd4da"),
    contour=_rgb("101418"),
    contour_on_dark=_rgb("d9dde2"),
    unknown=_rgb("9aa0a6"),
    plain=_rgb("b4c4d6"),
    cap=_rgb("4b5560"),
    outline=_rgb("0b0d10"),
    minimum=_rgb("3d9bff"),
    saddle=_rgb("ff9d1e"),
    maximum=_rgb("f0323c"),
    talweg=_rgb("3d9bff"),
    descending=_rgb("9fd0ff"),
    ascending=_rgb("ff6a5e"),
    mark=_rgb("ff4fa3"),
    path=_rgb("f7f7f7"),
    run_1=_rgb("f2a33a"),
    run_2=_rgb("52c7d9"),
    run_3=_rgb("e77fc0"),
    path_start=_rgb("ffffff"),
    path_end=_rgb("ff4fa3"),
    landmark=_rgb("ffe14d"),
)

DARK = Theme(
    name="dark",
    background=_rgb("15181c"),
    foreground=_rgb("e8eaed"),
    wall=_rgb("1d2126"),
    grid=_rgb("3b424a"),
    contour=_rgb("06080a"),
    contour_on_dark=_rgb("b9bfc6"),
    unknown=_rgb("6c737a"),
    plain=_rgb("93a5ba"),
    cap=_rgb("b9c2cc"),
    outline=_rgb("050607"),
    minimum=_rgb("4aa3ff"),
    saddle=_rgb("ffa62e"),
    maximum=_rgb("ff4650"),
    talweg=_rgb("4aa3ff"),
    descending=_rgb("a9d5ff"),
    ascending=_rgb("ff7a6e"),
    mark=_rgb("ff5cab"),
    path=_rgb("f7f7f7"),
    run_1=_rgb("f2a33a"),
    run_2=_rgb("52c7d9"),
    run_3=_rgb("e77fc0"),
    path_start=_rgb("ffffff"),
    path_end=_rgb("ff5cab"),
    landmark=_rgb("ffe14d"),
)

THEMES = {theme.name: theme for theme in (LIGHT, DARK)}
