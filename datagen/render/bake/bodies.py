"""Bodies at rest from the parametric model anny, and the same bodies in a pose.

Centimetres; x to the wearer's left, y to the back, z up; the soles of a standing body are at z = 0.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

Points = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]


class Build(NamedTuple):
    """Who a body is: the model's parameters, the height in cm, and changes of the face by the model's
    names."""

    wearer: str
    age: str
    height: float
    shape: dict[str, float]
    face: dict[str, float]
    origin: str = ""
    """A key of ``people.ORIGINS``."""
    head: float = 1.0
    """How much larger the head is than the model's: children's are too small there."""
    beard: float = 0.0
    """Share of the skin around the mouth that is covered by stubble."""


class Rest(NamedTuple):
    """A body at rest, arms half raised, or posed: ``vertices`` (n, 3), ``faces`` (m, 3)."""

    vertices: Points
    faces: Whole
    heads: Points
    """(bones, 3): where each bone begins."""
    labels: list[str]
    parents: list[int]
    bones: Whole
    """(n, 9): the bones that move a vertex."""
    weights: Points
    """(n, 9): by how much; they add up to 1."""
    texture: Points
    """(m, 3, 2): texture coordinates of each face's corners."""
    group: npt.NDArray[np.str_]
    """(n,): what a vertex belongs to: trunk, arm, hand, leg, foot, head, neck."""
    build: Build | None = None

    def joint(self, bone: str) -> Points:
        """Where a bone begins."""
        return np.asarray(self.heads[self.labels.index(bone)])


@functools.cache
def _model() -> Any:
    import anny  # takes seconds, and other modules of this room do without

    return anny.Anny(phenotypes="all", local_changes="all")


def rest_body(build: Build) -> Rest:
    """The body of a build, standing on the ground with arms half raised."""
    model = _model()
    known = set(model.local_change_labels)
    changes = {name: value for name, value in build.face.items() if name in known}
    if len(changes) < len(build.face):
        raise ValueError(f"no such changes: {sorted(set(build.face) - known)}")
    out = model(phenotype_kwargs=build.shape, local_changes_kwargs=changes)
    vertices = out["rest_vertices"][0].numpy().astype(np.float64)
    heads = out["rest_bone_heads"][0].numpy().astype(np.float64)
    labels = list(model.bone_labels)
    bones, weights = model.vertex_bone_indices.numpy(), model.vertex_bone_weights.numpy().astype(np.float64)
    of_head = np.array([label.startswith(("head", "eye")) for label in labels])
    pivot = heads[labels.index("neck03")].copy()
    vertices += (vertices - pivot) * (build.head - 1) * (weights * of_head[bones]).sum(1)[:, None]
    heads += (heads - pivot) * (build.head - 1) * of_head[:, None]
    scale = build.height / np.ptp(vertices[:, 2])
    floor = vertices[:, 2].min()
    vertices, heads = (vertices - [0, 0, floor]) * scale, (heads - [0, 0, floor]) * scale
    texture = model.texture_coordinates.numpy()[model.face_texture_coordinate_indices.numpy()]
    strongest = np.array(labels)[bones[np.arange(len(bones)), weights.argmax(1)]]
    return Rest(
        vertices,
        model.faces.numpy().astype(np.int64),
        heads,
        labels,
        list(model.bone_parents),
        bones.astype(np.int64),
        weights / weights.sum(1, keepdims=True),
        texture.astype(np.float64),
        np.array([_group(name) for name in strongest]),
        build,
    )


def _group(bone: str) -> str:
    for group, starts in {
        "arm": ("upperarm", "lowerarm"),
        "hand": ("wrist", "finger", "metacarpal"),
        "leg": ("upperleg", "lowerleg"),
        "foot": ("foot", "toe"),
        "head": ("head", "eye", "jaw"),
        "neck": ("neck",),
    }.items():
        if bone.startswith(starts):
            return group
    return "trunk"


