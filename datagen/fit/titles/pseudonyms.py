"""Made-up words in the place of rare ones, in the look of the frequent ones.

A word that few titles have could be looked up in a profile to learn that a certain product was in the rows.
Pseudonyms keep how much is said in rare words, where enough products say some, and how often one recurs. They
stand for all rare words together: none has the letters, the length or the form of a single one.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import count
from typing import Any

import numpy as np

from datagen.fit.folding import frequent, products_with, rounded
from datagen.fit.titles.backoff import RARE
from datagen.fit.titles.units import tokens_of
from datagen.schemas.keyed import uniforms

_EDGE = "\0"
_TRIES = 20
_SHORTEST, _LONGEST = 2, 14
"""Letters of a pseudonym, at least, and more or less at most."""

_BESIDE = 1
"""Letters by which one may be longer or shorter than was meant, so that it ends as words end."""

_DRAFTS = 40
_LOOSE = 0.3
"""How often a letter follows from the two before it rather than from three: what makes words new."""

_ANY = (["a", "e", "o"], np.array([1, 2, 3]))
_KEPT = "\x01"
"""Stands on both sides of a word of a form that is said as it is."""
_PARTS = re.compile(r"\x01[^\x01]*\x01|[^\W\d_]+|\d+|[^\w\x01]+|_+")

Letters = dict[str, tuple[list[str], Any]]
"""What letters come after some others, and the running sums of their counts; the edge sorts first."""


class Pseudonyms:
    """Invents words letter by letter, each after the three or two before it, as in the words of a catalogue.

    A draft counts only if it ends where words end, with about as many letters as words have.
    """

    def __init__(
        self,
        words: Mapping[str, int],
        taken: Iterable[str],
        rare: Sequence[tuple[str, int]] = (),
        min_count: int = 1,
    ) -> None:
        """``words``: frequent words and their counts, whose look is imitated; ``taken``: not to come out.

        ``rare``: rare words, each with a product that says it. Of these, only letters that ``min_count``
        products have in such an order count, and lengths that as many have.
        """
        self._taken = {word.casefold() for word in taken}
        self._frequent = {word for word in words if word.isalpha()}
        plain = {_letters(word) for word in words}
        spelt = [(_letters(word), product) for word, product in rare]
        self._after = {size: _after(plain, spelt, size, min_count) for size in (3, 2, 1)}
        lengths: Counter[int] = Counter()
        for word, many in words.items():
            lengths[_long(word)] += many if word.isalpha() else 0
        alike = frequent([_long(word) for word, _ in spelt if word], [p for w, p in spelt if w], min_count)
        if alike:
            lengths = Counter(_long(word) for word, _ in spelt if word and _long(word) in alike)
        self._lengths = sorted(lengths) or [_SHORTEST + 2]
        self._lengths_to = np.cumsum([rounded(lengths[long], min_count) for long in self._lengths] or [1])
        self._number = 0

    def stand_in(self, drawn: dict[str, Any], rare: Sequence[tuple[str, int]], min_count: int) -> None:
        """Put pseudonyms in the place of RARE in the weights and tables of a grammar's draws.

        ``rare``: the units that they stand for, a row each, and the products of those rows.
        """
        if not rare:
            return
        forms = forms_of(rare, min_count, self._frequent)
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
            numbers = _numbers(self._number)
            made = "".join(self._part(part, numbers) for part in _PARTS.findall(form))
            if made.casefold() not in self._taken:
                self._taken.add(made.casefold())
                return made
        return made + "".join(chr(97 + int(26 * next(numbers))) for _ in range(3))

    def _part(self, part: str, numbers: Iterator[float]) -> str:
        """A word, a number of as many digits, or a mark or a frequent word, which stays."""
        if part.startswith(_KEPT):
            return part.strip(_KEPT)
        if part.isdigit():
            return str(1 + int(9 * next(numbers))) + "".join(str(int(10 * next(numbers))) for _ in part[1:])
        if not part.isalpha():
            return part
        bounds = self._lengths_to
        long = self._lengths[int(np.searchsorted(bounds, next(numbers) * bounds[-1], side="right"))]
        if len(part) == 1:
            return self._forced(0, numbers).upper()
        drafts = (self._draft(long, numbers) for _ in range(_DRAFTS))
        word = next((draft for draft in drafts if draft and draft not in self._taken), "")
        word = word or self._forced(long, numbers)
        return {"AA": word.upper(), "Aa": word.capitalize()}.get(part, word)

    def _draft(self, long: int, numbers: Iterator[float]) -> str:
        """A word that ends as words do, with about so many letters; empty where it came out otherwise."""
        word = ""
        while len(word) <= long + _BESIDE:
            size = 2 if next(numbers) < _LOOSE else 3
            before = (_EDGE * 3 + word)[-size:]
            known = self._after[size].get(before) or self._after[2].get(before[-2:])
            letters, bounds = known or ([_EDGE], np.array([1]))
            letter = letters[int(np.searchsorted(bounds, next(numbers) * bounds[-1], side="right"))]
            if letter == _EDGE:
                return word if abs(len(word) - long) <= _BESIDE else ""
            word += letter
        return ""

    def _forced(self, long: int, numbers: Iterator[float]) -> str:
        """A word of about so many letters, whether words end so or not."""
        word = ""
        while len(word) < long + _BESIDE:
            before = (_EDGE * 2 + word)[-2:]
            letters, bounds = self._after[2].get(before) or self._after[1].get(before[-1]) or _ANY
            if len(word) >= max(2, long - _BESIDE) and letters[0] == _EDGE:
                break
            # The edge sorts first: what comes after it goes on.
            begin = bounds[0] if letters[0] == _EDGE else 0
            if begin == bounds[-1]:
                (letters, bounds), begin = _ANY, 0
            at = begin + next(numbers) * (bounds[-1] - begin)
            word += letters[int(np.searchsorted(bounds, at, side="right"))]
        return word


def share_of_rare_words(titles: Sequence[str | None], products: Sequence[int], min_count: int) -> float:
    """The share of words that fewer than ``min_count`` products have, each counted once a product.

    >>> share_of_rare_words(["Oak Table", "Oak Chair", "Oak Chair 2"], [1, 2, 2], 2)
    0.5
    """
    said = {
        (word, product)
        for title, product in zip(titles, products, strict=True)
        for word in tokens_of(title or "")
        if any(map(str.isalpha, word))
    }
    of = Counter(word for word, _ in said)
    return sum(of[word] < min_count for word, _ in said) / max(1, len(said))


def _letters(word: str) -> str:
    return "".join(each for each in word.casefold() if each.isalpha())


def _long(word: str) -> int:
    return min(max(len(word), _SHORTEST), _LONGEST)


def _after(plain: Iterable[str], rare: Sequence[tuple[str, int]], size: int, min_count: int) -> Letters:
    """What comes after so many letters: in each of some words, and in rare ones of enough products."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for word in sorted(plain):
        for before, letter in _steps(word, size):
            counts[before][letter] += 1
    steps = [(step, product) for word, product in rare for step in _steps(word, size)]
    for (before, letter), many in products_with(
        [step for step, _ in steps], [product for _, product in steps]
    ).items():
        if many >= min_count:
            counts[before][letter] += rounded(many, min_count)
    return {
        before: (sorted(its), np.cumsum([its[letter] for letter in sorted(its)]))
        for before, its in counts.items()
    }


