"""Layers -> a stencil: the few masks and shading maps from which any colour of the cut is composed.

All the expensive work happens here, once per (kind, wearer, fit, detail, cut bucket, picture
size); a picture then only fills and multiplies.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

from datagen.render.layers import Line, Part
from datagen.render.outlines import Box, Path, dashes, mask, pixel_box, stroke, strokes
from datagen.render.planes import Bytes, blend, dim, lower_by, raise_by, stretched
from datagen.render.shading import FLAT, even, lit
from datagen.render.shadows import contact_shadow


@dataclass(frozen=True, slots=True)
class Fill:
    """A mask to be filled with one kind of colour, in a box of the stencil."""

    fill: str
    turn: int
    box: Box
    mask: Bytes


@dataclass(frozen=True, slots=True)
class Stencil:
    """One cut at one size: where it lies in the picture and how it takes colour and light.

    ``turned`` are cloths whose pattern runs at an angle, ``trims`` all other colours, in paint order;
    the rest is the ground. ``cover`` is the coverage, ``tone`` is multiplied over the colours (``FLAT``
    is unshaded), ``glow`` the highlight that shiny or dark materials add, ``shadow`` how much the contact
    shadow darkens the studio from ``shadow_at`` (x, y), at half size.
    ``mark`` and ``badge`` are (centre x, centre y, width) in stencil pixels; ``unit`` is px per cm.
    A ``cropped`` one may reach beyond the picture.
    """

    box: Box
    cover: Bytes
    tone: Bytes
    glow: Bytes
    turned: tuple[Fill, ...]
    trims: tuple[Fill, ...]
    shadow_at: tuple[int, int]
    shadow: Bytes
    mark: tuple[float, float, float]
    badge: tuple[float, float, float]
    unit: float
    cropped: bool

    @property
    def bytes(self) -> int:
        """Memory held, for the cache's bound."""
        maps = self.cover, self.tone, self.glow, self.shadow
        return sum(held.nbytes for held in (*maps, *(fill.mask for fill in self.turned + self.trims)))


BASE = ("ground", 0)
"""The fill that every stencil starts from."""


class _Canvas:
    """The growing stencil: cover, light (tone and glow) and fills in the coordinates of its box."""

    def __init__(self, box: Box, unit: float, sharp: int) -> None:
        self.unit, self.sharp = unit, sharp
        width, height = box[2] - box[0], box[3] - box[1]
        self.cover = np.zeros((height, width), dtype=np.uint8)
        self.light = np.zeros((2, height, width), dtype=np.uint8)
        self.light[0] = FLAT
        self.areas: dict[tuple[str, int], Bytes] = {}
        self.empty = True
        self.limit = (0, 0, width, height)

    def part(self, part: Part, paths: list[Path], holes: list[Path], salt: int) -> None:
        box = pixel_box(paths, 1, self.limit)
        image = mask(paths, box, self._sharpness(box), holes)
        shape = np.asarray(image)
        if part.lift > 0 and not self.empty:
            self._cast(image, box, part.lift * self.unit)
        light = lit(part, image, box, self.unit, salt)
        if light is None:
            light = np.empty((2, *shape.shape), dtype=np.uint8)
            light[0], light[1] = even(part)
        self._rim(light, shape)
        blend(self.light, box, light, shape)
        blend(self.cover, box, 255, shape)
        self._record(part, box, shape)
        self.empty = False

    def _sharpness(self, box: Box) -> int:
        """Large masks are drawn less finely: they cost most and have the fewest small shapes."""
        return self.sharp if (box[2] - box[0]) * (box[3] - box[1]) < LARGE else 2

    def _rim(self, light: Bytes, shape: Bytes) -> None:
        """A rim of shade at the lower right and of light at the upper left sets parts apart."""
        step = max(1, round(0.16 * self.unit))
        if step >= min(shape.shape):
            return
        here, before = shape[step:, step:], shape[:-step, :-step]
        common = np.minimum(here, before)
        raise_by(light[1, step:, step:], here - common, 51)
        lower_by(light[0, :-step, :-step], before - common, 57)

    def _cast(self, shape: Image.Image, box: Box, lift: float) -> None:
        """Darken what lies beneath: a soft shadow, down and to the right; ``lift`` in pixels."""
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
        # Under the densest shadow half of the light is left.
        veil = stretched(255 - (soft >> 1), step, (soft.shape[0] * step, soft.shape[1] * step))
        veil = veil[top : max(0, self.limit[3] - y), left : max(0, self.limit[2] - x)]
        if veil.size:
            x, y = x + left, y + top
            dim(self.light[0, y : y + veil.shape[0], x : x + veil.shape[1]], veil)

    def _record(self, part: Part, box: Box, shape: Bytes) -> None:
        """Give the part's pixels to its fill and take them from the others.

        The base (``ground``, unturned) has no mask: it is what no other fill covers. Over ground a
        fill is cut softly, its exact complement; under another fill only where that covers it
        fully, so that no ground shows between the two.
        """
        turn = max(-36, min(36, round(part.turn / 12) * 12)) if part.fill == "ground" else 0
        mine = (part.fill, turn)
        others = [area for other, area in self.areas.items() if other != mine]
        if others:
            rest = 255 - shape if part.fill == "ground" else (shape < FULL) * np.uint8(255)
            for area in others:
                under = area[box[1] : box[3], box[0] : box[2]]
                if under.max():
                    dim(under, rest)
        if mine == BASE:
            return
        # Later paints over earlier: the order of last use is the order of painting.
        self.areas[mine] = self.areas.pop(mine) if mine in self.areas else np.zeros_like(self.cover)
        blend(self.areas[mine], box, 255, shape)

    def fills(self, *, ground: bool) -> tuple[Fill, ...]:
        """The turned cloths, or every other fill, each cropped to where it is."""
        found = []
        for (fill, turn), area in self.areas.items():
            box = Image.fromarray(area).getbbox()
            if box is not None and (fill == "ground") == ground:
                found.append(Fill(fill, turn, box, area[box[1] : box[3], box[0] : box[2]].copy()))
        return tuple(found)

    def line(self, role: str, paths: list[Path], width: float) -> None:
        dark, light = LINE_TONES[role]
        thick = max(0.85, width * self.unit)
        if role == "stitch":
            dash = max(1.6, 0.55 * self.unit)
            groups = [strokes(dashes(path, dash, dash * 0.8), thick) for path in paths]
        else:
            groups = [[stroke(path, thick, thick * (0.4 if role == "crease" else 1.0))] for path in paths]
        if len(groups) > FEW:
            # Many lines are ribs, side by side: one mask for all of them.
            groups = [[outline for group in groups for outline in group]]
        for outlines in groups:
            if outlines:
                self._engrave(outlines, dark, light, max(0.5, thick * 0.4) if role == "crease" else 0.0)

    def _engrave(self, outlines: list[Path], dark: int, light: int, blur: float) -> None:
        """Darken by a share of 256 what the outlines cover, and light it a pixel below."""
        box = pixel_box(outlines, 2, self.limit)
        image = mask(outlines, box, 2)
        if blur:
            image = image.filter(ImageFilter.BoxBlur(blur))
        shape = np.asarray(image)
        tone, glow = self.light[:, box[1] : box[3], box[0] : box[2]]
        lower_by(tone, shape, dark)
        raise_by(glow[1:, 1:], shape[:-1, :-1], light)


