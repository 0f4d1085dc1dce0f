"""Random numbers by key: the same (seed, purpose, number) gives the same words on every machine and rank.

Philox (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011) is counter-based. Only raw
words are taken from NumPy, whose stability policy pins them; an order is their stable argsort.
"""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray

I64 = NDArray[np.int64]
U64 = NDArray[np.uint64]
F64 = NDArray[np.float64]

MAX_SEED = 2**64 - 1


def words(seed: int, purpose: str, number: int, count: int) -> U64:
    """``count`` raw 64-bit words of the stream (seed, purpose, number); ``number``: an epoch, a block."""
    key = np.array([seed & MAX_SEED, _digest(purpose.encode())], dtype=np.uint64)
    counter = np.array([0, 0, number, 0], dtype=np.uint64)
    return np.random.Philox(counter=counter, key=key).random_raw(count)


def permutation(seed: int, purpose: str, number: int, count: int) -> I64:
    """The numbers 0 to ``count - 1`` in the order of the stream (seed, purpose, number)."""
    return np.argsort(words(seed, purpose, number, count), kind="stable").astype(np.int64)


def place(seed: int, purpose: str, text: str) -> int:
    """A 64-bit number for a text: sorting texts by it is an order that hangs on seed and text alone."""
    return _digest(f"{seed}\0{purpose}\0{text}".encode("utf-8", "surrogatepass"))


def _digest(data: bytes) -> int:
    return int.from_bytes(hashlib.blake2b(data, digest_size=8).digest(), "little")
