"""Marks: a stroke alphabet, and an emblem, a beast, a crest and a graphic invented for this project.

Marks are drawn in *weights*: red is the share of the band colour, green of the line colour, blue of
the accent; black is the ground. ``patterns.palette`` turns weights into a product's colours.
"""

from __future__ import annotations

import math
import unicodedata
from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw

from datagen.render.outlines import Knot, Path, curve, ellipse, rounded_rectangle, stroke, strokes

BAND, LINE, ACCENT, GROUND = (255, 0, 0), (0, 255, 0), (0, 0, 255), (0, 0, 0)
Ink = tuple[int, int, int]
SHARP = 4

# Letters on a grid 4 wide (M, W: 5) and 6 high, y down; each a list of strokes of (x, y[, 0 = corner]).
_O = [(2, 0), (3.7, 0.9), (4, 3), (3.7, 5.1), (2, 6), (0.3, 5.1), (0, 3), (0.3, 0.9), (2, 0)]
LETTERS: dict[str, tuple[float, list[list[Knot]]]] = {
    "A": (4, [[(0, 6, 0), (2, 0, 0), (4, 6, 0)], [(0.75, 4, 0), (3.25, 4, 0)]]),
    "B": (
        3.6,
        [
            [(0, 0, 0), (0, 6, 0)],
            [(0, 0, 0), (2, 0), (3.2, 0.6), (3.2, 2.2), (2, 2.8), (0, 2.8, 0)],
            [(0, 2.8, 0), (2.2, 2.8), (3.6, 3.5), (3.6, 5.3), (2.2, 6), (0, 6, 0)],
        ],
    ),
    "C": (
        4,
        [[(3.8, 1.2), (2.9, 0.2), (1.3, 0.2), (0.1, 1.8), (0.1, 4.2), (1.3, 5.8), (2.9, 5.8), (3.8, 4.8)]],
    ),
    "D": (
        4,
        [[(0, 0, 0), (0, 6, 0)], [(0, 0, 0), (2, 0), (3.7, 1.2), (4, 3), (3.7, 4.8), (2, 6), (0, 6, 0)]],
    ),
    "E": (3.2, [[(3.2, 0, 0), (0, 0, 0), (0, 6, 0), (3.2, 6, 0)], [(0, 3, 0), (2.7, 3, 0)]]),
    "F": (3.2, [[(3.2, 0, 0), (0, 0, 0), (0, 6, 0)], [(0, 3, 0), (2.7, 3, 0)]]),
    "G": (
        4,
        [
            [
                (3.8, 1.2),
                (2.9, 0.2),
                (1.3, 0.2),
                (0.1, 1.8),
                (0.1, 4.2),
                (1.3, 5.8),
                (2.9, 5.8),
                (3.9, 4.8, 0),
                (3.9, 3.2, 0),
                (2.3, 3.2, 0),
            ]
        ],
    ),
    "H": (3.8, [[(0, 0, 0), (0, 6, 0)], [(3.8, 0, 0), (3.8, 6, 0)], [(0, 3, 0), (3.8, 3, 0)]]),
    "I": (0.8, [[(0.4, 0, 0), (0.4, 6, 0)]]),
    "J": (2.8, [[(2.6, 0, 0), (2.6, 4.5), (1.8, 5.9), (0.6, 5.8), (0, 4.8)]]),
    "K": (3.7, [[(0, 0, 0), (0, 6, 0)], [(3.5, 0, 0), (0, 3.6, 0)], [(1.4, 2.4, 0), (3.7, 6, 0)]]),
    "L": (3, [[(0, 0, 0), (0, 6, 0), (3, 6, 0)]]),
    "M": (4.8, [[(0, 6, 0), (0, 0, 0), (2.4, 4.4, 0), (4.8, 0, 0), (4.8, 6, 0)]]),
    "N": (3.9, [[(0, 6, 0), (0, 0, 0), (3.9, 6, 0), (3.9, 0, 0)]]),
    "O": (4, [list(_O)]),
    "P": (
        3.5,
        [[(0, 6, 0), (0, 0, 0)], [(0, 0, 0), (2.2, 0), (3.5, 0.8), (3.5, 2.6), (2.2, 3.3), (0, 3.3, 0)]],
    ),
    "Q": (4, [list(_O), [(2.5, 4.3, 0), (4.1, 6.3, 0)]]),
    "R": (
        3.7,
        [
            [(0, 6, 0), (0, 0, 0)],
            [(0, 0, 0), (2.2, 0), (3.5, 0.8), (3.5, 2.5), (2.2, 3.2), (0, 3.2, 0)],
            [(1.8, 3.2, 0), (3.7, 6, 0)],
        ],
    ),
    "S": (
        3.6,
        [
            [
                (3.4, 1.1),
                (2.6, 0.1),
                (1, 0.1),
                (0.1, 1.1),
                (0.4, 2.3),
                (1.8, 3),
                (3.2, 3.7),
                (3.5, 4.9),
                (2.6, 5.9),
                (1, 5.9),
                (0.1, 4.9),
            ]
        ],
    ),
    "T": (3.8, [[(0, 0, 0), (3.8, 0, 0)], [(1.9, 0, 0), (1.9, 6, 0)]]),
    "U": (3.8, [[(0, 0, 0), (0, 4), (0.8, 5.7), (1.9, 6), (3, 5.7), (3.8, 4), (3.8, 0, 0)]]),
    "V": (4, [[(0, 0, 0), (2, 6, 0), (4, 0, 0)]]),
    "W": (5.4, [[(0, 0, 0), (1.4, 6, 0), (2.7, 0.6, 0), (4, 6, 0), (5.4, 0, 0)]]),
    "X": (3.8, [[(0, 0, 0), (3.8, 6, 0)], [(3.8, 0, 0), (0, 6, 0)]]),
    "Y": (4, [[(0, 0, 0), (2, 3.1, 0), (4, 0, 0)], [(2, 3.1, 0), (2, 6, 0)]]),
    "Z": (3.6, [[(0, 0, 0), (3.6, 0, 0), (0, 6, 0), (3.6, 6, 0)]]),
    "&": (
        4,
        [
            [
                (4, 6, 0),
                (0.9, 1.8),
                (1, 0.5),
                (2, 0.1),
                (2.8, 0.9),
                (2.2, 2.2),
                (0.4, 3.7),
                (0.4, 5.2),
                (1.6, 6),
                (3, 5.2),
                (3.9, 3.4),
            ]
        ],
    ),
    " ": (2, []),
}
GAP = 1.3

