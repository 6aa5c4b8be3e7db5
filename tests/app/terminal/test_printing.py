import json
from pathlib import Path

import numpy as np
import pytest

from talweg.document import Document
from talweg.terminal.printing import print_summary


def test_info_says_when_a_landscape_was_created(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("talweg.document.document.now", lambda: "2025-03-01T09:05:07+00:00")
    path, axis = tmp_path / "x.talweg", np.arange(3.0)
    with Document.create(path) as document:
        document.add_landscape("slope", axis, axis, fields={"loss": axis + axis[:, None]})
    assert print_summary(path, as_json=False) == 0
    assert "2025-03-01 09:05 UTC" in capsys.readouterr().out
    assert print_summary(path, as_json=True) == 0
    assert json.loads(capsys.readouterr().out)["created"] == "2025-03-01T09:05:07+00:00"
