"""Title families: which rows carry the same title, or one so near that it would give the answer away.

Rows of one product in several colourways share a title and a price, so a split by row leaks the answers of
one part into another. Two titles are one family where they differ only by

- case, accents, punctuation, hyphens and spaces ("T-shirt", "Tshirt"), the order of the words;
- the plural of a word, a word said twice, small words ("and", "with", "the");
- plain colour words, as long as another word remains: a colourway is no other product;
- one wrong, missing, added or swapped letter in each word of six letters or more, its first letter apart.

A family is all titles that such steps join. A word more or less is *another* family, on purpose: joined at a
word overlap (Jaccard) of 0.75, 60 of the 1,756 titles of 3,040 made rows hang together, and at 0.83 still 299
of the 15,235 titles of 100,000, a chain from bucket bags to messenger bags; with the rule above no family of
either holds more than two titles.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Sequence

import numpy as np

from datagen.schemas.keyed import I64

SMALL = frozenset({"a", "an", "and", "by", "for", "from", "in", "of", "on", "or", "the", "to", "with"})
COLOURS = frozenset(
    {"beige", "black", "blue", "brown", "burgundy", "cream", "gray", "green", "grey", "ivory", "khaki", "tan"}
    | {
        "multicolor",
        "multicolour",
        "navy",
        "off",
        "orange",
        "pink",
        "purple",
        "red",
        "tan",
        "white",
        "yellow",
    }
)
MOST_LETTERS = 1000
"""A longer title is cut here before it is compared."""
SHORTEST_MISSPELT, LONGEST_MISSPELT = 6, 30
"""Letters of a word in which a wrong one is looked for; shorter words ("cap", "cape") differ by meaning."""


def title_families(titles: Sequence[str | None]) -> I64:
    """The family (int64, numbered from 0 in order of first appearance) of each title.

    Titles without a letter, and None, are one family: nobody can tell them apart. Time and memory grow
    with the number of distinct titles, not with its square.
    """
    number: dict[str, int] = {}
    found = [number.setdefault(key, len(number)) for key in title_family_keys(titles)]
    return np.array(found, dtype=np.int64)


def title_family_keys(titles: Sequence[str | None]) -> list[str]:
    """A text for each title that is equal within a family and differs between families.

    It hangs on the set of titles alone, not on their order.
    """
    forms = {title: _words(title) for title in set(titles)}
    spelling = Spelling({word for form in forms.values() for word in form})
    keys = {title: _key(form, spelling) for title, form in forms.items()}
    return [keys[title] for title in titles]


class KnownTitleFamilies:
    """Says whether a title belongs to a family of some known titles, without seeing any other title.

    For rows that come as a stream, and for leaving rows out of training whose title is held out.
    """

    def __init__(self, titles: Iterable[str | None]) -> None:
        forms = [_words(title) for title in set(titles)]
        self._spelling = Spelling({word for form in forms for word in form})
        self._keys = {_key(form, self._spelling) for form in forms}

    def contains(self, title: str | None) -> bool:
        """Whether the title is that of one of the known titles' families."""
        return _key(_words(title), self._spelling) in self._keys


class Spelling:
    """The words of a vocabulary, those that one letter parts taken for one."""

    def __init__(self, vocabulary: Collection[str]) -> None:
        known = sorted(vocabulary)
        self._parent = {word: word for word in known}
        self._wildcards: dict[str, str] = {}
        self._shortened: dict[str, str] = {}
        for word in known:
            for neighbour in self._neighbours(word):
                self._join(word, neighbour)
            for wildcard, shorter in _slips(word):
                self._wildcards.setdefault(wildcard, word)
                self._shortened.setdefault(shorter, word)

    def of(self, word: str) -> str:
        """The word that stands for ``word``: the first, in the alphabet, of those that letters join."""
        if word not in self._parent:
            word = next(self._neighbours(word), word)
        while (above := self._parent.get(word, word)) != word:
            self._parent[word] = word = self._parent[above]
        return word

    def _neighbours(self, word: str) -> Iterator[str]:
        """Known words that one letter parts from ``word``."""
        for wildcard, shorter in _slips(word):
            if wildcard in self._wildcards:
                yield self._wildcards[wildcard]
            if len(shorter) >= SHORTEST_MISSPELT and shorter in self._parent:
                yield shorter
        if _may_be_misspelt(word):
            if word in self._shortened:
                yield self._shortened[word]
            for at in range(1, len(word) - 1):
                swapped = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
                if swapped in self._parent:
                    yield swapped

    def _join(self, word: str, other: str) -> None:
        first, second = sorted((self.of(word), self.of(other)))
        self._parent[second] = first


def _slips(word: str) -> Iterator[tuple[str, str]]:
    """The word with one letter open, and without that letter, for each letter but the first."""
    if _may_be_misspelt(word):
        for at in range(1, len(word)):
            yield f"{word[:at]}?{word[at + 1 :]}", word[:at] + word[at + 1 :]


def _may_be_misspelt(word: str) -> bool:
    return SHORTEST_MISSPELT <= len(word) <= LONGEST_MISSPELT and word.isascii() and word.isalpha()


def _words(title: str | None) -> tuple[str, ...]:
    """The words that tell the product: plain, singular, without small words and colours."""
    plain = unicodedata.normalize("NFKD", (title or "")[:MOST_LETTERS]).casefold()
    plain = "".join(letter for letter in plain if not unicodedata.category(letter).startswith("M"))
    words = re.findall(r"[^\W_]+", re.sub("['\u2019]", "", plain))
    telling = [_singular(word) for word in words if word not in SMALL and word not in COLOURS]
    return tuple(dict.fromkeys(telling or words))


def _singular(word: str) -> str:
    """The word without the ending of an English plural; equal for both numbers is all it must be."""
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    if len(word) > 3 and word.endswith("ie"):
        return word[:-2] + "y"
    if word.endswith(("sse", "che", "she", "xe")):
        return word[:-1]
    if word.endswith(("f", "fe")) and not word.endswith("ff"):
        return word[: word.rindex("f")] + "ve"
    return word


def _key(words: Iterable[str], spelling: Spelling) -> str:
    """All letters in the order of the alphabet, so that spaces and word order are gone; numbers whole."""
    spelt = {spelling.of(word) for word in words}
    numbers = sorted(word for word in spelt if not word.isalpha())
    letters = sorted("".join(word for word in spelt if word.isalpha()))
    return " ".join(["".join(letters), *numbers])
