"""What the folder of an evaluation is called."""

from __future__ import annotations

import re

from datagen.train.config import RetrievalConfig


def with_neighbours(name: str, settings: RetrievalConfig) -> str:
    """The folder's name of an evaluation with products of an index in its prompts."""
    return name if settings.index is None else f"{name}-{settings.k}-neighbours"


def evaluation_name(which: str, split: str, data: str | None, rows: int | None) -> str:
    """The folder's name: best, best-validation, best-on-shop-test, best-500-rows."""
    name = re.sub(r"[^\w.-]+", "-", which).strip("-.") or "model"
    if data is not None:
        name += "-on-" + re.sub(r"[^\w]+", "-", f"{data} {split}").strip("-")[-80:]
    elif split != "test":
        name += f"-{split}"
    return name if rows is None else f"{name}-{rows}-rows"
