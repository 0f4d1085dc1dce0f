from __future__ import annotations

from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datagen.generation.maker import Maker
from datagen.generation.recipe import write_recipe
from datagen.schemas.title_families import KnownTitleFamilies, title_families

ONE_FAMILY = [
    ("Check Cotton Shirt", "check cotton SHIRT"),
    ("Cotton Piqué Polo", "Cotton Pique\u0301 Polo"),
    ("Long-sleeve T-shirt", "Long Sleeve Tshirt"),
    ("Cotton Nylon Jacket", "Nylon Cotton Jacket"),
    ("Check Cotton Scarf", "Check Cotton Scarves"),
    ("Leather Gloves", "Leather Glove"),
    ("Cotton Hoodie", "Cotton Hoodies"),
    ("Silk Dress", "Silk Dresses"),
    ("Check and Leather Belt", "Check Leather Belt"),
    ("Kensington Trench Coat", "Kensignton Trench Coat"),
    ("Kensington Trench Coat", "Kensinton Trench Coat"),
    ("Kensington Trench Coat", "Kensimgton Trench Coat"),
    ("Kensington Trench Coat", "Kennsington Trench Coat"),
    ("Navy Wool Coat", "Wool Coat"),
    ("Black & White Wool Coat", "Red Wool Coat"),
    ("Children's Coat", "Childrens Coat"),
]
TWO_FAMILIES = [
    ("Wool Cap", "Wool Cape"),
    ("Check Cotton Shirt", "Check Cotton Shorts"),
    ("Small Lola Bag", "Medium Lola Bag"),
    ("Lipstick – 40 Light", "Lipstick – 90 Light"),
    ("Foundation 40", "Foundation 04"),
    ("Leather Jacket", "Feather Jacket"),
    ("Long Gabardine Car Coat", "Long Reversible Gabardine Car Coat"),
    ("Black", "White"),
]


@pytest.mark.parametrize(("one", "other"), ONE_FAMILY)
def test_titles_that_give_each_other_away_are_one_family(one: str, other: str) -> None:
    assert len(set(title_families([one, "Something Else", other]))) == 2
    assert KnownTitleFamilies([one]).contains(other)
    assert KnownTitleFamilies([other]).contains(one)


@pytest.mark.parametrize(("one", "other"), TWO_FAMILIES)
def test_other_products_are_other_families(one: str, other: str) -> None:
    assert len(set(title_families([one, other]))) == 2
    assert not KnownTitleFamilies([one]).contains(other)
    assert not KnownTitleFamilies([other]).contains(one)


def test_families_are_closed_over_chains() -> None:
    first, last = title_families(["Waterloo Coat", "Watterloo Coat", "Wattterloo Coats"])[[0, 2]]
    assert first == last


def test_numbers_count_from_the_first_title() -> None:
    assert title_families(["b", "a", "b", None, "", "!"]).tolist() == [0, 1, 0, 2, 2, 2]
    assert title_families([]).tolist() == []


@given(st.lists(st.text("abcé -S1", max_size=14), max_size=12), st.randoms())
def test_families_do_not_hang_on_the_order_of_rows(titles: list[str], random: object) -> None:
    shuffled = titles[:]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    here, there = title_families(titles), title_families(shuffled)

    def pairs(found: np.ndarray, of: list[str]) -> set[frozenset[str]]:
        groups = defaultdict(set)
        for title, number in zip(of, found, strict=True):
            groups[number].add(title)
        return {frozenset(group) for group in groups.values()}

    assert pairs(here, titles) == pairs(there, shuffled)


@given(st.text(max_size=60))
def test_any_text_is_a_title_near_itself(title: str) -> None:
    assert KnownTitleFamilies([title, "Wool Coat"]).contains(title)
    assert title_families([title, title]).tolist() == [0, 0]


def test_families_of_a_made_catalogue_do_not_run_together() -> None:
    maker = Maker(write_recipe(12_288, image_size=None))
    titles = [
        title
        for start in range(0, 12_288, 4096)
        for title in maker.piece(start, start + 4096).table.column("title").to_pylist()
    ]
    found = title_families(titles)
    members = defaultdict(set)
    for title, number in zip(titles, found, strict=True):
        members[number].add(title)
    assert max(len(group) for group in members.values()) <= 2
    assert np.bincount(found).max() < 0.01 * len(titles)


def test_hostile_titles_cost_no_more_than_others() -> None:
    many = [f"aaaaaaaa{chr(97 + at % 26)}{chr(97 + at // 26)}" for at in range(676)]
    assert len(set(title_families(many))) == 1
    assert len(title_families(["a" * 1_000_000, "ab " * 300_000])) == 2
