"""The section on what pictures teach: category and price from a picture, learned from synthetic or real ones.

Train on synthetic, test on real (Esteban et al., arXiv 1706.02633), beside train on real, test on real: the
same models on the same features, tested on the same real pictures, whose title families nobody trained on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from datagen.report.figures import Figure, Section, Table
from datagen.report.pictures.distances import standardised
from datagen.report.pictures.features import F32
from datagen.report.pictures.sides import Side, Sides, drawn_again
from datagen.report.statistics.intervals import family_weights, percentiles
from datagen.schemas.keyed import F64, permutation

SHARE_OF_REAL = 0.8
"""Of the score that real pictures teach, what synthetic ones are wanted to teach."""
FEWEST_PRICES = 40
FEWEST_JUDGED = 100
"""Test pictures from which on a score is judged; with fewer, its interval is too wide."""
MOST_CLASSES = 40
SHARES_OF_REAL = (0.1, 0.3, 1.0)


@dataclass(frozen=True)
class Task:
    """Something to read off a picture.

    ``target``: of a side, what there is to learn, with an empty text or NaN where it is missing. ``learn``:
    from features and targets, a function from features to answers. ``score``: from answers, targets and
    weights (resamples, pictures), a score for each resample. ``guess``: the score without any picture.
    """

    name: str
    target: Callable[[Side], Any]
    learn: Callable[[F32, Any], Callable[[F32], Any]]
    score: Callable[[Any, Any, F64], F64]
    guess: Callable[[Any, Any], float]
    about: str


def use_section(sides: Sides, *, by_hand: bool = True) -> Section:
    """The section; figures that cannot be computed say why. ``by_hand``: whether the features are."""
    tasks = [_category_task(sides), _price_task(sides)]
    figures, lines, left_out = [], [], []
    for task in tasks:
        if isinstance(task, Figure):
            figures.append(task)
            continue
        figures.append(_figure(task, sides))
        lines += _mixtures(task, sides)
    table = Table(
        "Real pictures and synthetic ones together",
        ("task", "real pictures", "of them alone", "with the synthetic ones", "difference"),
        tuple(lines),
        "Scores on the same real test pictures, trained on a part of the real training pictures alone, and "
        f"on that part and all {len(sides.synthetic):,} synthetic ones.",
    )
    left_out.append("A vision model is not trained for this section: that is what datagen train does.")
    return Section(
        "picture-use",
        "Usefulness of the pictures",
        f"What a linear model on {'the hand-made' if by_hand else 'the same'} features learns from synthetic "
        f"pictures, against what it learns from as many real ones; tested on "
        f"{len(sides.held):,} other real pictures.",
        tuple(figures),
        (table,) if lines else (),
        left_out=tuple(left_out),
    )


def _figure(task: Task, sides: Sides) -> Figure:
    test = _known(task, sides.held)
    weights = np.vstack(
        [np.ones(len(test)), family_weights(test.family, sides.seed, f"picture use {task.name}")]
    )
    target = task.target(test)

    def scored(train: Side, labels: Any) -> F64:
        return task.score(_learned(task, train.features, labels, train)(test), target, weights)

    made, real = _known(task, sides.synthetic), _known(task, sides.other)
    real_target = task.target(real)
    order = permutation(sides.seed, f"report picture use shuffle {task.name}", 0, len(real))
    copies = drawn_again(real, sides.seed)
    own = scored(made, task.target(made))
    best = float(scored(real, real_target)[0])
    guess = task.guess(real_target, target)
    references = {
        "other half": best,
        "resample": float(scored(copies, task.target(copies))[0]),
        "shuffled": float(scored(real, real_target[order])[0]),
        "chance": guess,
    }
    judged = len(test) >= FEWEST_JUDGED and best > guess + 0.05
    threshold = SHARE_OF_REAL * best if judged else None
    low, high = percentiles(own[1:])
    return Figure(task.name, float(own[0]), low, high, references, threshold, "higher", task.about)


def _learned(task: Task, features: F32, labels: Any, like: Side) -> Callable[[Side], Any]:
    """What a model learned from features and labels answers on a side."""
    answer = task.learn(standardised(features, like.features), labels)
    return lambda side: answer(standardised(side.features, like.features))


def _known(task: Task, side: Side) -> Side:
    """The pictures of which the target is known."""
    target = task.target(side)
    known = target != "" if target.dtype.kind == "U" else np.isfinite(target)
    return side.take(np.flatnonzero(known))


def _mixtures(task: Task, sides: Sides) -> list[tuple[str | float | None, ...]]:
    """Scores with a share of the real pictures alone, and with the synthetic ones in addition."""
    test, real, made = (_known(task, side) for side in (sides.held, sides.other, sides.synthetic))
    target, every = task.target(test), np.ones((1, len(test)))
    order = permutation(sides.seed, f"report picture use part {task.name}", 0, len(real))
    lines: list[tuple[str | float | None, ...]] = []
    for share in SHARES_OF_REAL:
        some = real.take(np.sort(order[: max(2, round(share * len(real)))]))
        labels = task.target(some)
        if labels.dtype.kind == "U" and len(set(labels)) < 2:
            continue
        alone = float(task.score(_learned(task, some.features, labels, some)(test), target, every)[0])
        both = np.concatenate([some.features, made.features])
        mixed = np.concatenate([labels, task.target(made)])
        together = float(task.score(_learned(task, both, mixed, some)(test), target, every)[0])
        lines.append((task.name, f"{100 * share:.0f} %, {len(some):,}", alone, together, together - alone))
    return lines


def _category_task(sides: Sides) -> Task | Figure:
    name = "category from picture: share right"
    column = _category(sides)
    if column is None:
        return Figure(
            name, None, better="higher", not_computed="no category column has values that all sets share"
        )

    def target(side: Side) -> Any:
        return np.array(side.rows.texts(column), dtype=np.str_)

    shown = set(target(sides.other)) & set(target(sides.synthetic)) - {""}

    def common(side: Side) -> Any:
        labels = target(side)
        return np.where(np.isin(labels, list(shown)), labels, "")

    return Task(
        name,
        common,
        _classifier,
        lambda answers, labels, weights: weights @ (answers == labels) / np.maximum(weights.sum(axis=1), 1),
        lambda train, test: float(np.mean(test == Counter(train.tolist()).most_common(1)[0][0])),
        f"The column {column}, {len(shown)} values that both sets have, by a ridge classifier. "
        "Chance: always the most frequent one.",
    )


def _category(sides: Sides) -> str | None:
    """The deepest category column of which most real rows have a value that synthetic rows have."""
    best = None
    for column in sides.held.rows.categories:
        real, made = sides.other.rows.texts(column), sides.synthetic.rows.texts(column)
        common = (set(real) & set(made)) - {""}
        covered = sum(value in common for value in real)
        if 2 <= len(common) <= MOST_CLASSES and covered >= len(real) / 2:
            best = column
    return best


def _classifier(features: F32, labels: Any) -> Callable[[F32], Any]:
    from sklearn.linear_model import RidgeClassifier  # type: ignore[import-untyped]

    if len(set(labels.tolist())) < 2:
        return lambda asked: np.full(len(asked), labels[0])
    model = RidgeClassifier(alpha=float(features.shape[1])).fit(features.astype(np.float64), labels)
    return lambda asked: model.predict(asked.astype(np.float64))


def _price_task(sides: Sides) -> Task | Figure:
    name = "log price from picture: R2"
    if sides.held.rows.log_prices is None:
        return Figure(name, None, better="higher", not_computed="the sets have no price column in common")
    known = min(
        int(np.isfinite(_log_prices(side)).sum()) for side in (sides.held, sides.other, sides.synthetic)
    )
    if known < FEWEST_PRICES:
        reason = f"it takes {FEWEST_PRICES} pictures with a price on each side, and one has {known:,}"
        return Figure(name, None, better="higher", not_computed=reason)
    return Task(
        name,
        _log_prices,
        _regression,
        _r2,
        lambda train, test: float(_r2(np.full(len(test), train.mean()), test, np.ones((1, len(test))))[0]),
        "By ridge regression; of the test pictures' variance in log price, the share explained. Below 0 it "
        "is worse than their mean. Chance: the mean price of the training pictures.",
    )


def _log_prices(side: Side) -> F64:
    prices = side.rows.log_prices
    return np.full(len(side), np.nan) if prices is None else prices


def _regression(features: F32, target: F64) -> Callable[[F32], F64]:
    from sklearn.linear_model import Ridge

    model = Ridge(alpha=float(features.shape[1])).fit(features.astype(np.float64), target)
    low, high = float(target.min()), float(target.max())
    return lambda asked: np.clip(model.predict(asked.astype(np.float64)), low, high)


def _r2(answers: F64, target: F64, weights: F64) -> F64:
    total = np.maximum(weights.sum(axis=1), 1)
    mean = weights @ target / total
    spread = weights @ target**2 / total - mean**2
    wrong = weights @ (answers - target) ** 2 / total
    made: F64 = 1 - wrong / np.maximum(spread, 1e-12)
    return made
