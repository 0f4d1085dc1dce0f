"""A cache bounded by bytes, so that a worker's memory does not grow with the number of pictures it draws."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class Cache(Generic[T]):
    """Evicts the least recently used entries above ``limit`` bytes, but never the newest entry."""

    def __init__(self, limit: int) -> None:
        self.limit, self.size = limit, 0
        self.entries: OrderedDict[Hashable, tuple[T, int]] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], T], size_of: Callable[[T], int]) -> T:
        """The entry under ``key``; a missing one is made, and its size in bytes counted."""
        entry = self.entries.get(key)
        if entry is not None:
            self.entries.move_to_end(key)
            return entry[0]
        value = make()
        self.entries[key] = value, size_of(value)
        self.size += self.entries[key][1]
        while self.size > self.limit and len(self.entries) > 1:
            _, (_, size) = self.entries.popitem(last=False)
            self.size -= size
        return value

    def clear(self) -> None:
        """Remove all entries."""
        self.entries.clear()
        self.size = 0
