"""The section ``grammar``: patterns and units of the titles of a catalogue, pseudonyms for rare words."""

from __future__ import annotations

from bisect import bisect
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from itertools import accumulate
from typing import Any

from datagen.fit.catalogue import MOST_TIMES, Family
from datagen.fit.folding import frequent, products_with, rounded
from datagen.fit.looks.units import drawn_by
from datagen.fit.titles.backoff import RARE, By, Seen, fit_draws
from datagen.fit.titles.classes import NOUN_MARK, classes_of
from datagen.fit.titles.lengths import fit_lengths
from datagen.fit.titles.pseudonyms import Pseudonyms
from datagen.fit.titles.standing import apart, standing
from datagen.fit.titles.units import COLOUR_MARK
from datagen.product.grammar import BETWEEN, COLOUR, LONGEST_PATTERN, NOUN
from datagen.schemas.keyed import uniforms

CLASSES = 14
MOST_PATTERNS = 400
LIKE_OTHERS = 0.25
"""The share of other kinds' titles whose patterns a kind must have if its rare ones are drawn from all."""

WALKS = 8
"""As many patterns are tried as there are rare ones, so that there are some of each length."""

OTHER_KIND = "other"
"""The kind of all products whose noun is rare."""


def fit_grammar(
    families: Sequence[Family],
    kinds: Sequence[str],
    min_count: int,
    effects: Mapping[str, float],
    pseudonyms: Pseudonyms,
) -> dict[str, Any]:
    """The plain data of :class:`datagen.product.grammar.Grammar`; ``kinds``: the kind of each family.

    ``effects``: what some units add to the log price. Units that fewer than ``min_count`` products have are
    said by ``pseudonyms``.
    """
    counts = products_with_units(families)
    class_of = classes_of([family.units for family in families], counts, CLASSES)
    names = _names(class_of, counts, min_count)
    # A title that comes in several colours is that many rows.
    order = [at for at, family in enumerate(families) for _ in family.colours[:MOST_TIMES]]
    families, kinds = [families[at] for at in order], [kinds[at] for at in order]
    depth = len(families[0].path)
    levels = {f"level {at + 1}": [family.path[at] for family in families] for at in range(depth)}
    patterns = [" ".join(_class(unit, class_of, names) for unit in family.units) for family in families]
    products = [family.product for family in families]
    unlike = apart([standing(family.units) for family in families], kinds, products, min_count)
    grammar: dict[str, Any] = {"patterns": _patterns(patterns, levels, kinds, products, unlike, min_count)}
    used = {name for pattern in grammar["patterns"]["weights"] for name in pattern.split(" ")}
    grammar["classes"] = _classes(families, kinds, class_of, names, counts, min_count, pseudonyms, used)
    known = {unit: drawn_by(unit) for unit, count in counts.items() if count >= min_count}
    effect_of = {unit: round(effect, 2) for unit, effect in effects.items() if abs(effect) >= 0.01}
    grammar["units"] = {
        unit: {
            **({"effect": effect_of[unit]} if unit in effect_of else {}),
            **({"draw": draw} if draw else {}),
        }
        for unit, draw in known.items()
        if unit in effect_of or draw
    }
    return grammar


def _classes(
    families: Sequence[Family],
    kinds: Sequence[str],
    class_of: Mapping[str, int],
    names: Mapping[int, str],
    counts: Counter[str],
    min_count: int,
    pseudonyms: Pseudonyms,
    used: set[str],
) -> dict[str, Any]:
    """What is drawn in the place of each class, rare units by pseudonyms."""
    drawn: dict[str, tuple[list[str], list[str], list[int]]] = {name: ([], [], []) for name in names.values()}
    rare: dict[str, list[tuple[str, int]]] = {name: [] for name in names.values()}
    for at, family in enumerate(families):
        before = ""
        for unit in family.units:
            if unit == NOUN_MARK:
                before = RARE if kinds[at] == OTHER_KIND else family.noun
            elif unit != COLOUR_MARK:
                name = names[class_of[unit]]
                said = unit if counts[unit] >= min_count else RARE
                if said == RARE:
                    rare[name].append((unit, family.product))
                options, befores, rows = drawn[name]
                options.append(said)
                befores.append(before)
                rows.append(at)
                before = said
    depth = len(families[0].path)
    found = {}
    for name, (options, befores, rows) in drawn.items():
        if name not in used:
            continue
        contexts = {f"level {at + 1}": [families[row].path[at] for row in rows] for at in range(depth)}
        contexts |= {"kind": [kinds[row] for row in rows], "before": befores}
        seen = Seen(options, contexts, [families[row].product for row in rows])
        found[name] = fit_draws(seen, _orders(depth, with_before=True), min_count)
        pseudonyms.stand_in(found[name], rare[name], min_count)
    return found


