"""The scale of height or colour: linear, log or symlog, up to which value that is linear, and why log is not there."""

from talweg.landscape import Landscape
from talweg.view.quantities import BASIN, LOG_LOSS, finite_range
from talweg.view.state import ViewState
from talweg.window.panels.section import ViewSection
from talweg.window.widgets.controls import NumberField, Switch, TickBox
from talweg.window.widgets.help_mark import with_help
from talweg.window.widgets.layout import row, text_label
from talweg.window.words import number

SCALES = [("linear", "linear"), ("log", "log"), ("symlog", "symlog")]
_WORDS = {"linear": "linear", "log": "logarithmic", "symlog": "symlog"}
_TIP = (
    "Log shows small differences near the minimum, and takes positive values; symlog, an asinh (Lupton et al. 1999), "
    "is linear around zero and logarithmic on both sides of it"
)


class ScaleRows:
    """Rows of a section.

    Args:
        section: Gets the rows.
        what: "height" or "colour": of whose scale they are.
        label: Of the first row, with & before its letter.
    """

    def __init__(self, section: ViewSection, what: str, label: str) -> None:
        self._section, self._what = section, what
        self.switch = Switch(SCALES, f"Scale of the {what}")
        self.switch.chosen.connect(self._choose)
        section.add_row(label, self.switch, _TIP)
        self.own = TickBox("Linear up to ±")
        self.own.setAccessibleName(f"Set by hand up to which value the {what} is linear")
        self.own.clicked.connect(self._switch_threshold)
        self.threshold = NumberField(f"Value up to which the {what} is linear")
        self.threshold.entered.connect(self._set_threshold)
        self._line = with_help(
            row(self.own, self.threshold),
            "Linear up to",
            "Up to about which value, on both sides of zero, symlog is linear (Lupton et al. 1999), set by hand "
            "instead of from the data",
        )
        section.form.addRow(self._line)
        self.remark = text_label(muted=True, name=f"About the scale of the {what}")
        section.form.addRow(self.remark)

    def show_state(self, landscape: Landscape, view: ViewState, fitted: ViewState) -> None:
        """Show how values become heights or colours.

        Args:
            landscape: The numbers.
            view: What was asked for.
            fitted: What is shown of it.
        """
        quantity, scale = getattr(fitted, self._what), getattr(fitted, f"{self._what}_scale")
        self.switch.show_value(scale)
        self.switch.setEnabled(quantity not in (LOG_LOSS, BASIN))  # the one is a logarithm already
        lowest = finite_range(landscape, quantity)[0]
        refused = "" if lowest > 0 else f"Log takes positive values, and the lowest here is {number(lowest, 3)}"
        self.switch.enable_values({"log": lowest > 0}, refused)
        fell = getattr(view, f"{self._what}_scale") == "log" and scale == "symlog"
        self.remark.setText(f"{refused}: symlog stands for it.")
        self._section.form.setRowVisible(self.remark, fell)
        self._section.form.setRowVisible(self._line, scale == "symlog")
        by_hand = getattr(view, f"{self._what}_threshold") is not None
        self.own.setChecked(by_hand)
        self.threshold.setEnabled(by_hand)
        self.threshold.show_value(getattr(fitted, f"{self._what}_threshold"))

    def _choose(self, scale: str) -> None:
        self._section.ask(f"{_WORDS[scale]} {self._what}", None, **{f"{self._what}_scale": scale})

    def _switch_threshold(self, on: bool) -> None:
        fitted = self._section.store.shown_view
        chosen = getattr(fitted, f"{self._what}_threshold") if on and fitted is not None else None
        self._section.ask(f"threshold of the {self._what}", None, **{f"{self._what}_threshold": chosen})

    def _set_threshold(self, value: float) -> None:
        if value > 0:
            self._section.ask(f"threshold of the {self._what}", None, **{f"{self._what}_threshold": value})
        else:
            self.threshold.refuse(f"A value above 0 is expected here, not {number(value)}.")
