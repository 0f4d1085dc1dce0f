"""Cuts of one kind: what they have in common, and what each changes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from datagen.render.bake.bodies import Points
from datagen.render.bake.cloth import Material
from datagen.render.bake.item import Item, Trim
from datagen.render.bake.tops import Top

Sewn = tuple[Trim, ...]


class Changes(NamedTuple):
    """A cut: its name, other fields of the pattern, and other trims; None for those of the kind."""

    cut: str
    pattern: Mapping[str, Any] = {}
    trims: Sewn | None = None
    belt: float | None = None
    closed: str = "closed"


def cuts(
    kind: str,
    pattern: Top,
    material: Material,
    rank: int,
    trims: Sewn,
    belt: float,
    *changes: Changes,
    crease: float = 0.06,
    relief: Callable[[Points], Points] | None = None,
) -> list[Item]:
    """The items of a kind."""
    return [
        Item(
            kind,
            each.cut,
            replace(pattern, **each.pattern),
            material,
            rank,
            trims if each.trims is None else each.trims,
            each.closed,
            crease,
            relief,
            belt if each.belt is None else each.belt,
        )
        for each in changes
    ]