def _patterns(
    patterns: Sequence[str],
    levels: Mapping[str, Sequence[str]],
    kinds: Sequence[str],
    products: Sequence[int],
    unlike: Collection[str],
    min_count: int,
) -> dict[str, Any]:
    """Patterns, those that too few products have by others that go from class to class as those do.

    ``unlike``: kinds whose nouns stand elsewhere; they have patterns of their own only, and others have none
    of theirs.
    """
    own = _own_patterns(patterns, kinds, products, unlike, min_count)
    rest = [at for at, kind in enumerate(kinds) if kind not in own]
    drawn = _shared_patterns(
        [patterns[at] for at in rest],
        {key: [values[at] for at in rest] for key, values in {**levels, "kind": kinds}.items()},
        [products[at] for at in rest],
        min_count,
    )
    known = drawn["weights"]
    if own:
        drawn["contexts"].insert(0, {"by": ["kind"], "tables": own})
        known |= {
            pattern: 0.0 for table in own.values() for pattern in table["weights"] if pattern not in known
        }
    if not any(known.values()):
        drawn["weights"] = dict.fromkeys(known or [NOUN], 1.0)
    fit_lengths(drawn, patterns, {**levels, "kind": kinds}, products, min_count)
    return drawn


def _own_patterns(
    patterns: Sequence[str],
    kinds: Sequence[str],
    products: Sequence[int],
    unlike: Collection[str],
    min_count: int,
) -> dict[str, Any]:
    """The tables of those kinds of ``unlike`` that enough products tell of, for all their titles."""
    tables: dict[str, Any] = {}
    for kind in sorted(unlike):
        rows = [at for at, its in enumerate(kinds) if its == kind]
        its_products = [products[at] for at in rows]
        enough = frequent([patterns[at] for at in rows], its_products, min_count)
        options = [patterns[at] if patterns[at] in enough else RARE for at in rows]
        told = frequent(options, its_products, min_count)
        weights = {
            option: float(rounded(many, min_count))
            for option, many in Counter(options).most_common()
            if option in told
        }
        rare = [
            (patterns[at], products[at]) for at, option in zip(rows, options, strict=True) if option == RARE
        ]
        _replace_rare(weights, rare, min_count, whole=True)
        if any(weights.values()):
            tables[kind] = {"share": 1.0, "weights": weights}
    return tables


def _shared_patterns(
    patterns: Sequence[str],
    contexts: Mapping[str, Sequence[str]],
    products: Sequence[int],
    min_count: int,
) -> dict[str, Any]:
    """The patterns of kinds that may have one another's."""
    if not patterns:
        return {"contexts": [], "weights": {}}
    kinds = contexts["kind"]
    of_kind = frequent(list(zip(kinds, patterns, strict=True)), products, min_count)
    left = [pair not in of_kind for pair in zip(kinds, patterns, strict=True)]
    pooled = frequent(
        [kind for kind, its in zip(kinds, left, strict=True) if its],
        [product for product, its in zip(products, left, strict=True) if its],
        min_count,
    )
    usual = frequent(patterns, products, min_count)
    everywhere, rows_of = Counter(patterns), Counter(kinds)
    own = Counter(zip(kinds, patterns, strict=True))
    like_others: Counter[str] = Counter()
    for kind, pattern in of_kind:
        like_others[kind] += everywhere[pattern] - own[kind, pattern]
    # What a kind has besides is like what there is elsewhere only if the kind is like others at all.
    pooled = {kind for kind in pooled if like_others[kind] < LIKE_OTHERS * (len(patterns) - rows_of[kind])}
    options = [
        RARE if pattern not in usual or (its and kind in pooled) else pattern
        for pattern, kind, its in zip(patterns, kinds, left, strict=True)
    ]
    orders = _orders(len(contexts) - 1, with_before=False)
    drawn = fit_draws(Seen(options, contexts, products), orders, min_count)
    rare = [at for at, option in enumerate(options) if option == RARE]
    known = drawn["weights"]
    _replace_rare(known, [(patterns[at], products[at]) for at in rare], min_count, whole=True)
    for context in drawn["contexts"]:
        rows: dict[str, list[tuple[str, int]]] = {}
        for at in rare:
            key = BETWEEN.join(contexts[by][at] for by in context["by"])
            rows.setdefault(key, []).append((patterns[at], products[at]))
        for key in list(context["tables"]):
            table = context["tables"][key]
            told = sum(table["weights"].values())
            _replace_rare(table["weights"], rows.get(key, []), min_count, whole=False)
            table["share"] = round(table["share"] * sum(table["weights"].values()) / told, 2)
            known |= {pattern: 0.0 for pattern in table["weights"] if pattern not in known}
            if not table["share"]:
                del context["tables"][key]
    drawn["contexts"] = [context for context in drawn["contexts"] if context["tables"]]
    return drawn


