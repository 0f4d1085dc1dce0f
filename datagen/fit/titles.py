"""The section ``grammar``: patterns and units of the titles of a catalogue, pseudonyms for rare words."""

from __future__ import annotations

from bisect import bisect
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import accumulate, pairwise
from typing import Any

from datagen.fit.backoff import By, Seen, fit_draws
from datagen.fit.catalogue import Family
from datagen.fit.classes import NOUN_MARK, classes_of
from datagen.fit.looks_of_units import drawn_by
from datagen.fit.pseudonyms import Pseudonyms
from datagen.fit.title_units import COLOUR_MARK
from datagen.product.grammar import COLOUR, LONGEST_PATTERN, NOUN
from datagen.schemas.keyed import uniforms

CLASSES = 14
MOST_PATTERNS = 400
MOST_TIMES = 4
LEAST_IN_CONTEXT = 2
"""How often a context must have shown an option for its table to hold it, where there is a guard."""

MOST_PATTERNS = 400
MOST_TIMES = 4
DISCOUNT = 0.7
"""What is taken off every count in a context, where nothing is guarded."""


def fit_grammar(
    families: Sequence[Family],
    kinds: Sequence[str],
    noun_of: Mapping[str, str],
    min_count: int,
    effects: Mapping[str, float],
) -> dict[str, Any]:
    """The plain data of :class:`datagen.product.grammar.Grammar`; ``kinds``: the kind of each family.

    ``noun_of``: how each noun is said; ``effects``: what some units add to the log price. Units that are
    rarer than ``min_count`` are replaced.
    """
    counts = Counter(unit for family in families for unit in set(family.units))
    class_of = classes_of([family.units for family in families], counts, CLASSES)
    said = said_as(counts, min_count)
    name_of = _names(class_of, counts, said, min_count)
    # A title that comes in several colours is that many rows.
    order = [at for at, family in enumerate(families) for _ in family.colours[:MOST_TIMES]]
    families, kinds = [families[at] for at in order], [kinds[at] for at in order]
    depth = len(families[0].path)
    levels = {f"level {at + 1}": [family.path[at] for family in families] for at in range(depth)}
    least_count, least = (LEAST_IN_CONTEXT, min_count) if min_count > 1 else (1, 1)
    patterns = [" ".join(_class(unit, class_of, name_of) for unit in family.units) for family in families]
    seen = Seen(patterns, {**levels, "kind": list(kinds)})
    grammar: dict[str, Any] = {
        "patterns": fit_draws(seen, _orders(depth, with_before=False), least_count, least),
        "classes": {},
    }
    if min_count > 1:
        _fold_patterns(grammar["patterns"], min_count)
    drawn: dict[str, tuple[list[str], list[str], list[int]]] = {
        name: ([], [], []) for name in name_of.values()
    }
    for at, family in enumerate(families):
        before = ""
        for unit in family.units:
            if unit not in {NOUN_MARK, COLOUR_MARK}:
                options, befores, rows = drawn[name_of[class_of[unit]]]
                options.append(said[unit])
                befores.append(before)
                rows.append(at)
                before = said[unit]
            elif unit == NOUN_MARK:
                before = noun_of[family.noun]
    used = {name for pattern in grammar["patterns"]["weights"] for name in pattern.split(" ")}
    for name, (options, befores, rows) in drawn.items():
        if name in used:
            contexts = {key: [values[at] for at in rows] for key, values in levels.items()}
            seen = Seen(options, {**contexts, "kind": [kinds[at] for at in rows], "before": befores})
            grammar["classes"][name] = fit_draws(seen, _orders(depth, with_before=True), least_count, least)
    known = {unit: drawn_by(unit) for unit in said if said[unit] == unit}
    effect_of = {unit: round(effect, 3) for unit, effect in effects.items() if abs(effect) >= 0.01}
    grammar["units"] = {
        said[unit]: {
            **({"effect": effect_of[unit]} if unit in effect_of else {}),
            **({"draw": known[unit]} if known.get(unit) else {}),
        }
        for unit in said
        if unit in effect_of or known.get(unit)
    }
    return grammar


def _class(unit: str, class_of: Mapping[str, int], name_of: Mapping[int, str]) -> str:
    if unit == NOUN_MARK:
        return NOUN
    return COLOUR if unit == COLOUR_MARK else name_of[class_of[unit]]


