"""Caches bounded by bytes, so that a worker's memory does not grow with the number of pictures it draws."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from datagen.render.packing import bytes_of, packed, unpacked

T = TypeVar("T")


class Cache(Generic[T]):
    """Evicts the least recently used entries above ``limit`` bytes, but never the newest entry."""

    def __init__(self, limit: int, evicted: Callable[[Hashable, T], None] | None = None) -> None:
        """``evicted`` is called with each entry that is evicted."""
        self.limit, self.size, self.evicted = limit, 0, evicted
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
            oldest, (entry_value, size) = self.entries.popitem(last=False)
            self.size -= size
            if self.evicted is not None:
                self.evicted(oldest, entry_value)
        return value

    def clear(self) -> None:
        """Remove all entries."""
        self.entries.clear()
        self.size = 0


class PackingCache(Generic[T]):
    """Keeps the most recently used entries as they are, and the others packed; see :mod:`packing`.

    Each kind has its own limit in bytes. An entry that is not packed yet is packed when it is evicted from
    those kept as they are, so that few entries are never packed; one that was only asked for once is not,
    since it hardly will be again, but its key is remembered.
    """

    REMEMBERED = 4_096
    """Of so many entries that were not packed the keys are remembered."""

    def __init__(self, limit: int, packed_limit: int) -> None:
        self.recent: Cache[T] = Cache(limit, self._pack)
        self.packed: Cache[T] = Cache(packed_limit)
        self._again: set[Hashable] = set()
        self._dropped: OrderedDict[Hashable, None] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], T], size_of: Callable[[T], int]) -> T:
        """The entry under ``key``; a missing one is made, and its size in bytes counted."""

        def found() -> T:
            entry = self.packed.entries.get(key)
            return make() if entry is None else unpacked(entry[0])

        if key in self.recent.entries or key in self._dropped:
            self._again.add(key)
        return self.recent.get(key, found, size_of)

    def clear(self) -> None:
        """Remove all entries."""
        self.recent.clear()
        self.packed.clear()
        self._again.clear()
        self._dropped.clear()

    def _pack(self, key: Hashable, value: T) -> None:
        if key in self._again:
            self._again.remove(key)
            self._dropped.pop(key, None)
            self.packed.get(key, lambda: packed(value), bytes_of)
            return
        self._dropped[key] = None
        if len(self._dropped) > self.REMEMBERED:
            self._dropped.popitem(last=False)
