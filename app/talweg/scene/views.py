"""Standard views that just fit the box into the window."""

VIEW_NAMES = ("isometric", "top", "front", "right", "left", "back", "bottom")
