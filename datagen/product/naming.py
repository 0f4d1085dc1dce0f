"""Titles, whichever way a profile says them: by slots (``words``) or by a learned grammar (``grammar``)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Protocol

import pyarrow as pa

from datagen.product.choices import I32
from datagen.product.grammar_titles import GrammarReader, GrammarTitles
from datagen.product.profile import Profile
from datagen.product.titles import Said, Titles, Uniforms, parses, positions_of
from datagen.schemas.keyed import U64

Readings = Callable[[str, str], Iterator[dict[str, str]]]
"""Title, name of a kind -> every way of reading it: words by slot, or units by place, and the noun."""


class TitleTables(Protocol):
    """What draws and composes the titles of a profile.

    ``slots`` are the places of a title that say something, each with its phrases; ``nouns`` those of all
    kinds.
    """

    nouns: list[str]

    @property
    def slots(self) -> Mapping[str, Said]:
        """The places of a title in the order in which they are read; the later one has the last word."""

    def draw(self, shelf: I32, kind: I32, uniforms: Uniforms) -> dict[str, I32]:
        """Phrase ids (int32, per row) of each slot, and of ``"noun"``, for rows of some shelves and kinds."""

    def in_colours(self, phrases: dict[str, I32], colourway: I32) -> dict[str, I32]:
        """The phrases of rows whose colourways are decided, where titles say them."""

    def keys(self, phrases: Mapping[str, I32]) -> U64:
        """A number for each title (uint64) that depends on its words alone, not on their order."""

    def compose(self, phrases: Mapping[str, I32]) -> pa.Array:
        """The titles (Arrow string) of rows with the given phrase ids."""

    def slugs(self, phrases: Mapping[str, I32]) -> pa.Array | None:
        """The slugs of the same titles, from those of their parts; None where these do not add up."""


def tables_of(profile: Profile) -> TitleTables:
    """What draws the titles of a profile."""
    return GrammarTitles(profile) if profile.grammar is not None else Titles(profile)


def reader_of(profile: Profile) -> Readings:
    """What reads them back: a title is legal where there is a reading."""
    if profile.grammar is not None:
        return GrammarReader.of(profile).readings
    positions = {name: positions_of(kind, profile.words) for name, kind in profile.kinds.items()}
    return lambda title, kind: parses(title, profile.kinds[kind], profile.words, positions[kind])
