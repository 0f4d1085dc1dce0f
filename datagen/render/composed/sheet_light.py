"""Light on the sheets of an outfit, as a picture shows it: creases, seams, and shadows of one on another.

Light is put together in the frame of the layers, or in the finer one of heads and hair, and then resampled.
Of what lies below something else nothing is lit: most of the layers' pixels are never seen.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

from datagen.render.baked.layers import HEIGHT, PARTS, WIDTH, Layer
from datagen.render.composed.creases import creased, cropped_hair, strands
from datagen.render.composed.kinds import fill_of
from datagen.render.composed.light import Light, light_on
from datagen.render.composed.stack import HALF, Sheet, cropped
from datagen.render.composed.window import (
    Spot,
    Window,
    extent,
    finer,
    resampled,
    softened,
    spot_of,
    table_of,
)
from datagen.render.outlines import Box
from datagen.render.planes import Bytes, dim, looked_up, lower_by, stretched
from datagen.render.shading import FLAT

Mask = npt.NDArray[np.bool_]

SEAM = 20
"""How much darker the line is where two parts of a garment meet, in levels of the tone."""

CAST = 4
"""Distance of a garment from what lies below it, in pixels of the frame: the softness of its shadow."""

DEPTH = 76
"""How much a garment's shadow darkens what lies below it, at most, in 255ths."""

FIGURE_GLOW = {"flesh": 20, "stubble": 14, "hair": 56, "eye": 50, "pupil": 120, "lips": 60, "shoe": 72}
"""Highlights of the figure's own parts, in 255ths; of its garments 20."""

NO_CLOTH = ("body", "hair")
"""Roles of what is no garment."""

SKIN = table_of(fill_of(name, "body", "none") in ("flesh", "stubble", "lips", "eye") for name in PARTS)
"""1 for parts of a body that light passes through."""


def light_in(sheets: list[Sheet], window: Window, box: Box, on_figure: Mask) -> Light:
    """Tone and glow inside a box of the picture; ``on_figure`` is where it shows the figure."""
    owner = _owners(sheets)
    tone = np.full((HEIGHT, WIDTH), FLAT, np.uint8)
    # Highlights of the product and of the figure apart: where they meet, resampling must not mix them.
    glows = np.zeros((2, HEIGHT, WIDTH), np.uint8)
    for number, sheet in enumerate(sheets, 1):
        if sheet.zoom != 1:
            continue
        at = _place(sheet)
        if sheet.role not in NO_CLOTH:
            _cast(tone, sheet)
        seen = owner[at] == number
        if seen.any():
            light = _surface(sheet.layer, sheet.role, seen)
            tone[at][seen] = light.tone
            glows[int(sheet.role != "product")][at][seen] = light.glow
    if not window.exact:
        _extend(tone, owner > 0)
    spot = spot_of(window._replace(limits=box), 0, 0, (HEIGHT, WIDTH))
    if spot is None or spot.target != box:
        raise AssertionError("a stencil lies in the frame")
    tone, glow, other = (np.array(resampled(window, spot, plane)) for plane in (tone, *glows))
    return Light(tone, np.where(on_figure, other, glow))


def _owners(sheets: list[Sheet]) -> Bytes:
    """For each pixel of the frame the number of the sheet that is seen there, counted from 1; 0 for none."""
    owner = np.zeros((HEIGHT, WIDTH), np.uint8)
    for number, sheet in enumerate(sheets, 1):
        if sheet.zoom == 1:
            claim(owner[_place(sheet)], sheet.cover, number)
    return owner


def claim(owner: Bytes, cover: Bytes, number: int) -> None:
    """Give a sheet the pixels that it covers by half, and of those that are nobody's all that it covers."""
    taken = (owner > 0).view(np.uint8) * np.uint8(HALF - 1)
    np.copyto(owner, np.uint8(number), where=cover > taken)


def _place(sheet: Sheet) -> tuple[slice, slice]:
    """Where a sheet lies in its frame."""
    left, top, (height, width) = sheet.layer.left, sheet.layer.top, sheet.cover.shape
    return slice(top, top + height), slice(left, left + width)


