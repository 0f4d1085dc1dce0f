"""Wrong pictures are another family's, and each is shown once; predictions come back from disk unchanged."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datagen.schemas import InputError
from datagen.train.chat.conversation import Fields, Template
from datagen.train.evaluation.held_out import HeldOutRows
from datagen.train.evaluation.predictions import (
    Predictions,
    marks,
    read_predictions,
    shuffled,
    write_predictions,
)

TEMPLATE = Template()


@dataclass
class _Rows:
    """The part of held-out rows that shuffling looks at."""

    rows: Any
    title_families: Any
    seed: int


def held(title_families: list[int], seed: int = 0) -> HeldOutRows:
    count = len(title_families)
    return cast(
        "HeldOutRows", _Rows(np.arange(count) * 3 + 1, np.array(title_families, dtype=np.int64), seed)
    )


@given(st.lists(st.integers(0, 9), min_size=2, max_size=60), st.integers(0, 2**63))
def test_every_picture_is_shown_once_and_never_to_its_own_row(title_families: list[int], seed: int) -> None:
    rows = held(title_families, seed)
    shown = shuffled(rows)
    assert sorted(shown.tolist()) == rows.rows.tolist()
    assert not np.any(shown == rows.rows)
    assert shuffled(rows).tolist() == shown.tolist()
    if 2 * max(title_families.count(one) for one in title_families) <= len(title_families):
        family = dict(zip(rows.rows.tolist(), title_families, strict=True))
        assert all(family[one] != mine for one, mine in zip(shown.tolist(), title_families, strict=True))


def test_another_seed_shuffles_otherwise_and_one_row_cannot_be_shuffled() -> None:
    title_families = list(range(30))
    assert shuffled(held(title_families, 0)).tolist() != shuffled(held(title_families, 1)).tolist()
    with pytest.raises(InputError, match="fewer than 2 rows"):
        shuffled(held([0]))


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
