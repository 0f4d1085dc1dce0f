"""Batches of a mixture for one process, starting at any step.

All processes count the same sequence of samples: batch ``b`` of process ``r`` of ``n`` holds the samples ``(b
n + r) size`` on. So a step holds the same samples however many processes share it, and a loader that starts
later counts from there without reading earlier samples.

Workers are forked from a server that has loaded what they need (about 3,500 modules, most of them of torch,
transformers and datasets) while this process was loading the model. So they start at once, share that memory,
know nothing of CUDA or of this process's threads, and end without running the destructors of C++ libraries,
some of which abort.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from multiprocessing import forkserver
from typing import Any

import torch
from torch.utils.data import DataLoader, Sampler

from datagen.train.data.mixture import Mixture, RowSubset

WORKER_MODULES = [
    "torch.utils.data",
    "datagen.train.data.mixture",
    "datagen.train.data.sources",
    "datagen.train.models.encoding",
    "datagen.train.models.collator",
    "datagen.train.phi3_vision",
    "datagen.train.run.loader",
]
"""What is loaded before a worker is forked: everything that a sample's way from its file to a batch takes."""


def start_worker_server() -> None:
    """Start the process that workers are forked from; it loads their modules while this one goes on.

    Called early in a run. A server that runs already is kept, whatever it has loaded.
    """
    forkserver.set_forkserver_preload(WORKER_MODULES)
    forkserver.ensure_running()


def _begin_worker(number: int) -> None:
    """In a worker: leave Ctrl-C, which the terminal sends to all processes, to the process that trains."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


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


class ValidationBatches(Sampler[list[int]]):
    """The row numbers of each batch of one process: every row once, over all processes.

    Every process has the same number of batches, as models whose weights are sharded need; one without rows
    left gets the first row again (``counts`` says so).
    """

    def __init__(self, length: int, size: int, rank: int = 0, ranks: int = 1) -> None:
        self._length, self._size, self._rank, self._ranks = length, size, rank, ranks

    def __len__(self) -> int:
        return -(-self._length // (self._size * self._ranks))

    def __iter__(self) -> Iterator[list[int]]:
        for batch in range(len(self)):
            yield self._rows(batch) or [0]

    def counts(self, batch: int) -> bool:
        """Whether a batch of this process has rows of its own."""
        return bool(self._rows(batch))

    def _rows(self, batch: int) -> list[int]:
        first = (batch * self._ranks + self._rank) * self._size
        return list(range(min(first, self._length), min(first + self._size, self._length)))


class Loader(DataLoader[Any]):
    """A loader whose epoch ``Trainer`` sets; it does not draw from the run's own random numbers.

    ``persistent``: keep the workers from one pass to the next.
    """

    def __init__(
        self,
        samples: Mixture | RowSubset,
        batches: StepBatches | ValidationBatches,
        collate: Callable[[Any], Any],
        *,
        workers: int,
        persistent: bool = True,
    ) -> None:
        super().__init__(
            samples,  # type: ignore[arg-type]
            batch_sampler=batches,
            collate_fn=collate,
            num_workers=workers,
            pin_memory=torch.cuda.is_available(),
            multiprocessing_context="forkserver" if workers else None,
            worker_init_fn=_begin_worker if workers else None,
            persistent_workers=workers > 0 and persistent,
            generator=torch.Generator(),
        )
        self._batches = batches

    def set_epoch(self, epoch: int) -> None:
        """Set the epoch of the next pass."""
        if isinstance(self._batches, StepBatches):
            self._batches.set_epoch(epoch)
