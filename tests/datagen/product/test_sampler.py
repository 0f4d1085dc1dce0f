"""Row i depends on (profile, seed, i) alone, and a product shows what its title says."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datagen.product.blocks import BLOCK
from datagen.product.product import Products
from datagen.product.profile import Profile, load_profile
from datagen.product.sampler import Sampler
from datagen.product.titles import SILENT
from datagen.schemas import InputError


def _equal(a: Products, b: Products) -> bool:
    def same(x: Any, y: Any) -> bool:
        if isinstance(x, dict):
            return x.keys() == y.keys() and all(same(x[key], y[key]) for key in x)
        return bool(np.array_equal(x, y))

    return all(same(getattr(a, field.name), getattr(b, field.name)) for field in fields(Products))


@pytest.fixture(scope="module")
def whole(garden_profile: Profile) -> tuple[Sampler, Products]:
    sampler = Sampler(garden_profile, 11)
    return sampler, sampler.products(0, 3 * BLOCK)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 3 * BLOCK), st.integers(0, 3 * BLOCK))
def test_any_stretch_is_that_stretch_of_the_whole(whole: tuple[Sampler, Products], a: int, b: int) -> None:
    sampler, products = whole
    start, stop = min(a, b), max(a, b)
    fresh = Sampler(sampler.profile, 11)
    assert _equal(fresh.products(start, stop), products.slice(start, stop))


def test_another_seed_gives_other_products(whole: tuple[Sampler, Products]) -> None:
    sampler, products = whole
    other = Sampler(sampler.profile, 12).products(0, 1000)
    assert (other.kind != products.kind[:1000]).mean() > 0.3
    assert (other.cut != products.cut[:1000]).all()


@pytest.mark.parametrize("seed", [-1, 2**64])
def test_a_seed_out_of_range_is_refused(garden_profile: Profile, seed: int) -> None:
    with pytest.raises(InputError, match="seed"):
        Sampler(garden_profile, seed)


def test_a_narrower_catalogue_keeps_to_its_shelves(garden_profile: Profile) -> None:
    sampler = Sampler(garden_profile.only({2: {"Hats"}}), 0)
    kinds = {sampler.one(products, at).kind for products in [sampler.products(0, 500)] for at in range(500)}
    assert kinds == {"cap", "bucket_hat"}


def test_shelves_and_kinds_come_in_their_shares() -> None:
    profile = load_profile("burberry")
    products = Sampler(profile, 0).products(0, 60_000)
    shares = np.bincount(products.shelf, minlength=len(profile.shelves)) / 60_000
    expected = np.array([shelf.share for shelf in profile.shelves])
    expected = expected / expected.sum()
    # Rows of a family count once, so the spread is a little wider than a binomial's.
    assert (np.abs(shares - expected) <= 8 * np.sqrt(expected / 60_000) + 1e-4).all()


@pytest.mark.parametrize("name", ["garden", "burberry"])
def test_a_product_shows_what_its_title_says(name: str, garden_profile: Profile) -> None:
    profile = garden_profile if name == "garden" else load_profile(name)
    sampler = Sampler(profile, 4)
    products = sampler.products(0, 2000)
    for at, product in enumerate(sampler.each(products)):
        shown = {
            "size": product.size,
            "detail": product.detail,
            "pattern": product.pattern,
            "material": product.material,
            "colourway": product.colourway.name,
        }
        for slot, compiled in sampler.titles.slots.items():
            phrase = int(products.phrases[slot][at])
            word = compiled.words[phrase]
            if phrase != SILENT and word is not None:
                drawn = dict(word.draw) or ({slot: compiled.names[phrase]} if slot in shown else {})
                later = [
                    other
                    for other_slot, other_compiled in list(sampler.titles.slots.items())
                    if other_slot != slot
                    and (other := other_compiled.words[int(products.phrases[other_slot][at])]) is not None
                ]
                for attribute, value in drawn.items():
                    overdrawn = any(attribute in other.draw for other in later)
                    assert shown[attribute] == value or overdrawn, (product, slot, word)


def test_a_noun_may_name_its_own_drawing() -> None:
    sampler = Sampler(load_profile("burberry").only({2: {"SHOES"}}), 0)
    products = sampler.products(0, 4000)
    titles = sampler.titles.compose(products.phrases).to_pylist()
    drawn = list(zip(titles, (product.kind for product in sampler.each(products)), strict=True))
    assert sum("Chelsea Boots" in title for title, _ in drawn) > 10
    assert all(("Chelsea Boots" in title) == (kind == "chelsea_boots") for title, kind in drawn)
    assert {kind for title, kind in drawn if "Rain Boots" in title} == {"rain_boots"}


def test_a_family_shares_its_cut_and_not_its_noise(whole: tuple[Sampler, Products]) -> None:
    _, products = whole
    follower = products.family != products.row
    assert follower.any()
    assert (products.cut[follower] == products.cut[products.family[follower]]).all()
    assert len(np.unique(products.noise)) == len(products)


def test_the_first_rows_are_these_for_ever(garden_profile: Profile) -> None:
    # A change here changes every dataset ever made: it needs a new major version.
    sampler = Sampler(garden_profile, 0)
    products = sampler.products(0, 4)
    titles = sampler.titles.compose(products.phrases)
    rows = list(zip(titles.to_pylist(), products.full.tolist(), products.number.tolist(), strict=True))
    assert rows == PINNED


PINNED: list[tuple[str, float, int]] = [
    ("Lip Colour – 40 Light Cool", 5.0, 6293),
    ("Check and Leather Tote", 349.0, 2882),
    ("Check and Leather Mini Tote", 100.0, 303),
    ("Cotton Piqué Baseball Cap", 25.0, 2280),
]
