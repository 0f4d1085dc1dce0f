"""The types of the options of ``make`` and ``stream``: one line for each, checked before anything else."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from datagen.product.profile import Profile
from datagen.schemas import InputError, Schema


class _Wrong(Exception):
    """A value that is not of the type; it has no message, since the table has the words."""


def _whole_number(value: Any) -> int:
    """An int, or what stands for one, such as NumPy's integers; True and 1.0 do not."""
    if isinstance(value, bool):
        raise _Wrong
    try:
        return operator.index(value)
    except TypeError:
        raise _Wrong from None


def _flag(value: Any) -> bool:
    if value is True or value is False or type(value).__name__ == "bool":  # NumPy's, too
        return bool(value)
    raise _Wrong


def _name_or_path(value: Any) -> str | Path:
    if isinstance(value, str | Path):
        return value
    raise _Wrong


def _name_path_or(model: type[Any]) -> Callable[[Any], Any]:
    return lambda value: value if isinstance(value, model) else _name_or_path(value)


def _size(value: Any) -> tuple[int, int]:
    if isinstance(value, str | bytes | Mapping):
        raise _Wrong
    try:
        width, height = value
    except (TypeError, ValueError):
        raise _Wrong from None
    return _whole_number(width), _whole_number(height)


def _conditions(value: Any) -> Any:
    """A text, a list of texts, or values by name; a value alone counts as a list of one."""
    if isinstance(value, Mapping):
        if not all(isinstance(name, str) for name in value):
            raise _Wrong
        return {name: _values(wanted) for name, wanted in value.items()}
    return _texts(value)


def _values(value: Any) -> list[str]:
    """Texts, or numbers as texts."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return [f"{value:g}" if isinstance(value, float) else str(value)]
    return _texts(value)


def _counts(value: Any) -> dict[str, int]:
    if not isinstance(value, Mapping) or not all(isinstance(name, str) for name in value):
        raise _Wrong
    return {name: _whole_number(number) for name, number in value.items()}


def _shares(value: Any) -> dict[str, float]:
    if not isinstance(value, Mapping) or not all(isinstance(name, str) for name in value):
        raise _Wrong
    if any(isinstance(share, bool) or not isinstance(share, int | float) for share in value.values()):
        raise _Wrong
    return dict(value)


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    raise _Wrong


def _texts(value: Any) -> list[str]:
    """A text alone counts as a list of one."""
    if isinstance(value, bytes | Mapping):
        raise _Wrong
    try:
        texts = [value] if isinstance(value, str) else list(value)
    except TypeError:
        raise _Wrong from None
    if not all(isinstance(text, str) for text in texts):
        raise _Wrong
    return texts


def _callable(value: Any) -> Any:
    if callable(value):
        return value
    raise _Wrong


def _or_none(check: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: None if value is None else check(value)


_NUMBER = "a whole number"
_YES_OR_NO = "True or False"

TYPES: dict[str, tuple[Callable[[Any], Any], str]] = {
    "rows": (_or_none(_whole_number), _NUMBER),
    "start": (_whole_number, _NUMBER),
    "seed": (_whole_number, _NUMBER),
    "schema": (_name_path_or(Schema), "the name of a built-in schema or the path of a YAML file"),
    "profile": (
        _or_none(_name_path_or(Profile)),
        "the name of a built-in profile or the path of a YAML file",
    ),
    "image_size": (_or_none(_size), "(width, height) in pixels, such as (480, 640), or None"),
    "jpeg_quality": (_whole_number, _NUMBER),
    "shard_rows": (_or_none(_whole_number), f"{_NUMBER} or None"),
    "where": (_or_none(_conditions), 'conditions, such as ["kind=tote", "price<500"] or {"kind": "tote"}'),
    "count": (_or_none(_counts), 'numbers of rows by value, such as {"VALUE": 200}'),
    "balance": (_or_none(_text), "the name of a category column, kind or wearer, or None"),
    "attributes": (_flag, _YES_OR_NO),
    "masks": (_flag, _YES_OR_NO),
    "keypoints": (_flag, _YES_OR_NO),
    "normals": (_flag, _YES_OR_NO),
    "depth": (_flag, _YES_OR_NO),
    "splits": (_or_none(_shares), 'shares by split, such as {"train": 0.9, "test": 0.1}, or None'),
    "out": (_name_or_path, "the path of a folder, or an address"),
    "workers": (_whole_number, _NUMBER),
    "resume": (_flag, _YES_OR_NO),
    "overwrite": (_flag, _YES_OR_NO),
    "engine": (_text, "the name of an engine: local, ray or spark"),
    "address": (_or_none(_text), "the address of a running cluster, or None"),
    "progress": (_or_none(_callable), "a function that takes the number of rows done, or None"),
}
"""Option -> what makes a value of its type the one to work with, and what it has to be, in words."""


def check_options(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values, each of the right type: NumPy's integers as int, a text in ``where`` as a list of one.

    Raises InputError for a value of another type.
    """
    checked = {}
    for name, value in values.items():
        check, words = TYPES[name]
        try:
            checked[name] = check(value)
        except _Wrong:
            shown = repr(value) if len(repr(value)) <= 60 else f"{repr(value)[:60]}..."
            raise InputError(f"The option {name} is {shown}; give {words}.") from None
    return checked
