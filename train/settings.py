"""Settings as they are typed and laid over each other, before they are checked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from pydantic_core import ErrorDetails

from datagen.schemas import InputError
from datagen.schemas.yaml_file import nearest, parse_yaml

NULL: Any = object()
"""A flag that sets null; None stands for a flag that was not given."""


def setting(text: str) -> tuple[str, Any]:
    """``training.epochs=2`` as a flag: name and value; the value is parsed as YAML, null becomes NULL.

    Raises InputError.
    """
    name, equals, value = text.partition("=")
    if not equals or not all(part.isidentifier() for part in name.strip().split(".")):
        raise InputError(f"--set {text!r} is not NAME=VALUE; write, for example, training.epochs=2.")
    read = parse_yaml(value, name.strip())
    return name.strip(), NULL if read is None else read


def nested(flags: Mapping[str, Any]) -> dict[str, Any]:
    """Dotted names -> sections in sections. Raises InputError for a name that is a section, too."""
    found: dict[str, Any] = {}
    for name, value in flags.items():
        *sections, last = name.split(".")
        inner = found
        for section in sections:
            inner = inner.setdefault(section, {})
            if not isinstance(inner, dict):
                raise InputError(f"{name} and {section} cannot both be set; give one of them.")
        inner[last] = value
    return found


def laid_over(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """``below`` with the values of ``above``; epochs given above replace steps given below, and vice
    versa.
    """
    merged = dict(below)
    for one, other in (("epochs", "steps"), ("steps", "epochs")):
        if above.get(one) is not None and above.get(other) is None:
            merged.pop(other, None)
    for name, value in above.items():
        both = isinstance(value, Mapping) and isinstance(below.get(name), Mapping)
        merged[name] = laid_over(below[name], value) if both and not name.endswith("_columns") else value
    return merged


def in_words(error: ErrorDetails, name: str, whole: Any) -> str:
    """pydantic's error about the setting ``name`` of a model ``whole``, without its full stop."""
    message = " ".join(str(error["msg"]).split())[:300].rstrip(".")
    if error["type"] == "extra_forbidden":
        known = whole
        for part in error["loc"][:-1]:
            known = getattr(known.model_fields.get(str(part)), "annotation", known)
        return f"there is no setting {name[:100]}; {nearest(str(error['loc'][-1]), known.model_fields)}"
    if error["type"] == "missing":
        return f"{name} is missing"
    if error["type"] == "value_error":
        return message.removeprefix("Value error, ")
    value = error["input"]
    found = f", not {value!r}"[:100] if isinstance(value, (str, int, float)) else ""
    rule = re.sub(r"^\w+ should", "must", message)
    rule = rule.replace("less than or equal to", "at most").replace("greater than or equal to", "at least")
    return f"{name} {rule}{found}" if rule != message else f"{name}: {message}"
