"""Maps of depth and normals lie where the picture's surfaces are, and agree with it and with each other."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections import defaultdict
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy._core._multiarray_umath import __cpu_dispatch__, __cpu_features__

from datagen.columns.ground_truth import BACKDROP, SUBJECT
from datagen.product.product import Colourway, House, Product
from datagen.product.vocabulary import DETAILS, SIZES, VIEWS, WEARERS
from datagen.render import scene
from datagen.render.composed.light import KEY
from datagen.render.composed.packshots import Shot
from datagen.render.composed.wardrobe import Outfit
from datagen.render.maps import Maps, has_geometry, maps
from datagen.render.silhouettes import TABLE
from datagen.render.truth import truth

HOUSE = House("Aldermere", "AM")
WHITE = Colourway("white", (235, 235, 235), (30, 32, 34), (230, 224, 206), (170, 60, 50))
COAT = Product(0, "car_coat", "man", "regular", "none", "solid", "cotton", WHITE, 17, 23)
SIZE = (480, 640)
NOISE = st.integers(0, 2**64 - 1)
PRODUCTS = st.builds(
    lambda kind, wearer, view, size, detail, worn, cut, noise: replace(
        COAT,
        kind=kind,
        wearer=wearer,
        view=view,
        size=size,
        detail=detail,
        worn=worn,
        cut=cut,
        noise=noise,
    ),
    st.sampled_from(sorted(TABLE)),
    st.sampled_from(sorted(WEARERS)),
    st.sampled_from(sorted(VIEWS)),
    st.sampled_from(sorted(SIZES)),
    st.sampled_from(["none", *sorted(DETAILS)]),
    st.booleans(),
    NOISE,
    NOISE,
)
PICTURE_SIZES = st.sampled_from([(64, 64), (96, 128), (128, 80), (70, 200), (333, 444)])


def of(product: Product, size: tuple[int, int] = SIZE) -> Maps:
    """The maps of a product that has any."""
    found = maps(product, size)
    assert found is not None
    return found


def vectors(found: Maps) -> np.ndarray:
    """The normals as numbers: x to the right, y up, z towards the camera; (height, width, 3)."""
    return (found.normals.astype(float) - 128) / 127


def shown() -> list[Product]:
    """Products on figures and without; none of them is flat."""
    kinds = [("car_coat", "man", True), ("sweater", "woman", True), ("trousers", "man", True)]
    kinds += [("backpack", "woman", False), ("sneakers", "woman", False), ("bucket_hat", "man", False)]
    return [replace(COAT, kind=kind, wearer=wearer, worn=worn) for kind, wearer, worn in kinds]


@given(PRODUCTS, PICTURE_SIZES)
@settings(max_examples=40)
def test_maps_have_the_pictures_size_and_cover_what_its_mask_shows(
    product: Product, size: tuple[int, int]
) -> None:
    found, mask = maps(product, size), truth(product, size).mask
    assert (found is None) == (not has_geometry(product))
    assert has_geometry(product) == isinstance(scene.shape_key(product), Outfit | Shot)
    if found is None:
        return
    depth, normals = found
    assert (depth.dtype, depth.shape) == (np.uint16, size[::-1])
    assert (normals.dtype, normals.shape) == (np.uint8, (*size[::-1], 3))
    surface = mask != BACKDROP
    assert np.array_equal(depth > 0, surface)
    assert np.array_equal(normals.any(axis=2), surface)
    seen = normals[surface].astype(float) - 128
    assert np.abs(np.linalg.norm(seen, axis=1) - 127).max(initial=0) <= 3**0.5 / 2
    assert seen[:, 2].min(initial=0) >= 0


@pytest.mark.parametrize("worn", [True, False])
def test_a_picture_of_a_silhouette_has_no_maps(worn: bool) -> None:
    drawn = [
        product
        for kind in TABLE
        for product in [replace(COAT, kind=kind, worn=worn, detail="hooded", size="oversized")]
        if not has_geometry(product) and scene.is_worn(product) == worn
    ]
    assert drawn
    assert [maps(product, (64, 64)) for product in drawn[:3]] == [None] * len(drawn[:3])


@pytest.mark.parametrize("product", shown(), ids=lambda product: product.kind)
def test_in_a_mirrored_picture_what_pointed_to_the_right_points_to_the_left(product: Product) -> None:
    alike: dict[object, dict[bool, Product]] = defaultdict(dict)
    for cut in range(60):
        twin = replace(product, cut=cut)
        alike[scene.shape_key(twin)][scene.is_mirrored(twin)] = twin
    pair = next(both for both in alike.values() if len(both) == 2)
    plain, mirrored = (of(pair[mirror], (150, 200)) for mirror in (False, True))
    assert np.array_equal(mirrored.depth, plain.depth[:, ::-1])
    flipped = vectors(plain)[:, ::-1] * (-1, 1, 1)
    surface = plain.depth[:, ::-1] > 0
    assert np.array_equal(vectors(mirrored)[surface], flipped[surface])


@pytest.mark.parametrize("product", shown(), ids=lambda product: product.kind)
def test_normals_are_those_of_the_depth(product: Product) -> None:
    """Where depth changes evenly, its slope says which way the surface faces, up to creases of the cloth."""
    found = of(product)
    depth, surface = found.depth.astype(float), found.depth > 0
    down, right = np.gradient(depth)
    x, y, z = np.moveaxis(vectors(found), -1, 0)
    inner = surface.copy()
    for axis in (0, 1):
        for step in (-3, 3):
            inner &= np.roll(surface, step, axis)
    inner &= (np.abs(right) < 4) & (np.abs(down) < 4) & (z > 0.3)
    # A surface that faces the right is further away there; one that faces up is further away above.
    for slope, facing in ((right, x / np.maximum(z, 0.1)), (-down, y / np.maximum(z, 0.1))):
        # A millimetre is a coarse step: means of a few pixels around are compared.
        seen = inner & (np.abs(facing) < 3)
        smooth = [_mean(np.where(seen, values, 0.0)) for values in (slope, facing)]
        covered = _mean(seen.astype(float)) > 0.99
        slopes, faced = (values[covered] for values in smooth)
        assert covered.sum() > 200
        assert np.corrcoef(slopes, faced)[0, 1] > 0.9


def _mean(values: np.ndarray, reach: int = 4) -> np.ndarray:
    """The mean of a square around each pixel."""
    for axis in (0, 1):
        values = np.mean([np.roll(values, step, axis) for step in range(-reach, reach + 1)], axis=0)
    return values


@pytest.mark.parametrize("mirror", [False, True])
@pytest.mark.parametrize("product", shown(), ids=lambda product: product.kind)
def test_what_faces_the_key_light_is_bright_in_the_picture(product: Product, mirror: bool) -> None:
    """The picture itself says which way x and y point: with either turned round, it fits less well."""
    cuts = (replace(product, cut=cut) for cut in range(60))
    product = next(each for each in cuts if scene.is_mirrored(each) == mirror)
    picture = np.asarray(scene.draw(product, HOUSE, SIZE).convert("L"), float)
    own = truth(product, SIZE).mask == SUBJECT
    key = -KEY[0] if mirror else KEY[0], -KEY[1], KEY[2]
    fit = {
        (x, y): np.corrcoef(
            picture[own], np.maximum(0, vectors(of(product))[own] @ (key[0] * x, key[1] * y, key[2]))
        )[0, 1]
        for x in (1, -1)
        for y in (1, -1)
    }
    assert fit[1, 1] == max(fit.values()) > 0.1
    assert fit[-1, -1] < fit[1, 1] - 0.2


def test_distances_are_those_of_a_camera_five_metres_away_and_nearer_for_enlarged_products() -> None:
    for product in shown():
        depth = of(product).depth
        near, far = int(depth[depth > 0].min()), int(depth.max())
        if scene.is_worn(product):
            assert 4_600 < near < far < 5_800
            assert 60 < far - near < 900
        else:
            # The product fills up to 372 of the frame's pixels; its own depth is less than twice its width.
            assert 300 < near < far < 4_000
            assert 20 < far - near < 700


def digest_of_maps() -> str:
    """A digest of the maps of some pictures."""
    together = hashlib.sha256()
    for product in shown():
        for plane in of(product, (200, 150)):
            together.update(np.ascontiguousarray(plane).tobytes())
    return together.hexdigest()


def test_what_was_drawn_before_and_vector_instructions_change_no_byte() -> None:
    first = digest_of_maps()
    scene.clear_caches()
    assert digest_of_maps() == first
    used = [name for name in __cpu_dispatch__ if __cpu_features__[name]]
    code = "from tests.datagen.render.test_maps import digest_of_maps\nprint(digest_of_maps())"
    environment = {**os.environ, "NPY_DISABLE_CPU_FEATURES": " ".join(used)} if used else dict(os.environ)
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True
    )
    assert answer.stdout.split() == [first]
