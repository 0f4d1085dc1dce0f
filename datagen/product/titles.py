"""Title grammar: words drawn for the slots of a kind, composed in the shop's order, and read back.

    [size] [detail] [line] [pattern] [material]  ...the same slots, for late words...  noun  [shade]

Every slot may be silent. A word says where it goes ("front", or late, just before the noun) and
which other slots it silences: the name of a line may need no material.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from datagen.arrow import numbers, text, texts
from datagen.product.choices import I32, Choices
from datagen.product.profile import SLOTS, Kind, Profile, Word
from datagen.schemas.keyed import F64, U64, place

SILENT = 0
"""Phrase 0 of every slot: nothing is said."""

_NO_GAP = text("")
_AND_AT_END = re.compile(r"^and\b|\band$|^\s|\s$", re.IGNORECASE)

FRONT = tuple(slot for slot in SLOTS if slot != "shade")

Uniforms = Callable[[str], F64]
"""Purpose -> one uniform per row."""


@dataclass(frozen=True)
class Said:
    """What a place of a title may say: phrases, their words and the names of these; phrase 0 is silence."""

    phrases: list[str]
    words: list[Word | None]
    names: list[str]


@dataclass(frozen=True)
class Slot(Said):
    """One slot's phrases: every way of saying every word."""

    choices: Choices
    silences: dict[str, NDArray[np.bool_]]
    front: Fragments
    late: Fragments | None
    keys: U64


@dataclass(frozen=True)
class Fragments:
    """What each phrase adds to a title and to its slug, blanks and hyphens included (Arrow strings)."""

    title: pa.Array
    slug: pa.Array


class Titles:
    """The slots of a profile, compiled to tables."""

    def __init__(self, profile: Profile) -> None:
        self.slots = {slot: _compile(slot, profile) for slot in SLOTS}
        self.nouns: list[str] = []
        groups = []
        for kind in profile.kinds.values():
            groups.append([(len(self.nouns) + at, weight) for at, weight in enumerate(kind.nouns.values())])
            self.nouns.extend(kind.nouns)
        self._noun_choices = Choices(groups)
        self._noun_fragments = Fragments(texts(self.nouns), texts([slug(noun) for noun in self.nouns]))
        self._noun_keys = keys_of(self.nouns)
        every = self.nouns + [phrase for compiled in self.slots.values() for phrase in compiled.phrases[1:]]
        # " and " across two phrases would be deleted from the slug of the whole, not from that of a part.
        self._slug_by_parts = all(slug(text) and not _AND_AT_END.search(text) for text in every)

    def draw(self, shelf: I32, kind: I32, uniforms: Uniforms) -> dict[str, I32]:
        """Phrase ids (int32, per row) of each slot, and of ``"noun"``; shelves do not matter."""
        drawn = {name: slot.choices.draw(kind, uniforms(name)) for name, slot in self.slots.items()}
        for name, slot in self.slots.items():
            for other, silences in slot.silences.items():
                drawn[other] = np.where(silences[drawn[name]], np.int32(SILENT), drawn[other])
        drawn["noun"] = self._noun_choices.draw(kind, uniforms("noun"))
        return drawn

    def in_colours(self, phrases: dict[str, I32], colourway: I32) -> dict[str, I32]:
        """The same phrases: slots do not say the colourways of the rows."""
        return phrases

    def compose(self, phrases: Mapping[str, I32]) -> pa.Array:
        """The titles (Arrow string) of rows with the given phrase ids."""
        said = [fragments.title.take(numbers(ids)) for fragments, ids in self._parts(phrases)]
        return pc.binary_join_element_wise(*said, _NO_GAP)

    def slugs(self, phrases: Mapping[str, I32]) -> pa.Array | None:
        """The slugs of the same titles, from the slugs of their phrases; None where those do not add up."""
        if not self._slug_by_parts:
            return None
        written = [fragments.slug.take(numbers(ids)) for fragments, ids in self._parts(phrases)]
        return pc.binary_join_element_wise(*written, _NO_GAP)

    def keys(self, phrases: Mapping[str, I32]) -> U64:
        """A number for each title (uint64) that depends on its words alone, not on their order."""
        key = self._noun_keys[phrases["noun"]]
        for name, slot in self.slots.items():
            key = key + slot.keys[phrases[name]]
        return key

    def _parts(self, phrases: Mapping[str, I32]) -> list[tuple[Fragments, I32]]:
        """The parts of a title in their order, and which phrase of each the rows have."""
        parts = [(self.slots[name].front, phrases[name]) for name in FRONT]
        parts += [(late, phrases[name]) for name in FRONT if (late := self.slots[name].late) is not None]
        return [
            *parts,
            (self._noun_fragments, phrases["noun"]),
            (self.slots["shade"].front, phrases["shade"]),
        ]


