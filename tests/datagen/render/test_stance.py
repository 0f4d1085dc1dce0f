"""Poses: legs stride, hips tilt, arms rest on hips and in front of the body; garments follow, untorn."""

from __future__ import annotations

import numpy as np
import pytest

from datagen.product.vocabulary import FITS
from datagen.render.figure.body import POSES, Leg, Pose, build_of
from datagen.render.figure.dressed_figure import CROPS, Look, figure_layers, look_of
from datagen.render.figure.stance import bend_of, stride_of
from datagen.render.layers import Part
from datagen.render.outlines import bounds
from datagen.render.random_stream import RandomStream
from datagen.render.silhouettes import sketch

pytestmark = pytest.mark.usefixtures("silhouettes")

B = build_of("woman", 1.0)
WALK = next(pose for pose in POSES if pose.legs[0].shin < 0.96)


def test_poses_cover_every_variation() -> None:
    assert any(pose.hip for pose in POSES)
    assert any(pose.across for pose in POSES)
    assert any(pose.pocket for pose in POSES)
    assert any(abs(pose.tilt) > 1 and abs(pose.sway) > 1.5 for pose in POSES)
    assert len(set(POSES)) == len(POSES)


def test_a_straight_stance_moves_nothing() -> None:
    points = np.stack(np.meshgrid(np.linspace(-20, 20, 9), np.linspace(0, 150, 16)), axis=-1).reshape(-1, 2)
    assert np.allclose(stride_of(B, Pose((0, 0), (0, 0)))(points), points)


def test_a_stride_moves_feet_and_leaves_the_body() -> None:
    stride = stride_of(B, Pose((0, 0), (0, 0), legs=(Leg(foot=4, shin=0.9), Leg())))
    feet = np.array([[9.0, B.ankle], [-9.0, B.ankle], [12.0, B.crotch], [0.0, B.waist_y]])
    moved = stride(feet)
    assert moved[0] == pytest.approx((13.0, B.knee + (B.ankle - B.knee) * 0.9))
    assert np.allclose(moved[1:], feet[1:])


def test_shoulders_slope_and_the_neck_stays() -> None:
    bend = bend_of(B, POSES[0], "front")
    neck, tip = bend(np.array([[0.0, 0.0], [B.shoulder, B.slope]]))
    assert neck == pytest.approx((0.0, 0.0), abs=0.1)
    assert tip[1] > B.slope + 1
    for pose in POSES:
        # The order of heights is kept: no fold of the body upon itself.
        for x in (-14.0, 0.0, 14.0):
            line = bend_of(B, pose, "front")(np.stack([np.full(150, x), np.arange(150.0)], axis=1))
            assert (np.diff(line[:, 1]) > 0.2).all()


def test_a_walking_figure_has_one_foot_behind_the_other() -> None:
    drawing = sketch("sweater", "woman", FITS["regular"], "none", 0, worn=True)
    layers = figure_layers(drawing, "top", Look(B, WALK, "full", "front", 3))
    shoes = [layer for layer in layers if isinstance(layer, Part) and layer.fill == "shoe"]
    lows = {1: 0.0, -1: 0.0}
    for part in shoes:
        for path in part.outlines:
            side = 1 if path[:, 0].mean() > 0 else -1
            lows[side] = max(lows[side], float(path[:, 1].max()))
    assert abs(lows[1] - lows[-1]) > 2


@pytest.mark.parametrize("pose", [pose for pose in POSES if pose.hip])
def test_a_hand_on_the_hip_touches_the_body(pose: Pose) -> None:
    for wearer, kind, wear in (
        ("woman", "sweater", "top"),
        ("man", "t_shirt", "top"),
        ("woman", "jeans", "legs"),
    ):
        drawing = sketch(kind, wearer, FITS["regular"], "none", 0, worn=True)
        look = Look(build_of(wearer, 1.0), pose, "full", "front", 3)
        layers = figure_layers(drawing, wear, look)
        b = look.build
        skin = [path for p in layers if isinstance(p, Part) and p.fill == "flesh" for path in p.outlines]
        hands = [
            path
            for path in skin
            if path[:, 0].mean() * pose.hip > 0 and b.waist_y < path[:, 1].max() < b.crotch - 5
        ]
        assert hands, (kind, wearer)
        assert min(float((path[:, 0] * pose.hip).min()) for path in hands) < b.hip * 1.05


def test_sleeves_of_raised_arms_reach_the_body() -> None:
    pose = next(pose for pose in POSES if pose.hip == 1)
    drawing = sketch("sweater", "woman", FITS["regular"], "none", 0, worn=True)
    layers = figure_layers(drawing, "top", Look(B, pose, "hip", "front", 3))
    front = next(p for p in layers if isinstance(p, Part) and p.place == "around" and p.fill == "ground")
    sleeve = next(
        p
        for p in layers
        if isinstance(p, Part) and p.place == "arm" and bounds(p.outlines)[2] > bounds(front.outlines)[2] + 8
    )
    assert bounds(sleeve.outlines)[0] < bounds(front.outlines)[2]
    assert len(sleeve.outlines) > 1


def test_poses_suit_the_garment_and_the_view() -> None:
    for wear in CROPS:
        for view in ("front", "back", "detail"):
            for key in range(60):
                pose = look_of(wear, "man", view, RandomStream(key).integer(0, 10**9)).pose
                assert not pose.pocket or (view != "back" and wear in ("coat", "jacket", "legs"))
                assert not pose.across or (view == "front" and wear in ("coat", "jacket"))


def test_a_top_under_a_gilet_has_sleeves() -> None:
    for view in ("front", "back"):
        look = look_of("jacket", "woman", view, 12)
        drawing = sketch("gilet", "woman", FITS["regular"], "none", 0, worn=True, behind=view == "back")
        layers = figure_layers(drawing, "jacket", look)
        tops = [layer for layer in layers if isinstance(layer, Part) and layer.fill == "inner"]
        inner = bounds([path for part in tops for path in part.outlines])
        body = bounds([p for layer in layers if layer.place == "around" for p in layer.paths_of()])
        assert inner[0] < body[0]
        assert inner[2] > body[2]


def test_bare_skin_under_a_top_ends_above_the_crotch() -> None:
    drawing = sketch("top", "woman", FITS["regular"], "none", 0, worn=True)
    layers = figure_layers(drawing, "top", Look(B, POSES[0], "hip", "front", 2))
    trunks = [
        path
        for p in layers
        if isinstance(p, Part) and p.fill == "flesh"
        for path in p.outlines
        if path[:, 0].min() < -8 and path[:, 0].max() > 8
    ]
    assert trunks
    assert max(float(path[:, 1].max()) for path in trunks) < B.crotch - 3
