"""Inflated outlines: distances are true, triangles fill the shape, and it bulges towards the camera."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("scipy")
pytest.importorskip("embreex")

from hypothesis import given, settings
from hypothesis import strategies as st

from datagen.render.bake.bodies import Points, Whole
from datagen.render.bake.packshots.inflated import dome, inflated, joined, limb, within
from datagen.render.bake.packshots.solids import rounded

SIDES = st.floats(1.5, 6.0)
PLACES = np.random.default_rng(5).uniform(-8, 8, (400, 2))


def _areas(vertices: Points, faces: Whole) -> Points:
    """Signed areas of triangles as the camera sees them."""
    a, b, c = (vertices[faces[:, k]][:, [0, 2]] for k in range(3))
    cross = (b - a)[:, 0] * (c - a)[:, 1] - (b - a)[:, 1] * (c - a)[:, 0]
    return np.asarray(cross / 2)


@settings(max_examples=20, deadline=None)
@given(SIDES, SIDES)
def test_the_distance_to_an_outline_is_that_to_a_rectangle(wide: float, high: float) -> None:
    found = within(np.array([(-wide, -high), (wide, -high), (wide, high), (-wide, high)]))(PLACES)
    off = np.abs(PLACES) - [wide, high]
    wanted = np.hypot(*np.maximum(off, 0).T) + np.minimum(off.max(1), 0)
    assert np.abs(found - wanted).max() < 0.05


@settings(max_examples=20, deadline=None)
@given(SIDES, st.floats(0.5, 1.5))
def test_a_limb_is_as_thick_as_its_radii(long: float, radius: float) -> None:
    far = limb([(0.0, -long), (0.0, 0.0), (0.0, long)], (radius, radius, radius))
    wanted = np.hypot(PLACES[:, 0], np.maximum(np.abs(PLACES[:, 1]) - long, 0)) - radius
    # Discs leave small gaps next to the axis, which no edge is near.
    assert np.abs(far(PLACES) - wanted)[wanted > -radius / 2].max() < 0.05


def test_joined_shapes_hold_each_of_them() -> None:
    shapes = [limb([(x, -2.0), (x, 2.0)], (1.0, 1.0)) for x in (-0.8, 0.8)]
    both = joined(shapes, 0.3)(PLACES)
    least = np.min([shape(PLACES) for shape in shapes], axis=0)
    assert (both <= least + 1e-9).all()
    assert (both >= least - 0.3 * np.log(2) - 1e-9).all()


@settings(max_examples=10, deadline=None)
@given(SIDES, SIDES)
def test_triangles_fill_the_shape_to_a_smooth_edge(wide: float, high: float) -> None:
    outline = rounded(wide, high, 0.8, count=200)
    far = within(outline)
    one = inflated(far, (-7.0, -7.0, 7.0, 7.0), 0.2, lambda at, inner: dome(inner, 1.0, 0.5), y=2.0)
    assert far(one.vertices[:, [0, 2]]).max() < 0.03
    x, z = outline.T
    wanted = abs(float(np.dot(x, np.roll(z, 1)) - np.dot(z, np.roll(x, 1)))) / 2
    areas = _areas(one.vertices, one.faces)
    assert areas.sum() == pytest.approx(wanted, rel=0.01)
    # Slivers along the edge may be turned over.
    assert areas[areas < 0].sum() > -0.002 * wanted
    assert one.vertices[:, 1].max() == pytest.approx(2.0, abs=1e-6)
    assert one.vertices[:, 1].min() == pytest.approx(1.5, abs=0.01)
    # Towards the camera, which is where y is small.
    assert (one.normal[:, 1] < 0).mean() > 0.98


def test_a_shape_that_its_box_cuts_is_refused() -> None:
    with pytest.raises(AssertionError, match="box"):
        inflated(limb([(0, -2), (0, 2)], (1, 1)), (-3, -1, 3, 4), 0.2, lambda at, inner: inner)
