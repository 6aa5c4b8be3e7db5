"""What dialogs were told the last time, in the user's settings, so that nobody says it twice."""

from collections.abc import Mapping

import msgspec
from PySide6.QtCore import QSettings, Qt
from PySide6.QtWidgets import QCheckBox, QComboBox, QDoubleSpinBox, QSpinBox

Field = QComboBox | QSpinBox | QDoubleSpinBox | QCheckBox
Value = str | float | bool


def keep_fields(dialog: str, fields: Mapping[str, Field], **others: Value) -> None:
    """Keep what the fields of a dialog say.

    Args:
        dialog: Name of the dialog.
        fields: Its fields by name; what was kept of others stays.
        others: Further values by name.
    """
    kept = {**_read(dialog), **{name: _value(field) for name, field in fields.items()}, **others}
    QSettings().setValue(_key(dialog), msgspec.json.encode(kept).decode())


def restore_fields(dialog: str, fields: Mapping[str, Field]) -> dict[str, Value]:
    """Let the fields of a dialog say what they said the last time, where they can.

    Args:
        dialog: Name of the dialog.
        fields: Its fields by name; one that nothing fit is kept for stays as it is.

    Returns:
        All that was kept, by name.
    """
    kept = _read(dialog)
    for name, field in fields.items():
        if name in kept:
            _show(field, kept[name])
    return kept


def _key(dialog: str) -> str:
    return f"dialogs/{dialog}"


def _read(dialog: str) -> dict[str, Value]:
    try:
        return msgspec.json.decode(str(QSettings().value(_key(dialog), "{}")), type=dict[str, Value])
    except msgspec.DecodeError:
        return {}


def _value(field: Field) -> Value:
    if isinstance(field, QComboBox):
        return str(field.currentData())
    return field.isChecked() if isinstance(field, QCheckBox) else field.value()


def _show(field: Field, value: Value) -> None:
    if isinstance(field, QComboBox):
        index = field.findData(value)
        model = field.model()
        if index >= 0 and model.flags(model.index(index, 0)) & Qt.ItemFlag.ItemIsEnabled:
            field.setCurrentIndex(index)
    elif isinstance(field, QCheckBox):
        if isinstance(value, bool):
            field.setChecked(value)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        if isinstance(field, QSpinBox):
            field.setValue(round(value))
        else:
            field.setValue(value)