FULL = 250
"""Coverage from which a mask counts as complete."""

LARGE = 12_000
"""From this many pixels on a mask is drawn at twice its size only."""

FEW = 4
"""Up to this many lines get a mask each: they may lie far apart."""

LINE_TONES = {
    "seam": (92, 41),
    "stitch": (77, 51),
    "crease": (51, 26),
    "edge": (127, 56),
    "rib": (51, 41),
}
"""How much a line darkens what it crosses, and how much light its lower lip catches, in 256ths."""


def cut_stencil(
    layers: Sequence[Part | Line],
    place: npt.NDArray[np.float64],
    size: tuple[int, int],
    mark: tuple[float, float, float],
    badge: tuple[float, float, float],
    ground: float,
    margin: int = 0,
) -> Stencil:
    """Rasterise layers for a picture of ``size``; ``place`` is the 2 x 3 map from cm to pixels.

    ``ground`` says how the product rests: 1 stands on the floor, 0 lies flat or hangs. What lies up to
    ``margin`` pixels beyond the picture is cut too.
    """
    unit = math.hypot(place[0, 0], place[1, 0])
    sharp = 3 if unit < 20 else 2
    frame = (-margin, -margin, size[0] + margin, size[1] + margin)
    linear, origin = place[:, :2].T, place[:, 2]
    mapped = [
        [p @ linear + origin for p in (layer.outlines if isinstance(layer, Part) else layer.paths)]
        for layer in layers
    ]
    everything = [
        path for layer, paths in zip(layers, mapped, strict=True) if isinstance(layer, Part) for path in paths
    ]
    box = pixel_box(everything, 2, frame)
    corner = np.array(box[:2])
    canvas = _Canvas(box, unit, sharp)
    for number, (layer, paths) in enumerate(zip(layers, mapped, strict=True)):
        local = [p - corner for p in paths]
        if isinstance(layer, Part):
            canvas.part(
                _in_pixels(layer, linear, origin - corner),
                local,
                [p @ linear + origin - corner for p in layer.holes],
                number,
            )
        else:
            canvas.line(layer.role, local, layer.width)
    shadow_at, shadow = contact_shadow(
        Image.fromarray(canvas.cover), box, frame, ground, 0.35 if margin else 1.0
    )
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
        margin > 0,
    )


def _in_pixels(part: Part, linear: Path, origin: Path) -> Part:
    if not part.folds:
        return part
    folds = tuple((path @ linear + origin, depth, width) for path, depth, width in part.folds)
    return replace(part, folds=folds)


def _spot(
    spot: tuple[float, float, float], linear: Path, origin: Path, unit: float
) -> tuple[float, float, float]:
    x, y = np.array(spot[:2]) @ linear + origin
    return float(x), float(y), spot[2] * unit
