"""Where scalar bars stand, what they say, and that nothing lies over the landscape."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import msgspec
import numpy as np
import pytest

from talweg.landscape import Landscape
from talweg.picture import Company, Picture, lay_over, resolve, share_ranges
from talweg.scene import LIGHT, Scene
from talweg.view.state import Overlay, ViewState
from tests.app.scene.samples import bowl, himmelblau, landscape

MakeScene = Callable[..., Scene]
LOG = ViewState(height_scale="log")


def texts(labels: Any) -> list[str]:
    return [actor.GetInput() for actor in labels._actors[: labels._used]]


def corners_of(scene: Scene, picture: Picture) -> Any:
    b = picture.axes.bounds
    return scene.project([[x, y, z] for x in b[:2] for y in b[2:4] for z in b[4:]])


def over(first: Landscape, second: Landscape, view: ViewState) -> Picture:
    second = replace(second, id=2, name="other")
    company = Company((first, second), (first, second), second)
    shared = share_ranges(first, view, company)
    return lay_over(resolve(first, shared), first, shared, company)


@pytest.mark.parametrize("place", ["automatic", "right", "below"])
@pytest.mark.parametrize("size", [(613, 717), (306, 358), (900, 560), (1600, 1200), (480, 360), (240, 180)])
def test_legend_and_scalar_bar_never_lie_over_the_box(make_scene: MakeScene, size: tuple[int, int], place: str) -> None:
    scene = make_scene(size)
    sample = landscape(himmelblau().loss * 1e-5, path=np.array([[-0.5, 0.5], [0.4, 0.2]]))
    view = msgspec.structs.replace(LOG, bar_place=place, talwegs=True, separatrices=True, centre=True)
    for looked in (view, msgspec.structs.replace(view, orthographic=True)):
        picture = resolve(sample, looked)
        scene.apply(picture)
        scale = scene._text_scale()
        for name in ("isometric", "top", "front", "right"):
            scene.eye.send(scene.view(name))
            corners = corners_of(scene, picture)
            beside, below = scene.layers.scalar_bar.room(scale)
            assert corners[:, 0].max() <= size[0] - beside + 0.1  # rounding
            assert corners[:, 1].min() >= below - 0.1
            assert corners[:, 1].max() <= size[1] - scene.layers.legend.height(scale) + 0.1
            assert corners[:, 0].min() >= 0


def test_a_narrow_picture_has_its_bar_below_and_the_box_fills_the_width(make_scene: MakeScene) -> None:
    scene = make_scene((613, 717))
    picture = resolve(himmelblau(), LOG)
    scene.apply(picture)
    (box,) = scene.layers.scalar_bar.arrange(scene._text_scale())
    assert box[1][1] < 0.2 * 717
    assert np.ptp(corners_of(scene, picture)[:, 0]) > 0.8 * 613
    scene.apply(resolve(himmelblau(), msgspec.structs.replace(LOG, bar_place="right")))
    (box,) = scene.layers.scalar_bar.arrange(scene._text_scale())
    assert box[0][0] > 0.8 * 613


def test_a_bar_without_room_is_left_out(make_scene: MakeScene) -> None:
    scene = make_scene((150, 110))
    scene.apply(resolve(himmelblau(), LOG))
    assert scene.layers.scalar_bar.room(scene._text_scale()) == (0.0, 0.0)
    assert scene.layers.scalar_bar.arrange(scene._text_scale()) == []


def test_numbers_of_a_lying_bar_do_not_overlap(make_scene: MakeScene) -> None:
    scene = make_scene((306, 358))
    scene.apply(resolve(landscape(1.0 + 1e-4 * bowl(9).loss), ViewState(colour_scale="linear")))
    labels = scene.layers.scalar_bar._labels
    boxes = []
    for actor in labels._actors[: labels._used]:
        box = [0.0] * 4
        actor.GetBoundingBox(scene._renderer, box)
        x, y = actor.GetPosition()
        boxes.append((x + box[0], y + box[2], x + box[1], y + box[3]))
    assert len(boxes) >= 3
    for k, one in enumerate(boxes):
        assert all(one[0] > b[2] or one[2] < b[0] or one[1] > b[3] or one[3] < b[1] for b in boxes[:k])


def test_an_overlay_in_a_map_of_its_own_has_a_strip_beside_the_first_ones(make_scene: MakeScene) -> None:
    scene = make_scene((900, 560))
    view = ViewState(colour_scale="linear", overlay=Overlay(2, paint="magma"))
    scene.apply(over(bowl(9), himmelblau(9), view))
    bar, (both,) = scene.layers.scalar_bar, scene.layers.scalar_bar._bars
    assert [part.colour_map for part in both.parts] == ["viridis", "magma"]
    assert {"1", "2"} <= set(texts(bar._labels))
    assert [words for _, _, words in scene.layers.legend._entries[:2]] == ["1 sample", "2 other"]
    plain = over(bowl(9), himmelblau(9), msgspec.structs.replace(view, overlay=Overlay(2)))
    wide = bar.room(1.0)[0]
    scene.apply(plain)
    assert 0 < bar.room(1.0)[0] < wide
    assert [words for _, _, words in scene.layers.legend._entries[:2]] == ["sample", "other"]


def test_an_overlay_whose_colours_mean_something_else_has_a_bar_of_its_own(make_scene: MakeScene) -> None:
    scene = make_scene((900, 560))
    first = landscape(bowl(9).loss, accuracy=50 + 10 * bowl(9).loss)
    view = ViewState(colour="accuracy", colour_scale="linear", overlay=Overlay(2, paint="magma"))
    scene.apply(over(first, bowl(9), view))
    assert [bar.first.title for bar in scene.layers.scalar_bar._bars] == ["accuracy (%)", "loss"]
    one, other = scene.layers.scalar_bar.arrange(1.0)
    assert one[1][0] <= other[0][0] + 1
    scene.apply(over(first, bowl(9), msgspec.structs.replace(view, scalar_bar=False)))
    assert scene.layers.scalar_bar._bars == ()


def test_the_legend_says_what_is_not_finite(make_scene: MakeScene) -> None:
    scene = make_scene((640, 400))
    loss = bowl(9).loss
    loss[4, 4] = np.nan
    scene.apply(resolve(landscape(loss), ViewState()))
    assert ("□", "foreground", "hole: height not finite") in scene.layers.legend._entries
    accuracy = np.full(loss.shape, 50.0)
    accuracy[2, 2] = np.nan
    scene.apply(resolve(landscape(bowl(9).loss, accuracy=accuracy), ViewState(colour="accuracy")))
    assert ("■", "unknown", "accuracy (%): not a number") in scene.layers.legend._entries
    assert LIGHT.unknown


def test_a_long_title_runs_along_its_axis(make_scene: MakeScene) -> None:
    scene = make_scene((613, 717))
    picture = resolve(himmelblau(), LOG)
    titles = ("direction 1 (filter-normalized)", "direction 2 (filter-normalized)", "loss")
    scene.apply(replace(picture, axes=replace(picture.axes, key=("axes", "long"), titles=titles)))
    labels = scene.layers.axes._labels
    assert {*titles} <= set(texts(labels))
    angles = {a.GetInput(): a.GetTextProperty().GetOrientation() for a in labels._actors[: labels._used]}
    assert angles[titles[0]] == 0.0
    assert 20 < angles[titles[1]] < 80
