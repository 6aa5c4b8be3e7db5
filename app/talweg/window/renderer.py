"""What draws: the OpenGL renderer in a few words."""

import re
from typing import Any


def describe_renderer(plotter: Any) -> str:
    """Return the renderer's name, "software" added where no GPU draws.

    Args:
        plotter: A plotter with a render window.
    """
    report = str(plotter.render_window.ReportCapabilities())
    match = re.search(r"OpenGL renderer string:\s*(.+)", report)
    if match is None:
        return "OpenGL"
    name = re.split(r"[/(,]", match[1])[0].strip()
    return f"{name} (software)" if re.search(r"llvmpipe|softpipe|swrast|software", match[1], re.IGNORECASE) else name