def light_fine(light: Light, sheets: list[Sheet], owner: Bytes, window: Window, box: Box) -> None:
    """Light on what is stored in the finer frame, in place: heads and hair, with the shadows of what is
    worn. ``owner`` is the number of the sheet that each pixel of the box shows, counted from 1."""
    for number, sheet in enumerate(sheets, 1):
        if sheet.zoom == 1:
            continue
        fine = finer(window, sheet.zoom)
        spot = spot_of(
            fine._replace(limits=box), sheet.layer.left, sheet.layer.top, sheet.layer.coverage.shape
        )
        if spot is None:
            continue
        x0, y0, x1, y1 = spot.target
        at = slice(y0 - box[1], y1 - box[1]), slice(x0 - box[0], x1 - box[0])
        mine = owner[at] == number
        if not mine.any():
            continue
        needed = sources(fine, spot, sheet.cover.shape, mine)
        tone, glow = np.zeros((2, *needed.shape), np.uint8)
        tone[needed], glow[needed] = _surface(sheet.layer, sheet.role, needed)
        for over in sheets[number:]:
            if over.role not in NO_CLOTH:
                _cast_fine(tone, sheet, over)
        for plane, own in zip(light, (tone, glow), strict=True):
            np.copyto(plane[at], resampled(fine, spot, own), where=mine)


def sources(window: Window, spot: Spot, shape: tuple[int, int], wanted: Mask) -> Mask:
    """The pixels of a layer of some shape from which those that are ``wanted`` of a spot are resampled."""
    # Linear resampling reaches one pixel far: of the picture or of the layer, whichever is larger.
    for _ in range(math.ceil(window.scale) + 1):
        wanted = _grown(wanted)
    columns, rows = (
        np.floor((np.arange(count) + 0.5 - start) * window.scale).astype(np.intp).clip(0, most - 1)
        for count, start, most in zip(shape[::-1], spot.source, wanted.shape[::-1], strict=False)
    )
    found: Mask = wanted.take(columns, axis=1).take(rows, axis=0)
    return found


def _extend(tone: Bytes, seen: Mask) -> None:
    """Repeat the tone at the outline beyond it, so that enlarging does not mix in what is not there."""
    outline = extent(seen)
    if outline is None:
        return
    near = tuple(slice(max(0, side.start - 2), side.stop + 2) for side in outline)
    tone, seen = tone[near], seen[near]
    before, after, everywhere = slice(None, -1), slice(1, None), slice(None)
    steps = [
        ((after, everywhere), (before, everywhere)),
        ((before, everywhere), (after, everywhere)),
        ((everywhere, after), (everywhere, before)),
        ((everywhere, before), (everywhere, after)),
    ]
    for to, of in steps * 2:
        grown = seen[of] > seen[to]
        np.copyto(tone[to], tone[of], where=grown)
        seen[to] |= grown


def _cast(tone: Bytes, sheet: Sheet) -> None:
    """Darken what lies below a garment by its soft shadow, down and to the right."""
    step = 2
    soft = np.asarray(Image.fromarray(sheet.cover).reduce(step).filter(ImageFilter.BoxBlur(CAST / step)))
    veil = 255 - ((soft.astype(np.uint16) * DEPTH) >> 8).astype(np.uint8)
    veil = stretched(veil, step, sheet.cover.shape)
    x, y = sheet.layer.left + 1, sheet.layer.top + 3
    under = tone[y : y + veil.shape[0], x : x + veil.shape[1]]
    dim(under, veil[: under.shape[0], : under.shape[1]])


