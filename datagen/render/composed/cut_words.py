"""Which words of a product a baked garment shows: its cut is named by sizes and details, in any order."""

from __future__ import annotations

from datagen.product.vocabulary import DETAILS, SIZES
from datagen.render.composed.kinds import (
    ALWAYS_USUAL,
    COLLARED,
    PAINTED,
    PLAIN_SIZES,
    SAME,
    SHOWN_BY,
    USUAL,
)

NAMED = (SIZES.keys() | DETAILS.keys()) - PLAIN_SIZES - PAINTED
"""Words that a cut may be named by, and that a picture must show."""


def shows(kind: str, cut: str, size: str, detail: str) -> bool:
    """Whether a cut of a kind shows a product's size and detail, and no word that its title does not say."""
    if detail == "cropped_collar" and kind not in COLLARED:
        return False
    words = (size, PLAIN_SIZES), (SAME.get(detail, detail), PAINTED)
    wanted = {word for word, any_cut in words if word not in any_cut}
    return wanted <= shown(cut) <= wanted | usual(kind)


def shown(cut: str) -> set[str]:
    """The words for sizes and details that a cut shows."""
    return {SHOWN_BY.get(word, word) for word in cut.split("-")} & NAMED


def usual(kind: str) -> frozenset[str]:
    """The words that a kind's titles need not say."""
    return ALWAYS_USUAL | USUAL.get(kind, frozenset())
