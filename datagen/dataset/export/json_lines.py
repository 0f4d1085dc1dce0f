"""The layout jsonl."""

from __future__ import annotations

import json
from pathlib import Path

from datagen.dataset.export.loose_pictures import column_names, rows_with_paths
from datagen.dataset.export.source import Export


def write_json_lines(export: Export, work: Path, name: str) -> None:
    """Write ``work``/<name>.jsonl and its pictures; the columns have the order of the CSV."""
    names = column_names(export)
    with (work / f"{name}.jsonl").open("w", encoding="utf-8", newline="\n") as file:
        for row in rows_with_paths(export, work):
            in_order = {column: row[column] for column in names}
            file.write(json.dumps(in_order, ensure_ascii=False, default=str) + "\n")
