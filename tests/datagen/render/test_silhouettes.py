"""Every kind can be drawn by itself, shows its colour, and differs from every other."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import numpy.typing as npt
import pytest

from datagen.product.product import Colourway, House, Product
from datagen.product.vocabulary import DETAILS, FITS, KINDS, SIZES, WEARERS
from datagen.render import scene
from datagen.render.paint import muted
from datagen.render.silhouettes import CUTS, TABLE, sketch

pytestmark = pytest.mark.usefixtures("silhouettes")

HOUSE = House("Aldermere", "AM")
GREEN = Colourway("green", (70, 120, 80), (30, 32, 34), (230, 224, 206), (170, 60, 50))
SIZE = (75, 100)
SHADE_ONLY = {
    "earrings",
    "necklace",
    "bracelet",
    "watch",
    "keyring",
    "sandals",
    "umbrella",
    "sunglasses",
    "lipstick",
    "foundation",
    "fragrance",
}
"""Kinds of which only a small part takes the ground colour: hardware, soles, glass, skin."""


def product(kind: str, **more: object) -> Product:
    words = {
        "wearer": "woman",
        "size": "regular",
        "detail": "none",
        "pattern": "solid",
        "material": "cotton",
        "worn": False,
    } | more
    return Product(0, kind, colourway=GREEN, cut=3, noise=4, **words)  # type: ignore[arg-type]


def shape(kind: str, **more: object) -> npt.NDArray[np.uint8]:
    """Coverage and tone of a product over the whole picture: (height, width, 2)."""
    stencil = scene._stencil(product(kind, **more), SIZE)
    whole = np.zeros((SIZE[1], SIZE[0], 2), dtype=np.uint8)
    x0, y0, x1, y1 = stencil.box
    cover = np.asarray(stencil.cover)
    whole[y0:y1, x0:x1, 0] = cover
    whole[y0:y1, x0:x1, 1] = np.asarray(stencil.tone) * (cover > 128)
    return whole


def test_the_table_and_the_vocabulary_name_the_same_kinds() -> None:
    assert set(TABLE) == set(KINDS)
    assert set(SIZES) == set(FITS)
    assert all(kind.details <= set(DETAILS) for kind in TABLE.values())


@pytest.mark.parametrize("wearer", sorted(WEARERS))
def test_every_kind_can_be_drawn_for_every_wearer(wearer: str) -> None:
    for kind in TABLE:
        covered = (shape(kind, wearer=wearer)[..., 0] > 128).mean()
        assert 0.01 < covered < 0.75, kind


def test_every_kind_has_several_cuts() -> None:
    for kind in TABLE:
        outlines = set()
        for bucket in range(CUTS):
            drawing = sketch(kind, "woman", FITS["regular"], "none", bucket)
            outlines.add(repr([drawing.zoom, *[getattr(layer, "outlines", ()) for layer in drawing.layers]]))
        assert len(outlines) == CUTS, kind


def test_the_ground_colour_shows() -> None:
    for kind in TABLE:
        picture = np.asarray(scene.draw(product(kind), HOUSE, (150, 200)), dtype=float)
        stencil = scene.compose(product(kind), (150, 200)).stencil
        x0, y0, x1, y1 = stencil.box
        inside = np.asarray(stencil.cover) > 250
        mean = picture[y0:y1, x0:x1][inside].mean(axis=0)
        limit = 110 if kind in SHADE_ONLY else 45
        assert np.abs(mean - muted(GREEN.ground)).max() < limit, (kind, mean)


def test_kinds_are_distinguishable() -> None:
    shapes = {kind: shape(kind) for kind in TABLE}
    for one, other in combinations(TABLE, 2):
        a, b = shapes[one], shapes[other]
        both = ((a[..., 0] > 128) & (b[..., 0] > 128)).sum()
        either = ((a[..., 0] > 128) | (b[..., 0] > 128)).sum()
        inner = np.abs(a[..., 1].astype(int) - b[..., 1]).sum() / max(1, either)
        assert both / either < 0.93 or inner > 12, (one, other, both / either, inner)


@pytest.mark.parametrize(
    ("kind", "sizes"),
    [
        ("trench_coat", ("long", "short", "cropped", "oversized", "slim")),
        ("t_shirt", ("cropped", "oversized", "slim", "long")),
        ("trousers", ("wide", "skinny", "straight", "cropped", "relaxed")),
        ("skirt", ("mini", "long")),
        ("tote", ("micro", "mini", "small", "large", "oversized")),
        ("crossbody_bag", ("mini", "medium", "large")),
    ],
)
def test_size_words_change_the_silhouette(kind: str, sizes: tuple[str, ...]) -> None:
    covers = {size: shape(kind, size=size)[..., 0] > 128 for size in ("regular", *sizes)}
    for one, other in combinations(covers, 2):
        changed = (covers[one] ^ covers[other]).sum() / covers["regular"].sum()
        assert changed > 0.02, (one, other, changed)


def test_longer_is_longer_and_larger_is_larger() -> None:
    def extent(kind: str, size: str) -> tuple[int, int]:
        x0, y0, x1, y1 = scene._stencil(product(kind, size=size), (300, 400)).box
        return x1 - x0, y1 - y0

    heights = [extent("car_coat", size)[1] for size in ("cropped", "short", "regular", "mid_length", "long")]
    assert heights == sorted(heights)
    assert heights[-1] > heights[0] * 1.2
    widths = [extent("tote", size)[0] for size in ("micro", "mini", "small", "medium", "regular", "large")]
    assert widths == sorted(widths)
    assert widths[-1] > widths[0] * 1.5


def test_details_change_the_silhouette_or_its_lines() -> None:
    for kind, details in (
        ("car_coat", ("hooded", "belted", "double_breasted", "reversible", "sleeveless")),
        ("sweater", ("v_neck", "turtleneck", "zip")),
        ("tote", ("chain",)),
        ("pumps", ("platform", "block_heel")),
    ):
        plain = shape(kind)
        for detail in details:
            assert np.abs(plain.astype(int) - shape(kind, detail=detail)).mean() > 0.07, (kind, detail)
