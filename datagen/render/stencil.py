"""Layers -> a stencil: the few masks and shading maps from which any colour of the cut is composed.

All the expensive work happens here, once per (kind, fit, cut bucket, pose, picture size); a picture
then only pastes and multiplies. Shading is computed at low resolution from a height field per part
(its mask, blurred, plus folds), so its cost hardly depends on the picture's size.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from datagen.render.layers import Line, Part
from datagen.render.outlines import Box, Path, dashes, mask, pixel_box, stroke, strokes
from datagen.render.shadows import contact_shadow

Field = npt.NDArray[Any]
Bytes = npt.NDArray[np.uint8]

FLAT = 240
"""The tone of a surface that faces the camera; 255 is the brightest a multiplied surface can be."""

LIGHT = (-0.42, -0.62, 0.66)
"""Towards the key light: from the upper left, in front."""

LOW_PIXELS = 4500
"""Shading is computed on about this many pixels per part, whatever the picture's size."""


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

    @property
    def bytes(self) -> int:
        """Memory held, for the cache's bound."""
        maps = self.cover, self.tone, self.glow, self.shadow
        return sum(held.nbytes for held in (*maps, *(fill.mask for fill in self.turned + self.trims)))


def _wrinkles() -> Field:
    """A periodic 256 x 256 height field of soft creases, hanging downwards; 4 px per cm."""
    rng = np.random.Generator(np.random.Philox(key=7))
    fy = np.fft.fftfreq(256)[:, None] * 256
    fx = np.fft.fftfreq(256)[None, :] * 256
    field = np.zeros((256, 256))
    for spread, weight in ((3.4, 1.0), (7.0, 0.45), (15.0, 0.1)):
        noise = np.fft.fft2(rng.standard_normal((256, 256)))
        band = np.exp(-((fx * 0.75) ** 2 + (fy * 1.9) ** 2) / (2 * spread**2))
        wave = np.real(np.fft.ifft2(noise * band))
        # A soft ridge where the wave crosses zero: a crease, not a bump.
        field += weight * np.exp(-np.abs(wave / wave.std()) * 1.6)
    made: Field = ((field - field.mean()) / field.std()).astype(np.float32)
    return made


_WRINKLES: list[Field] = []


def wrinkles() -> Field:
    """The shared crease field, made on first use."""
    if not _WRINKLES:
        _WRINKLES.append(_wrinkles())
    return _WRINKLES[0]


