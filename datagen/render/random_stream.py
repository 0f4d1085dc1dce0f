"""Random numbers from keys: the same key gives the same numbers, in any order, in any process."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from datagen.schemas.keyed import GOLDEN, MAX_SEED, scramble

T = TypeVar("T")


def derive_key(key: int, *salts: int) -> int:
    """A 64-bit key from a key and small integers: one step of SplitMix64 each."""
    word = scramble(key + GOLDEN)
    for number in salts:
        word = scramble(word + GOLDEN * (number + 1))
    return word


def salt(word: str) -> int:
    """An integer for a word, to derive keys with (Python's own hash differs from process to process)."""
    number = 0
    for byte in word.encode():
        number = (number * 257 + byte + 1) & MAX_SEED
    return number


class RandomStream:
    """A short stream of random numbers that depends on one key alone (SplitMix64)."""

    __slots__ = ("state",)

    def __init__(self, key: int, *salts: int) -> None:
        self.state = derive_key(key, *salts)

    def unit(self) -> float:
        """A number in [0, 1)."""
        self.state = (self.state + GOLDEN) & MAX_SEED
        return (scramble(self.state + GOLDEN) >> 11) / (1 << 53)

    def uniform(self, low: float, high: float) -> float:
        """A number in [low, high)."""
        return low + (high - low) * self.unit()

    def integer(self, low: int, high: int) -> int:
        """An integer from low to high, both included."""
        return low + int(self.unit() * (high - low + 1))

    def choice(self, options: Sequence[T]) -> T:
        """One of the options, all equally likely."""
        return options[int(self.unit() * len(options))]

    def chance(self, share: float) -> bool:
        """True with probability ``share``."""
        return self.unit() < share
