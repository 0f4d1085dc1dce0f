"""A figure with its garments as a stencil: labels, light and cloth, for a picture in any colour.

Everything that does not depend on colours, pattern and material happens here, once for each outfit and
picture size; all of it in integers. Outlines and light are resampled layer by layer, so that they are crisp
at any size.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from datagen.render.baked.layers import PARTS, PIXELS_PER_CM, Figure, Garment
from datagen.render.cache import Cache
from datagen.render.composed.cloth import Cloth
from datagen.render.composed.complexions import flushed
from datagen.render.composed.ground import foot_shadow
from datagen.render.composed.kinds import fill_of
from datagen.render.composed.labels import Labelling, Labels, other_fills
from datagen.render.composed.motifs import facing, motifs_of
from datagen.render.composed.sheet_light import Laid, claim, light_in
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

SHARED_BYTES = 2_000_000
"""Limit on the fills of heads and hair that a process keeps."""

_shared: Cache[list[tuple[str, Box, Bytes]]] = Cache(SHARED_BYTES)


def dressed(figure: Figure, worn: Sequence[tuple[str, Garment]], detail: str, window: Window) -> Stencil:
    """The stencil of a figure with garments (each with its role, one of them "product") in a window."""
    sheets = sheets_in(figure, worn, window)
    labelling = Labelling((window.limits[3] - window.limits[1], window.limits[2] - window.limits[0]))
    product = next(garment for role, garment in worn if role == "product")
    words = detail, product.kind
    laid = [_lay(labelling, sheet, words, window) for sheet in sheets]
    owner = owners(laid, labelling.cover.shape)
    part = extent(labelling.cover)
    if part is None:
        raise AssertionError("a figure lies in the picture")
    left, top = window.limits[:2]
    box = part[1].start + left, part[0].start + top, part[1].stop + left, part[0].stop + top
    cloth = _cloth(figure, product, labelling.labels(part), window, box)
    tone, glow = (plane[part].copy() for plane in light_in(sheets, laid, owner, window))
    cloth = cloth._replace(labels=flushed(cloth.labels, tone))
    unit = PIXELS_PER_CM * window.scale
    nowhere = (0.0, 0.0, 1.0)
    shadow_at, shadow = foot_shadow(figure, window)
    return Stencil(
        box,
        labelling.cover[part].copy(),
        tone,
        glow,
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


def sheets_in(figure: Figure, worn: Sequence[tuple[str, Garment]], window: Window) -> list[Sheet]:
    """The sheets of a figure and its garments that a window shows something of, in paint order."""
    shown = (_shown(sheet, window) for sheet in stacked(figure, worn))
    return [sheet for sheet in shown if sheet is not None]


def covered(sheet: Sheet, window: Window) -> Laid:
    """Where a sheet lies in the limits of a window, and how much of each pixel it covers."""
    window = finer(window, sheet.zoom)
    layer, (left, top) = sheet.layer, window.limits[:2]
    spot = spot_of(window, layer.left, layer.top, layer.coverage.shape)
    if spot is None:
        return (0, 0, 0, 0), np.zeros((0, 0), np.uint8)
    x0, y0, x1, y1 = spot.target
    return (x0 - left, y0 - top, x1 - left, y1 - top), mask_in(window, spot, sheet.cover)


def owners(laid: Sequence[Laid], shape: tuple[int, ...]) -> Bytes:
    """The number of the sheet that most of each pixel shows, counted from 1; 0 where there is none."""
    owner = np.zeros(shape, np.uint8)
    for number, (place, cover) in enumerate(laid, 1):
        claim(owner[place[1] : place[3], place[0] : place[2]], cover, number)
    return owner


def _shown(sheet: Sheet, window: Window) -> Sheet | None:
    """What the picture shows of a sheet, with a margin for resampling; one that has a name stays whole."""
    x0, y0, x1, y1 = window.limits
    window = finer(window, sheet.zoom)
    s, margin = window.scale, 3 * sheet.zoom
    part = cropped(
        sheet,
        int(window.left + x0 / s) - margin,
        int(window.top + y0 / s) - margin,
        int(window.left + x1 / s) + margin + 1,
        int(window.top + y1 / s) + margin + 1,
    )
    return sheet if part is not None and sheet.name else part


def _lay(labelling: Labelling, sheet: Sheet, words: tuple[str, str], window: Window) -> Laid:
    """Lay a sheet over what is there: all of it as its main fill, then parts of other fills.

    ``words`` are the product's detail and kind.
    """
    box, cover = covered(sheet, window)
    if not cover.size:
        return box, cover
    left, top = window.limits[:2]
    x0, y0, x1, y1 = box[0] + left, box[1] + top, box[2] + left, box[3] + top
    labelling.lay(fill_of(MAIN.get(sheet.role, "body"), sheet.role, *words), box, cover)
    for name, (a, b, c, d), mask in _other_fills(sheet, words, finer(window, sheet.zoom)):
        inner = max(a, x0), max(b, y0), min(c, x1), min(d, y1)
        if inner[0] >= inner[2] or inner[1] >= inner[3]:
            continue
        mask = mask[inner[1] - b : inner[3] - b, inner[0] - a : inner[2] - a]
        mask = np.minimum(mask, cover[inner[1] - y0 : inner[3] - y0, inner[0] - x0 : inner[2] - x0])
        labelling.lay(name, (inner[0] - left, inner[1] - top, inner[2] - left, inner[3] - top), mask)
    return box, cover


def _other_fills(sheet: Sheet, words: tuple[str, str], window: Window) -> list[tuple[str, Box, Bytes]]:
    """The fills of a sheet but its main one, with boxes of the picture and masks; ``window`` is on the
    layer's own frame. Those of heads and hair are kept for the next outfit."""
    main = fill_of(MAIN.get(sheet.role, "body"), sheet.role, *words)

    def found() -> list[tuple[str, Box, Bytes]]:
        layer, fills = sheet.layer, []
        for name, (rows, columns), own in other_fills(layer.part, _fills(sheet.role, *words), main):
            spot = spot_of(window, layer.left + columns.start, layer.top + rows.start, own.shape)
            if spot is not None:
                mask = mask_in(window, spot, own)
                if name in SHEER:
                    mask = mask.copy()
                    dim(mask, np.array(SHEER[name], np.uint8))
                fills.append((name, spot.target, mask))
        return fills

    if not sheet.name:
        return found()
    return _shared.get((sheet.name, window), found, lambda fills: sum(mask.nbytes for _, _, mask in fills))


def clear() -> None:
    """Empty the cache of fills. Pictures do not change."""
    _shared.clear()


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
