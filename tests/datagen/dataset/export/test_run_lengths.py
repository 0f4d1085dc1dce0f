"""Run lengths are those of COCO's own encoder, letter by letter."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from pycocotools import mask as coco_masks

from datagen.columns.ground_truth import box_around
from datagen.dataset.export.run_lengths import runs

# pycocotools 2.0.11 has arrays in the manner of NumPy 1.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

Bools = np.ndarray[Any, np.dtype[np.bool_]]
MASKS = arrays(np.bool_, st.tuples(st.integers(1, 12), st.integers(1, 12)))


@given(MASKS)
def test_a_mask_is_encoded_as_coco_encodes_it(mask: Bools) -> None:
    found = runs(np.ascontiguousarray(mask.T))
    text = found.counts
    assert (found.box, found.area) == (box_around(mask), mask.sum())
    theirs = coco_masks.encode(np.asfortranarray(mask.astype(np.uint8)))
    assert text == theirs["counts"].decode()
    decoded = coco_masks.decode({"size": list(mask.shape), "counts": text.encode()})
    assert np.array_equal(decoded, mask)


@given(st.lists(st.integers(1, 5_000), min_size=1, max_size=9))
def test_long_runs_are_encoded_too(lengths: list[int]) -> None:
    column = np.repeat(np.arange(len(lengths)) % 2 == 1, lengths)[:, None]
    theirs = coco_masks.encode(np.asfortranarray(column.astype(np.uint8)))
    assert runs(np.ascontiguousarray(column.T)).counts == theirs["counts"].decode()
