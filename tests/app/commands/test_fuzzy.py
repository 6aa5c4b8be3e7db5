"""Letters in order, whole words first."""

import itertools

import pytest

from talweg.commands.fuzzy import rank, score

TITLES = ["Open…", "Orthographic", "Export PLY mesh", "Separatrices", "Reset the camera", "Reset the layout"]


def found(query: str) -> list[str]:
    return rank(query, TITLES, str)


def test_nothing_typed_keeps_all_in_their_order() -> None:
    assert found("") == TITLES


@pytest.mark.parametrize(
    ("query", "best"),
    [("ply", "Export PLY mesh"), ("rtl", "Reset the layout"), ("OP", "Open…"), ("res cam", "Reset the camera")],
)
def test_the_beginnings_of_words_weigh_most(query: str, best: str) -> None:
    assert found(query)[0] == best


def test_letters_in_another_order_do_not_fit() -> None:
    assert score("ylp", "Export PLY mesh") is None
    assert found("xyzzy") == []


def test_the_best_way_to_lay_the_letters_counts() -> None:
    """Against all ways to lay them, by brute force."""
    text, query = "the camera there", "the"

    def of(places: tuple[int, ...]) -> float:
        value = 0.0
        for number, place in enumerate(places):
            gap = place - (places[number - 1] + 1 if number else 0)
            starts = place == 0 or text[place - 1] == " "
            follows = number and gap == 0
            value += (8.0 if starts else 1.0) + (5.0 if follows else -0.05 * (gap + bool(number)))
        return value - 0.05 * len(text) / 10

    ways = [
        places
        for places in itertools.combinations(range(len(text)), len(query))
        if "".join(text[place] for place in places) == query
    ]
    assert len(ways) > 3
    assert score(query, text) == pytest.approx(max(map(of, ways)))
