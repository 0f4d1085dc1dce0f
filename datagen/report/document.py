"""A whole report: which sets were compared, how, and the sections; as JSON, and fit to be published."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, replace
from typing import Any

from datagen.report.figures import Figure, Section, Table
from datagen.schemas.folder import REPORT_FORMAT


@dataclass(frozen=True)
class Side:
    """One of the sets: its name, how many rows it has and how many of them were compared.

    ``sha256``: the digest of its manifest, which holds a checksum of every shard.
    """

    name: str
    rows: int
    compared: int
    sha256: str


@dataclass(frozen=True)
class Report:
    """Everything that the page shows. ``command`` gives the same report again with the same ``versions``.

    ``shows_real_rows``: whether real titles, prices or photos are in it.
    """

    real: Side
    synthetic: Side
    holdout: Side | None
    seed: int
    command: str
    versions: dict[str, str]
    sections: tuple[Section, ...]
    left_out: tuple[str, ...] = ()
    shows_real_rows: bool = True

    @property
    def judged(self) -> list[Figure]:
        """The figures that pass or fail."""
        return [figure for section in self.sections for figure in section.figures if figure.verdict != "none"]

    @property
    def passed(self) -> list[Figure]:
        """Those of :attr:`judged` that pass."""
        return [figure for figure in self.judged if figure.verdict == "pass"]

    def as_json(self) -> str:
        """Every number with its interval, its references and its threshold, as the text of a JSON file."""
        return json.dumps(self.as_plain(), ensure_ascii=True, indent=1, allow_nan=False) + "\n"

    def as_plain(self) -> dict[str, Any]:
        """The same as plain values."""
        holdout = {"holdout": _side(self.holdout)} if self.holdout else {}
        return {
            "format": REPORT_FORMAT,
            "real": _side(self.real),
            "synthetic": _side(self.synthetic),
            **holdout,
            "seed": self.seed,
            "command": self.command,
            "versions": self.versions,
            "shows_real_rows": self.shows_real_rows,
            "judged": len(self.judged),
            "passed": len(self.passed),
            "left_out": list(self.left_out),
            "sections": [_section(section) for section in self.sections],
        }


def without_real_rows(report: Report) -> Report:
    """The same figures without titles, prices and photos of the real set: a report that may be published."""
    sections = []
    for section in report.sections:
        kept = tuple(table for table in section.tables if not table.shows_real_rows)
        names = [table.title for table in section.tables if table.shows_real_rows]
        names += [f"the real pictures of {sheet.title}" for sheet in section.sheets if sheet.real]
        sheets = tuple(replace(sheet, real=()) for sheet in section.sheets if sheet.synthetic)
        left_out = section.left_out
        if names:
            left_out += (f"Left out, since they show rows of the real set: {', '.join(names)}.",)
        sections.append(replace(section, tables=kept, sheets=sheets, left_out=left_out))
    return replace(report, sections=tuple(sections), shows_real_rows=False)


def _side(side: Side) -> dict[str, Any]:
    return {"name": side.name, "rows": side.rows, "compared": side.compared, "manifest_sha256": side.sha256}


def _section(section: Section) -> dict[str, Any]:
    return {
        "name": section.name,
        "title": section.title,
        "verdict": section.verdict,
        "headline": section.headline.name if section.headline else None,
        **({"not_computed": section.not_computed} if section.not_computed else {}),
        "figures": [_figure(figure) for figure in section.figures],
        "tables": [_table(table) for table in section.tables],
        "left_out": list(section.left_out),
    }


def _figure(figure: Figure) -> dict[str, Any]:
    found: dict[str, Any] = {
        "name": figure.name,
        "value": plain(figure.value),
        "low": plain(figure.low),
        "high": plain(figure.high),
        "references": {name: plain(value) for name, value in figure.references.items()},
        "threshold": plain(figure.threshold),
        "better": figure.better,
        "verdict": figure.verdict,
        "about": figure.about,
    }
    return found | ({"not_computed": figure.not_computed} if figure.not_computed else {})


def _table(table: Table) -> dict[str, Any]:
    rows = [[cell if isinstance(cell, str) else plain(cell) for cell in row] for row in table.rows]
    return {"title": table.title, "about": table.about, "columns": list(table.columns), "rows": rows}


def plain(value: float | None) -> float | int | None:
    """A number to six significant digits as JSON has it, whatever library it is from; None for no number."""
    if value is None or not math.isfinite(value):
        return None
    if isinstance(value, int):
        return value
    return float(f"{float(value):.6g}")
