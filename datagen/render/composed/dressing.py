"""A figure with its garments as a stencil: labels, light and cloth, for a picture in any colour.

Everything that does not depend on colours, pattern and material happens here, once for each outfit and
picture size; all of it in integers. Light is put together in the frame of the layers and then resampled;
outlines are resampled layer by layer, so that they are crisp at any size.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

from datagen.render.baked.layers import HEIGHT, PARTS, PIXELS_PER_CM, WIDTH, Figure, Garment, Layer
from datagen.render.composed.cloth import Cloth
from datagen.render.composed.complexions import flushed
from datagen.render.composed.creases import creased, cropped_hair, strands
from datagen.render.composed.ground import foot_shadow
from datagen.render.composed.kinds import fill_of
from datagen.render.composed.labels import HALF, Labelling, Labels
from datagen.render.composed.light import Light, light_on
from datagen.render.composed.motifs import motifs_of
from datagen.render.composed.stack import Sheet, cropped, stacked
from datagen.render.composed.window import Window, finer, interpolated, mask_in, nearest, resampled, spot_of
from datagen.render.outlines import Box, Path
from datagen.render.planes import Bytes, dim, lower_by, stretched
from datagen.render.shading import FLAT
from datagen.render.stencil import Stencil

SEAM = 20
"""How much darker the line is where two parts of a garment meet, in levels of the tone."""

CAST = 4
"""Distance of a garment from what lies below it, in pixels of the frame: the softness of its shadow."""

DEPTH = 76
"""How much a garment's shadow darkens what lies below it, at most, in 255ths."""

FIGURE_GLOW = {"flesh": 20, "stubble": 14, "hair": 56, "eye": 50, "pupil": 120, "lips": 60, "shoe": 72}
"""Highlights of the figure's own parts, in 255ths; of its garments 20."""


def dressed(figure: Figure, worn: Sequence[tuple[str, Garment]], detail: str, window: Window) -> Stencil:
    """The stencil of a figure with garments (each with its role, one of them "product") in a window."""
    sheets = [
        sheet for sheet in (_shown(sheet, window) for sheet in stacked(figure, worn)) if sheet is not None
    ]
    labelling = Labelling((window.limits[3] - window.limits[1], window.limits[2] - window.limits[0]))
    owner = np.zeros(labelling.cover.shape, np.uint8)
    for number, sheet in enumerate(sheets):
        _lay(labelling, owner, number + 1, sheet, detail, window)
    rows, columns = np.flatnonzero(labelling.cover.any(axis=1)), np.flatnonzero(labelling.cover.any(axis=0))
    left, top = window.limits[:2]
    box = int(columns[0]) + left, int(rows[0]) + top, int(columns[-1]) + 1 + left, int(rows[-1]) + 1 + top
    part = slice(box[1] - top, box[3] - top), slice(box[0] - left, box[2] - left)
    product = next(garment for role, garment in worn if role == "product")
    cloth = _cloth(figure, product, labelling.labels(part), window, box)
    light = _light(sheets, window, box, cloth.labels.figure())
    _light_fine(light, sheets, owner[part], window, box)
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


