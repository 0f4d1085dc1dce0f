"""Which kinds are composed without a wearer, how they are shown, and what their parts are painted with."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from datagen.render.baked.layers import PARTS
from datagen.render.composed import kinds, motifs
from datagen.render.composed.light import Light
from datagen.render.planes import Bytes
from datagen.render.shading import FLAT

GARMENTS = kinds.COMPOSED | {"baby_set"}
"""Garments and sets of them, photographed as if on an invisible body."""

COMPOSED: frozenset[str] = frozenset(
    {
        *(
            "tote",
            "crossbody_bag",
            "shoulder_bag",
            "top_handle_bag",
            "backpack",
            "belt_bag",
            "bucket_bag",
            "clutch",
        ),
        *(
            "wallet",
            "card_case",
            "pouch",
            "belt",
            "umbrella",
            "sunglasses",
            "watch",
            "fragrance",
            "foundation",
            "lipstick",
            "keyring",
            "gloves",
            "necklace",
            "earrings",
            "bracelet",
        ),
        *("cap", "bucket_hat", "beanie", "scarf", "square_scarf", "socks", "tie", "blanket"),
        *("sneakers", "boots", "chelsea_boots", "loafers", "pumps", "sandals", "slides", "rain_boots"),
    }
)
"""Solids whose composed pictures look better than those from silhouettes and are recognised as well."""

LEATHERS = frozenset({"leather", "grainy_leather", "patent_leather", "suede", "alligator"})

JEWELS = frozenset({"necklace", "earrings", "bracelet", "keyring"})
"""Kinds that are polished if they are of metal, and that may have a chain whether or not a title says so."""

MADE_OF = {
    ("keyring", "bear-chain"): frozenset({"cashmere", "shearling", "wool", "cotton"}),
    **{("keyring", cut): LEATHERS | {"canvas", "metal"} for cut in ("tag-chain", "loop")},
    ("gloves", "knit"): frozenset({"cashmere", "wool", "mohair", "cotton"}),
    ("gloves", "sewn"): LEATHERS | {"shearling"},
    ("bracelet", "links-chain"): frozenset({"metal"}),
    ("bracelet", "cuff"): frozenset({"metal"}),
    ("bracelet", "leather"): LEATHERS,
}
"""The materials that a cut is made of; a cut that is not named here may be of any."""

NEARER = {
    **{"sunglasses": 2.0, "watch": 2.5, "fragrance": 1.9, "foundation": 1.9, "lipstick": 4.6},
    **{"keyring": 2.2, "gloves": 1.2, "necklace": 1.8, "earrings": 5.0, "bracelet": 3.4},
}
"""How many times nearer the camera is to kinds whose silhouettes are drawn larger than they are."""


class Manner(NamedTuple):
    """How a product is shown."""

    front: npt.NDArray[np.bool_]
    """For each part, whether a motif can lie on it."""
    seam: int
    """How much darker the line is where two parts meet, in levels of the tone."""
    weave: float
    """How much larger weaves and grains are than on clothes that are worn."""
    badge: float
    """How much wider a small motif is than it is baked."""
    share: float
    """How large a product of regular size is shown, as a share of the largest; 0: as large as it is."""
    creased: bool
    """Whether it has the creases of soft cloth."""


SOLID = Manner(
    # The hem is the turn-up of a beanie.
    front=np.array([name in ("body", "flap", "panel", "hem") for name in PARTS]),
    seam=26,
    weave=2.5,  # in a packshot they are seen
    badge=1.4,  # on a cap, an emblem is half as wide as its front
    share=0.0,
    creased=False,
)
GARMENT = Manner(front=motifs.FRONT, seam=20, weave=1.0, badge=1.0, share=0.96, creased=True)


def manner_of(kind: str) -> Manner:
    """How products of a kind are shown."""
    return GARMENT if kind in GARMENTS else SOLID


FILLS_OF = {
    **dict.fromkeys(("handle", "strap", "edge", "base", "belt", "tongue", "collar"), "trim"),
    **dict.fromkeys(("hardware", "zip", "buckle", "eyelet", "frame"), "metal"),
    **dict.fromkeys(("stitch", "welt"), "trim"),
    **dict.fromkeys(("lace", "card", "pearl", "label"), "white"),
    **dict.fromkeys(("sole", "toe_cap"), "sole"),
    **dict.fromkeys(("outsole", "elastic", "dial"), "dark"),
    **dict.fromkeys(("inside", "lining"), "inside"),
    "insole": "skin",
    "button": "button",
    "lens": "lens",
}
"""Fills of the parts; all others are the product's ground."""

