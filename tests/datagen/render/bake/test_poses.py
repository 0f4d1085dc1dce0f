"""Rotations, and bodies moved by their bones."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("scipy")

from datagen.render.bake.bodies import Rest, between, partial, posed, turn
from datagen.render.bake.poses import POSES

vectors = st.tuples(*[st.floats(-1, 1)] * 3).filter(lambda v: np.linalg.norm(v) > 0.1).map(np.array)


@settings(deadline=None, max_examples=50)
@given(vectors, vectors)
def test_between_takes_one_direction_to_the_other(start: np.ndarray, end: np.ndarray) -> None:
    if start @ end < -0.99 * np.linalg.norm(start) * np.linalg.norm(end):
        return
    moved = between(start, end) @ start / np.linalg.norm(start)
    assert np.allclose(moved, end / np.linalg.norm(end), atol=1e-6)


@settings(deadline=None, max_examples=50)
@given(vectors, st.floats(1, 170), st.floats(0, 1))
def test_a_share_of_a_rotation_has_that_share_of_its_angle(
    axis: np.ndarray, degrees: float, share: float
) -> None:
    assert np.allclose(partial(turn(axis, degrees), share), turn(axis, degrees * share), atol=1e-6)


def _two_bones() -> Rest:
    """A rod of four points; the lower half belongs to the root, the upper to a bone that begins in the
    middle."""
    points = np.array([(0, 0, z) for z in range(4)], float)
    bones = np.array([[0], [0], [1], [1]])
    heads = np.array([(0, 0, 0), (0, 0, 2)], float)
    faces = np.array([[0, 1, 2], [1, 2, 3]])
    return Rest(
        points,
        faces,
        heads,
        ["root", "tip"],
        [-1, 0],
        bones,
        np.ones((4, 1)),
        np.zeros((2, 3, 2)),
        np.array(["trunk"] * 4),
    )


def test_a_bone_moves_its_own_points_about_its_head() -> None:
    body = posed(_two_bones(), {"tip": turn([1, 0, 0], -90)})
    assert np.allclose(body.vertices, [(0, 0, 0), (0, 0, 1), (0, 0, 2), (0, 1, 2)])
    assert np.allclose(body.joint("tip"), (0, 0, 2))


def test_half_a_pose_is_half_the_turn() -> None:
    body = posed(_two_bones(), {"tip": turn([1, 0, 0], -90)}, 0.5)
    assert np.allclose(body.vertices[3], (0, np.sqrt(0.5), 2 + np.sqrt(0.5)))


def test_a_posed_body_stands_on_the_ground() -> None:
    body = posed(_two_bones(), {"root": turn([1, 0, 0], 180)})
    assert body.vertices[:, 2].min() == pytest.approx(0)


@pytest.mark.parametrize("name", POSES)
def test_limbs_of_a_pose_hang(name: str) -> None:
    pose = POSES[name]
    for limb in (pose.left_arm.upper, pose.left_leg.thigh, pose.right_arm.upper, pose.right_leg.thigh):
        assert limb[2] < 0
