"""What a command says when it is done."""


def say(text: str) -> None:
    """Print what a command did."""
    print(text)  # noqa: T201 (the command line speaks)
