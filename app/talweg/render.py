"""Pictures without a window: off-screen rendering and figures on disk."""
