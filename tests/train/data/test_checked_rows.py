"""What was found about a run's rows: written, read back, and put into words."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from datagen.schemas import InputError
from datagen.train.data.checked_rows import (
    MOST_LISTED,
    CheckedRows,
    ExcludedRow,
    load_checked,
    save_checked,
)
from datagen.train.data.mixture import REAL, SYNTHETIC


def numbers(*values: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.array(values, dtype=np.int64)


FOUND = CheckedRows(
    part=numbers(REAL, REAL, REAL, SYNTHETIC),
    row=numbers(1, 4, 5, 4),
    tokens=numbers(80, 900, 70, 85),
    picture_tokens=numbers(50, 860, 45, 50),
    excluded=(
        ExcludedRow(REAL, 4, "length", "its sample has 900 tokens, more than 500"),
        ExcludedRow(REAL, 5, "picture", "its picture is missing"),
    ),
)


def test_they_read_back_as_they_were(tmp_path: Path) -> None:
    save_checked(FOUND, tmp_path / "splits" / "checked.parquet")
    read = load_checked(tmp_path / "splits" / "checked.parquet")
    for name in ("part", "row", "tokens", "picture_tokens"):
        assert getattr(read, name).tolist() == getattr(FOUND, name).tolist()
    assert read.excluded == FOUND.excluded
    assert [file.name for file in (tmp_path / "splits").iterdir()] == ["checked.parquet"]


def test_rows_in_are_rows_used_and_rows_excluded() -> None:
    assert FOUND.used(REAL, numbers(1, 4, 5)).tolist() == [1]
    assert FOUND.used(SYNTHETIC, numbers(4)).tolist() == [4]  # row 4 of the other dataset
    assert FOUND.longest() == (85, 50)  # not the one that is excluded
    assert FOUND.lengths(REAL, 7).tolist() == [0, 80, 0, 0, 900, 70, 0]
    assert FOUND.counts() == {"picture": 1, "length": 1}


def test_the_sentence_and_the_record_say_how_many_and_why() -> None:
    sentence = FOUND.sentence()
    assert sentence.startswith(
        "2 rows of 4 will not be used: 1 has a picture that cannot be read, 1 is longer"
    )
    assert "--num-crops" in sentence
    about = FOUND.described({REAL: "shop", SYNTHETIC: "made"})
    assert (about["checked"], about["excluded"], about["picture"], about["length"]) == (4, 2, 1, 1)
    assert about["rows"][1] == {
        "data": "shop",
        "row": 5,
        "fault": "picture",
        "reason": "its picture is missing",
    }
    many = tuple(ExcludedRow(REAL, row, "answer", "empty") for row in range(MOST_LISTED + 5))
    rows = np.arange(len(many), dtype=np.int64)
    found = CheckedRows(np.zeros_like(rows), rows, rows, rows, many).described({REAL: "shop"})
    assert (found["excluded"], len(found["rows"])) == (len(many), MOST_LISTED)
    assert CheckedRows(numbers(0), numbers(0), numbers(9), numbers(3)).sentence() == ""


@pytest.mark.parametrize("kind", ["bytes", "columns", "fault", "empty"])
def test_other_files_are_refused_in_one_sentence(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "checked.parquet"
    save_checked(FOUND, path)
    table = pq.read_table(path)
    if kind == "bytes":
        path.write_bytes(b"PAR1")
    elif kind == "columns":
        pq.write_table(table.drop_columns(["tokens"]), path)
    elif kind == "fault":
        fault = pa.array([None, "boredom", None, None], pa.string())
        pq.write_table(table.set_column(4, "fault", fault), path)
    else:
        pq.write_table(table.slice(0, 0), path)
    with pytest.raises(InputError, match=r"is not the record of a run's rows .*--resume checks") as refused:
        load_checked(path)
    assert "\n" not in str(refused.value)