LONG_NAME = 10
"""Characters from which a name is printed in two lines."""


def drawable_text(text: str) -> str:
    """The text in upper case without accents; characters that the alphabet lacks become spaces."""
    letters = unicodedata.normalize("NFKD", text).upper()
    return "".join(c if c in LETTERS else " " for c in letters if not unicodedata.combining(c)).strip() or "A"


def _length(text: str) -> float:
    """How long a drawable text is where letters are 6 high."""
    return sum(LETTERS[c][0] + GAP for c in text) - GAP


def lettering(text: str, width: float, height: float, weight: float = 0.9) -> list[Path]:
    """Outlines of a word fitted into width x height around (0, 0); ``weight``: stroke per 6 of height."""
    text = drawable_text(text)
    total = _length(text)
    scale = min(width / max(total, 0.8), height / 6)
    outlines, x = [], -total / 2
    for c in text:
        for knots in LETTERS[c][1]:
            path = (curve(knots, closed=False) + np.array([x, -3.0])) * scale
            first, last = path[1] - path[0], path[-1] - path[-2]
            # Square caps: extend by half the stroke.
            run = weight * scale / 2
            path[0] -= first / (np.linalg.norm(first) + 1e-9) * run * 0.8
            path[-1] += last / (np.linalg.norm(last) + 1e-9) * run * 0.8
            outlines += strokes(np.stack([path[:-1], path[1:]], axis=1), weight * scale)  # type: ignore[arg-type]
            outlines += [ellipse(p[0], p[1], run, points=8) for p in path[1:-1]]
        x += LETTERS[c][0] + GAP
    return outlines


def _leaf(angle: float, inner: float, outer: float, wide: float) -> Path:
    middle = (inner + outer) / 2
    c, s = math.cos(angle), math.sin(angle)
    leaf = [(inner, 0, 0), (middle, wide), (outer, 0, 0), (middle, -wide)]
    return curve([(x * c - y * s, x * s + y * c, *k) for x, y, *k in leaf])


