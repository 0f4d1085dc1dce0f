"""The words of titles, in any script."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
"""Thai, Lao, Burmese, Khmer, Japanese and Chinese have no spaces: each letter counts as a word."""

_WORD = re.compile(
    f"[{_UNSPACED}]|(?:(?![{_UNSPACED}])[^\\W_])+(?:['\u2019&.-](?:(?![{_UNSPACED}])[^\\W_])+)*"
)

MOST_LETTERS = 1000
"""Longer titles are cut off before they are read."""


def words(title: str) -> list[str]:
    """The words of a title in lower case, in order.

    >>> words("Check T-Shirt, size 8.5")
    ['check', 't-shirt', 'size', '8.5']
    """
    return _WORD.findall(title[:MOST_LETTERS].casefold())


def pairs(of_title: Sequence[str]) -> list[tuple[str, str]]:
    """Each word with the next one, the ends of the title included as empty words."""
    return list(zip(["", *of_title], [*of_title, ""], strict=True))


def document_counts(titles: Iterable[Iterable[object]]) -> Counter[object]:
    """In how many titles each word, or pair, occurs."""
    found: Counter[object] = Counter()
    for parts in titles:
        found.update(set(parts))
    return found
