"""Random numbers from keys: the same key gives the same numbers, in any order, in any process."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")

MASK = (1 << 64) - 1


def mix(key: int, *salts: int) -> int:
    """One 64-bit key from a key and small salts (the finaliser of splitmix64, once per word)."""
    word = key & MASK
    for salt in (0, *salts):
        word = (word + 0x9E3779B97F4A7C15 * (salt + 1)) & MASK
        word = ((word ^ (word >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        word = ((word ^ (word >> 27)) * 0x94D049BB133111EB) & MASK
        word ^= word >> 31
    return word


def salt(word: str) -> int:
    """A number that stands for a word in :func:`mix` (Python's own hash differs per process)."""
    number = 0
    for byte in word.encode():
        number = (number * 257 + byte + 1) & MASK
    return number


class Dice:
    """A short stream of numbers from one key (splitmix64)."""

    __slots__ = ("state",)

    def __init__(self, key: int, *salts: int) -> None:
        self.state = mix(key, *salts)

    def unit(self) -> float:
        """A number in [0, 1)."""
        self.state = (self.state + 0x9E3779B97F4A7C15) & MASK
        return (mix(self.state) >> 11) / (1 << 53)

    def between(self, low: float, high: float) -> float:
        """A number in [low, high)."""
        return low + (high - low) * self.unit()

    def whole(self, low: int, high: int) -> int:
        """An integer in [low, high], both ends possible."""
        return low + int(self.unit() * (high - low + 1))

    def pick(self, choices: Sequence[T]) -> T:
        """One of the choices, all equally likely."""
        return choices[int(self.unit() * len(choices))]

    def chance(self, share: float) -> bool:
        """True with probability ``share``."""
        return self.unit() < share
