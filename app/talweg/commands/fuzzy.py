"""Finds what somebody means who types a few letters of it. Free of Qt."""

from collections.abc import Callable, Iterable
from typing import TypeVar

_Item = TypeVar("_Item")

_AT_WORD = 8.0  # a letter that begins a word
_NEXT = 5.0  # a letter that follows on the one before
_LATE = 0.05  # off for each letter that is passed over


def score(query: str, text: str) -> float | None:
    """Say how well a few letters fit a text that holds them in this order.

    The best way to lay the letters on the text counts: those that begin words and those that follow on one another
    weigh most, and long gaps cost. Case and blanks do not matter.

    Args:
        query: What was typed.
        text: What may be meant.

    Returns:
        The higher the better, 0 for nothing typed; None where the letters are not there in this order.
    """
    letters = "".join(query.lower().split())
    words = text.lower()
    if not letters:
        return 0.0
    # best[j]: the best score with the letters so far, the last of them laid on position j of the text
    best: list[float | None] = [None] * len(words)
    for number, letter in enumerate(letters):
        following: list[float | None] = [None] * len(words)
        reached: float | None = 0.0 if number == 0 else None  # the best of all places before j, less the gap
        for place, character in enumerate(words):
            if character == letter:
                options = [] if reached is None else [reached]
                if number and place and (last := best[place - 1]) is not None:
                    options.append(last + _NEXT)
                if options:
                    following[place] = max(options) + (_AT_WORD if _begins_word(words, place) else 1.0)
            before = best[place]
            reached = None if reached is None else reached - _LATE
            if before is not None and (reached is None or before - _LATE > reached):
                reached = before - _LATE
        best = following
    found = [value for value in best if value is not None]
    return max(found) - _LATE * len(words) / 10 if found else None


def rank(query: str, items: Iterable[_Item], text_of: Callable[[_Item], str]) -> list[_Item]:
    """Keep what fits, the best first; equally good ones in the order in which they came.

    Args:
        query: What was typed.
        items: Anything.
        text_of: What an item is called.

    Returns:
        The items that hold the letters.
    """
    scored = [(item, fit) for item in items if (fit := score(query, text_of(item))) is not None]
    return [item for item, _ in sorted(scored, key=lambda pair: -pair[1])]


def _begins_word(text: str, place: int) -> bool:
    return text[place].isalnum() and (place == 0 or not text[place - 1].isalnum())
