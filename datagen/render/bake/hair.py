"""Cuts of hair as thousands of thin ribbons that grow from the scalp, are combed, fall, and lie on the
head."""

from __future__ import annotations

import zlib

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from datagen.render.bake.bodies import Points, normals, transforms
from datagen.render.bake.faces import hairline
from datagen.render.bake.figures import Person
from datagen.render.bake.haircuts import CUTS, Cut
from datagen.render.bake.poses import rotations
from datagen.render.bake.views import EYE, PART, Rays, Surface, seen
from datagen.render.baked.layers import FINE, HEIGHT, WIDTH, Garment

STEP = 1.1
"""Longest piece of a strand, cm."""


def hair(who: Person, cut: Cut, seed: int) -> Surface:
    """A cut on a person's head."""
    rng = np.random.default_rng(seed)
    rest, body = who.rest, who.body
    turned, _ = transforms(rest, rotations(rest, who.pose))
    head = turned[rest.labels.index("head")]
    size = float(np.linalg.norm(rest.joint("eye.L") - rest.joint("eye.R"))) / 6.3
    roots, facing, place = _roots(who, cut, rng, size)
    eye = (rest.joint("eye.L") + rest.joint("eye.R")) / 2
    solid = ~np.isin(rest.group, ["hand", "leg", "foot"])
    surface, outward = body.vertices[solid], normals(body.vertices, rest.faces)[solid]
    tree = cKDTree(surface)
    above = (place[:, 2] - eye[2]) / size
    share = np.clip((above - 2.0) / 4.5, 0, 1)
    length = (cut.sides + (cut.long - cut.sides) * share) * size * rng.uniform(0.86, 1.06, len(roots))
    comb = np.tile(np.array(cut.comb), (len(roots), 1))
    if cut.parting is not None:
        aside = place[:, 0] / size - cut.parting
        comb[:, 0] = np.clip(aside * 0.9, -1.1, 1.1)
    way = (
        cut.rise * (0.35 + 0.65 * share[:, None]) * facing
        + comb @ head.T
        + rng.normal(0, cut.rough, (len(roots), 3))
    )
    way /= np.linalg.norm(way, axis=1, keepdims=True)
    long = min(STEP, cut.long / 5) * size
    steps = max(2, int(np.ceil(length.max() / long)))
    eyes = (body.joint("eye.L") + body.joint("eye.R")) / 2
    nape = float(body.joint("neck02")[1]) - 0.5
    points, alive = [roots], [np.zeros(len(roots), bool) | True]
    twirl = rng.normal(0, 1, (len(roots), 3))
    free = np.ones(len(roots), bool)
    # Hair at the sides and the nape lies closer.
    layer = rng.uniform(0.25, 1.0, len(roots)) * cut.lift * size * (1 - cut.close * (1 - share))
    floor = eye[2] - (cut.ends or 1e3) * size + (body.joint("eye.L")[2] - rest.joint("eye.L")[2])
    for step in range(steps):
        if cut.curl:
            twirl = 0.6 * twirl + 0.8 * rng.normal(0, 1, twirl.shape)
        way = way + cut.weight * np.array([0, 0, -1.0]) * min(1.0, 0.35 + step * 0.12) + cut.curl * twirl
        way /= np.linalg.norm(way, axis=1, keepdims=True)
        nxt = points[-1] + way * long
        _, index = tree.query(nxt)
        depth = ((nxt - surface[index]) * outward[index]).sum(1)
        inwards = np.minimum((way * outward[index]).sum(1), 0)
        want = np.minimum(layer, 0.25 + (step + 1) * 0.5 * size)
        near = depth < want
        push = outward[index[near]] * (want - depth)[near, None]
        # On the shoulders hair falls to the front or the back, not to the sides.
        low = nxt[near][:, 2] < eyes[2] - 9.5 * size
        aside = np.where(nxt[near][:, 1] < nape, -1.0, 1.0) * np.abs(want - depth)[near] * 1.2
        push[low] = np.stack([0.1 * push[low, 0], aside[low], 0.2 * push[low, 2]], axis=1)
        nxt[near] += push
        way[near] -= outward[index[near]] * inwards[near, None]
        way /= np.linalg.norm(way, axis=1, keepdims=True) + 1e-9
        # On the skull hair lies down; below, it hangs freely.
        high = (nxt[:, 2] > eyes[2] - (1.0 if cut.long > 12 else 8.0) * size) & (depth > layer)
        nxt[high] -= outward[index[high]] * ((depth - layer)[high] * cut.flat)[:, None]
        points.append(nxt)
        local = (nxt - eyes) @ head / size
        fallen = (np.abs(local[:, 0]) < 4.9) & (local[:, 1] < 0.8) & (local[:, 2] < 4.6)
        free &= ~(fallen & (cut.parting is not None))
        alive.append(alive[-1] & ((step + 1) * long <= length) & (nxt[:, 2] > floor + layer * 0.6))
    ribbons = _ribbons(
        np.array(points),
        np.array(alive) & free,
        body.joint("head") + head @ np.array([0, 1.0, 6.0]) * size,
        cut.wide * size,
        rng,
    )
    if cut.bun is not None:
        back, up, radius = cut.bun
        centre = body.joint("head") + head @ np.array([0.0, back, up]) * size
        ribbons = _joined(ribbons, _bun(centre, radius * size, rng))
        if cut.tail:
            ribbons = _joined(ribbons, _tail(centre, cut.tail * size, tree, surface, outward, rng))
    return ribbons


