"""Product codes, slugs and picture ids.

A code is a bijection of the row number into the numbers that the profile allows, so codes are
unique without anybody remembering which were given.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from datagen import arrow
from datagen.product.choices import I64, Choices
from datagen.product.profile import Codes, Profile
from datagen.schemas import InputError
from datagen.schemas.keyed import F64, U64, mix, scramble

_LOWER = np.frombuffer(bytes(range(256)).hex().encode(), dtype="<u2")
_UPPER = np.frombuffer(bytes(range(256)).hex().upper().encode(), dtype="<u2")
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
                f"The codes of this profile serve {self.capacity:,} rows at most; "
                f"row {int(row.max()):,} is past that."
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
        digits = pc.utf8_lpad(arrow.numbers(numbers).cast(pa.string()), self._codes.digits, "0")
        if not (self._codes.prefix or self._codes.suffix):
            return digits
        return pc.binary_join_element_wise(
            arrow.text(self._codes.prefix), digits, arrow.text(self._codes.suffix), arrow.text("")
        )


def slugs(titles: pa.Array) -> pa.Array:
    """The slugs of some titles (Arrow string): the rule of :func:`slug`, vectorised."""
    plain = pc.utf8_lower(pc.utf8_normalize(titles, "NFKD"))
    plain = pc.replace_substring(plain, " and ", "")
    plain = pc.replace_substring_regex(plain, r"\p{M}+", "")
    plain = pc.replace_substring_regex(plain, r"[^a-z0-9]+", "-")
    return pc.ascii_trim(plain, "-")


def slug(title: str) -> str:
    """The slug of one title: lower case, accents stripped, " and " deleted, the rest to hyphens.

    >>> slug("Check and Leather Card Case")
    'checkleather-card-case'
    """
    plain = unicodedata.normalize("NFKD", title).lower().replace(" and ", "")
    plain = "".join(letter for letter in plain if not unicodedata.category(letter).startswith("M"))
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def picture_ids(raw: U64, sha1: NDArray[np.bool_]) -> pa.Array:
    """Picture ids (Arrow string) from raw words of shape (n, 3).

    Where ``sha1``, forty hexadecimal digits, the form of a SHA-1; elsewhere an upper-case GUID of
    version 4.
    """
    hashes = _text(_hex(raw[sha1].astype("<u8").view(np.uint8).reshape(-1, 24)[:, :20], _LOWER))
    guids = _guids(raw[~sha1, :2])
    place = np.where(sha1, np.cumsum(sha1) - 1, np.cumsum(~sha1) - 1 + len(hashes))
    return pa.concat_arrays([hashes, guids]).take(arrow.numbers(place))


def _guids(raw: U64) -> pa.Array:
    data = raw.astype("<u8").view(np.uint8).reshape(-1, 16).copy()
    data[:, 6] = data[:, 6] & 0x0F | 0x40
    data[:, 8] = data[:, 8] & 0x3F | 0x80
    digits = _hex(data, _UPPER)
    letters = np.full((len(raw), 36), ord("-"), dtype=np.uint8)
    for start, stop, shift in ((0, 8, 0), (8, 12, 1), (12, 16, 2), (16, 20, 3), (20, 32, 4)):
        letters[:, start + shift : stop + shift] = digits[:, start:stop]
    return _text(letters)


def _hex(data: NDArray[np.uint8], alphabet: NDArray[np.uint16]) -> NDArray[np.uint8]:
    """Bytes of shape (n, width) as hexadecimal letters of shape (n, 2 width)."""
    return alphabet[data].view(np.uint8).reshape(len(data), 2 * data.shape[1])


def _text(letters: NDArray[np.uint8]) -> pa.Array:
    """ASCII letters of shape (n, width) as an Arrow string array, without a copy per row."""
    count, width = letters.shape
    offsets = np.arange(count + 1, dtype=np.int32) * np.int32(width)
    buffers = [None, pa.py_buffer(offsets.tobytes()), pa.py_buffer(letters.tobytes())]
    return pa.Array.from_buffers(pa.string(), count, buffers)
