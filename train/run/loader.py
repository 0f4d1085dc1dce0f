"""Batches of a mixture for one process, starting at any step.

All processes count the same sequence of samples: batch ``b`` of process ``r`` of ``n`` holds the samples ``(b
n + r) size`` on. So a step holds the same samples however many processes share it, and a loader that starts
later counts from there without reading earlier samples.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch.utils.data import DataLoader, Sampler

from datagen.train.data.mixture import Mixture


class StepBatches(Sampler[list[int]]):
    """The sample numbers of each batch of one process, epoch by epoch."""

    def __init__(self, length: int, size: int, rank: int = 0, ranks: int = 1) -> None:
        self.epoch = 0
        self._length, self._size, self._rank, self._ranks = length, size, rank, ranks

    def set_epoch(self, epoch: int) -> None:
        """Set the epoch of the next pass."""
        self.epoch = epoch

    def __len__(self) -> int:
        return self._length // (self._size * self._ranks)

    def __iter__(self) -> Iterator[list[int]]:
        for batch in range(len(self)):
            first = self.epoch * self._length + (batch * self._ranks + self._rank) * self._size
            yield list(range(first, first + self._size))


class Loader(DataLoader[Any]):
    """A loader whose epoch ``Trainer`` sets; it does not draw from the run's own random numbers."""

    def __init__(
        self, mixture: Mixture, batches: StepBatches, collate: Callable[[Any], Any], *, workers: int
    ) -> None:
        super().__init__(
            mixture,  # type: ignore[arg-type]
            batch_sampler=batches,
            collate_fn=collate,
            num_workers=workers,
            pin_memory=torch.cuda.is_available(),
            multiprocessing_context="spawn" if workers else None,
            persistent_workers=workers > 0,
            generator=torch.Generator(),
        )
        self._batches = batches

    def set_epoch(self, epoch: int) -> None:
        """Set the epoch of the next pass."""
        self._batches.set_epoch(epoch)
