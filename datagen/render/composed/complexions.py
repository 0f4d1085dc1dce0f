"""Skin and hair that suit a baked face, and skin as light that passes through it tints it."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from datagen.product.product import RGB
from datagen.render.composed.labels import LABELS, NAMES, SHADES, Labels
from datagen.render.figure.head import HAIRS, SKINS
from datagen.render.planes import Bytes
from datagen.render.random_stream import RandomStream
from datagen.render.shading import FLAT

COMPLEXIONS: dict[str, tuple[tuple[RGB, ...], tuple[RGB, ...]]] = {
    "": (SKINS, HAIRS),
    "african": (
        ((110, 74, 56), (92, 62, 48), (78, 53, 43), (128, 88, 66)),
        ((34, 29, 28), (40, 32, 29), (48, 37, 32)),
    ),
    "asian": (
        ((224, 188, 158), (216, 178, 144), (206, 166, 132), (228, 194, 168)),
        ((34, 29, 29), (42, 34, 32), (58, 43, 36)),
    ),
    "european": (
        ((228, 190, 166), (222, 182, 154), (214, 172, 143), (232, 198, 178)),
        ((96, 70, 49), (70, 51, 39), (148, 114, 76), (186, 154, 110), (122, 66, 42), (48, 38, 33)),
    ),
    "mixed": (
        ((182, 134, 103), (194, 148, 117), (160, 114, 86), (174, 126, 96)),
        ((44, 34, 30), (60, 44, 36), (36, 30, 29)),
    ),
    "southern": (
        ((206, 162, 128), (194, 148, 114), (214, 173, 141), (182, 136, 104)),
        ((40, 32, 30), (54, 41, 34), (72, 53, 41)),
    ),
}
"""Origin of a figure -> colours of skin, and of hair."""

GREY: tuple[RGB, ...] = ((152, 148, 143), (186, 182, 176), (112, 106, 100))
"""Hair of older people."""

PALE_EYES: tuple[RGB, ...] = ((84, 96, 104), (92, 80, 56), (70, 48, 36), (96, 108, 100))
DARK_EYES: tuple[RGB, ...] = ((48, 33, 26), (62, 42, 30), (40, 29, 25))

FLUSH = 150
"""How much of the colour of flushed skin there is in the deepest shade, in 255ths."""


def complexion(origin: str, age: str, rng: RandomStream) -> dict[str, RGB]:
    """The colours of a face by the names of their fills."""
    skins, hairs = COMPLEXIONS.get(origin, COMPLEXIONS[""])
    skin, hair = rng.choice(skins), rng.choice(GREY if age == "older" else hairs)
    return {
        "flesh": skin,
        "blush": mixed(skin, (150, 44, 30), 0.42),
        "hair": hair,
        "brow": mixed(hair, (36, 26, 23), 0.6),
        "stubble": mixed(skin, mixed(hair, (40, 36, 36), 0.6), 0.34),
        "iris": rng.choice(PALE_EYES if origin == "european" else DARK_EYES),
        "eye": mixed(skin, (222, 220, 216), 0.62),
        "lips": mixed(skin, (160, 64, 62), 0.36),
    }


def mixed(one: RGB, other: RGB, share: float) -> RGB:
    """A colour between two."""
    return tuple(round(a + (b - a) * share) for a, b in zip(one, other, strict=True))  # type: ignore[return-value]


def flushed(labels: Labels, tone: Bytes) -> Labels:
    """Labels with skin that is redder the less light falls on it: what reaches us there has passed through
    it."""
    amount = np.frombuffer(tone.tobytes().translate(_shades()), np.uint8).reshape(tone.shape)
    skin = (labels.first == LABELS.index("flesh")) & (amount > 0)
    # At an edge two fills are mixed already.
    skin.ravel()[labels.edges] = False
    first = labels.first.copy()
    np.copyto(first, amount, where=skin)
    return labels._replace(first=first)


@lru_cache(maxsize=1)
def _shades() -> bytes:
    """For each tone: the label of skin in it, 0 for skin in full light, which is not flushed."""
    amounts = (min(FLUSH, max(0, (FLAT - 14 - tone) * FLUSH // 100)) & 0xFE for tone in range(256))
    return bytes(len(NAMES) + SHADES.index(amount) if amount else 0 for amount in amounts)
