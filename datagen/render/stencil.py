"""Layers to a stencil: the masks and shading maps from which a cut is composed in any colour.

All the expensive work happens here, once per (kind, wearer, fit, detail, cut bucket, picture
size); a picture only fills masks and multiplies light.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

from datagen.columns.ground_truth import MIRRORED
from datagen.render.composed.cloth import Cloth
from datagen.render.layers import FIGURE, Line, Part, Span, spans_of, transformed
from datagen.render.merge_layers import merge_layers
from datagen.render.outlines import Box, Path, bounds, dashes, mask, pixel_box, stroke, strokes
from datagen.render.planes import Bytes, blend, dim, lower_by, raise_by, stretched
from datagen.render.shading import FLAT, even, lit
from datagen.render.shadows import contact_shadow


@dataclass(frozen=True, slots=True)
class Fill:
    """A mask inside a box of the stencil, to be filled with one colour or pattern."""

    fill: str
    turn: int
    box: Box
    mask: Bytes


@dataclass(frozen=True, slots=True)
class Stencil:
    """One cut at one size: its box in the picture, its masks, its light.

    ``rotated`` are the areas of fabric whose pattern runs at an angle, ``trims`` all other fills, in paint
    order; the rest is the ground. ``cover`` is the coverage; ``tone`` is multiplied over the colours
    (``FLAT`` is unshaded); ``glow`` is the highlight added by shiny or dark materials; ``shadow`` is how
    much the shadow darkens the studio, at half size, from ``shadow_at`` (x, y).
    ``mark`` and ``badge`` are (centre x, centre y, width) in stencil pixels; ``unit`` is px per cm.
    ``weave`` is px per hundredth of a pattern's size; ``drift`` is how many pixels to the right, at half
    size, a pattern is looked up to follow the form of the body. ``neck`` is the position of a figure's neck
    in the picture; the stencil of a figure may reach beyond the picture. ``joints`` are those of a figure in
    the picture, as in :mod:`datagen.render.figure.joints`.
    """

    box: Box
    cover: Bytes
    tone: Bytes
    glow: Bytes
    rotated: tuple[Fill, ...]
    trims: tuple[Fill, ...]
    shadow_at: tuple[int, int]
    shadow: Bytes
    mark: tuple[float, float, float]
    badge: tuple[float, float, float]
    unit: float
    neck: tuple[int, int] | None
    weave: float
    drift: npt.NDArray[np.int8]
    joints: Path | None = None
    cloth: Cloth | None = None
    """The labels and the cloth of a composed figure, which has no fills."""

    def mirrored(self, width: int) -> Stencil:
        """The mirror image in a picture that is ``width`` pixels wide. Arrays are views, not copies."""
        own = self.cover.shape[1]

        def flipped(fill: Fill) -> Fill:
            x0, y0, x1, y1 = fill.box
            return Fill(fill.fill, -fill.turn, (own - x1, y0, own - x0, y1), fill.mask[:, ::-1])

        x0, y0, x1, y1 = self.box
        across = 2 * self.shadow.shape[1]
        return Stencil(
            (width - x1, y0, width - x0, y1),
            self.cover[:, ::-1],
            self.tone[:, ::-1],
            self.glow[:, ::-1],
            tuple(map(flipped, self.rotated)),
            tuple(map(flipped, self.trims)),
            (width - self.shadow_at[0] - across, self.shadow_at[1]),
            self.shadow[:, ::-1],
            (own - self.mark[0], *self.mark[1:]),
            (own - self.badge[0], *self.badge[1:]),
            self.unit,
            None if self.neck is None else (width - self.neck[0], self.neck[1]),
            self.weave,
            -self.drift[:, ::-1],
            None if self.joints is None else self.joints[list(MIRRORED)] * (-1, 1) + (width, 0),
            None if self.cloth is None else self.cloth.mirrored(),
        )

    @property
    def bytes(self) -> int:
        """Memory used, in bytes."""
        maps = self.cover, self.tone, self.glow, self.shadow, self.drift
        cloth = 0 if self.cloth is None else self.cloth.bytes
        return cloth + sum(
            array.nbytes for array in (*maps, *(fill.mask for fill in self.rotated + self.trims))
        )


BASE = ("ground", 0)
"""The fill that every stencil starts from."""


class _Canvas:
    """A stencil in the making: cover, light (tone and glow) and fills, in the coordinates of its box."""

    def __init__(self, box: Box, unit: float, sharp: int) -> None:
        self.unit, self.sharp = unit, sharp
        width, height = box[2] - box[0], box[3] - box[1]
        self.cover = np.zeros((height, width), dtype=np.uint8)
        self.light = np.zeros((2, height, width), dtype=np.uint8)
        self.light[0] = FLAT
        self.areas: dict[tuple[str, int], Bytes] = {}
        self.where: dict[tuple[str, int], Box] = {}
        self.empty = True
        self.limit = (0, 0, width, height)

    def part(self, part: Part, span: Span, salt: int) -> None:
        box = pixel_box([span], 1, self.limit)
        image = mask(part.outlines, box, self._sharpness(box), part.holes)
        shape = np.asarray(image)
        if part.lift * self.unit > FAINT and not self.empty:
            self._cast(image, box, part.lift * self.unit)
        light = lit(part, image, box, self.unit, salt)
        if light is None:
            light = np.empty((2, *shape.shape), dtype=np.uint8)
            light[0], light[1] = even(part)
        if part.fill in FIGURE:
            # Skin and plain clothes shine less than the product.
            light[1] >>= 1
        self._rim(light, shape)
        blend(self.light, box, light, shape)
        self._record(part, box, shape)
        blend(self.cover, box, 255, shape)
        self.empty = False

    def _sharpness(self, box: Box) -> int:
        """Supersampling factor. Large masks get less: they cost most and have the fewest small shapes."""
        return self.sharp if (box[2] - box[0]) * (box[3] - box[1]) < LARGE else 2

    def _rim(self, light: Bytes, shape: Bytes) -> None:
        """Separate parts by a rim: shade at the lower right, light at the upper left."""
        step = max(1, round(0.16 * self.unit))
        if step >= min(shape.shape):
            return
        here, before = shape[step:, step:], shape[:-step, :-step]
        common = np.minimum(here, before)
        raise_by(light[1, step:, step:], here - common, 51)
        lower_by(light[0, :-step, :-step], before - common, 57)

    def _cast(self, shape: Image.Image, box: Box, lift: float) -> None:
        """Darken the layers below by a soft shadow, down and to the right; ``lift`` in pixels."""
        radius = max(0.6, lift * 0.8)
        step = 1 if radius < 1.2 else math.ceil(radius)
        small = shape.reduce(step) if step > 1 else shape
        reach = math.ceil(radius / step) + 1
        wide = Image.new("L", (small.width + 2 * reach, small.height + 2 * reach))
        wide.paste(small, (reach, reach))
        soft = np.asarray(wide.filter(ImageFilter.BoxBlur(max(0.5, radius * 0.7 / step))))
        x = box[0] - reach * step + round(lift * 0.25)
        y = box[1] - reach * step + round(lift * 0.55)
        left, top = max(0, -x), max(0, -y)
        # The densest shadow leaves half of the light.
        veil = stretched(255 - (soft >> 1), step, (soft.shape[0] * step, soft.shape[1] * step))
        veil = veil[top : max(0, self.limit[3] - y), left : max(0, self.limit[2] - x)]
        if veil.size:
            x, y = x + left, y + top
            dim(self.light[0, y : y + veil.shape[0], x : x + veil.shape[1]], veil)

    def _record(self, part: Part, box: Box, shape: Bytes) -> None:
        """Assign the part's pixels to its fill and remove them from the other fills.

        The base (``ground``, not rotated) has no mask: it is everything that no other fill covers. A part of
        ground removes its exact soft complement from the fills below; any other part only what it covers
        fully. Otherwise the ground would show between two fills.
        """
        turn = max(-36, min(36, round(part.turn / 12) * 12)) if part.fill == "ground" else 0
        mine = (part.fill, turn)
        rest = 255 - shape if part.fill == "ground" else (shape < FULL) * np.uint8(255)
        for other, where in self.where.items():
            if other != mine and _cross(where, box):
                x0, y0 = max(box[0], where[0]), max(box[1], where[1])
                x1, y1 = min(box[2], where[2]), min(box[3], where[3])
                veil = rest[y0 - box[1] : y1 - box[1], x0 - box[0] : x1 - box[0]]
                dim(self.areas[other][y0:y1, x0:x1], veil)
        if mine == BASE:
            return
        # Later parts paint over earlier ones, so fills are painted in the order of their last use.
        self.areas[mine] = self.areas.pop(mine) if mine in self.areas else np.zeros_like(self.cover)
        # At an edge against the studio the fill alone gives the colour: no ground lies behind it.
        bare = self.cover[box[1] : box[3], box[0] : box[2]] == 0
        bare &= shape > 0
        blend(self.areas[mine], box, 255, shape | bare.view(np.uint8) * np.uint8(255))
        x0, y0, x1, y1 = self.where.get(mine, box)
        self.where[mine] = min(x0, box[0]), min(y0, box[1]), max(x1, box[2]), max(y1, box[3])

    def fills(self, *, ground: bool) -> tuple[Fill, ...]:
        """The rotated fabrics (``ground``) or all other fills, cropped to their separate pieces."""
        found = []
        for (fill, turn), area in self.areas.items():
            if (fill == "ground") == ground:
                for box in _pieces(area, self.where[fill, turn]):
                    found.append(Fill(fill, turn, box, area[box[1] : box[3], box[0] : box[2]].copy()))
        return tuple(found)

    def line(self, line: Line) -> None:
        role, paths = line.role, line.paths
        if role == "stitch" and self.unit < COARSE:
            return
        dark, light = LINE_TONES[role]
        thick = max(0.85, line.width * self.unit)
        if role == "stitch":
            dash = max(1.6, 0.55 * self.unit)
            outlines = [piece for path in paths for piece in strokes(dashes(path, dash, dash * 0.8), thick)]
        else:
            outlines = [stroke(path, thick, thick * (0.4 if role == "crease" else 1.0)) for path in paths]
        if outlines:
            self._engrave(outlines, dark, light, max(0.5, thick * 0.4) if role == "crease" else 0.0)

    def _engrave(self, outlines: list[Path], dark: int, light: int, blur: float) -> None:
        """Darken the outlines by a share of 256, and lighten them one pixel further down and right."""
        box = pixel_box([bounds(outlines)], 2, self.limit)
        image = mask(outlines, box, 2)
        if blur:
            image = image.filter(ImageFilter.BoxBlur(blur))
        shape = np.asarray(image)
        tone, glow = self.light[:, box[1] : box[3], box[0] : box[2]]
        lower_by(tone, shape, dark)
        raise_by(glow[1:, 1:], shape[:-1, :-1], light)


FULL = 250
"""The coverage at which a mask counts as complete."""

LARGE = 4000
"""A mask of this many pixels or more is supersampled by a factor of 2 only."""

FAINT = 1.6
"""A part lifted by fewer pixels than this casts no shadow: its rim separates it."""

TINY = 1.7
"""Parts whose pieces are smaller than this many pixels are dropped."""

COARSE = 3.8
"""Below this many pixels per cm, stitches are not drawn."""

LINE_TONES = {
    "seam": (92, 41),
    "stitch": (77, 51),
    "crease": (51, 26),
    "edge": (127, 56),
    "rib": (51, 41),
}
"""How much a line darkens the surface, and how much light its lower edge adds, in 256ths."""


def cut_stencil(
    layers: Sequence[Part | Line],
    place: npt.NDArray[np.float64],
    frame: Box,
    mark: tuple[float, float, float],
    badge: tuple[float, float, float],
    *,
    ground: float = 0.0,
    thick: float = 0.0,
    neck: tuple[float, float] | None = None,
    weave: float = 1.0,
    joints: Path | None = None,
) -> Stencil:
    """Rasterise layers inside ``frame``; ``place`` is the 2 x 3 map from cm to pixels.

    ``ground`` is how firmly the product stands: 1 on the floor, 0 lying or hanging. ``thick``: if it lies, by
    how many cm it rises above the surface. ``neck`` is the position of a head, in cm, and ``joints`` are
    those of a figure.
    """
    unit = math.hypot(place[0, 0], place[1, 0])
    linear, origin = place[:, :2].T, place[:, 2]
    box, spans = (0, 0, 1, 1), list[Span]()

    def move(points: Path) -> Path:
        nonlocal box, spans
        there: Path = points @ linear + origin
        found = spans_of(layers, there)
        box = pixel_box(
            [span for span, layer in zip(found, layers, strict=True) if isinstance(layer, Part)], 2, frame
        )
        x, y = box[:2]
        spans = [Span(s.x0 - x, s.y0 - y, s.x1 - x, s.y1 - y, s.first) for s in found]
        return there - (x, y)

    drawn = transformed(layers, move)
    corner = np.array(box[:2], dtype=np.float64)
    canvas = _Canvas(box, unit, 3 if unit < 20 else 2)
    for number, (layer, span) in enumerate(merge_layers(drawn, spans, TINY)):
        if isinstance(layer, Part):
            canvas.part(layer, span, number)
        else:
            canvas.line(layer)
    shadow_at, shadow = contact_shadow(Image.fromarray(canvas.cover), box, frame, ground, thick * unit)
    return Stencil(
        box,
        canvas.cover,
        canvas.light[0],
        canvas.light[1],
        canvas.fills(ground=True),
        canvas.fills(ground=False),
        shadow_at,
        shadow,
        _spot(mark, linear, origin - corner, unit),
        _spot(badge, linear, origin - corner, unit),
        unit,
        None if neck is None else tuple(np.round(np.array(neck) @ linear + origin).astype(int).tolist()),
        weave,
        _drift(canvas.light[0], unit),
        None if joints is None else joints @ linear + origin,
    )


def _cross(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _pieces(area: Bytes, within: Box) -> list[Box]:
    """Boxes around the covered areas of a mask, split at empty rows and, within those, at empty columns."""
    x0, y0, x1, y1 = within
    part = area[y0:y1, x0:x1] > 0
    result = []
    for top, bottom in _runs(np.asarray(part.any(axis=1))):
        for left, right in _runs(np.asarray(part[top:bottom].any(axis=0))):
            rows = np.flatnonzero(part[top:bottom, left:right].any(axis=1))
            result.append((x0 + left, y0 + top + int(rows[0]), x0 + right, y0 + top + int(rows[-1]) + 1))
    return result


def _runs(full: npt.NDArray[Any]) -> list[tuple[int, int]]:
    """(start, stop) of each run of true values; gaps below six are bridged."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], full, [False]]).astype(np.int8)))
    runs: list[tuple[int, int]] = []
    for start, stop in edges.reshape(-1, 2).tolist():
        if runs and start - runs[-1][1] < 6:
            runs[-1] = runs[-1][0], stop
        else:
            runs.append((start, stop))
    return runs


def _drift(tone: Bytes, unit: float) -> npt.NDArray[np.int8]:
    """The shift of a pattern, in pixels, where the fabric turns from the light: about 1.5 cm at an edge.

    At half size, since it changes slowly.
    """
    small = Image.fromarray(tone).reduce(4).filter(ImageFilter.BoxBlur(max(0.5, 0.1 * unit)))
    half = (tone.shape[0] + 1) // 2, (tone.shape[1] + 1) // 2
    soft = stretched(np.asarray(small), 2, half).astype(np.int16)
    result: npt.NDArray[np.int8] = np.clip((FLAT - soft) * (0.025 * unit), -100, 100).astype(np.int8)
    return result


def _spot(
    spot: tuple[float, float, float], linear: Path, origin: Path, unit: float
) -> tuple[float, float, float]:
    x, y = np.array(spot[:2]) @ linear + origin
    return float(x), float(y), spot[2] * unit
