"""Title families: rows that have the same title, or titles so similar that one gives the other away.

Rows of one product in several colourways share a title and a price, so a split by row would leak the
answers of one part into another. Two titles belong to one title family if they differ only by

- case, accents, punctuation, hyphens and spaces ("T-shirt", "Tshirt"), the order of the words;
- the plural of a word, a repeated word, small words ("and", "with", "the");
- plain colour words, as long as another word remains: a colourway is not another product;
- one wrong, missing, added or swapped letter in each word of six letters or more, except its first letter.

A title family is all titles that such steps connect. One word more or less makes *another* family, on
purpose: if titles were joined at a word overlap (Jaccard) of 0.75, 60 of the 1,756 titles of 3,040 made
rows would be one family, and at 0.83 still 299 of the 15,235 titles of 100,000 rows, a chain from bucket
bags to messenger bags; with the rule above, no family of either has more than two titles.
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
"""Longer titles are truncated to this length before they are compared."""
SHORTEST_MISSPELT, LONGEST_MISSPELT = 6, 30
"""Length of words that may be misspelt; shorter words ("cap", "cape") differ in meaning."""


def title_families(titles: Sequence[str | None]) -> I64:
    """The title family of each title: int64, numbered from 0 in order of first appearance.

    Titles without a letter, and None, are one family, since nothing distinguishes them. Time and memory grow
    with the number of distinct titles, not with its square.
    """
    number: dict[str, int] = {}
    found = [number.setdefault(key, len(number)) for key in title_family_keys(titles)]
    return np.array(found, dtype=np.int64)


def title_family_keys(titles: Sequence[str | None]) -> list[str]:
    """A text for each title that is equal within a title family and differs between them.

    It depends on the set of titles alone, not on their order.
    """
    forms = {title: _words(title) for title in set(titles)}
    spelling = Spelling({word for form in forms.values() for word in form})
    keys = {title: _key(form, spelling) for title, form in forms.items()}
    return [keys[title] for title in titles]


class Vocabulary:
    """The title families of all titles that can be composed of some phrases, without knowing the titles.

    A few more may be one family than :func:`title_families` finds among the titles of some rows, since a word
    that connects two others need not occur in those.
    """

    def __init__(self, phrases: Iterable[str]) -> None:
        self._spelling = Spelling({word for phrase in phrases for word in _words(phrase)})

    def key(self, title: str) -> str:
        """A text that is equal within a title family."""
        return _key(_words(title), self._spelling)


class KnownTitleFamilies:
    """The title families of some known titles, to test any other title against.

    For rows that come as a stream, and to leave rows out of training whose title is held out.
    """

    def __init__(self, titles: Iterable[str | None]) -> None:
        forms = [_words(title) for title in set(titles)]
        self._spelling = Spelling({word for form in forms for word in form})
        self._keys = {_key(form, self._spelling) for form in forms}

    def contains(self, title: str | None) -> bool:
        """Whether the title belongs to one of these families."""
        return _key(_words(title), self._spelling) in self._keys


class Spelling:
    """The words of a vocabulary, with those that differ by one letter treated as one."""

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
        """The word that represents ``word``: alphabetically the first of its spellings."""
        if word not in self._parent:
            word = next(self._neighbours(word), word)
        while (above := self._parent.get(word, word)) != word:
            self._parent[word] = word = self._parent[above]
        return word

    def _neighbours(self, word: str) -> Iterator[str]:
        """Known words that differ from ``word`` by one letter."""
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
    """The word with a wildcard for one letter, and without that letter, for each letter but the first."""
    if _may_be_misspelt(word):
        for at in range(1, len(word)):
            yield f"{word[:at]}?{word[at + 1 :]}", word[:at] + word[at + 1 :]


def _may_be_misspelt(word: str) -> bool:
    return SHORTEST_MISSPELT <= len(word) <= LONGEST_MISSPELT and word.isascii() and word.isalpha()


def _words(title: str | None) -> tuple[str, ...]:
    """The words that identify the product: plain, singular, without small words and colours."""
    plain = (title or "")[:MOST_LETTERS].casefold()
    if not plain.isascii():
        plain = unicodedata.normalize("NFKD", (title or "")[:MOST_LETTERS]).casefold()
        plain = "".join(letter for letter in plain if not unicodedata.category(letter).startswith("M"))
    words = re.findall(r"[^\W_]+", re.sub("['\u2019]", "", plain))
    significant = [_singular(word) for word in words if word not in SMALL and word not in COLOURS]
    return tuple(dict.fromkeys(significant or words))


def _singular(word: str) -> str:
    """The word without an English plural ending; it only needs to be equal for singular and plural."""
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
    """All letters in alphabetical order, which removes spaces and word order; numbers stay whole."""
    spelt = {spelling.of(word) for word in words}
    numbers = sorted(word for word in spelt if not word.isalpha())
    letters = sorted("".join(word for word in spelt if word.isalpha()))
    return " ".join(["".join(letters), *numbers])
