"""Slugs have the forms of the real set's links, however they are computed."""

from __future__ import annotations

import re

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datagen.columns.link import _slug, slugs
from datagen.product.titles import slug


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        # Slugs as they stand in the real set's links.
        ("Check and Leather Card Case", "checkleather-card-case"),
        ("Suede Leather and Check Sneakers", "suede-leathercheck-sneakers"),
        ("House Check and Cotton and Leather Sneakers", "house-checkcottonleather-sneakers"),
        ("Check Bouclé Collarless Jacket", "check-boucle-collarless-jacket"),
        ("Ultimate Glow Foundation – 40 Light Cool", "ultimate-glow-foundation-40-light-cool"),
        ("Mid-length Camden Heritage Car Coat", "mid-length-camden-heritage-car-coat"),
    ],
)
def test_slugs_follow_the_rule_of_the_real_links(title: str, expected: str) -> None:
    assert slugs(pa.array([title])).to_pylist() == [expected]
    assert slug(title) == expected


@given(st.lists(st.text(max_size=40), min_size=1, max_size=5))
def test_columns_parts_and_rules_agree_on_slugs(titles: list[str]) -> None:
    made = slugs(pa.array(titles)).to_pylist()
    assert made == [slug(title) for title in titles]
    assert made == [_slug(title) for title in titles]
    assert all(re.fullmatch(r"([a-z0-9]+(-[a-z0-9]+)*)?", text) for text in made)
