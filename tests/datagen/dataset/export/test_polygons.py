"""Outlines are exact: COCO's own code fills them to the very mask."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from pycocotools import mask as coco_masks

from datagen.columns.ground_truth import box_around
from datagen.dataset.export.polygons import Points, joined, polygons

# pycocotools 2.0.11 has arrays in the manner of NumPy 1.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

Bools = np.ndarray[Any, np.dtype[np.bool_]]
MASKS = arrays(np.bool_, st.tuples(st.integers(1, 12), st.integers(1, 12)))


def filled(pieces: list[Points], shape: tuple[int, ...]) -> Bools:
    """What COCO's code makes of polygons."""
    flat = [piece.ravel().astype(float).tolist() for piece in pieces]
    if not flat:
        return np.zeros(shape, np.bool_)
    return coco_masks.decode(coco_masks.merge(coco_masks.frPyObjects(flat, *shape))) == 1


@given(MASKS)
def test_polygons_fill_to_the_mask(mask: Bools) -> None:
    pieces = polygons(mask, box_around(mask))
    assert np.array_equal(filled(pieces, mask.shape), mask)
    one = [joined(pieces)] if pieces else []
    assert np.array_equal(filled(one, mask.shape), mask)


@pytest.mark.parametrize(
    ("rows", "outlines"),
    [
        (["#"], [[(0, 0), (1, 0), (1, 1), (0, 1)]]),
        (["..", "##"], [[(0, 1), (2, 1), (2, 2), (0, 2)]]),
        # Pixels that meet at a corner only are two pieces, whichever way they lie.
        (["#.", ".#"], [[(0, 0), (1, 0), (1, 1), (0, 1)], [(1, 1), (2, 1), (2, 2), (1, 2)]]),
        ([".#", "#."], [[(1, 0), (2, 0), (2, 1), (1, 1)], [(0, 1), (1, 1), (1, 2), (0, 2)]]),
        (["..", ".."], []),
    ],
)
def test_simple_outlines_run_clockwise_from_the_upper_left(
    rows: list[str], outlines: list[list[tuple[int, int]]]
) -> None:
    mask = np.array([[letter == "#" for letter in row] for row in rows])
    found = polygons(mask, box_around(mask))
    assert [list(map(tuple, piece.tolist())) for piece in found] == outlines


def test_a_hole_belongs_to_the_piece_around_it() -> None:
    # An island in the hole of a ring, which has a hole of its own; another ring beside them.
    mask = np.zeros((11, 22), np.bool_)
    for inset, value in enumerate((True, True, False, True, True, False)):
        mask[inset : 11 - inset, inset : 11 - inset] = value
    mask[2:9, 13:20] = True
    mask[4:7, 15:18] = False
    pieces = polygons(mask, box_around(mask))
    assert len(pieces) == 3
    alone = [filled([piece], mask.shape) for piece in pieces]
    assert np.array_equal(np.sum(alone, axis=0), mask), "no two pieces overlap"
