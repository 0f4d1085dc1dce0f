"""Random numbers by key: a stream for each (seed, purpose, block), so that no draw ever shifts another.

Philox (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011) is counter-based:
the numbers of a block are computed from its key alone. Only the raw 64-bit words are taken from
NumPy, whose stability policy fixes them; all further arithmetic is written here.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

U64 = NDArray[np.uint64]
F64 = NDArray[np.float64]
I64 = NDArray[np.int64]

MAX_SEED = 2**64 - 1

GOLDEN = 0x9E3779B97F4A7C15
"""2**64 divided by the golden ratio: the step of SplitMix64's state."""


def words(seed: int, purpose: str, block: int, count: int) -> U64:
    """``count`` raw 64-bit words (uint64) of the stream (seed, purpose, block); a block may be an epoch."""
    # Drawing counts up the counter's two low words; the block is the third: blocks are 2**128 draws apart.
    counter = np.array([0, 0, block, 0], dtype=np.uint64)
    key = np.array([seed & MAX_SEED, _purpose_key(purpose)], dtype=np.uint64)
    return np.random.Philox(counter=counter, key=key).random_raw(count)


def unit(raw: U64) -> F64:
    """Raw words as float64 in [0, 1), from their upper 53 bits."""
    return (raw >> np.uint64(11)).astype(np.float64) * 2.0**-53


def uniforms(seed: int, purpose: str, block: int, count: int) -> F64:
    """``count`` float64 in [0, 1) of the stream (seed, purpose, block)."""
    return unit(words(seed, purpose, block, count))


def mix(value: U64) -> U64:
    """A bijective scramble of uint64 (the finaliser of SplitMix64, Steele et al., OOPSLA 2014)."""
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))


def further(raw: U64, step: int | U64) -> U64:
    """The ``step``-th (from 1) further word of each raw word: SplitMix64 seeded with it."""
    return mix(raw + np.uint64(GOLDEN) * np.asarray(step, dtype=np.uint64))


def scramble(value: int) -> int:
    """:func:`mix` of one integer, taken modulo 2**64; in plain Python, since NumPy takes 35 times as long."""
    value &= MAX_SEED
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & MAX_SEED
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & MAX_SEED
    return value ^ (value >> 31)


def permutation(seed: int, purpose: str, block: int, count: int) -> I64:
    """The numbers 0 to ``count - 1`` in the order of the stream (seed, purpose, block)."""
    return np.argsort(words(seed, purpose, block, count), kind="stable").astype(np.int64)


def place(seed: int, purpose: str, text: str) -> int:
    """A 64-bit number for a text: sorting by it gives an order that depends on seed and texts alone."""
    return _digest(f"{seed}\0{purpose}\0{text}".encode("utf-8", "surrogatepass"))


@lru_cache(maxsize=256)
def _purpose_key(purpose: str) -> int:
    return _digest(purpose.encode())


def _digest(data: bytes) -> int:
    return int.from_bytes(hashlib.blake2b(data, digest_size=8).digest(), "little")