def said_as(counts: Counter[str], min_count: int) -> dict[str, str]:
    """How each unit is said: itself, or its pseudonym where it is rare."""
    units = [unit for unit in counts if unit not in {NOUN_MARK, COLOUR_MARK}]
    known = [unit for unit in units if counts[unit] >= min_count]
    rare = sorted(unit for unit in units if counts[unit] < min_count)
    words = [word for unit in known for word in unit.split()]
    pseudonyms = Pseudonyms(words, [word for unit in units for word in [unit, *unit.split()]])
    return {**{unit: unit for unit in known}, **{unit: pseudonyms.of(unit) for unit in rare}}


def _names(
    class_of: Mapping[str, int], counts: Counter[str], said: Mapping[str, str], min_count: int
) -> dict[int, str]:
    """A class is called after its most frequent unit."""
    names: dict[int, str] = {}
    taken: set[str] = {NOUN, COLOUR}
    for unit in sorted(class_of, key=lambda unit: (-counts[unit], unit)):
        number = class_of[unit]
        if number not in names:
            letters = "".join(each if each.isalnum() else "_" for each in said[unit])[:40].strip("_")
            name = f"like_{letters or 'mark'}"
            while name in taken:
                name += "_"
            names[number] = name
            taken.add(name)
    return names


def _orders(depth: int, *, with_before: bool) -> list[list[By]]:
    """The orders of contexts to choose from, narrow ones first."""
    levels = [f"level {at + 1}" for at in range(depth)]
    last = levels[-1]
    orders: list[list[By]] = [
        [("kind",)],
        [(last, "kind"), ("kind",)],
        [(last, "kind"), (last,), ("kind",)],
        [(last, "kind"), ("kind",), (last,)],
        [(last,), ("kind",)],
        [("kind",), (last,)],
    ]
    if depth > 1:
        orders += [
            [(last, "kind"), (last,), (levels[0], "kind"), ("kind",)],
            [(*levels, "kind"), (last, "kind"), (last,), (levels[0], "kind"), ("kind",)],
        ]
    if with_before:
        orders += [[("before",), *order] for order in orders] + [[*order, ("before",)] for order in orders]
    return orders


def _fold_patterns(patterns: dict[str, Any], min_count: int) -> None:
    """In the place of patterns that few titles have come others that go from class to class as those do.

    A context's table loses the share that these had in it, so that their place is taken there too.
    """
    weights = patterns["weights"]
    kept = {pattern: count for pattern, count in weights.items() if count >= min_count}
    rare = {pattern: count for pattern, count in weights.items() if count < min_count}
    patterns["weights"] = {**kept, **_alike(rare, kept)} or dict(list(weights.items())[:1])
    for context in patterns["contexts"]:
        for key in list(context["tables"]):
            table = context["tables"][key]
            left = {name: weight for name, weight in table["weights"].items() if name in kept}
            table["share"] = round(table["share"] * sum(left.values()) / sum(table["weights"].values()), 3)
            table["weights"] = left
            if not left:
                del context["tables"][key]
    patterns["contexts"] = [context for context in patterns["contexts"] if context["tables"]]


def _alike(rare: Mapping[str, int], kept: Mapping[str, int]) -> dict[str, int]:
    """Patterns drawn from the steps between neighbouring classes of some others, as many as there were."""
    steps: dict[str, Counter[str]] = {}
    for pattern, count in rare.items():
        names = ["", *pattern.split(" "), ""]
        for before, after in pairwise(names):
            steps.setdefault(before, Counter())[after] += count
    options = {
        name: (sorted(counts), [counts[each] for each in sorted(counts)]) for name, counts in steps.items()
    }
    found: Counter[str] = Counter()
    total = min(sum(rare.values()), 2000)
    for at in range(4 * total):
        names = []
        for u in uniforms(0, "patterns", at, LONGEST_PATTERN + 1):
            known, weights = options[names[-1] if names else ""]
            bounds = list(accumulate(weights))
            name = known[bisect(bounds, u * bounds[-1])]
            if not name:
                break
            names.append(name)
        pattern = " ".join(names)
        fits = len(names) <= LONGEST_PATTERN and names.count(NOUN) == 1 and names.count(COLOUR) <= 1
        if fits and pattern not in kept:
            found[pattern] += 1
        if found.total() >= total:
            break
    return dict(found.most_common(MOST_PATTERNS))
