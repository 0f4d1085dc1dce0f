"""Looks: shares are kept, families share them, rows do not depend on them."""

from __future__ import annotations

from collections import Counter
from typing import get_args

import numpy as np
import pytest
from pydantic import ValidationError

from datagen.product.blocks import BLOCK
from datagen.product.looks import Looks
from datagen.product.profile import Profile
from datagen.product.sampler import Sampler
from datagen.product.vocabulary import AGES, BACKDROPS, BODIES, ORIGINS, OUTERWEAR, POSES, VIEWS
from datagen.render.silhouettes import TABLE
from datagen.schemas.keyed import words


def test_a_profile_and_the_renderer_know_the_same_words() -> None:
    words = {"views": VIEWS, "backdrops": BACKDROPS, "bodies": BODIES, "poses": POSES, "origins": ORIGINS}
    for field, known in words.items():
        names = get_args(get_args(Looks.model_fields[field].annotation)[0])
        assert set(names) == set(known)
    assert set(Looks.model_validate({"ages": dict.fromkeys(AGES, 1)}).ages) == set(AGES)
    assert {kind for kind, how in TABLE.items() if how.wear in ("coat", "jacket", "wrap")} == set(OUTERWEAR)


def test_shares_are_those_of_the_profile() -> None:
    looks = Looks(outerwear=30, views={"front": 3, "back": 1}, backdrops={"white": 1, "studio": 0})
    drawn = [looks.look(int(raw), outerwear=True) for raw in words(1, "picture look", 0, 4000)]
    assert abs(sum(look.worn for look in drawn) / 4000 - 0.3) < 0.03
    assert abs(Counter(look.view for look in drawn)["back"] / 4000 - 0.25) < 0.03
    assert {look.backdrop for look in drawn} == {"white"}
    assert all(looks.look(int(raw), outerwear=False).worn for raw in words(1, "picture look", 0, 200))


def test_years_of_children_may_be_numbers() -> None:
    assert Looks.model_validate({"ages": {7: 1, "adult": 2}}).figures.ages == (("7", 1.0), ("adult", 2.0))


@pytest.mark.parametrize(
    "wrong",
    [
        {"views": {"front": 0}},
        {"views": {"above": 1}},
        {"outerwear": 101},
        {"poses": {"sitting": 1}},
        {"bodies": {"slim": 0}},
        {"ages": {40: 1}},
    ],
)
def test_looks_that_contradict_themselves_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Looks.model_validate(wrong)


def test_colourways_of_a_product_share_its_look(garden_profile: Profile) -> None:
    sampler = Sampler(garden_profile, 3)
    products = sampler.products(0, BLOCK)
    seen: dict[int, set[tuple[bool, str, str, int]]] = {}
    for at, product in enumerate(sampler.each(products)):
        look = (product.worn, product.view, product.backdrop, product.cut)
        seen.setdefault(int(products.family[at]), set()).add(look)
    assert any(int(count) > 1 for count in Counter(products.family.tolist()).values())
    assert all(len(looks) == 1 for looks in seen.values())


def test_rows_do_not_depend_on_looks(garden_profile: Profile) -> None:
    plain = garden_profile.model_copy(update={"looks": Looks()})
    one, other = (Sampler(profile, 5).products(0, 500) for profile in (garden_profile, plain))
    for field in ("row", "family", "kind", "full", "paid", "number", "cut", "noise"):
        assert np.array_equal(getattr(one, field), getattr(other, field))
