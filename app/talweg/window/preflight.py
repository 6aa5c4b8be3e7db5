"""What must be there before Qt starts; Qt itself would abort the process, and no Python could say why."""

import ctypes.util
import os
import sys

from talweg_compute.messages import InputError

_CURSOR_LIBRARY = "xcb-cursor"
_PACKAGES = "libxcb-cursor0 libxcb-icccm4 libxcb-keysyms1 libxcb-image0 libxcb-render-util0 libxkbcommon-x11-0 libegl1"


def check_display() -> None:
    """Check that a window can be shown.

    Raises:
        InputError: There is no display, or a system library that Qt needs is missing.
    """
    if not sys.platform.startswith("linux") or os.environ.get("QT_QPA_PLATFORM", "xcb").split(":")[0] == "offscreen":
        return
    wayland = bool(os.environ.get("WAYLAND_DISPLAY"))
    if not wayland and not os.environ.get("DISPLAY"):
        raise InputError(
            "There is no display to open a window on; run `talweg demo --headless` for the same job without a window."
        )
    if not wayland and ctypes.util.find_library(_CURSOR_LIBRARY) is None:
        raise InputError(
            f"The system library lib{_CURSOR_LIBRARY} is missing, which Qt needs; run "
            f"`sudo apt-get install -y {_PACKAGES}`, or `talweg demo --headless` without a window."
        )
