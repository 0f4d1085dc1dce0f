"""Titles as sequences of units: words, names of several words, marks; and where colour and noun stand.

Nothing here knows a language, except for the list of colour words that pictures need anyway.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from datagen.fit.looks.colours import JOINERS, is_colour
from datagen.product.grammar import COLOUR, LONGEST_PATTERN, joined
from datagen.schemas.keyed import F64, I64

_END = r"(?=[,;:](?:\s|$)|\s|$)"
_ENCLOSED = "|".join(
    rf"{before}[^\s{before}{after}](?:[^{before}{after}]|(?<=\w){after}(?=\w)){{0,40}}{after}"
    for before, after in (
        ("'", "'"),
        ('"', '"'),
        ("‘", "’"),
        ("“", "”"),
        ("«", "»"),
        (r"\(", r"\)"),
        (r"\[", r"\]"),
    )
)
_TOKEN = re.compile(rf"(?:{_ENCLOSED}){_END}|[,;:](?=\s|$)|\S+?{_END}")
"""What quotation marks or brackets enclose is one token: its parts elsewhere would leave them open."""

STRONG = 0.5
"""Two words are one unit where either comes with the other this often, and the other not much less."""

SEEN_TOGETHER = 4
"""Titles in which two words must stand side by side before they may be one unit."""

COMMON_COLOURS = 0.1
"""Share of titles that must say a colour for colours to be a class of their own."""


@dataclass
class Tokens:
    """A title cut into units; ``colour`` is how it says its colour, "" where it does not.

    In ``units`` the colour is the one entry that equals COLOUR's mark.
    """

    units: list[str]
    colour: str = ""


COLOUR_MARK = "\0" + COLOUR


def tokens_of(title: str) -> list[str]:
    """The words and marks of a title; too long a title is truncated.

    >>> tokens_of("Bolt M8 x 40 mm, zinc-plated")
    ['Bolt', 'M8', 'x', '40', 'mm', ',', 'zinc-plated']
    >>> tokens_of("Clogs 'The Pollex' '07 (pack of 3)")
    ['Clogs', "'The Pollex'", "'07", '(pack of 3)']
    """
    tokens = _TOKEN.findall(" ".join(title.split()))
    return tokens[:LONGEST_PATTERN]


def cut(titles: Sequence[str], together: int = SEEN_TOGETHER) -> list[Tokens]:
    """All titles of a catalogue, cut into units."""
    plain = [tokens_of(title) for title in titles]
    coloured = [_with_colour(tokens) for tokens in plain]
    if sum(bool(each.colour) for each in coloured) < COMMON_COLOURS * len(titles):
        coloured = [Tokens(tokens) for tokens in plain]
    else:
        _further_colours(coloured)
    _join_words(coloured, together)
    return coloured


def _with_colour(tokens: list[str]) -> Tokens:
    """The first colour of a title, several colours with what joins them being one: "Black & Off-White"."""
    start = next((at for at, token in enumerate(tokens) if is_colour(token)), None)
    if start is None or len(tokens) == 1:
        return Tokens(tokens)
    end = start + 1
    while end < len(tokens):
        if is_colour(tokens[end]):
            end += 1
        elif tokens[end].casefold() in JOINERS and end + 1 < len(tokens) and is_colour(tokens[end + 1]):
            end += 2
        else:
            break
    if end - start == len(tokens):
        return Tokens(tokens)
    return Tokens([*tokens[:start], COLOUR_MARK, *tokens[end:]], joined(tokens[start:end]))


def _further_colours(titles: list[Tokens]) -> None:
    """Words that stand where others say a colour, and hardly anywhere else, are colours too."""
    places = Counter(_place(each.units, COLOUR_MARK) for each in titles if each.colour)
    place, count = places.most_common(1)[0]
    if count < 0.5 * sum(places.values()):
        return
    there: Counter[str] = Counter()
    anywhere: Counter[str] = Counter()
    for each in titles:
        anywhere.update(each.units)
        if not each.colour and len(each.units) > 1:
            there[each.units[place]] += 1
    known = {
        word
        for word, count in there.items()
        if count >= 10 and count >= 0.9 * anywhere[word] and not any(letter.isdigit() for letter in word)
    }
    for each in titles:
        if not each.colour and len(each.units) > 1 and each.units[place] in known:
            each.colour, each.units[place] = each.units[place], COLOUR_MARK


def _place(units: list[str], unit: str) -> int:
    """Where a unit stands: 0 the first, 1 the second, -1 the last place."""
    at = units.index(unit)
    return at if at < 2 or at != len(units) - 1 else -1


def _join_words(titles: list[Tokens], together: int) -> None:
    """Words that come with one another so often that they are one name: "The North Face", "Air Max"."""
    for _ in range(3):
        words: Counter[str] = Counter()
        pairs: Counter[tuple[str, str]] = Counter()
        for each in titles:
            words.update(each.units)
            pairs.update(zip(each.units, each.units[1:], strict=False))
        last = Counter(each.units[-1] for each in titles if each.units)
        first = Counter(each.units[0] for each in titles if each.units)
        found = {
            pair
            for pair, count in pairs.items()
            if count >= together
            and COLOUR_MARK not in pair
            and not any(word in ",;:" for word in pair)
            and _is_one(count, words[pair[0]], words[pair[1]])
            and (last[pair[1]] < 0.5 * words[pair[1]] or count >= 0.9 * words[pair[1]])
            and (first[pair[0]] < 0.8 * words[pair[0]] or count >= 0.9 * words[pair[0]])
        }
        if not found:
            return
        for each in titles:
            units, at = [], 0
            while at < len(each.units):
                if at + 1 < len(each.units) and (each.units[at], each.units[at + 1]) in found:
                    units.append(f"{each.units[at]} {each.units[at + 1]}")
                    at += 2
                else:
                    units.append(each.units[at])
                    at += 1
            each.units = units


def _is_one(both: int, first: int, second: int) -> bool:
    return max(both / first, both / second) >= STRONG and min(both / first, both / second) >= STRONG / 2


def nouns_of(titles: Sequence[Tokens], categories: Sequence[str], log_price: F64 | None) -> list[int]:
    """Where the noun of each title stands, as an index into its units; -1 where a title has none.

    The noun is the unit at the place whose words tell most about category and price: English says it last,
    other trades first. A title whose word there is rare takes a frequent noun from elsewhere.
    """
    best, best_score = 0, -1.0
    for place in range(len(_PLACES)):
        at = [_PLACES[place](each.units) for each in titles]
        words = [each.units[where] if where >= 0 else "" for each, where in zip(titles, at, strict=True)]
        score = _told(words, categories, log_price)
        if score > best_score + 1e-9:
            best, best_score = place, score
    anchor = [_PLACES[best](each.units) for each in titles]
    counts = Counter(each.units[at] for each, at in zip(titles, anchor, strict=True) if at >= 0)
    everywhere = Counter(unit for each in titles for unit in set(each.units))
    known = {word for word, count in counts.items() if count >= 3 and count >= 0.3 * everywhere[word]}
    return [_noun(each.units, at, known) for each, at in zip(titles, anchor, strict=True)]


def _noun(units: list[str], anchor: int, known: set[str]) -> int:
    """Where the noun is: at its usual place, else the frequent noun nearest to that."""
    if anchor >= 0 and units[anchor] in known:
        return anchor
    others = [(abs(place - anchor), place) for place, unit in enumerate(units) if unit in known]
    if others:
        return min(others)[1]
    if anchor >= 0:
        return anchor
    return next((place for place, unit in enumerate(units) if unit != COLOUR_MARK), -1)  # numbers alone


def _words(units: list[str]) -> list[int]:
    return [
        at
        for at, unit in enumerate(units)
        if unit != COLOUR_MARK
        and any(letter.isalpha() for letter in unit)
        and not any(map(str.isdigit, unit))
    ]


def _last(units: list[str]) -> int:
    found = _words(units)
    return found[-1] if found else -1


def _first(units: list[str]) -> int:
    found = _words(units)
    return found[0] if found else -1


def _second(units: list[str]) -> int:
    found = _words(units)
    return found[min(1, len(found) - 1)] if found else -1


def _before_mark(units: list[str]) -> int:
    """The last word before a comma or a number."""
    end = next(
        (at for at, unit in enumerate(units) if unit in ",;:" or any(map(str.isdigit, unit))), len(units)
    )
    found = [at for at in _words(units) if at < end]
    return found[-1] if found else _last(units)


_PLACES = (_last, _first, _before_mark, _second)


def _told(words: Sequence[str], categories: Sequence[str], log_price: F64 | None) -> float:
    """How much frequent words tell of category (uncertainty coefficient) and price (R2), rare ones nothing.

    Both are corrected for the number of words, as the adjusted R2 is.
    """
    counts = Counter(words)
    least = max(3, len(words) // 500)
    kept = {word: at for at, word in enumerate(sorted(w for w, c in counts.items() if c >= least and w))}
    if not kept:
        return 0.0
    word = np.array([kept.get(each, len(kept)) for each in words])
    names = {name: at for at, name in enumerate(dict.fromkeys(categories))}
    category = np.array([names[each] for each in categories])
    covered = float((word < len(kept)).mean())
    score = covered * _uncertainty(word, category)
    if log_price is not None:
        known = np.isfinite(log_price)
        score += covered * _explained(word[known], log_price[known])
    return score + 0.2 * covered


def _uncertainty(word: I64, category: I64) -> float:
    table = np.zeros((word.max() + 1, category.max() + 1)) if category.max() < 3000 else None
    if table is None or table.shape[1] < 2:
        return 0.0
    np.add.at(table, (word, category), 1)
    of_category = _entropy(table.sum(axis=0))
    shared = of_category + _entropy(table.sum(axis=1)) - _entropy(table.ravel())
    # Miller and Madow: what independent columns of these numbers would seem to share.
    chance = (np.count_nonzero(table) - table.shape[0] - table.shape[1] + 1) / (2 * len(word))
    return float(max(0.0, (shared - max(chance, 0.0)) / max(of_category, 1e-9)))


def _entropy(counts: F64) -> float:
    share = counts[counts > 0] / counts.sum()
    return float(-(share * np.log(share)).sum())


def _explained(word: I64, log_price: F64) -> float:
    if len(word) < 10 or log_price.var() < 1e-9:
        return 0.0
    counts = np.bincount(word)
    mean = np.bincount(word, log_price) / np.maximum(counts, 1)
    left = float(((log_price - mean[word]) ** 2).sum()) / max(1, len(word) - int(np.count_nonzero(counts)))
    return max(0.0, 1 - left / float(log_price.var(ddof=1)))


def all_units(titles: Iterable[Tokens]) -> Counter[str]:
    """In how many titles each unit is."""
    return Counter(unit for each in titles for unit in set(each.units))
