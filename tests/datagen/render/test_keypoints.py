"""Body keypoints are where the figure has its joints, in every view, size and pose, mirrored or not."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datagen.columns.ground_truth import ABSENT, KEYPOINT_NAMES, MIRRORED, SKELETON, VISIBLE, Keypoints
from datagen.product.product import Colourway, Product
from datagen.product.vocabulary import VIEWS, WEARERS
from datagen.render import scene
from datagen.render.figure.body import BUILDS
from datagen.render.keypoints import keypoints
from datagen.render.silhouettes import TABLE
from datagen.render.truth import BACKDROP, FIGURE_LABEL, is_worn, truth

RED = Colourway("red", (214, 30, 34), (30, 32, 34), (230, 224, 206), (170, 60, 50))
COAT = Product(0, "car_coat", "man", "regular", "none", "solid", "cotton", RED, 17, 23)
SIZE = (96, 128)
WORN = sorted(kind for kind, each in TABLE.items() if each.wear)
PRODUCTS = st.builds(
    lambda kind, wearer, view, cut, noise: replace(
        COAT, kind=kind, wearer=wearer, view=view, cut=cut, noise=noise
    ),
    st.sampled_from(WORN),
    st.sampled_from(sorted(BUILDS)),
    st.sampled_from(sorted(VIEWS)),
    st.integers(0, 2**64 - 1),
    st.integers(0, 2**64 - 1),
)
SIZES = st.sampled_from([(64, 64), SIZE, (128, 80), (70, 200)])


def _twins() -> list[tuple[int, int]]:
    """Pairs of cuts that differ in nothing but that the second one is mirrored."""
    alike: dict[tuple[int, int], dict[bool, int]] = defaultdict(dict)
    for cut in range(400):
        head = scene.derive_key(cut, scene.salt("head")) % scene.MODELS
        shape = scene.derive_key(cut, scene.salt("cut")) % scene.CUTS
        mirrored = bool(scene.derive_key(cut, scene.salt("mirror")) & 1)
        alike[head, shape].setdefault(mirrored, cut)
    return [(both[False], both[True]) for both in alike.values() if len(both) == 2]


TWINS = _twins()


def _at(found: Keypoints, name: str) -> Keypoints:
    return found[KEYPOINT_NAMES.index(name)]


@pytest.mark.usefixtures("silhouettes")  # a composed figure has other cuts
@given(product=PRODUCTS, twins=st.sampled_from(TWINS), size=SIZES)
@settings(max_examples=15)
def test_in_a_mirrored_picture_left_and_right_change_places(
    product: Product, twins: tuple[int, int], size: tuple[int, int]
) -> None:
    plain, mirrored = (keypoints(replace(product, cut=cut), size) for cut in twins)
    expected = plain[list(MIRRORED)]
    there = expected[:, 2] != ABSENT
    expected[there, 0] = size[0] - 1 - expected[there, 0]
    assert np.array_equal(mirrored, expected)


@given(product=PRODUCTS, size=SIZES)
@settings(max_examples=25)
def test_keypoints_lie_in_the_picture_on_the_person(product: Product, size: tuple[int, int]) -> None:
    found, known = keypoints(product, size), truth(product, size)
    assert found.shape == (17, 3)
    assert not found[found[:, 2] == ABSENT].any()
    for x, y, visibility in found[found[:, 2] != ABSENT]:
        assert 0 <= x < size[0]
        assert 0 <= y < size[1]
        around = known.mask[max(0, y - 1) : y + 2, max(0, x - 1) : x + 2]
        assert (around != BACKDROP).any(), "a wrist, too, is on the figure or in its sleeve"
        assert visibility != VISIBLE or known.mask[y, x] == FIGURE_LABEL


@given(product=PRODUCTS)
@settings(max_examples=25)
def test_figures_stand_upright(product: Product) -> None:
    found = keypoints(product, SIZE)
    columns = ("shoulder", "hip", "knee", "ankle"), ("nose", "hip"), ("shoulder", "elbow")
    for side in ("left", "right"):
        for column in columns:
            names = [part if part == "nose" else f"{side}_{part}" for part in column]
            heights = [y for _, y, visibility in (_at(found, name) for name in names) if visibility != ABSENT]
            assert heights == sorted(heights)
    # Seen from the front, a person's left is at the right of the picture.
    for part in ("eye", "ear", "shoulder", "hip", "knee"):
        left, right = _at(found, f"left_{part}"), _at(found, f"right_{part}")
        if left[2] != ABSENT and right[2] != ABSENT:
            assert (left[0] > right[0]) == (product.view != "back")


@given(product=PRODUCTS)
@settings(max_examples=8)
def test_a_picture_twice_as_large_has_them_twice_as_far(product: Product) -> None:
    small, large = keypoints(product, SIZE), keypoints(product, (2 * SIZE[0], 2 * SIZE[1]))
    both = (small[:, 2] != ABSENT) & (large[:, 2] != ABSENT)
    assert np.abs(large[both, :2] / 2 - small[both, :2]).max(initial=0) <= 3
    within = (small[:, :2] > 3).all(axis=1) & (small[:, :2] < np.array(SIZE) - 4).all(axis=1)
    assert both[within].all()


def test_every_joint_is_seen_somewhere_and_hidden_under_cloth() -> None:
    swimming, dressed = (
        keypoints(replace(COAT, kind=kind, wearer="woman", cut=cut), (150, 200))
        for kind, cut in (("swimsuit", 5), ("car_coat", 5))
    )
    bare = ("left_shoulder", "right_shoulder", "left_elbow", "right_elbow", "left_wrist", "right_wrist")
    assert [int(_at(swimming, name)[2]) for name in bare] == [2] * 6
    assert [int(_at(dressed, name)[2]) for name in bare[:4]] == [1] * 4
    assert _at(dressed, "nose")[2] == VISIBLE


def test_a_face_that_looks_away_has_ears_only() -> None:
    found = keypoints(replace(COAT, view="back"), SIZE)
    assert [
        name for name, (_, _, visibility) in zip(KEYPOINT_NAMES[:5], found, strict=False) if visibility
    ] == [
        "left_ear",
        "right_ear",
    ]


@pytest.mark.parametrize("wearer", WEARERS)
def test_without_a_figure_there_are_none(wearer: str) -> None:
    for kind in ("car_coat", "tote"):
        for worn in (False, True):
            product = replace(COAT, kind=kind, wearer=wearer, worn=worn)
            assert keypoints(product, (64, 64)).any() == is_worn(product)


def test_the_skeleton_joins_keypoints_of_the_body() -> None:
    assert len(KEYPOINT_NAMES) == len(set(KEYPOINT_NAMES)) == 17
    assert {end for edge in SKELETON for end in edge} == set(range(1, 18))
    mirrored = {tuple(sorted((MIRRORED[a - 1] + 1, MIRRORED[b - 1] + 1))) for a, b in SKELETON}
    assert mirrored == {tuple(sorted(edge)) for edge in SKELETON}
    for name, other in zip(KEYPOINT_NAMES, MIRRORED, strict=True):
        assert KEYPOINT_NAMES[other].partition("_")[2] == name.partition("_")[2]
