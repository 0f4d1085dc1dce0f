"""Families: the sizes of the profile, one block each, no colourway twice."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datagen.product.blocks import BLOCK
from datagen.product.colourways import Families, alone
from datagen.product.profile import Profile
from datagen.product.sampler import Sampler
from datagen.schemas.keyed import words


@settings(max_examples=30)
@given(st.integers(0, 2**64 - 1), st.integers(0, 1000), st.integers(1, 300))
def test_every_row_has_a_first_row_that_leads_itself(
    burberry: Profile, seed: int, block: int, rows: int
) -> None:
    families = Families(burberry)
    member = families.members(seed, block, rows)
    assert (member.leader <= np.arange(rows)).all()
    assert (member.leader[member.leader] == member.leader).all()
    assert ((member.rank == 0) == (member.leader == np.arange(rows))).all()
    sizes = Counter(member.leader.tolist())
    for leader, size in sizes.items():
        assert sorted(member.rank[member.leader == leader]) == list(range(size))


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_families_have_the_sizes_of_the_profile(seed: int, garden_profile: Profile) -> None:
    member = Families(garden_profile).members(seed, 0, 60_000)
    sizes = Counter(Counter(member.leader.tolist()).values())
    total = sum(sizes.values())
    for size, weight in garden_profile.families.sizes.items():
        assert sizes[size] / total == pytest.approx(weight / 100, abs=0.02)


def test_rows_of_a_family_are_scattered_over_the_block(garden_profile: Profile) -> None:
    member = Families(garden_profile).members(0, 0, BLOCK)
    away = (np.arange(BLOCK) - member.leader)[member.rank == 1]
    assert np.median(away) > BLOCK / 10


@pytest.mark.parametrize("name", ["burberry", "garden"])
def test_no_family_has_a_colourway_twice(name: str, garden_profile: Profile, burberry: Profile) -> None:
    profile = garden_profile if name == "garden" else burberry
    products = Sampler(profile, 3).products(0, 5 * BLOCK)
    pairs = set(zip(products.family.tolist(), products.colourway.tolist(), strict=True))
    assert len(pairs) == len(products)


def test_colourways_follow_the_weights_of_the_palette(garden_profile: Profile) -> None:
    products = Sampler(garden_profile, 0).products(0, 40_000)
    first = products.row == products.family
    shares = np.bincount(products.colourway[first], minlength=4) / first.sum()
    assert shares == pytest.approx(np.array([3, 2, 1, 1]) / 7, abs=0.02)


def test_loners_lead_themselves(burberry: Profile) -> None:
    member = Families(burberry).members(0, 0, 500)
    loners = words(0, "loners", 0, 500) % np.uint64(3) == 0
    taken_out = alone(member, loners)
    assert (taken_out.leader[loners] == np.flatnonzero(loners)).all()
    assert (taken_out.rank[loners] == 0).all()


def test_kinds_without_families_have_none(garden_profile: Profile) -> None:
    products = Sampler(garden_profile, 0).products(0, 20_000)
    lone = products.kind == list(garden_profile.kinds).index("lipstick")
    assert (products.family[lone] == products.row[lone]).all()


@pytest.mark.parametrize("seed", range(3))
def test_kinds_without_families_keep_their_share_of_rows(garden_profile: Profile, seed: int) -> None:
    products = Sampler(garden_profile, seed).products(0, 60_000)
    lone = products.kind == list(garden_profile.kinds).index("lipstick")
    assert lone.mean() == pytest.approx(0.3 / 3, abs=0.01)