def _height(part: Part, cover: Image.Image, low: float, box: Box, ratio: float, salt: int) -> Field:
    """Height in low-resolution pixels: rounded edges, folds, puffed channels, creases."""
    radius = max(1, round(part.bulge * low * 0.5))
    tight = max(1, radius // 4)
    # Room around the mask, or the blur would smear its border.
    wide = Image.new("L", (cover.width + 2 * radius, cover.height + 2 * radius))
    wide.paste(cover, (radius, radius))
    inside = (radius, radius, radius + cover.width, radius + cover.height)
    broad = wide.filter(ImageFilter.BoxBlur(radius)).filter(ImageFilter.BoxBlur(radius)).crop(inside)
    close = wide.filter(ImageFilter.BoxBlur(tight)).crop(inside)
    height = np.asarray(broad, dtype=np.float32) * np.float32(radius * 1.5 / 255)
    height += np.asarray(close, dtype=np.float32) * np.float32(tight * 0.9 / 255)
    rows, columns = cover.height, cover.width
    if part.channels:
        y = (np.arange(rows, dtype=np.float32) / low - 1.0)[:, None]
        x = (np.arange(columns, dtype=np.float32) / low)[None, :]
        phase = (y + 0.25 * np.sin(x * 0.9 + salt) + 0.16 * np.sin(x * 2.3 + salt * 2)) / part.channels
        puff = np.abs(np.sin(math.pi * phase))
        height += np.sqrt(puff) * np.float32(0.62 * low)
        height += (np.sin(x * 5.1 + np.floor(phase) * 2.4) * (1 - puff)).astype(np.float32) * np.float32(
            0.12 * low
        )
    if part.folds:
        height -= _folds(part, (columns, rows), low, box, ratio)
    if part.crumple > 0 and low > 0.6:
        field = wrinkles()
        y_at = (np.arange(rows) * (4 / low)).astype(int) + 37 * salt
        x_at = (np.arange(columns) * (4 / low)).astype(int) + 91 * salt
        height += field[y_at & 255][:, x_at & 255] * np.float32(0.1 * low * part.crumple)
    return height


def _folds(part: Part, size: tuple[int, int], low: float, box: Box, ratio: float) -> Field:
    """Depth of the part's folds, drawn as soft strokes."""
    canvas = Image.new("L", size)
    pen = ImageDraw.Draw(canvas)
    deepest = max(depth for _, depth, _ in part.folds)
    mean = sum(width for _, _, width in part.folds) / len(part.folds)
    for path, depth, width in part.folds:
        line = stroke((path - np.array(box[:2])) * ratio, max(1.0, width * low * 0.7), 0.5)
        pen.polygon(line.ravel().tolist(), fill=round(255 * depth / deepest))
    soft = canvas.filter(ImageFilter.BoxBlur(max(0.8, mean * low * 0.4))).filter(
        ImageFilter.BoxBlur(max(0.8, mean * low * 0.4))
    )
    return np.asarray(soft, dtype=np.float32) * np.float32(deepest * low / 255)


def _light(
    part: Part, cover: Image.Image, box: Box, unit: float, salt: int
) -> tuple[Image.Image, Image.Image]:
    """Tone and glow ("L") of one part, the size of its mask."""
    width, height = cover.size
    # Channels are finer than folds: their ridges need more pixels.
    pixels = LOW_PIXELS * (3 if part.channels else 1)
    step = max(1, math.ceil(math.sqrt(width * height / pixels)))
    small = cover.reduce(step) if step > 1 else cover
    level = _height(part, small, unit / step, box, 1 / step, salt)
    dx, dy = np.zeros_like(level), np.zeros_like(level)
    dx[:, 1:-1] = (level[:, 2:] - level[:, :-2]) * np.float32(0.5)
    dy[1:-1] = (level[2:] - level[:-2]) * np.float32(0.5)
    up = 1.0 / np.sqrt(1.0 + dx * dx + dy * dy)
    # Lambert's law, as a difference from the tone of a flat surface; what turns away still gets fill light.
    turned = (-dx * LIGHT[0] - dy * LIGHT[1] + LIGHT[2]) * up / LIGHT[2] - 1.0
    tone = FLAT * (1.0 + 0.3 * np.maximum(turned, 0) + 0.62 * np.minimum(turned, 0))
    half = np.minimum((dx * 0.24 + dy * 0.36 + 0.9) * up + part.shine * 0.08, 1.0)
    square = half * half
    fourth = square * square
    glow = 255.0 * fourth * fourth * fourth * square
    images = []
    for field in (np.clip(tone, 0, 255), glow):
        image = Image.fromarray(field.astype(np.uint8))
        if step > 1:
            image = image.resize(cover.size, Image.Resampling.BILINEAR, (0, 0, width / step, height / step))
        images.append(image)
    return images[0], images[1]


def _multiply(canvas: Image.Image, veil: Image.Image, at: tuple[int, int]) -> None:
    region = (at[0], at[1], at[0] + veil.width, at[1] + veil.height)
    canvas.paste(ImageChops.multiply(canvas.crop(region), veil), region)


def _soft(shape: Image.Image, radius: float) -> Image.Image:
    """A blurred copy, the blur done at reduced size."""
    step = max(1, int(radius / 2.0))
    if step == 1:
        return shape.filter(ImageFilter.BoxBlur(max(0.5, radius * 0.7)))
    size = max(1, shape.width // step), max(1, shape.height // step)
    small = shape.resize(size, Image.Resampling.BOX).filter(ImageFilter.BoxBlur(radius * 0.7 / step))
    return small.resize(shape.size, Image.Resampling.BILINEAR)


BASE = ("ground", 0)
"""The fill that every stencil starts from."""

FULL = [0] * 250 + [255] * 6
"""Coverage -> where it is complete."""


@lru_cache(maxsize=32)
def _share(part: float) -> list[int]:
    """A lookup table that scales bytes by ``part``."""
    return [round(v * part) for v in range(256)]


class _Canvas:
    """The growing stencil: cover, tone, glow and fills in the coordinates of its box."""

    def __init__(self, box: Box, unit: float, sharp: int) -> None:
        self.box, self.unit, self.sharp = box, unit, sharp
        size = box[2] - box[0], box[3] - box[1]
        self.cover = Image.new("L", size)
        self.tone = Image.new("L", size, FLAT)
        self.glow = Image.new("L", size)
        self.areas: dict[tuple[str, int], Image.Image] = {}
        self.empty = True
        self.limit = (0, 0, *size)

    def part(self, part: Part, paths: list[Path], holes: list[Path], salt: int) -> None:
        box = pixel_box(paths, 1, self.limit)
        at = box[:2]
        shape = mask(paths, box, self.sharp, holes)
        if part.lift > 0 and not self.empty:
            self._cast(shape, box, part.lift * self.unit)
        tone, glow = _light(part, shape, box, self.unit, salt)
        step = max(1, round(0.16 * self.unit))
        # A rim of shade at the lower right and of light at the upper left sets parts apart.
        tone = ImageChops.subtract(
            tone, ImageChops.subtract(shape, ImageChops.offset(shape, -step, -step), 4.5)
        )
        glow = ImageChops.add(glow, ImageChops.subtract(shape, ImageChops.offset(shape, step, step), 5.0))
        self.tone.paste(tone, at, shape)
        self.glow.paste(glow, at, shape)
        self.cover.paste(255, box, shape)
        self._record(part, box, shape)
        self.empty = False

    def _cast(self, shape: Image.Image, box: Box, lift: float) -> None:
        """Darken what lies beneath: a soft shadow, down and to the right."""
        reach = math.ceil(lift * 1.6) + 1
        wide = Image.new("L", (shape.width + 2 * reach, shape.height + 2 * reach))
        # Drawn at half strength: under the densest shadow half of the light is left.
        wide.paste(128, (reach + round(lift * 0.25), reach + round(lift * 0.55)), shape)
        veil = ImageChops.invert(_soft(wide, max(0.6, lift * 0.8)))
        x, y = box[0] - reach, box[1] - reach
        cut = (
            max(0, -x),
            max(0, -y),
            min(veil.width, self.limit[2] - x),
            min(veil.height, self.limit[3] - y),
        )
        if cut[2] > cut[0] and cut[3] > cut[1]:
            _multiply(self.tone, veil.crop(cut), (x + cut[0], y + cut[1]))

    def _record(self, part: Part, box: Box, shape: Image.Image) -> None:
        """Give the part's pixels to its fill and take them from the others.

        The base (``ground``, unturned) has no mask: it is what no other fill covers. Over ground a
        fill is cut softly, its exact complement; under another fill only where that covers it
        fully, so that no ground shows between the two.
        """
        turn = max(-36, min(36, round(part.turn / 12) * 12)) if part.fill == "ground" else 0
        mine = (part.fill, turn)
        ground = part.fill == "ground"
        cut = shape if ground or not self.areas else shape.point(FULL)
        for other, area in self.areas.items():
            if other != mine:
                area.paste(0, box, cut)
        if mine == BASE:
            return
        if mine in self.areas:
            # Later paints over earlier: the order of last use is the order of painting.
            self.areas[mine] = self.areas.pop(mine)
        else:
            self.areas[mine] = Image.new("L", self.cover.size)
        self.areas[mine].paste(255, box, shape)

    def fills(self, *, ground: bool) -> tuple[Fill, ...]:
        """The turned cloths, or every other fill, each cropped to where it is."""
        found = []
        for (fill, turn), area in self.areas.items():
            box = area.getbbox()
            if box is not None and (fill == "ground") == ground:
                found.append(Fill(fill, turn, box, np.asarray(area.crop(box))))
        return tuple(found)

    def line(self, role: str, paths: list[Path], width: float) -> None:
        dark, light = LINE_TONES[role]
        thick = max(0.85, width * self.unit)
        if role == "stitch":
            dash = max(1.6, 0.55 * self.unit)
            outlines = [line for path in paths for line in strokes(dashes(path, dash, dash * 0.8), thick)]
        else:
            outlines = [stroke(path, thick, thick * (0.4 if role == "crease" else 1.0)) for path in paths]
        if not outlines:
            return
        box = pixel_box(outlines, 2, self.limit)
        shape = mask(outlines, box, self.sharp)
        if role == "crease":
            shape = shape.filter(ImageFilter.BoxBlur(max(0.5, thick * 0.4)))
        self.tone.paste(ImageChops.subtract(self.tone.crop(box), shape.point(_share(dark))), box)
        ridge = ImageChops.offset(shape, 1, 1).point(_share(light))
        self.glow.paste(ImageChops.add(self.glow.crop(box), ridge), box)


LINE_TONES = {
    "seam": (0.36, 0.16),
    "stitch": (0.3, 0.2),
    "crease": (0.2, 0.1),
    "edge": (0.5, 0.22),
    "rib": (0.2, 0.16),
}
"""How much a line darkens what it crosses, and how much light its lower lip catches."""


def cut_stencil(
    layers: Sequence[Part | Line],
    place: npt.NDArray[np.float64],
    size: tuple[int, int],
    mark: tuple[float, float, float],
    badge: tuple[float, float, float],
    ground: float,
) -> Stencil:
    """Rasterise layers for a picture of ``size``; ``place`` is the 2 x 3 map from cm to pixels.

    ``ground`` says how the product rests: 1 stands on the floor, 0 lies flat or hangs.
    """
    unit = math.hypot(place[0, 0], place[1, 0])
    sharp = 3 if unit < 20 else 2
    frame = (0, 0, *size)
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
    shadow_at, shadow = contact_shadow(canvas.cover, box, frame, ground)
    return Stencil(
        box,
        np.asarray(canvas.cover),
        np.asarray(canvas.tone),
        np.asarray(canvas.glow),
        canvas.fills(ground=True),
        canvas.fills(ground=False),
        shadow_at,
        shadow,
        _spot(mark, linear, origin - corner, unit),
        _spot(badge, linear, origin - corner, unit),
        unit,
    )


def _in_pixels(part: Part, linear: Path, origin: Path) -> Part:
    if not part.folds:
        return part
    folds = tuple((path @ linear + origin, depth, width) for path, depth, width in part.folds)
    return Part(
        part.fill,
        part.outlines,
        part.holes,
        part.bulge,
        part.lift,
        part.turn,
        folds,
        part.channels,
        part.crumple,
        part.shine,
    )


def _spot(
    spot: tuple[float, float, float], linear: Path, origin: Path, unit: float
) -> tuple[float, float, float]:
    x, y = np.array(spot[:2]) @ linear + origin
    return float(x), float(y), spot[2] * unit
