"""What a job will take: how long it may run, what that costs, and how long making rows should last."""

from __future__ import annotations

import re
from typing import Any

import click

from datagen.hub.jobs import Flavour

TRAIN_TIMEOUT = 6 * 3600
STUDY_TIMEOUT = 6 * 3600
SMOKE_TIMEOUT = 30 * 60
"""Seconds that a job may run where nothing better is known. The Hub's own limit is 30 minutes."""

ROWS_PER_CORE = 216_000.0
PICTURES_PER_CORE = 3040 / 20.2 / 2
MEASURED_PIXELS = 480 * 640
"""Rows a second of one core without pictures, and with pictures of 480x640: docs/figures.md
(benchmarks/rows.py; benchmarks/pictures.py, 3,040 rows in 20.2 s on two cores)."""

STARTING = 15 * 60
"""Seconds for what is around the work: waiting for the machine, installing, sending."""

MARGIN = 3.0
"""How many times as long as estimated the work may last: the Hub's processors are not those measured."""


TRAINING_MARGIN = 2.0
"""How many times as long as its steps a training job may last: it also validates, evaluates and pushes."""


class Duration(click.ParamType[int]):
    """A length of time: 90m, 2h, 1.5h, 1d, or a number of seconds."""

    name = "TIME"
    UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}  # noqa: RUF012

    def convert(self, value: Any, param: Any, ctx: click.Context | None) -> int:
        """``1.5h`` as 5400 seconds."""
        if isinstance(value, int):
            return value
        match = re.fullmatch(r"(\d{1,7}(?:\.\d{1,3})?)\s*([smhd]?)", str(value).strip().lower())
        seconds = round(float(match[1]) * self.UNITS[match[2]]) if match else 0
        if seconds < 1:
            self.fail(f"{value!r} is not a length of time; write it as 90m or 2h.", param, ctx)
        return seconds


def duration(seconds: float) -> str:
    """A length of time for a person.

    >>> duration(50), duration(600), duration(7260), duration(7200)
    ('50 s', '10 min', '2 h 1 min', '2 h')
    """
    if seconds < 100:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{minutes} min"
    return f"{hours} h" + (f" {rest} min" if rest else "")


def making_seconds(rows: int, pixels: int, cores: int) -> float:
    """Seconds that making rows should last, from what two cores were measured to do.

    That more cores, or pictures of another size, scale alike is assumed. ``pixels``: of a picture, 0 without.
    """
    if not pixels:
        return rows / ROWS_PER_CORE
    return rows / (PICTURES_PER_CORE * cores) * pixels / MEASURED_PIXELS


def cost(flavour: Flavour, seconds: float) -> float | None:
    """Dollars for some time on a machine, None where the unit of its price is not known."""
    hourly = flavour.dollars_per_hour
    return None if hourly is None else hourly * seconds / 3600


def price(flavour: Flavour) -> str:
    """A machine and its price, as the Hub gives them."""
    machine = ", ".join(filter(None, (flavour.gpu, flavour.cpu, f"{flavour.memory} memory")))
    hourly = flavour.dollars_per_hour
    rate = f"${hourly:.2f} an hour" if hourly is not None else f"${flavour.dollars} per {flavour.unit}"
    return f"{flavour.name} ({machine}) at {rate}"
