"""The learner ``cnn``: the small network of cnn.py, trained from nothing; it answers category and price."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from datagen.schemas.keyed import I64
from datagen.schemas.progress import StageProgress
from datagen.train.chat.conversation import Fields, Template
from datagen.train.data.pictures import open_picture
from datagen.train.data.sources import Source
from datagen.train.study.cnn import (
    BATCH,
    CHANNELS,
    HEIGHT,
    STEPS,
    WIDTH,
    Examples,
    Learned,
    Pixels,
    fit,
    pixels_of,
    predict,
)
from datagen.train.study.data import Side, StudyData
from datagen.train.study.features import Features
from datagen.train.study.learners.learner import answering, one_thread
from datagen.train.study.plan import Cell
from datagen.train.study.sampling import CellRows, passes, phases

HIGHEST_PRICE = 1e12


class SmallNetwork:
    """See ``learner.Learner``. Every cell takes ``steps`` steps of ``BATCH`` samples."""

    def __init__(
        self, data: StudyData, features: Features, progress: StageProgress, *, steps: int | None = None
    ) -> None:
        self.steps = steps or STEPS
        self._data = data
        self._progress = progress
        self._template = answering(data.template, "category", "price")

    @property
    def template(self) -> Template:
        """Category and price."""
        return self._template

    @property
    def settings(self) -> Mapping[str, Any]:
        """Name, size and length of the training."""
        return {"name": "cnn", "channels": list(CHANNELS), "steps": self.steps, "batch": BATCH}

    @one_thread()
    def answer(self, cell: Cell, rows: CellRows, folder: Path) -> list[Fields | None]:
        """The answers of a network that saw real and other rows in the shares of the cell."""
        learned: Learned | None = None
        for at, (steps, share) in enumerate(phases(cell, self.steps)):
            examples = self._samples(rows, steps * BATCH, share, cell.seed)
            seed = cell.seed * 2 + at  # phases of one cell draw different changes of pictures
            learned = fit(examples, len(self._categories), seed=seed, steps=steps, start=learned)
        if learned is None:
            raise ValueError("a cell has at least one phase")
        found = predict(learned, self._real.pixels[self._data.test])
        return [
            self._fields(category, price)
            for category, price in zip(found.categories.tolist(), found.log_prices.tolist(), strict=True)
        ]

    def _samples(self, rows: CellRows, count: int, share: float, seed: int) -> Examples:
        """All samples of a phase, each row in whole passes."""
        others = round(count * share)
        real = self._real.take(passes(rows.real, count - others, seed, "real samples"))
        if len(rows.retrieved):
            return real.with_others(self._real.take(passes(rows.retrieved, others, seed, "other samples")))
        places = passes(np.arange(len(rows.synthetic)), others, seed, "other samples")
        pictures, answers = rows.synthetic[places], rows.answers[places]
        return real.with_others(
            Examples(
                self._synthetic.pixels[pictures],
                self._synthetic.categories[answers],
                self._synthetic.log_prices[answers],
            )
        )

    def _fields(self, category: int, log_price: float) -> Fields:
        fields: Fields = {}
        if self._template.category is not None:
            fields[self._template.category] = self._categories[category]
        if self._template.price is not None:
            price = min(math.exp(min(log_price, 700.0)), HIGHEST_PRICE)
            fields[self._template.price] = round(price, 2)
        return fields

    @cached_property
    def _categories(self) -> list[str]:
        """The categories of both sets; one, if the template has none."""
        field = self._template.category
        if field is None:
            return [""]
        sides = (self._data.real, self._data.synthetic)
        return sorted({str(side.fields[row][field]) for side in sides for row in side.usable.tolist()})

    @cached_property
    def _real(self) -> Examples:
        return self._examples(self._data.real, np.union1d(self._data.pool, self._data.test))

    @cached_property
    def _synthetic(self) -> Examples:
        return self._examples(self._data.synthetic, self._data.synthetic_rows)

    def _examples(self, side: Side, rows: I64) -> Examples:
        """All rows of a set, those of ``rows`` with their pictures."""
        category, price = self._template.category, self._template.price
        number = {name: at for at, name in enumerate(self._categories)}
        categories = [-1 if category is None else number.get(str(one[category]), -1) for one in side.fields]
        prices = [None if price is None else one[price] for one in side.fields]
        known = [math.log(one) if isinstance(one, float) and one > 0 else math.nan for one in prices]
        pixels = _pixels(side.source, self._data.template, rows, self._progress)
        return Examples(pixels, np.array(categories, dtype=np.int64), np.array(known, dtype=np.float64))


def _pixels(source: Source, template: Template, rows: I64, progress: StageProgress) -> Pixels:
    """The pictures of some rows as the network sees them: uint8 (all rows of the source, 3, 48, 36)."""
    found = np.zeros((len(source), 3, HEIGHT, WIDTH), dtype=np.uint8)
    for at, row in enumerate(rows.tolist()):
        found[row] = pixels_of([open_picture(source.row(row)[template.image])])[0]
        progress(f"Reading pictures of {source.name}", at + 1, len(rows))
    return found
