"""The section ``grammar`` of a profile: titles with words learned from a catalogue, instead of ``words``.

A title is a pattern, a sequence of classes such as ``colour like_denim noun``, with a unit (one word or
several) in each place. Patterns and the units of a class are drawn alike: from the table of the first
context that has one for the row, as often as its ``share`` says, else from that of the next context, and at
last from the weights that hold everywhere.

Two classes need no entry: ``noun`` (the nouns of the row's kind) and ``colour`` (how the row's colourway is
said).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from datagen.product.section import Section, Share, Weights
from datagen.schemas.validation_errors import FieldError

NOUN, COLOUR = "noun", "colour"

LONGEST_PATTERN = 16
"""Most units of a title."""

BETWEEN = " / "
"""Joins the values that name one table of a context with several keys."""

_NO_GAP_BEFORE = (",", ";", ":")


def _is_key(key: str) -> str:
    if not re.fullmatch(r"kind|before|level [1-9]", key):
        raise ValueError(f"{key!r} is not something to draw by: kind, before, or level 1 to level 9")
    return key


class Table(Section):
    """Weights of one context, and the share of draws in it that take them rather than those of the next."""

    share: Share = 1.0
    weights: Weights


class Context(Section):
    """Tables by what a row has: its kind, its category values, or the unit just before (that alone).

    A table's key is the value, or several values joined by " / " in the order of ``by``.
    """

    by: tuple[Annotated[str, AfterValidator(_is_key)], ...] = Field(min_length=1, max_length=10)
    tables: dict[str, Table]

    @model_validator(mode="after")
    def _before_is_alone(self) -> Context:
        if "before" in self.by and len(self.by) > 1:
            raise ValueError("before cannot be combined with other keys; give it a context of its own")
        return self


class Draws(Section):
    """Something to draw: tables by context, the first ones first, and the weights that hold everywhere."""

    contexts: tuple[Context, ...] = Field(default=(), max_length=6)
    weights: Weights

    @model_validator(mode="after")
    def _options_are_known(self) -> Draws:
        for at, context in enumerate(self.contexts):
            for key, table in context.tables.items():
                unknown = next((option for option in table.weights if option not in self.weights), None)
                if unknown is not None:
                    raise FieldError(
                        f"the table {key!r} has {unknown!r}, which the weights that hold everywhere lack",
                        *("contexts", at, "tables", key, "weights", unknown),
                    )
        return self

    def possible(self) -> list[str]:
        """What may be drawn in some context."""
        tables = [table.weights for context in self.contexts for table in context.tables.values()]
        return [
            option
            for option, weight in self.weights.items()
            if weight > 0 or any(table.get(option, 0) > 0 for table in tables)
        ]


class Unit(Section):
    """What a unit does: ``draw`` fixes something in the picture, ``effect`` is added to the log price."""

    effect: Annotated[float, Field(ge=-5, le=5)] = 0.0
    draw: dict[str, str] = Field(default={})


class Grammar(Section):
    """Patterns, the units of each class, and what units do to picture and price where they do anything."""

    patterns: Draws
    classes: dict[Annotated[str, Field(pattern=r"^[^\s/]{1,60}$")], Draws] = Field(default={})
    units: dict[str, Unit] = Field(default={})

    @model_validator(mode="after")
    def _classes_exist(self) -> Grammar:
        for own in (NOUN, COLOUR):
            if own in self.classes:
                raise FieldError(f"the class {own} draws from kinds and colourways; rename this one", own)
        for pattern in self.patterns.weights:
            names = pattern.split(" ")
            if not 1 <= len(names) <= LONGEST_PATTERN:
                raise FieldError(
                    f"the pattern {pattern!r} has {len(names)} units, not 1 to {LONGEST_PATTERN}",
                    *("patterns", "weights", pattern),
                )
            unknown = next((n for n in names if n not in self.classes and n not in {NOUN, COLOUR}), None)
            if unknown is not None:
                raise FieldError(
                    f"the pattern {pattern!r} has the class {unknown!r}, which does not exist",
                    *("patterns", "weights", pattern),
                )
            if names.count(NOUN) > 1 or names.count(COLOUR) > 1:
                raise FieldError(
                    f"the pattern {pattern!r} says the noun or the colour twice",
                    *("patterns", "weights", pattern),
                )
        for name, drawn in self.classes.items():
            empty = next((unit for unit in drawn.weights if not unit or unit != unit.strip()), None)
            if empty is not None:
                raise FieldError(
                    f"the unit {empty!r} is empty, or begins or ends with a blank", "classes", name
                )
        return self

    def all_units(self) -> Iterator[str]:
        """The units of all classes."""
        for drawn in self.classes.values():
            yield from drawn.weights


def joined(units: list[str]) -> str:
    """The title of some units: a blank between two, none before a comma, a semicolon or a colon.

    >>> joined(["Bolt", "M8", ",", "zinc-plated"])
    'Bolt M8, zinc-plated'
    """
    return "".join(unit if not at else with_gap(unit) for at, unit in enumerate(units))


def with_gap(unit: str) -> str:
    """A unit as it is written after another."""
    return unit if unit.startswith(_NO_GAP_BEFORE) else " " + unit
