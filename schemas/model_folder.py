"""A trained model on its way to the Hub, as both wings see it: what `train/` writes and `datagen/hub/` sends.

datagen.json     by which such a repository is known: what it is, what it was made from, and its files
config.yaml      the configuration of the run, without anything of the machine that it ran on
scores/          what the run scored
.eval_results/   the scores for a leaderboard, where the test rows are a benchmark of the Hub
adapter_config.json and adapter_model.safetensors, or the files of a complete model; those of the processor
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field, ValidationError

RUN_CONFIG = "config.yaml"
"""By which the folder of a run is known, too."""
MODEL_RECORD = "datagen.json"
MOST_RECORD_BYTES = 1_000_000


class ModelRecord(BaseModel):
    """The contents of a datagen.json.

    ``kind``: an adapter of ``base``, or a complete model. ``base``: on the Hub, at the commit ``revision``;
    None where it is on no Hub. ``files``: all files that the push wrote, but this and the card.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Literal["datagen model 1"] = "datagen model 1"
    kind: Literal["adapter", "model"]
    base: str | None = Field(max_length=300)
    revision: str | None = Field(max_length=300)
    files: tuple[str, ...] = Field(max_length=10_000)

    def text(self) -> str:
        """The record as a file."""
        return json.dumps(self.model_dump(mode="json"), indent=1) + "\n"


def read_record(content: bytes) -> ModelRecord | None:
    """The record in a file's bytes; None for anything else."""
    try:
        return ModelRecord.model_validate_json(content)
    except ValidationError:
        return None


@dataclass(frozen=True)
class SplitScores:
    """What a model scored on a whole split of a dataset on the Hub: value by the name of the score."""

    dataset: str
    revision: str | None
    split: str
    scores: dict[str, float]


@dataclass(frozen=True)
class ModelFolder:
    """A folder with all files of a repository but the card.

    ``front``: the YAML of the card; ``body``: its text. ``tested``: None where the test rows are no split
    of a dataset on the Hub. ``confidential``: a sentence on why it must not be public; empty if it may be.
    """

    path: Path
    record: ModelRecord
    front: dict[str, Any]
    body: str
    tested: SplitScores | None = None
    confidential: str = ""


class WriteModel(Protocol):
    """The function that writes the folder ``out`` for a run, to be pushed as ``repo``. Raises InputError."""

    def __call__(self, run: Path, out: Path, repo: str, which: str, *, merged: bool) -> ModelFolder:
        """Write it."""
