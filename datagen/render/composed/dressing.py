"""A figure with its garments as a stencil: labels, light and cloth, for a picture in any colour.

Everything that does not depend on colours, pattern and material happens here, once for each outfit and
picture size; all of it in integers. Light is put together in the frame of the layers and then resampled;
outlines are resampled layer by layer, so that they are crisp at any size.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from datagen.render.baked.layers import PARTS, PIXELS_PER_CM, Figure, Garment
from datagen.render.composed.cloth import Cloth
from datagen.render.composed.complexions import flushed
from datagen.render.composed.ground import foot_shadow
from datagen.render.composed.kinds import fill_of
from datagen.render.composed.labels import Labelling, Labels, other_fills
from datagen.render.composed.motifs import facing, motifs_of
from datagen.render.composed.sheet_light import claim, light_fine, light_in
from datagen.render.composed.stack import Sheet, cropped, stacked
from datagen.render.composed.window import (
    Window,
    extent,
    finer,
    interpolated,
    jumps,
    mask_in,
    nearest,
    spot_of,
)
from datagen.render.outlines import Box, Path
from datagen.render.planes import Bytes, dim
from datagen.render.stencil import Stencil


def dressed(figure: Figure, worn: Sequence[tuple[str, Garment]], detail: str, window: Window) -> Stencil:
    """The stencil of a figure with garments (each with its role, one of them "product") in a window."""
    sheets = [
        sheet for sheet in (_shown(sheet, window) for sheet in stacked(figure, worn)) if sheet is not None
    ]
    labelling = Labelling((window.limits[3] - window.limits[1], window.limits[2] - window.limits[0]))
    owner = np.zeros(labelling.cover.shape, np.uint8)
    product = next(garment for role, garment in worn if role == "product")
    for number, sheet in enumerate(sheets):
        _lay(labelling, owner, number + 1, sheet, (detail, product.kind), window)
    part = extent(labelling.cover)
    if part is None:
        raise AssertionError("a figure lies in the picture")
    left, top = window.limits[:2]
    box = part[1].start + left, part[0].start + top, part[1].stop + left, part[0].stop + top
    cloth = _cloth(figure, product, labelling.labels(part), window, box)
    light = light_in(sheets, window, box, cloth.labels.figure())
    light_fine(light, sheets, owner[part], window, box)
    cloth = cloth._replace(labels=flushed(cloth.labels, light.tone))
    unit = PIXELS_PER_CM * window.scale
    nowhere = (0.0, 0.0, 1.0)
    shadow_at, shadow = foot_shadow(figure, window)
    return Stencil(
        box,
        labelling.cover[part].copy(),
        light.tone,
        light.glow,
        (),
        (),
        shadow_at,
        shadow,
        nowhere,
        nowhere,
        unit,
        None,
        unit,
        np.zeros((0, 0), np.int8),
        _joints(figure, window),
        cloth,
    )


def _joints(figure: Figure, window: Window) -> Path:
    """The body's keypoints in the picture, (17, 2); no numbers where the figure's frame has none."""
    places = (figure.keypoints[:, :2].astype(np.float64) - (window.left, window.top)) * window.scale
    places[figure.keypoints[:, 2] == 0] = np.nan
    return places


def _shown(sheet: Sheet, window: Window) -> Sheet | None:
    """What the picture shows of a sheet, with a margin for resampling."""
    x0, y0, x1, y1 = window.limits
    window = finer(window, sheet.zoom)
    s, margin = window.scale, 3 * sheet.zoom
    return cropped(
        sheet,
        int(window.left + x0 / s) - margin,
        int(window.top + y0 / s) - margin,
        int(window.left + x1 / s) + margin + 1,
        int(window.top + y1 / s) + margin + 1,
    )


def _lay(
    labelling: Labelling, owner: Bytes, number: int, sheet: Sheet, words: tuple[str, str], window: Window
) -> None:
    """Lay a sheet over what is there: all of it as its main fill, then parts of other fills; ``owner`` is the
    number of the sheet that most of a pixel shows; ``words`` are the product's detail and kind."""
    window = finer(window, sheet.zoom)
    layer, left, top = sheet.layer, *window.limits[:2]
    spot = spot_of(window, layer.left, layer.top, layer.coverage.shape)
    if spot is None:
        return
    cover = mask_in(window, spot, sheet.cover)
    x0, y0, x1, y1 = spot.target
    main = fill_of(MAIN.get(sheet.role, "body"), sheet.role, *words)
    claim(owner[y0 - top : y1 - top, x0 - left : x1 - left], cover, number)
    labelling.lay(main, (x0 - left, y0 - top, x1 - left, y1 - top), cover)
    for name, (rows, columns), own in other_fills(layer.part, _fills(sheet.role, *words), main):
        small = spot_of(window, layer.left + columns.start, layer.top + rows.start, own.shape)
        if small is not None:
            mask = mask_in(window, small, own)
            a, b, c, d = small.target
            a, b, c, d = max(a, x0), max(b, y0), min(c, x1), min(d, y1)
            mask = mask[b - small.target[1] : d - small.target[1], a - small.target[0] : c - small.target[0]]
            mask = np.minimum(mask, cover[b - y0 : d - y0, a - x0 : c - x0])
            if name in SHEER:
                dim(mask, np.array(SHEER[name], np.uint8))
            labelling.lay(name, (a - left, b - top, c - left, d - top), mask)


SHEER = {"brow": 205}
"""Fills through which what is below shows: their share, in 255ths."""

MAIN = {"body": "skin_face", "hair": "hair"}
"""The part that most of a layer is, by its role; of garments it is the body."""


@lru_cache(maxsize=512)
def _fills(role: str, detail: str, kind: str) -> tuple[str, ...]:
    """For each part, its fill."""
    return tuple(fill_of(name, role, detail, kind) for name in PARTS)


def _cloth(
    figure: Figure,
    product: Garment,
    labels: Labels,
    window: Window,
    box: Box,
) -> Cloth:
    """The product's cloth in the picture, inside a box of it."""
    layer, motifs = product.layer, motifs_of(figure, product)
    spot = spot_of(window._replace(limits=box), layer.left, layer.top, layer.coverage.shape)
    unit = PIXELS_PER_CM * window.scale
    if spot is None:
        nothing = np.zeros((0, 0), np.int16)
        none = np.zeros((0, 0), np.uint8)
        return Cloth((0, 0, 0, 0), nothing, nothing, none, none, labels, motifs.mark, motifs.badge, unit)
    across = interpolated(window, spot, facing(figure, layer))
    along = interpolated(window, spot, layer.cloth[..., 1])
    # Where coordinates change nearly twice as fast as on cloth that faces the camera, it turns away.
    limit = max(2, round(1.9 * 20 / unit))
    away = jumps((across, along), limit)
    front = nearest(window, spot, motifs.front)
    x0, y0, x1, y1 = spot.target
    inner = x0 - box[0], y0 - box[1], x1 - box[0], y1 - box[1]
    front = front * (labels.first[inner[1] : inner[3], inner[0] : inner[2]] == 0).view(np.uint8)
    return Cloth(inner, across, along, away, front, labels, motifs.mark, motifs.badge, unit)
