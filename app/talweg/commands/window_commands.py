"""What stands where: several views, panels, light and dark."""

from collections.abc import Callable

from talweg.commands.command import Command, Situation, Target, has_landscape
from talweg.view.arrangement import LINKS, Link

_LINK_TIPS: dict[Link, str] = {
    "camera": "Turning one view turns all of them",
    "height": "All views show the same quantity as height, over the range that holds all of them",
    "colour": "All views show the same quantity as colour, over one range: one scalar bar holds for all",
}


def compare_commands() -> tuple[Command, ...]:
    """Return those for several landscapes side by side."""
    counts = tuple(
        Command(f"views.{words}", f"{words.capitalize()} view{'s' if count > 1 else ''}", "Compare", _split(count),
                (f"Ctrl+Alt+{count}",), has_landscape, _has_views(count), group="views", tip=tip)
        for count, words, tip in (
            (1, "one", "Show the active view alone"),
            (2, "two", "Two landscapes side by side"),
            (4, "four", "Four landscapes, two by two"),
        )
    )  # fmt: skip
    links = tuple(
        Command(f"link.{link}", f"Link {words}", "Compare", _toggle_link(link), (),
                lambda now: now.views > 1, _is_linked(link), group="links", tip=_LINK_TIPS[link])
        for link, words in LINKS.items()
    )  # fmt: skip
    return (
        *counts,
        Command("views.next", "Next view", "Compare", lambda target: target.next_view(), ("F6",),
                lambda now: now.views > 1, group="views", tip="Let panels and commands act on the next view"),
        *links,
        Command("compare.lines", "All lines in one plot", "Compare", _toggle_lines, (),
                lambda now: now.lines > 1, lambda now: now.view is not None and now.view.all_lines, group="compare",
                tip="Draw every line of the document into the plot of the active view"),
        Command("compare.copy", "Copy the numbers side by side", "Compare", lambda target: target.copy_comparison(), (),
                lambda now: now.compared, group="compare",
                tip="Copy the table of the compare panel, with tabs between columns"),
        Command("compare.difference", "Show the difference", "Compare", lambda target: target.subtract(), (),
                lambda now: now.landscapes > 1, group="compare",
                tip="A further landscape: the first of two minus the second, as the compare panel has them"),
    )  # fmt: skip


def window_commands() -> tuple[Command, ...]:
    """Return those for panels, colours and the screen."""
    panels = tuple(
        Command(f"panel.{name}", title, "View", _toggle_panel(name), enabled=lambda now: not now.page,
                checked=_panel_is_visible(name), group="panels")
        for name, title in (
            ("view", "View panel"),
            ("topology", "Topology panel"),
            ("job", "Job panel"),
            ("numbers", "Numbers panel"),
            ("profile", "Profile panel"),
            ("compare", "Compare panel"),
        )
    )  # fmt: skip
    appearances = tuple(
        Command(f"appearance.{name}", title, "View", _appear(name), checked=_has_appearance(name), group="appearance")
        for name, title in (("system", "Colours of the system"), ("light", "Light colours"), ("dark", "Dark colours"))
    )
    return (
        *panels,
        Command("panel.reset", "Reset the layout", "View", lambda target: target.reset_layout(), group="panels"),
        *appearances,
        Command("window.full_screen", "Full screen", "View", lambda target: target.toggle_full_screen(), ("F11",),
                checked=lambda now: now.full_screen, group="screen"),
    )  # fmt: skip


def _toggle_lines(target: Target) -> None:
    on = target.view is not None and target.view.all_lines
    target.change_view("one line" if on else "all lines in one plot", all_lines=not on)


def _split(count: int) -> Callable[[Target], None]:
    return lambda target: target.split(count)


def _has_views(count: int) -> Callable[[Situation], bool]:
    return lambda now: now.views == count


def _toggle_link(link: Link) -> Callable[[Target], None]:
    return lambda target: target.toggle_link(link)


def _is_linked(link: Link) -> Callable[[Situation], bool]:
    return lambda now: now.views > 1 and link in now.links


def _toggle_panel(name: str) -> Callable[[Target], None]:
    return lambda target: target.toggle_panel(name)


def _panel_is_visible(name: str) -> Callable[[Situation], bool]:
    return lambda now: name in now.panels


def _appear(name: str) -> Callable[[Target], None]:
    return lambda target: target.set_appearance(name)


def _has_appearance(name: str) -> Callable[[Situation], bool]:
    return lambda now: now.appearance == name
