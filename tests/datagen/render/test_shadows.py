"""Shadows lie where a subject meets the studio, and nowhere else."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from datagen.render import studio
from datagen.render.planes import Bytes, doubled
from datagen.render.shadows import contact_shadow

FRAME = 0, 0, 240, 320
BOX = 60, 80, 180, 240
"""Of a block in the middle of the picture."""


def darkened(cover: Image.Image, *, ground: float = 0.0, thick: float = 0.0) -> Bytes:
    """How much each pixel of the picture is darkened."""
    (left, top), half = contact_shadow(cover, BOX, FRAME, ground, thick)
    whole = np.zeros((FRAME[3], FRAME[2]), dtype=np.uint8)
    if half.size:
        dark = doubled(half)
        y0, x0 = max(0, -top), max(0, -left)
        under = whole[top + y0 : top + dark.shape[0], left + x0 : left + dark.shape[1]]
        under[...] = dark[y0 : y0 + under.shape[0], x0 : x0 + under.shape[1]]
    return whole


BLOCK = Image.new("L", (BOX[2] - BOX[0], BOX[3] - BOX[1]), 255)


def test_what_stands_darkens_the_floor_below_it_and_not_the_wall_beside_it() -> None:
    dark = darkened(BLOCK, ground=1.0)
    assert dark[BOX[3] + 1, 100:140].min() > 20
    assert dark[BOX[3] + 20, 100:140].max() < 6
    assert not dark[: BOX[3] - 40].any()


def test_a_foot_that_is_raised_casts_no_shadow() -> None:
    cover = np.asarray(BLOCK).copy()
    cover[-40:, 60:] = 0
    dark = darkened(Image.fromarray(cover), ground=1.0)[BOX[3] + 1]
    assert dark[BOX[0] + 30] > 20
    assert dark[BOX[2] - 10] < 12


def test_what_lies_casts_its_shadow_away_from_the_light_and_the_longer_the_thicker() -> None:
    dark, longer = darkened(BLOCK, thick=20.0), darkened(BLOCK, thick=40.0)
    assert dark[160, BOX[2] + 2] > 2 * dark[160, BOX[0] - 3]
    assert dark[BOX[3] + 2, 120] > 2 * dark[BOX[1] - 3, 120]
    assert longer[160, BOX[2] + 16] > dark[160, BOX[2] + 16]
    assert dark.max() <= 21


def test_what_neither_stands_nor_lies_has_no_shadow() -> None:
    assert not contact_shadow(BLOCK, BOX, FRAME, 0.0, 0.0)[1].size


@pytest.mark.parametrize("lies", [False, True])
def test_a_grey_studio_is_untinted_pale_and_almost_without_noise(lies: bool) -> None:
    seen = [studio.backdrop((96, 128), number, "studio", lies=lies) for number in range(studio.VARIANTS)]
    for planes in seen:
        assert len(planes) == 1
        assert 200 < planes.min() <= planes.max() < 248
        steps = np.diff(planes[0].astype(float), axis=1)
        assert 0.1 < steps.std() < 2
    other = [studio.backdrop((96, 128), number, "studio", lies=not lies) for number in range(studio.VARIANTS)]
    assert not any((one == two).all() for one in seen for two in other)
