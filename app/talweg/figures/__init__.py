"""Figures and movies on disk, drawn without a window."""
