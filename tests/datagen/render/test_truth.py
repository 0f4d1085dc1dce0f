"""The ground truth of a picture agrees with the picture."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from datagen.product.product import Colourway, House, Product
from datagen.render import scene
from datagen.render.silhouettes import TABLE
from datagen.render.truth import BACKDROP, FIGURE_LABEL, SUBJECT, is_worn, truth

HOUSE = House("Aldermere", "AM")
RED = Colourway("red", (214, 30, 34), (30, 32, 34), (230, 224, 206), (170, 60, 50))
BLUE = RED._replace(name="blue", ground=(24, 60, 214))
COAT = Product(0, "car_coat", "man", "long", "none", "solid", "cotton", RED, 17, 23)
SIZE = (150, 200)


@pytest.mark.parametrize("kind", ["car_coat", "trousers", "shirt", "tote", "scarf", "cap"])
@pytest.mark.parametrize("view", ["front", "three_quarter", "back", "detail"])
def test_recolouring_changes_the_subject_and_nothing_else(kind: str, view: str) -> None:
    product = replace(COAT, kind=kind, view=view)
    known = truth(product, SIZE)
    red, blue = (
        np.asarray(scene.draw(replace(product, colourway=colours), HOUSE, SIZE), dtype=int)
        for colours in (RED, BLUE)
    )
    changed = np.abs(red - blue).max(axis=2)
    # A pixel around the edge is a mixture.
    outside = known.mask != SUBJECT
    outside[1:] &= known.mask[:-1] != SUBJECT
    outside[:-1] &= known.mask[1:] != SUBJECT
    outside[:, 1:] &= known.mask[:, :-1] != SUBJECT
    outside[:, :-1] &= known.mask[:, 1:] != SUBJECT
    away = outside & (known.mask == BACKDROP)
    assert (changed[away] > 30).mean() < 0.01
    assert (changed[known.mask == SUBJECT] > 30).mean() > 0.5


def test_the_box_bounds_the_mask() -> None:
    for kind in TABLE:
        known = truth(replace(COAT, kind=kind), SIZE)
        rows, columns = np.nonzero(known.mask == SUBJECT)
        assert known.box == (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1), kind


def test_parts_are_the_visible_ones() -> None:
    assert truth(replace(COAT, detail="belted"), SIZE).parts[0] == "ground"
    assert "button" in truth(replace(COAT, kind="pea_coat"), (300, 400)).parts


@pytest.mark.parametrize("wearer", ["woman", "baby"])
def test_worn_products_have_a_figure_in_the_mask(wearer: str) -> None:
    for kind in TABLE:
        for worn in (True, False):
            product = replace(COAT, kind=kind, wearer=wearer, size="regular", worn=worn)
            known = truth(product, (64, 64))
            assert known.worn == is_worn(product) == (FIGURE_LABEL in known.mask), kind
    assert is_worn(replace(COAT, wearer="woman"))
    assert not is_worn(replace(COAT, kind="nothing of that name"))


def test_figure_and_garment_have_different_labels() -> None:
    worn, still = truth(COAT, SIZE), truth(replace(COAT, worn=False), SIZE)
    assert worn.worn
    assert (worn.mask == FIGURE_LABEL).mean() > 0.03
    assert not still.worn
    assert (still.mask == FIGURE_LABEL).sum() == 0
