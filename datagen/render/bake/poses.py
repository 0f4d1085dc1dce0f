"""Poses of catalogue figures, as directions of limbs and turns of trunk and head.

A limb's direction is in the body's own frame: x away from the body's middle line (so that left and right are
alike), y to the back, z up. Angles in degrees.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from datagen.render.bake.bodies import Points, Rest, between, partial, skinned, transforms, turn

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


RELAXED = Arm((0.20, 0.08, -1.0), (0.06, -0.22, -1.0), (0.02, -0.16, -1.0), 4.0, 13.0)
LOOSE = Arm((0.24, 0.12, -1.0), (0.10, -0.18, -1.0), (0.04, -0.12, -1.0), 10.0, 15.0)
BENT = Arm((0.26, 0.16, -1.0), (0.12, -0.52, -1.0), (0.02, -0.50, -1.0), 8.0, 18.0)
BACK = Arm((0.20, 0.30, -1.0), (0.06, 0.08, -1.0), (0.02, 0.0, -1.0), 0.0, 16.0)
FRONT = Arm((0.14, -0.20, -1.0), (0.04, -0.46, -1.0), (0.0, -0.40, -1.0), 4.0, 16.0)
HIP = Arm((0.66, 0.34, -0.72), (-0.60, -0.44, -0.66), (-0.42, -0.66, -0.62), 55.0, 14.0)
THIGH = Arm((0.30, 0.20, -1.0), (-0.10, -0.36, -1.0), (-0.12, -0.16, -1.0), 14.0, 10.0)
BEHIND = Arm((0.22, 0.34, -1.0), (-0.42, 0.34, -0.84), (-0.60, 0.20, -0.76), 70.0, 12.0)

STANDING = Leg((-0.05, 0.0, -1.0), (-0.05, 0.03, -1.0), 7.0)
FREE = Leg((0.05, -0.14, -1.0), (0.02, 0.12, -1.0), 22.0)

POSES: dict[str, Pose] = {
    "square": Pose(RELAXED, RELAXED),
    "wide": Pose(
        LOOSE._replace(upper=(0.30, 0.10, -1.0), fore=(0.16, -0.18, -1.0)),
        LOOSE._replace(upper=(0.28, 0.08, -1.0), fore=(0.16, -0.22, -1.0)),
        Leg((0.03, -0.02, -1.0), (0.02, 0.03, -1.0), 14.0),
        Leg((0.03, 0.02, -1.0), (0.02, 0.04, -1.0), 12.0),
        head=(1.0, 4.0, 0.0),
    ),
    "narrow": Pose(
        RELAXED._replace(upper=(0.17, 0.04, -1.0)),
        LOOSE,
        Leg((-0.06, -0.06, -1.0), (-0.05, 0.08, -1.0), 8.0),
        Leg((-0.06, 0.0, -1.0), (-0.05, 0.03, -1.0), 8.0),
        tilt=1.5,
        head=(1.0, -6.0, -1.5),
    ),
    "contrapposto": Pose(RELAXED, LOOSE, FREE, STANDING, lean=-3.0, tilt=4.0, head=(2.0, 6.0, 2.0)),
    "shift": Pose(LOOSE, RELAXED, STANDING, FREE, lean=3.0, tilt=-4.0, head=(2.0, -8.0, -2.0)),
    "walking": Pose(
        BACK,
        FRONT,
        Leg((-0.05, -0.26, -1.0), (-0.05, -0.05, -1.0), 4.0),
        Leg((-0.04, 0.14, -1.0), (-0.04, 0.42, -1.0), 6.0),
        twist=5.0,
        tilt=-2.0,
        head=(1.0, 0.0, 0.0),
    ),
    "stride": Pose(
        FRONT,
        BACK,
        Leg((-0.03, 0.10, -1.0), (-0.03, 0.34, -1.0), 8.0),
        Leg((-0.04, -0.20, -1.0), (-0.05, -0.02, -1.0), 8.0),
        twist=-4.0,
        tilt=2.0,
        head=(0.0, 7.0, 1.0),
    ),
    "hand_on_hip": Pose(HIP, LOOSE, STANDING, FREE, lean=3.0, tilt=-4.5, head=(1.0, 7.0, 3.0)),
    "both_on_hips": Pose(
        HIP,
        HIP,
        Leg((0.02, -0.02, -1.0), (0.01, 0.04, -1.0), 14.0),
        Leg((0.02, 0.02, -1.0), (0.01, 0.04, -1.0), 14.0),
        head=(1.0, -5.0, 0.0),
    ),
    "thigh": Pose(THIGH, LOOSE, FREE, STANDING, lean=-2.0, tilt=3.0, head=(2.0, -7.0, 1.0)),
    "both_thighs": Pose(
        THIGH, THIGH, Leg((0.01, -0.04, -1.0), (0.0, 0.05, -1.0), 12.0), STANDING, head=(1.0, 3.0, 0.0)
    ),
    "behind": Pose(BEHIND, BEHIND, STANDING, FREE, lean=1.5, tilt=-2.5, head=(0.0, -6.0, 1.0)),
    "bent": Pose(BENT, LOOSE, FREE, STANDING, lean=-2.0, tilt=3.0, head=(1.0, 9.0, 0.0)),
    "crossed": Pose(
        RELAXED,
        BENT,
        Leg((-0.12, -0.10, -1.0), (-0.14, 0.02, -1.0), 10.0),
        Leg((-0.03, 0.04, -1.0), (-0.02, 0.06, -1.0), 12.0),
        tilt=2.0,
        head=(2.0, 5.0, -2.0),
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


def grounded(rest: Rest, pose: Pose) -> Pose:
    """The pose with both feet on the floor: the leg that is bent more is bent so far that its foot is."""
    left, right = pose.left_leg, pose.right_leg
    on_left = abs(left.thigh[1]) > abs(right.thigh[1])
    leg = left if on_left else right
    feet = [np.flatnonzero((rest.group == "foot") & (rest.vertices[:, 0] * sign > 0)) for sign in (1, -1)]
    some = np.concatenate(feet)
    low, high, best = 0.2, 2.6, pose
    for _ in range(9):
        share = (low + high) / 2
        bent = leg._replace(
            thigh=(leg.thigh[0], leg.thigh[1] * share, leg.thigh[2]),
            shank=(leg.shank[0], leg.shank[1] * share, leg.shank[2]),
        )
        best = pose._replace(left_leg=bent) if on_left else pose._replace(right_leg=bent)
        turned, moved = transforms(rest, rotations(rest, best))
        height = skinned(rest.vertices[some], rest.bones[some], rest.weights[some], turned, moved)[:, 2]
        mine, other = height[: len(feet[0])].min(), height[len(feet[0]) :].min()
        if not on_left:
            mine, other = other, mine
        # Bending a leg lifts its foot.
        low, high = (share, high) if mine < other else (low, share)
    return best


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
    middle = rest.joint(f"finger3-2.{side}") - rest.joint(f"finger3-1.{side}")
    for finger in "2345":
        along = rest.joint(f"finger{finger}-2.{side}") - rest.joint(f"finger{finger}-1.{side}")
        bend = np.cross(palm, along) * sign
        more = 1.0 + 0.12 * (int(finger) - 2)
        # At rest the fingers are spread; a hand that hangs has them side by side.
        base = world[f"wrist.{side}"] @ partial(between(along, middle), 0.7)
        for joint, share in (("1", 1.0), ("2", 2.3), ("3", 3.0)):
            world[f"finger{finger}-{joint}.{side}"] = base @ turn(bend, arm.curl * share * more)
    along = rest.joint(f"finger1-2.{side}") - rest.joint(f"finger1-1.{side}")
    base = world[f"wrist.{side}"] @ partial(between(along, middle), 0.35)
    for joint, share in (("1", 0.6), ("2", 0.9), ("3", 1.2)):
        world[f"finger1-{joint}.{side}"] = base @ turn(np.cross(palm, along) * sign, arm.curl * share)


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
