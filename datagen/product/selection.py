"""What is wanted of a catalogue: conditions that every row satisfies, and parts of given sizes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from datagen.product.acceptance import Acceptance
from datagen.product.blocks import BLOCK, RAREST, Blocks, Cells, Tables, cells_of
from datagen.product.conditions import KIND, WEARER, Conditions, Names, near, read_where
from datagen.product.parts import ByNumber, InTurn, Mixture
from datagen.product.profile import Profile
from datagen.schemas import InputError, Schema

REST = "rest"
"""The part that holds what is in no other part."""


@dataclass(frozen=True)
class Part:
    """A part of a catalogue: its name, ``column:value`` or :data:`REST`, its rows, and what it can have."""

    name: str
    rows: int
    cells: Cells


@dataclass(frozen=True)
class Selection:
    """Conditions, and parts of the catalogue, if any. ``in_turn``: equal parts, whatever their ``rows``."""

    conditions: Conditions = field(default_factory=Conditions)
    parts: tuple[Part, ...] = ()
    in_turn: bool = False

    def mixture(self, seed: int) -> Mixture | None:
        """How the rows of the parts are mixed; None without parts."""
        if not self.parts:
            return None
        return (
            InTurn(len(self.parts), seed)
            if self.in_turn
            else ByNumber([part.rows for part in self.parts], seed)
        )


def read_selection(
    schema: Schema,
    profile: Profile,
    where: Mapping[str, list[str]],
    parts: Mapping[str, int],
    in_turn: bool,
) -> Selection:
    """The selection that a recipe or a manifest records. Raises InputError where the profile lacks it."""
    names, cells = Names(schema, profile), cells_of(profile)
    masks = {name: _mask(names, profile, *_value(names, name)) for name in parts if name != REST}
    if REST in parts:
        masks[REST] = ~np.logical_or.reduce([*masks.values(), np.zeros_like(cells, dtype=bool)])
    return Selection(
        read_where(where, schema, profile),
        tuple(Part(name, rows, np.where(masks[name], cells, 0.0)) for name, rows in parts.items()),
        in_turn,
    )


def counted(schema: Schema, profile: Profile, count: Mapping[str, int], rows: int | None) -> dict[str, int]:
    """Rows by name of part, as :func:`read_selection` takes them, for numbers that somebody asked for.

    Raises InputError for unknown values, for values that a product can have at once, and where ``rows``, the
    number of all rows, is smaller than all numbers together.
    """
    names = Names(schema, profile)
    parts: dict[str, int] = {}
    for text, number in count.items():
        name, value = _value(names, text)
        if number < 0:
            raise InputError(f"{number} rows of {value} cannot be made; give 0 or more.")
        if f"{name}:{value}" in parts:
            raise InputError(f"The number of {value} is given twice; give it once.")
        parts[f"{name}:{value}"] = number
    _refuse_overlaps(names, profile, list(parts))
    total = sum(parts.values())
    if rows is not None and rows < total:
        raise InputError(
            f"The counts add up to {total:,}, more than {rows:,} rows; leave out the number of rows."
        )
    return {**parts, REST: rows - total} if rows is not None and rows > total else parts


def balanced(
    schema: Schema, profile: Profile, where: Mapping[str, list[str]], column: str, rows: int, seed: int
) -> tuple[str, dict[str, int]]:
    """The name in its own spelling and the rows by name of part, for equal numbers of each of its values.

    Values with too few products that satisfy the conditions are left out. Raises InputError.
    """
    names = Names(schema, profile)
    name = names.find(column, [*names.levels, KIND, WEARER], "balanced")
    wanted = {f"{name}:{value}": 0 for value in names.values(name)}
    shares = _shares(profile, read_selection(schema, profile, where, wanted, True))
    able = [part for part, share in shares.items() if share >= RAREST]
    return name, dict(zip(able, InTurn(len(able), seed).sizes(rows) if able else (), strict=True))


def refuse_rare(profile: Profile, selection: Selection) -> None:
    """Raises InputError where too few products satisfy the conditions, of all or of a part that has rows."""
    for name, share in _shares(profile, selection).items():
        if share >= RAREST:
            continue
        if name == REST:
            raise InputError("The counts leave no product for the other rows; leave out the number of rows.")
        of = f"of {name.partition(':')[2]} " if name else ""
        rare = f"about 1 in {1 / share:,.0f}" if share else "none that was tried"
        raise InputError(
            f"Too few products {of}match {selection.conditions.said}: {rare}, where at least "
            f"1 in {1 / RAREST:,.0f} is needed; give wider conditions."
        )


def _shares(profile: Profile, selection: Selection) -> dict[str, float]:
    """By name of part ("" without parts), the share of its products that satisfies the conditions."""
    tables = Tables(profile)
    acceptance = Acceptance(selection.conditions, profile, tables.titles)
    parts = {part.name: part.cells for part in selection.parts if part.rows or selection.in_turn}
    return {
        name: 0.0 if not cells.any() else Blocks(tables, 0, BLOCK, acceptance, cells).share()
        for name, cells in (parts or {"": cells_of(profile)}).items()
    }


def _value(names: Names, text: str) -> tuple[str, str]:
    """The name and the value that a text means: ``name:value``, or a value of the outermost category."""
    places = [*names.levels, KIND, WEARER]
    before, colon, after = text.partition(":")
    if colon and before.strip().casefold() in {place.casefold() for place in places}:
        name = names.find(before, places)
        return name, _one(names.match(name, after.strip()), after)
    for name in places:
        found = names.alike(name, text)
        if found:
            return name, _one(found, text)
    known = {value for name in places for value in names.values(name)}
    raise InputError(f"No category value or kind {text!r}: {near(text, known)}.")


def _one(found: list[str], text: str) -> str:
    if len(found) > 1:
        raise InputError(f"{text!r} may be {' or '.join(found)}; write one of them exactly.")
    return found[0]


def _mask(names: Names, profile: Profile, name: str, value: str) -> NDArray[np.bool_]:
    """Which cells, shelves by kinds, hold products with a value."""
    if name == KIND and name not in names.levels:
        on_shelf, of_kind = [True] * len(profile.shelves), [kind == value for kind in profile.kinds]
    else:
        on_shelf = [
            (shelf.path[names.levels[name] - 1] if name in names.levels else profile.wearer(shelf)) == value
            for shelf in profile.shelves
        ]
        of_kind = [True] * len(profile.kinds)
    return np.logical_and.outer(on_shelf, of_kind)


def _refuse_overlaps(names: Names, profile: Profile, parts: list[str]) -> None:
    there = cells_of(profile) > 0
    taken: dict[str, NDArray[np.bool_]] = {}
    for part in parts:
        mask = _mask(names, profile, *_value(names, part)) & there
        for other, theirs in taken.items():
            if (mask & theirs).any():
                raise InputError(
                    f"A product can be both {other} and {part}, so their numbers cannot both be exact; "
                    "give numbers for values of one column."
                )
        taken[part] = mask
