"""What a learner of a study is, and what learners share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import torch

from datagen.schemas import InputError
from datagen.train.chat.conversation import Fields, Template
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


@contextmanager
def one_thread() -> Iterator[None]:
    """One thread of torch, so that sums have the same last digits wherever a cell is run."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)
