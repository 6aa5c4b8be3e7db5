"""How the surface is drawn, whatever its height and colour show."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QSlider, QWidget

from talweg.view.state import LIGHTINGS
from talweg.window.panels.section import ViewSection
from talweg.window.store import Store
from talweg.window.widgets.controls import Switch
from talweg.window.widgets.layout import row

_LEAST = 10  # percent; below, nobody would find the surface again


class SurfaceSection(ViewSection):
    """Smooth or faceted, as a mesh of wires, in one colour, how opaque, in which light."""

    def __init__(self, store: Store) -> None:
        super().__init__("Surface", store)
        self.shown = self.add_toggle(
            "Draw it", "surface", "surface", "Off, only the lines and points remain, as in a map of contours"
        )
        self.shading = Switch([("smooth", "smooth"), ("faceted", "faceted")], "Shading of the surface")
        self.shading.chosen.connect(lambda value: self.ask(f"{value} surface", faceted=value == "faceted"))
        self.add_row(
            "Shadin&g",
            self.shading,
            "Faceted shows each triangle between computed points as it is; smooth shades across their edges",
        )
        self.lighting = Switch(list(LIGHTINGS.items()), "Light on the surface")
        self.lighting.chosen.connect(
            lambda value: self.ask(f"{'no' if value == 'none' else value} light", lighting=value)
        )
        self.add_row("L&ight", self.lighting, "Without shades, colours are exactly those of the scalar bar")
        self.opacity = QSlider(Qt.Orientation.Horizontal)
        self.opacity.setRange(_LEAST, 100)
        self.opacity.setPageStep(10)
        self.opacity.setAccessibleName("Opacity of the surface")
        self.opacity.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.opacity.valueChanged.connect(self._fade)
        self.opacity.sliderReleased.connect(store.seal)
        self._opacity_text = QLabel()
        self._opacity_text.setMinimumWidth(38)
        line = QWidget()
        line.setLayout(row(self.opacity, self._opacity_text))
        self.add_row("Opacit&y", line, "How much of what lies behind the surface it hides").setBuddy(self.opacity)
        self.wireframe = self.add_toggle(
            "Wireframe",
            "wireframe",
            "wireframe",
            "Only the edges of the triangles, which show where points were computed",
        )
        self.plain = self.add_toggle(
            "One colour",
            "plain",
            "surface in one colour",
            "Leaves the shape to the light alone; colour shows no value then",
        )

    def show_state(self) -> None:
        """Show what the store holds."""
        view = self.store.view
        if view is None:
            return
        self.shown.setChecked(view.surface)
        self.shading.show_value("faceted" if view.faceted else "smooth")
        self.lighting.show_value(view.lighting)
        self.opacity.blockSignals(True)
        self.opacity.setValue(round(100 * view.opacity))
        self.opacity.blockSignals(False)
        self._opacity_text.setText(f"{100 * view.opacity:.0f} %")
        self.wireframe.setChecked(view.wireframe)
        self.plain.setChecked(view.plain)
        for field in (self.shading, self.lighting, self.opacity, self.wireframe, self.plain):
            field.setEnabled(view.surface)

    def _fade(self, percent: int) -> None:
        self.ask("opacity of the surface", "opacity", opacity=percent / 100)
