"""Light that goes with the eye, so that no side of the surface is dark from anywhere."""

from vtkmodules.vtkRenderingCore import vtkLight, vtkRenderer

_LIGHTS = (
    ((-0.45, 0.75, 1.0), 0.66),  # from above the left shoulder
    ((0.9, 0.1, 0.7), 0.22),
    ((0.1, -0.9, 0.7), 0.34),  # from below, for the underside
    ((0.0, 0.0, 1.0), 0.16),
)
"""Positions beside the eye, and brightness."""


def add_lights(renderer: vtkRenderer) -> None:
    """Add the lights to a renderer that has none."""
    for position, intensity in _LIGHTS:
        light = vtkLight()
        light.SetLightTypeToCameraLight()
        light.SetPosition(*position)
        light.SetFocalPoint(0.0, 0.0, 0.0)
        light.SetIntensity(intensity)
        renderer.AddLight(light)
