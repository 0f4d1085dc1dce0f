"""What 500 outfits show: no skin and no lower garment through cloth.

Nearly all are looked at by their layers alone; some are put together, resampled and labelled.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image, ImageFilter

from datagen.product.product import Colourway, Product
from datagen.product.vocabulary import DETAILS, SIZES
from datagen.render import scene
from datagen.render.baked import layers
from datagen.render.baked.layers import HEIGHT, PARTS, WIDTH, Figure, Garment, Layer
from datagen.render.composed import wardrobe
from datagen.render.composed.dressing import dressed
from datagen.render.composed.labels import LABELS
from datagen.render.composed.stack import MARGINS, NEVER, Sheet, halved, stacked
from datagen.render.composed.wardrobe import LOOKS, Outfit
from datagen.render.composed.window import Window

GREY = Colourway("grey", (120, 120, 120), (60, 60, 60), (200, 200, 200), (160, 40, 40))
MOST = 500
"""Outfits that are looked at, spread evenly over all that there are."""

COVERED = [PARTS.index(name) for name in ("skin_torso", "skin_leg")]
"""Skin that is either bare over a wide area or under cloth: a few pixels of it among cloth came through."""

NEAR = 6
"""Pixels: skin with cloth that near on all four sides came through it."""

SPECKS = 12
"""Pixels of skin that a figure may show among cloth: where a collar or a cuff stands away."""

DRESSED = 25
"""Outfits that are put together as for a picture, spread evenly over these."""

THROUGH = 30
"""Pixels of a garment that may be hidden by what lies under it, of tens of thousands."""

Mask = npt.NDArray[np.bool_]


def outfits() -> list[Outfit]:
    """Outfits of every garment on every figure, those of a figure one after another."""
    known = layers.index()
    found: dict[Outfit, None] = {}
    for kind, cut, figure in sorted(known.garments, key=lambda key: key[::-1]):
        told = known.figures[figure][0]
        words = set(cut.split("-"))
        sizes = ("regular", *(word for word in SIZES if word in words))
        for size in sizes if kind != "hair" else ():
            for detail in ("none", *(word for word in DETAILS if word in words)):
                shape = Product(0, kind, told["wearer"], size, detail, "solid", "cotton", GREY, 1, 1)
                for look in range(2 * LOOKS):
                    product = replace(shape, view=told["view"], cut=look)
                    if wardrobe.is_composed(product):
                        found[wardrobe.outfit_of(product)] = None
    every = sorted(found, key=lambda outfit: outfit.figure)
    return every[:: max(1, len(every) // MOST)]


@pytest.fixture
def everything(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    kinds = frozenset(kind for kind, _, _ in layers.index().garments) - {"hair"}
    monkeypatch.setattr(wardrobe, "COMPOSED", kinds)
    scene.clear_caches()
    yield
    scene.clear_caches()


@pytest.mark.usefixtures("everything")
def test_no_skin_and_no_lower_garment_comes_through_cloth() -> None:
    found = outfits()
    assert found
    faults = [fault for outfit in found for fault in faults_of(outfit)]
    assert not faults, f"{len(faults)} of {len(found)}: {faults[:5]}"


@pytest.mark.usefixtures("everything")
def test_no_skin_and_no_lower_garment_comes_through_the_product_of_a_picture() -> None:
    found = outfits()
    for outfit in found[:: max(1, len(found) // DRESSED)]:
        figure, worn = dressed_in(outfit)
        stencil = dressed(figure, worn, "none", Window(0.0, 0.0, 1.0, (0, 0, WIDTH, HEIGHT)))
        assert stencil.cloth is not None
        x0, y0, x1, y1 = stencil.box
        shown = np.zeros((HEIGHT, WIDTH), np.uint8)
        shown[y0:y1, x0:x1] = stencil.cloth.labels.first
        wrong = np.array([name in ("flesh", "below", "inner") for name in LABELS])[shown]
        product = next(garment for role, garment in worn if role == "product")
        cloth = cloth_of(product, worn) & ~arms_of(figure)
        assert cloth.any()
        assert not (wrong & eroded(cloth)).any(), outfit


def dressed_in(outfit: Outfit) -> tuple[Figure, list[tuple[str, Garment]]]:
    """The figure of an outfit, and its garments by their roles."""
    worn = [(each.role, layers.garment(each.kind, each.cut, outfit.figure)) for each in outfit.worn]
    return layers.figure(outfit.figure), worn


def arms_of(figure: Figure) -> Mask:
    """Where a figure's hands and arms may be in front of what it wears."""
    return whole((MARGINS[figure.body.part] < NEVER) & (figure.body.coverage > 0), figure.body)


