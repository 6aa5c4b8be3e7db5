"""What the worker process does: evaluates the loss of a network at points of a plane of weight space."""
