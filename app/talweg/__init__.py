"""Talweg, a desktop application that shows the loss landscape of a neural network."""

__version__ = "0.1.0"
