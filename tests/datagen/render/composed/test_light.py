"""Light: a surface that faces the camera has its own colour; the key light comes from the left and above."""

from __future__ import annotations

import numpy as np

from datagen.render.baked.layers import Layer
from datagen.render.composed.creases import creased, strands
from datagen.render.composed.light import light_on
from datagen.render.shading import FLAT


def surface(x: int, y: int, openness: int = 255, lit: int = 255) -> Layer:
    shape = (2, 2)
    full = np.full(shape, 255, np.uint8)
    normal = np.zeros((*shape, 2), np.int8)
    normal[...] = x, y
    cloth = np.arange(8, dtype=np.int16).reshape(2, 2, 2) * 40
    planes = np.full(shape, openness, np.uint8), np.full(shape, lit, np.uint8), np.zeros(shape, np.int16)
    return Layer(0, 0, full, full, normal, cloth, *planes)


def tone(x: int, y: int, openness: int = 255, lit: int = 255) -> int:
    layer = surface(x, y, openness, lit)
    return int(light_on(layer, layer.normal).tone[0, 0])


def test_a_surface_that_faces_the_camera_shows_its_colour() -> None:
    assert abs(tone(0, 0) - FLAT) <= 2


def test_the_key_light_comes_from_the_left_and_above() -> None:
    assert tone(-60, 0) > tone(60, 0)
    assert tone(0, -60) > tone(0, 60)


def test_less_light_is_darker() -> None:
    assert tone(0, 0, openness=90) < tone(0, 0)
    assert tone(0, 0, lit=0) < tone(0, 0, lit=128) < tone(0, 0)
    assert tone(127, 127, openness=0, lit=0) >= 20


def test_highlights_lie_where_the_surface_mirrors_the_key_light_and_not_in_shadow() -> None:
    bright, flat, shade = surface(-36, -40), surface(0, 0), surface(-36, -40, lit=0)
    glows = [int(light_on(layer, layer.normal).glow[0, 0]) for layer in (bright, flat, shade)]
    assert glows[0] > 240 > glows[1] > glows[2] == 0


def test_creases_tilt_normals_a_little_and_never_out_of_range() -> None:
    layer = surface(120, -120)
    found = creased(layer)
    assert found.dtype == np.int8
    assert np.abs(found.astype(int)).max() <= 124
    flat = creased(surface(0, 0)).astype(int)
    assert 0 < np.abs(flat).max() <= 60


def test_strands_vary_the_tone_of_hair_across_and_hardly_along() -> None:
    rows, columns = np.mgrid[0:64, 0:64]
    cloth = np.stack([columns * 2, rows * 2], axis=2).astype(np.int16)
    layer = surface(0, 0)._replace(cloth=cloth)
    tone = np.full((64, 64), 160, np.uint8)
    strands(layer, tone)
    levels = tone.astype(int)
    assert abs(levels.mean() - 160) < 8
    assert np.abs(np.diff(levels, axis=1)).mean() > 3 * np.abs(np.diff(levels, axis=0)).mean()
