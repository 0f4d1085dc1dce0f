"""Numbers as a page, a terminal and a card show them."""

from __future__ import annotations

import math

from datagen.report.figures import Figure

SIGNS = {"pass": "✓ passes", "fail": "✗ fails", "none": "– not judged"}
"""Verdicts in words, each with a sign of its own: nothing is said by colour alone."""


def number(value: float | None) -> str:
    """Three decimals below ten, fewer above; whole numbers as counts; a dash for none.

    >>> number(0.6784), number(3040), number(41.23), number(None), number(-0.0001)
    ('0.678', '3,040', '41.2', '–', '0.000')
    """
    if value is None or not math.isfinite(value):
        return "–"
    if isinstance(value, int):
        return f"{value:,}"
    digits = 3 if abs(value) < 10 else 1 if abs(value) < 1000 else 0
    shown = f"{value:,.{digits}f}"
    return shown.lstrip("-") if not float(shown.replace(",", "")) else shown


def cell_number(value: float | None) -> str:
    """A number in a table, to three significant digits where it is no whole number.

    >>> cell_number(21.84), cell_number(0.0), cell_number(1290.0), cell_number(0.01234), cell_number(None)
    ('21.8', '0', '1,290', '0.0123', '–')
    """
    if value is None or not math.isfinite(value):
        return "–"
    if value == round(value) or abs(value) >= 1000:
        return f"{value or 0:,.0f}"  # no "-0"
    shown = f"{value:.{min(4, 2 - math.floor(math.log10(abs(value))))}f}"
    return shown if float(shown) else "0.0000"


def interval(figure: Figure) -> str:
    """The 95 % interval of a figure, such as "0.65 to 0.71"; empty where it has none."""
    if figure.value is None or figure.low is None or figure.high is None:
        return ""
    return f"{number(figure.low)} to {number(figure.high)}"


def wanted(figure: Figure) -> str:
    """What a figure is judged by, such as "at most 0.65"; empty where it is not."""
    if figure.threshold is None:
        return ""
    return f"at {'most' if figure.better == 'lower' else 'least'} {number(figure.threshold)}"
