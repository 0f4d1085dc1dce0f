"""The scores of the baselines on the rows of an evaluation."""

from __future__ import annotations

from typing import Any

import numpy as np

from datagen.schemas import InputError
from datagen.schemas.keyed import permutation
from datagen.schemas.progress import StageProgress
from datagen.train.chat.conversation import Fields
from datagen.train.data.picture_features import picture_features
from datagen.train.data.sources import fields_of
from datagen.train.evaluation.baselines import majority, nearest
from datagen.train.evaluation.held_out import HeldOutRows, RowPictures
from datagen.train.evaluation.predictions import Predictions
from datagen.train.evaluation.scoring import score

MOST_NEIGHBOURS = 4000
"""Training rows that the nearest-picture baseline searches, drawn with the seed."""


def baseline_scores(held: HeldOutRows, found: Predictions, progress: StageProgress) -> dict[str, Any]:
    """The scores of answers without a model, derived from the run's training rows."""
    template, training = held.template, held.training_rows
    known = fields_of(held.training, training, template)
    by_baseline: dict[str, list[Fields | None]] = {"majority": [majority(known, template)] * len(found.rows)}
    drawn = np.sort(permutation(held.seed, "neighbours", 0, len(training))[:MOST_NEIGHBOURS])
    features = _features(held.training, training[drawn], held, progress, "Reading training pictures")
    queries = _features(held.source, found.rows, held, progress, "Reading held-out pictures")
    by_baseline["nearest"] = [*nearest([known[at] for at in drawn.tolist()], features, queries)]
    scored = {
        name: score(found.truth, answers, found.title_families, template, seed=held.seed).as_json()
        for name, answers in by_baseline.items()
    }
    return {
        name: {key: value for key, value in one.items() if key != "by_category"}
        for name, one in scored.items()
    }


def _features(source: Any, rows: Any, held: HeldOutRows, progress: StageProgress, stage: str) -> Any:
    """``picture_features`` of some rows, zeros for a picture that cannot be read: float32 (rows, n)."""
    nothing = picture_features(None)
    found = []
    for at, picture in enumerate(RowPictures(source, rows, held.template)):
        try:
            found.append(picture_features(picture))
        except InputError:
            found.append(nothing)
        progress(stage, at + 1, len(rows))
    return np.stack(found)
