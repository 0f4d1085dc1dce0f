"""The data of a study, and sets that cannot be studied."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from datagen.schemas import InputError
from datagen.train.config import load_config
from datagen.train.study.data import StudyData, open_study

SCHEMA = """\
name: tools
columns:
  - {name: name, role: title}
  - {name: kind, role: category, level: 1}
  - {name: cost, role: price, which: full}
  - {name: photo, role: image}
"""


def tools(folder: Path, names: list[str], kind: str = "hammer", damaged: int = 0) -> Path:
    """A set whose columns have their roles from a schema; the first pictures are damaged."""
    file = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(file, "PNG")
    rows: list[dict[str, Any]] = [
        {"name": name, "kind": kind, "cost": 5.0, "photo": {"bytes": file.getvalue(), "path": None}}
        for name in names
    ]
    for row in rows[:damaged]:
        row["photo"]["bytes"] = b"no picture"
    folder.mkdir()
    pq.write_table(pa.Table.from_pylist(rows), folder / "train.parquet")
    (folder / "schema.yaml").write_text(SCHEMA)
    return folder


def study(real: Path, synthetic: Path, test_share: float = 0.4) -> StudyData:
    flags = {"data.real": str(real), "data.synthetic": str(synthetic)}
    return open_study(load_config(None, flags).data, test_share, lambda *_: None)


NAMES = [f"{word} {thing}" for word in ("Long", "Heavy", "Round", "Steel") for thing in ("Maul", "Mallet")]
OTHERS = ["Claw", "Gavel", *NAMES[:2]]


def test_rows_without_a_picture_are_left_out(tmp_path: Path) -> None:
    found = study(tools(tmp_path / "a", NAMES, damaged=2), tools(tmp_path / "b", OTHERS, damaged=1))
    assert found.unusable == (2, 1)
    assert not {0, 1} & set(np.concatenate([found.pool, found.test]).tolist())
    about = found.described()
    assert about["made_against_made"] is False
    assert about["categories_not_synthetic"] == [0, len(found.test)]
    assert found.key["real"] != found.key["synthetic"]


@pytest.mark.parametrize(
    ("real", "synthetic", "said"),
    [
        ({"names": ["Maul"] * 9}, {"names": OTHERS}, "9 rows in 1 title families cannot be split"),
        ({"names": NAMES}, {"names": OTHERS, "kind": "saw"}, "No category of .* is one of .* test rows"),
        ({"names": NAMES, "damaged": 8}, {"names": OTHERS}, "No training row of .* has a readable picture"),
        ({"names": NAMES}, {"names": OTHERS, "damaged": 4}, "No row of .* can be used"),
        ({"names": NAMES[:2]}, {"names": OTHERS}, "are of one title family"),
    ],
)
def test_sets_that_cannot_be_studied_are_refused(
    real: dict[str, Any], synthetic: dict[str, Any], said: str, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=said):
        study(tools(tmp_path / "a", **real), tools(tmp_path / "b", **synthetic))
