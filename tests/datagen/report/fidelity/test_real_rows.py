"""The two-sample test on rows of a real shop, where they lie beside the repository."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pytest

from datagen.report.fidelity.two_sample import TwoSample, two_sample
from datagen.report.sets.rows import Rows, compare, read_table, shuffled, some
from datagen.schemas import Schema
from datagen.schemas.schema import Category, Price, Title

ROWS = Path(__file__).parents[5] / "shared" / "data" / "ssense" / "rows.csv"

pytestmark = pytest.mark.skipif(not ROWS.is_file(), reason="the real rows are not beside the repository")


@pytest.fixture(scope="module")
def halves() -> tuple[Rows, Rows]:
    table = pyarrow.csv.read_csv(ROWS)
    names = dict(
        zip(("type", "brand", "description", "price_usd"), ("type", "brand", "title", "price"), strict=True)
    )
    table = table.select(list(names)).rename_columns(list(names.values()))
    table = table.set_column(3, "price", table["price"].cast(pa.float64())).take(
        pa.array(np.arange(0, len(table), 5))
    )
    schema = Schema(
        name="shop",
        columns=(
            Category(name="type", role="category", level=1),
            Category(name="brand", role="category", level=2),
            Title(name="title", role="title"),
            Price(name="price", role="price", which="full"),
        ),
    )
    rows = read_table(table, schema, "shop")
    first, second = compare(rows, rows, 0).halves
    return first, some(second, len(first), 0, "test")


def test_halves_by_title_family_cannot_be_told_apart(halves: tuple[Rows, Rows]) -> None:
    found = two_sample(*halves, 0)
    assert isinstance(found, TwoSample)
    assert found.result.value == pytest.approx(0.5, abs=0.05)


def test_shuffled_columns_can(halves: tuple[Rows, Rows]) -> None:
    found = two_sample(halves[0], shuffled(halves[1], 0), 0)
    assert isinstance(found, TwoSample)
    assert found.result.low > 0.65
