"""Checks the system libraries that Qt and VTK need on Linux, and installs them where it may.

Runs on a bare Python, before anything of Talweg is there:
    system_libraries.py window      what the window and figures without a display need
    system_libraries.py test        that, and a virtual display
"""

import ctypes
import os
import shutil
import subprocess
import sys
from pathlib import Path

# Shared library -> package of Debian and Ubuntu. From the dependencies of Qt's xcb plugin and of VTK.
LIBRARIES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libXrender.so.1": "libxrender1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libwayland-cursor.so.0": "libwayland-cursor0",
    "libwayland-egl.so.1": "libwayland-egl1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xinerama.so.0": "libxcb-xinerama0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}
SOFTWARE_OPENGL = "libgl1-mesa-dri"
LIBRARY_FOLDERS = ("/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64", "/usr/lib")
DRIVERS = ("dri/*_dri.so", "libgallium*.so")
FONTS = "fonts-dejavu-core"
FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts")


def missing_packages(for_tests):
    """List the packages whose libraries cannot be loaded."""
    packages = [package for library, package in LIBRARIES.items() if not _loads(library)]
    drivers = (file for folder in LIBRARY_FOLDERS for pattern in DRIVERS for file in Path(folder).glob(pattern))
    if next(drivers, None) is None:
        packages.append(SOFTWARE_OPENGL)
    if not any(any(Path(folder).expanduser().rglob("*.[to]t[fc]")) for folder in FONT_FOLDERS):
        packages.append(FONTS)
    if for_tests and shutil.which("Xvfb") is None:
        packages.append("xvfb")
    return packages


def _loads(library):
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def main():
    """Install what is missing, or print the one line that does."""
    if sys.platform != "linux":
        return 0
    packages = missing_packages(for_tests="test" in sys.argv[1:])
    if not packages:
        return 0
    install = ["apt-get", "install", "-y", "--no-install-recommends", *packages]
    if shutil.which("apt-get") is None:
        print("Talweg needs the libraries of these packages (Debian's names): " + " ".join(packages), file=sys.stderr)
        return 1
    if os.geteuid() != 0:
        print("Talweg needs some system libraries; run: sudo " + " ".join(install), file=sys.stderr)
        return 1
    print("Installing system libraries: " + " ".join(packages), file=sys.stderr)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "-qq"], check=False, stdout=sys.stderr)
    install.insert(2, "-qq")
    return subprocess.run(install, check=False, stdout=sys.stderr, env=environment).returncode


if __name__ == "__main__":
    sys.exit(main())
