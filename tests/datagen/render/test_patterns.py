"""Patterns and materials are visible and use the colours of the colourway."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from datagen.product.product import Colourway, House, Product
from datagen.product.vocabulary import MATERIALS, PATTERNS
from datagen.render import fabrics, marks, patterns, scene

HOUSE = House("Aldermere", "AM")
HONEY = Colourway("honey", (196, 164, 120), (60, 48, 40), (236, 230, 216), (176, 52, 48))


def picture(
    pattern: str = "solid", material: str = "cotton", kind: str = "t_shirt", detail: str = "none"
) -> npt.NDArray[np.float64]:
    product = Product(0, kind, "man", "regular", detail, pattern, material, HONEY, 5, 9)
    return np.asarray(scene.draw(product, HOUSE, (150, 200)), dtype=float)


def test_the_tables_name_the_same_words() -> None:
    assert set(fabrics.MATERIALS) == set(MATERIALS)
    assert set(PATTERNS) == {"solid", "colour_block", *patterns.TILES, *patterns.PLACED}


@pytest.mark.parametrize("kind", ["t_shirt", "tote", "scarf"])
def test_every_pattern_shows(kind: str) -> None:
    seen = {pattern: picture(pattern, kind=kind) for pattern in PATTERNS}
    for one, other in combinations(seen, 2):
        far = (np.abs(seen[one] - seen[other]).max(axis=2) > 40).mean()
        assert far > 0.0005, (one, other, far)


def test_all_over_patterns_use_the_colours_of_the_colourway() -> None:
    for pattern in patterns.TILES:
        tile = patterns.tinted(
            patterns.field(patterns.tile_index(pattern, "AM", 60), 0, (60, 60), (0, 0)), HONEY
        )
        pixels = tile.astype(int).reshape(3, -1).T
        near_ground = (np.abs(pixels - HONEY.ground).max(axis=1) < 30).mean()
        assert near_ground < 0.95, pattern


@pytest.mark.parametrize("pixels", [33, 64, 200])
def test_a_tartan_is_the_mean_of_the_threads_that_cross(pixels: int) -> None:
    made = np.asarray(patterns.check(pixels, "AM"))
    assert np.array_equal(made, made.transpose(1, 0, 2))
    # Where two threads of one ink cross, the ink is seen.
    inks = {tuple(ink) for ink in made[np.arange(pixels), np.arange(pixels)].tolist()}
    assert {(0, 0, 0), (249, 0, 0)} <= inks
    threads = made[:, 0].astype(int) * 2
    assert np.abs((threads[:, None] + threads[None] - threads[0]) // 2 - made).max() <= 4


@given(st.integers(0, 2**32))
def test_an_index_has_six_levels_of_each_weight(seed: int) -> None:
    weights = np.random.Generator(np.random.Philox(key=seed)).integers(0, 256, (5, 7, 3), dtype=np.uint8)
    levels = (weights.astype(int) * (patterns.LEVELS - 1) + 127) // 255
    wanted = levels @ (patterns.LEVELS**2, patterns.LEVELS, 1)
    assert np.array_equal(patterns.indexed(Image.fromarray(weights)), wanted)


def test_an_exaggerated_check_is_larger() -> None:
    assert patterns.TILES["exaggerated_check"][0] > 2 * patterns.TILES["check"][0]


def test_a_rotated_field_differs_from_a_straight_one() -> None:
    tile = patterns.tile_index("stripe", "AM", 40)
    straight = patterns.field(tile, 0, (80, 80), (0, 0))
    turned = patterns.field(tile, 24, (80, 80), (0, 0))
    assert straight.tobytes() != turned.tobytes()


def test_every_material_has_its_own_surface() -> None:
    seen = {material: picture(material=material, kind="bomber_jacket") for material in MATERIALS}
    for one, other in combinations(seen, 2):
        assert np.abs(seen[one] - seen[other]).mean() > 0.02, (one, other)


def test_shiny_materials_are_brighter_where_they_shine() -> None:
    assert (
        np.percentile(picture(material="patent_leather", kind="gilet"), 99.9)
        > np.percentile(picture(kind="gilet"), 99.9) - 1
    )
    dull, shiny = picture(material="wool", kind="gilet"), picture(material="satin", kind="gilet")
    assert (shiny - dull).max() > 30


@pytest.mark.parametrize("detail", ["logo", "crest", "embroidered", "applique", "quilted", "ribbed", "cable"])
def test_details_on_the_surface_show(detail: str) -> None:
    assert (np.abs(picture(detail=detail) - picture()).max(axis=2) > 20).sum() > 10


def test_the_alphabet_is_complete_and_letters_differ() -> None:
    assert set("ABCDEFGHIJKLMNOPQRSTUVWXYZ& ") == set(marks.LETTERS)
    drawn = {
        letter: marks.decal("lettering", letter, letter, 40)[1].tobytes()
        for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    }
    assert len(set(drawn.values())) == 26


def test_names_with_accents_or_digits_can_be_lettered() -> None:
    assert marks.drawable_text("Étoile 7 & Fils") == "ETOILE   & FILS"
    assert marks.drawable_text("123") == "A"


@pytest.mark.usefixtures("silhouettes")  # on a turned solid the word runs at an angle
def test_letters_are_readable_in_mirrored_cuts() -> None:
    seen = set()
    for cut in range(8):
        lettered = Product(0, "tote", "woman", "regular", "none", "lettering", "cotton", HONEY, cut, 9)
        plain = scene.draw(replace(lettered, pattern="solid"), HOUSE, (300, 400))
        ink = (
            np.abs(np.asarray(scene.draw(lettered, HOUSE, (300, 400)), dtype=float) - plain).sum(axis=2) > 60
        )
        rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
        shown = Image.fromarray(ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]).resize((120, 20))
        cover = marks.decal("lettering", HOUSE.name, HOUSE.letters, 120)[1]
        word = np.asarray(cover.crop(cover.getbbox()).resize((120, 20)), dtype=float)
        right, wrong = (
            np.corrcoef(np.asarray(shown, float).ravel(), w.ravel())[0, 1] for w in (word, word[:, ::-1])
        )
        assert right > wrong + 0.2, (cut, right, wrong)
        seen.add(scene.is_mirrored(lettered))
    assert seen == {True, False}
