"""A figure: a body in a pose with its shoes, painted by the parts of the face, as the camera sees it."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from datagen.render.bake.bodies import Points, Rest, Whole, normals, posed, skinned, transforms, turn
from datagen.render.bake.faces import painted
from datagen.render.bake.poses import Pose, grounded, rotations
from datagen.render.bake.shoes import SOLE, STYLES, Style, shoe
from datagen.render.bake.shoes import parts as parts_of_shoe
from datagen.render.bake.views import EYE, PART, Rays, Surface, directions_of, pixels_of, seen
from datagen.render.baked.layers import FINE, HEIGHT, WIDTH, Layer

SKIN = {
    "head": "skin_face", "neck": "skin_neck", "trunk": "skin_torso", "arm": "skin_arm",
    "hand": "hand", "leg": "skin_leg", "foot": "foot",
}  # fmt: skip

POINTS = {
    5: "upperarm01.L", 6: "upperarm01.R", 7: "lowerarm01.L", 8: "lowerarm01.R", 9: "wrist.L", 10: "wrist.R",
    11: "upperleg01.L", 12: "upperleg01.R", 13: "lowerleg01.L", 14: "lowerleg01.R", 15: "foot.L", 16:
    "foot.R",
}  # fmt: skip
"""COCO's body points that are joints; 0 to 4 are nose, eyes and ears."""


class Person(NamedTuple):
    """A body in a pose with shoes on."""

    rest: Rest
    pose: Pose
    body: Rest
    """In the pose, raised by its soles."""
    vertices: Points
    """Of body and shoes."""
    faces: Whole
    place: Points
    """(n, 5): what ``shoes.parts`` asks of the shoes' vertices; 0 for those of the body."""
    style: Style
    lift: float

    def towards(self, share: float) -> tuple[Points, Points]:
        """Vertices and normals of the body on its way into the pose."""
        body = posed(self.rest, rotations(self.rest, self.pose), share)
        vertices = body.vertices + np.array([0.0, 0.0, self.lift if share >= 1 else SOLE])
        return vertices, normals(vertices, self.rest.faces)


def person(rest: Rest, pose: Pose, shoes: str = "sneaker") -> Person:
    """Put a body into a pose, and shoes on its feet."""
    pose = grounded(rest, pose)
    turns = rotations(rest, pose)
    body = posed(rest, turns)
    turned, moved = transforms(rest, turns)
    raised = body.vertices[0] - skinned(rest.vertices[:1], rest.bones[:1], rest.weights[:1], turned, moved)[0]
    # Toes would look out of the shoes.
    style = STYLES[shoes]
    bare = rest.faces[_bare(rest)]
    parts, faces, places = [body.vertices], [bare], [np.zeros((len(body.vertices), 5))]
    for side in "LR":
        points, triangles, place = shoe(rest, side, style)
        bone = rest.labels.index(f"foot.{side}")
        points = points @ turned[bone].T + moved[bone] + raised
        faces.append(triangles + sum(map(len, parts)))
        parts.append(points)
        places.append(place)
    vertices = np.vstack(parts)
    lift = -float(vertices[:, 2].min())
    up = np.array([0.0, 0.0, lift])
    body = body._replace(vertices=body.vertices + up, heads=body.heads + up)
    return Person(rest, pose, body, vertices + up, np.vstack(faces), np.vstack(places), style, lift)


def rolled(points: Points, who: Person, yaw: float) -> Points:
    """Points that go with a person when a view turns it, degrees to its left."""
    centre = who.body.joint("root") * [1, 1, 0]
    return np.asarray((points - centre) @ turn([0, 0, 1], yaw).T + centre)


def _bare(rest: Rest) -> npt.NDArray[np.bool_]:
    """(m,): the triangles of the body that no shoe holds."""
    low = (rest.group == "foot") & (rest.vertices[:, 2] < 7.0 * np.ptp(rest.vertices[:, 2]) / 176)
    return np.asarray(~low[rest.faces].all(1))


