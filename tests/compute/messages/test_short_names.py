from pathlib import Path

from talweg_compute.messages import tell_apart


def test_names_are_as_long_as_tells_them_apart() -> None:
    assert tell_apart(["/runs/a.pt", "/runs/b.pt"]) == ("a.pt", "b.pt")
    assert tell_apart(["/runs/one/last.pt", Path("/runs/two/last.pt"), "/runs/two/first.pt"]) == (
        "one/last.pt",
        "two/last.pt",
        "first.pt",
    )
    assert tell_apart(["/a/x/last.pt", "/b/x/last.pt"]) == ("a/x/last.pt", "b/x/last.pt")


def test_the_same_file_and_a_shorter_path() -> None:
    assert tell_apart(["/runs/a.pt", "/runs/a.pt"]) == ("a.pt", "a.pt")
    assert tell_apart(["a.pt", "/runs/a.pt"]) == ("a.pt", "runs/a.pt")
    assert tell_apart([]) == ()
