"""Coats and jackets worn open: how often, in which cuts, and what shows between the fronts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datagen.product.product import Colourway, House, Product
from datagen.product.vocabulary import FITS
from datagen.render import scene
from datagen.render.figure.fronts import KEEPS_SHUT, OpenSketch, half_outline, opening_of
from datagen.render.layers import FIGURE, Part
from datagen.render.outlines import curve, ellipse
from datagen.render.random_stream import derive_key, salt
from datagen.render.silhouettes import CUTS, TABLE, sketch
from datagen.render.stencil import Stencil

pytestmark = pytest.mark.usefixtures("silhouettes")

HOUSE = House("Aldermere", "AM")
GREEN = Colourway("green", (70, 120, 80), (30, 32, 34), (230, 224, 206), (170, 60, 50))
SIZE = (150, 200)
OPENS = sorted(name for name, kind in TABLE.items() if kind.opens + kind.unzips > 0)


def is_open(kind: str, wearer: str, bucket: int, size: str = "regular", detail: str = "none") -> bool:
    drawing = sketch(kind, wearer, FITS[size], detail, bucket, worn=True)
    return isinstance(drawing, OpenSketch)


def an_open(kind: str) -> Product:
    """A product of the kind that is worn open, fully or half-way."""
    for wearer in ("woman", "man"):
        for cut in range(40):
            if is_open(kind, wearer, derive_key(cut, salt("cut")) % CUTS):
                return Product(0, kind, wearer, "regular", "none", "solid", "cotton", GREEN, cut, 4)
    raise AssertionError(kind)


def extent(stencil: Stencil, *names: str) -> npt.NDArray[np.bool_]:
    """Where fills are, in the stencil's box."""
    found = np.zeros(stencil.cover.shape, dtype=bool)
    for fill in stencil.trims:
        if fill.fill in names:
            x0, y0, x1, y1 = fill.box
            found[y0:y1, x0:x1] |= fill.mask > 128
    return found


def test_only_garments_with_a_front_open() -> None:
    for name, kind in TABLE.items():
        assert (name in OPENS) == (kind.wear in ("coat", "jacket") or name in ("cardigan", "overshirt")), name


def test_each_kind_is_open_in_some_plain_cuts_and_closed_in_others() -> None:
    shares = {}
    for kind in OPENS:
        cuts = [is_open(kind, wearer, bucket) for wearer in ("woman", "man") for bucket in range(CUTS)]
        shares[kind] = sum(cuts) / len(cuts)
        assert 0 < shares[kind] < 1, kind
    assert 0.36 < np.mean(list(shares.values())) < 0.54


def test_about_half_of_the_cuts_with_size_words_are_open() -> None:
    cuts = [
        is_open(kind, wearer, 0, size)
        for kind in OPENS
        if TABLE[kind].wear != "top"
        for wearer in ("woman", "man", "child")
        for size in ("long", "short", "cropped", "oversized", "slim", "relaxed")
    ]
    assert 0.38 < np.mean(cuts) < 0.52


@given(st.integers(0, 2**63), st.floats(0, 0.999), st.sampled_from(["woman", "man", "child"]))
def test_the_opening_depends_only_on_its_key_and_respects_detail_words(
    key: int, place: float, wearer: str
) -> None:
    one, other = (opening_of(0.45, 0.1, key, place, wearer, "none") for _ in range(2))
    assert one == other
    assert all(opening_of(1.0, 0.0, key, place, wearer, detail) is None for detail in KEEPS_SHUT)
    assert opening_of(0.0, 0.0, key, place, wearer, "none") is None
    if one is not None:
        assert 0.1 < one.left < 0.6
        assert 0.1 < one.right < 0.6


def test_belted_coats_stay_closed() -> None:
    for kind in OPENS:
        for wearer in ("woman", "man", "child"):
            assert not is_open(kind, wearer, 0, detail="belted"), kind


def test_garments_without_a_figure_or_seen_from_behind_are_closed() -> None:
    for kind in OPENS:
        for bucket in range(CUTS):
            fit = FITS["regular"]
            assert not isinstance(sketch(kind, "man", fit, "none", bucket), OpenSketch)
            behind = sketch(kind, "man", fit, "none", bucket, worn=True, behind=True)
            assert not isinstance(behind, OpenSketch)


@pytest.mark.parametrize("kind", OPENS)
def test_the_companion_garment_shows_between_the_fronts(kind: str) -> None:
    product = an_open(kind)
    stencil = scene._stencil(product, SIZE)
    inner, lining = extent(stencil, "inner"), extent(stencil, "lining", "inside")
    own = (stencil.cover > 200) & ~extent(stencil, *FIGURE)
    assert lining.sum() > 8
    # In the rows of the chest the product is on both sides of the companion garment.
    between = 0
    for row in np.flatnonzero(own.any(axis=1)):
        ends, inside = np.flatnonzero(own[row]), np.flatnonzero(inner[row])
        between += bool(((inside > ends[0]) & (inside < ends[-1])).any())
    assert between > 0.12 * SIZE[1], kind
    # Opening a front removes nothing essential.
    assert own.sum() > 0.03 * SIZE[0] * SIZE[1]


def test_an_open_cut_has_a_mirror_image_and_the_same_picture_twice() -> None:
    product = an_open("trench_coat")
    twin = next(
        each
        for each in (replace(product, cut=cut) for cut in range(400))
        if scene._cut_key(each) == scene._cut_key(product)
        and (derive_key(each.cut, salt("mirror")) ^ derive_key(product.cut, salt("mirror"))) & 1
    )
    one, other = scene.compose(product, SIZE).stencil, scene.compose(twin, SIZE).stencil
    assert np.array_equal(extent(one, "inner"), extent(other, "inner")[:, ::-1])
    first = np.asarray(scene.draw(product, HOUSE, SIZE))
    scene._stencils.clear()
    assert np.array_equal(first, np.asarray(scene.draw(product, HOUSE, SIZE)))


def test_buttons_stay_whole_on_one_side() -> None:
    for kind in ("denim_jacket", "field_jacket", "quilted_jacket"):
        product = an_open(kind)
        bucket = derive_key(product.cut, salt("cut")) % CUTS
        drawing = sketch(kind, product.wearer, FITS["regular"], "none", bucket, worn=True)
        assert isinstance(drawing, OpenSketch)
        closed = sketch(kind, product.wearer, FITS["regular"], "none", bucket, worn=True, behind=True)
        assert len(drawing.layers) != len(closed.layers)
        for part in drawing.layers:
            if isinstance(part, Part) and part.fill in ("button", "metal") and part.place == "":
                for path in part.outlines:
                    assert np.ptp(path[:, 0]) < 3


def test_two_halves_make_the_whole_outline() -> None:
    def area(path: npt.NDArray[np.float64]) -> float:
        x, y = path.T
        return float(abs(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1))) / 2)

    for path in (ellipse(3, 0, 20, 30), curve([(-10, 0, 0), (14, 2, 0), (9, 40, 0), (-12, 44, 0)])):
        right, left = half_outline(path, 1), half_outline(path, -1)
        assert right[:, 0].min() > -1e-9
        assert left[:, 0].max() < 1e-9
        assert area(right) + area(left) == pytest.approx(area(path))
