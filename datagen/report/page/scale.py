"""The drawn scale of a figure: where it lies among its references, with its interval and its threshold.

SVG whose positions are percentages and whose marks have a shape each: it has any width, and needs no script
and no colour. The side of the threshold on which a figure passes is shaded.
"""

from __future__ import annotations

import html
import math

from datagen.report.figures import REFERENCES, Figure
from datagen.report.page.wording import number

_MIDDLE, _HEIGHT = 14, 28
_MARKS = {
    "other half": '<path class="mark" d="M0-6 6 5H-6Z"/>',
    "resample": '<path class="mark" d="M-5-5H5V5H-5Z"/>',
    "shuffled": '<path class="mark" d="M-5-5 5 5M5-5-5 5"/>',
    "chance": '<path class="mark" d="M0-8V8"/>',
}
_OTHER = '<path class="mark" d="M0-6 6 0 0 6-6 0Z"/>'


def mark(reference: str) -> str:
    """The mark of a reference, for a line of text."""
    shape = _MARKS.get(reference, _OTHER)
    return f'<svg class="glyph" width="14" height="16" viewBox="-7 -8 14 16" aria-hidden="true">{shape}</svg>'


def scale(figure: Figure) -> str:
    """The scale of a figure; empty where there are no two different numbers to put on it."""
    value = figure.value
    references = {name: each for name, each in figure.references.items() if math.isfinite(each)}
    numbers = [figure.low, figure.high, value, figure.threshold, *references.values()]
    known = [each for each in numbers if each is not None and math.isfinite(each)]
    if value is None or not math.isfinite(value) or len(set(known)) < 2:
        return ""
    low, high = min(known), max(known)
    start, width = low - (high - low) * 0.05, (high - low) * 1.1

    def at(each: float) -> str:
        return f"{100 * (each - start) / width:.2f}%"

    parts = [f'<line class="axis" x1="0" x2="100%" y1="{_MIDDLE}" y2="{_MIDDLE}"/>']
    if figure.threshold is not None:
        share = 100 * (figure.threshold - start) / width
        here = f"{share:.2f}%"
        above = f'x="{here}" width="{100 - share:.2f}%"'
        span = f'x="0" width="{here}"' if figure.better == "lower" else above
        parts.append(f'<rect class="good" {span} y="0" height="{_HEIGHT}"/>')
        parts.append(f'<line class="bound" x1="{here}" x2="{here}" y1="0" y2="{_HEIGHT}"/>')
    for name in sorted(references, key=_turn):
        shape = _MARKS.get(name, _OTHER)
        parts.append(f'<svg x="{at(references[name])}" y="{_MIDDLE}" overflow="visible">{shape}</svg>')
    if figure.low is not None and figure.high is not None and math.isfinite(figure.low + figure.high):
        ends = f'x1="{at(figure.low)}" x2="{at(figure.high)}"'
        parts.append(f'<line class="interval" {ends} y1="{_MIDDLE}" y2="{_MIDDLE}"/>')
    parts.append(f'<circle class="value" cx="{at(value)}" cy="{_MIDDLE}" r="6"/>')
    attributes = f'width="100%" height="{_HEIGHT}" aria-label="{html.escape(_in_words(figure), quote=True)}"'
    return f'<svg class="scale" role="img" {attributes}>{"".join(parts)}</svg>'


def _turn(name: str) -> int:
    return REFERENCES.index(name) if name in REFERENCES else len(REFERENCES)


def _in_words(figure: Figure) -> str:
    others = [f"{name} {number(value)}" for name, value in figure.references.items()]
    return f"{figure.name} {number(figure.value)} on a scale with {', '.join(others) or 'its threshold'}"
