"""The learner ``probe``: what a picture's fixed features say of category, price and title, by linear models.

Logistic regression for the category, ridge regression for the logarithm of the price, and the title of the
training row with the nearest picture among those of the answered category. It has no steps and no initial
weights, so seeds differ in their rows alone, and a cell takes about a second.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from datagen.schemas.keyed import F64, I64
from datagen.schemas.progress import StageProgress
from datagen.train.chat.conversation import Fields, Template
from datagen.train.evaluation.baselines import LEAST_SPREAD
from datagen.train.study.data import StudyData
from datagen.train.study.features import Features
from datagen.train.study.learners.learner import answering, one_thread
from datagen.train.study.plan import THEN_REAL, Cell
from datagen.train.study.sampling import CellRows

HIGHEST_LOG_PRICE = math.log(1e12)
ITERATIONS = 60
Weights = NDArray[np.float64]


class Probe:
    """See ``learner.Learner``. A mixture weights its rows, so that each part has its share."""

    def __init__(self, data: StudyData, features: Features, progress: StageProgress) -> None:
        self._data = data
        self._features = features
        self._template = answering(data.template, "title", "category", "price")

    @property
    def template(self) -> Template:
        """Title, category and price."""
        return self._template

    @property
    def settings(self) -> Mapping[str, Any]:
        """Name and features."""
        return {"name": "probe", **self._features.settings}

    @one_thread()
    def answer(self, cell: Cell, rows: CellRows, folder: Path) -> list[Fields | None]:
        """The answers of linear models of a cell's rows.

        In the arm ``then_real`` the models of the real rows are drawn towards those of the synthetic rows
        instead of towards 0.
        """
        real, synthetic = self._data.real, self._data.synthetic
        mine = [real.fields[row] for row in (*rows.real.tolist(), *rows.retrieved.tolist())]
        fields = mine + [synthetic.fields[row] for row in rows.answers.tolist()]
        pictures = self._features.real.astype(np.float64)
        seen = pictures[np.concatenate([rows.real, rows.retrieved])]
        if len(rows.synthetic):
            seen = np.concatenate([seen, self._features.synthetic[rows.synthetic].astype(np.float64)])
        others = np.arange(len(fields)) >= len(rows.real)
        weights = _shared(others, cell.share)
        middle, spread = seen.mean(0), np.maximum(seen.std(0), LEAST_SPREAD)
        known, asked = ((each - middle) / spread for each in (seen, pictures[self._data.test]))

        def fitted(fit: Callable[[F64, F64, Weights | None], Weights]) -> Weights:
            if cell.arm != THEN_REAL:
                return fit(known, weights, None)
            start = fit(known, _shared(others, 1.0), None)
            return fit(known, _shared(others, 0.0), start)

        return self._answers(fields, known, asked, fitted)

    def _answers(
        self,
        fields: list[Fields],
        known: F64,
        asked: F64,
        fitted: Callable[[Callable[[F64, F64, Weights | None], Weights]], Weights],
    ) -> list[Fields | None]:
        template, count = self._template, len(asked)
        found: list[Fields] = [{} for _ in range(count)]
        category: list[Any] = [None] * count
        if template.category is not None:
            names = sorted({str(one[template.category]) for one in fields})
            labels = np.array([names.index(str(one[template.category])) for one in fields])
            of_category = fitted(lambda x, w, start: logistic(x, labels, len(names), w, start))
            category = [names[at] for at in (_with_one(asked) @ of_category).argmax(1).tolist()]
        prices: list[float | None] = [None] * count
        if template.price is not None:
            true = [one[template.price] for one in fields]
            logs = np.array([math.log(p) if isinstance(p, float) and p > 0 else math.nan for p in true])
            if not np.isnan(logs).all():
                of_price = fitted(lambda x, w, start: ridge(x, logs, w, start))
                said = np.minimum(_with_one(asked) @ of_price, HIGHEST_LOG_PRICE)
                prices = [round(math.exp(one), 2) for one in said.tolist()]
        for at, one in enumerate(found):
            if template.category is not None:
                one[template.category] = category[at]
            if template.price is not None:
                one[template.price] = prices[at]
            if template.title is not None:
                one[template.title] = fields[_nearest(known, asked[at], fields, template, category[at])][
                    template.title
                ]
        return list(found)


def _shared(others: NDArray[np.bool_], share: float) -> F64:
    """Weights (rows,) that sum to 1, those of the other rows to ``share``."""
    counts = np.where(others, max(others.sum(), 1), max((~others).sum(), 1))
    weights: F64 = np.where(others, share, 1 - share) / counts
    return weights


def _nearest(known: F64, asked: F64, fields: list[Fields], template: Template, category: Any) -> int:
    """The training row with the nearest picture, of the answered category where it has rows."""
    distance = ((known - asked) ** 2).sum(1).round(9)
    if template.category is not None:
        distance = np.where([one[template.category] == category for one in fields], distance, math.inf)
    return int(np.argmin(distance))


def _with_one(features: F64) -> F64:
    return np.concatenate([features, np.ones((len(features), 1))], axis=1)


def ridge(features: F64, values: F64, weights: F64, start: Weights | None = None) -> Weights:
    """Weights (features + 1,) of the least squares with a penalty; the last is the constant, without one.

    The penalty is features / rows of the squared distance to ``start``: for features of unit spread, it is
    as strong as the data where there is a row for each of them. Rows whose value is NaN are left out.
    """
    there = ~np.isnan(values) & (weights > 0)
    x, y, w = _with_one(features[there]), values[there], weights[there] / max(weights[there].sum(), 1e-12)
    width = x.shape[1]
    before = np.zeros(width) if start is None else start
    penalty = np.full(width, (width - 1) / max(len(x), 1))
    penalty[-1] = 1e-9
    if not len(x):
        return before
    return before + np.linalg.solve(x.T @ (w[:, None] * x) + np.diag(penalty), x.T @ (w * (y - x @ before)))


def logistic(features: F64, labels: I64, classes: int, weights: F64, start: Weights | None = None) -> Weights:
    """Weights (features + 1, classes) of multinomial logistic regression, by L-BFGS.

    The penalty is half of 1 / rows of the squared distance to ``start``, as scikit-learn's default is.
    """
    there = weights > 0
    x, y = torch.from_numpy(_with_one(features[there])), torch.from_numpy(labels[there])
    w = torch.from_numpy(weights[there] / max(weights[there].sum(), 1e-12))
    before = torch.from_numpy(np.zeros((x.shape[1], classes)) if start is None else start)
    found = before.clone().requires_grad_(True)
    optimiser = torch.optim.LBFGS([found], max_iter=ITERATIONS, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        optimiser.zero_grad()
        off = (w * functional.cross_entropy(x @ found, y, reduction="none")).sum()
        whole: torch.Tensor = off + ((found - before)[:-1] ** 2).sum() / (2 * max(len(x), 1))
        torch.autograd.backward(whole)
        return whole

    optimiser.step(loss)  # type: ignore[no-untyped-call]
    return found.detach().numpy().copy()
