"""Labels: what covers what, and mixtures at edges."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from datagen.render.composed.labels import LABELS, MATERIAL, NAMES, Labelling, Labels, other_fills
from datagen.render.layers import FIGURE, FILLS

WHOLE = (slice(None), slice(None))


def mask(*values: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return np.array([values], np.uint8)


def test_a_fill_that_covers_wholly_replaces_the_others() -> None:
    labelling = Labelling((1, 3))
    labelling.lay("flesh", (0, 0, 3, 1), mask(255, 255, 255))
    labelling.lay("ground", (1, 0, 3, 1), mask(255, 255))
    labels = labelling.labels(WHOLE)
    assert [LABELS[at] for at in labels.first[0]] == ["flesh", "ground", "ground"]
    assert not len(labels.edges)
    assert labels.figure().tolist() == [[True, False, False]]


def test_at_an_edge_two_fills_share_a_pixel_and_against_the_studio_one_has_it() -> None:
    labelling = Labelling((1, 3))
    labelling.lay("flesh", (0, 0, 2, 1), mask(255, 255))
    labelling.lay("ground", (0, 0, 3, 1), mask(64, 200, 100))
    labels = labelling.labels(WHOLE)
    assert [LABELS[at] for at in labels.first[0]] == ["flesh", "ground", "ground"]
    assert labels.edges.tolist() == [0, 1]
    assert [LABELS[at] for at in labels.second] == ["ground", "flesh"]
    assert labels.share.tolist() == [255 - 64, 200]
    assert labelling.cover.tolist() == [[255, 255, 100]]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(LABELS), st.lists(st.integers(0, 255), min_size=8, max_size=8)), max_size=6
    )
)
def test_shares_and_labels_stay_in_range_and_a_mirror_of_a_mirror_is_the_same(
    layers: list[tuple[str, list[int]]],
) -> None:
    labelling = Labelling((2, 4))
    for fill, values in layers:
        labelling.lay(fill, (0, 0, 4, 2), np.array(values, np.uint8).reshape(2, 4))
    labels = labelling.labels(WHOLE)
    assert (labels.first < len(LABELS)).all()
    assert (labels.share < 255).all()
    assert (labels.share > 0).all()
    covered = np.max([[0] * 8, *(values for _, values in layers)], axis=0).reshape(2, 4)
    assert (labelling.cover >= covered).all()
    twice = labels.mirrored().mirrored()
    planes: zip[tuple[Any, Any]] = zip(twice, labels, strict=True)
    assert all(np.array_equal(a, b) for a, b in planes)
    first = labels.mirrored().first.ravel()[labels.mirrored().edges]
    assert np.array_equal(first, labels.first.ravel()[labels.edges])


def test_labels_say_how_much_memory_they_need() -> None:
    labels = Labels(
        np.zeros((4, 4), np.uint8), np.zeros(2, np.int32), np.zeros(2, np.uint8), np.zeros(2, np.uint8)
    )
    assert labels.bytes == 16 + 8 + 2 + 2


def test_the_fills_of_parts_come_in_the_order_of_the_parts_that_are_seen() -> None:
    fills = ("skin", "hem", "zip", "skin", "hem")
    part = np.array([[0, 0, 0, 0], [0, 4, 2, 0], [0, 4, 2, 3]], np.uint8)
    found = list(other_fills(part, fills, "skin"))
    assert [(name, mask.tolist()) for name, _, mask in found] == [
        ("zip", [[255], [255]]),
        ("hem", [[255], [255]]),
    ]
    assert [at for _, at, _ in found] == [(slice(1, 3), slice(2, 3)), (slice(1, 3), slice(1, 2))]
    assert [name for name, *_ in other_fills(part, fills, "skin", part != 2)] == ["hem"]
    assert not list(other_fills(part[:1], fills, "skin"))


def test_the_figure_and_what_is_not_of_the_material_are_ranges_of_labels() -> None:
    none = np.zeros(0, np.uint8)
    every = Labels(np.arange(len(LABELS), dtype=np.uint8)[None], np.zeros(0, np.int32), none, none)
    assert every.figure()[0].tolist() == [name in FIGURE for name in LABELS]
    assert every.own(alone=False)[0].tolist() == [name not in FIGURE for name in LABELS]
    assert every.own(alone=True)[0].tolist() == [name in MATERIAL for name in LABELS]
    assert sorted(NAMES) == sorted(FILLS)
    assert LABELS[0] == "ground"
