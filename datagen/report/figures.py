"""What a report consists of: figures beside their references, tables, sections; pure data, no computation.

Every section of the report is one :class:`Section`; page, JSON and card are drawn from these alone.
The headline of a section stands on the first screen of the page, in the terminal and on the card.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Literal

Verdict = Literal["pass", "fail", "none"]
"""``none``: not judged, since the figure has no threshold or could not be computed."""

REFERENCES = ("other half", "resample", "shuffled", "chance")
"""What a figure stands beside: the other half of the real rows (the best attainable), a resample of real
rows (what a copier scores), the columns shuffled apart (the worst), and chance."""


@dataclass(frozen=True)
class Figure:
    """A number with its 95 % interval, what the references give, computed the same way, and its threshold."""

    name: str
    value: float | None
    low: float | None = None
    high: float | None = None
    references: dict[str, float] = field(default_factory=dict)
    threshold: float | None = None
    better: Literal["lower", "higher"] = "lower"
    about: str = ""
    not_computed: str = ""
    """Why there is no value, as the end of the sentence "not computed, because ..."."""

    @property
    def verdict(self) -> Verdict:
        """Whether the value is on the right side of its threshold."""
        if self.value is None or self.threshold is None or math.isnan(self.value):
            return "none"
        good = self.value <= self.threshold if self.better == "lower" else self.value >= self.threshold
        return "pass" if good else "fail"


@dataclass(frozen=True)
class Table:
    """Rows under headings; every cell is text or a number."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str | float | None, ...], ...]
    about: str = ""
    shows_real_rows: bool = False
    """Whether a cell holds a title or a price of one real product: not for a page that is published."""


@dataclass(frozen=True)
class Picture:
    """A small picture: the bytes of a JPEG, its size in pixels, and what it shows."""

    jpeg: bytes
    width: int
    height: int
    caption: str


@dataclass(frozen=True)
class ContactSheet:
    """Real pictures beside synthetic ones; on the page only."""

    title: str
    real: tuple[Picture, ...]
    synthetic: tuple[Picture, ...]
    about: str = ""


@dataclass(frozen=True)
class Section:
    """One part of the report."""

    name: str
    title: str
    about: str = ""
    figures: tuple[Figure, ...] = ()
    tables: tuple[Table, ...] = ()
    left_out: tuple[str, ...] = ()
    """What was not looked at, and why, a sentence each."""
    not_computed: str = ""
    """Why the whole section is empty, as the end of the sentence "not computed, because ..."."""
    sheets: tuple[ContactSheet, ...] = ()
    main: tuple[str, ...] = ()
    """Names of figures of which one has to pass for the section to pass; empty: any figure will do."""

    @property
    def headline(self) -> Figure | None:
        """What the section is about in one number: the first figure that fails, else the main one that
        passes, else a main one that is known or at least says why not, else any that is known.
        """
        failing = [figure for figure in self.figures if figure.verdict == "fail"]
        main = [figure for figure in self.figures if figure.name in self.main]
        passing = [figure for figure in main if figure.verdict == "pass"]
        known = [figure for figure in main or self.figures if figure.value is not None]
        return next(iter([*failing, *passing, *known, *main, *self.figures]), None)

    @property
    def verdict(self) -> Verdict:
        """``fail`` where any figure fails, ``pass`` where none does and a main one passes.

        Minor figures cannot pass for a section: that no rule is broken does not say that rows are alike.
        """
        verdicts = {figure.verdict for figure in self.figures}
        main = {figure.verdict for figure in self.figures if not self.main or figure.name in self.main}
        return "fail" if "fail" in verdicts else "pass" if "pass" in main else "none"