def cloth_of(garment: Garment, worn: Sequence[tuple[str, Garment]]) -> Mask:
    """Where a garment covers all that is under it, and nothing that is worn covers it."""
    layer = garment.layer
    cloth = whole((layer.coverage >= 250) & (layer.part != PARTS.index("inside")), layer)
    for _, other in worn:
        if other.rank > garment.rank:
            over = other.layer if other.zoom == 1 else halved(other.layer)
            cloth &= ~whole(over.coverage > 0, over)
    return cloth


def faults_of(outfit: Outfit) -> list[str]:
    """What comes through the cloth of an outfit, in words."""
    figure, worn = dressed_in(outfit)
    top = uppermost(stacked(figure, worn))
    found = []
    arms = arms_of(figure)
    for role, garment in worn:
        if role == "hair":
            continue
        cloth = cloth_of(garment, worn) & ~arms
        lower = np.zeros((HEIGHT, WIDTH), np.bool_)
        for below, other in worn:
            # A top is tucked into trousers or a skirt that is the product.
            tucked = role == "inner" and below == "product"
            if other.rank < garment.rank and not tucked:
                lower |= top == ROLES.index(below)
        wrong = cloth & (lower | (top == ROLES.index("body")))
        # Eroding costs more than all else: only where there is enough to be a fault.
        count = int(wrong.sum())
        if count > THROUGH and (count := int((wrong & eroded(cloth)).sum())) > THROUGH:
            found.append(f"{count} pixels through {garment.kind} {garment.cut} of {outfit}")
    cloth = IS_CLOTH[top]
    skin = whole(IS_COVERED[figure.body.part], figure.body) & (top == ROLES.index("body"))
    count = int((skin & surrounded(cloth)).sum()) if skin.sum() > SPECKS else 0
    if count > SPECKS:
        found.append(f"{count} pixels of skin among the cloth of {outfit}")
    return found


ROLES = ("", "body", "product", "below", "inner", "hair")
IS_CLOTH = np.array([role in ("product", "below", "inner") for role in ROLES])
IS_COVERED = np.array([number in COVERED for number in range(len(PARTS))])


def uppermost(sheets: list[Sheet]) -> npt.NDArray[np.uint8]:
    """The role (of ROLES) that each pixel of the frame shows."""
    top = np.zeros((HEIGHT, WIDTH), np.uint8)
    for sheet in sheets:
        if sheet.zoom == 1:
            high, wide = sheet.cover.shape
            at = top[sheet.layer.top : sheet.layer.top + high, sheet.layer.left : sheet.layer.left + wide]
            at[sheet.cover >= 128] = ROLES.index(sheet.role)
    return top


def surrounded(mask: Mask) -> Mask:
    """Pixels that have one of the mask near them on every side."""
    left, up = mask.copy(), mask.copy()
    right, down = mask.copy(), mask.copy()
    for _ in range(NEAR):
        left[:, 1:] |= left[:, :-1]
        right[:, :-1] |= right[:, 1:]
        up[1:] |= up[:-1]
        down[:-1] |= down[1:]
    return left & right & up & down


def whole(mask: Mask, layer: Layer) -> Mask:
    """A mask of a layer in the frame."""
    frame = np.zeros((HEIGHT, WIDTH), np.bool_)
    frame[layer.top : layer.top + mask.shape[0], layer.left : layer.left + mask.shape[1]] = mask
    return frame


def eroded(mask: Mask) -> Mask:
    image = Image.fromarray(mask.view(np.uint8) * np.uint8(255)).filter(ImageFilter.MinFilter(5))
    return np.asarray(image) > 0


def test_what_comes_through_is_found() -> None:
    cloth = np.zeros((HEIGHT, WIDTH), np.bool_)
    cloth[100:200, 100:200] = True
    cloth[150:154, 150:154] = False
    assert surrounded(cloth)[150:154, 150:154].all()
    assert not surrounded(cloth)[:90].any()
    assert not eroded(cloth)[150:154, 150:154].any()
