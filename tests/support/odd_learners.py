"""Learners and work that go wrong, to be found by name in the processes of a study."""

from __future__ import annotations

import os
import time
from pathlib import Path

from datagen.train.chat.conversation import Fields
from datagen.train.study.learners.probe import Probe
from datagen.train.study.plan import MIXTURE, REAL, Cell
from datagen.train.study.sampling import CellRows
from datagen.train.study.work import CellResult


class OddProbe(Probe):
    """A probe that fails in one cell, and whose process dies in another."""

    def answer(self, cell: Cell, rows: CellRows, folder: Path) -> list[Fields | None]:
        if (cell.arm, cell.seed) == (REAL, 1):
            raise RuntimeError("the\ncable came loose")
        if (cell.arm, cell.seed) == (MIXTURE, 0):
            os._exit(9)
        return super().answer(cell, rows, folder)


def sleepy(number: int) -> CellResult:
    """Work that takes very long, but for the first number."""
    if number:
        time.sleep(600)
    return CellResult(number, [])
