"""Fitting products, on a hardware shop in German: it shares no word with anything that the code knows."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from support.hardware_shop import Row, hardware_rows, profile_of, rows_of

from datagen.fit.products import ProductRows, fit_products
from datagen.product.naming import reader_of
from datagen.product.profile import Profile
from datagen.product.sampler import Sampler
from datagen.product.vocabulary import check_drawable
from datagen.schemas.yaml_file import parse_yaml, to_yaml, validate

MADE = 800


@pytest.fixture(scope="module")
def shop() -> list[Row]:
    return hardware_rows(900)


@pytest.fixture(scope="module")
def fitted(shop: list[Row]) -> dict[str, Any]:
    return fit_products(rows_of(shop), 5)


@pytest.fixture(scope="module")
def profile(fitted: dict[str, Any]) -> Profile:
    return profile_of(fitted)


@pytest.fixture(scope="module")
def made(profile: Profile) -> tuple[Sampler, list[str], np.ndarray]:
    sampler = Sampler(profile, 3)
    products = sampler.products(0, MADE)
    return sampler, sampler.titles.compose(products.phrases).to_pylist(), products.full


def test_nouns_are_found_where_they_come_first(shop: list[Row], fitted: dict[str, Any]) -> None:
    assert set(fitted["kinds"]) - {"other"} == {row[2].split()[0] for row in shop}


def test_made_titles_are_legal_and_most_of_them_new(
    shop: list[Row], made: tuple[Sampler, list[str], np.ndarray]
) -> None:
    sampler, titles, _ = made
    read = reader_of(sampler.profile)
    kinds = list(sampler.profile.kinds)
    of_row = sampler.products(0, MADE).kind
    assert all(any(read(title, kinds[kind])) for title, kind in zip(titles, of_row, strict=True))
    known = {row[2] for row in shop}
    assert np.mean([title in known for title in titles]) < 0.5
    assert np.mean([len(title.split()) for title in titles]) == pytest.approx(
        np.mean([len(row[2].split()) for row in shop]), abs=0.6
    )


def test_screws_keep_their_form(made: tuple[Sampler, list[str], np.ndarray]) -> None:
    screws = [title for title in made[1] if "schraube " in title]
    form = re.compile(r"[M\d][\d,]* x \d+ mm, [\w ]+(, \d+ Stück)?$")
    on_form = [form.search(title) is not None for title in screws]
    assert len(screws) > 100
    assert np.mean(on_form) >= 0.85


def test_another_word_is_no_legal_title(profile: Profile) -> None:
    read = reader_of(profile)
    assert not any(read("Sechskantschraube aus Schokolade", "Sechskantschraube"))


def test_prices_have_the_endings_and_the_median_of_the_shop(
    shop: list[Row], made: tuple[Sampler, list[str], np.ndarray]
) -> None:
    prices = made[2]
    cents = set(np.round(prices * 100).astype(int) % 100)
    assert cents == {49, 95, 99}
    assert all(price == round(price, 2) for price in prices.tolist())
    assert np.median(prices) == pytest.approx(np.median([row[3] for row in shop]), rel=0.25)


def test_a_rare_word_and_a_rare_price_are_not_in_the_profile(shop: list[Row]) -> None:
    secret = ("Befestigung", "Schrauben", "Senkkopfschraube Geheimrezept 4,0 x 30 mm, Zyankali", 7777.77)
    profile = profile_of(fit_products(rows_of([*shop, secret]), 5))
    text = to_yaml(profile)
    assert "Geheimrezept" not in text
    assert "Zyankali" not in text
    assert "7777" not in text
    counts = Counter(word for row in shop for word in row[2].replace(",", " ").split())
    rare = {word for word, count in counts.items() if count < 5 and len(word) > 3 and word.isalpha()}
    assert not {word for word in rare if re.search(rf"\b{word}\b", text)}


def test_without_a_guard_every_word_is_there(shop: list[Row]) -> None:
    profile = profile_of(fit_products(rows_of(shop[:300]), 1))
    read = reader_of(profile)
    legal = [any(any(read(row[2], kind)) for kind in profile.kinds) for row in shop[:300]]
    assert np.mean(legal) > 0.95


def test_the_same_rows_give_the_same_profile(shop: list[Row], fitted: dict[str, Any]) -> None:
    assert fit_products(rows_of(shop), 5) == fitted


def test_the_profile_reads_back_and_can_be_drawn(profile: Profile) -> None:
    again = validate(Profile, parse_yaml(to_yaml(profile), "shop"), "shop")
    assert again.digest() == profile.digest()
    check_drawable(profile)


@pytest.mark.parametrize(
    "rows",
    [
        ProductRows([], pa.array(["Hammer", "Zange", "Hammer groß"]), None),
        ProductRows([pa.array(["a", "b", None])], None, np.array([1.0, np.nan, 3.5])),
        ProductRows([], pa.array(["gleich"] * 9), np.full(9, 5.0)),
        ProductRows([], pa.array(["電動ドリル 18V", "電動ドリル 12V", None, " "]), np.arange(4.0)),
    ],
    ids=["no category, no price", "no title", "all alike", "another script"],
)
@pytest.mark.parametrize("min_count", [1, 5])
def test_poor_catalogues_give_a_profile(rows: ProductRows, min_count: int) -> None:
    sampler = Sampler(profile_of(fit_products(rows, min_count)), 1)
    products = sampler.products(0, 50)
    assert all(sampler.titles.compose(products.phrases).to_pylist())
    assert (products.full > 0).all()


def test_no_row_is_refused() -> None:
    with pytest.raises(ValueError, match="no row"):
        fit_products(ProductRows([], pa.array([], pa.string()), None))


def test_several_colours_at_once_are_as_frequent_in_a_kind_as_in_its_rows() -> None:
    """Each kind has two usual colours; it hardly ever comes in another one, or in the same two together."""
    single = ["Black", "White", "Red", "Blue", "Green", "Pink", "Brown", "Gray"]
    nouns = ["Chair", "Table", "Lamp", "Shelf", "Stool", "Bench", "Desk", "Bed"]
    draw = np.random.default_rng(0)
    titles = []
    for at in range(1200):
        kind = at % 8
        colour = single[(kind + int(draw.integers(2))) % 8]
        if draw.random() < 0.25:
            colour = " & ".join(draw.choice(single, 2, replace=False))
        titles.append(f"{colour} {('Oslo', 'Rom', 'Lyon')[at // 8 % 3]} {at // 24 + 1} {nouns[kind]}")
    fitted = fit_products(
        ProductRows([pa.array(["all"] * 1200)], pa.array(titles), np.linspace(10, 99, 1200)), 5
    )
    for noun in nouns:
        palette = fitted["palettes"][fitted["kinds"][noun]["palette"]]
        several = sum(weight for colour, weight in palette.items() if "&" in colour)
        true = np.mean(["&" in title for title in titles if title.endswith(noun)])
        assert several / sum(palette.values()) == pytest.approx(true, abs=0.05)


def test_what_small_shelves_sell_besides_is_that_of_their_department() -> None:
    """Every brand is too small for any kind of it to be told, and only one department sells skirts."""
    shared = ["Coat", "Shirt", "Belt", "Scarf", "Hat", "Vest"]
    draw = np.random.default_rng(1)
    rows = []
    for brand in range(60):
        women = brand % 2 == 0
        for at in range(9):
            noun = ("Skirt" if women else "Tie") if at % 4 == 0 else str(draw.choice(shared))
            rows.append((("women" if women else "men"), f"Brand {brand}", f"Model {brand * 9 + at} {noun}"))
    levels = [pa.array([row[0] for row in rows]), pa.array([row[1] for row in rows])]
    titles = pa.array([row[2] for row in rows])
    fitted = fit_products(ProductRows(levels, titles, np.linspace(10, 99, len(rows))), 5)
    for kind, department in (("Skirt", "women"), ("Tie", "men")):
        of: Counter[str] = Counter()
        for shelf in fitted["shelves"]:
            of[shelf["path"][0]] += (
                shelf["share"] * shelf["kinds"].get(kind, 0) / sum(shelf["kinds"].values())
            )
        assert of[department] > 0.95 * sum(of.values())
