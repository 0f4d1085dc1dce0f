"""Pydantic's errors as plain English: what is wrong, on which line, and the nearest right word."""

from __future__ import annotations

import types
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any, Union, get_args, get_origin

import yaml
from pydantic import BaseModel, ValidationError

Location = tuple[int | str, ...]
"""The keys and positions that lead to a value."""


class FieldError(ValueError):
    """What a validator finds wrong with a value further inside its model, and the way to that value."""

    def __init__(self, message: str, *inside: int | str) -> None:
        super().__init__(message)
        self.inside = inside


def describe(
    error: ValidationError, model: type[BaseModel], file: Path | None, nearest: Callable[[str, Any], str]
) -> tuple[int | None, str]:
    """The line of the first wrong value (from 1, if ``file`` is the YAML that holds it), and what is wrong.

    The description has no full stop. ``nearest`` ends it with known words (:func:`yaml_file.nearest`).
    """
    # A misspelt field is often missing under its right name as well.
    errors = sorted(error.errors(include_url=False), key=lambda each: each["type"] != "extra_forbidden")
    document = _compose(text_of(file))
    places = [_place(each, document) for each in errors]
    first = places[0]
    same = [each for each, place in zip(errors, places, strict=True) if place == first]
    said = _message(same, model, nearest)
    more = len({place for place in places if place != first})
    others = f" (and {more} more {'fault' if more == 1 else 'faults'})" if more else ""
    return _line(document, first), f"{_prefix(first, same[0], said)}{said}{others}"


def _prefix(place: Location, error: Any, said: str) -> str:
    """The way to the value, in front of what is wrong with it; a validator of the whole file needs none."""
    if not place or (error["type"] == "value_error" and isinstance(error["ctx"]["error"], FieldError)):
        return ""
    return ".".join(map(str, place)) + (
        " " if said.startswith(("must", "needs", "has", "is ", "cannot")) else ": "
    )


def _message(errors: Sequence[Any], model: type[BaseModel], nearest: Callable[[str, Any], str]) -> str:
    first = errors[0]
    kind, context, value = first["type"], first.get("ctx", {}), first["input"]
    if kind == "missing":
        return "is missing"
    if kind == "extra_forbidden":
        known = _fields(model, first["loc"][:-1])
        return f"no such field; {nearest(str(first['loc'][-1]), known)}"
    if kind == "union_tag_not_found":
        return f"needs the field {context['discriminator']}"
    if kind == "union_tag_invalid":
        name, tag = context["discriminator"].strip("'"), context["tag"]
        return f"no such {name} {tag!r}; {nearest(tag, _quoted(context['expected_tags']))}"
    if kind == "literal_error":
        return f"cannot be {_shown(value)}; {nearest(str(value), _quoted(context['expected']))}"
    if kind == "value_error":
        return str(context["error"])
    wants = list(dict.fromkeys(want for each in errors if (want := _want(each)) is not None))
    if wants:
        return f"must be {' or '.join(wants)}, not {_shown(value)}"
    return str(first["msg"]).replace("Input should", "must").replace("valid ", "")


_WANTS = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "int_parsing_size": "a whole number of fewer digits",
    "float_type": "a number",
    "float_parsing": "a number",
    "finite_number": "a finite number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "list_type": "a list",
    "tuple_type": "a list",
    "dict_type": "a mapping of names to values",
    "model_type": "a mapping of fields",
    "model_attributes_type": "a mapping of fields",
    "dataclass_type": "a mapping of fields",
    "date_type": "a date, such as 2024-12-31",
    "date_parsing": "a date, such as 2024-12-31",
    "date_from_datetime_parsing": "a date, such as 2024-12-31",
    "date_from_datetime_inexact": "a date without a time, such as 2024-12-31",
    "path_type": "a path",
    "none_required": "empty",
    "is_instance_of": "of another type",
    "string_unicode": "text in Unicode",
}
_BOUNDS = {
    "greater_than": ("above {}", "gt"),
    "greater_than_equal": ("{} or more", "ge"),
    "less_than": ("below {}", "lt"),
    "less_than_equal": ("{} or less", "le"),
    "string_pattern_mismatch": ("text that matches {}", "pattern"),
    "string_too_short": ("at least {} characters long", "min_length"),
    "string_too_long": ("at most {} characters long", "max_length"),
}