OF_KIND: dict[str, dict[str, str]] = {
    "sneakers": {"panel": "trim", "collar": "ground", "tongue": "ground", "insole": "inside"},
    "boots": {"panel": "ground", "tongue": "ground", "outsole": "dark"},
    "chelsea_boots": {"rib": "dark"},
    "rain_boots": {"stitch": "ground"},
    "belt": {"lining": "inside"},
    "umbrella": {"stem": "dark"},
    "fragrance": {"glass": "white", "label": "white", "stopper": "dark"},
    "foundation": {"glass": "white", "label": "white", "stopper": "dark"},
    "lipstick": {"stopper": "lens", "frame": "metal"},
    "keyring": {"dial": "dark"},
    "socks": {"toe_cap": "trim", "heel_cap": "trim"},
    "blanket": {"lining": "lining"},
    "watch": {"index": "white"},
    "square_scarf": {"edge": "accent"},
    "scarf": {"lining": "lining"},
}
"""Where a kind's parts have other fills."""

CONTRASTED = {"blanket": {"lining": "trim", "fringe": "trim"}, "socks": {"rib": "trim"}}
"""Parts that have the second colour if the title names a contrast."""

GLOWS = {
    "white": 26,
    "sole": 34,
    "dark": 60,
    "skin": 30,
    "inside": 12,
    "lining": 20,
    "trim": 44,
    "button": 90,
    "shade": 60,
}
"""Highlights of fills that aren't the product's material, in 255ths."""


def fill_of(part: str, kind: str, detail: str) -> str:
    """The fill (of ``layers.FILLS``) that a part is painted with."""
    if kind in GARMENTS:
        return kinds.fill_of(part, "product", detail, kind)
    if detail == "contrast" and part in CONTRASTED.get(kind, {}):
        return CONTRASTED[kind][part]
    return OF_KIND.get(kind, {}).get(part) or FILLS_OF.get(part, "ground")


def metal(normal: npt.NDArray[np.int8], openness: Bytes, fill: str) -> Light:
    """Light on polished metal or dark glass: the studio's bright walls and dark gaps, mirrored."""
    word = np.ascontiguousarray(normal).view(np.uint16)[..., 0]
    tones, glows = _mirrored(fill)
    tone = ((tones[word].astype(np.uint16) * (openness.astype(np.uint16) // 3 + 171)) >> 8).astype(np.uint8)
    return Light(tone, glows[word])


@lru_cache(maxsize=2)
def _mirrored(fill: str) -> tuple[Bytes, Bytes]:
    """For each normal the tone and the glow of a mirror in the studio."""
    byte = np.arange(256, dtype=np.uint8).view(np.int8).astype(np.float64) / 127
    words = np.arange(65536, dtype=np.uint16).view(np.uint8).reshape(-1, 2)
    x, y = byte[words[:, 0]], byte[words[:, 1]]
    z = np.sqrt(np.maximum(0.0, 1.0 - x * x - y * y))
    # Where a ray from the camera goes after it was mirrored: x to the right, y down, z to the camera.
    rx, ry, rz = 2 * z * x, 2 * z * y, 2 * z * z - 1
    box = _bump(rx, -0.62, 0.42) * _bump(ry, -0.45, 0.5)
    window = _bump(rx, 0.75, 0.22) * _bump(ry, -0.2, 0.6)
    ground = _ramp(ry)
    if fill == "lens":
        return _level(150 + 60 * (0.5 - 0.5 * ry)), _level(150 * box + 60 * window + 14)
    tone = 138 + 88 * (0.5 + 0.5 * rz) + 76 * ground + 60 * box
    return _level(np.clip(tone, 40, FLAT + 15)), _level(22 + 170 * box + 105 * window)


def _bump(at: npt.NDArray[np.float64], middle: float, reach: float) -> npt.NDArray[np.float64]:
    """1 in the middle, 0 beyond the reach, smooth between, by sums and products alone."""
    off = np.minimum(1.0, np.abs(at - middle) / reach)
    return np.asarray((1 - off * off) * (1 - off * off))


def _ramp(ry: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The floor is bright, the line between floor and wall dark."""
    return np.maximum(0.0, ry) * 0.6 - _bump(ry, 0.18, 0.25) * 0.9


def _level(values: npt.NDArray[np.float64]) -> Bytes:
    return np.rint(np.clip(values, 0, 255)).astype(np.uint8)
