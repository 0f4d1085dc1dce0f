"""Pieces of cloth: filled without gaps, sewn with equal steps; the package that draws does without the
bake."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("scipy")

from datagen.render.bake.panels import Panel, Seam, cut, inside, length, resampled

ROOT = Path(__file__).parents[4]


def _square(name: str, wide: float) -> Panel:
    corners = {"low": (0, 0), "right": (wide, 0), "high": (wide, 20), "left": (0, 20)}
    edges = {edge: np.array([corner], float) for edge, corner in corners.items()}
    return Panel(name, edges, lambda flat: np.column_stack([flat, np.zeros(len(flat))]))


def _area(flat: np.ndarray, faces: np.ndarray) -> np.ndarray:
    a, b, c = (flat[faces[:, k]] for k in range(3))
    return ((b - a)[:, 0] * (c - a)[:, 1] - (b - a)[:, 1] * (c - a)[:, 0]) / 2


def test_triangles_fill_a_piece_and_face_one_way() -> None:
    cloth = cut([_square("one", 12.0)], [])
    area = _area(cloth.flat, cloth.faces)
    assert (area > 0).all()
    assert area.sum() == pytest.approx(12 * 20)


def test_a_flipped_piece_faces_the_other_way() -> None:
    panel = _square("one", 12.0)
    panel.flip = True
    cloth = cut([panel], [])
    assert (_area(cloth.flat, cloth.faces) < 0).all()


def test_edges_that_are_sewn_have_equally_many_points() -> None:
    cloth = cut([_square("one", 12.0), _square("two", 7.0)], [Seam(("one", "high"), ("two", "low"))])
    assert len(cloth.edges["one", "high"]) == len(cloth.edges["two", "low"]) == len(cloth.pairs)
    first, last = cloth.flat[cloth.pairs[0]], cloth.flat[cloth.pairs[-1]]
    assert first.tolist() == [[12, 20], [7, 0]]
    assert last.tolist() == [[0, 20], [0, 0]]


def test_a_seam_in_the_same_direction() -> None:
    cloth = cut(
        [_square("one", 12.0), _square("two", 12.0)], [Seam(("one", "right"), ("two", "right"), same=True)]
    )
    ends = cloth.flat[cloth.pairs]
    assert np.allclose(ends[:, 0], ends[:, 1])


def test_a_line_is_resampled_at_equal_distances() -> None:
    line = resampled(np.array([(0, 0), (3, 0), (3, 4)], float), 14)
    assert length(line) == pytest.approx(7)
    assert np.allclose(np.abs(np.diff(line, axis=0)).sum(1), 0.5)


def test_inside_of_a_polygon_that_is_not_convex() -> None:
    arrow = np.array([(0, 0), (4, 0), (2, 1), (2, 4)], float)
    assert inside(arrow, np.array([(1.5, 0.5), (3, 3), (2.5, 0.4), (-1, 0)])).tolist() == [
        True,
        False,
        True,
        False,
    ]


def test_no_other_room_imports_the_bake() -> None:
    room = ROOT / "datagen" / "render" / "bake"
    for wing in ("datagen", "train", "jobs", "schemas"):
        for path in (ROOT / wing).rglob("*.py"):
            if room not in path.parents and not path.is_symlink():
                assert "render.bake " not in path.read_text("utf-8").replace("render.bake.", "render.bake ")