def _lay(labelling: Labelling, owner: Bytes, number: int, sheet: Sheet, detail: str, window: Window) -> None:
    """Lay a sheet over what is there: all of it as its main fill, then parts of other fills; ``owner`` is the
    number of the sheet that most of a pixel shows."""
    window = finer(window, sheet.zoom)
    layer, left, top = sheet.layer, *window.limits[:2]
    spot = spot_of(window, layer.left, layer.top, layer.coverage.shape)
    if spot is None:
        return
    cover = mask_in(window, spot, sheet.cover)
    x0, y0, x1, y1 = spot.target
    main = fill_of(MAIN.get(sheet.role, "body"), sheet.role, detail)
    mine = owner[y0 - top : y1 - top, x0 - left : x1 - left]
    mine[(cover >= HALF) | ((cover > 0) & (mine == 0))] = number
    labelling.lay(main, (x0 - left, y0 - top, x1 - left, y1 - top), cover)
    for name, parts in _other_fills(layer, sheet.role, detail, main):
        own = parts[layer.part].view(np.uint8)
        rows, columns = np.flatnonzero(own.any(axis=1)), np.flatnonzero(own.any(axis=0))
        r0, r1, c0, c1 = int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1
        small = spot_of(window, layer.left + c0, layer.top + r0, (r1 - r0, c1 - c0))
        if small is not None:
            mask = mask_in(window, small, own[r0:r1, c0:c1] * np.uint8(255))
            a, b, c, d = small.target
            a, b, c, d = max(a, x0), max(b, y0), min(c, x1), min(d, y1)
            mask = mask[b - small.target[1] : d - small.target[1], a - small.target[0] : c - small.target[0]]
            mask = np.minimum(mask, cover[b - y0 : d - y0, a - x0 : c - x0])
            if name in SHEER:
                dim(mask, np.full(mask.shape, SHEER[name], np.uint8))
            labelling.lay(name, (a - left, b - top, c - left, d - top), mask)


SHEER = {"brow": 205}
"""Fills through which what is below shows: their share, in 255ths."""

MAIN = {"body": "skin_face", "hair": "hair"}
"""The part that most of a layer is, by its role; of garments it is the body."""


def _other_fills(layer: Layer, role: str, detail: str, main: str) -> list[tuple[str, Bytes]]:
    """The other fills of a layer, each with a table that says which parts have it."""
    found: dict[str, Bytes] = {}
    for part in np.flatnonzero(np.bincount(layer.part.ravel(), minlength=len(PARTS))).tolist():
        name = fill_of(PARTS[part], role, detail)
        if name != main:
            found.setdefault(name, np.zeros(256, np.bool_))[part] = True
    return list(found.items())


def _light(sheets: list[Sheet], window: Window, box: Box, on_figure: npt.NDArray[np.bool_]) -> Light:
    """Tone and glow inside a box of the picture; ``on_figure`` is where it shows the figure."""
    tone = np.full((HEIGHT, WIDTH), FLAT, np.uint8)
    # Highlights of the product and of the figure apart: where they meet, resampling must not mix them.
    glows = np.zeros((2, HEIGHT, WIDTH), np.uint8)
    seen = np.zeros((HEIGHT, WIDTH), np.bool_)
    for sheet in sheets:
        layer = sheet.layer
        if sheet.zoom != 1:
            continue
        height, width = layer.coverage.shape
        at = slice(layer.top, layer.top + height), slice(layer.left, layer.left + width)
        if sheet.role not in MAIN:
            _cast(tone, sheet)
        light = _surface(layer, sheet.role)
        there = (sheet.cover >= HALF) | ((sheet.cover > 0) & ~seen[at])
        np.copyto(tone[at], light.tone, where=there)
        mine = int(sheet.role != "product")
        np.copyto(glows[mine][at], light.glow, where=there)
        np.copyto(glows[1 - mine][at], 0, where=there)
        seen[at] |= there
    if not window.exact:
        _extend(tone, seen)
    spot = spot_of(window._replace(limits=box), 0, 0, (HEIGHT, WIDTH))
    if spot is None or spot.target != box:
        raise AssertionError("a stencil lies in the frame")
    tone, glow, other = (np.array(resampled(window, spot, plane)) for plane in (tone, *glows))
    return Light(tone, np.where(on_figure, other, glow))