def _want(error: Any) -> str | None:
    """What a value must be, after "must be"; None where the error is of another sort."""
    kind, context = error["type"], error.get("ctx", {})
    if kind in _WANTS:
        return _WANTS[kind]
    if kind in _BOUNDS:
        words, name = _BOUNDS[kind]
        bound = context[name]
        return words.format(f"{bound:g}" if isinstance(bound, float) else bound)
    if kind in {"too_short", "too_long"}:
        least = kind == "too_short"
        number = context["min_length" if least else "max_length"]
        entries = "entry" if number == 1 else "entries"
        return f"a list or mapping of at {'least' if least else 'most'} {number} {entries}"
    return None


def _shown(value: Any) -> str:
    if isinstance(value, dict | list | tuple):
        return f"a {'mapping' if isinstance(value, dict) else 'list'} of {len(value)}"
    if value is None:
        return "empty"
    return repr(value) if len(repr(value)) <= 60 else f"{repr(value)[:60]}..."


def _quoted(expected: str) -> list[str]:
    """``"'a', 'b' or 'c'"`` as ``["a", "b", "c"]``."""
    return [part.strip().strip("'") for part in expected.replace(" or ", ", ").split(", ")]


# Places in the text


def line_of(file: Path, location: Sequence[int | str]) -> int | None:
    """The line of a YAML file (from 1) with the value at a location, or what is around it; or None."""
    document = _compose(text_of(file))
    return _line(document, tuple(location))


def text_of(file: Path | None) -> str | None:
    """The text of a file that was read a moment ago, so that its lines can be named."""
    try:
        return None if file is None else file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None


def _compose(text: str | None) -> Any:
    if text is None:
        return None
    try:
        return yaml.compose(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except (yaml.YAMLError, ValueError, RecursionError):
        return None


def _place(error: Any, document: Any) -> Location:
    """The way to a wrong value as the file has it: without the tags that pydantic puts between."""
    location = [*error["loc"]]
    if error["type"] == "value_error" and isinstance(error["ctx"]["error"], FieldError):
        location += error["ctx"]["error"].inside
    if error["type"] == "union_tag_invalid":
        location.append(error["ctx"]["discriminator"].strip("'"))
    if document is None:
        return tuple(location)
    place: list[int | str] = []
    node = document
    for at, part in enumerate(location):
        inner = _inside(node, part)
        last = at == len(location) - 1
        if inner is not None:
            node = inner[1]
            place.append(part)
        elif last and error["type"] in {"missing", "extra_forbidden"}:
            place.append(part)
    return tuple(place)


def _line(document: Any, place: Location) -> int | None:
    """The line of a value's key, or of the nearest thing around it that the text has."""
    if document is None or not place:
        return None
    node, line = document, None
    for part in place:
        inner = _inside(node, part)
        if inner is None:
            break
        key, node = inner
        line = key.start_mark.line + 1
    return line


def _inside(node: Any, part: int | str) -> tuple[Any, Any] | None:
    """The node that says where a part begins, and the part itself."""
    if isinstance(node, yaml.MappingNode):
        return next(((key, value) for key, value in node.value if key.value == str(part)), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        return node.value[part], node.value[part]
    return None


# Fields that a model knows


def _fields(model: type[BaseModel], way: Sequence[int | str]) -> list[str]:
    """The fields that may stand at a location of a model, as YAML spells them."""
    types_there: list[Any] = [model]
    for part in way:
        types_there = [inner for each in types_there for inner in _inner(each, part)]
    models = [each for found in types_there for each in _models(found)]
    return [field.alias or name for each in models for name, field in each.model_fields.items()]


def _inner(kind: Any, part: int | str) -> Iterator[Any]:
    """The types of what a location's next part leads to."""
    for each in _plain(kind):
        if isinstance(each, type) and issubclass(each, BaseModel):
            named = [field for name, field in each.model_fields.items() if part in {name, field.alias}]
            if named:
                yield named[0].annotation
            elif any(part in get_args(field.annotation) for field in each.model_fields.values()):
                yield each  # the tag of one of several models
        elif get_origin(each) is dict:
            yield get_args(each)[1]
        elif get_origin(each) in {list, tuple}:
            yield get_args(each)[0]


def _models(kind: Any) -> list[type[BaseModel]]:
    return [each for each in _plain(kind) if isinstance(each, type) and issubclass(each, BaseModel)]


def _plain(kind: Any) -> Iterator[Any]:
    """A type without Annotated, a union as its members."""
    if get_origin(kind) is Annotated:
        yield from _plain(get_args(kind)[0])
    elif get_origin(kind) in {Union, types.UnionType}:
        for member in get_args(kind):
            yield from _plain(member)
    else:
        yield kind
