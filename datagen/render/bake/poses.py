"""Poses of catalogue figures, as directions of limbs and turns of trunk and head.

A limb's direction is in the body's own frame: x away from the body's middle line (so that left and right are
alike), y to the back, z up. Angles in degrees.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from datagen.render.bake.bodies import Points, Rest, between, partial, turn

Direction = tuple[float, float, float]

DOWN: Direction = (0.0, 0.0, -1.0)


class Arm(NamedTuple):
    """Directions of upper arm, forearm and hand; ``twist`` turns the forearm's inside to the front; ``curl``
    of
    the fingers in degrees a joint."""

    upper: Direction = (0.17, 0.02, -1.0)
    fore: Direction = (0.10, -0.16, -1.0)
    hand: Direction = (-0.06, -0.20, -1.0)
    twist: float = -25.0
    curl: float = 16.0


class Leg(NamedTuple):
    """Directions of thigh and shank; ``turn`` of the foot outwards."""

    thigh: Direction = (-0.02, 0.0, -1.0)
    shank: Direction = (-0.02, 0.04, -1.0)
    turn: float = 9.0


class Pose(NamedTuple):
    """A whole pose; ``lean`` (chest) and ``tilt`` (hips) lower the wearer's left, ``yaw`` turns the
    figure."""

    left_arm: Arm = Arm()
    right_arm: Arm = Arm()
    left_leg: Leg = Leg()
    right_leg: Leg = Leg()
    lean: float = 0.0
    tilt: float = 0.0
    twist: float = 0.0
    head: tuple[float, float, float] = (0.0, 0.0, 0.0)
    """Nod down, turn to the wearer's left, incline to the wearer's left."""
    yaw: float = 0.0
    """Of the whole figure, to its left; 180 shows its back."""


RELAXED = Arm((0.20, 0.06, -1.0), (0.06, -0.26, -1.0), (0.0, -0.26, -1.0), -30.0, 16.0)
BACK = Arm((0.24, 0.26, -1.0), (0.02, 0.02, -1.0), (0.0, -0.05, -1.0), -35.0, 18.0)
FRONT = Arm((0.16, -0.18, -1.0), (0.08, -0.46, -1.0), (0.02, -0.40, -1.0), -35.0, 18.0)

POSES: dict[str, Pose] = {
    "square": Pose(),
    "contrapposto": Pose(
        RELAXED,
        Arm((0.22, 0.10, -1.0), (0.10, -0.20, -1.0), (0.06, -0.2, -1.0), -30, 14),
        Leg((0.05, -0.12, -1.0), (0.02, 0.12, -1.0), 22.0),
        Leg((-0.05, 0.0, -1.0), (-0.05, 0.03, -1.0), 6.0),
        lean=-3.0,
        tilt=4.0,
        head=(2.0, 6.0, 2.0),
    ),
    "walking": Pose(
        BACK,
        FRONT,
        Leg((-0.05, -0.26, -1.0), (-0.05, -0.05, -1.0), 4.0),
        Leg((-0.04, 0.14, -1.0), (-0.04, 0.42, -1.0), 6.0),
        twist=5.0,
        tilt=-2.0,
        head=(1.0, 0.0, 0.0),
    ),
    "shift": Pose(
        Arm((0.24, 0.12, -1.0), (0.12, -0.16, -1.0), (0.08, -0.16, -1.0), -26, 20),
        Arm((0.18, -0.04, -1.0), (0.06, -0.34, -1.0), (0.02, -0.3, -1.0), -32, 20),
        Leg((-0.05, 0.0, -1.0), (-0.05, 0.03, -1.0), 6.0),
        Leg((0.06, -0.14, -1.0), (0.02, 0.14, -1.0), 24.0),
        lean=3.0,
        tilt=-4.0,
        head=(3.0, -8.0, -2.0),
    ),
    "wide": Pose(
        Arm((0.32, 0.08, -1.0), (0.20, -0.22, -1.0), (0.12, -0.22, -1.0), -28, 14),
        Arm((0.30, 0.08, -1.0), (0.22, -0.20, -1.0), (0.14, -0.2, -1.0), -28, 14),
        Leg((0.03, -0.02, -1.0), (0.02, 0.03, -1.0), 14.0),
        Leg((0.03, 0.02, -1.0), (0.02, 0.04, -1.0), 14.0),
    ),
}
"""By name; after the poses of catalogue photographs of clothes: mostly square, hips shifted, or in step."""


def rotations(rest: Rest, pose: Pose) -> dict[str, Points]:
    """The rotation of each bone relative to its parent that takes a body at rest into a pose."""
    world: dict[str, Points] = {"root": turn([0, 0, 1], pose.yaw)}
    yaw = world["root"]
    hips = yaw @ turn([0, 1, 0], pose.tilt)
    chest = yaw @ turn([0, 0, 1], pose.twist) @ turn([0, 1, 0], pose.lean)
    nod, look, incline = pose.head
    head = yaw @ turn([0, 0, 1], look) @ turn([1, 0, 0], nod) @ turn([0, 1, 0], incline)
    world["root"] = hips
    for name, share in {
        "spine05": 0.2,
        "spine04": 0.5,
        "spine03": 0.9,
        "spine02": 1.0,
        "spine01": 1.0,
    }.items():
        world[name] = _mix(hips, chest, share)
    for name, share in {"neck01": 0.3, "neck02": 0.6, "neck03": 0.8, "head": 1.0}.items():
        world[name] = _mix(chest, head, share)
    for side, sign, arm, leg in (
        ("L", 1, pose.left_arm, pose.left_leg),
        ("R", -1, pose.right_arm, pose.right_leg),
    ):
        _pose_arm(rest, world, side, sign, arm, chest)
        _pose_leg(rest, world, side, sign, leg, hips, yaw)
    return _relative(rest, world)


def _mix(start: Points, end: Points, share: float) -> Points:
    return np.asarray(start @ partial(start.T @ end, share))


def _aim(frame: Points, bone: Points, direction: Direction, sign: int) -> Points:
    """The rotation that takes a bone from its direction at rest to one of the frame."""
    return np.asarray(frame @ between(bone, np.array([direction[0] * sign, direction[1], direction[2]])))


def _pose_arm(rest: Rest, world: dict[str, Points], side: str, sign: int, arm: Arm, chest: Points) -> None:
    at = {name: rest.joint(f"{name}.{side}") for name in ("upperarm01", "lowerarm01", "wrist", "finger3-1")}
    # Collar bones follow an arm that is lowered from its half-raised rest by a fifth.
    lowered = turn([0, 1, 0], 7.0 * sign)
    world[f"clavicle.{side}"] = chest @ lowered
    world[f"shoulder01.{side}"] = chest @ lowered
    upper = _aim(chest, at["lowerarm01"] - at["upperarm01"], arm.upper, sign)
    fore = _aim(chest, at["wrist"] - at["lowerarm01"], arm.fore, sign)
    hand = _aim(chest, at["finger3-1"] - at["wrist"], arm.hand, sign)
    axis = np.array([arm.fore[0] * sign, arm.fore[1], arm.fore[2]])
    spin = turn(chest @ axis, arm.twist * sign)
    world[f"upperarm01.{side}"] = upper
    world[f"upperarm02.{side}"] = upper
    world[f"lowerarm01.{side}"] = fore
    world[f"lowerarm02.{side}"] = turn(chest @ axis, arm.twist * 0.5 * sign) @ fore
    world[f"wrist.{side}"] = spin @ hand
    palm = np.cross(
        rest.joint(f"finger2-1.{side}") - rest.joint(f"finger5-1.{side}"), at["finger3-1"] - at["wrist"]
    )
    for finger in "2345":
        along = rest.joint(f"finger{finger}-2.{side}") - rest.joint(f"finger{finger}-1.{side}")
        bend = np.cross(palm, along) * sign
        more = 1.0 + 0.12 * (int(finger) - 2)
        base = world[f"wrist.{side}"]
        for joint, share in (("1", 1.0), ("2", 2.3), ("3", 3.0)):
            world[f"finger{finger}-{joint}.{side}"] = base @ turn(bend, -arm.curl * share * more)
    along = rest.joint(f"finger1-2.{side}") - rest.joint(f"finger1-1.{side}")
    for joint, share in (("1", 0.6), ("2", 0.9), ("3", 1.2)):
        world[f"finger1-{joint}.{side}"] = world[f"wrist.{side}"] @ turn(
            np.cross(palm, along) * sign, -arm.curl * share
        )


def _pose_leg(
    rest: Rest, world: dict[str, Points], side: str, sign: int, leg: Leg, hips: Points, yaw: Points
) -> None:
    hip, knee, foot = (rest.joint(f"{name}.{side}") for name in ("upperleg01", "lowerleg01", "foot"))
    thigh = _aim(yaw, knee - hip, leg.thigh, sign)
    shank = _aim(yaw, foot - knee, leg.shank, sign)
    out = turn([0, 0, 1], leg.turn * sign)
    for name in ("upperleg01", "upperleg02"):
        world[f"{name}.{side}"] = thigh
    world[f"lowerleg01.{side}"] = shank
    world[f"lowerleg02.{side}"] = shank
    lifted = max(0.0, float(np.degrees(np.arctan2(leg.shank[1], 1.0))) - 8.0) * 0.9
    world[f"foot.{side}"] = yaw @ out @ turn([1, 0, 0], lifted)


def _relative(rest: Rest, world: dict[str, Points]) -> dict[str, Points]:
    """Rotations relative to the parent, from those in the world; bones without one follow their parent."""
    full: list[Points] = []
    out: dict[str, Points] = {}
    for label, parent in zip(rest.labels, rest.parents, strict=True):
        above = full[parent] if parent >= 0 else np.eye(3)
        full.append(world.get(label, above))
        if label in world:
            out[label] = above.T @ full[-1]
    return out
