"""The results of a run, and what it has used so far: added up over all the times that it was resumed."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from datagen.schemas import InputError
from datagen.train.models.loading import read_json

SUMMARY = "summary.json"
TOTALS = "totals.json"


@dataclass(frozen=True)
class Totals:
    """What a run has used up to a step, of all processes; kept with each checkpoint.

    ``tokens`` and ``labels`` (tokens that are learned) without padding. ``peak_memory``: bytes. Work after
    the last checkpoint of a run that was killed is done again, and counts once.
    """

    seconds: float = 0.0
    tokens: int = 0
    labels: int = 0
    samples: int = 0
    peak_memory: int = 0

    def save(self, folder: Path) -> None:
        """Write them to a checkpoint that is not finished yet."""
        (folder / TOTALS).write_text(json.dumps(asdict(self)), encoding="utf-8")


def read_totals(checkpoint: Path) -> Totals:
    """The totals of a checkpoint; nothing for one of a former version, or if they are damaged."""
    try:
        read = read_json(checkpoint / TOTALS)
    except InputError:
        return Totals()
    known = {one.name: read.get(one.name) for one in fields(Totals)}
    whole = all(isinstance(value, (int, float)) and value >= 0 for value in known.values())
    return Totals(**known) if whole else Totals()  # type: ignore[arg-type]


@dataclass(frozen=True)
class Summary:
    """The results of a run. ``loss``: of the last step; ``best_loss``: on validation rows, None without
    any. ``seconds``, ``tokens``, ``samples`` and ``peak_memory`` are those of ``Totals``; ``excluded``:
    fault -> number of rows that were not used; ``streamed``: those that only training itself could find.
    """

    run: str
    steps: int
    samples: int
    tokens: int
    loss: float | None
    best_loss: float | None
    best_step: int | None
    trainable: int
    seconds: float
    peak_memory: int
    resumed_from: int | None
    stopped_early: bool
    excluded: dict[str, int]

    def as_json(self) -> dict[str, Any]:
        """Values for JSON."""
        return asdict(self)


def read_summary(run: Path) -> dict[str, Any] | None:
    """The contents of a run's summary.json; None if it has none, or none of this version."""
    try:
        read = read_json(run / SUMMARY)
    except InputError:
        return None
    return read if {one.name for one in fields(Summary)} <= set(read) else None
