"""Caches stay within their limits and forget what was used longest ago."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from datagen.render.cache import Cache, PackingCache

Array = npt.NDArray[np.uint8]


def test_the_least_recently_used_entry_is_evicted() -> None:
    cache: Cache[str] = Cache(3)
    for key in "abcad":
        cache.get(key, lambda key=key: key, lambda value: 1)  # type: ignore[misc]
    assert list(cache.entries) == ["c", "a", "d"]
    assert cache.size == 3


def test_an_entry_above_the_limit_is_kept_until_the_next() -> None:
    cache: Cache[str] = Cache(3)
    assert cache.get("a", lambda: "large", lambda value: 9) == "large"
    assert list(cache.entries) == ["a"]
    cache.get("b", lambda: "small", lambda value: 1)
    assert (list(cache.entries), cache.size) == (["b"], 1)


def test_evicted_entries_are_unpacked_and_not_made_again() -> None:
    cache: PackingCache[Array] = PackingCache(2_000, 10_000)
    made: list[int] = []

    def entry(number: int) -> Array:
        def make() -> Array:
            made.append(number)
            return np.full(1_000, number, np.uint8)

        return cache.get(number, make, lambda array: array.nbytes)

    for _ in range(3):
        for number in range(6):
            assert entry(number).tolist() == entry(number).tolist() == [number] * 1_000
    assert made == list(range(6))
    assert cache.recent.size <= 2_000
    cache.packed.limit = 1
    for number in [6, 6, 7, 7, 8, 8, 9, 9]:  # each takes the place of the one that was packed before
        entry(number)
    assert len(cache.packed.entries) == 1
    cache.clear()
    assert entry(0)[0] == 0
    assert made[-1] == 0


def test_an_entry_that_was_asked_for_once_is_not_packed() -> None:
    cache: PackingCache[Array] = PackingCache(1, 10_000)
    for number in (0, 1, 1, 2):
        cache.get(number, lambda: np.zeros(9, np.uint8), lambda array: array.nbytes)
    assert list(cache.packed.entries) == [1]
    for number in (0, 3):  # asked for again, long after
        cache.get(number, lambda: np.zeros(9, np.uint8), lambda array: array.nbytes)
    assert list(cache.packed.entries) == [1, 0]
