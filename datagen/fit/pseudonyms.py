"""Made-up words in the place of rare ones: always the same one for the same word, in the look of the others.

A word that few titles have could be looked up in a profile to learn that a certain product was in the rows.
Its pseudonym keeps how often it recurs and where, and tells nothing of its letters.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable

import numpy as np

from datagen.schemas.keyed import uniforms

_EDGE = "\0"
_TRIES = 20


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
        """A pseudonym of a unit of one or several words, with its marks and its capitals; a new one each time."""
        for _ in range(_TRIES):
            self._number += 1
            u = iter(uniforms(0, "pseudonym", self._number, 40 + 2 * len(unit)))
            made = re.sub(r"[^\W\d_]+|\d+", lambda part: self._part(part[0], u), unit)
            if made.casefold() not in self._taken:
                self._taken.add(made.casefold())
                return made
        return made + "".join(chr(97 + int(26 * next(u))) for _ in range(3))

    def _part(self, part: str, u: Iterable[float]) -> str:
        if part.isdigit():
            draws = [next(u) for _ in part]  # type: ignore[call-overload]
            return "".join(str(1 + int(9 * x)) if not at else str(int(10 * x)) for at, x in enumerate(draws))
        if len(part) <= 2:
            return part
        made = _EDGE * 2
        while len(made) - 2 < len(part) + 2:
            options, bounds = (
                self._after.get(made[-2:]) or self._after.get(made[-1:]) or (["e"], np.array([1]))
            )
            letter = options[int(np.searchsorted(bounds, next(u) * bounds[-1], side="right"))]  # type: ignore[call-overload]
            if letter == _EDGE:
                if len(made) - 2 >= max(3, len(part) - 2):
                    break
                made = made[:-1] if len(made) > 3 else made
                if next(u) < 0.3:  # type: ignore[call-overload]
                    made += "a"
                continue
            made += letter
        word = made[2:] or "ano"
        if part.isupper():
            return word.upper()
        return word.capitalize() if part[0].isupper() else word
