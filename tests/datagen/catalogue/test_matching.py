"""Finding our columns among a source's."""

from __future__ import annotations

from pathlib import Path

import pytest

from datagen.catalogue.matching import match, read_map, read_values
from datagen.schemas import InputError, load_schema

BURBERRY = load_schema("burberry")
ROW = [
    "Shop", "2023-11-17", "SGP", "SGD", "SHOP", "WOMAN", "BAGS", "N.A.", "80595081", "Medium Bag", "https://a/b",
    "N.A..1", "2490.0", "2490.0.1", "1702.5", "1702.5.1", "0",
]  # fmt: skip


def test_columns_are_found_by_name_whatever_its_spelling() -> None:
    found = match(BURBERRY, ["Title", "Product Code", "FULL-PRICE", "fullPriceEur", "colour"])
    assert found.theirs == {
        "product_code": "Product Code",
        "title": "Title",
        "full_price": "FULL-PRICE",
        "full_price_eur": "fullPriceEur",
    }
    assert found.unused == ("colour",)


def test_an_exact_name_wins_over_one_that_is_alike() -> None:
    assert match(BURBERRY, ["Title", "title"]).theirs == {"title": "title"}
    assert match(BURBERRY, ["TITLE", "Title", "price"], named={"title": "Title"}).theirs["title"] == "Title"
    with pytest.raises(InputError, match="No column was recognised as the title"):
        match(BURBERRY, ["TITLE", "Title"])  # two that are alike tell nothing


def test_the_user_s_word_wins_over_names() -> None:
    found = match(BURBERRY, ["title", "name", "price"], named={"title": "name"}, given={"price": "1"})
    assert found.theirs == {"title": "name"}
    assert found.given == {"price": "1"}
    assert [column.name for column in found.columns(BURBERRY)] == ["title", "price"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"named": {"titel": "name"}}, "--map titel: no such column in burberry; did you mean 'title'"),
        ({"named": {"title": "nam"}}, "the source has no column 'nam'; did you mean 'name'"),
        ({"given": {"colour": "x"}}, "--set colour: no such column"),
        ({"named": {"title": "name"}, "given": {"title": "x"}}, "title is in both --map and --set"),
        ({"given": {"image": "x"}}, "a picture cannot be a fixed value"),
        ({}, "No column was recognised as the title; give --map title=COLUMN with one of name, a\\nb"),
    ],
)
def test_what_cannot_be_matched_is_told(options: dict[str, dict[str, str]], said: str) -> None:
    with pytest.raises(InputError) as told:
        match(BURBERRY, ["name", "a\nb"], **options)
    assert said in str(told.value)
    assert "\n" not in str(told.value)


def test_a_column_can_be_left_out() -> None:
    found = match(BURBERRY, ["title", "price"], named=read_map(["price="]))
    assert found.theirs == {"title": "title"}
    assert found.unused == ("price",)


def test_a_lost_header_is_recovered_by_position() -> None:
    found = match(BURBERRY, ROW)
    assert found.theirs["title"] == "Medium Bag"
    assert found.theirs["price"] == "2490.0.1"
    assert found.lost_row is not None
    assert found.lost_row["price"] == "2490.0"  # what a reader added to tell equal names apart is gone
    assert found.lost_row["imageurl"] == "N.A."
    assert found.lost_row["title"] == "Medium Bag"


def test_names_that_are_no_row_are_no_lost_header() -> None:
    for columns in ([f"c{at}" for at in range(17)], ROW[:-1]):
        with pytest.raises(InputError, match="No column was recognised as the title"):
            match(BURBERRY, columns)


def test_maps_come_from_words_and_files(tmp_path: Path) -> None:
    file = tmp_path / "shop.yaml"
    file.write_text("title: name\nfull_price: price usd\n")
    assert read_map(["title=name,full_price=price usd"]) == read_map([str(file)])
    assert read_map([str(file), "brand=maker"])["brand"] == "maker"
    assert read_values(["brand=A, B & C", "price=1=2"]) == {"brand": "A, B & C", "price": "1=2"}


@pytest.mark.parametrize("word", ["title", "=name", "title=a,b", "nowhere.yaml", "map.txt"])
def test_a_map_that_is_none_is_told(word: str) -> None:
    with pytest.raises(InputError) as told:
        read_map([word])
    assert word.split(",")[0].split("=")[0] in str(told.value)


def test_two_words_for_one_column_are_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="gives title two columns"):
        read_map(["title=a", "title=b"])
    with pytest.raises(InputError, match="gives title two values"):
        read_values(["title=a", "title=b"])
    with pytest.raises(InputError, match="is not OURS=VALUE"):
        read_values(["title"])
    (tmp_path / "list.yaml").write_text("- title\n")
    with pytest.raises(InputError, match="a map consists of lines of the form"):
        read_map([str(tmp_path / "list.yaml")])
