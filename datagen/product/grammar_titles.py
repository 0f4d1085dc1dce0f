"""Titles of a learned grammar: drawn, composed and read back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datagen.arrow import numbers, text, texts
from datagen.product.choices import I32, Choices
from datagen.product.grammar import BETWEEN, COLOUR, NOUN, Context, Draws, Grammar, with_gap
from datagen.product.profile import Profile, Word
from datagen.product.titles import SILENT, Fragments, Said, Uniforms, keys_of, slug
from datagen.schemas.keyed import F64, U64

PATTERN = "pattern"
_NONE, _NOUN, _COLOUR = -1, -2, -3
_NO_GAP = text("")


class GrammarTitles:
    """The grammar of a profile, compiled to tables.

    Phrase ids are the same in every place of a title: 0 is silence, then come nouns, colours and units.
    """

    def __init__(self, profile: Profile) -> None:
        grammar = profile.grammar
        if grammar is None:
            raise ValueError("the profile has no grammar")
        self.nouns: list[str] = []
        groups = []
        for kind in profile.kinds.values():
            groups.append([(len(self.nouns) + at, weight) for at, weight in enumerate(kind.nouns.values())])
            self.nouns.extend(kind.nouns)
        self._noun_choices = Choices(groups)
        colours = [each.say or name for name, each in profile.colourways.items()]
        units = list(dict.fromkeys(grammar.all_units()))
        self._first_noun, self._first_colour = 1, 1 + len(self.nouns)
        first_unit = self._first_colour + len(colours)
        id_of_unit = {unit: first_unit + at for at, unit in enumerate(units)}
        phrases = ["", *self.nouns, *colours, *units]
        words: list[Word | None] = [None] * first_unit
        for unit in units:
            does = grammar.units.get(unit)
            words.append(
                Word.model_construct(
                    say={unit: 1.0}, effect=does.effect if does else 0.0, draw=does.draw if does else {}
                )
            )
        patterns = [pattern.split(" ") for pattern in grammar.patterns.weights]
        self._places = max(map(len, patterns))
        said = Said(phrases, words, phrases)
        self.slots: Mapping[str, Said] = {str(at + 1): said for at in range(self._places)}
        classes = list(grammar.classes)
        number = {name: at + 1 for at, name in enumerate(classes)} | {NOUN: _NOUN, COLOUR: _COLOUR}
        self._classes_of = np.full((len(patterns), self._places), _NONE, dtype=np.int32)
        for at, pattern in enumerate(patterns):
            self._classes_of[at, : len(pattern)] = [number[name] for name in pattern]
        id_of_pattern = {name: at for at, name in enumerate(grammar.patterns.weights)}
        self._tables = _Backoff(
            profile,
            [grammar.patterns, *grammar.classes.values()],
            [id_of_pattern, *[id_of_unit] * len(classes)],
            phrases,
        )
        self._fragments = _fragments(phrases)
        self._keys = keys_of(phrases)
        self._slug_by_parts = all(_adds_up(each) for each in phrases[1:])

    def draw(self, shelf: I32, kind: I32, uniforms: Uniforms) -> dict[str, I32]:
        """Phrase ids (int32, per row) of each place, of ``"noun"`` and of ``"pattern"``.

        A colour is silent until :meth:`in_colours`.
        """
        nothing = np.zeros(len(kind), dtype=np.int32)
        pattern = self._tables.draw(nothing, shelf, kind, nothing, uniforms(PATTERN))
        noun = self._noun_choices.draw(kind, uniforms(NOUN))
        drawn = {PATTERN: pattern, NOUN: noun}
        before = nothing
        for at in range(self._places):
            which = self._classes_of[pattern, at]
            ids = np.where(which == _NOUN, noun + np.int32(self._first_noun), np.int32(SILENT))
            mine = np.flatnonzero(which > 0)
            if len(mine):
                u = uniforms(f"unit {at + 1}")[mine]
                ids[mine] = self._tables.draw(which[mine], shelf[mine], kind[mine], before[mine], u)
            drawn[str(at + 1)] = ids
            before = np.where(ids == SILENT, before, ids)
        return drawn

    def in_colours(self, phrases: Mapping[str, I32], colourway: I32) -> dict[str, I32]:
        """The phrases with the colourways of the rows in the places for a colour."""
        said = dict(phrases)
        for at in range(self._places):
            here = self._classes_of[phrases[PATTERN], at] == _COLOUR
            if here.any():
                colour = colourway + np.int32(self._first_colour)
                said[str(at + 1)] = np.where(here, colour, said[str(at + 1)]).astype(np.int32)
        return said

    def keys(self, phrases: Mapping[str, I32]) -> U64:
        """A number for each title (uint64) that depends on its words alone, not on their order."""
        key = np.zeros(len(phrases[NOUN]), dtype=np.uint64)
        for at in self.slots:
            key = key + self._keys[phrases[at]]
        return key

    def compose(self, phrases: Mapping[str, I32]) -> pa.Array:
        """The titles (Arrow string) of rows with the given phrase ids."""
        return self._join([each.title for each in self._fragments], phrases)

    def slugs(self, phrases: Mapping[str, I32]) -> pa.Array | None:
        """The slugs of the same titles, from the slugs of their units; None where those do not add up."""
        return self._join([each.slug for each in self._fragments], phrases) if self._slug_by_parts else None

    def _join(self, fragments: Sequence[pa.Array], phrases: Mapping[str, I32]) -> pa.Array:
        first, later = fragments
        said = [(later if at else first).take(numbers(phrases[str(at + 1)])) for at in range(self._places)]
        return pc.binary_join_element_wise(*said, _NO_GAP)


class _Backoff:
    """Draws with contexts: for each row, the first context's table that it has and that its number takes."""

    def __init__(
        self,
        profile: Profile,
        draws: Sequence[Draws],
        ids: Sequence[Mapping[str, int]],
        before: Sequence[str],
    ) -> None:
        """``ids``: the id of every option of each draw; ``before``: all units, by phrase id."""
        kinds = list(profile.kinds)
        at_kind = {name: at for at, name in enumerate(kinds)}
        cells = [
            (at, at_kind[name], shelf.path, name)
            for at, shelf in enumerate(profile.shelves)
            for name in shelf.kinds
        ]
        self._cell_shelf = np.array([shelf for shelf, *_ in cells])
        self._cell_kind = np.array([kind for _, kind, *_ in cells])
        keys: dict[tuple[str, ...], list[str]] = {}
        levels = max(len(each.contexts) for each in draws)
        shape = (len(draws), len(profile.shelves), len(kinds))
        self._of_cell = [np.full(shape, _NONE, dtype=np.int32) for _ in range(levels)]
        self._of_before = [np.full((len(draws), len(before)), _NONE, dtype=np.int32) for _ in range(levels)]
        groups: list[list[tuple[int, float]]] = []
        shares: list[float] = []
        base = []

        def group(weights: Mapping[str, float], share: float, known: Mapping[str, int]) -> int:
            groups.append([(known[option], weight) for option, weight in weights.items()])
            shares.append(share)
            return len(groups) - 1

        for which, (each, known) in enumerate(zip(draws, ids, strict=True)):
            base.append(group(each.weights, 1.0, known))
            for level, context in enumerate(each.contexts):
                found = {
                    key: group(table.weights, table.share, known) for key, table in context.tables.items()
                }
                if context.by == ("before",):
                    self._of_before[level][which] = [found.get(unit, _NONE) for unit in before]
                    continue
                names = keys.setdefault(context.by, [_key(context, path, kind) for *_, path, kind in cells])
                of_cell = [found.get(name, _NONE) for name in names]
                self._of_cell[level][which, self._cell_shelf, self._cell_kind] = of_cell
        self._base = np.array(base, dtype=np.int32)
        self._share = np.array(shares)
        self._choices = Choices(groups)

    def draw(self, which: I32, shelf: I32, kind: I32, before: I32, u: F64) -> I32:
        """Options (int32) of some rows; ``which``: the draw of each, ``u``: one uniform each."""
        group, rest = self._base[which], u.copy()
        is_open = np.ones(len(rest), dtype=bool)
        for of_cell, of_before in zip(self._of_cell, self._of_before, strict=True):
            here = np.maximum(of_cell[which, shelf, kind], of_before[which, before])
            share = np.where(here >= 0, self._share[here], 0.0)
            taken = is_open & (rest < share)
            passed = is_open & ~taken
            group = np.where(taken, here, group)
            # What is left of the number is uniform again.
            rest[taken] /= share[taken]
            rest[passed] = (rest[passed] - share[passed]) / (1 - share[passed])
            is_open = passed
        return self._choices.draw(group, np.minimum(rest, np.nextafter(1.0, 0.0)))


