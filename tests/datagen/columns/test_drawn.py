"""Columns of the user's own: drawn as the profile says, the same for ever, and checked by what it says."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from datasets import load_dataset
from support.drawn import NO_FAKER, OWN, drawn_catalogue
from support.sets import GARDEN, change_cell, rows_of

from datagen import make, pull, stream
from datagen.catalogue.importing import ImportRequest, ImportResult
from datagen.columns.drawn_values import raw_words
from datagen.dataset.export.writing import write_export
from datagen.dataset.folder import open_folder
from datagen.dataset.verify import verify_folder
from datagen.generation.maker import Maker
from datagen.generation.recipe import Recipe, write_recipe
from datagen.product.blocks import BLOCK
from datagen.product.profile import Profile, load_profile
from datagen.schemas import load_schema
from datagen.schemas.keyed import words
from datagen.schemas.markdown import escape
from datagen.schemas.schema import Drawn, schema_digest
from datagen.schemas.yaml_file import parse_yaml, to_yaml, validate


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return drawn_catalogue(tmp_path_factory.mktemp("own"), OWN)


@pytest.fixture(scope="module")
def own_set(own: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """200 rows without pictures in four shards; not to be changed."""
    return make(200, tmp_path_factory.mktemp("set") / "own", **own, image_size=None, shard_rows=50).path


# The whole way


def test_a_set_with_drawn_columns_is_whole_and_loads(own_set: Path) -> None:
    assert verify_folder(own_set).whole
    loaded = load_dataset(str(own_set), split="train")
    assert {name: loaded.features[name].dtype for name in OWN} == {
        name: dtype for name, (dtype, _) in OWN.items()
    }
    columns = {name: set(loaded[name]) for name in OWN}
    assert columns["season"] == {"spring", "summer"}
    assert columns["shoe_size"] == {36.0, 37.5, 40.0}
    assert columns["boxes"] == {1, 2}
    assert columns["checked_on"] == {"2020-02-29"}
    assert columns["returnable"] == {True, False}
    assert "-" in columns["label_text"]  # the catalogue's text for what is missing
    assert all(text == "-" or " #" in text for text in columns["label_text"])
    assert columns["reserve"] == {None, 5, 6, 7, 8, 9}
    assert columns["margin"] == {None, 0.5, 0.25}
    assert columns["tested"] == {None, True}
    assert 70 < sum(day is None for day in loaded["reordered_on"]) < 130
    assert columns["bought"] <= set(range(1, 7))
    assert all(isinstance(day, date) for day in columns["listed_on"])
    assert max(columns["stock_level"]) > 350


@pytest.mark.parametrize("to", ["csv", "imagefolder"])
def test_an_export_pulls_in_as_the_same_values(to: Any, own: dict[str, Path], tmp_path: Path) -> None:
    size = None if to == "csv" else (64, 64)
    made = make(12, tmp_path / "own", **own, image_size=size).path
    out = write_export(made, to, tmp_path / "out").path
    source = out / "out.csv" if to == "csv" else out / "train"
    got = pull(str(source), tmp_path / "pulled", ImportRequest(schema=own["schema"], pictures=False))
    assert isinstance(got, ImportResult)
    assert got.rejected == 0
    assert verify_folder(got.path).whole
    for before, after in zip(rows_of(made), rows_of(got.path), strict=True):
        assert {name: before[name] for name in OWN} == {name: after[name] for name in OWN}
    assert len(open_folder(got.path).schema.of(Drawn)) == len(OWN)


def test_real_rows_may_have_any_value_of_the_dtype(own: dict[str, Path], tmp_path: Path) -> None:
    (tmp_path / "real.csv").write_text(
        "sku,label,stock_level,listed_on,returnable,supplier\n"
        "a,Bag,9999,1999-12-31,no,\ne,Bow,,,,y\nb,Hat,many,2020-01-01,yes,x\nc,Cap,3,2020-13-01,yes,x\nd,Tie,3,2020-01-01,maybe,x\n",
        encoding="utf-8",
    )
    got = pull(
        str(tmp_path / "real.csv"), tmp_path / "pulled", ImportRequest(schema=own["schema"], pictures=False)
    )
    assert isinstance(got, ImportResult)
    row, gaps = rows_of(got.path)
    assert gaps == {
        "sku": "e",
        "label": "Bow",
        "stock_level": None,
        "listed_on": None,
        "returnable": None,
        "supplier": "y",
    }
    assert verify_folder(got.path).whole
    assert row == {
        "sku": "a",
        "label": "Bag",
        "stock_level": 9999,
        "listed_on": date(1999, 12, 31),
        "returnable": False,
        "supplier": "-",
    }
    assert got.reasons == {
        "stock_level is not a number": 1,
        "listed_on is not a date": 1,
        "returnable is neither 0 nor 1": 1,
    }


def test_streamed_rows_are_those_that_are_made(own: dict[str, Path], own_set: Path) -> None:
    assert list(stream(30, start=40, **own, image_size=None)) == rows_of(own_set)[40:70]


def test_the_card_says_what_a_drawn_column_keeps(own_set: Path) -> None:
    card = (own_set / "README.md").read_text(encoding="utf-8")
    assert "| `stock_level` | int64 |  | is a whole number from 0 to 400 |" in card
    rule = escape(r"follows the template {tone} \#? {tone}, or is -")
    assert f"| `label_text` | string |  | {rule} |" in card
    assert "| `returnable` | bool |  | drawn as the profile says |" in card


# Keys


def test_the_first_values_are_these_for_ever(own: dict[str, Path]) -> None:
    # A change here changes every dataset that has such a column: it needs a new major version.
    table = Maker(write_recipe(3, **own, image_size=None)).piece(0, 3).table
    assert {name: table[name].to_pylist() for name in PINNED} == PINNED


PINNED: dict[str, list[Any]] = {
    "stock_level": [111, 290, 356],
    "sold": [17, 14, 7],
    "returned": [0, 1, 0],
    "weight": [4.03, 3.09, 6.41],
    "score": [0.532, 0.205, 0.842],
    "season": ["spring", "spring", "spring"],
    "shoe_size": [37.5, 36.0, 36.0],
    "boxes": [1, 1, 1],
    "listed_on": [date(2020, 11, 3), date(2021, 2, 28), date(2020, 12, 1)],
    "checked_on": ["2020-02-29", "2020-02-29", "2020-02-29"],
    "returnable": [True, True, True],
    "batch": ["SKU-5613", "SKU-3516", "SKU-6237"],
    "label_text": ["-", "warm #W soft", "warm #I soft"],
}


def test_a_drawn_column_shifts_no_other_column(own: dict[str, Path], garden_recipe: Recipe) -> None:
    with_own = Maker(write_recipe(50, **own, image_size=None)).piece(0, 50).table
    without = Maker(write_recipe(50, **GARDEN, image_size=None)).piece(0, 50).table  # type: ignore[arg-type]
    assert with_own.select(without.column_names).equals(without)
    fewer = {name: OWN[name] for name in ("weight", "supplier")}
    folder = own["schema"].parent / "fewer"
    folder.mkdir()
    alone = Maker(write_recipe(50, **drawn_catalogue(folder, fewer), image_size=None)).piece(0, 50).table
    assert alone.equals(with_own.select(alone.column_names))


def test_a_value_depends_on_seed_column_and_row_alone() -> None:
    rows = np.arange(2 * BLOCK + 10)
    whole = raw_words(5, "a", rows)
    assert whole[BLOCK : BLOCK + 3].tolist() == words(5, "drawn/a", 1, 3).tolist()
    assert raw_words(5, "a", rows[BLOCK - 2 : BLOCK + 5]).tolist() == whole[BLOCK - 2 : BLOCK + 5].tolist()
    assert not set(raw_words(5, "b", rows).tolist()) & set(whole.tolist())
    assert not set(raw_words(6, "a", rows).tolist()) & set(whole.tolist())
    assert raw_words(5, "a", rows[:0]).tolist() == []


def test_profiles_and_schemas_without_drawn_columns_keep_their_digests(garden_profile: Profile) -> None:
    # As they were before the role existed, and before nouns could name drawings: earlier manifests hold them.
    assert garden_profile.digest().startswith("e058c5c2cf55")
    assert schema_digest(load_schema("burberry")).startswith("ef5fffb00f96")
    assert "drawn" not in to_yaml(garden_profile)


def test_a_profile_with_drawn_values_reads_back_equal(own: dict[str, Path]) -> None:
    profile = load_profile(own["profile"])
    again = validate(Profile, parse_yaml(to_yaml(profile), "f"), "f")
    assert again == profile
    assert again.digest() == profile.digest() != load_profile(GARDEN["profile"]).digest()


# Rules


FAULTS: list[tuple[str, object]] = [
    ("stock_level", 401),
    ("stock_level", -1),
    ("weight", 0.09),
    ("weight", 1.001),
    ("weight", float("nan")),
    ("season", "winter"),
    ("season", "never"),
    ("shoe_size", 37.0),
    ("boxes", 3),
    ("listed_on", date(2024, 1, 1)),
    ("checked_on", "2020-02-30"),
    ("checked_on", "2020-02-29 "),
    ("batch", "SKU-12345"),
    ("batch", "SKU-123x"),
    ("batch", "-"),
    ("label_text", "soft #q warm"),
    ("label_text", ""),
    ("supplier", "x" * 2001),
]


@pytest.mark.parametrize(("column", "value"), FAULTS)
def test_a_value_that_the_profile_does_not_allow_is_found(
    own: dict[str, Path], tmp_path: Path, column: str, value: object
) -> None:
    folder = make(10, tmp_path / "own", **own, image_size=None, shard_rows=10).path
    change_cell(folder, 4, column, value)
    verdict = verify_folder(folder)
    assert {(breach.row, breach.column) for breach in verdict.breaches} == {(4, column)}


# Values of Faker


def test_fakers_values_differ_from_row_to_row_and_follow_the_locale(own_set: Path) -> None:
    rows = rows_of(own_set)
    assert len({row["supplier"] for row in rows}) > 190
    assert any(set(row["town"]) & set("äöüß") for row in rows)


def test_the_manifest_names_fakers_version_where_values_depend_on_it(own_set: Path, tmp_path: Path) -> None:
    assert "faker" in open_folder(own_set).manifest.versions
    quick = make(3, tmp_path / "quick", **drawn_catalogue(tmp_path, NO_FAKER), image_size=None).path
    assert "faker" not in open_folder(quick).manifest.versions
