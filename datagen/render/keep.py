"""A cache bounded by bytes: what a worker keeps for speed must never grow without end."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class Kept(Generic[T]):
    """Least recently used entries go first once ``limit`` bytes are exceeded; the newest always stays."""

    def __init__(self, limit: int) -> None:
        self.limit, self.held = limit, 0
        self.entries: OrderedDict[Hashable, tuple[T, int]] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], T], weigh: Callable[[T], int]) -> T:
        """The entry under ``key``, made and weighed (in bytes) if it is not there."""
        found = self.entries.get(key)
        if found is not None:
            self.entries.move_to_end(key)
            return found[0]
        made = make()
        self.entries[key] = made, weigh(made)
        self.held += self.entries[key][1]
        while self.held > self.limit and len(self.entries) > 1:
            _, (_, weight) = self.entries.popitem(last=False)
            self.held -= weight
        return made

    def clear(self) -> None:
        """Forget everything."""
        self.entries.clear()
        self.held = 0
