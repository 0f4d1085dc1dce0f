"""The plot of a study: score against real rows, a line per arm and share, with bands. SVG without script.

It carries its own light ground and its styles in attributes, so it shows the same in a page whose policy
allows no other styles, in a README and by itself. Lines differ by their marks as well as by their colours.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from datagen.schemas.pages.document import text
from datagen.train.study.plan import (
    MAJORITY,
    MIXTURE,
    NEAREST,
    PERMUTED,
    REAL,
    RETRIEVED,
    SYNTHETIC,
    THEN_REAL,
    UNTRAINED,
)
from datagen.train.study.results import Point, ScoreResults, arm_name

WIDTH, PANEL, HEAD = 860, 320, 34
LEFT, RIGHT, BOTTOM = 58, 300, 46
COLOURS = {
    REAL: "#000000",
    SYNTHETIC: "#b35900",
    MIXTURE: "#0072b2",
    THEN_REAL: "#007a5a",
    RETRIEVED: "#a0407a",
    PERMUTED: "#c23b22",
    MAJORITY: "#767676",
    NEAREST: "#767676",
}
"""After Okabe and Ito, darkened where they are too light for lines on white."""
DASHES = {SYNTHETIC: "7 4", PERMUTED: "2 3", RETRIEVED: "9 3 2 3", MAJORITY: "1 4", NEAREST: "4 4"}
MARKS = (
    '<circle r="4"/>',
    '<path d="M-4-4H4V4H-4Z"/>',
    '<path d="M0-5 5 4H-5Z"/>',
    '<path d="M0-5 5 0 0 5-5 0Z"/>',
    '<path d="M0 5 5-4H-5Z"/>',
)


def plot(results: Sequence[ScoreResults], title: str) -> str:
    """The plot, a panel for each score of which there is something to see. The same results give the same
    bytes.
    """
    shown = [one for one in results if one.points and not one.all_wrong]
    height = HEAD + PANEL * len(shown)
    panels = "".join(
        f'<g transform="translate(0 {HEAD + PANEL * at})">{_panel(one)}</g>' for at, one in enumerate(shown)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="100%" role="img" '
        f'aria-label="{text(title)}" font-family="system-ui, sans-serif" font-size="13">'
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>'
        f'<text x="{LEFT}" y="22" font-size="15" font-weight="600">{text(title, 110)}</text>{panels}</svg>\n'
    )


class _Scale:
    """Places of real rows, on a logarithmic scale, and of scores in a panel."""

    def __init__(self, sizes: Sequence[int], values: Sequence[float]) -> None:
        self.first, self.last = math.log(sizes[0]), math.log(sizes[-1])
        low, high = min(values), max(values)
        step = next(step for step in (0.02, 0.05, 0.1, 0.2) if (high - low) / step <= 7 or step == 0.2)
        self.low = max(0.0, math.floor(low / step) * step)
        self.high = min(1.0, math.ceil(high / step) * step)
        self.high = max(self.high, self.low + step)
        count = round((self.high - self.low) / step)
        self.ticks = [self.low + step * at for at in range(count + 1)]

    def x(self, rows: int) -> float:
        """Pixels from the left; a single number of rows is in the middle."""
        wide = WIDTH - LEFT - RIGHT
        if self.last == self.first:
            return LEFT + wide / 2
        return LEFT + 20 + (wide - 40) * (math.log(rows) - self.first) / (self.last - self.first)

    def y(self, value: float) -> float:
        """Pixels from the top."""
        share = (value - self.low) / (self.high - self.low)
        return 24 + (PANEL - BOTTOM - 24) * (1 - share)


def _panel(results: ScoreResults) -> str:
    lines: dict[tuple[str, float], list[Point]] = {}
    for point in results.points:
        lines.setdefault((point.arm, point.share), []).append(point)
    sizes = sorted({point.real_rows for point in results.points if point.real_rows})
    sizes = sizes or [1]
    known = [
        value
        for point in results.points
        for value in (point.score.value, point.score.low, point.score.high)
        if math.isfinite(value)
    ]
    scale = _Scale(sizes, known)
    parts = [_axes(scale, sizes, results.label)]
    order = sorted(lines, key=lambda line: line[0] not in UNTRAINED)
    parts += [_band(lines[line], scale) for line in order if line[0] not in (*UNTRAINED, SYNTHETIC)]
    marks = {
        line: MARKS[at % len(MARKS)] for at, line in enumerate(line for line in order if line[0] != REAL)
    }
    parts += [_line(line, lines[line], scale, marks.get(line, MARKS[0])) for line in order]
    parts += [
        _legend(line, 24 + 22 * at, marks.get(line, MARKS[0])) for at, line in enumerate(reversed(order))
    ]
    return "".join(parts)


def _axes(scale: _Scale, sizes: Sequence[int], label: str) -> str:
    right, bottom = WIDTH - RIGHT, PANEL - BOTTOM
    parts = [f'<text x="{LEFT}" y="12" font-weight="600">{text(label[0].upper() + label[1:])}</text>']
    for tick in scale.ticks:
        y = scale.y(tick)
        parts.append(
            f'<line x1="{LEFT}" x2="{right}" y1="{y:.1f}" y2="{y:.1f}" stroke="#dddddd"/>'
            f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end" fill="#444444">{100 * tick:.0f} %</text>'
        )
    for size in sizes:
        x = scale.x(size)
        parts.append(
            f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{bottom}" y2="{bottom + 5}" stroke="#444444"/>'
            f'<text x="{x:.1f}" y="{bottom + 19}" text-anchor="middle" fill="#444444">{size:,}</text>'
        )
    middle = (LEFT + right) / 2
    parts.append(
        f'<text x="{middle:.0f}" y="{bottom + 36}" text-anchor="middle" fill="#444444">real rows</text>'
    )
    return "".join(parts)


def _places(points: Sequence[Point], scale: _Scale) -> list[tuple[float, float]]:
    """Where a line's points are; rows alone that need no real ones are at every number of them."""
    if all(point.real_rows == 0 for point in points):
        y = scale.y(points[0].score.value)
        return [(float(LEFT), y), (float(WIDTH - RIGHT), y)]
    return [(scale.x(point.real_rows), scale.y(point.score.value)) for point in points]


