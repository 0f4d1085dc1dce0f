"""Product codes.

A code is a bijection of the row number into the numbers that the profile allows, so codes are
unique without a record of those already used.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from datagen import arrow
from datagen.product.choices import I64, Choices
from datagen.product.code_forms import Codes
from datagen.product.code_template import code_template
from datagen.product.profile import Profile
from datagen.schemas import InputError
from datagen.schemas.keyed import F64, mix, scramble

_ROUNDS = 6


class Numbers:
    """A keyed permutation of the numbers in some ranges; ``at(slot)`` is the slot-th of them.

    A Feistel network over two unequal halves (Black and Rogaway, "Ciphers with arbitrary finite
    domains", CT-RSA 2002): each round adds a keyed function of one half to the other, which can
    always be taken back, so no two slots meet.
    """

    def __init__(self, ranges: Sequence[tuple[int, int]], key: int) -> None:
        """``ranges`` include both ends."""
        self._starts = np.array([low for low, _ in ranges], dtype=np.int64)
        sizes = np.array([high - low + 1 for low, high in ranges], dtype=np.int64)
        self._ends = np.cumsum(sizes)
        self._offsets = self._ends - sizes
        total = int(sizes.sum())
        self._left = max(1, math.isqrt(total))
        self._right = total // self._left
        self._salts = [np.uint64(scramble(key + turn)) for turn in range(_ROUNDS)]

    @property
    def capacity(self) -> int:
        """How many slots there are (a few less than there are numbers)."""
        return self._left * self._right

    def at(self, slot: I64) -> I64:
        """The numbers (int64) of some slots, each in [0, capacity)."""
        left, right = (part.astype(np.uint64) for part in np.divmod(slot, self._right))
        for turn, salt in enumerate(self._salts):
            if turn % 2:
                right = (right + mix(left + salt) % np.uint64(self._right)) % np.uint64(self._right)
            else:
                left = (left + mix(right + salt) % np.uint64(self._left)) % np.uint64(self._left)
        position = (left * np.uint64(self._right) + right).astype(np.int64)
        block = np.searchsorted(self._ends, position, side="right")
        return self._starts[block] + position - self._offsets[block]


class CodeBook:
    """The codes of a catalogue: which line a row's code comes from, and its number."""

    def __init__(self, profile: Profile, seed: int) -> None:
        self._codes: Codes = profile.codes
        lines = list(profile.codes.lines.values())
        self._lines = [Numbers(line.ranges, scramble(seed) + at) for at, line in enumerate(lines)]
        self._first_rows = min(line.capacity for line in self._lines)
        self._overflow = Numbers(profile.codes.overflow, ~scramble(seed)) if profile.codes.overflow else None
        bound = {kind: at for at, line in enumerate(lines) for kind in line.kinds}
        free = [(at, line.share) for at, line in enumerate(lines)]
        self._choices = Choices([[(bound[kind], 1.0)] if kind in bound else free for kind in profile.kinds])

    @property
    def capacity(self) -> int:
        """The most rows that a catalogue with these codes can have."""
        return self._first_rows + (self._overflow.capacity if self._overflow else 0)

    def numbers(self, row: I64, kind: NDArray[np.int32], u: F64) -> I64:
        """The code numbers (int64) of some rows, given their kinds and a uniform each.

        Raises InputError for a row number past the capacity.
        """
        if len(row) and int(row.max()) >= self.capacity:
            raise InputError(
                f"The profile has codes for at most {self.capacity:,} rows, "
                f"so row {int(row.max()):,} cannot be made; give fewer rows."
            )
        numbers = np.empty(len(row), dtype=np.int64)
        line = self._choices.draw(kind, u)
        early = row < self._first_rows
        for at, source in enumerate(self._lines):
            mine = early & (line == at)
            numbers[mine] = source.at(row[mine])
        if self._overflow is not None:
            numbers[~early] = self._overflow.at(row[~early] - self._first_rows)
        return numbers

    def text(self, numbers: I64) -> pa.Array:
        """Codes as text (Arrow string) of some numbers."""
        if self._codes.template:
            return code_template(self._codes.template).texts(numbers)
        digits = pc.utf8_lpad(arrow.numbers(numbers).cast(pa.string()), self._codes.digits, "0")
        if not (self._codes.prefix or self._codes.suffix):
            return digits
        return pc.binary_join_element_wise(
            arrow.text(self._codes.prefix), digits, arrow.text(self._codes.suffix), arrow.text("")
        )
