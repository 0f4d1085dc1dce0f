"""Arithmetic on one thread: how many threads add up decides the last digits of a sum."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def single_thread() -> Iterator[None]:
    """NumPy, SciPy and scikit-learn compute on one thread inside the block."""
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    with threadpool_limits(1):
        yield
