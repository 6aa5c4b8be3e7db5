import tomllib

import pytest

from talweg.work.job_text import parse_arguments, write_arguments, write_toml
from talweg_compute.messages import InputError


def test_toml_keeps_every_text() -> None:
    table = {"problem": {"model": 'C:\\a "b"\n\t\x7fé.py:f', "model_args": {"a": [1, 2.5, True], "b": {"c": "d"}}}}
    assert tomllib.loads(write_toml(table)) == table


def test_arguments_are_written_as_they_are_read() -> None:
    arguments = {"sizes": [64, 16, 10], "bias": False, "activation": "tanh"}
    assert parse_arguments(write_arguments(arguments)) == arguments
    assert parse_arguments("") == {}
    with pytest.raises(InputError, match="expected name = value"):
        parse_arguments("}; x = {")
