"""Spans of layers are the boxes of their outlines, without holes and folds; merging loses nothing."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from datagen.render.layers import Layer, Line, Part, spans_of, transformed
from datagen.render.merge_layers import merge_layers
from datagen.render.outlines import Path, bounds, ellipse

circles = st.builds(
    ellipse,
    st.floats(-50, 50),
    st.floats(-50, 50),
    st.floats(0.5, 9),
    st.floats(0.5, 9),
    points=st.integers(3, 20),
)
fills = st.sampled_from(["ground", "metal", "flesh"])


@st.composite
def parts(draw: st.DrawFn) -> Part:
    some = draw(st.lists(circles, min_size=1, max_size=3))
    holes, folds = draw(st.lists(circles, max_size=2)), draw(st.lists(circles, max_size=2))
    return Part(draw(fills), tuple(some), tuple(holes), folds=tuple((path, 1.0, 1.0) for path in folds))


lines = st.builds(
    Line, st.sampled_from(["seam", "edge"]), st.lists(circles, min_size=1, max_size=3).map(tuple)
)
sketches = st.lists(parts() | lines, min_size=1, max_size=12)


def outlines(layer: Layer) -> list[Path]:
    return list(layer.outlines if isinstance(layer, Part) else layer.paths)


def points(layers: list[Layer]) -> Path:
    return np.concatenate([path for layer in layers for path in layer.paths_of()])


@given(sketches)
def test_a_span_is_the_box_of_the_outlines(layers: list[Layer]) -> None:
    for layer, span in zip(layers, spans_of(layers, points(layers)), strict=True):
        assert tuple(span[:4]) == bounds(outlines(layer))
        x0, y0, x1, y1 = bounds(outlines(layer)[:1])
        assert span.first == max(x1 - x0, y1 - y0)


@given(sketches)
def test_merging_keeps_every_path_and_its_span(layers: list[Layer]) -> None:
    made = merge_layers(layers, spans_of(layers, points(layers)), 0.0)
    before = sorted(path.tobytes() for layer in layers for path in layer.paths_of())
    assert sorted(path.tobytes() for layer, _ in made for path in layer.paths_of()) == before
    for layer, span in made:
        assert tuple(span[:4]) == bounds(outlines(layer))


@given(sketches, st.floats(1, 12))
def test_only_tiny_parts_are_dropped(layers: list[Layer], tiny: float) -> None:
    spans = spans_of(layers, points(layers))
    made = merge_layers(layers, spans, tiny)
    kept = [
        layer
        for layer, span in zip(layers, spans, strict=True)
        if isinstance(layer, Line) or span.first >= tiny
    ]
    count = sum(len(outlines(layer)) for layer in kept)
    assert sum(len(outlines(layer)) for layer, _ in made) == count


@given(sketches, st.floats(-9, 9))
def test_moving_layers_moves_all_their_points(layers: list[Layer], by: float) -> None:
    there = transformed(layers, lambda path: path + by)
    assert np.array_equal(points(there), points(layers) + by)
