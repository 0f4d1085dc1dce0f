"""Heads: a plain, softly shaded face and hair, slightly turned, never the portrait of a person.

Coordinates are those of ``head_coordinates``: half widths of the face, heights of the head from its top.
"""

from __future__ import annotations

import numpy as np

from datagen.render.figure.body import BUILDS, TURN, Build
from datagen.render.figure.hair import HAIR, hair, hair_behind
from datagen.render.figure.head_coordinates import Head
from datagen.render.layers import Layers, Sketch
from datagen.render.outlines import Path, ellipse, stroke
from datagen.render.random_stream import RandomStream, salt

FACE = (
    (0, 0.02),
    (0.55, 0.06),
    (0.9, 0.22),
    (0.98, 0.42),
    (0.93, 0.6),
    (0.8, 0.79),
    (0.5, 0.945),
    (0.0, 1.0),
)


FAR = 8.0
"""From this turn, in degrees, a head hides its far ear."""

MODELS = 6
"""Number of different heads for each wearer."""


def portrait(wearer: str, model: int, view: str) -> Layers:
    """The layers of one of a wearer's ``MODELS`` heads, in a view of the vocabulary."""
    extra, turn, tilt, rng = carriage(wearer, model, view)
    b = BUILDS[wearer]
    s = Sketch("figure", wearer, "none", rng)
    style = HAIR[wearer][model % len(HAIR[wearer])]
    if view == "back":
        head_from_behind(s, b, style)
    else:
        head(s, b, rng, style, turn, extra, tilt)
    return list(s.layers)


def carriage(wearer: str, model: int, view: str) -> tuple[str, float, float, RandomStream]:
    """What a head wears, how it is turned and tilted in degrees, and the random numbers for its features."""
    rng = RandomStream(salt(wearer), model, 21)
    extra = "" if wearer == "child" else rng.choice(("", "", "", "", "glasses", "cap", ""))
    turn = TURN * 0.8 if view == "three_quarter" else rng.uniform(-21, 21)
    return extra, turn, 0.0 if view == "back" else rng.uniform(-4.5, 4.5), rng


def head(
    s: Sketch, b: Build, rng: RandomStream, style: str, turn: float, wear: str, tilt: float = 0.0
) -> None:
    """The head from the front; ``wear`` is "", "glasses" or "cap"."""
    h = Head(b, turn, tilt)
    if style == "curls":
        hair_behind(s, h)
    ear = [
        h.path((side * 0.97, 0.44), (side * 1.13, 0.43), (side * 1.12, 0.54), (side * 0.99, 0.62), depth=0.0)
        for side in (1, -1)
    ]
    far = 0 if turn > FAR else 1 if turn < -FAR else -1
    s.part("flesh", *[path for at, path in enumerate(ear) if at != far], bulge=0.7, lift=0.2, crumple=0)
    s.part("flesh", h.full(*FACE), bulge=b.face * 0.85, lift=1.6, crumple=0, folds=_hollows(h))
    _features(s, h, rng, closed=wear == "glasses")
    if wear != "cap":
        hair(s, h, style, turn)
    else:
        hair(s, h, "buzz", turn)
        _cap(s, h)
    if wear == "glasses":
        _glasses(s, h, rng)


def head_from_behind(s: Sketch, b: Build, style: str) -> None:
    """The back of a head: hair, ears and the nape."""
    h = Head(b, 0)
    s.part(
        "flesh",
        *[
            ellipse(side * b.face * 1.04, b.top + b.head * 0.52, b.face * 0.12, b.head * 0.08, 14)
            for side in (1, -1)
        ],
        bulge=0.6,
        lift=0.2,
        crumple=0,
    )
    s.part(
        "flesh",
        h.full((0, 0.3), (0.95, 0.4), (0.8, 0.75), (0.66, 0.98), (0, 1.0)),
        bulge=3,
        lift=0.6,
        crumple=0,
    )
    low = {"long": 1.7, "waves": 1.55, "bob": 0.96, "curls": 0.92, "pulled_back": 0.8}.get(style, 0.76)
    wide = {"long": 1.08, "waves": 1.24, "bob": 1.16, "curls": 1.3}.get(style, 1.02)
    top = -0.12 if style == "curls" else -0.04
    s.part(
        "hair",
        h.full(
            (0, top),
            (wide * 0.72, top + 0.05),
            (wide, 0.32),
            (wide * 0.97, (0.5 + low) / 2),
            (wide * (0.86 if low > 1 else 0.66), low),
            (0, low + 0.05),
        ),
        bulge=b.face * 0.6,
        lift=0.8,
        crumple=4 if style == "curls" else 1.0,
    )
    if style == "pulled_back":
        s.part("hair", ellipse(0, b.top + b.head * 0.34, b.face * 0.42, b.head * 0.12), bulge=2, lift=0.8)


def _hollows(h: Head) -> list[tuple[Path, float, float]]:
    """Soft grooves that the light models: eye sockets, sides of the nose, below lips and cheekbones."""
    eyes = h.both((0.14, 0.475), (0.42, 0.455), (0.7, 0.48), closed=False)
    nose = h.both((0.13, 0.49), (0.15, 0.58), (0.27, 0.665), closed=False)
    cheeks = h.both((0.86, 0.6), (0.66, 0.72), (0.5, 0.84), closed=False)
    lip = h.path((-0.2, 0.862), (0, 0.868), (0.2, 0.862), closed=False)
    return [
        *[(path, 0.75, 1.5) for path in eyes],
        *[(path, 0.42, 0.9) for path in nose],
        *[(path, 0.4, 2.2) for path in cheeks],
        (lip, 0.5, 1.2),
    ]