def _key(context: Context, path: Sequence[str], kind: str) -> str:
    """The name of a context's table for a shelf and a kind; a level that the shelf lacks is empty."""
    values = []
    for key in context.by:
        level = int(key.removeprefix("level ")) if key.startswith("level ") else 0
        values.append(kind if not level else path[level - 1] if level <= len(path) else "")
    return BETWEEN.join(values)


def _fragments(phrases: Sequence[str]) -> tuple[Fragments, Fragments]:
    """The phrases at the beginning of a title, and after another."""
    first = Fragments(texts(list(phrases)), texts([slug(each) for each in phrases]))
    later = [(with_gap(each), f"-{slug(each)}") if each else ("", "") for each in phrases]
    return first, Fragments(texts([title for title, _ in later]), texts([slugged for _, slugged in later]))


def _adds_up(phrase: str) -> bool:
    """Whether the slug of a title has the slug of a unit between two hyphens."""
    plain = slug(phrase)
    return (
        bool(plain)
        and with_gap(phrase) != phrase
        and not (
            phrase.lower().startswith("and ") or phrase.lower().endswith(" and") or phrase.lower() == "and"
        )
    )


@dataclass(frozen=True)
class GrammarReader:
    """Reads titles back: the inverse of the grammar, from the profile's words, not from the tables.

    Patterns and units are read in any context, since what holds everywhere is drawn in all of them.
    """

    grammar: Grammar
    kinds: Mapping[str, frozenset[str]]
    colours: Mapping[str, frozenset[str]]
    units: Mapping[str, frozenset[str]]
    patterns: _Tree

    @classmethod
    def of(cls, profile: Profile) -> GrammarReader:
        """The reader of a profile's grammar."""
        grammar = profile.grammar
        if grammar is None:
            raise ValueError("the profile has no grammar")
        says = {name: each.say or name for name, each in profile.colourways.items()}
        tree = _Tree({}, False)
        for pattern in grammar.patterns.possible():
            at = tree
            for name in pattern.split(" "):
                at = at.next.setdefault(name, _Tree({}, False))
            at.ends = True
        return cls(
            grammar,
            {
                name: frozenset(noun for noun, weight in kind.nouns.items() if weight > 0)
                for name, kind in profile.kinds.items()
            },
            {
                name: frozenset(
                    says[each] for each, weight in profile.palettes[kind.palette].items() if weight > 0
                )
                for name, kind in profile.kinds.items()
            },
            {name: frozenset(drawn.possible()) for name, drawn in grammar.classes.items()},
            tree,
        )

    def readings(self, title: str, kind: str) -> Iterator[dict[str, str]]:
        """Every way of reading a title of a kind: place ("1", "2" ...) -> unit, and ``"noun"``."""

        def read(rest: str, tree: _Tree, said: dict[str, str]) -> Iterator[dict[str, str]]:
            if not rest:
                if tree.ends:
                    yield said
                return
            place = str(sum(key != NOUN for key in said) + 1)
            for unit, end in _beginnings(rest, first=not said):
                for name, after in tree.next.items():
                    if unit in self._known(name, kind):
                        more = {place: unit, NOUN: unit} if name == NOUN else {place: unit}
                        yield from read(rest[end:], after, {**said, **more})

        yield from read(title, self.patterns, {})

    def _known(self, name: str, kind: str) -> frozenset[str]:
        if name == NOUN:
            return self.kinds[kind]
        return self.colours[kind] if name == COLOUR else self.units[name]


@dataclass
class _Tree:
    """Patterns by their beginnings; ``ends``: whether one ends here."""

    next: dict[str, _Tree]
    ends: bool


def _beginnings(rest: str, first: bool) -> Iterator[tuple[str, int]]:
    """What may be the next unit of a title, and where it ends: up to a blank or a mark that closes a word."""
    start = 0 if first or with_gap(rest) == rest else 1
    if start and (not rest.startswith(" ") or with_gap(rest[1:]) == rest[1:]):
        return
    for end in range(start + 1, len(rest) + 1):
        if end == len(rest) or rest[end] == " " or with_gap(rest[end:]) == rest[end:]:
            yield rest[start:end], end
