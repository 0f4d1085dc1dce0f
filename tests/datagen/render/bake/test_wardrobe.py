"""The wardrobe: every cut is worn, its name says what it shows, and its pieces can be cut."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("scipy")
pytest.importorskip("numba")
pytest.importorskip("embreex")

from datagen.product.vocabulary import DETAILS, SIZES
from datagen.render.bake.baking import pieces
from datagen.render.bake.bottoms import BOTTOMS
from datagen.render.bake.clothing import CLOTHING
from datagen.render.bake.dresses import FROCKS
from datagen.render.bake.leg_trims import stroke
from datagen.render.bake.outerwear import OUTERWEAR
from datagen.render.bake.panels import cut
from datagen.render.bake.wardrobe import WARDROBE
from datagen.render.bake.worded import DRAWN_UP, PLAIN
from datagen.render.composed.kinds import COMPOSED, PLAIN_SIZES
from datagen.render.silhouettes import TABLE
from tests.support.body import M


def test_every_cut_with_a_pattern_of_its_own_is_worn_and_every_item_has_the_name_it_is_asked_for_by() -> None:
    every = CLOTHING + BOTTOMS + FROCKS + OUTERWEAR
    assert len(DRAWN_UP) == len(every)
    assert set(WARDROBE) >= set(DRAWN_UP)
    assert [f"{item.kind} {item.cut}" for item in WARDROBE.values()] == list(WARDROBE)
    assert {item.kind for item in every} == set(PLAIN) | {"swim_shorts"}
    assert set(TABLE) >= {item.kind for item in WARDROBE.values()} >= COMPOSED


@pytest.mark.parametrize("name", WARDROBE)
def test_the_pieces_of_every_cut_can_be_cut_and_sewn(name: str) -> None:
    cloth = cut(*pieces(M, WARDROBE[name]))
    a, b, c = (cloth.flat[cloth.faces[:, k]] for k in range(3))
    area = (b - a)[:, 0] * (c - a)[:, 1] - (b - a)[:, 1] * (c - a)[:, 0]
    flip = np.array([panel.flip for panel in cloth.panels])[cloth.panel[cloth.faces[:, 0]]]
    assert (np.where(flip, -area, area) > 0).all()
    assert np.isfinite(cloth.start).all()
    one, other = cloth.start[cloth.pairs[:, 0]], cloth.start[cloth.pairs[:, 1]]
    # Pieces start close enough around the body for their seams to be closed.
    assert np.linalg.norm(one - other, axis=1).max() < 60


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("trousers", {"wide", "slim", "cropped", "relaxed", "pleated", "cargo"}),
        ("jeans", {"straight", "slim", "relaxed", "skinny", "wide"}),
        ("dress", {"mid_length", "pleated", "short", "long", "sleeveless", "belted", "lace_trim"}),
        ("skirt", {"mid_length", "pleated", "short", "long", "belted", "lace_trim"}),
        ("shirt", {"relaxed", "slim", "short_sleeve", "oversized", "cropped", "pleated"}),
    ],
)
def test_the_commonest_words_have_a_cut_of_their_own(kind: str, words: set[str]) -> None:
    assert {*SIZES, *DETAILS} >= words
    cuts = {item.cut for item in WARDROBE.values() if item.kind == kind}
    assert cuts >= words
    named = {*SIZES, *DETAILS} - PLAIN_SIZES - {"straight"}
    assert [each for each in cuts if not set(each.split("-")) & named]


def test_a_stroke_has_the_width_of_its_line() -> None:
    outline = stroke(np.array([(0.0, 0.0), (10.0, 0.0)]), 0.5)
    x, y = outline[:, 0], outline[:, 1]
    assert abs(x @ np.roll(y, -1) - y @ np.roll(x, -1)) / 2 == pytest.approx(5.0)
