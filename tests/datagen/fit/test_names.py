"""Made-up names in the place of rare ones: as many, of like size and prices, and nobody's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from support.brand_rows import FREQUENT, RARE, Row, brand_names, shop_of_brands
from support.hardware_shop import profile_of

from datagen.fit.products import ProductRows, fit_products
from datagen.product.sampler import Sampler


def fitted(rows: list[Row], **options: Any) -> dict[str, Any]:
    columns = [pa.array([row[at] for row in rows]) for at in range(3)]
    return fit_products(
        ProductRows(columns[:2], columns[2], np.array([row[3] for row in rows], float)), 5, **options
    )


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    return shop_of_brands()


@pytest.fixture(scope="module")
def sections(rows: list[Row]) -> dict[str, Any]:
    return fitted(rows)


def names_of(sections: dict[str, Any]) -> set[str]:
    return {shelf["path"][1] for shelf in sections["shelves"]}


def test_as_many_names_as_rare_ones_are_made_up_and_none_is_the_sources(
    rows: list[Row], sections: dict[str, Any]
) -> None:
    names = brand_names(FREQUENT + RARE)
    made_up = names_of(sections) - set(names)
    assert not names_of(sections) & set(names[FREQUENT:])
    assert len(made_up) == 2 * RARE, "each department has one product of each"
    assert not {name.casefold() for name in made_up} & {
        word.casefold() for row in rows for word in row[2].split()
    }


def test_together_they_are_as_large_as_the_rare_ones(rows: list[Row], sections: dict[str, Any]) -> None:
    known = set(brand_names(FREQUENT))
    share = dict.fromkeys((True, False), 0.0)
    for shelf in sections["shelves"]:
        share[shelf["path"][1] in known] += shelf["share"]
    assert share[False] / sum(share.values()) == pytest.approx(2 * RARE / len(rows), abs=0.02)
    sizes = [shelf["share"] for shelf in sections["shelves"] if shelf["path"][1] not in known]
    assert max(sizes) < 5 <= min(s["share"] for s in sections["shelves"] if s["path"][1] in known)


def test_their_prices_are_those_of_rare_names(sections: dict[str, Any]) -> None:
    sampler = Sampler(profile_of(sections), 1)
    products = sampler.products(0, 3000)
    known = set(brand_names(FREQUENT))
    made_up = np.array([sampler.profile.shelves[at].path[1] not in known for at in products.shelf])
    assert np.median(products.full[made_up]) > 3 * np.median(products.full[~made_up])


def test_without_invention_rare_names_are_left_out(rows: list[Row]) -> None:
    assert names_of(fitted(rows, invent_names=False)) == set(brand_names(FREQUENT))


def test_one_rare_brand_more_makes_no_difference_to_the_names(
    rows: list[Row], sections: dict[str, Any]
) -> None:
    more = fitted([*rows, ("mens", "Zyxwvut", "Long Wool Q99 Coat", 500.0)])
    assert "zyxwvut" not in str(more).lower()
    assert len(names_of(more)) == len(names_of(sections))


def test_categories_that_titles_say_are_no_names() -> None:
    rows = []
    for at, name in enumerate(brand_names(FREQUENT + RARE)):
        for each in range(2 if at >= FREQUENT else 20):
            rows.append(("all", f"{name}s", f"Plain {chr(65 + each)}{at:02} {name}", 90.0 + each))
    assert names_of(fitted(rows)) == {f"{name}s" for name in brand_names(FREQUENT)}
