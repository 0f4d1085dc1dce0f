"""The installed layers, put together: over all outfits no skin and no lower garment shows through cloth."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image, ImageFilter

from datagen.product.product import Colourway, Product
from datagen.product.vocabulary import DETAILS
from datagen.render import scene
from datagen.render.baked import layers
from datagen.render.baked.layers import HEIGHT, PARTS, WIDTH
from datagen.render.composed import wardrobe
from datagen.render.composed.dressing import dressed
from datagen.render.composed.labels import LABELS
from datagen.render.composed.stack import MARGINS, NEVER, halved
from datagen.render.composed.wardrobe import Outfit
from datagen.render.composed.window import Window

GREY = Colourway("grey", (120, 120, 120), (60, 60, 60), (200, 200, 200), (160, 40, 40))
MOST = 24
"""Outfits that are looked at, spread evenly over all."""

Mask = np.ndarray[tuple[int, ...], np.dtype[np.bool_]]


def outfits() -> list[Outfit]:
    """Outfits of every garment on every figure."""
    known = layers.index()
    found: dict[Outfit, None] = {}
    for kind, cut, figure in sorted(known.garments):
        told = known.figures[figure][0]
        for detail in ("none", *(word for word in DETAILS if word in cut)):
            for look in range(8 if kind != "hair" else 0):
                shape = Product(0, kind, told["wearer"], "regular", detail, "solid", "cotton", GREY, look, 1)
                shape = replace(shape, view=told["view"])
                if wardrobe.is_composed(shape):
                    found[wardrobe.outfit_of(shape)] = None
    every = list(found)
    return every[:: max(1, len(every) // MOST)]


@pytest.fixture
def everything(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    kinds = frozenset(kind for kind, _, _ in layers.index().garments) - {"hair"}
    monkeypatch.setattr(wardrobe, "COMPOSED", kinds)
    scene.clear_caches()
    yield
    scene.clear_caches()


@pytest.mark.usefixtures("everything")
def test_no_skin_and_no_lower_garment_shows_through_cloth() -> None:
    found = outfits()
    assert found
    for outfit in found:
        figure = layers.figure(outfit.figure)
        product = layers.garment(outfit.worn[0].kind, outfit.worn[0].cut, outfit.figure)
        cloth = whole(product.layer.coverage >= 250, product.layer)
        cloth &= whole(product.layer.part != PARTS.index("inside"), product.layer)
        cloth &= ~whole(MARGINS[figure.body.part] < NEVER, figure.body)
        for each in outfit.worn[1:]:
            other = layers.garment(each.kind, each.cut, outfit.figure)
            if other.rank > product.rank:
                over = other.layer if other.zoom == 1 else halved(other.layer)
                cloth &= ~whole(over.coverage > 0, over)
        worn = [(each.role, layers.garment(each.kind, each.cut, outfit.figure)) for each in outfit.worn]
        stencil = dressed(figure, worn, "none", Window(0.0, 0.0, 1.0, (0, 0, WIDTH, HEIGHT)))
        assert stencil.cloth is not None
        x0, y0, x1, y1 = stencil.box
        shown = np.zeros((HEIGHT, WIDTH), np.uint8)
        shown[y0:y1, x0:x1] = stencil.cloth.labels.first
        wrong = np.isin(shown, [LABELS.index(name) for name in ("flesh", "below", "inner")])
        assert not (wrong & eroded(cloth)).any(), outfit


def whole(mask: Mask, layer: layers.Layer) -> Mask:
    """A mask of a layer in the frame."""
    frame = np.zeros((HEIGHT, WIDTH), np.bool_)
    frame[layer.top : layer.top + mask.shape[0], layer.left : layer.left + mask.shape[1]] = mask
    return frame


def eroded(mask: Mask) -> Mask:
    image = Image.fromarray(mask.view(np.uint8) * np.uint8(255)).filter(ImageFilter.MinFilter(5))
    return np.asarray(image) > 0
