"""An explanation agrees with the row and with the ground truth of its picture."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from click.testing import CliRunner
from support.sets import garden, rows_of

from datagen.cli import main
from datagen.dataset.folder import open_folder
from datagen.inspection.explain import Explanation, explain
from datagen.product.profile import Profile


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return garden(tmp_path_factory.mktemp("explain") / "shop", rows=200, image_size=None, shard_rows=50)


@pytest.fixture(scope="module")
def explained(folder: Path) -> list[tuple[dict[str, object], Explanation]]:
    opened = open_folder(folder)
    return [(row, explain(opened, str(row["sku"]))) for row in rows_of(folder)[::7]]


def test_every_row_is_explained_by_its_own_product(
    explained: list[tuple[dict[str, object], Explanation]],
) -> None:
    for row, why in explained:
        assert (why.code, why.title) == (row["sku"], row["label"])
        assert list(why.shelf.items())[:2] == [("group", row["group"]), ("subgroup", row["subgroup"])]
        assert (why.price.full, why.price.paid) == (row["list_eur"], row["now_eur"])
        assert all(word.text in str(row["label"]) for word in why.words)
        assert why.noun in why.title


def test_shares_and_chances_are_those_of_the_profile(
    explained: list[tuple[dict[str, object], Explanation]], garden_profile: Profile
) -> None:
    for _, why in explained:
        kind = garden_profile.kinds[why.kind]
        for word in why.words:
            assert 0 < word.chance <= 1
            assert word.chance in {chance / 100 for chance in kind.slot(word.slot).values()}
        assert 0 < why.shelf_share < 1
        assert 0 < why.kind_share <= 1


def test_the_steps_of_a_price_lead_to_it(explained: list[tuple[dict[str, object], Explanation]]) -> None:
    for _, why in explained:
        assert why.price.words == pytest.approx(math.prod(word.effect for word in why.words))
        assert 0 <= why.price.rank < 1
        assert (why.price.full / why.price.times > why.price.median) == (why.price.rank > 0.5) or (
            abs(why.price.rank - 0.5) < 0.02
        )


def test_colourways_are_rows_of_the_same_title_and_price(folder: Path) -> None:
    rows = {row["sku"]: row for row in rows_of(folder)}
    several = 0
    for code, row in rows.items():
        colours = explain(open_folder(folder), code).colours
        several += bool(colours)
        for other in colours:
            if other.code in rows:
                assert rows[other.code]["label"] == row["label"]
                assert rows[other.code]["list_eur"] == row["list_eur"]
    assert several


def test_the_picture_is_as_its_ground_truth(told_set: Path) -> None:
    for row in rows_of(told_set):
        picture = explain(open_folder(told_set), row["sku"]).picture
        for name in ("kind", "wearer", "size", "detail", "pattern", "material", "view"):
            assert picture[name] == row["attributes"][name]


def test_rows_of_selected_and_split_datasets_are_explained(tmp_path: Path) -> None:
    folder = garden(
        tmp_path / "set",
        rows=60,
        image_size=None,
        count={"Hats": 20, "Bags": 40},
        splits={"train": 0.5, "test": 0.5},
    )
    for row in rows_of(folder)[::9]:
        why = explain(open_folder(folder), row["sku"])
        assert (why.title, why.price.full) == (row["label"], row["list_eur"])


def test_a_code_that_is_not_there_and_an_imported_dataset_are_refused(folder: Path, tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["explain", str(folder), "nothing"])
    assert done.exit_code == 2
    assert "no product with the code 'nothing'" in done.output
    table = tmp_path / "shop.csv"
    table.write_text("title,full_price,price,product_code\nSpade,10,10,12345671\n")
    assert CliRunner().invoke(main, ["pull", str(table), "--out", str(tmp_path / "in")]).exit_code == 0
    done = CliRunner().invoke(main, ["explain", str(tmp_path / "in"), "12345671"])
    assert done.exit_code == 2
    assert "was imported" in done.output


def test_the_command_prints_tables_and_json(folder: Path) -> None:
    code = rows_of(folder)[0]["sku"]
    shown = CliRunner().invoke(main, ["explain", str(folder), code])
    assert shown.exit_code == 0
    assert "median" in shown.output
    done = CliRunner().invoke(main, ["explain", str(folder), code, "--json"])
    assert json.loads(done.stdout)["code"] == code