def emblem() -> list[tuple[Ink, Path]]:
    """A fan of heron's feathers over a double ring, the emblem of the made-up house, in a box of +-1."""
    shapes = [
        (BAND, ellipse(0, 0, 1, 1, 48)),
        (GROUND, ellipse(0, 0, 0.86, 0.86, 48)),
        (BAND, ellipse(0, 0, 0.79, 0.79, 48)),
        (LINE, ellipse(0, 0, 0.73, 0.73, 48)),
    ]
    for step in range(7):
        angle = -math.pi / 2 + (step - 3) * 0.42
        shapes.append(
            (BAND if step % 2 == 0 else ACCENT, _leaf(angle, 0.08, 0.66 - 0.05 * abs(step - 3), 0.1))
        )
    shapes.append((BAND, ellipse(0, 0.14, 0.13, 0.13, 16)))
    shapes += [
        (BAND, _leaf(math.pi / 2, 0.22, 0.6, 0.1)),
        (ACCENT, _leaf(math.pi / 2 - 0.6, 0.22, 0.5, 0.07)),
        (ACCENT, _leaf(math.pi / 2 + 0.6, 0.22, 0.5, 0.07)),
    ]
    return shapes


def beast() -> list[tuple[Ink, Path]]:
    """A galloping beast of bent ribbons with a mane of flames; no real animal, in a box of +-1."""
    strokes: list[tuple[Ink, list[Knot], float, float]] = [
        (BAND, [(-0.62, -0.02), (-0.3, -0.14), (0.1, -0.1), (0.42, -0.34)], 0.36, 0.2),
        (BAND, [(0.36, -0.28), (0.5, -0.56), (0.74, -0.56), (0.92, -0.38)], 0.2, 0.08),
        (BAND, [(0.3, -0.1), (0.62, 0.02), (0.78, -0.08), (0.98, 0.1)], 0.16, 0.05),
        (BAND, [(0.2, -0.02), (0.36, 0.3), (0.62, 0.34), (0.7, 0.56)], 0.15, 0.05),
        (BAND, [(-0.5, 0.0), (-0.4, 0.34), (-0.7, 0.42), (-0.8, 0.66)], 0.18, 0.05),
        (BAND, [(-0.58, -0.02), (-0.78, 0.2), (-0.94, 0.24), (-1.0, 0.44)], 0.16, 0.05),
        (ACCENT, [(-0.62, -0.06), (-0.82, -0.3), (-0.98, -0.16), (-0.98, 0.04)], 0.1, 0.02),
        (ACCENT, [(0.46, -0.54), (0.26, -0.72), (0.1, -0.6)], 0.12, 0.01),
        (ACCENT, [(0.38, -0.42), (0.14, -0.54), (0.0, -0.4)], 0.12, 0.01),
        (ACCENT, [(0.3, -0.3), (0.06, -0.38), (-0.1, -0.26)], 0.1, 0.01),
        (LINE, [(-0.5, -0.1), (-0.2, -0.18), (0.16, -0.14)], 0.05, 0.02),
    ]
    shapes = [(ink, stroke(curve(knots, closed=False), wide, end)) for ink, knots, wide, end in strokes]
    return [*shapes, (BAND, ellipse(-0.55, 0.0, 0.22, 0.2)), (LINE, ellipse(0.72, -0.52, 0.03))]


def crest(letters: str) -> list[tuple[Ink, Path]]:
    """A quartered shield with the house's letters, in a box of +-1."""
    shield = [
        (0, -1, 0),
        (0.8, -1, 0),
        (0.8, 0.1),
        (0.5, 0.7),
        (0, 1, 0),
        (-0.5, 0.7),
        (-0.8, 0.1),
        (-0.8, -1, 0),
    ]
    inner = [(x * 0.86, y * 0.87 - 0.02, *k) for x, y, *k in shield]
    shapes = [(BAND, curve(shield)), (LINE, curve(inner))]
    shapes.append((ACCENT, curve([(0, -0.88, 0), (0.68, -0.88, 0), (0.68, -0.3, 0), (0, -0.3, 0)])))
    shapes += [
        (BAND, path * [1, 1] + np.array([0, 0.22])) for path in lettering(letters[:2], 0.95, 0.62, 1.2)
    ]
    shapes += [(LINE, ellipse(x, -0.58, 0.12, 0.12, 12)) for x in (-0.4, 0.0, 0.4)]
    return shapes


def graphic(letters: str) -> list[tuple[Ink, Path]]:
    """Discs, bars and arcs around the house's letters: a placed print, in a box of +-1."""
    shapes = [
        (BAND, ellipse(-0.1, -0.2, 0.72, 0.72, 48)),
        (ACCENT, ellipse(0.38, 0.12, 0.46, 0.46, 40)),
        (LINE, curve([(-0.95, 0.42, 0), (0.55, 0.24, 0), (0.55, 0.4, 0), (-0.95, 0.58, 0)])),
        (BAND, curve([(-0.8, 0.68, 0), (0.95, 0.47, 0), (0.95, 0.57, 0), (-0.8, 0.78, 0)])),
        (LINE, curve([(-0.2, -0.95, 0), (0.3, -0.35, 0), (-0.55, -0.3, 0)])),
    ]
    return [*shapes, *[(GROUND, p + np.array([0.3, 0.1])) for p in lettering(letters[:2], 0.6, 0.4, 1.3)]]


