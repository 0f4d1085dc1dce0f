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
    assert match(BURBERRY, ["TITLE", "Title", "price"], renamed={"Title": "title"}).theirs["title"] == "Title"
    with pytest.raises(InputError, match="No column was recognised as the title"):
        match(BURBERRY, ["TITLE", "Title"])  # two that are alike tell nothing


def test_the_user_s_word_wins_over_names() -> None:
    found = match(BURBERRY, ["title", "name", "price"], renamed={"name": "title"}, given={"price": "1"})
    assert found.theirs == {"title": "name"}
    assert found.given == {"price": "1"}
    assert [column.name for column in found.columns(BURBERRY)] == ["title", "price"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (
            {"renamed": {"name": "titel"}},
            "--map name=titel: no such column in burberry; did you mean 'title'",
        ),
        ({"renamed": {"nam": "title"}}, "the source has no column 'nam'; did you mean 'name'"),
        ({"given": {"colour": "x"}}, "--set colour: no such column"),
        ({"renamed": {"name": "title"}, "given": {"title": "x"}}, "title is in both --map and --set"),
        ({"given": {"image": "x"}}, "a picture cannot be a fixed value"),
        ({}, "No column was recognised as the title; give --map COLUMN=title with one of name, a\\nb"),
    ],
)
def test_what_cannot_be_matched_is_told(options: dict[str, dict[str, str]], said: str) -> None:
    with pytest.raises(InputError) as told:
        match(BURBERRY, ["name", "a\nb"], **options)
    assert said in str(told.value)
    assert "\n" not in str(told.value)


def test_a_column_can_be_left_out() -> None:
    found = match(BURBERRY, ["title", "price"], renamed=read_map(["price="]))
    assert found.theirs == {"title": "title"}
    assert found.unused == ("price",)
    for left_out in ("Full Price=", "full_price="):  # by their name and by ours
        found = match(BURBERRY, ["title", "Full Price"], renamed=read_map([left_out]))
        assert (found.theirs, found.unused) == ({"title": "title"}, ("Full Price",))


def test_the_older_direction_is_understood_where_it_can_mean_nothing_else() -> None:
    found = match(BURBERRY, ["name", "cost"], renamed=read_map(["title=name,cost=price"]))
    assert found.theirs == {"title": "name", "price": "cost"}
    assert found.respelled == "name=title,cost=price"
    assert not match(BURBERRY, ["name"], renamed={"name": "title"}).respelled
    both = match(BURBERRY, ["title", "price", "full_price"], renamed={"price": "full_price"})
    assert (both.theirs["full_price"], both.respelled) == ("price", "")  # each is ours and theirs


def test_one_column_of_the_source_may_become_several(tmp_path: Path) -> None:
    (tmp_path / "shop.yaml").write_text("name: title\ncost: [full_price, price]\n")
    pairs = read_map([str(tmp_path / "shop.yaml")])
    assert pairs == read_map(["name=title,cost=full_price", "cost=price"])
    for renamed in (pairs, {"name": "title", "cost": ("full_price", "price")}):
        found = match(BURBERRY, ["name", "cost"], renamed=renamed)
        assert found.theirs == {"title": "name", "full_price": "cost", "price": "cost"}


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
    file.write_text("name: title\nprice usd: full_price\n")
    assert read_map(["name=title,price usd=full_price"]) == read_map([str(file)])
    assert read_map([str(file), "maker=brand"])[-1] == ("maker", "brand")
    assert read_values(["brand=A, B & C", "price=1=2"]) == {"brand": "A, B & C", "price": "1=2"}


@pytest.mark.parametrize("word", ["title", "=name", "title=a,b", "nowhere.yaml", "map.txt"])
def test_a_map_that_is_none_is_told(word: str) -> None:
    with pytest.raises(InputError) as told:
        read_map([word])
    assert word.split(",")[0].split("=")[0] in str(told.value)


def test_two_words_for_one_column_are_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="gives title two columns"):
        match(BURBERRY, ["a", "b"], renamed=read_map(["a=title", "b=title"]))
    with pytest.raises(InputError, match="gives title two values"):
        read_values(["title=a", "title=b"])
    with pytest.raises(InputError, match="is not OURS=VALUE"):
        read_values(["title"])
    (tmp_path / "list.yaml").write_text("- title\n")
    with pytest.raises(InputError, match="a map consists of lines of the form"):
        read_map([str(tmp_path / "list.yaml")])
