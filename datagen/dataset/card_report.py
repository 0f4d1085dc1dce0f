"""The report of a dataset on its card: the headlines of report.json, which ``datagen report`` wrote there.

What is in the folder may be anybody's: the numbers are validated, and every text is escaped.
"""

from __future__ import annotations

import json
from pathlib import PurePath
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from datagen.dataset.collection import Part
from datagen.dataset.folder import Folder
from datagen.schemas import InputError
from datagen.schemas.files import read_file, sha256
from datagen.schemas.folder import MANIFEST, REPORT, REPORT_FORMAT, REPORT_NUMBERS
from datagen.schemas.markdown import escape, table
from datagen.schemas.text import count
from datagen.schemas.yaml_file import validate

MOST_BYTES = 20_000_000
MOST_SECTIONS = 20
REFERENCES = ("other half", "resample", "shuffled", "chance")

_SIGNS = {"pass": "✓ passes", "fail": "✗ fails", "none": "not judged"}
_Number = Annotated[float, Field(allow_inf_nan=False)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class _Side(_Part):
    name: str
    compared: int
    manifest_sha256: str


class _Figure(_Part):
    name: str
    value: _Number | None
    low: _Number | None
    high: _Number | None
    references: dict[str, _Number | None]
    threshold: _Number | None
    better: Literal["lower", "higher"]
    not_computed: str = ""


class _Section(_Part):
    title: str
    verdict: Literal["pass", "fail", "none"]
    not_computed: str = ""
    headline: str | None
    figures: tuple[_Figure, ...]


class CardReport(_Part):
    """What a card needs of report.json."""

    real: _Side
    synthetic: _Side
    seed: int
    judged: int
    passed: int
    shows_real_rows: bool
    sections: tuple[_Section, ...] = Field(max_length=MOST_SECTIONS)


def report_of(folder: Folder) -> CardReport | None:
    """The report that lies in a dataset folder; None where there is none, or another program's.

    Raises InputError where it is damaged or of another version of the dataset.
    """
    path = folder.path / REPORT_NUMBERS
    try:
        value: Any = json.loads(read_file(path, MOST_BYTES))
    except (FileNotFoundError, IsADirectoryError, ValueError, RecursionError):
        return None
    if not isinstance(value, dict) or value.get("format") != REPORT_FORMAT:
        return None
    report: CardReport = validate(CardReport, value, str(path))
    if report.synthetic.manifest_sha256 != sha256(folder.path / MANIFEST):
        raise InputError(
            f"{path} is the report of another version of this dataset; run datagen report again, or remove "
            f"it and {REPORT}."
        )
    if not (folder.path / REPORT).is_file():
        raise InputError(f"{path} has no {REPORT} beside it; run datagen report again, or remove it.")
    return report


def refuse_real_rows(folder: Folder) -> None:
    """Raises InputError where the report in a folder shows real rows, which a push would publish."""
    report = report_of(folder)
    if report is not None and report.shows_real_rows:
        raise InputError(
            f"{folder.path / REPORT} shows titles, prices or photos of the real set, and is not published; "
            "write it with datagen report --without-real-rows, or move it out of the folder."
        )


def report_section(part: Part) -> list[str]:
    """The section of the card; empty without a report in the folder."""
    report = report_of(part.folder)
    if report is None:
        return []
    real = escape(PurePath(report.real.name).name)
    judged = f"{report.passed:,} of {count(report.judged, 'judged figure')} pass."
    verdict = judged if report.judged else "Nothing was judged."
    rows = [_row(section) for section in report.sections]
    headings = ["section", "verdict", "headline", "value", "95 %", *REFERENCES, "wanted"]
    return [
        "## How close it is to real rows",
        f"`datagen report` compared {count(report.synthetic.compared, 'row')} with "
        f"{count(report.real.compared, 'row')} of {real}. {verdict} "
        f"[{REPORT}]({part.in_repository(REPORT)}) is the whole page, to be downloaded and opened; "
        f"[{REPORT_NUMBERS}]({part.in_repository(REPORT_NUMBERS)}) has every number.",
        table(headings, rows, set(range(3, 9))),
        "Beside each value is what real rows score: one half of them against the other (the best that can be "
        "reached), real rows drawn again (a copier), real columns shuffled apart (the worst), and chance.",
    ]


def _row(section: _Section) -> list[str]:
    first = next((figure for figure in section.figures if figure.name == section.headline), None)
    cells = [escape(section.title), _SIGNS[section.verdict]]
    if first is None or first.value is None:
        of = f"{first.name}: " if first and not section.not_computed else ""
        reason = section.not_computed or (first.not_computed if first else "")
        why = f"{of}not computed, because {reason}" if reason else "no headline"
        return [*cells, escape(why, 300), *[""] * 7]
    known = first.low is not None and first.high is not None
    interval = f"{_number(first.low)} to {_number(first.high)}" if known else ""
    bound = "" if first.threshold is None else _number(first.threshold)
    wanted = f"at {'most' if first.better == 'lower' else 'least'} {bound}" if bound else ""
    references = [_number(first.references.get(name)) for name in REFERENCES]
    return [*cells, escape(first.name), f"**{_number(first.value)}**", interval, *references, wanted]


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:,.3f}" if abs(value) < 10 else f"{value:,.0f}"
