"""A draped garment as the camera sees it on a figure, and which skin it hides for good."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.ndimage import binary_dilation

from datagen.render.bake.bodies import Points, Whole, normals
from datagen.render.bake.figures import Person
from datagen.render.bake.views import EYE, Rays, Surface, directions_of, seen
from datagen.render.baked.layers import HEIGHT, WIDTH, Layer

SHAFT = 9.0
"""Height above the floor from which a shoe is a boot's shaft, cm."""

POKE = 3.5
"""How far skin may come through cloth that covers it and still be taken as covered, cm."""


def _distance(rays: Rays, starts: Points, directions: Points) -> Points:
    """How far each ray goes until it meets the inner side of a triangle; inf for those that meet none or an
    outer
    side, as rays from an arm to the side of a coat do."""
    triangle = rays.first(starts, directions)
    out = np.full(len(starts), np.inf)
    hit = np.flatnonzero(triangle >= 0)
    a, b, c = (rays.vertices[rays.faces[triangle[hit], k]] for k in range(3))
    flat = np.cross(b - a, c - a)
    along = (directions[hit] * flat).sum(1)
    far = ((a - starts[hit]) * flat).sum(1) / (along + 1e-12)
    out[hit] = np.where(along > 0, far, np.inf)
    return out


def covered(who: Person, garment: Rays) -> npt.NDArray[np.bool_]:
    """(faces,): which triangles of body and shoes lie under the garment."""
    count = len(who.rest.vertices)
    body = who.body.vertices
    out = normals(body, who.rest.faces)
    under = _distance(garment, body - out * 1.6, out) < 12.0
    under &= np.isin(who.rest.group, ["trunk", "arm", "leg", "neck"])
    whole = np.zeros(len(who.vertices), bool)
    whole[:count] = under
    # A boot's shaft is under trousers, the shoe below it is not.
    shaft = np.flatnonzero(who.vertices[:, 2] > SHAFT)
    shaft = shaft[shaft >= count]
    if len(shaft):
        outwards = normals(who.vertices, who.faces)[shaft]
        start = who.vertices[shaft] - outwards * 1.6
        whole[shaft] = _distance(garment, start, outwards) < 12.0
    return np.asarray(whole[who.faces].all(1))


def worn(who: Person, surface: Surface, body: Rays) -> tuple[Layer, npt.NDArray[np.bool_]]:
    """The layer of a garment, and the mask of the skin that it hides."""
    own = Rays((surface.vertices, surface.faces))
    under = covered(who, own)

    def hidden(points: Points, rays: Points) -> npt.NDArray[np.bool_]:
        eye = np.broadcast_to(EYE, rays.shape)
        triangle = body.first(eye, rays)
        hit = triangle >= 0
        met, _ = body.hits(np.maximum(triangle, 0), rays)
        before = ((points - met) * rays).sum(1)
        through = under[np.maximum(triangle, 0)] & (before < POKE)
        return np.asarray(hit & (before > 0.05) & ~through)

    around = Rays((surface.vertices, surface.faces), (who.vertices, who.faces))
    layer = seen(surface, around, hidden)
    return layer, hides(layer, body, under)


def hides(layer: Layer, body: Rays, under: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """(HEIGHT, WIDTH): where what a camera sees of the bare figure lies under the garment, and the garment,
    or its
    edge two pixels away, is what it sees instead."""
    columns, rows = np.meshgrid(np.arange(WIDTH) + 0.5, np.arange(HEIGHT) + 0.5)
    rays = directions_of(columns.ravel(), rows.ravel())
    triangle: Whole = body.first(np.broadcast_to(EYE, rays.shape), rays)
    below = ((triangle >= 0) & under[np.maximum(triangle, 0)]).reshape(HEIGHT, WIDTH)
    cloth = np.zeros((HEIGHT, WIDTH), bool)
    high, wide = layer.coverage.shape
    cloth[layer.top : layer.top + high, layer.left : layer.left + wide] = layer.coverage >= 250
    return np.asarray(below & (cloth | (binary_dilation(cloth, iterations=2) & ~_open_front(layer, cloth))))


def _open_front(layer: Layer, cloth: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """(HEIGHT, WIDTH): pixels that have cloth on both sides in their row, as between the fronts of an open
    coat: what
    is seen there is no skin that comes through."""
    left = np.maximum.accumulate(cloth, axis=1)
    right = np.maximum.accumulate(cloth[:, ::-1], axis=1)[:, ::-1]
    return np.asarray(left & right & ~cloth)
