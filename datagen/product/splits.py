"""Which split a product is in: a function of its title and of the shares, and of nothing else.

The title's family (:mod:`datagen.schemas.title_families`) gives a number in [0, 1), and the shares, one after
another, cut that interval. So all colourways of a product and all products of one title are in one split,
whatever the seed and the number of rows: a longer dataset, or one from another seed, keeps every title where
it was. The price is that the rows of a split are its share only approximately.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from datagen.product.profile import Profile
from datagen.schemas import InputError
from datagen.schemas.folder import SPLIT_NAME, SPLITS
from datagen.schemas.keyed import place
from datagen.schemas.title_families import Vocabulary

MOST_SPLITS = 16
"""A shard of each is open while rows are made."""

SplitNumbers = NDArray[np.int8]
"""For each row the number of its split, in the order of the shares."""


class TitleSplits:
    """The split of every title of a profile. ``shares``: as :func:`checked_shares` returns them."""

    def __init__(self, profile: Profile, shares: Mapping[str, float]) -> None:
        self.names = tuple(shares)
        nouns = [noun for kind in profile.kinds.values() for noun in kind.nouns]
        said = [phrase for slot in profile.words.values() for word in slot.values() for phrase in word.say]
        self._colours: re.Pattern[str] | None = None
        if profile.grammar is not None:
            says = [each.say or name for name, each in profile.colourways.items()]
            said = [*profile.grammar.all_units(), *says]
            any_colour = "|".join(re.escape(say) for say in sorted(says, key=len, reverse=True))
            self._colours = re.compile(rf"(?<!\S)(?:{any_colour})(?![^\s,;])")
        self._vocabulary = Vocabulary([*nouns, *said])
        # The last split takes what rounding leaves.
        self._ends = np.cumsum(list(shares.values()))[:-1]
        self._of_title = lru_cache(maxsize=1 << 17)(self._number)

    def of(self, titles: pa.Array) -> SplitNumbers:
        """The number of each title's split."""
        if not len(titles):
            return np.empty(0, dtype=np.int8)
        found = titles.dictionary_encode()
        numbers = np.array([self._of_title(title) for title in found.dictionary.to_pylist()], dtype=np.int8)
        # Not to_numpy(), which would import pandas in every worker.
        indices = np.frombuffer(found.indices.buffers()[1], np.int32, len(found), 4 * found.indices.offset)
        return numbers[indices]

    def _number(self, title: str) -> int:
        if self._colours is not None:  # the colourways of a product are in one split
            title = self._colours.sub("", title).strip() or title
        place_in_unit = place(0, "title's split", self._vocabulary.key(title)) / 2**64
        return int(np.searchsorted(self._ends, place_in_unit, side="right"))


def checked_shares(shares: Mapping[str, float]) -> dict[str, float]:
    """The shares in the order of their splits: train, validation, test, then others by name.

    Raises InputError for a name that ``datasets`` would not take, and for shares that do not add up to 1.
    """
    if not 1 <= len(shares) <= MOST_SPLITS:
        raise InputError(f"A dataset has 1 to {MOST_SPLITS} splits, not {len(shares)}; give fewer.")
    for name, share in shares.items():
        if not re.fullmatch(SPLIT_NAME, name) or name == "all":
            raise InputError(
                f"{name!r} is not a name for a split; use up to 40 letters, digits and '_', and not 'all'."
            )
        if not 0 < share <= 1:
            raise InputError(f"The split {name} cannot have the share {share:g}; give more than 0, up to 1.")
    for name in shares:
        same = [other for other in shares if other.casefold() == name.casefold()]
        if len(same) > 1:
            raise InputError(f"The splits {same[0]} and {same[1]} differ only in case; rename one of them.")
    total = sum(shares.values())
    if abs(total - 1) > 1e-6:
        raise InputError(f"The shares of the splits add up to {total:g}, not to 1.")
    return {name: float(shares[name]) for name in sorted(shares, key=_order)}


def _order(name: str) -> tuple[int, str]:
    return (SPLITS.index(name) if name in SPLITS else len(SPLITS)), name