def _steps(word: str, size: int) -> list[tuple[str, str]]:
    letters = _EDGE * size + word + _EDGE
    return [(letters[at - size : at], letters[at]) for at in range(size, len(letters))] if word else []


def _numbers(key: int) -> Iterator[float]:
    """Uniforms without end."""
    for block in count():
        yield from uniforms(key, "pseudonym", block, 256).tolist()


def form_of(unit: str, frequent_words: Collection[str] = ()) -> str:
    """How a unit is written: words as Aa, AA or aa, one capital as A, digits as 9, marks as they are.

    Those of ``frequent_words`` stay what they are.

    >>> form_of("Vibram-Sole X200")
    'Aa-Aa A999'
    """
    return "".join(
        f"{_KEPT}{part}{_KEPT}" if part in frequent_words else _form(part) for part in _PARTS.findall(unit)
    )


def _form(part: str) -> str:
    if part.isdigit():
        return "9" * len(part)
    if not part.isalpha():
        return part
    if part.isupper():
        return "AA" if len(part) > 1 else "A"
    return "Aa" if part[0].isupper() else "aa"


def forms_of(
    rare: Sequence[tuple[str, int]], min_count: int, frequent_words: Collection[str] = ()
) -> dict[str, int]:
    """The forms that enough products with rare units have, and in how many rows.

    A form may hold some of ``frequent_words``, as that of "'The Pollex'" holds "The". Other units have the
    form of so many plain words; where nothing is of enough products, one plain word.
    """
    begins = [next(filter(str.isalpha, unit), "").isupper() for unit, _ in rare]
    plain = "Aa" if sum(begins) * 2 > len(rare) else "aa"
    products = [product for _, product in rare]
    forms = [form_of(unit, frequent_words) for unit, _ in rare]
    enough = frequent(forms, products, min_count)
    forms = [form if form in enough else form_of(unit) for form, (unit, _) in zip(forms, rare, strict=True)]
    enough = frequent(forms, products, min_count)
    forms = [form if form in enough else " ".join([plain] * len(form.split())) for form in forms]
    enough = frequent(forms, products, min_count)
    counts = Counter(form if form in enough else plain for form in forms)
    return {form: rounded(many, min_count) for form, many in sorted(counts.items())} or {plain: 1}
