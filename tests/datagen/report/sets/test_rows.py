from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.catalogue_rows import SCHEMA, as_set, tool_rows, tools

from datagen.dataset.folder import open_folder
from datagen.report.sets.rows import (
    compare,
    read_folder,
    read_table,
    resample,
    sample,
    shuffled,
    split_in_halves,
)
from datagen.schemas import InputError, Schema
from datagen.schemas.schema import Category, Other, Title


@given(st.integers(0, 10_000), st.integers(1, 500), st.integers(0, 3))
def test_a_sample_is_ascending_within_bounds_and_no_larger_than_asked_for(
    total: int, most: int, seed: int
) -> None:
    rows = sample(total, most, seed)
    assert len(rows) == min(total, most)
    assert (np.diff(rows) > 0).all()
    assert not len(rows) or (rows[0] >= 0 and rows[-1] < total)


def test_rows_of_a_folder_are_those_of_its_shards_and_a_sample_says_so(few_rows: Path) -> None:
    folder = open_folder(few_rows)
    whole = read_folder(folder, 0)
    assert (whole.total, len(whole.table), whole.left_out) == (4, 4, ())
    assert whole.table.column_names == [
        column.name for column in folder.schema.columns if column.dtype != "image"
    ]
    some = read_folder(folder, 0, most=2)
    assert some.table.equals(whole.table.take(pa.array(some.numbers)))
    assert "2 of its 4 rows" in some.left_out[0]


def test_halves_have_as_many_rows_and_no_title_family_in_common() -> None:
    table = tool_rows(200, 1)
    again = pa.concat_tables([table, table.slice(0, 51)])
    rows = compare(as_set(again), as_set(again), 0).real
    first, second = split_in_halves(rows)
    assert abs(len(first) - len(second)) <= 1
    assert not set(first.family) & set(second.family)
    assert sorted([*first.numbers, *second.numbers]) == list(range(251))


def test_equal_titles_are_of_one_family_in_all_sets() -> None:
    sets = compare(tools(60, 1), tools(60, 1), 0)
    assert (sets.real.family == sets.synthetic.family).all()


def test_a_resample_has_rows_of_the_set_and_shuffling_keeps_every_column() -> None:
    rows = compare(tools(80, 1), tools(80, 2), 0).real
    assert set(resample(rows, 0).numbers) < set(rows.numbers)
    mixed = shuffled(rows, 0)
    for name in rows.table.column_names:
        assert sorted(mixed.table[name].to_pylist()) == sorted(rows.table[name].to_pylist())
    assert mixed.table["label"].to_pylist() != rows.table["label"].to_pylist()
    by_title = dict(zip(rows.titles or [], rows.family, strict=True))
    assert [by_title[title] for title in mixed.titles or []] == list(mixed.family)


def test_only_common_columns_are_compared_and_the_others_are_named() -> None:
    table = tool_rows(60, 1)
    sets = compare(as_set(table.drop_columns(["eur"]), "A"), tools(60, 2, "B"), 0)
    assert [column.name for column in sets.real.schema.columns] == ["sku", "aisle", "label"]
    assert "Only B has 1 column (eur)." in sets.left_out


def test_levels_of_categories_close_up_over_one_that_a_set_lacks() -> None:
    def two_levels(first: str, second: str) -> Schema:
        return Schema(
            name="x",
            columns=(
                Category(name=first, role="category", level=1),
                Category(name=second, role="category", level=2),
            ),
        )

    one = read_table(pa.table({"a": ["x"], "b": ["y"]}), two_levels("a", "b"), "one")
    other = read_table(pa.table({"c": ["x"], "b": ["y"]}), two_levels("c", "b"), "other")
    (column,) = compare(one, other, 0).real.schema.columns
    assert (column.name, getattr(column, "level", None)) == ("b", 1)


def test_sets_without_a_common_column_are_refused_in_a_sentence() -> None:
    one = read_table(
        pa.table({"a": ["x"]}), Schema(name="a", columns=(Title(name="a", role="title"),)), "one"
    )
    other = read_table(
        pa.table({"b": ["x"]}), Schema(name="b", columns=(Title(name="b", role="title"),)), "two"
    )
    with pytest.raises(InputError, match="^one and two have no column in common; "):
        compare(one, other, 0)


def test_a_set_without_rows_is_refused() -> None:
    with pytest.raises(InputError, match="^empty has no rows; "):
        compare(tools(30, 1), as_set(tool_rows(1, 1).slice(0, 0), "empty"), 0)


def test_a_nested_column_is_left_out_by_name() -> None:
    schema = Schema(name="n", columns=(Title(name="t", role="title"), Other(name="parts", role="other")))
    rows = read_table(pa.table({"t": ["a"], "parts": [[1, 2]]}), schema, "N")
    assert rows.table.column_names == ["t"]
    assert rows.left_out == ("N: the column parts holds nested values, not string.",)


def test_a_schema_that_gives_a_column_of_another_type_is_said() -> None:
    one, other = (
        read_table(
            pa.table({"t": ["a"], "v": values}),
            Schema(
                name="n",
                columns=(Title(name="t", role="title"), Other(name="v", role="other", dtype=kind)),
            ),
            kind,
        )
        for kind, values in (("int64", [1]), ("string", ["x"]))
    )
    assert "Of another type in each set: 1 column (v)." in compare(one, other, 0).left_out


def test_rows_without_titles_are_kept_together_where_they_are_equal() -> None:
    table = tool_rows(40, 1).drop_columns(["label", "sku"])
    doubled = read_table(pa.concat_tables([table, table]), SCHEMA, "no titles")
    sets = compare(doubled, doubled, 0)
    assert not sets.by_title
    assert (sets.real.family[:40] == sets.real.family[40:]).all()
    assert any("not grouped by title family" in sentence for sentence in sets.left_out)


def test_families_in_holdout_and_real_rows_are_left_out_of_both() -> None:
    real = tool_rows(100, 1)
    held_out = pa.concat_tables([tool_rows(60, 2), real.slice(0, 10)])
    sets = compare(as_set(real), tools(50, 3), 0, as_set(held_out, "H"))
    fitted, kept = sets.halves
    assert not set(fitted.family) & set(kept.family)
    assert len(fitted) <= 90
    assert sets.real is kept
    assert any("title families are in both" in sentence for sentence in sets.left_out)


def test_a_holdout_of_the_same_titles_is_refused() -> None:
    with pytest.raises(InputError, match="^The holdout and the real rows have the same title families; "):
        compare(tools(60, 1), tools(60, 2), 0, tools(60, 1))


def test_missing_cells_are_empty_texts_and_no_numbers() -> None:
    table = pa.table({"label": [None, "N.A.", "A b"], "eur": [None, 0.0, 3.0]})
    rows = compare(read_table(table, SCHEMA, "m"), read_table(table, SCHEMA, "m"), 0).real
    assert rows.titles == ["", "", "A b"]
    assert rows.prices is not None
    assert np.isnan(rows.prices).tolist() == [True, True, False]