def body_surface(who: Person) -> Surface:
    """Body and shoes, with what the painter of the face needs: texture coordinates and places on the body at
    rest."""
    rest = who.rest
    strongest = np.array(rest.labels)[rest.bones[np.arange(len(rest.bones)), rest.weights.argmax(1)]]
    eye = np.isin(strongest, ["eye.L", "eye.R"])
    by_group = np.array([PART[SKIN[group]] for group in rest.group])
    kept = _bare(rest)
    bare = rest.faces[kept]
    part = np.median(by_group[bare], axis=1).astype(np.int64)
    part[eye[bare].all(1)] = PART["eye_white"]
    shod = who.faces[len(bare) :]
    more = np.concatenate([rest.texture[kept], rest.vertices[bare]], axis=2)
    eyes = {
        side: rest.vertices[eye & (rest.vertices[:, 0] * sign > 0)].mean(0)
        for side, sign in (("L", 1), ("R", -1))
    }
    size = abs(eyes["L"][0] - eyes["R"][0]) / 6.3

    def paint(parts: Whole, more: Points) -> Whole:
        on = parts == PART["shoe"]
        parts = parts.copy()
        parts[on] = parts_of_shoe(who.style, more[on])
        return painted(parts, more[:, :2], more[:, 2:], list(eyes.values()), float(size), rest.build)

    whole = np.concatenate([part, np.full(len(shod), PART["shoe"])])
    flat = np.zeros((len(whole), 3, 2))
    return Surface(who.vertices, who.faces, flat, whole, np.concatenate([more, who.place[shod]]), paint)


def head_layer(who: Person, whole: Rays) -> Layer:
    """Head and neck in the finer frame; what an arm hides of them is hidden."""
    surface = body_surface(who)
    group = who.rest.group
    kept = np.isin(group, ["head", "neck"])
    count = int(_bare(who.rest).sum())
    mine = np.flatnonzero(kept[who.faces[:count]].all(1))
    more = None if surface.more is None else surface.more[mine]
    part = surface._replace(
        faces=surface.faces[mine], flat=surface.flat[mine], part=surface.part[mine], more=more
    )

    def hidden(points: Points, rays: Points) -> npt.NDArray[np.bool_]:
        triangle = whole.first(np.broadcast_to(EYE, rays.shape), rays)
        met, _ = whole.hits(np.maximum(triangle, 0), rays)
        return np.asarray((triangle >= 0) & (((points - met) * rays).sum(1) > 0.3))

    return seen(part, whole, hidden, zoom=FINE)


def keypoints(who: Person, rays: Rays) -> npt.NDArray[np.float32]:
    """(17, 3): COCO's body points in the frame; hidden ones lie more than a limb's thickness behind a
    surface."""
    at = joints(who)
    pixels = pixels_of(at)
    rays_to = directions_of(pixels[:, 0], pixels[:, 1])
    eye = np.broadcast_to(np.array([0.0, -520.0, 95.0]), rays_to.shape)
    triangle = rays.first(eye, rays_to)
    hit = triangle >= 0
    met, _ = rays.hits(np.maximum(triangle, 0), rays_to)
    near = hit & (at[:, 1] - met[:, 1] < np.where(np.arange(17) < 5, 3.0, 14.0))
    framed = (pixels >= 0).all(1) & (pixels < [WIDTH, HEIGHT]).all(1)
    return np.column_stack([pixels, np.where(framed, np.where(near, 2, 1), 0)]).astype(np.float32)


def joints(who: Person) -> Points:
    """(17, 3): COCO's body points in space."""
    body, rest = who.body, who.rest
    at = np.zeros((17, 3))
    middle = (rest.group == "head") & (np.abs(rest.vertices[:, 0]) < 1.5)
    at[0] = body.vertices[np.flatnonzero(middle)[rest.vertices[middle][:, 1].argmin()]]
    for number, side in ((1, "L"), (2, "R")):
        at[number] = body.joint(f"eye.{side}")
        sign = 1 if side == "L" else -1
        head = np.flatnonzero(rest.group == "head")
        at[number + 2] = body.vertices[head[(rest.vertices[head, 0] * sign).argmax()]]
    for number, bone in POINTS.items():
        at[number] = body.joint(bone)
    return at


def ground_lines(who: Person) -> npt.NDArray[np.float32]:
    """(n, 4): for each sole that is on the ground, from its left to its right end in the frame."""
    lines: list[Any] = []
    used = who.vertices[len(who.rest.vertices) :]
    half = len(used) // 2
    for sole in (used[:half], used[half:]):
        lowest = sole[:, 2].min()
        low = sole[sole[:, 2] < lowest + 0.8]
        if lowest < 2.5:
            at = pixels_of(low)
            first, last = at[:, 0].argmin(), at[:, 0].argmax()
            lines.append([*at[first], *at[last]])
    return np.array(lines, np.float32).reshape(-1, 4)
