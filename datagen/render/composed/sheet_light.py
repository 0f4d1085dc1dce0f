"""Light on the sheets of an outfit, as a picture shows it: creases, seams, and shadows of one on another.

Each layer is lit in its own frame and then resampled. Of what lies below something else nothing is lit: most
of the layers' pixels are never seen. Only heads and hair are lit whole, and kept for the next outfit.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

from datagen.render.baked.layers import PARTS, Layer
from datagen.render.cache import Cache
from datagen.render.composed.creases import creased, cropped_hair, strands
from datagen.render.composed.kinds import fill_of
from datagen.render.composed.light import Light, light_on
from datagen.render.composed.stack import HALF, Sheet
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

Laid = tuple[Box, Bytes]
"""Where a sheet lies in the limits of a window, and how much of each pixel it covers."""

MOST = 0.5
"""From this share of a layer's pixels on, all of them are lit: picking them out would take longer."""

SEAM = 20
"""How much darker the line is where two parts of a garment meet, in levels of the tone."""

CAST = 4
"""Distance of a garment from what lies below it, in pixels of the frame: the softness of its shadow."""

DEPTH = 76
"""How much a garment's shadow darkens what lies below it, at most, in 255ths."""

FIGURE_GLOW = {"flesh": 20, "stubble": 14, "hair": 56, "eye": 50, "pupil": 120, "lips": 60, "shoe": 72}
"""Highlights of the figure's own parts, in 255ths; of its garments 20."""

SHARED_BYTES = 4_000_000
"""Limit on the light that a process keeps: of about eight heads and cuts of hair."""

NO_CLOTH = ("body", "hair")
"""Roles of what is no garment."""

SKIN = table_of(fill_of(name, "body", "none") in ("flesh", "stubble", "lips", "eye") for name in PARTS)
"""1 for parts of a body that light passes through."""

_shared: Cache[Light] = Cache(SHARED_BYTES)


def light_in(sheets: Sequence[Sheet], laid: Sequence[Laid], owner: Bytes, window: Window) -> Light:
    """Tone and glow in the window's limits, from sheets, what each of them covers there, and the number of
    the one that most of a pixel shows, counted from 1 (0 for none)."""
    light = Light(np.full(owner.shape, FLAT, np.uint8), np.zeros(owner.shape, np.uint8))
    for number, (sheet, (box, cover)) in enumerate(zip(sheets, laid, strict=True), 1):
        if not cover.size:
            continue
        if sheet.role not in NO_CLOTH:
            _cast(light.tone, box, cover, window.scale)
        x0, y0, x1, y1 = box
        mine = owner[y0:y1, x0:x1] == number
        seen = extent(mine)
        if seen is None:
            continue
        rows, columns = seen
        box = x0 + columns.start, y0 + rows.start, x0 + columns.stop, y0 + rows.stop
        mine = mine[seen]
        own = (_shared_light if sheet.name else _light_of)(sheet, window, box, mine)
        for plane, values in zip(light, own, strict=True):
            np.copyto(plane[box[1] : box[3], box[0] : box[2]], values, where=mine)
    return light


def clear() -> None:
    """Empty the cache of light. Pictures do not change."""
    _shared.clear()


def _light_of(sheet: Sheet, window: Window, box: Box, wanted: Mask) -> Light:
    """Light in a box of the window, on the pixels that are ``wanted`` of it; elsewhere it is not of use."""
    fine, layer = finer(window, sheet.zoom), sheet.layer
    left, top = window.limits[:2]
    limits = box[0] + left, box[1] + top, box[2] + left, box[3] + top
    spot = spot_of(fine._replace(limits=limits), layer.left, layer.top, layer.coverage.shape)
    if spot is None or spot.target != limits:
        raise AssertionError("what is seen of a sheet lies in its layer")
    layer, spot = near(layer, spot, fine)
    needed = sources(fine, spot, layer.coverage.shape, wanted)
    if sheet.role != "body" and np.count_nonzero(needed) > MOST * needed.size:
        tone, glow = _surface(layer, sheet.role, None)
    else:
        tone, glow = np.zeros((2, *needed.shape), np.uint8)
        tone[needed], glow[needed] = _surface(layer, sheet.role, needed)
    return Light(resampled(fine, spot, tone), resampled(fine, spot, glow))