def hair_of(who: Person, body: Rays, figure: str, name: str) -> Garment:
    """A cut as a figure wears it: a layer that lies on all others."""
    surface = hair(who, CUTS[name], zlib.crc32(f"{figure} {name}".encode()))
    around = Rays((surface.vertices, surface.faces), (who.vertices, who.faces))

    def hidden(points: Points, rays: Points) -> npt.NDArray[np.bool_]:
        triangle = body.first(np.broadcast_to(EYE, rays.shape), rays)
        met, _ = body.hits(np.maximum(triangle, 0), rays)
        return np.asarray((triangle >= 0) & (((points - met) * rays).sum(1) > 0.3))

    layer = seen(surface, around, hidden, zoom=FINE)
    return Garment("hair", name, figure, "closed", 4, layer, np.zeros((HEIGHT, WIDTH // 8), np.uint8), FINE)


def _roots(who: Person, cut: Cut, rng: np.random.Generator, size: float) -> tuple[Points, Points, Points]:
    """Where strands start on the posed body, the scalp's normals, and the same places at rest."""
    rest = who.rest
    eye = (rest.joint("eye.L") + rest.joint("eye.R")) / 2
    head = np.isin(rest.group, ["head", "neck"])
    faces = rest.faces[head[rest.faces].all(1)]
    middle = rest.vertices[faces].mean(1)
    grows, within = hairline((middle - eye) / size)
    scalp = faces[grows & (within > 0)]
    a, b, c = (rest.vertices[scalp[:, k]] for k in range(3))
    area = np.linalg.norm(np.cross(b - a, c - a), axis=1)
    chosen = rng.choice(len(scalp), cut.strands, p=area / area.sum())
    u, v = rng.random(cut.strands), rng.random(cut.strands)
    over = u + v > 1
    u[over], v[over] = 1 - u[over], 1 - v[over]
    weights = np.stack([1 - u - v, u, v], axis=1)
    corners = scalp[chosen]
    facing = normals(who.body.vertices, rest.faces)
    spot = np.einsum("nk,nkj->nj", weights, who.body.vertices[corners])
    normal = np.einsum("nk,nkj->nj", weights, facing[corners])
    place = np.einsum("nk,nkj->nj", weights, rest.vertices[corners])
    return spot - normal * 0.1, normal / np.linalg.norm(normal, axis=1, keepdims=True), place


def _ribbons(
    points: Points, alive: np.ndarray, centre: Points, wide: float, rng: np.random.Generator
) -> Surface:
    """Strands (steps, n, 3) as ribbons that face away from the head; they taper to their ends."""
    steps, count = points.shape[:2]
    along = np.gradient(points, axis=0)
    out = points - centre
    out /= np.linalg.norm(out, axis=2, keepdims=True) + 1e-9
    side = np.cross(along, out + rng.normal(0, 0.25, (1, count, 3)))
    side /= np.linalg.norm(side, axis=2, keepdims=True) + 1e-9
    left = np.maximum(np.cumsum(alive[::-1], axis=0)[::-1] - 1, 0)
    width = wide * np.clip(left / 3.0, 0.25, 1.0)[..., None] * rng.uniform(0.6, 1.3, (1, count, 1))
    facing = np.cross(side, along)
    facing *= np.sign((facing * out).sum(2, keepdims=True))
    facing /= np.linalg.norm(facing, axis=2, keepdims=True) + 1e-9
    one, other = points - side * width / 2, points + side * width / 2
    vertices = np.stack([one, other], axis=2).reshape(-1, 3)
    # A ribbon's edges turn aside, as a round strand's would.
    normal = np.stack([facing - 0.55 * side, facing + 0.55 * side], axis=2).reshape(-1, 3)
    number = np.arange(steps * count * 2).reshape(steps, count, 2)
    whole = alive[1:] & alive[:-1]
    a, b = number[:-1, :, 0][whole], number[:-1, :, 1][whole]
    c, d = number[1:, :, 0][whole], number[1:, :, 1][whole]
    faces = np.vstack([np.stack([a, b, c], 1), np.stack([b, d, c], 1)])
    place = np.zeros((steps, count, 2, 2))
    place[..., 0] = (np.arange(count) % 61 * 0.8)[None, :, None] + np.array([0.0, wide])
    place[..., 1] = -np.arange(steps)[:, None, None] * STEP
    return Surface(
        vertices, faces, place.reshape(-1, 2)[faces], np.full(len(faces), PART["hair"]), normal=normal
    )


def _bun(centre: Points, radius: float, rng: np.random.Generator) -> Surface:
    """Strands wound around a ball."""
    count, steps = 500, 12
    axis = rng.normal([0, 0, 1.0], 0.35, (count, 3))
    axis /= np.linalg.norm(axis, axis=1, keepdims=True)
    start = np.cross(axis, rng.normal(size=(count, 3)))
    start /= np.linalg.norm(start, axis=1, keepdims=True)
    other = np.cross(axis, start)
    high = rng.uniform(-0.92, 0.92, count)[:, None]
    size = radius * rng.uniform(0.88, 1.0, count)[:, None]
    points = []
    for step in range(steps):
        a = step * 0.24
        ring = np.sqrt(1 - high**2) * (np.cos(a) * start + np.sin(a) * other)
        points.append(centre + size * (ring + high * axis))
    return _ribbons(np.array(points), np.ones((steps, count), bool), centre, 0.3, rng)


def _tail(
    centre: Points, long: float, tree: cKDTree, surface: Points, outward: Points, rng: np.random.Generator
) -> Surface:
    """Strands that start at one place, swing backwards and hang; they stay outside of the body."""
    count, steps = 700, 16
    place = centre + rng.normal(0, 0.5, (count, 3))
    way = np.array([0.0, 0.9, 0.1]) + rng.normal(0, 0.14, (count, 3))
    points = [place]
    for _ in range(steps - 1):
        way = way + np.array([0, 0, -0.34]) + rng.normal(0, 0.03, way.shape)
        way /= np.linalg.norm(way, axis=1, keepdims=True)
        place = place + way * long / steps
        _, index = tree.query(place)
        depth = ((place - surface[index]) * outward[index]).sum(1)
        low = depth < 0.8
        place = place + outward[index] * (np.maximum(0.8 - depth, 0) * low)[:, None]
        points.append(place)
    alive = np.arange(steps)[:, None] < rng.uniform(0.75, 1.0, count) * steps
    return _ribbons(np.array(points), alive, centre + np.array([0.0, -4.0, 0.0]), 0.3, rng)


def _joined(one: Surface, other: Surface) -> Surface:
    if one.normal is None or other.normal is None:
        raise ValueError("ribbons have normals of their own")
    return Surface(
        np.vstack([one.vertices, other.vertices]),
        np.vstack([one.faces, other.faces + len(one.vertices)]),
        np.concatenate([one.flat, other.flat]),
        np.concatenate([one.part, other.part]),
        normal=np.vstack([one.normal, other.normal]),
    )
