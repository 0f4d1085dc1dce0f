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

Pair = tuple[str, str]
"""A column of the source and the column of the schema that it becomes."""

Renamed = Mapping[str, str | Sequence[str]] | Sequence[Pair]
"""Theirs -> ours, or several of ours; or such pairs."""


@dataclass(frozen=True)
class Match:
    """Where the values of the schema's columns come from.

    ``theirs``: our column -> the source's; ``given``: our column -> one value for every row. ``unused``:
    columns of the source that are not imported; ``lost_row``: the values of the first row, by our column, if
    the source has no header and the first row was taken for one.
    ``respelled``: the user's pairs as theirs=ours, if they were given the other way round.
    """

    theirs: dict[str, str]
    given: dict[str, str]
    unused: tuple[str, ...] = ()
    lost_row: dict[str, str] | None = None
    respelled: str = ""

    def columns(self, schema: Schema) -> list[Column]:
        """The schema's columns that have values, in order, without the picture."""
        return [
            column
            for column in schema.columns
            if not isinstance(column, Image) and (column.name in self.theirs or column.name in self.given)
        ]


def read_map(options: Sequence[str]) -> tuple[Pair, ...]:
    """Pairs from ``THEIRS=OURS,...`` or YAML files; "" leaves a column out. Raises InputError."""
    pairs: list[Pair] = []
    for option in options:
        pairs += _pairs(option) if "=" in option else _pairs_of_file(Path(option))
    return tuple(dict.fromkeys(pairs))


def pairs_of(renamed: Renamed) -> tuple[Pair, ...]:
    """The pairs of a mapping, as pandas' ``rename`` takes one, or the pairs themselves."""
    if not isinstance(renamed, Mapping):
        return tuple(renamed)
    return tuple(
        (theirs, each)
        for theirs, ours in renamed.items()
        for each in ([ours] if isinstance(ours, str) else ours)
    )


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


def _pairs(option: str) -> list[Pair]:
    pairs = []
    for pair in option.split(","):
        theirs, equals, ours = (part.strip() for part in pair.partition("="))
        if not (theirs and equals):
            raise InputError(f"--map {option}: {pair!r} is not THEIRS=OURS, such as name=title.")
        pairs.append((theirs, ours))
    return pairs


def _pairs_of_file(path: Path) -> list[Pair]:
    if path.suffix.lower() not in {".yaml", ".yml"}:
        raise InputError(f"--map {path}: give THEIRS=OURS,THEIRS=OURS, or a .yaml file of such pairs.")
    value = read_yaml(path)
    if not isinstance(value, dict) or not all(
        isinstance(theirs, str) and all(isinstance(each, str) for each in _as_list(ours))
        for theirs, ours in value.items()
    ):
        raise InputError(f"{path}: a map consists of lines of the form `theirs: ours`.")
    return list(pairs_of(value))


def _as_list(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]


def match(
    schema: Schema,
    columns: Sequence[str],
    *,
    renamed: Renamed = (),
    given: Mapping[str, str] | None = None,
) -> Match:
    """Find the schema's columns among a source's ``columns``.

    ``renamed`` are the user's pairs, theirs and ours, "" to leave a column out; the rest is matched by
    name, ignoring case and separators. Pairs in the older direction, ours and theirs, are understood where
    they can mean nothing else, and then ``respelled`` is the newer spelling. If no name matches, but there
    are as many names as our columns and they read like a row, the header was lost: then columns are matched
    by position. Raises InputError if the title cannot be found.
    """
    given = dict(given or {})
    ours = {column.name for column in schema.columns}
    if unknown := next((name for name in given if name not in ours), None):
        raise InputError(f"--set {unknown}: no such column in {schema.name}; {nearest(unknown, ours)}.")
    pairs, respelled = _in_one_direction(pairs_of(renamed), set(columns), ours)
    named, unwanted = _checked(pairs, schema, columns)
    for name in named:
        if name in given:
            raise InputError(f"{name} is in both --map and --set; give one of them.")
    image = schema.one(Image)
    if image is not None and image.name in given:
        raise InputError(f"--set {image.name}: a picture cannot be a fixed value; use --map.")
    mapped = {name: theirs for name, theirs in named.items() if theirs}
    wanted = [name for name in columns if name not in unwanted]
    found = {**_by_name(schema, wanted, set(named) | set(given)), **mapped}
    if not set(found) - {image.name if image else ""} and not pairs:
        lost = _by_position(schema, columns)
        if lost is not None:
            return lost
    title = schema.one(Title)
    if title is not None and title.name not in {*found, *given}:
        shown = ", ".join(_shown(columns[:20])) + (" ..." if len(columns) > 20 else "")
        raise InputError(
            f"No column was recognised as the {title.name}; "
            f"give --map COLUMN={title.name} with one of {shown}."
        )
    in_order = {column.name: found[column.name] for column in schema.columns if column.name in found}
    used = set(in_order.values())
    unused = tuple(name for name in columns if name not in used)
    return Match(in_order, given, unused, respelled=respelled)


def _in_one_direction(
    pairs: Sequence[Pair], theirs: set[str], ours: set[str]
) -> tuple[tuple[Pair, ...], str]:
    """The pairs as theirs and ours, and their new spelling if one was ours and theirs, else ""."""

    def reversed_(left: str, right: str) -> bool:
        return left in ours and right in theirs and not (left in theirs and right in ours)

    turned = tuple((right, left) if reversed_(left, right) else (left, right) for left, right in pairs)
    spelling = ",".join("=".join(pair) for pair in turned)
    return turned, spelling if turned != tuple(pairs) else ""


def _checked(
    pairs: Sequence[Pair], schema: Schema, columns: Sequence[str]
) -> tuple[dict[str, str], set[str]]:
    """Our column -> theirs, or "" where ours is left out; and the columns of theirs that are left out."""
    ours, theirs = {column.name for column in schema.columns}, set(columns)
    named: dict[str, str] = {}
    unwanted: set[str] = set()
    for source, name in pairs:
        if not name and source in theirs:
            unwanted.add(source)
            continue
        if not name:
            source, name = "", source
        shown = f"--map {source or name}={name if source else ''}"
        if source and source not in theirs:
            raise InputError(
                f"{shown}: the source has no column {source!r}; {nearest(source, _shown(columns))}."
            )
        if name not in ours:
            raise InputError(f"{shown}: no such column in {schema.name}; {nearest(name, ours)}.")
        if named.setdefault(name, source) != source:
            raise InputError(f"--map gives {name} two columns, {named[name]} and {source}; give it one.")
    return named, unwanted


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
