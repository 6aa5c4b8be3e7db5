"""Panels beside the picture: each shows what the store holds and asks it for changes."""