def _light_fine(light: Light, sheets: list[Sheet], owner: Bytes, window: Window, box: Box) -> None:
    """Light on what is stored in the finer frame, in place: heads and hair, with the shadows of what is
    worn."""
    for number, sheet in enumerate(sheets):
        if sheet.zoom == 1:
            continue
        fine = finer(window, sheet.zoom)
        spot = spot_of(
            fine._replace(limits=box), sheet.layer.left, sheet.layer.top, sheet.layer.coverage.shape
        )
        if spot is None:
            continue
        lit = _surface(sheet.layer, sheet.role)
        for over in sheets[number + 1 :]:
            if over.role not in MAIN:
                _cast_fine(lit.tone, sheet, over)
        x0, y0, x1, y1 = spot.target
        at = slice(y0 - box[1], y1 - box[1]), slice(x0 - box[0], x1 - box[0])
        mine = owner[at] == number + 1
        for plane, own in zip(light, lit, strict=True):
            np.copyto(plane[at], resampled(fine, spot, own), where=mine)


def _extend(tone: Bytes, seen: npt.NDArray[np.bool_]) -> None:
    """Repeat the tone at the outline beyond it, so that enlarging does not mix in what is not there."""
    for axis, step in ((0, 1), (0, -1), (1, 1), (1, -1)) * 2:
        grown = np.roll(seen, step, axis) & ~seen
        np.copyto(tone, np.roll(tone, step, axis), where=grown)
        seen |= grown


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


def _surface(layer: Layer, role: str) -> Light:
    """Light on a layer, with creases, seams, and the highlights of what is not product."""
    light = light_on(layer, layer.normal if role in MAIN else creased(layer))
    if role == "hair":
        strands(layer, light.tone)
    if role == "body":
        cropped_hair(layer, light.tone)
        _soften(layer, light.tone)
    if role != "product":
        shares = np.array([FIGURE_GLOW.get(fill_of(name, role, "none"), 20) for name in PARTS], np.uint8)
        dim(light.glow, shares[layer.part])
    if role not in MAIN:
        _darken_seams(layer, light.tone)
    return light


SKIN = np.array([fill_of(name, "body", "none") in ("flesh", "stubble", "lips", "eye") for name in PARTS])
"""Parts of a body that light passes through."""


def _soften(layer: Layer, tone: Bytes) -> None:
    """Shade on skin is lighter than on cloth, and has soft edges: light passes through it."""
    skin = SKIN[layer.part]
    around = np.asarray(Image.fromarray(tone).filter(ImageFilter.BoxBlur(1)))
    soft = (tone.astype(np.uint16) + around) >> 1
    lifted = np.frombuffer(soft.astype(np.uint8).tobytes().translate(_LIFTED), np.uint8).reshape(tone.shape)
    np.copyto(tone, lifted, where=skin)


_LIFTED = bytes(max(0, FLAT - (FLAT - v) * 14 // 16) if v < FLAT else v for v in range(256))
"""The tone of skin for that of cloth."""


def _darken_seams(layer: Layer, tone: Bytes) -> None:
    """Darken the line where two parts of a garment meet."""
    part = layer.part
    line = np.zeros(part.shape, np.uint8)
    line[:, 1:] |= (part[:, 1:] != part[:, :-1]).view(np.uint8)
    line[1:] |= (part[1:] != part[:-1]).view(np.uint8)
    lower_by(tone, line * np.uint8(255), SEAM)


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
    across, along = (interpolated(window, spot, layer.cloth[..., at]) for at in (0, 1))
    # Where coordinates change nearly twice as fast as on cloth that faces the camera, it turns away.
    limit = max(2, round(1.9 * 20 / unit))
    away = np.zeros(across.shape, np.bool_)
    for plane in (across, along):
        away[:, 1:] |= np.abs(np.diff(plane, axis=1)) > limit
        away[1:] |= np.abs(np.diff(plane, axis=0)) > limit
    front = nearest(window, spot, motifs.front)
    x0, y0, x1, y1 = spot.target
    inner = x0 - box[0], y0 - box[1], x1 - box[0], y1 - box[1]
    front = front * (labels.first[inner[1] : inner[3], inner[0] : inner[2]] == 0).view(np.uint8)
    return Cloth(inner, across, along, away.view(np.uint8), front, labels, motifs.mark, motifs.badge, unit)
