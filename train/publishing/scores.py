"""The evaluations of a run that are pushed with it: figures only, and nothing of a machine in their names."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from datagen.schemas.model_folder import SplitScores
from datagen.train.evaluation.records import SCORES, read_record

Record = dict[str, Any]


def published_scores(run: Path, which: str, names: Mapping[str, str]) -> dict[str, Record]:
    """The evaluations of ``which`` and of the base by their folders' names, that of the test rows first."""
    found = {}
    for path in sorted((run / "evaluation").glob(f"[!.]*/{SCORES}")):
        record = read_record(path)
        if record is not None and record["which"] in (which, "base"):
            found[path.parent.name] = public_record(record, names)
    return dict(sorted(found.items(), key=lambda item: (item[0] != which, item[0])))


def public_record(record: Record, names: Mapping[str, str]) -> Record:
    """An evaluation without its sample answers, which show rows, and with data called by their last name."""
    data = dict(record["data"])
    source = str(data["source"])
    public = names.get(source) or (source if "@" in str(data["digest"]) else Path(source).resolve().name)
    data |= {"source": public, "name": str(data["name"]).replace(source, public)}
    differences = {
        (key if key == "own" else f"{other['run']}/{other['label']}"): other
        for key, other in record["differences"].items()
    }
    return {**record, "data": data, "differences": differences, "samples": []}


def split_scores(data: Mapping[str, Any], record: Record | None) -> SplitScores | None:
    """The scores on the test split that a dataset on the Hub has itself; None for any other test rows.

    ``data``: the contents of data.json; ``record``: the run's evaluation on all its test rows. A part that
    this run drew is no split of the dataset, and nobody else's scores could be compared with those on it.
    """
    split = data.get("split") or {}
    held = data.get(str(split.get("of"))) or {}
    dataset, _, commit = str(held.get("digest")).partition("@")
    if record is None or not commit or "test" not in (split.get("given") or {}):
        return None
    values = {name: found["value"] for name, found in record["scores"].items() if found["value"] is not None}
    return SplitScores(dataset, commit, "test", values)