def _cast_fine(tone: Bytes, sheet: Sheet, over: Sheet) -> None:
    """Darken a sheet of the finer frame by a garment's soft shadow."""
    layer, z = sheet.layer, sheet.zoom
    high, wide = tone.shape
    box = layer.left // z - 8, layer.top // z - 8, (layer.left + wide) // z + 8, (layer.top + high) // z + 8
    part = cropped(over, *box)
    if part is None:
        return
    canvas = np.zeros((box[3] - box[1], box[2] - box[0]), np.uint8)
    y, x = part.layer.top - box[1] + 3, part.layer.left - box[0] + 1
    under = canvas[y : y + part.cover.shape[0], x : x + part.cover.shape[1]]
    under[...] = part.cover[: under.shape[0], : under.shape[1]]
    soft = np.asarray(Image.fromarray(canvas).filter(ImageFilter.BoxBlur(CAST)))
    veil = stretched(
        255 - ((soft.astype(np.uint16) * DEPTH) >> 8).astype(np.uint8),
        z,
        (canvas.shape[0] * z, canvas.shape[1] * z),
    )
    top, left = layer.top - box[1] * z, layer.left - box[0] * z
    dim(tone, np.ascontiguousarray(veil[top : top + high, left : left + wide]))


def _surface(layer: Layer, role: str, seen: Mask) -> Light:
    """Light on the pixels of a layer that are ``seen``, row by row: with creases, seams, and the highlights
    of what is not product."""
    # Light that passes through skin comes from around a pixel.
    wanted = _grown(seen) if role == "body" else seen
    pixels = picked(layer, wanted)
    light = light_on(pixels, pixels.normal if role in NO_CLOTH else creased(pixels))
    if role == "hair":
        strands(pixels, light.tone)
    if role == "body":
        cropped_hair(layer.part, wanted, light.tone)
    if role != "product":
        dim(light.glow, looked_up(pixels.part, _glow_shares(role)))
    if role not in NO_CLOTH:
        lower_by(light.tone, seams(layer.part)[wanted], SEAM)
    if role != "body":
        return light
    tone = np.zeros(seen.shape, np.uint8)
    tone[wanted] = light.tone
    return Light(_soft(layer, tone)[seen], light.glow[seen[wanted]])


def picked(layer: Layer, wanted: Mask) -> Layer:
    """The pixels of a mask, row by row, of what decides the light: planes of one dimension."""
    normal = layer.normal.view(np.uint16)[..., 0][wanted].view(np.int8).reshape(-1, 2)
    cloth = np.stack([layer.cloth[..., at][wanted] for at in (0, 1)])
    return layer._replace(
        part=layer.part[wanted],
        normal=normal,
        cloth=np.moveaxis(cloth, 0, -1),
        open=layer.open[wanted],
        lit=layer.lit[wanted],
    )


def _grown(mask: Mask) -> Mask:
    """A mask with the eight neighbours of its pixels."""
    wide = mask.copy()
    wide[1:] |= mask[:-1]
    wide[:-1] |= mask[1:]
    tall = wide.copy()
    wide[:, 1:] |= tall[:, :-1]
    wide[:, :-1] |= tall[:, 1:]
    return wide


@lru_cache(maxsize=16)
def _glow_shares(role: str) -> bytes:
    """For each part, the share of its highlight, in 255ths."""
    return table_of(FIGURE_GLOW.get(fill_of(name, role, "none"), 20) for name in PARTS)


def _soft(layer: Layer, tone: Bytes) -> Bytes:
    """Shade on skin is lighter than on cloth, and has soft edges: light passes through it."""
    soft = (tone.astype(np.uint16) + softened(tone)) >> 1
    skin = looked_up(layer.part, SKIN).view(np.bool_)
    np.copyto(tone, looked_up(soft.astype(np.uint8), _LIFTED), where=skin)
    return tone


_LIFTED = bytes(max(0, FLAT - (FLAT - v) * 14 // 16) if v < FLAT else v for v in range(256))
"""The tone of skin for that of cloth."""


def seams(part: Bytes) -> Bytes:
    """255 where two parts of a garment meet."""
    line = np.zeros(part.shape, np.bool_)
    line[:, 1:] = part[:, 1:] != part[:, :-1]
    line[1:] |= part[1:] != part[:-1]
    return line.view(np.uint8) * np.uint8(255)