def _replace_rare(
    weights: dict[str, float], rare: Sequence[tuple[str, int]], min_count: int, *, whole: bool
) -> None:
    """Put patterns that are like the rare ones in the place of RARE, where there are enough to tell."""
    mass = weights.pop(RARE, 0.0)
    if mass:
        for pattern, weight in _alike(rare, mass, min_count, whole=whole).items():
            weights[pattern] = round(weights.get(pattern, 0.0) + weight, 2)


def _class(unit: str, class_of: Mapping[str, int], name_of: Mapping[int, str]) -> str:
    if unit == NOUN_MARK:
        return NOUN
    return COLOUR if unit == COLOUR_MARK else name_of[class_of[unit]]


def products_with_units(families: Sequence[Family]) -> Counter[str]:
    """In how many products each unit is."""
    pairs = [(unit, family.product) for family in families for unit in family.units]
    return products_with([unit for unit, _ in pairs], [product for _, product in pairs])


def pseudonyms_for(families: Sequence[Family], min_count: int, taken: Collection[str]) -> Pseudonyms:
    """Pseudonyms in the look of the words of a catalogue's titles; ``taken``: what none of them may be."""
    counts = products_with_units(families)
    words: Counter[str] = Counter()
    for unit, count in counts.items():
        if count >= min_count:
            words.update({word: rounded(count, min_count) for word in unit.split() if "\0" not in word})
    rare = [
        (word, family.product)
        for family in families
        for unit in family.units
        if counts[unit] < min_count
        for word in unit.split()
        if word.isalpha()
    ]
    return Pseudonyms(words, taken, rare, min_count)


def _names(class_of: Mapping[str, int], counts: Counter[str], min_count: int) -> dict[int, str]:
    """A class is called after its most frequent unit."""
    names: dict[int, str] = {}
    taken: set[str] = {NOUN, COLOUR}
    for unit in sorted(class_of, key=lambda unit: (-counts[unit], unit)):
        number = class_of[unit]
        if number not in names:
            letters = "".join(each if each.isalnum() else "_" for each in unit)[:40].strip("_")
            name = f"like_{letters or 'mark'}" if counts[unit] >= min_count else "rare"
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
            [(last, "kind"), (levels[0], "kind"), ("kind",)],
            [(last,), (levels[0], "kind"), ("kind",)],
            [(levels[0], "kind"), (last,), ("kind",)],
            [(levels[0], "kind"), ("kind",)],
        ]
    if with_before:
        orders += [[("before",), *order] for order in orders] + [[*order, ("before",)] for order in orders]
    return orders


def _alike(rare: Sequence[tuple[str, int]], mass: float, min_count: int, *, whole: bool) -> dict[str, float]:
    """Patterns drawn from those steps from two classes, or else one, to the next that enough products take.

    ``rare``: the patterns and products of these rows; ``mass``: the weight of all together;
    ``whole``: whether it is all given to the patterns that are found.
    """
    walked = [
        (step, product) for pattern, product in rare for step in [*_steps(pattern), *_steps(pattern, 3)]
    ]
    enough = frequent([step for step, _ in walked], [product for _, product in walked], min_count)
    if not whole:
        # What takes other steps cannot be told here: it is left to the wider contexts.
        mass *= sum(_steps(pattern) <= enough for pattern, _ in rare) / max(1, len(rare))
    steps: dict[tuple[str, ...], Counter[str]] = {}
    for step, _ in walked:
        if step in enough:
            steps.setdefault(step[:-1], Counter())[step[-1]] += 1
    options = {
        pair: (sorted(counts), list(accumulate(counts[each] for each in sorted(counts))))
        for pair, counts in steps.items()
    }
    found: Counter[str] = Counter()
    total = round(min(mass, 1000))
    for at in range(WALKS * total):
        names = ["", ""]
        for u in uniforms(0, "patterns", at, LONGEST_PATTERN + 1):
            known, bounds = options.get((names[-2], names[-1])) or options.get((names[-1],), ([], []))
            if not known:
                names = []
                break
            name = known[bisect(bounds, u * bounds[-1])]
            if not name:
                break
            names.append(name)
        names = names[2:]
        pattern = " ".join(names)
        fits = len(names) <= LONGEST_PATTERN and names.count(NOUN) == 1 and names.count(COLOUR) <= 1
        if fits:
            found[pattern] += 1
    chosen = dict(found.most_common(MOST_PATTERNS))
    scale = mass / max(1, sum(chosen.values()))
    return {pattern: round(count * scale, 2) for pattern, count in chosen.items()}


def _steps(pattern: str, long: int = 2) -> set[tuple[str, ...]]:
    """The stretches of so many classes in a pattern, "" before its beginning and after its end."""
    names = [*[""] * (long - 1), *pattern.split(" "), ""]
    return {tuple(names[at : at + long]) for at in range(len(names) - long + 1)}
