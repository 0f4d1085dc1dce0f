"""Codes are a bijection of row numbers; slugs and picture ids have the real set's forms."""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datagen.product.codes import CodeBook, Numbers, picture_ids, slug, slugs
from datagen.product.profile import Profile, load_profile
from datagen.schemas import InputError
from datagen.schemas.keyed import words

RANGES = st.lists(st.tuples(st.integers(0, 400), st.integers(0, 40)), min_size=1, max_size=5)


@settings(max_examples=50)
@given(RANGES, st.integers())
def test_numbers_are_a_permutation_of_their_ranges(parts: list[tuple[int, int]], key: int) -> None:
    ranges, at = [], 0
    for gap, extra in parts:
        ranges.append((at + gap, at + gap + extra))
        at += gap + extra + 1
    numbers = Numbers(ranges, key)
    made = numbers.at(np.arange(numbers.capacity)).tolist()
    allowed = {number for low, high in ranges for number in range(low, high + 1)}
    assert len(set(made)) == len(made)
    assert set(made) <= allowed
    assert len(allowed) - len(made) <= len(allowed) ** 0.5


def test_numbers_do_not_come_in_order() -> None:
    made = Numbers([(0, 99_999)], 1).at(np.arange(1000))
    steps = np.diff(made)
    assert len(set(steps.tolist())) > 900
    assert abs(np.corrcoef(np.arange(1000), made)[0, 1]) < 0.15


@pytest.mark.parametrize("seed", [0, 1, 2**64 - 1])
def test_all_codes_of_a_whole_catalogue_are_unique(garden_profile: Profile, seed: int) -> None:
    book = CodeBook(garden_profile, seed)
    rows = np.arange(book.capacity)
    kinds = (rows % len(garden_profile.kinds)).astype(np.int32)
    numbers = book.numbers(rows, kinds, np.full(len(rows), 0.5))
    assert len(np.unique(numbers)) == len(rows)


def test_a_row_past_the_last_code_is_refused(garden_profile: Profile) -> None:
    book = CodeBook(garden_profile, 0)
    with pytest.raises(InputError, match="at most"):
        book.numbers(np.array([book.capacity]), np.array([0], dtype=np.int32), np.array([0.0]))


def test_kinds_with_a_line_of_their_own_take_their_codes_from_it() -> None:
    profile = load_profile("burberry")
    book = CodeBook(profile, 0)
    kind = list(profile.kinds).index("lipstick")
    numbers = book.numbers(np.arange(500), np.full(500, kind, dtype=np.int32), np.full(500, 0.5))
    assert all(text.startswith("40") and text.endswith("1") for text in book.text(numbers).to_pylist())


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
    assert slug(title) == expected


@given(st.lists(st.text(max_size=40), min_size=1, max_size=5))
def test_slugs_of_a_column_are_the_slugs_of_its_titles(titles: list[str]) -> None:
    made = slugs(pa.array(titles)).to_pylist()
    assert made == [slug(title) for title in titles]
    assert all(re.fullmatch(r"([a-z0-9]+(-[a-z0-9]+)*)?", text) for text in made)


def test_picture_ids_are_guids_and_sha1s_and_never_repeat() -> None:
    raw = words(0, "id", 0, 3 * 5000).reshape(5000, 3)
    sha1 = np.arange(5000) % 3 == 0
    made = picture_ids(raw, sha1).to_pylist()
    guid = r"[0-9A-F]{8}-[0-9A-F]{4}-4[0-9A-F]{3}-[89AB][0-9A-F]{3}-[0-9A-F]{12}"
    for at, text in enumerate(made):
        assert re.fullmatch("[0-9a-f]{40}" if sha1[at] else guid, text)
    assert len(set(made)) == 5000
