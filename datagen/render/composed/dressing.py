"""A figure with its garments as a stencil: masks, light and cloth, from which a picture in any colour is made.

Everything that does not depend on colours, pattern and material happens here, once for each outfit and picture
size; all of it in integers.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageFilter

from datagen.render.areas import Areas
from datagen.render.baked.layers import PARTS, PIXELS_PER_CM, Figure, Garment, Layer
from datagen.render.composed.cloth import Cloth
from datagen.render.composed.creases import creased
from datagen.render.composed.ground import foot_shadow
from datagen.render.composed.kinds import fill_of
from datagen.render.composed.light import Light, light_on
from datagen.render.composed.motifs import Motifs, motifs_of
from datagen.render.composed.stack import Sheet, stacked
from datagen.render.composed.window import Spot, Window, interpolated, nearest, resampled, sharpened, spot_of
from datagen.render.outlines import Box
from datagen.render.planes import Bytes, blend, dim, lower_by, stretched
from datagen.render.shading import FLAT
from datagen.render.stencil import Stencil

SEAM = 20
"""How much darker the line is where two parts of a garment meet, in levels of the tone."""

CAST = 1.1
"""Distance of a garment from what lies below it, cm: the softness of its shadow."""

DEPTH = 76
"""How much a garment's shadow darkens what lies below it, at most, in 255ths."""

FIGURE_GLOW = {"flesh": 52, "hair": 70, "eye": 150, "lips": 80, "shoe": 96}
"""Highlights of the figure's own parts, in 255ths; of its garments 20."""


