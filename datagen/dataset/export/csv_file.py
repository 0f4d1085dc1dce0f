"""The layout csv."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

from datagen.dataset.export.loose_pictures import column_names, rows_with_paths
from datagen.dataset.export.source import Export
from datagen.schemas.folder import ATTRIBUTES, KEYPOINTS

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
"""How a text begins that a spreadsheet runs as a formula (OWASP, "CSV Injection")."""


def write_csv(export: Export, work: Path, name: str) -> None:
    """Write ``work``/<name>.csv and its pictures."""

    def cell(value: Any) -> Any:
        if not isinstance(value, str) or len(value) < 2 or not value.startswith(FORMULA_STARTS):
            return value
        export.formulas += 1
        return f"'{value}" if export.escape_formulas else value

    with (work / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
        lines = csv.DictWriter(file, column_names(export), lineterminator="\n")
        lines.writeheader()
        for row in rows_with_paths(export, work):
            for nested in {ATTRIBUTES, KEYPOINTS} & row.keys():
                row[nested] = json.dumps(row[nested], ensure_ascii=False)
            lines.writerow({column: cell(value) for column, value in row.items()})
