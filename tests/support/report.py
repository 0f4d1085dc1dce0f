"""A report that was computed nowhere: one of everything that a page, a card and a terminal have to show."""

from __future__ import annotations

from dataclasses import replace

from datagen.report.document import Report, Side
from datagen.report.figures import ContactSheet, Figure, Picture, Section, Table

REFERENCES = {"other half": 0.502, "resample": 0.333, "shuffled": 0.869, "chance": 0.5}

JPEG = bytes.fromhex(
    "ffd8ffdb004300030202020202030202020303030304060404040404080606050609080a0a090809090a0c0f0c0a0b0e0b0909"
    "0d110d0e0f101011100a0c12131210130f101010ffc9000b080001000101011100ffcc000600101005ffda0008010100003f00"
    "d2cf20ffd9"
)
"""The smallest there is: one pixel."""


def sample_report(text: str = "Parka", sha256: str = "ab" * 32) -> Report:
    """A report whose texts are ``text``."""
    picture = Picture(JPEG, 1, 1, text)
    sections = (
        Section(
            "fidelity",
            f"Fidelity {text}",
            f"About {text}.",
            (
                Figure(
                    "two-sample AUC", 0.678, 0.66, 0.7, REFERENCES, 0.65, "lower", f"Computed from {text}."
                ),
                Figure(f"rules {text}", 0, references={"other half": 0.0}, threshold=0),
                Figure("too little", None, not_computed=f"there is one {text}"),
            ),
            (
                Table(f"Prices {text}", ("kind", "median"), ((text, 1290.5), ("other", None))),
                Table(f"Uncovered {text}", ("title", "price"), ((f"real {text}", 990),), "", True),
            ),
            left_out=(f"The column {text}.",),
        ),
        Section("privacy", "Privacy", figures=(Figure("attack", 0.55, 0.52, 0.58, REFERENCES, 0.6),)),
        Section(
            "pictures", "Pictures", sheets=(ContactSheet(f"Side by side {text}", (picture,), (picture,)),)
        ),
        Section("picture-use", "Usefulness", not_computed=f"the real set has no {text}"),
    )
    return Report(
        real=Side(f"shop {text}", 3040, 3040, "cd" * 32),
        synthetic=Side(f"made {text}", 100_000, 3040, sha256),
        holdout=None,
        seed=0,
        command=f"datagen report --real 'shop {text}'",
        versions={"datagen": "0.1.0"},
        sections=sections,
        left_out=(f"Of the set: {text}.",),
    )


def passing(report: Report) -> Report:
    """The same with thresholds that all figures reach."""
    sections = tuple(
        replace(
            section,
            figures=tuple(
                replace(figure, threshold=figure.value) if figure.threshold is not None else figure
                for figure in section.figures
            ),
        )
        for section in report.sections
    )
    return replace(report, sections=sections)