class _Picture:
    """A stencil in the making, in the coordinates of ``limits``."""

    def __init__(self, window: Window) -> None:
        x0, y0, x1, y1 = window.limits
        self.window, self.shape = window, (y1 - y0, x1 - x0)
        self.areas = Areas(self.shape)
        self.light = np.zeros((2, *self.shape), np.uint8)
        self.light[0] = FLAT
        self.figure = np.zeros(self.shape, np.uint8)
        self.cloth: Cloth | None = None

    def box(self, spot: Spot) -> Box:
        """A target's box in the arrays."""
        x, y = self.window.limits[:2]
        x0, y0, x1, y1 = spot.target
        return x0 - x, y0 - y, x1 - x, y1 - y

    def add(self, sheet: Sheet, detail: str, motifs: Motifs) -> None:
        """Lay a sheet over what is there."""
        window, layer = self.window, sheet.layer
        spot = spot_of(window, layer.left, layer.top, layer.coverage.shape)
        if spot is None:
            return
        box = self.box(spot)
        cover = sharpened(window, resampled(window, spot, sheet.cover, edge=False))
        if sheet.role not in ("body", "hair"):
            self._cast(cover, box)
        light = _surface(layer, sheet.role)
        for plane, own in zip(self.light, light, strict=True):
            blend(plane, box, resampled(window, spot, own), cover)
        self._fill(sheet, detail, spot, box, cover)
        blend(self.figure, box, 0 if sheet.role == "product" else 255, cover)
        if sheet.role == "product":
            self.cloth = self._cloth(layer, spot, box, motifs)

    def _fill(self, sheet: Sheet, detail: str, spot: Spot, box: Box, cover: Bytes) -> None:
        """Give the sheet's pixels to the fills of its parts: all to the main one, then what belongs to others."""
        fills = [fill_of(name, sheet.role, detail) for name in PARTS]
        main = fill_of(
            "skin_face" if sheet.role == "body" else "hair" if sheet.role == "hair" else "body",
            sheet.role,
            detail,
        )
        self.areas.add(main, 0, box, cover)
        names = [
            *dict.fromkeys(fills[part] for part in np.flatnonzero(np.bincount(sheet.layer.part.ravel())))
        ]
        for name in names:
            if name != main:
                own = np.array([fill == name for fill in fills])[sheet.layer.part].view(np.uint8) * np.uint8(
                    255
                )
                mask = sharpened(self.window, resampled(self.window, spot, own, edge=False))
                self.areas.add(name, 0, box, np.minimum(mask, cover))

    def _cast(self, cover: Bytes, box: Box) -> None:
        """Darken what lies below a garment by its soft shadow, down and to the right."""
        radius = CAST * PIXELS_PER_CM * self.window.scale
        step = max(1, round(radius / 2))
        small = Image.fromarray(cover).reduce(step)
        soft = np.asarray(small.filter(ImageFilter.BoxBlur(radius / step)))
        veil = 255 - ((soft.astype(np.uint16) * DEPTH) >> 8).astype(np.uint8)
        veil = stretched(veil, step, cover.shape)
        x, y = round(radius * 0.3), round(radius * 0.7)
        x1, y1 = min(box[2] + x, self.shape[1]), min(box[3] + y, self.shape[0])
        if box[0] + x < x1 and box[1] + y < y1:
            dim(self.light[0, box[1] + y : y1, box[0] + x : x1], veil[: y1 - box[1] - y, : x1 - box[0] - x])

    def _cloth(self, layer: Layer, spot: Spot, box: Box, motifs: Motifs) -> Cloth:
        """The product's cloth coordinates in the picture."""
        unit = PIXELS_PER_CM * self.window.scale
        across, along = (
            interpolated(self.window, spot, np.ascontiguousarray(layer.cloth[..., at])) for at in (0, 1)
        )
        # Where coordinates change nearly twice as fast as on cloth that faces the camera, it turns away.
        limit = max(2, round(1.9 * 20 / unit))
        away = np.zeros(across.shape, np.bool_)
        for plane in (across, along):
            wide = plane.astype(np.int32)
            away[:, 1:] |= np.abs(wide[:, 1:] - wide[:, :-1]) > limit
            away[1:] |= np.abs(wide[1:] - wide[:-1]) > limit
        front = nearest(self.window, spot, motifs.front)
        return Cloth(
            box, across, along, away.view(np.uint8), front, self.figure, motifs.mark, motifs.badge, unit
        )

    def stencil(self, shadow_at: tuple[int, int], shadow: Bytes) -> Stencil:
        """The stencil, cropped to what is covered."""
        rows, columns = (
            np.flatnonzero(self.areas.cover.any(axis=1)),
            np.flatnonzero(self.areas.cover.any(axis=0)),
        )
        x0, y0, x1, y1 = int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1
        left, top = self.window.limits[:2]

        def crop(plane: Bytes) -> Bytes:
            return plane[y0:y1, x0:x1].copy()

        trims = tuple(
            fill._replace(box=(fill.box[0] - x0, fill.box[1] - y0, fill.box[2] - x0, fill.box[3] - y0))
            for fill in self.areas.fills(ground=False)
        )
        cloth = self.cloth
        if cloth is not None:
            a, b, c, d = cloth.box
            # Coverage ends where the cloth does, or before it.
            e, f, g, h = max(a, x0), max(b, y0), min(c, x1), min(d, y1)
            cut = slice(f - b, h - b), slice(e - a, g - a)
            planes = (plane[cut].copy() for plane in cloth[1:5])
            cloth = Cloth((e - x0, f - y0, g - x0, h - y0), *planes, crop(self.figure), *cloth[6:])  # type: ignore[call-arg, arg-type]
        unit = PIXELS_PER_CM * self.window.scale
        nowhere = (0.0, 0.0, 1.0)
        return Stencil(
            (x0 + left, y0 + top, x1 + left, y1 + top),
            crop(self.areas.cover),
            crop(self.light[0]),
            crop(self.light[1]),
            (),
            trims,
            shadow_at,
            shadow,
            nowhere,
            nowhere,
            unit,
            None,
            unit,
            np.zeros((0, 0), np.int8),
            cloth,
        )


def _surface(layer: Layer, role: str) -> Light:
    """Light on a layer at the frame's resolution, with creases, seams, and the highlights of what is not product."""
    light = light_on(layer, layer.normal if role in ("body", "hair") else creased(layer))
    if role != "product":
        shares = np.array([FIGURE_GLOW.get(fill_of(name, role, "none"), 20) for name in PARTS], np.uint8)
        dim(light.glow, shares[layer.part])
    if role not in ("body", "hair"):
        _seams(layer, light.tone)
    return light


def _seams(layer: Layer, tone: Bytes) -> None:
    """Darken the line where two parts of a garment meet."""
    part = layer.part
    line = np.zeros(part.shape, np.uint8)
    line[:, 1:] |= (part[:, 1:] != part[:, :-1]).view(np.uint8)
    line[1:] |= (part[1:] != part[:-1]).view(np.uint8)
    lower_by(tone, line * np.uint8(255), SEAM)


def dressed(figure: Figure, worn: Sequence[tuple[str, Garment]], detail: str, window: Window) -> Stencil:
    """The stencil of a figure with garments (each with its role, one of them "product") in a window."""
    picture = _Picture(window)
    motifs = motifs_of(figure, next(garment for role, garment in worn if role == "product"))
    for sheet in stacked(figure, worn):
        picture.add(sheet, detail, motifs)
    return picture.stencil(*foot_shadow(figure, window))