def letter_graphic(letters: str) -> list[tuple[Ink, Path]]:
    """The first letter, very large, in a frame, in a box of +-1."""
    shapes: list[tuple[Ink, Path]] = [
        (BAND, rounded_rectangle(-0.85, -1, 0.85, 1, 0.08)),
        (GROUND, rounded_rectangle(-0.77, -0.92, 0.77, 0.92, 0.05)),
        (ACCENT, curve([(-0.77, 0.5, 0), (0.77, 0.1, 0), (0.77, 0.92, 0), (-0.77, 0.92, 0)])),
    ]
    return [
        *shapes,
        *[(BAND, p) for p in lettering(letters[:1], 1.2, 1.3, 1.5)],
        *[(LINE, p) for p in lettering(letters[:1], 1.2, 1.3, 0.35)],
    ]


def _stacked(name: str) -> list[Path]:
    """A name as it is printed over a chest: a long one in two lines, so in larger letters."""
    text = drawable_text(name)
    words = text.split()
    breaks = [(" ".join(words[:at]), " ".join(words[at:])) for at in range(1, len(words))]
    if len(text) < LONG_NAME or not breaks:
        return lettering(text, 2.0, 0.5, 1.25)
    lines = min(breaks, key=lambda pair: max(map(_length, pair)))
    height = min(0.36, 12 / max(map(_length, lines)))
    return [
        path + np.array([0.0, side * height * 0.68])
        for line, side in zip(lines, (-1, 1), strict=True)
        for path in lettering(line, 2.0, height, 1.25)
    ]


@lru_cache(maxsize=16)
def shapes_of(mark: str, name: str, letters: str) -> list[tuple[Ink, Path]]:
    """Outlines of a mark and the ink of each, in a box of about +-1."""
    if mark == "lettering":
        return [(BAND, p) for p in _stacked(name)]
    if mark == "logo":
        small = [(BAND, p) for p in lettering(name, 2.0, 0.3, 0.95)]
        return [*small, (LINE, rounded_rectangle(-0.5, 0.27, 0.5, 0.31, 0.02))]
    drawings = {"crest": crest, "graphic": graphic, "letter_graphic": letter_graphic}
    if mark in drawings:
        return drawings[mark](letters)
    return beast() if mark == "horse_motif" else emblem()


@lru_cache(maxsize=256)
def decal(mark: str, name: str, letters: str, width: int) -> tuple[Image.Image, Image.Image]:
    """(weights "RGB", coverage "L") of a mark ``width`` pixels wide; its height follows."""
    shapes = shapes_of(mark, name, letters)
    high = max(abs(float(path[:, 1].min())) for _, path in shapes)
    high = max(high, max(abs(float(path[:, 1].max())) for _, path in shapes)) + 0.02
    sharp = SHARP if width < 600 else 2
    size = max(2, width), max(2, math.ceil(width * high))
    ink = Image.new("RGB", (size[0] * sharp, size[1] * sharp), BAND)
    cover = Image.new("L", ink.size)
    pens = ImageDraw.Draw(ink), ImageDraw.Draw(cover)
    scale = np.array([ink.width / 2.04, ink.height / (2 * high)])
    other = False
    for colour, path in shapes:
        flat = ((path + np.array([1.02, high])) * scale).ravel().tolist()
        # The image is filled with the first ink: hundreds of pieces of letters need not be drawn on it.
        other = other or colour != BAND
        if other:
            pens[0].polygon(flat, fill=colour)
        pens[1].polygon(flat, fill=255)
    return ink.reduce(sharp), cover.reduce(sharp)


def two_letters(letters: str) -> list[Path]:
    """The house's two letters, overlapping, in a box of about +-1; for repeating patterns."""
    pair = drawable_text(letters) * 2
    a = [p + np.array([-0.22, -0.14]) for p in lettering(pair[0], 1.3, 1.5, 0.8)]
    return a + [p + np.array([0.22, 0.16]) for p in lettering(pair[1], 1.3, 1.5, 0.8)]
