"""A difference names exactly what was changed."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.sets import change_cell, garden, rows_of

from datagen.cli import main
from datagen.dataset.folder import open_folder
from datagen.inspection.diff import diff


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return garden(tmp_path_factory.mktemp("diff") / "whole")


def test_a_dataset_does_not_differ_from_itself(whole: Path) -> None:
    difference = diff(open_folder(whole), open_folder(whole))
    assert difference.same
    assert all(shares.distance == 0 for shares in difference.shares.values())
    assert set(difference.new_titles.values()) == {0.0}


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.sets(st.integers(0, 23), min_size=1, max_size=6))
def test_changed_cells_are_counted_by_column(whole: Path, tmp_path: Path, rows: set[int]) -> None:
    copy = Path(shutil.copytree(whole, tmp_path / "copy"))
    try:
        for row in rows:
            change_cell(copy, row, "label", "Another title")
        matched = diff(open_folder(whole), open_folder(copy)).rows
        assert matched is not None
        assert (matched.both, matched.only_a, matched.only_b) == (24, 0, 0)
        assert {name: column.rows for name, column in matched.changed.items()} == {"label": len(rows)}
        first = rows_of(whole)[min(rows)]
        example = matched.changed["label"].examples[0]
        assert (example.code, example.a, example.b) == (first["sku"], first["label"], "Another title")
    finally:
        shutil.rmtree(copy)


def test_a_picture_that_differs_is_named_by_its_digest(whole: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(whole, tmp_path / "copy"))
    rows = rows_of(copy)
    change_cell(copy, 3, "picture", {**rows[3]["picture"], "bytes": rows[4]["picture"]["bytes"]})
    matched = diff(open_folder(whole), open_folder(copy)).rows
    assert matched is not None
    assert matched.changed["picture"].rows == 1
    assert matched.changed["picture"].examples[0].a.startswith("sha256 ")


def test_null_and_a_value_differ_and_two_nulls_do_not(whole: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(whole, tmp_path / "copy"))
    change_cell(copy, 0, "label", None)
    matched = diff(open_folder(whole), open_folder(copy)).rows
    assert matched is not None
    assert matched.changed["label"].rows == 1
    assert diff(open_folder(copy), open_folder(copy)).same


def test_rows_of_one_side_are_counted_and_shares_differ(tmp_path: Path) -> None:
    a, b = (garden(tmp_path / str(rows), rows=rows, image_size=None) for rows in (100, 130))
    difference = diff(open_folder(a), open_folder(b))
    assert difference.rows is not None
    assert (difference.rows.both, difference.rows.only_a, difference.rows.only_b) == (100, 0, 30)
    assert difference.rows.first_only_b == [row["sku"] for row in rows_of(b)[100:103]]
    for name, shares in difference.shares.items():
        assert 0 <= shares.distance <= 30 / 130
        of_a = [row[name] for row in rows_of(a)]
        value, (share, _) = next(iter(shares.largest.items()))
        assert share == pytest.approx(of_a.count(value) / 100)


def test_other_columns_are_named_and_rows_without_a_common_code_are_not_matched(
    whole: Path, tmp_path: Path
) -> None:
    from datagen import make

    make(50, tmp_path / "other", image_size=None)
    difference = diff(open_folder(whole), open_folder(tmp_path / "other"))
    assert not difference.same
    assert difference.rows is None
    assert "no code column in common" in difference.unmatched
    assert "sku" in difference.columns_only_a
    assert "product_code" in difference.columns_only_b
    done = CliRunner().invoke(main, ["diff", str(whole), str(tmp_path / "other")])
    assert done.exit_code == 0
    assert "columns only in A" in done.output


def test_the_command_says_that_nothing_differs_and_prints_json(whole: Path) -> None:
    done = CliRunner().invoke(main, ["diff", str(whole), str(whole)])
    assert done.output == f"{whole} and {whole} hold the same 24 rows.\n"
    done = CliRunner().invoke(main, ["diff", str(whole), str(whole), "--json"])
    assert json.loads(done.stdout)["same"] is True