def slug(title: str) -> str:
    """The slug of one title: lower case, accents stripped, " and " deleted, the rest to hyphens.

    >>> slug("Check and Leather Card Case")
    'checkleather-card-case'
    """
    plain = unicodedata.normalize("NFKD", title).lower().replace(" and ", "")
    plain = "".join(letter for letter in plain if not unicodedata.category(letter).startswith("M"))
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def parse(title: str, kind: Kind, words: Mapping[str, Mapping[str, Word]]) -> dict[str, str] | None:
    """The words of a title by slot (slot -> word name, and ``"noun"``), or None where it is not legal.

    A legal title is one that the grammar of ``kind`` could have composed, silences included.
    """
    return next(parses(title, kind, words), None)


Position = tuple[str, dict[str, list[tuple[str, str]]]]
"""A place in a title: its slot, and by their first word the phrases that may stand there, each with the name
of its word before it and a blank behind it."""


def positions_of(kind: Kind, words: Mapping[str, Mapping[str, Word]]) -> list[Position]:
    """The places before the noun, in their order; titles of a kind are read fast with them at hand."""
    found: list[Position] = []
    for where in ("front", "noun"):
        for slot in FRONT:
            phrases: dict[str, list[tuple[str, str]]] = {}
            for name, chance in kind.slot(slot).items():
                word = words[slot][name]
                for phrase, weight in word.say.items():
                    if chance and weight and word.place == where:
                        phrases.setdefault(phrase.partition(" ")[0], []).append((name, phrase + " "))
            if phrases:
                found.append((slot, phrases))
    return found


def parses(
    title: str,
    kind: Kind,
    words: Mapping[str, Mapping[str, Word]],
    positions: list[Position] | None = None,
) -> Iterator[dict[str, str]]:
    """Every way of reading a title, as :func:`parse` gives the first of them.

    ``positions``: those of the kind, where they are known.
    """
    places = positions_of(kind, words) if positions is None else positions

    def read(rest: str, at: int, said: dict[str, str]) -> Iterator[dict[str, str]]:
        if at == len(places):
            yield from _read_end(rest, kind, words, said)
            return
        slot, phrases = places[at]
        if slot not in said:
            for name, phrase in phrases.get(rest.partition(" ")[0], ()):
                if rest.startswith(phrase):
                    yield from read(rest[len(phrase) :], at + 1, {**said, slot: name})
        yield from read(rest, at + 1, said)

    return read(title, 0, {})


def _read_end(
    rest: str, kind: Kind, words: Mapping[str, Mapping[str, Word]], said: dict[str, str]
) -> Iterator[dict[str, str]]:
    """The last part of a title, noun and shade, and the check of what must be silent."""
    for noun, weight in kind.nouns.items():
        if not weight or not rest.startswith(noun):
            continue
        tail = rest[len(noun) :]
        shades = [
            name
            for name, chance in kind.shade.items()
            if chance
            and any(weight and tail == " " + phrase for phrase, weight in words["shade"][name].say.items())
        ]
        full = sum(kind.shade.values()) > 100 - 1e-9
        if not shades and (tail or full):
            continue
        for shade in shades or [""]:
            found = {**said, **({"shade": shade} if shade else {})}
            silenced = {other for slot, name in found.items() for other in words[slot][name].silences}
            if not silenced & set(found):
                yield {**found, "noun": noun}


def _compile(slot: str, profile: Profile) -> Slot:
    phrases, words, names = [""], [None], [""]  # type: tuple[list[str], list[Word | None], list[str]]
    of_word: dict[str, list[tuple[int, float]]] = {}
    for name, word in profile.words.get(slot, {}).items():
        total = sum(word.say.values())
        of_word[name] = []
        for phrase, weight in word.say.items():
            of_word[name].append((len(phrases), weight / total))
            phrases.append(phrase)
            words.append(word)
            names.append(name)
    groups = []
    for kind in profile.kinds.values():
        chances = kind.slot(slot)
        group = [(SILENT, max(0.0, 100 - sum(chances.values())))]
        for name, chance in chances.items():
            group += [(phrase, chance * share) for phrase, share in of_word[name]]
        groups.append(group)
    silences = {}
    for other in SLOTS:
        mask = np.array([word is not None and other in word.silences for word in words])
        if mask.any():
            silences[other] = mask
    said = list(zip(phrases, words, strict=True))
    late = [phrase if word and word.place == "noun" and slot != "shade" else "" for phrase, word in said]
    front = [phrase if word and not later else "" for (phrase, word), later in zip(said, late, strict=True)]
    end = slot == "shade"
    return Slot(
        phrases,
        words,
        names,
        Choices(groups),
        silences,
        _fragments(front, end),
        _fragments(late) if any(late) else None,
        keys_of(phrases),
    )


def keys_of(phrases: list[str]) -> U64:
    """For each phrase the sum of its words' keys, modulo 2**64; 0 for silence."""
    sums = [sum(place(0, "word of a title", word) for word in phrase.split()) % 2**64 for phrase in phrases]
    return np.array(sums, dtype=np.uint64)


def _fragments(phrases: list[str], end: bool = False) -> Fragments:
    """Fragments of some phrases ("" is silence), their gap after them or, at a title's end, before."""
    title, slugged = ("{} ", "{}-") if not end else (" {}", "-{}")
    return Fragments(
        texts([title.format(phrase) if phrase else "" for phrase in phrases]),
        texts([slugged.format(slug(phrase)) if phrase else "" for phrase in phrases]),
    )
