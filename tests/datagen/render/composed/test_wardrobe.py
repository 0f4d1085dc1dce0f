"""Who wears what: only what a baked cut shows is composed, and the choice depends on the product alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from datagen.product.product import Colourway, Product
from datagen.product.vocabulary import DETAILS, SIZES
from datagen.render.baked.layers import PARTS
from datagen.render.composed.kinds import (
    ALWAYS_USUAL,
    COLLARED,
    COMPANIONS,
    COMPOSED,
    PAINTED,
    PLAIN_SIZES,
    PRODUCT,
    RIBBED,
    SAME,
    SHOWN_BY,
    TRIMS,
    USUAL,
    fill_of,
)
from datagen.render.composed.wardrobe import is_composed, outfit_of
from datagen.render.layers import FILLS
from datagen.render.scene import stencil_id
from datagen.render.silhouettes import TABLE

RED = Colourway("red", (214, 30, 34), (30, 32, 34), (230, 224, 206), (170, 60, 50))
TEE = Product(0, "t_shirt", "woman", "regular", "none", "solid", "cotton", RED, 17, 23)


@pytest.mark.usefixtures("small_wardrobe")
def test_only_what_a_baked_cut_shows_is_composed() -> None:
    assert is_composed(TEE)
    assert is_composed(replace(TEE, detail="crest", wearer="man"))
    for change in (
        {"wearer": "child"},
        {"kind": "parka"},
        {"view": "back"},
        {"size": "long"},
        {"detail": "hooded"},
    ):
        assert not is_composed(replace(TEE, **change)), change  # type: ignore[arg-type]


@pytest.mark.usefixtures("small_wardrobe")
def test_a_corduroy_collar_needs_a_collar_and_a_hood_that_comes_off_a_hood() -> None:
    assert is_composed(replace(TEE, kind="trench_coat", detail="cropped_collar"))
    assert not is_composed(replace(TEE, detail="cropped_collar"))
    assert not is_composed(replace(TEE, kind="trench_coat", detail="detachable_hood"))


def test_a_hood_is_a_hood_whether_it_comes_off_or_not() -> None:
    assert SAME["detachable_hood"] == "hooded"


@pytest.mark.usefixtures("small_wardrobe")
def test_an_outfit_has_what_the_product_leaves_bare() -> None:
    tee, trousers, jacket = (
        outfit_of(replace(TEE, kind=kind)) for kind in ("t_shirt", "trousers", "field_jacket")
    )
    assert [each.role for each in tee.worn] == ["product", "below", "hair"]
    assert [each.role for each in trousers.worn] == ["product", "inner", "hair"]
    assert [each.role for each in jacket.worn] == ["product", "below", "inner", "hair"]
    assert outfit_of(replace(TEE, view="detail")).magnified


@pytest.mark.usefixtures("small_wardrobe")
def test_an_outfit_depends_on_the_cut_and_not_on_colours() -> None:
    other = replace(
        TEE, colourway=RED._replace(ground=(1, 2, 3)), noise=99, row=5, pattern="check", material="wool"
    )
    assert outfit_of(other) == outfit_of(TEE)
    assert stencil_id(other) == stencil_id(TEE)
    assert stencil_id(replace(TEE, wearer="man")) != stencil_id(TEE)


def test_the_tables_name_what_there_is() -> None:
    assert set(TABLE) >= COMPOSED
    assert set(DETAILS) >= PAINTED | TRIMS.keys()
    assert set(SIZES) >= PLAIN_SIZES
    assert set(DETAILS) >= SAME.keys() | set(SAME.values())
    assert set(TABLE) >= COLLARED
    words = {*SHOWN_BY.values(), *ALWAYS_USUAL, *(word for usual in USUAL.values() for word in usual)}
    assert {*SIZES, *DETAILS} >= words
    assert set(TABLE) >= USUAL.keys()
    assert set(PARTS) >= PRODUCT.keys() | {part for parts in TRIMS.values() for part in parts}
    for role in COMPANIONS:
        assert {kind for kinds in COMPANIONS[role].values() for kind in kinds} <= TABLE.keys()
    roles = "body", "hair", "product", "below", "inner"
    assert {
        fill_of(part, role, detail) for part in PARTS for role in roles for detail in DETAILS
    } <= FILLS.keys()


def test_ribs_are_of_another_shade_on_the_product_alone() -> None:
    assert fill_of("cuff", "product", "none", "sweatshirt") == "shade"
    assert fill_of("cuff", "product", "contrast", "sweatshirt") == "trim"
    assert fill_of("cuff", "product", "none", "shirt") == "ground"
    assert fill_of("cuff", "below", "none", "joggers") == "below"
    assert RIBBED.keys() <= COMPOSED
    assert frozenset().union(*RIBBED.values()) <= set(PARTS)
