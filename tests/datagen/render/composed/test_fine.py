"""Heads and hair of a finer frame: they lie where the coarser ones do, and skin is flushed in the shade."""

from __future__ import annotations

import numpy as np
import pytest

from datagen.render.baked.layers import FINE, Layer
from datagen.render.composed.complexions import COMPLEXIONS, complexion, flushed
from datagen.render.composed.dressing import dressed
from datagen.render.composed.labels import LABELS, NAMES, Labels
from datagen.render.composed.stack import halved, stacked
from datagen.render.composed.window import Window
from datagen.render.layers import FILLS
from datagen.render.random_stream import RandomStream
from tests.support.baked import figure, garments

WORN = {garment.kind: garment for garment in garments()}


def doubled(layer: Layer) -> Layer:
    """A layer in the finer frame, each pixel four times."""
    planes = (plane.repeat(FINE, axis=0).repeat(FINE, axis=1) for plane in layer[2:])
    return Layer(layer.left * FINE, layer.top * FINE, *planes)


def test_a_layer_of_the_finer_frame_is_the_same_layer_when_halved() -> None:
    layer = WORN["hair"].layer
    for one, other in zip(halved(doubled(layer)), layer, strict=True):
        assert np.array_equal(one, other)


@pytest.mark.parametrize("shift", [(0, 1), (1, 0), (1, 1)])
def test_halving_keeps_the_place_of_layers_at_odd_places(shift: tuple[int, int]) -> None:
    fine = doubled(WORN["hair"].layer)
    moved = halved(fine._replace(left=fine.left + shift[0], top=fine.top + shift[1]))
    assert (moved.left, moved.top) == (fine.left // FINE, fine.top // FINE)
    assert moved.coverage.sum(dtype=int) == pytest.approx(fine.coverage.sum(dtype=int) / FINE**2, rel=0.01)


@pytest.mark.parametrize("scale", [1.0, 2.3])
def test_fine_hair_and_a_fine_head_look_like_coarse_ones(scale: float) -> None:
    window = Window(0.0, 0.0, scale, (0, 0, round(480 * scale), round(640 * scale)))
    body, fine_hair = figure(), WORN["hair"]._replace(layer=doubled(WORN["hair"].layer), zoom=FINE)
    head = doubled(body.body)
    worn = [("product", WORN["t_shirt"]), ("below", WORN["trousers"])]
    coarse = dressed(body, [*worn, ("hair", WORN["hair"])], "none", window)
    fine = dressed(body._replace(head=head), [*worn, ("hair", fine_hair)], "none", window)
    assert coarse.cloth is not None
    assert fine.cloth is not None
    assert coarse.box == pytest.approx(fine.box, abs=2)
    high, wide = (min(a, b) for a, b in zip(coarse.tone.shape, fine.tone.shape, strict=True))
    same = coarse.cloth.labels.first[:high, :wide] == fine.cloth.labels.first[:high, :wide]
    assert same.mean() > 0.98
    apart = np.abs(coarse.tone[:high, :wide].astype(int) - fine.tone[:high, :wide])
    assert (apart[same] > 12).mean() < 0.02


def test_a_fine_head_does_not_show_where_a_garment_hides_the_neck() -> None:
    body = figure()
    sheets = stacked(body._replace(head=doubled(body.body)), [("product", WORN["trench_coat"])])
    one, fine = sheets[[sheet.role for sheet in sheets].index("body") :][:2]
    assert fine.zoom == FINE
    hidden = (body.body.coverage > 0) & (one.cover == 0)
    inner = hidden.copy()
    for axis in (0, 1):
        for step in (-1, 1):
            inner &= np.roll(hidden, step, axis)
    assert inner.any()
    assert not fine.cover[inner.repeat(FINE, axis=0).repeat(FINE, axis=1)].any()


@pytest.mark.parametrize("origin", COMPLEXIONS)
def test_a_complexion_has_a_colour_for_every_fill_of_a_face(origin: str) -> None:
    colours = complexion(origin, "adult", RandomStream(3, 4))
    assert colours.keys() == {"flesh", "blush", "stubble", "iris", "hair", "brow", "eye", "lips"}
    assert colours.keys() <= FILLS.keys()
    assert all(0 <= value <= 255 for colour in colours.values() for value in colour)


def test_skin_is_flushed_in_the_shade_and_cloth_is_not() -> None:
    first = np.full((2, 3), LABELS.index("flesh"), np.uint8)
    first[1] = 0
    none = np.zeros(0, np.uint8)
    tone = np.array([[250, 150, 60]] * 2, np.uint8)
    found = flushed(Labels(first, np.zeros(0, np.int32), none, none), tone)
    assert found.first[1].tolist() == [0, 0, 0]
    light, shade, deep = found.first[0].tolist()
    assert light == LABELS.index("flesh")
    assert len(NAMES) <= shade < deep < len(LABELS)
    assert found.figure().tolist() == [[True] * 3, [False] * 3]
    mixed = Labels(first, np.array([2], np.int32), none, none)
    assert flushed(mixed, tone).first[0].tolist() == [light, shade, light]