def turn(axis: Points | list[float], degrees: float) -> Points:
    """(3, 3): a rotation about an axis by the right-hand rule (Rodrigues)."""
    x, y, z = np.asarray(axis, float) / np.linalg.norm(axis)
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    a = np.radians(degrees)
    return np.asarray(np.eye(3) + np.sin(a) * cross + (1 - np.cos(a)) * cross @ cross)


def between(start: Points, end: Points) -> Points:
    """(3, 3): the shortest rotation that takes one direction to another."""
    a, b = start / np.linalg.norm(start), end / np.linalg.norm(end)
    axis = np.cross(a, b)
    if np.linalg.norm(axis) < 1e-9:
        return np.eye(3)
    return turn(axis, float(np.degrees(np.arctan2(np.linalg.norm(axis), a @ b))))


def partial(rotation: Points, share: float) -> Points:
    """(3, 3): the same rotation by a share of its angle."""
    angle = np.arccos(np.clip((np.trace(rotation) - 1) / 2, -1, 1))
    if angle < 1e-6:
        return np.eye(3)
    axis = np.array(
        [rotation[2, 1] - rotation[1, 2], rotation[0, 2] - rotation[2, 0], rotation[1, 0] - rotation[0, 1]]
    )
    return turn(axis, float(np.degrees(angle)) * share)


def transforms(rest: Rest, rotations: Mapping[str, Points], share: float = 1.0) -> tuple[Points, Points]:
    """(bones, 3, 3) and (bones, 3): where each bone takes a point of the body at rest.

    ``rotations`` are relative to the parent, about axes of the body at rest; each is made by ``share``.
    """
    turned, moved = np.zeros((len(rest.labels), 3, 3)), np.zeros((len(rest.labels), 3))
    for number, (label, parent) in enumerate(zip(rest.labels, rest.parents, strict=True)):
        local = partial(rotations[label], share) if label in rotations else np.eye(3)
        head = rest.heads[number]
        if parent < 0:
            turned[number], moved[number] = local, head - local @ head
            continue
        turned[number] = turned[parent] @ local
        moved[number] = turned[parent] @ head + moved[parent] - turned[number] @ head
    return turned, moved


def skinned(points: Points, bones: Whole, weights: Points, turned: Points, moved: Points) -> Points:
    """(n, 3): points moved by their bones, by linear blending."""
    out = np.zeros_like(points)
    for k in range(bones.shape[1]):
        bone = bones[:, k]
        out += weights[:, k, None] * (np.einsum("nij,nj->ni", turned[bone], points) + moved[bone])
    return out


def posed(rest: Rest, rotations: Mapping[str, Points], share: float = 1.0) -> Rest:
    """The body in a pose, or on its way there, standing on the ground."""
    turned, moved = transforms(rest, rotations, share)
    vertices = skinned(rest.vertices, rest.bones, rest.weights, turned, moved)
    heads = np.einsum("nij,nj->ni", turned, rest.heads) + moved
    low = np.array([0, 0, vertices[:, 2].min()])
    return rest._replace(vertices=vertices - low, heads=heads - low)


def normals(vertices: Points, faces: Whole) -> Points:
    """(n, 3): unit normals of the vertices, faces weighted by their area."""
    a, b, c = (vertices[faces[:, k]] for k in range(3))
    flat = np.cross(b - a, c - a)
    out = np.zeros_like(vertices)
    for k in range(3):
        for axis in range(3):
            out[:, axis] += np.bincount(faces[:, k], flat[:, axis], len(vertices))
    return np.asarray(out / (np.linalg.norm(out, axis=1, keepdims=True) + 1e-12))


def nearest_weights(rest: Rest, points: Points, spread: int = 6) -> tuple[Whole, Points]:
    """The bones and weights of points near a body at rest, from its nearest vertices."""
    usable = np.flatnonzero(~np.isin(rest.group, ["hand", "head", "foot"]))
    distance, index = cKDTree(rest.vertices[usable]).query(points, spread)
    share = 1 / (distance + 0.5) ** 2
    share /= share.sum(1, keepdims=True)
    index = usable[index]
    bones = rest.bones[index].reshape(len(points), -1)
    weights = (rest.weights[index] * share[..., None]).reshape(len(points), -1)
    return bones, weights
