"""The one error that is meant for the user."""


class InputError(Exception):
    """One clear sentence about bad input: what, where, what was expected, what to do.

    Whoever catches it shows the sentence and nothing else.
    """
