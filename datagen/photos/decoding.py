"""How many pixels are decoded at once, whatever the number of threads.

A picture of a few kilobytes may decode to hundreds of megabytes; a WebP takes up to 16 bytes a pixel.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class PixelBudget:
    """Lets threads decode as long as their pictures together have at most ``most`` pixels.

    A larger picture is decoded alone. Threads get their turn in the order in which they came, so that a
    large picture is not kept waiting by small ones.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._used = 0
        self._turn = threading.Lock()
        self._changed = threading.Condition()

    @contextmanager
    def of(self, pixels: int) -> Iterator[None]:
        """Hold the share of a picture while it is decoded."""
        share = min(pixels, self._most)
        with self._turn, self._changed:
            self._changed.wait_for(lambda: self._used + share <= self._most)
            self._used += share
        try:
            yield
        finally:
            with self._changed:
                self._used -= share
                self._changed.notify_all()


DECODING = PixelBudget(50_000_000)
"""Shared by all checks of a process; the default limit of one picture, so a few of usual size fit."""
