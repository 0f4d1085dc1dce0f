"""Depth of field: the blur is a thin lens's, and only a detail view has it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datagen.product.product import Colourway, House, Product
from datagen.render import scene
from datagen.render.focus import focused, radii
from datagen.render.truth import truth

HOUSE = House("Aldermere & Vane", "AV")
HONEY = Colourway("honey", (196, 164, 120), (60, 48, 40), (236, 230, 216), (176, 52, 48))
COAT = Product(
    0, "trench_coat", "woman", "regular", "none", "check", "gabardine", HONEY, 17, 23, view="detail"
)
SIZE = (240, 320)


def slope(near: int, far: int) -> np.ndarray[tuple[int, int], np.dtype[np.uint16]]:
    """Distances that grow from row to row, in a picture of 90 x 90."""
    return np.repeat(np.linspace(near, far, 91).round().astype(np.uint16)[:90, None], 90, axis=1)


def test_a_disc_is_as_large_as_the_lens_makes_it() -> None:
    distance = np.full((90, 90), 5_000, np.uint16)
    distance[:10] = 5_100
    # 90 pixels of 4 px per cm are 225 mm high: the lens of 85 mm and a sensor of 36 mm are 616.25 mm away.
    focus = 85 * (1 + 225 / 36)
    disc = 85 / 4 * 85 / (focus - 85) * 100 / (focus + 100)
    found = radii(distance, 4.0, 90)
    assert found[5, 5] == pytest.approx(disc / 2 * 90 / 36)
    assert found[50, 50] == 0


@given(st.integers(1_000, 9_000), st.integers(0, 400), st.floats(2.0, 20.0))
def test_what_is_farther_from_the_focus_is_softer_and_where_nothing_is_nothing_is_blurred(
    near: int, deep: int, unit: float
) -> None:
    distance = slope(near, near + deep)
    distance[:, 80:] = 0
    found = radii(distance, unit, 90)
    assert (found[:, 80:] == 0).all()
    behind = found[45:, 0]
    assert (np.diff(behind) >= 0).all()
    assert (np.diff(found[:44, 0]) <= 0).all()


def test_a_figure_that_is_seen_whole_is_sharp_from_front_to_back() -> None:
    distance = np.full((640, 480), 5_200, np.uint16)
    distance[:100] += 200
    assert radii(distance, 3.25, 640).max() < 0.5


def test_without_a_radius_nothing_changes_and_with_one_only_what_has_it() -> None:
    frame = np.random.default_rng(1).integers(0, 256, (3, 40, 50), np.uint8)
    same = frame.copy()
    focused(same, np.zeros((40, 50)))
    assert np.array_equal(same, frame)
    radius = np.zeros((40, 50))
    radius[:20] = 1.4
    focused(same, radius)
    assert np.array_equal(same[:, 20:], frame[:, 20:])
    assert same[:, :20].std() < 0.6 * frame[:, :20].std()


def test_a_detail_view_is_soft_away_from_its_middle_and_only_inside_the_subject(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    soft = np.asarray(scene.draw(COAT, HOUSE, SIZE)).astype(int)
    front = np.asarray(scene.draw(replace(COAT, view="front"), HOUSE, SIZE))
    monkeypatch.setattr(scene, "focused", lambda frame, radius: None)
    sharp = np.asarray(scene.draw(COAT, HOUSE, SIZE)).astype(int)
    assert np.array_equal(np.asarray(scene.draw(replace(COAT, view="front"), HOUSE, SIZE)), front)
    changed = np.abs(soft - sharp).max(axis=2)
    assert not changed[truth(COAT, SIZE).mask == 0].any()
    middle = changed[130:190, 90:150].mean()
    assert middle < 0.5 * changed[truth(COAT, SIZE).mask > 0].mean()
