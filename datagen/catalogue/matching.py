"""Which column of a source is which column of the schema: by name, by option, or by position."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from datagen.schemas import InputError, Schema
from datagen.schemas.schema import Column, Image, Title
from datagen.schemas.yaml_file import nearest, read_yaml

_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")
_COPY = re.compile(r"\.\d+$")


@dataclass(frozen=True)
class Match:
    """Where the values of the schema's columns come from.

    ``theirs``: our column -> the source's; ``given``: our column -> one value for every row. ``unused``:
    columns of the source that are not imported; ``lost_row``: the values of the first row, by our column, if
    the source has no header and the first row was taken for one.
    """

    theirs: dict[str, str]
    given: dict[str, str]
    unused: tuple[str, ...] = ()
    lost_row: dict[str, str] | None = None

    def columns(self, schema: Schema) -> list[Column]:
        """The schema's columns that have values, in order, without the picture."""
        return [
            column
            for column in schema.columns
            if not isinstance(column, Image) and (column.name in self.theirs or column.name in self.given)
        ]


def read_map(options: Sequence[str]) -> dict[str, str]:
    """Our column -> theirs, from ``ours=theirs,...`` or YAML files of pairs; "" leaves ours out.

    Raises InputError.
    """
    pairs: dict[str, str] = {}
    for option in options:
        for ours, theirs in _pairs(option) if "=" in option else _pairs_of_file(Path(option)):
            if pairs.setdefault(ours, theirs) != theirs:
                raise InputError(f"--map gives {ours} two columns, {pairs[ours]} and {theirs}; give it one.")
    return pairs


def read_values(options: Sequence[str]) -> dict[str, str]:
    """Our column -> value, from ``ours=value``; a value may contain commas. Raises InputError."""
    values: dict[str, str] = {}
    for option in options:
        ours, equals, value = option.partition("=")
        if not (ours.strip() and equals):
            raise InputError(f"--set {option!r} is not OURS=VALUE, such as brand=ACME.")
        if values.setdefault(ours.strip(), value) != value:
            raise InputError(f"--set gives {ours.strip()} two values; give it one.")
    return values


def _pairs(option: str) -> list[tuple[str, str]]:
    pairs = []
    for pair in option.split(","):
        ours, equals, theirs = pair.partition("=")
        if not (ours.strip() and equals):
            raise InputError(f"--map {option}: {pair!r} is not OURS=THEIRS, such as title=name.")
        pairs.append((ours.strip(), theirs.strip()))
    return pairs


def _pairs_of_file(path: Path) -> list[tuple[str, str]]:
    if path.suffix.lower() not in {".yaml", ".yml"}:
        raise InputError(f"--map {path}: give OURS=THEIRS,OURS=THEIRS, or a .yaml file of such pairs.")
    value = read_yaml(path)
    if not isinstance(value, dict) or not all(
        isinstance(each, str) for pair in value.items() for each in pair
    ):
        raise InputError(f"{path}: a map consists of lines of the form `ours: theirs`.")
    return list(value.items())


def match(
    schema: Schema,
    columns: Sequence[str],
    *,
    named: Mapping[str, str] | None = None,
    given: Mapping[str, str] | None = None,
) -> Match:
    """Find the schema's columns among a source's ``columns``.

    ``named`` are the user's pairs, ours -> theirs, "" to leave ours out; the rest is matched by name,
    ignoring case and separators. If no name matches, but there are as many names as our columns and they
    read like a row, the header was lost: then columns are matched by position. Raises InputError if the
    title cannot be found.
    """
    named, given = dict(named or {}), dict(given or {})
    ours = {column.name for column in schema.columns}
    for option, pairs in (("--map", named), ("--set", given)):
        for name in pairs:
            if name not in ours:
                raise InputError(f"{option} {name}: no such column in {schema.name}; {nearest(name, ours)}.")
    for name, theirs in named.items():
        if theirs and theirs not in columns:
            known = nearest(theirs, _shown(columns))
            raise InputError(f"--map {name}={theirs}: the source has no column {theirs!r}; {known}.")
        if name in given:
            raise InputError(f"{name} is in both --map and --set; give one of them.")
    image = schema.one(Image)
    if image is not None and image.name in given:
        raise InputError(f"--set {image.name}: a picture cannot be a fixed value; use --map.")
    mapped = {name: theirs for name, theirs in named.items() if theirs}
    found = {**_by_name(schema, columns, set(named) | set(given)), **mapped}
    if not set(found) - {image.name if image else ""} and not named:
        lost = _by_position(schema, columns)
        if lost is not None:
            return lost
    title = schema.one(Title)
    if title is not None and title.name not in {*found, *given}:
        shown = ", ".join(_shown(columns[:20])) + (" ..." if len(columns) > 20 else "")
        raise InputError(
            f"No column was recognised as the {title.name}; "
            f"give --map {title.name}=COLUMN with one of {shown}."
        )
    in_order = {column.name: found[column.name] for column in schema.columns if column.name in found}
    used = set(in_order.values())
    return Match(in_order, given, tuple(name for name in columns if name not in used))


def _by_name(schema: Schema, columns: Sequence[str], settled: set[str]) -> dict[str, str]:
    exact = set(columns)
    alike: dict[str, list[str]] = {}
    for theirs in columns:
        alike.setdefault(_normalized(theirs), []).append(theirs)
    found = {}
    for column in schema.columns:
        candidates = alike.get(_normalized(column.name), [])
        if column.name in settled:
            continue
        if column.name in exact:
            found[column.name] = column.name
        elif len(candidates) == 1:
            found[column.name] = candidates[0]
    return found


def _shown(columns: Sequence[str]) -> list[str]:
    """A stranger's names, each on one line."""
    return [repr(name[:80])[1:-1] for name in columns]


def _normalized(name: str) -> str:
    return re.sub(r"[\W_]+", "", name).casefold()


def _by_position(schema: Schema, columns: Sequence[str]) -> Match | None:
    """Columns by position, if their names look like a row: as many as ours, numbers where ours are numbers.

    The suffixes that readers add to repeated names (``N.A.``, ``N.A..1``) are removed.
    """
    ours = [column for column in schema.columns if not isinstance(column, Image)]
    if len(ours) != len(columns):
        return None
    row = {}
    for column, name in zip(ours, columns, strict=True):
        base = _COPY.sub("", name)
        row[column.name] = base if base != name and base in columns else name
    numeric = [column.name for column in ours if column.dtype in ("int64", "float64")]
    if not numeric or not all(_NUMBER.fullmatch(row[name]) for name in numeric):
        return None
    pairs = zip(ours, columns, strict=True)
    return Match({column.name: theirs for column, theirs in pairs}, {}, (), row)
