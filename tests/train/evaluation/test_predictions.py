"""Predictions come back from disk unchanged."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datagen.schemas import InputError
from datagen.train.chat.conversation import Fields, Template
from datagen.train.evaluation.predictions import (
    Predictions,
    marks,
    read_predictions,
    write_predictions,
)

TEMPLATE = Template()


TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)
FIELDS = st.fixed_dictionaries(
    {
        "title": TEXT,
        "category3_code": TEXT,
        "full_price": st.none() | st.floats(-1e9, 1e9, allow_nan=False),
    }
)


@given(st.lists(st.tuples(FIELDS, st.none() | FIELDS, TEXT), min_size=1, max_size=8))
def test_predictions_come_back_as_they_were(
    tmp_path_factory: pytest.TempPathFactory, all_rows: list[tuple[Fields, Fields | None, str]]
) -> None:
    truth, said, answers = (list(column) for column in zip(*all_rows, strict=True))
    numbers = np.arange(len(truth))
    found = Predictions(numbers, numbers * 2, numbers[::-1].copy(), truth, answers, said)  # type: ignore[arg-type]
    path = tmp_path_factory.getbasetemp() / "predictions.parquet"
    write_predictions(found, TEMPLATE, path, {"key": "k"})
    again, of = read_predictions(path, TEMPLATE)
    assert of == {"key": "k"}
    assert (again.truth, again.answers, again.fields) == (truth, answers, said)
    assert [again.rows.tolist(), again.title_families.tolist(), again.shown.tolist()] == [
        found.rows.tolist(),
        found.title_families.tolist(),
        found.shown.tolist(),
    ]


def test_a_file_of_something_else_is_refused(tmp_path: Path) -> None:
    pq.write_table(pa.table({"a": [1]}), tmp_path / "a.parquet")
    (tmp_path / "b.parquet").write_bytes(b"PAR1 or not")
    for name in ("a.parquet", "b.parquet", "none.parquet"):
        with pytest.raises(InputError, match="does not contain predictions"):
            read_predictions(tmp_path / name, TEMPLATE)


def fields(title: str, category: str, price: float | None) -> Fields:
    return {"title": title, "category3_code": category, "full_price": price}


def test_marks_say_what_is_right() -> None:
    truth = fields("Check Cap", "HATS", 100.0)
    assert marks(truth, fields("Check Cap", "HATS", 120.0), TEMPLATE) == {
        "title_right": True,
        "category_right": True,
        "price_near": True,
    }
    assert set(marks(truth, fields("Check cap", "CAPS", 121.0), TEMPLATE).values()) == {False}
    assert set(marks(truth, None, TEMPLATE).values()) == {False}
    assert marks(fields("a", "b", None), fields("a", "b", None), TEMPLATE)["price_near"] is None
    assert marks({"name": "x"}, {"name": "x"}, Template(answer="It is {name}")) == {}
