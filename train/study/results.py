"""What the cells of a study say together: scores, effects against real rows alone, and their sentences.

Pure data: the table, the plot, the page and results.json are written from it and compute nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from datagen.schemas.keyed import F64
from datagen.schemas.text import count
from datagen.train.chat.conversation import Template
from datagen.train.evaluation.predictions import marks
from datagen.train.evaluation.scores import SCORES, Score
from datagen.train.study.cells import FinishedCell
from datagen.train.study.plan import (
    MAJORITY,
    MIXTURE,
    NEAREST,
    PERMUTED,
    REAL,
    RETRIEVED,
    SEEDS,
    SYNTHETIC,
    THEN_REAL,
    UNTRAINED,
)
from datagen.train.study.statistics import (
    OUTSIDE,
    Interval,
    Marks,
    Worth,
    detectable,
    interval,
    power,
    sign_flip,
    worth,
)

MARK_OF = {
    "title_exact": "title_right",
    "category_accuracy": "category_right",
    "price_within_20": "price_near",
}
"""Score -> what says of each answer whether it is right; those scores are means of it."""

Group = tuple[str, int, float]
"""Arm, real rows, share: the cells that differ in their seed alone."""
ARMS = (MAJORITY, NEAREST, REAL, SYNTHETIC, MIXTURE, THEN_REAL, RETRIEVED, PERMUTED)


@dataclass(frozen=True)
class Point:
    """A score of some cells over their seeds."""

    arm: str
    real_rows: int
    share: float
    seeds: int
    score: Interval


@dataclass(frozen=True)
class Effect:
    """A point minus real rows alone, of the seeds that both have.

    ``real_rows``: those of the real rows alone, which in the arm ``synthetic`` are not trained on. ``p``:
    of the sign-flip test over seeds. ``power``: the chance to find a difference of 5 points. ``detectable``:
    the difference that would be found with 80 %. ``worth``: None for a single number of real rows.
    """

    arm: str
    real_rows: int
    share: float
    seeds: int
    difference: Interval
    p: float
    power: float
    detectable: float
    worth: Worth | None

    @property
    def significant(self) -> bool:
        """Whether both the interval and the test exclude no difference."""
        low, high = self.difference.low, self.difference.high
        return self.p <= OUTSIDE and (low > 0 or high < 0)


@dataclass(frozen=True)
class ScoreResults:
    """All points and effects in one score."""

    name: str
    label: str
    points: tuple[Point, ...]
    effects: tuple[Effect, ...]

    @property
    def all_wrong(self) -> bool:
        """Whether there is nothing to see: no model was right about any row."""
        return bool(self.points) and not any(point.score.value for point in self.points)


def results_of(cells: Sequence[FinishedCell], template: Template) -> tuple[ScoreResults, ...]:
    """The results of some finished cells, in the order in which scores lead a comparison."""
    leading = sorted((one for one in SCORES if one.lead), key=lambda one: one.lead)
    answered = {
        "title_exact": template.title,
        "category_accuracy": template.category,
        "price_within_20": template.price,
    }
    return tuple(_of_score(one, cells, template) for one in leading if answered[one.name] is not None)


def _of_score(score: Score, cells: Sequence[FinishedCell], template: Template) -> ScoreResults:
    groups: dict[Group, dict[int, F64]] = {}
    for one in cells:
        cell = one.cell
        right = _right(one, MARK_OF[score.name], template)
        groups.setdefault((cell.arm, cell.real_rows, cell.share), {})[cell.seed] = right
    family = cells[0].predictions.title_families if cells else np.empty(0, dtype=np.int64)
    if not groups or np.isnan(next(iter(next(iter(groups.values())).values()))).all():
        return ScoreResults(score.name, score.label, (), ())

    def marked(group: Group, seeds: Iterable[int]) -> Marks:
        return Marks.of(np.array([groups[group][seed] for seed in seeds]), family)

    order = sorted(groups, key=lambda group: (group[1], ARMS.index(group[0]), group[2]))
    points = tuple(
        Point(*group, len(groups[group]), interval(marked(group, sorted(groups[group])))) for group in order
    )
    effects = []
    for size in sorted({group[1] for group in order if group[0] == REAL}):
        for group in order:
            if group[0] not in (REAL, *UNTRAINED) and group[1] in (size, 0):
                real = (REAL, size, 0.0)
                seeds = sorted(set(groups[group]) & set(groups[real]))
                if seeds:
                    curve = _curve(groups, marked, seeds)
                    effects.append(_effect(group, size, marked(group, seeds), marked(real, seeds), curve))
    return ScoreResults(score.name, score.label, points, tuple(effects))


def _curve(groups: dict[Group, dict[int, F64]], marked: Any, seeds: Sequence[int]) -> dict[int, Marks]:
    """The marks of real rows alone by their number, where all of some seeds are there."""
    return {
        group[1]: marked(group, seeds)
        for group in groups
        if group[0] == REAL and all(seed in groups[group] for seed in seeds)
    }


def _effect(group: Group, size: int, mine: Marks, real: Marks, curve: dict[int, Marks]) -> Effect:
    arm, rows, share = group
    difference = mine.minus(real)
    found = interval(difference)
    return Effect(
        arm,
        size,
        share,
        len(mine.right),
        found,
        sign_flip(difference.by_seed),
        power(found.error),
        detectable(found.error),
        worth(curve, mine, rows),
    )


def _right(cell: FinishedCell, mark: str, template: Template) -> F64:
    """1 for a right answer, 0 for a wrong one, NaN where there is no truth: float64 (rows,)."""
    found = cell.predictions
    of_rows = [
        marks(truth, answer, template)[mark] for truth, answer in zip(found.truth, found.fields, strict=True)
    ]
    return np.array([math.nan if one is None else float(one) for one in of_rows])


# In words


def arm_name(arm: str, share: float) -> str:
    """What a model was trained on, in words."""
    percent = f"{100 * share:g} %"
    return {
        MAJORITY: "no model: most frequent answer",
        NEAREST: "no model: most similar picture",
        REAL: "real",
        SYNTHETIC: "synthetic alone",
        MIXTURE: f"real, {percent} synthetic",
        THEN_REAL: "synthetic, then real",
        RETRIEVED: f"real, {percent} retrieved real",
        PERMUTED: f"real, {percent} synthetic, answers permuted"
        if share < 1
        else "synthetic, answers permuted",
    }[arm]


def sentences(results: Sequence[ScoreResults], data: dict[str, Any]) -> list[str]:
    """What a reader should know first: the largest gain and loss of each score, and what limits them."""
    found = [
        f"{data['real']} was made by datagen too, so this is made against made: it says nothing of real rows."
    ] * bool(data["made_against_made"])
    for one in results:
        found += _of_results(one, data)
    seeds = {effect.seeds for one in results for effect in one.effects}
    if seeds and max(seeds) < SEEDS:
        found.append(
            f"With {count(max(seeds), 'seed')} no difference can be significant: "
            f"the least p is {2 / 2 ** max(seeds):g}."
        )
    elif seeds and min(seeds) < SEEDS:
        found.append(
            f"Comparisons with fewer than {SEEDS} seeds cannot be significant; some have fewer so far."
        )
    unknown = data["categories_not_synthetic"]
    if unknown and unknown[0]:
        found.append(
            f"{unknown[0]} of {count(unknown[1], 'test row')} have a category that no synthetic row has."
        )
    return found


def _of_results(one: ScoreResults, data: dict[str, Any]) -> list[str]:
    """What is said of one score."""
    helped = [effect for effect in one.effects if effect.arm in (SYNTHETIC, MIXTURE, THEN_REAL)]
    label = one.label[0].upper() + one.label[1:]
    if not helped:
        return []
    if one.all_wrong:
        asks = "; it asks for titles of products that were not trained on" * (one.name == "title_exact")
        return [f"{label}: 0 % for every model{asks}."]
    gains = [effect for effect in helped if effect.significant and effect.difference.value > 0]
    losses = [effect for effect in helped if effect.significant and effect.difference.value < 0]
    said = (
        f"{label}: {_number(len(gains), 'significant gain')} and {_number(len(losses), 'significant loss')} "
        f"in {count(len(helped), 'comparison')} with real rows alone"
    )
    least = min(effect.detectable for effect in helped)
    if not gains and not losses and math.isfinite(least) and least > 0:
        said += f"; a gain below {_points(least)} points would probably have been missed"
    found = [f"{said}."]
    if gains:
        found.append(_worth_sentence(max(gains, key=lambda effect: effect.difference.value), data))
    if losses:
        found.append(_largest("loss", min(losses, key=lambda effect: effect.difference.value)) + ".")
    return found + _control_sentences(one)


def _number(number: int, what: str) -> str:
    return count(number, what) if number else f"no {what}"


def _largest(what: str, effect: Effect) -> str:
    """The effect that is the largest gain or loss, without a full stop."""
    points = sorted((abs(effect.difference.low), abs(effect.difference.high)))
    return (
        f'The largest {what} is that of "{arm_name(effect.arm, effect.share)}", '
        f"{_points(abs(effect.difference.value))} points ({' to '.join(map(_points, points))}), compared "
        f"with {effect.real_rows:,} real rows alone"
    )


def _worth_sentence(effect: Effect, data: dict[str, Any]) -> str:
    gain = _largest("gain", effect)
    if effect.worth is None:
        return f"{gain}."
    bound = {"": "", "least": "at least ", "most": "at most "}[effect.worth.bound]
    beside = "alone" if effect.arm == SYNTHETIC else f"beside {effect.real_rows:,} real rows"
    return (
        f"{gain}: {data['used']:,} synthetic rows {beside} are worth {bound}{effect.worth.rows:,.0f} "
        f"{'more ' * (effect.arm != SYNTHETIC)}real ones."
    )


def _control_sentences(one: ScoreResults) -> list[str]:
    """What the control says: a mixture whose answers were permuted should help less."""
    found = []
    for control in (effect for effect in one.effects if effect.arm == PERMUTED):
        same = [
            effect
            for effect in one.effects
            if effect.arm in (MIXTURE, SYNTHETIC)
            and (effect.real_rows, effect.share) == (control.real_rows, control.share)
        ]
        if same and control.difference.value >= same[0].difference.value > 0:
            found.append(
                f"With {control.real_rows:,} real rows, permuted answers help as much as the right ones: "
                "there, the synthetic pictures teach nothing."
            )
    return found


def _points(share: float) -> str:
    return f"{100 * share:.1f}"


def plain(results: Sequence[ScoreResults]) -> list[dict[str, Any]]:
    """The results for JSON; None for what is not a number."""
    cleaned = _without_nan([asdict(one) for one in results])
    return list(cleaned)


def _without_nan(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nan(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_without_nan(one) for one in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
