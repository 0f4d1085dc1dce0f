"""The outcome of a study, from its finished cells: pure data, from which its files are written (write.py)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from datagen.train.data.run_data import versions
from datagen.train.study.cells import FinishedCell
from datagen.train.study.results import ScoreResults, plain, results_of, sentences
from datagen.train.study.study import Study

FORMAT = "datagen study 1"


@dataclass(frozen=True)
class Outcome:
    """What a study found so far. ``finished`` of ``planned`` cells; ``failed``: digest -> why. ``data``: as
    described, with the number of synthetic rows that each cell ``used``.
    """

    command: str
    data: dict[str, Any]
    learner: Mapping[str, Any]
    versions: Mapping[str, str]
    planned: int
    finished: int
    failed: Mapping[str, str]
    seeds: tuple[int, ...]
    results: tuple[ScoreResults, ...]
    sentences: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Values for JSON."""
        return {
            "format": FORMAT,
            "command": self.command,
            "data": self.data,
            "learner": dict(self.learner),
            "versions": dict(self.versions),
            "cells": {"planned": self.planned, "finished": self.finished, "failed": dict(self.failed)},
            "seeds": list(self.seeds),
            "sentences": list(self.sentences),
            "scores": plain(self.results),
        }


def outcome_of(study: Study, command: str) -> tuple[Outcome, list[FinishedCell]]:
    """The outcome of the cells that are finished, and those. Raises RunFailed for a damaged one."""
    finished = study.finished()
    data = study.data.described()
    data["used"] = study.asked.synthetic_rows or data["synthetic_rows"]
    results = results_of(finished, study.learner.template)
    found = Outcome(
        command=command,
        data=data,
        learner=study.learner.settings,
        versions=versions(),
        planned=len(study.cells),
        finished=len(finished),
        failed=study.failures(),
        seeds=tuple(sorted({one.cell.seed for one in finished})),
        results=results,
        sentences=tuple(sentences(results, data)),
    )
    return found, finished
