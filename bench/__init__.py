"""Measurements, every one a pair: Talweg against something else, on the same work, in the same run."""
