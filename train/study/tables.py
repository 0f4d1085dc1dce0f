"""The table of a study, for a terminal, for Markdown and for the page: the same cells of text."""

from __future__ import annotations

import math
from collections.abc import Sequence

from datagen.schemas.markdown import escape, table
from datagen.train.study.plan import REAL, UNTRAINED
from datagen.train.study.results import Effect, Point, ScoreResults, arm_name
from datagen.train.study.statistics import Interval, Worth

HEADINGS = (
    "real rows",
    "trained on",
    "score",
    "difference to real alone",
    "p",
    "power for 5 points",
    "found at power 80 %",
    "worth in real rows",
)
RIGHT = (True, False, True, True, True, True, True, True)
"""Which columns are numbers."""
NONE = "–"


def table_of(results: ScoreResults) -> list[list[str]]:
    """A line for every point and, for those without real rows, for every number of rows to compare with."""
    points = {(point.arm, point.real_rows, point.share): point for point in results.points}
    sizes = sorted({point.real_rows for point in results.points if point.arm == REAL})
    effects = {(effect.arm, effect.real_rows, effect.share): effect for effect in results.effects}
    lines = []
    for size in sizes:
        for (arm, rows, share), point in points.items():
            if rows == size:
                lines.append(_line(size, point, effects.get((arm, size, share))))
        for (arm, rows, share), point in points.items():
            if rows == 0:
                lines.append(_line(size, point, effects.get((arm, size, share))))
    if not sizes:
        lines = [_line(point.real_rows, point, None) for point in results.points]
    return lines


def _line(size: int, point: Point, effect: Effect | None) -> list[str]:
    name = arm_name(point.arm, point.share)
    first = [f"{size:,}", name, _score(point)]
    if effect is None:
        return [*first, *[NONE] * (len(HEADINGS) - len(first))]
    return [
        *first,
        f"{signed(effect.difference.value)} ({_span(effect.difference)})",
        f"{effect.p:.3f}",
        _percent(effect.power),
        NONE if not math.isfinite(effect.detectable) else f"{100 * effect.detectable:.1f}",
        worth_text(effect.worth),
    ]


def _score(point: Point) -> str:
    value = _percent(point.score.value)
    return (
        value
        if point.arm in UNTRAINED or not math.isfinite(point.score.low)
        else (f"{value} ({100 * point.score.low:.1f} to {100 * point.score.high:.1f})")
    )


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %" if math.isfinite(share) else NONE


def signed(share: float) -> str:
    """A difference in points, with its sign.

    >>> signed(0.0712), signed(-0.03), signed(-0.0001)
    ('+7.1', '-3.0', '0.0')
    """
    shown = f"{100 * share:+.1f}"
    return shown.lstrip("+-") if float(shown) == 0 else shown


def _span(of: Interval) -> str:
    return f"{signed(of.low)} to {signed(of.high)}" if math.isfinite(of.low) else "no interval"


def worth_text(worth: Worth | None) -> str:
    """What a point is worth in further real rows, with its interval."""
    if worth is None:
        return NONE
    bound = {"": "", "least": "≥ ", "most": "≤ "}[worth.bound]
    known = math.isfinite(worth.low) and not (worth.bound and worth.low == worth.high)
    span = f" ({worth.low:,.0f} to {worth.high:,.0f})" if known else ""
    return f"{bound}{worth.rows:,.0f}{span}"


def markdown(results: Sequence[ScoreResults]) -> str:
    """All tables as Markdown, each under the name of its score."""
    numbers = [at for at, right in enumerate(RIGHT) if right]
    parts = []
    for one in results:
        lines = [[escape(cell) for cell in line] for line in table_of(one)]
        label = one.label[0].upper() + one.label[1:]
        parts.append(f"### {label}\n\n{table(HEADINGS, lines, numbers)}\n")
    return "\n".join(parts)