def near(layer: Layer, spot: Spot, window: Window) -> tuple[Layer, Spot]:
    """A layer cropped to what a spot shows of it and a margin, and where in it that is."""
    x0, y0, x1, y1 = spot.source
    margin = math.ceil(1 / window.scale) + 3
    left, top = max(0, math.floor(x0) - margin), max(0, math.floor(y0) - margin)
    part = slice(top, math.ceil(y1) + margin), slice(left, math.ceil(x1) + margin)
    planes: Iterator[Any] = (plane[part] for plane in layer[2:])
    source = x0 - left, y0 - top, x1 - left, y1 - top
    return Layer(layer.left + left, layer.top + top, *planes), spot._replace(source=source)


def _shared_light(sheet: Sheet, window: Window, box: Box, wanted: Mask) -> Light:
    """The same, all of it, of a sheet that other outfits have as well: computed once for a window."""
    layer, corner = sheet.layer, window.limits[:2]
    spot = spot_of(finer(window, sheet.zoom), layer.left, layer.top, layer.coverage.shape)
    if spot is None:
        raise AssertionError("what is seen of a sheet lies in its layer")
    left, top, right, bottom = (side - start for side, start in zip(spot.target, corner * 2, strict=True))

    def lit() -> Light:
        every = np.ones((bottom - top, right - left), np.bool_)
        return _light_of(sheet, window, (left, top, right, bottom), every)

    light = _shared.get((sheet.name, window), lit, lambda light: sum(plane.nbytes for plane in light))
    at = slice(box[1] - top, box[3] - top), slice(box[0] - left, box[2] - left)
    return Light(light.tone[at], light.glow[at])


def claim(owner: Bytes, cover: Bytes, number: int) -> None:
    """Give a sheet the pixels that it covers by half, and of those that are nobody's all that it covers."""
    taken = (owner > 0).view(np.uint8) * np.uint8(HALF - 1)
    np.copyto(owner, np.uint8(number), where=cover > taken)


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


def _cast(tone: Bytes, box: Box, cover: Bytes, scale: float) -> None:
    """Darken what lies below a garment by its soft shadow, down and to the right."""
    step = max(1, round(2 * scale))
    soft = np.asarray(Image.fromarray(cover).reduce(step).filter(ImageFilter.BoxBlur(CAST * scale / step)))
    veil = stretched(looked_up(soft, _VEIL), step, cover.shape)
    x, y = box[0] + round(scale), box[1] + round(3 * scale)
    under = tone[y : y + veil.shape[0], x : x + veil.shape[1]]
    dim(under, veil[: under.shape[0], : under.shape[1]])


_VEIL = bytes(255 - (v * DEPTH >> 8) for v in range(256))
"""What is left of the light in the shadow of so much cloth, in 255ths."""


def _surface(layer: Layer, role: str, seen: Mask | None) -> Light:
    """Light on the pixels of a layer that are ``seen``, row by row, or (None) on all of it: with creases,
    seams, and the highlights of what is not product."""
    # Light that passes through skin comes from around a pixel.
    wanted = _grown(seen) if seen is not None and role == "body" else seen
    pixels = layer if wanted is None else picked(layer, wanted)
    light = light_on(pixels, lit_normals(pixels, role))
    if role == "hair":
        strands(pixels, light.tone)
    if role != "product":
        dim(light.glow, looked_up(pixels.part, _glow_shares(role)))
    if role not in NO_CLOTH:
        lines = seams(layer.part)
        lower_by(light.tone, lines if wanted is None else lines[wanted], SEAM)
    if role != "body" or seen is None or wanted is None:
        return light
    cropped_hair(layer, wanted, light.tone)
    tone = np.zeros(seen.shape, np.uint8)
    tone[wanted] = light.tone
    return Light(_soft(layer, tone)[seen], light.glow[seen[wanted]])


def lit_normals(layer: Layer, role: str) -> npt.NDArray[np.int8]:
    """The normals of a layer in the light: those of cloth have creases."""
    return layer.normal if role in NO_CLOTH else creased(layer)


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
