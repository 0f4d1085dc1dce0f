"""Who wears what: only what a baked cut shows is composed, and the choice depends on the product alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from datagen.product.product import Colourway, Product
from datagen.product.vocabulary import DETAILS, SIZES
from datagen.render.baked import layers
from datagen.render.baked.layers import PARTS
from datagen.render.composed.frames import KNEES
from datagen.render.composed.kinds import (
    ALSO_BELOW_TOPS,
    ALWAYS_USUAL,
    ARMS_AWAY,
    COLLARED,
    COMPANIONS,
    COMPOSED,
    EMBLEMS,
    LOOSE,
    PAINTED,
    PLAIN_SIZES,
    PRODUCT,
    RIBBED,
    SAME,
    SHOWN_BY,
    SNUG,
    TRIMS,
    USUAL,
    WAIST_WORDS,
    fill_of,
)
from datagen.render.composed.wardrobe import BELOW_KNEES, FEW_LOOKS, is_composed, outfit_of
from datagen.render.layers import FILLS
from datagen.render.scene import drawing_key
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
    assert drawing_key(other) == drawing_key(TEE)
    assert drawing_key(replace(TEE, wearer="man")) != drawing_key(TEE)


def test_an_emblem_is_painted_on_the_outfits_that_there_are_anyway() -> None:
    for cut in range(32):
        plain = replace(TEE, cut=cut)
        for emblem in EMBLEMS:
            assert outfit_of(replace(plain, detail=emblem)) == outfit_of(plain)
            assert drawing_key(replace(plain, detail=emblem)) == drawing_key(plain)
    assert drawing_key(replace(TEE, detail="contrast")) != drawing_key(TEE)


def test_a_word_that_is_usual_for_a_kind_leaves_all_figures_and_crops() -> None:
    looks = [outfit_of(replace(TEE, kind="top", detail="sleeveless", cut=cut)) for cut in range(200)]
    assert len({look.figure for look in looks}) > 3
    assert len({look.crop for look in looks}) > 1
    few = {drawing_key(replace(TEE, kind="dress", detail="pleated", cut=cut)) for cut in range(200)}
    assert len(few) <= FEW_LOOKS


def test_a_picture_cropped_at_the_knees_shows_the_hem() -> None:
    known, cropped = layers.index(), 0
    for kind in ("dress", "sweater_dress", "trench_coat", "car_coat", "tailored_coat"):
        for cut in range(200):
            look = outfit_of(replace(TEE, kind=kind, cut=cut))
            if look.crop == "knee":
                place = known.garments[kind, look.worn[0].cut, look.figure][1]
                knees = max(known.figures[look.figure][0]["keypoints"][at][1] for at in KNEES)
                assert place.top + place.height <= knees + BELOW_KNEES, look
                cropped += 1
    assert cropped


def test_bare_legs_below_a_top_but_not_below_a_coat() -> None:
    def below(kind: str) -> set[str]:
        looks = [outfit_of(replace(TEE, kind=kind, cut=cut)) for cut in range(200)]
        return {each.kind for look in looks for each in look.worn if each.role == "below"}

    assert below("t_shirt") | below("top") | below("sweater") >= {"shorts"}
    assert not below("trench_coat") & set(ALSO_BELOW_TOPS)


def test_a_loose_top_is_worn_over_whole_trousers_and_never_over_words_of_the_waist() -> None:
    def tops(detail: str) -> set[tuple[str, bool]]:
        every = [
            replace(TEE, kind="trousers", wearer=wearer, detail=detail, cut=cut)
            for wearer in ("woman", "man")
            for cut in range(200)
        ]
        looks = [outfit_of(each) for each in every if is_composed(each)]
        assert looks, detail
        return {
            (look.crop, each.kind in LOOSE) for look in looks for each in look.worn if each.role == "inner"
        }

    assert {("full", True), ("full", False), ("legs", False)} <= tops("none")
    assert ("legs", True) not in tops("none")
    for word in ("belted", "pleated"):
        assert word in WAIST_WORDS
        assert not any(loose for _, loose in tops(word)), word


def test_the_tables_name_what_there_is() -> None:
    assert set(TABLE) >= COMPOSED
    assert set(DETAILS) >= PAINTED | TRIMS.keys()
    assert set(SIZES) >= PLAIN_SIZES
    assert set(DETAILS) >= SAME.keys() | set(SAME.values())
    assert set(TABLE) >= COLLARED
    words = {*SHOWN_BY.values(), *ALWAYS_USUAL, *(word for usual in USUAL.values() for word in usual)}
    assert {*SIZES, *DETAILS} >= words
    assert set(TABLE) >= USUAL.keys() | set(ALSO_BELOW_TOPS) | LOOSE
    assert set(DETAILS) >= WAIST_WORDS
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


def test_nothing_wide_is_worn_under_a_jacket_by_women_whose_arms_are_away() -> None:
    seen = 0
    for cut in range(200):
        look = outfit_of(replace(TEE, kind="harrington_jacket", cut=cut))
        if layers.index().figures[look.figure][0]["pose"] in ARMS_AWAY:
            seen += 1
            assert all(each.cut in SNUG for each in look.worn if each.role == "inner"), look
    assert seen


def test_a_relief_is_painted_on_the_cuts_that_there_are() -> None:
    for detail in ("ribbed", "cable", "quilted"):
        assert is_composed(replace(TEE, detail=detail))
