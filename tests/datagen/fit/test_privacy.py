"""No single product can be read from a profile: a product that is unique in every column is searched for."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from support.shop_rows import fit_file, shop, write

from datagen.fit.written import profile_text, schema_text

MARKED = {
    "title": "Xylophage Quixotic Zeppelin Vestment",
    "price": 98_765_43,
    "kind": "ZEPPELINWARE",
    "sku": "Q9481726X",
    "url": "https://shop.example/xylophage-quixotic-zeppelin-vestment-Q9481726X",
    "size": "Elephantine",
    "weight": 87_654.321,
    "stock": 7_654_321,
    "since": "1871-03-17",
}
"""A product that shares no value with another."""


def rows(count: int = 600) -> list[dict[str, Any]]:
    made = []
    for at, row in enumerate(shop(count)):
        code = f"K{1_000_000 + at * 13}X"
        slug = row["title"].lower().replace(" ", "-")
        more = {"sku": code, "url": f"https://shop.example/{slug}-{code}", "size": "SML"[at % 3]}
        more |= {
            "weight": round(0.5 + at % 37 / 10, 3),
            "stock": at % 91,
            "since": f"2023-{1 + at % 12:02}-{1 + at % 28:02}",
        }
        made.append({**row, **more})
    return made


def texts(table: list[dict[str, Any]], path: Path) -> str:
    fitted = fit_file(write(table, path))
    return schema_text(fitted, "shop") + profile_text(fitted, "shop", 5)


@pytest.fixture(scope="module")
def with_and_without(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    folder = tmp_path_factory.mktemp("privacy")
    table = rows()
    return texts([*table[:300], MARKED, *table[300:]], folder / "a.csv"), texts(table, folder / "b.csv")


@pytest.mark.parametrize("column", MARKED)
def test_no_value_of_a_product_that_stands_alone_is_in_the_files(
    column: str, with_and_without: tuple[str, str]
) -> None:
    text, value = with_and_without[0].lower(), str(MARKED[column]).lower()
    assert value not in text
    for word in re.findall(r"[a-z]{6,}|[0-9]{5,}", value):
        if word not in with_and_without[1].lower():
            assert word not in text


def test_the_difference_that_one_product_makes_gives_none_of_its_values(
    with_and_without: tuple[str, str],
) -> None:
    """The attack: what is in the file with the product and not in the one without it."""
    a, b = (set(re.findall(r"[A-Za-zÀ-ž]+|[0-9][0-9.]*", text)) for text in with_and_without)
    words = {word.lower() for value in MARKED.values() for word in re.findall(r"[A-Za-z]{4,}", str(value))}
    assert not {word.lower() for word in a - b} & words
    top = max(float(each.rstrip(".")) for each in a if each.rstrip(".").replace(".", "", 1).isdigit())
    below = max(float(each.rstrip(".")) for each in b if each.rstrip(".").replace(".", "", 1).isdigit())
    assert top == below, "the largest number of the file tells of no single product"


def test_no_title_code_or_link_of_any_row_is_in_the_files(with_and_without: tuple[str, str]) -> None:
    text = with_and_without[1]
    for row in rows():
        assert row["sku"] not in text
        assert row["url"] not in text
        assert not re.search(rf"(?<![\w ]){re.escape(row['title'])}(?![\w ])", text)


def test_values_of_fewer_rows_than_the_minimum_are_folded(tmp_path: Path) -> None:
    table = [
        {**row, "maker": "Rare Workshop" if at < 4 else "Usual Workshop"} for at, row in enumerate(shop())
    ]
    assert "Rare Workshop" not in texts(table, tmp_path / "a.csv")
    table = [
        {**row, "maker": "Rare Workshop" if at < 5 else "Usual Workshop"} for at, row in enumerate(shop())
    ]
    assert "Rare Workshop" in texts(table, tmp_path / "b.csv")


COLOURS = ("Black", "White", "Red", "Navy", "Green", "Beige", "Pink")


def test_seven_colours_of_one_product_are_one_product(tmp_path: Path) -> None:
    """By rows every one of its values would pass --min-count."""
    marked = [
        {**MARKED, "title": f"{colour} {MARKED['title']}", "sku": f"Q948172{at}X"}
        for at, colour in enumerate(COLOURS)
    ]
    table = [{**row, "title": f"{COLOURS[at % 7]} {row['title']}"} for at, row in enumerate(rows(400))]
    text = texts([*table[:200], *marked, *table[200:]], tmp_path / "a.csv").lower()
    without = texts(table, tmp_path / "b.csv").lower()
    for value in map(str, MARKED.values()):
        for word in re.findall(r"[a-z]{6,}|[0-9]{4,}", value.lower()):
            if word not in without:
                assert word not in text, word


def test_a_kind_that_one_product_of_a_shelf_has_makes_no_difference_to_that_shelf(tmp_path: Path) -> None:
    table = [{**row, "kind": "Brand A" if at % 2 else "Brand B"} for at, row in enumerate(shop(600))]
    only = [row for row in table if row["kind"] == "Brand B" or not row["title"].endswith("Coat")]
    one = next(row for row in table if row["title"].endswith("Coat") and row["kind"] == "Brand A")

    def shelf(rows: list[dict[str, Any]], path: Path) -> Any:
        shelves = fit_file(write(rows, path)).profile["shelves"]
        return next(each["kinds"] for each in shelves if each["path"] == ["Brand A"])

    without = shelf(only, tmp_path / "a.csv")
    assert shelf([*only, one], tmp_path / "b.csv").keys() == without.keys()


def test_counts_are_of_several_products_and_rounded(tmp_path: Path) -> None:
    profile = fit_file(write(rows(600), tmp_path / "a.csv")).profile
    shares = [shelf["share"] for shelf in profile["shelves"]]
    stock = [
        count for ladder in profile["prices"]["ladders"].values() for count in ladder[0]["endings"].values()
    ]
    for count in [*shares, *stock]:
        assert count >= 5
        assert count % 5 == 0
