"""A description agrees with the rows, counted in plain Python."""

from __future__ import annotations

import json
import statistics
from collections import Counter
from pathlib import Path

import pytest
from click.testing import CliRunner
from support.sets import change_cell, garden, rows_of

from datagen.cli import main
from datagen.dataset.folder import open_folder
from datagen.inspection.describe import Description, describe
from datagen.inspection.summaries import Texts, Values


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return garden(tmp_path_factory.mktemp("describe") / "shop", rows=500, image_size=None)


@pytest.fixture(scope="module")
def description(folder: Path) -> Description:
    return describe(open_folder(folder))


def test_categories_are_counted_most_frequent_first(folder: Path, description: Description) -> None:
    rows = rows_of(folder)
    for name, values in description.categories.items():
        counted = Counter(row[name] for row in rows)
        assert values.counts == dict(sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))[:40])
        assert list(values.counts.values()) == sorted(values.counts.values(), reverse=True)
        assert values.distinct == len(counted)
    assert description.categories


def test_prices_are_those_of_the_rows(folder: Path, description: Description) -> None:
    for name, price in description.prices.items():
        amounts = [row[name] for row in rows_of(folder)]
        assert (price.quantiles[0], price.quantiles[-1]) == (min(amounts), max(amounts))
        assert price.quantiles[3] == pytest.approx(statistics.median(amounts))
        assert price.mean == pytest.approx(statistics.fmean(amounts))
    assert description.prices


def test_medians_are_those_of_the_rows_of_a_category(folder: Path, description: Description) -> None:
    rows = rows_of(folder)
    assert description.by is not None
    assert description.median_price
    full = next(iter(description.prices))
    for value, median in description.median_price.items():
        amounts = [row[full] for row in rows if row[description.by] == value]
        assert median == pytest.approx(statistics.median(amounts))


def test_titles_are_counted_with_their_repetitions(folder: Path, description: Description) -> None:
    (name, titles), *_ = description.titles.items()
    counted = Counter(row[name] for row in rows_of(folder))
    assert titles.distinct == len(counted)
    repeated = sum(count for count in counted.values() if count > 1)
    assert titles.repeated == pytest.approx(repeated / 500)
    word, count = next(iter(titles.frequent_words.items()))
    assert count == sum(times for title, times in counted.items() if word in title.split())


def test_constants_are_named_as_such_and_every_column_is_somewhere(
    folder: Path, description: Description
) -> None:
    row = rows_of(folder)[0]
    assert all(str(row[name]) == value for name, value in description.constants.items())
    assert "shop" in description.constants
    flags = {"on_sale"}
    named = {
        *description.constants,
        *description.categories,
        *description.prices,
        *description.titles,
        *description.others,
    }
    assert named | flags == set(row)


def test_what_pictures_show_is_counted(told_set: Path) -> None:
    shown = describe(open_folder(told_set)).shown
    counted = Counter(row["attributes"]["kind"] for row in rows_of(told_set))
    assert shown["kind"].counts == counted


def test_missing_values_are_counted(folder: Path, tmp_path: Path) -> None:
    copy = garden(tmp_path / "copy", image_size=None)
    change_cell(copy, 0, "sku", None)
    sku = describe(open_folder(copy)).others["sku"]
    assert isinstance(sku, Texts | Values)
    assert (sku.rows, sku.missing, sku.distinct) == (24, 1, 23)


def test_the_command_prints_tables_and_json(folder: Path) -> None:
    shown = CliRunner().invoke(main, ["describe", str(folder), "--top", "2"])
    assert shown.exit_code == 0
    assert "Constants" in shown.output
    assert "median price" in shown.output
    done = CliRunner().invoke(main, ["describe", str(folder), "--json"])
    assert json.loads(done.stdout)["rows"] == 500
    assert CliRunner().invoke(main, ["describe", "nowhere"]).exit_code == 2
