"""Made-up words in the place of rare ones: always the same one for the same word, in the look of the others.

A word that few titles have could be looked up in a profile to learn that a certain product was in the rows.
Its pseudonym keeps how often it recurs and where, and tells nothing of its letters.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator

import numpy as np

from datagen.schemas.keyed import uniforms

_EDGE = "\0"
_TRIES = 20
_ANY = (["a", "e", "o"], np.array([1, 2, 3]))
_PARTS = re.compile(r"[^\W\d_]+|\d+|[\W_]+")


class Pseudonyms:
    """Invents words letter by letter, each letter after the two before it as in the words of a catalogue."""

    def __init__(self, words: Collection[str], taken: Iterable[str]) -> None:
        """``words``: frequent words, whose look is imitated; ``taken``: words that must not come out."""
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
        self._number = 0

    def of(self, unit: str) -> str:
        """A pseudonym of a unit of one or several words, with its marks and capitals; a new one each time."""
        for _ in range(_TRIES):
            self._number += 1
            numbers = iter(uniforms(0, "pseudonym", self._number, 60 + 8 * len(unit)).tolist())
            made = "".join(self._part(part, numbers) for part in _PARTS.findall(unit))
            if made.casefold() not in self._taken:
                self._taken.add(made.casefold())
                return made
        return made + "".join(chr(97 + int(26 * next(numbers))) for _ in range(3))

    def _part(self, part: str, numbers: Iterator[float]) -> str:
        """A word or a number of as many letters or digits; short words and marks stay."""
        if part.isdigit():
            return str(1 + int(9 * next(numbers))) + "".join(str(int(10 * next(numbers))) for _ in part[1:])
        if len(part) <= 2 or not part.isalpha():
            return part
        word = ""
        for _ in range(2 * len(part) + 4):
            if len(word) >= len(part) + 2:
                break
            before = (_EDGE * 2 + word)[-2:]
            letters, bounds = self._after.get(before) or self._after.get(before[-1]) or _ANY
            letter = letters[int(np.searchsorted(bounds, next(numbers) * bounds[-1], side="right"))]
            if letter != _EDGE:
                word += letter
            elif len(word) >= max(3, len(part) - 2):
                break
            else:
                word = word[:-1]
        word = word if len(word) > 1 else "ano"
        if part.isupper():
            return word.upper()
        return word.capitalize() if part[0].isupper() else word
