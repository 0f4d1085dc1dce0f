"""Made-up words in the place of rare ones, in the look of the frequent ones.

A word that few titles have could be looked up in a profile to learn that a certain product was in the rows.
Pseudonyms keep how much is said in rare words, where enough products say some, and how often one recurs. They
stand for all rare words together: none has the letters, the length or the form of a single one.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from datagen.fit.folding import frequent, rounded
from datagen.fit.titles.backoff import RARE
from datagen.schemas.keyed import uniforms

_EDGE = "\0"
_TRIES = 20
_SHORTEST, _LONGEST = 2, 14
"""Letters of a pseudonym, at least, and more or less at most."""

_BESIDE = 1
"""Letters by which one may be longer or shorter than was meant, so that it ends as words end."""

_ANY = (["a", "e", "o"], np.array([1, 2, 3]))
_PARTS = re.compile(r"[^\W\d_]+|\d+|[\W_]+")


class Pseudonyms:
    """Invents words letter by letter, each letter after the two before it as in the words of a catalogue."""

    def __init__(self, words: Mapping[str, int], taken: Iterable[str]) -> None:
        """``words``: frequent words and their counts, whose look is imitated; ``taken``: not to come out."""
        self._taken = {word.casefold() for word in taken}
        after: dict[str, Counter[str]] = defaultdict(Counter)
        for word in sorted(words):
            letters = _EDGE * 2 + "".join(each for each in word.casefold() if each.isalpha()) + _EDGE
            for at in range(2, len(letters)):
                after[letters[at - 2 : at]][letters[at]] += 1
                after[letters[at - 1 : at]][letters[at]] += 1
        self._after = {
            before: (sorted(counts), np.cumsum([counts[each] for each in sorted(counts)]))
            for before, counts in after.items()
        }
        lengths: Counter[int] = Counter()
        for word, count in words.items():
            lengths[min(max(len(word), _SHORTEST), _LONGEST)] += count if word.isalpha() else 0
        self._lengths = sorted(lengths) or [_SHORTEST + 2]
        self._lengths_to = np.cumsum([max(1, lengths[long]) for long in self._lengths])
        self._number = 0

    def stand_in(self, drawn: dict[str, Any], rare: Sequence[tuple[str, int]], min_count: int) -> None:
        """Put pseudonyms in the place of RARE in the weights and tables of a grammar's draws.

        ``rare``: the units that they stand for, a row each, and the products of those rows.
        """
        if not rare:
            return
        forms = forms_of(rare, min_count)
        distinct = len({unit for unit, _ in rare}) // min_count * min_count
        recurs = max(1.0, len(rare) / len({unit for unit, _ in rare}))
        groups = [drawn["weights"]]
        groups += [each["weights"] for context in drawn["contexts"] for each in context["tables"].values()]
        for weights in groups:
            mass = weights.pop(RARE, 0)
            if not mass:
                continue
            many = max(1, round(mass / recurs), distinct if weights is drawn["weights"] else 0)
            for each in self.invented(forms, many):
                weights[each] = round(mass / many, 2)
                if weights is not drawn["weights"]:
                    drawn["weights"][each] = 0
        if not any(drawn["weights"].values()):
            drawn["weights"] = dict.fromkeys(drawn["weights"], 1)

    def invented(self, forms: Mapping[str, int], many: int) -> list[str]:
        """So many pseudonyms, of these forms by their weights."""
        names, bounds = list(forms), np.cumsum(list(forms.values()))
        chosen = np.searchsorted(bounds, uniforms(0, "forms", self._number, many) * bounds[-1], side="right")
        return [self.of(names[at]) for at in chosen.tolist()]

    def of(self, form: str) -> str:
        """A pseudonym of a form (see :func:`form_of`), a new one each time."""
        for _ in range(_TRIES):
            self._number += 1
            numbers = iter(uniforms(0, "pseudonym", self._number, 60 + 30 * len(form)).tolist())
            made = "".join(self._part(part, numbers) for part in _PARTS.findall(form))
            if made.casefold() not in self._taken:
                self._taken.add(made.casefold())
                return made
        return made + "".join(chr(97 + int(26 * next(numbers))) for _ in range(3))

    def _part(self, part: str, numbers: Iterator[float]) -> str:
        """A word, a number of as many digits, or a mark, which stays."""
        if part.isdigit():
            return str(1 + int(9 * next(numbers))) + "".join(str(int(10 * next(numbers))) for _ in part[1:])
        if not part.isalpha():
            return part
        bounds = self._lengths_to
        long = self._lengths[int(np.searchsorted(bounds, next(numbers) * bounds[-1], side="right"))]
        word = ""
        while len(word) < long + _BESIDE:
            before = (_EDGE * 2 + word)[-2:]
            letters, bounds = self._after.get(before) or self._after.get(before[-1]) or _ANY
            if len(word) >= max(2, long - _BESIDE) and letters[0] == _EDGE:
                break
            # The edge sorts first: what comes after it goes on.
            begin = bounds[0] if letters[0] == _EDGE else 0
            if begin == bounds[-1]:
                (letters, bounds), begin = _ANY, 0
            at = begin + next(numbers) * (bounds[-1] - begin)
            word += letters[int(np.searchsorted(bounds, at, side="right"))]
        return {"AA": word.upper(), "Aa": word.capitalize()}.get(part, word)


def form_of(unit: str) -> str:
    """How a unit is written: words as Aa, AA or aa, digits as 9, marks as they are.

    >>> form_of("Vibram-Sole X200")
    'Aa-Aa AA999'
    """
    return "".join(_form(part) for part in _PARTS.findall(unit))


def _form(part: str) -> str:
    if part.isdigit():
        return "9" * len(part)
    if not part.isalpha():
        return part
    return "AA" if part.isupper() else "Aa" if part[0].isupper() else "aa"


def forms_of(rare: Sequence[tuple[str, int]], min_count: int) -> dict[str, int]:
    """The forms that enough products with rare units have, and in how many rows.

    Other units have the form of so many plain words; where nothing is of enough products, one plain word.
    """
    plain = "Aa" if sum(unit[0].isupper() for unit, _ in rare) * 2 > len(rare) else "aa"
    products = [product for _, product in rare]
    forms = [form_of(unit) for unit, _ in rare]
    enough = frequent(forms, products, min_count)
    forms = [form if form in enough else " ".join([plain] * len(form.split())) for form in forms]
    enough = frequent(forms, products, min_count)
    counts = Counter(form if form in enough else plain for form in forms)
    return {form: rounded(count, min_count) for form, count in sorted(counts.items())} or {plain: 1}
