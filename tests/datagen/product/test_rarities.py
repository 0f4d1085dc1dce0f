"""Every stretch of rows has its rare kinds, and no family is torn apart for them."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from datagen.product.profile import Profile, Rarity, load_profile
from datagen.product.sampler import Sampler
from datagen.schemas import InputError

KIND, EVERY = "exotic_bag", 512


@pytest.fixture(scope="module")
def profile() -> Profile:
    return load_profile("burberry").model_copy(update={"rarities": {KIND: Rarity(every=EVERY)}})


@pytest.mark.parametrize("seed", range(4))
def test_every_stretch_has_one(profile: Profile, seed: int) -> None:
    products = Sampler(profile, seed).products(0, 8192)
    rare = products.row[products.kind == list(profile.kinds).index(KIND)]
    assert set(rare // EVERY) == set(range(8192 // EVERY))
    assert max(Counter((rare // EVERY).tolist()).values()) <= 3  # its share may bring another
    shelves = {profile.shelves[at].path for at in products.shelf[np.isin(products.row, rare)]}
    assert shelves == {shelf.path for shelf in profile.shelves if KIND in shelf.kinds}


def test_families_stay_whole(profile: Profile) -> None:
    products = Sampler(profile, 1).products(0, 8192)
    led = {int(family) for family, leads in zip(products.family, products.leads, strict=True) if leads}
    assert led == set(products.family.tolist())
    titles = Sampler(profile, 1).titles.compose(products.phrases).to_pylist()
    of_family = {(int(family), title) for family, title in zip(products.family, titles, strict=True)}
    assert len(of_family) == len(led)


def test_other_rows_are_what_they_would_be_without(profile: Profile) -> None:
    plain = Sampler(profile.model_copy(update={"rarities": {}}), 1).products(0, 4096)
    products = Sampler(profile, 1).products(0, 4096)
    changed = plain.kind != products.kind
    assert changed.sum() <= 4096 // EVERY
    assert (plain.full[~changed] == products.full[~changed]).all()


def test_a_rarity_must_be_a_kind(profile: Profile) -> None:
    values = profile.model_dump(by_alias=True)
    values["rarities"] = {"moon_bag": {"every": 512}}
    with pytest.raises((InputError, ValueError), match="moon_bag"):
        Profile.model_validate(values)
