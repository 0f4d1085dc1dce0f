"""Figures wear every garment that can be worn; it stays visible and shows its colour, size and details."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import numpy.typing as npt
import pytest

from datagen.product.product import Colourway, House, Product
from datagen.product.vocabulary import FITS
from datagen.render import scene
from datagen.render.figure.body import BUILDS, ELSEWHERE, POSES, Arm, build_of
from datagen.render.figure.dressed_figure import CROPS, Look, figure_layers, look_of
from datagen.render.layers import FIGURE, FILLS, PLACES, Part
from datagen.render.outlines import bounds
from datagen.render.random_stream import RandomStream
from datagen.render.silhouettes import TABLE, sketch
from datagen.render.stencil import Stencil

pytestmark = pytest.mark.usefixtures("silhouettes")

HOUSE = House("Aldermere", "AM")
GREEN = Colourway("green", (70, 120, 80), (30, 32, 34), (230, 224, 206), (170, 60, 50))
SIZE = (150, 200)
WORN = sorted(name for name, kind in TABLE.items() if kind.wear)


def product(kind: str, wearer: str = "woman", **more: object) -> Product:
    words = {"size": "regular", "detail": "none", "pattern": "solid", "material": "cotton"} | more
    return Product(0, kind, wearer, colourway=GREEN, cut=3, noise=4, **words)  # type: ignore[arg-type]


def garment(stencil: Stencil) -> npt.NDArray[np.bool_]:
    """Where the product itself is, in the stencil's box."""
    own = stencil.cover > 200
    for fill in stencil.trims:
        if fill.fill in FIGURE:
            x0, y0, x1, y1 = fill.box
            own[y0:y1, x0:x1] &= fill.mask < 128
    return own


def test_fills_of_the_figure_and_places_are_known() -> None:
    assert set(FIGURE) <= set(FILLS)
    assert {kind.wear for kind in TABLE.values()} == {"", *CROPS}
    for name in WORN:
        for layer in sketch(name, "woman", FITS["regular"], "none", 0, worn=True).layers:
            assert layer.place in PLACES


@pytest.mark.parametrize("wearer", sorted(BUILDS))
def test_every_garment_is_worn_and_large_enough_to_be_the_subject(wearer: str) -> None:
    for kind in WORN:
        stencil = scene._stencil(product(kind, wearer), SIZE)
        share = garment(stencil).sum() / (SIZE[0] * SIZE[1])
        assert 0.03 < share < 0.7, (kind, share)
        if kind != "swimsuit":
            skin = [fill for fill in stencil.trims if fill.fill == "flesh"]
            assert skin or kind in ("cape", "poncho"), kind


def test_the_garment_shows_its_colour() -> None:
    for kind in WORN:
        picture = np.asarray(scene.draw(product(kind), HOUSE, SIZE), dtype=float)
        stencil = scene.compose(product(kind), SIZE).stencil
        x0, y0, x1, y1 = stencil.box
        rows, columns = slice(max(0, -y0), SIZE[1] - y0), slice(max(0, -x0), SIZE[0] - x0)
        inside = garment(stencil)[rows, columns]
        mean = picture[max(0, y0) : y1, max(0, x0) : x1][: inside.shape[0], : inside.shape[1]][inside].mean(
            axis=0
        )
        assert np.abs(mean - GREEN.ground).max() < 45, (kind, mean)


def test_sleeves_follow_the_arms() -> None:
    for kind in ("trench_coat", "shirt", "sweater"):
        drawing = sketch(kind, "man", FITS["regular"], "none", 1, worn=True)
        sleeves = [layer for layer in drawing.layers if layer.place == "arm" and isinstance(layer, Part)]
        assert sleeves
        for part in sleeves:
            assert all(np.abs(np.abs(path[:, 0]) - ELSEWHERE).max() < 15 for path in part.outlines)


def test_a_bent_arm_keeps_its_length() -> None:
    for pose in POSES:
        arm = Arm((18.0, 4.0), pose.right, 31.0)
        line = arm.place(np.stack([np.zeros(58), np.arange(58.0)], axis=1))
        length = np.sqrt((np.diff(line, axis=0) ** 2).sum(axis=1)).sum()
        assert abs(length - 57) < 0.6


def test_figures_have_the_proportions_of_people() -> None:
    for wearer, low, high in (("woman", 7.3, 8.0), ("man", 7.3, 8.0), ("child", 5.6, 6.6)):
        b = build_of(wearer, 1.0)
        heads = (b.floor - b.top) / b.head
        assert low < heads < high, (wearer, heads)


def test_longer_and_wider_garments_are_longer_and_wider_on_a_figure() -> None:
    look = Look(build_of("woman", 1.0), POSES[0], "full", "front", 5)

    def extent(size: str) -> tuple[float, float]:
        drawing = sketch("car_coat", "woman", FITS[size], "none", 0, worn=True)
        own = [layer for layer in figure_layers(drawing, "coat", look) if isinstance(layer, Part)]
        x0, y0, x1, y1 = bounds([path for part in own if part.fill == "ground" for path in part.outlines])
        return y1 - y0, x1 - x0

    longer = [extent(size)[0] for size in ("cropped", "short", "regular", "long")]
    assert longer == sorted(longer)
    assert longer[-1] > longer[0] * 1.2
    assert extent("slim")[1] < extent("regular")[1] < extent("oversized")[1]


@pytest.mark.parametrize(
    ("kind", "details"),
    [
        ("car_coat", ("none", "hooded", "belted", "double_breasted")),
        ("sweater", ("none", "v_neck", "turtleneck", "sleeveless")),
        ("trousers", ("none", "cargo", "belted")),
    ],
)
def test_details_show_on_a_figure(kind: str, details: tuple[str, ...]) -> None:
    pictures = [
        np.asarray(scene.draw(product(kind, detail=detail), HOUSE, SIZE), dtype=int) for detail in details
    ]
    for one, other in combinations(pictures, 2):
        assert np.abs(one - other).mean() > 0.4


def test_views_and_figures_differ() -> None:
    views = [
        product("car_coat"),
        product("car_coat", view="back"),
        product("car_coat", view="three_quarter"),
        product("car_coat", worn=False),
    ]
    pictures = [np.asarray(scene.draw(view, HOUSE, SIZE), dtype=int) for view in views]
    for one, other in combinations(pictures, 2):
        assert np.abs(one - other).mean() > 1.0
    assert len({scene.drawing_key(view) for view in views}) == len(views)


def test_baby_clothes_and_unworn_products_have_no_figure() -> None:
    for still in (product("t_shirt", "baby"), product("tote"), product("scarf")):
        fills = {fill.fill for fill in scene._stencil(still, SIZE).trims}
        assert not fills & set(FIGURE)


def test_looks_depend_only_on_their_key() -> None:
    keys = [RandomStream(at).integer(0, 10**9) for at in range(40)]
    looks = [look_of("top", "man", "front", key) for key in keys]
    assert looks == [look_of("top", "man", "front", key) for key in keys]
    assert len({look.pose for look in looks}) >= 3
    assert len({look.crop for look in looks}) == len(CROPS["top"])