def _features(s: Sketch, h: Head, rng: RandomStream, *, closed: bool) -> None:
    """Brows, eyes, nose and mouth, in few soft strokes."""
    heavy = s.wearer == "man"
    drop = rng.uniform(-0.006, 0.01)
    if not closed:
        brows = h.both((0.17, 0.445 + drop), (0.42, 0.418 + drop), (0.72, 0.452 + drop), closed=False)
        s.part(
            "brow",
            *[stroke(path, 0.95 if heavy else 0.65, 0.3) for path in brows],
            bulge=0.2,
            lift=0,
            crumple=0,
        )
        whites = h.both((0.2, 0.512), (0.4, 0.493), (0.61, 0.505), (0.42, 0.522))
        s.part("eye", *whites, bulge=0.2, lift=0, crumple=0)
        irises = h.both((0.33, 0.5), (0.42, 0.49), (0.51, 0.5), (0.49, 0.516), (0.42, 0.522), (0.35, 0.516))
        s.part("brow", *irises, bulge=0.1, lift=0, crumple=0)
        lids = h.both((0.18, 0.513), (0.4, 0.49), (0.65, 0.506), closed=False)
        s.part("brow", *[stroke(path, 0.32, 0.42) for path in lids], bulge=0.1, lift=0, crumple=0)
        s.line("crease", *h.both((0.24, 0.531), (0.42, 0.538), (0.6, 0.526), closed=False), width=0.4)
    s.line(
        "crease",
        h.path((-0.2, 0.683), (-0.1, 0.694), (0, 0.7), (0.1, 0.694), (0.2, 0.683), closed=False),
        width=0.85,
    )
    s.line("crease", *h.both((0.1, 0.692), (0.15, 0.688), closed=False), width=0.6)
    full = 1.0 if heavy else 1.25
    half = 0.33 if heavy else 0.31
    upper = h.path(
        (-half, 0.793, 0),
        (-0.13, 0.793 - 0.02 * full),
        (0, 0.793 - 0.013 * full),
        (0.13, 0.793 - 0.02 * full),
        (half, 0.793, 0),
        (0, 0.802),
    )
    lower = h.path(
        (-half, 0.794, 0),
        (0, 0.8),
        (half, 0.794, 0),
        (0.17, 0.793 + 0.031 * full),
        (-0.17, 0.793 + 0.031 * full),
    )
    s.part("lips", lower, bulge=0.9, lift=0, crumple=0, shine=0.3)
    s.part("lips", upper, bulge=0.5, lift=0, crumple=0)
    s.line("crease", h.path((-half, 0.793), (0, 0.8), (half, 0.793), closed=False), width=0.35)


def _cap(s: Sketch, h: Head) -> None:
    """A plain baseball cap."""
    s.part(
        "hat",
        h.full((0, -0.07), (0.7, -0.03), (1.06, 0.16), (1.09, 0.31, 0), (0.6, 0.27), (0, 0.255)),
        bulge=3,
        lift=0.6,
        crumple=0.4,
    )
    s.part(
        "hat",
        h.full((0, 0.25), (0.7, 0.265), (1.05, 0.31, 0), (0.9, 0.37), (0.5, 0.4), (0, 0.41)),
        bulge=1.2,
        lift=1.4,
        crumple=0,
    )
    s.line("seam", h.path((0, -0.06), (0, 0.1), (0, 0.25), closed=False), width=0.25)


def _glasses(s: Sketch, h: Head, rng: RandomStream) -> None:
    """Plain dark glasses."""
    low, wide = rng.uniform(0.565, 0.59), rng.uniform(0.8, 0.9)
    lenses = h.both(
        (0.1, 0.462, 0), (wide, 0.452, 0), (wide * 0.97, 0.53), (wide * 0.75, low), (0.3, low), (0.13, 0.53)
    )
    s.part("glasses", *lenses, bulge=0.5, lift=0.5, crumple=0, shine=1.0)
    s.part(
        "glasses",
        stroke(h.path((-0.2, 0.47), (0, 0.463), (0.2, 0.47), closed=False), 0.7),
        bulge=0.2,
        lift=0.3,
        crumple=0,
    )
    arms = [stroke(path, 0.55) for path in h.both((wide, 0.462), (0.99, 0.47), closed=False)]
    s.part("glasses", *arms, bulge=0.2, lift=0.2, crumple=0)


def tone_of(rng: RandomStream) -> tuple[tuple[int, int, int], tuple[int, int, int]]:
    """Colours of a figure: (skin, hair)."""
    skin = rng.choice(SKINS)
    dark = np.mean(skin) < 150
    return skin, rng.choice(HAIRS[:3] if dark else HAIRS)


SKINS = (
    (234, 196, 172),
    (226, 184, 156),
    (212, 166, 134),
    (192, 144, 112),
    (160, 112, 84),
    (124, 84, 62),
    (92, 62, 48),
    (72, 50, 42),
)
HAIRS = (
    (34, 27, 25),
    (44, 33, 28),
    (26, 23, 24),
    (74, 50, 36),
    (104, 74, 48),
    (158, 122, 80),
    (186, 154, 110),
    (120, 62, 40),
)
