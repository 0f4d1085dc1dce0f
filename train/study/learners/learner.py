"""What a learner of a study is, and what learners share."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from datagen.schemas import InputError
from datagen.schemas.keyed import I64
from datagen.schemas.progress import StageProgress
from datagen.train.chat.conversation import Fields, Template
from datagen.train.data.sources import Source
from datagen.train.evaluation.baselines import picture_features
from datagen.train.study.plan import Cell
from datagen.train.study.sampling import CellRows


class Learner(Protocol):
    """Trains a model of its own for every cell.

    ``template``: the fields that it answers, with which it is scored. ``settings``: what makes its models
    what they are; part of every cell's digest.
    """

    @property
    def template(self) -> Template:
        """The fields that it answers."""

    @property
    def settings(self) -> Mapping[str, Any]:
        """What makes its models what they are."""

    def answer(self, cell: Cell, rows: CellRows, folder: Path) -> list[Fields | None]:
        """The answer to every test row of a model that is trained on ``rows``; None if it cannot be read.

        ``folder``: the cell's own, for what a killed training goes on from.
        """


def answering(template: Template, *roles: str) -> Template:
    """A template of those fields alone that have one of some roles. Raises InputError if none has."""
    fields = {role: getattr(template, role) for role in ("title", "category", "price")}
    kept = {role: field for role, field in fields.items() if field is not None and role in roles}
    if not kept:
        raise InputError(f"This learner answers {' and '.join(roles)}, and the template has neither.")
    answer = ", ".join(f"{role}: {{{field}}}" for role, field in kept.items())
    return Template(
        question=template.question,
        answer=answer,
        image=template.image,
        missing=template.missing,
        **{role: kept.get(role) for role in fields},
    )


def features_of(
    source: Source, template: Template, rows: I64, progress: StageProgress
) -> NDArray[np.float32]:
    """``picture_features`` of some rows: float32 (all rows of the source, n), zeros for the others."""
    found = np.zeros((len(source), len(picture_features(None))), dtype=np.float32)
    for at, row in enumerate(rows.tolist()):
        found[row] = picture_features(source.row(row)[template.image])
        progress(f"Reading pictures of {source.name}", at + 1, len(rows))
    return found
