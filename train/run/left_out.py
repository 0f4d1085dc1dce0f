"""The streamed rows that a run met and could not use: their pictures were not checked before its first step.

    RUN/splits/left_out.jsonl   a line for each: data, row, reason

Every process appends to it, also when the run is resumed, so a row may stand there more than once.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from datagen.train.data.mixture import LeftOutRow, Place

PATH = Path("splits") / "left_out.jsonl"


class LeftOut:
    """What one process has met. ``names``: of the real and the synthetic dataset."""

    def __init__(self, run: Path, names: tuple[str, str]) -> None:
        self._path, self._names = run / PATH, names
        self._known: set[Place] = set()

    def add(self, rows: Sequence[LeftOutRow]) -> None:
        """Record rows that were not met before. Raises OSError."""
        new = {one.place: one.reason for one in rows if one.place not in self._known}
        self._known |= set(new)
        lines = [
            json.dumps({"data": self._names[place.part], "row": place.row, "reason": reason}) + "\n"
            for place, reason in new.items()
        ]
        if lines:
            with self._path.open("a", encoding="utf-8") as file:
                file.write("".join(lines))


def count_left_out(run: Path) -> int:
    """The number of rows that a run has met and could not use."""
    try:
        lines = (run / PATH).read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return 0
    return len({line.partition(', "reason"')[0] for line in lines})
