"""Computing gradients from the window, with a worker that the test plays."""

from typing import TYPE_CHECKING

import numpy as np
from pytestqt.qtbot import QtBot

from talweg.window.main_window import MainWindow
from talweg.window.words import number
from talweg_compute.messages import Block, Finished, PointFields, Progress
from tests.gui.test_certifying import computed_path  # noqa: F401 (a fixture)

if TYPE_CHECKING:
    from pathlib import Path

    from tests.gui.conftest import Workers


def test_they_grow_and_can_then_be_shown(
    empty_window: MainWindow,
    workers: "Workers",
    computed_path: "Path",  # noqa: F811
    qtbot: QtBot,
) -> None:
    window = empty_window
    action = window.actions_by_id["job.gradients"]
    assert not action.isEnabled()
    assert window.open_path(computed_path)
    qtbot.waitUntil(lambda: window.store.picture is not None)
    choices = window.view_panel.height_section.quantity
    place = choices.findData("gradient_norm")
    item = choices.model().item(place)  # type: ignore[attr-defined]  # QComboBox's own model is a QStandardItemModel
    assert not item.isEnabled()

    action.trigger()
    assert workers.last.calls == ["differentiate"]
    assert not action.isEnabled()
    (request,) = workers.last.gradients
    index, (u, v) = request.index.array(), request.coordinates.array().T
    assert index.size == 61 * 61
    slope_u = (4 * u * (u**2 + v - 11) + 2 * (u + v**2 - 7)) / 100
    slope_v = (2 * (u**2 + v - 11) + 4 * v * (u + v**2 - 7)) / 100
    columns = {"gradient_u": slope_u, "gradient_v": slope_v, "gradient_norm": np.hypot(slope_u, slope_v)}

    def answer(part: slice) -> PointFields:
        return PointFields("1", Block.of(index[part]), {name: Block.of(row[part]) for name, row in columns.items()})

    workers.last.say(answer(slice(0, 90)), Progress("1", "computing gradients", 90, index.size))
    qtbot.waitUntil(lambda: window.job_panel.status.text() == "computing gradients, 90 of 3721")
    workers.last.say(answer(slice(90, None)), Finished("1", 1.0))
    qtbot.waitUntil(lambda: not window.runner.busy)
    assert workers.last.calls == ["differentiate"]  # a finished run of gradients begins no other one

    qtbot.waitUntil(item.isEnabled)
    choices.activated.emit(place)
    assert window.view is not None
    assert window.view.height == "gradient_norm"
    qtbot.waitUntil(
        lambda: window.store.picture is not None and window.store.picture.axes.titles[2] == "gradient norm per distance"
    )
    facts = {name: value for name, value, _ in window.numbers_panel.facts.facts}
    assert facts["Steepest slope"] == number(float(np.hypot(slope_u, slope_v).max()))
    action.trigger()
    assert "All gradients are known" in window.messages.label.text()
    assert workers.last.calls == ["differentiate"]
