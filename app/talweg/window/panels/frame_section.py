"""What stands around the surface and on it to read it by."""

from talweg.window.panels.section import ViewSection
from talweg.window.store import Store


class FrameSection(ViewSection):
    """Axes, reference grid, the centre of the plane, and what is shaded as not computed."""

    def __init__(self, store: Store) -> None:
        super().__init__("Frame", store)
        self.axes = self.add_toggle(
            "Axes and frame", "axes", "axes and frame", "The box with its ticks, in the units of the plane"
        )
        self.grid = self.add_toggle(
            "Reference grid", "grid", "reference grid", "Floor and walls, with lines at the ticks of the axes"
        )
        self.centre = self.add_toggle(
            "Centre of the plane",
            "centre",
            "centre of the plane",
            "A cross where both coordinates are zero: the weights that the directions start from",
        )
        self.missing = self.add_toggle(
            "Shade what is missing",
            "shade_missing",
            "shade on what is missing",
            "Pale where no point is computed yet and the surface is drawn from its neighbours",
        )
        self.interpolated = self.add_toggle(
            "Shade what is interpolated",
            "shade_interpolated",
            "shade on what is interpolated",
            "Pale also where the job's tolerance let neighbours stand for a point",
        )

    def show_state(self) -> None:
        """Show what the store holds."""
        view, landscape = self.store.view, self.store.landscape
        if view is None or landscape is None:
            return
        self.axes.setChecked(view.axes)
        self.grid.setChecked(view.grid)
        self.grid.setEnabled(view.axes)
        self.centre.setChecked(view.centre)
        self.missing.setChecked(view.shade_missing)
        self.interpolated.setChecked(view.shade_interpolated)
        self.interpolated.setEnabled(landscape.interpolated_count > 0)