def _band(points: Sequence[Point], scale: _Scale) -> str:
    """The 95 % intervals of a line."""
    known = [point for point in points if math.isfinite(point.score.low) and point.real_rows]
    colour = COLOURS[points[0].arm]
    if len(known) == 1:
        x, low, high = scale.x(known[0].real_rows), known[0].score.low, known[0].score.high
        ends = f'x1="{x:.1f}" x2="{x:.1f}" y1="{scale.y(low):.1f}" y2="{scale.y(high):.1f}"'
        return f'<line {ends} stroke="{colour}" stroke-opacity="0.4"/>'
    above = [(scale.x(point.real_rows), scale.y(point.score.high)) for point in known]
    below = [(scale.x(point.real_rows), scale.y(point.score.low)) for point in reversed(known)]
    return (
        f'<polygon points="{_joined(above + below)}" fill="{colour}" fill-opacity="0.09"/>' if known else ""
    )


def _line(line: tuple[str, float], points: Sequence[Point], scale: _Scale, mark: str) -> str:
    places = _places(points, scale)
    colour, dash = COLOURS[line[0]], DASHES.get(line[0])
    dashes = f' stroke-dasharray="{dash}"' if dash else ""
    drawn = f'<polyline points="{_joined(places)}" fill="none" stroke="{colour}" stroke-width="2"{dashes}/>'
    if line[0] in UNTRAINED or not points[0].real_rows:
        return drawn
    return drawn + "".join(
        f'<g transform="translate({x:.1f} {y:.1f})" fill="{colour}" fill-opacity="{_solid(line)}" '
        f'stroke="{colour}">{mark}</g>'
        for x, y in places
    )


def _solid(line: tuple[str, float]) -> str:
    """Shares of one arm are told apart by how filled their marks are."""
    return "1" if line[0] != MIXTURE else f"{line[1]:.2f}"


def _legend(line: tuple[str, float], y: int, mark: str) -> str:
    x, colour = WIDTH - RIGHT + 16, COLOURS[line[0]]
    dash = DASHES.get(line[0])
    dashes = f' stroke-dasharray="{dash}"' if dash else ""
    drawn = f'<line x1="{x}" x2="{x + 30}" y1="{y}" y2="{y}" stroke="{colour}" stroke-width="2"{dashes}/>'
    if line[0] not in (*UNTRAINED, SYNTHETIC):
        drawn += (
            f'<g transform="translate({x + 15} {y})" fill="{colour}" fill-opacity="{_solid(line)}" '
            f'stroke="{colour}">{mark}</g>'
        )
    return f'{drawn}<text x="{x + 38}" y="{y + 4}" font-size="12">{text(arm_name(*line))}</text>'


def _joined(places: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
