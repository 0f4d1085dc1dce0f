"""Which worker draws which picture."""

from __future__ import annotations

from collections.abc import Sequence

START, CUT, SEND, ROW = 120.0, 5.0, 0.05, 0.1
"""What it costs to start a process, to cut a silhouette, to send a picture to this process and to make a row
here, in pictures composed. Measured roughly, on two cores; they decide only which worker waits."""


class Scheduler:
    """Assigns the rows of each piece to workers; worker 0 is this process.

    A worker that has cut a silhouette draws all its products, and a new silhouette goes to the worker with
    the least to do. The pictures do not depend on who draws them.
    """

    def __init__(self, workers: int) -> None:
        self._worker_of: dict[int, int] = {}
        # In pictures: the other processes have to start first, which takes about as long as drawing these.
        self._load = [0.0] + [START] * (workers - 1)

    def shares(self, rows: Sequence[int], stencils: Sequence[int]) -> list[list[int]]:
        """The rows of each worker, given the silhouette of each row."""
        shares: list[list[int]] = [[] for _ in self._load]
        for row, stencil in zip(rows, stencils, strict=True):
            worker = self._worker_of.get(stencil)
            if worker is None:
                worker = self._worker_of[stencil] = self._load.index(min(self._load))
                self._load[worker] += CUT
            self._load[worker] += 1 + (SEND if worker else 0)
            self._load[0] += ROW
            shares[worker].append(row)
        return shares
