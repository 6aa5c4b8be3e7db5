"""What the worker process does: evaluates the loss of a network at points of a plane of weight space."""

CANNOT_RUN = 78
"""Exit status of a worker whose interpreter lacks something; the last line that it wrote says what."""
