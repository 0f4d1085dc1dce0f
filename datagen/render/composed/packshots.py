"""Products without a wearer from baked layers: which there are, and their stencils, in integers only.

A packshot is an outfit without a figure: one layer, of a solid or of a garment as if on an invisible body,
resampled to the picture, with labels, light and cloth as a figure's garments have.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from PIL import Image

from datagen.product.product import Product
from datagen.product.vocabulary import DETAILS, FITS, REGULAR
from datagen.render import fabrics
from datagen.render.baked import layers
from datagen.render.baked.layers import PARTS, Layer
from datagen.render.baked.packshots import Packshot, packshot
from datagen.render.composed.cloth import Cloth, Coordinates, places
from datagen.render.composed.cloth_paint import WEAVE_CM
from datagen.render.composed.creases import creased
from datagen.render.composed.cut_words import shows
from datagen.render.composed.floor import floor_shadow
from datagen.render.composed.kinds import PAINTED, TRIMS
from datagen.render.composed.labels import Labelling, Labels, other_fills
from datagen.render.composed.light import Light, light_on
from datagen.render.composed.motifs import best_shown
from datagen.render.composed.packshot_kinds import (
    COMPOSED,
    GARMENTS,
    GLOWS,
    JEWELS,
    MADE_OF,
    NEARER,
    fill_of,
    manner_of,
    metal,
)
from datagen.render.composed.sheet_light import picked, seams, sources
from datagen.render.composed.window import (
    Spot,
    Window,
    interpolated,
    jumps,
    mask_in,
    nearest,
    padded,
    resampled,
    spot_of,
    table_of,
)
from datagen.render.outlines import Box
from datagen.render.planes import dim, looked_up, lower_by
from datagen.render.random_stream import derive_key, salt
from datagen.render.shadows import contact_shadow
from datagen.render.silhouettes import TABLE, Kind
from datagen.render.stencil import Stencil

DETAIL = 1.9
"""Magnification of the detail view."""

MARGIN = 0.04
"""How far beyond the picture's edges that view is drawn, as a share of the height."""

STRETCH = 0.15
"""A size word that changes a kind's length by more needs another shape, which is not baked."""

MIRRORS = ("metal", "lens")
"""Fills that mirror the studio, whatever the product is made of."""

VIEWS = {"detail": "front", "back": "front"}
"""Views of the vocabulary that are shown by another."""


class Shot(NamedTuple):
    """Everything that determines the stencil of a product without a wearer."""

    kind: str
    cut: str
    view: str
    """The baked view."""
    scale: float
    """Of the size word."""
    magnified: bool
    detail: str
    """The product's detail, if it decides how parts are painted; "none" otherwise."""
    polished: bool = False
    """Whether the product's material mirrors the studio as its hardware does."""


def is_composed(product: Product) -> bool:
    """Whether a product without a wearer is composed: a cut of its kind shows its words."""
    return bool(_cuts_of(product))


def shot_of(product: Product) -> Shot:
    """The packshot in a product's picture. Raises IndexError if no baked cut shows the product."""
    cuts = _cuts_of(product)
    cut = cuts[derive_key(product.cut, salt("packshot")) % len(cuts)]
    view, magnified = VIEWS.get(product.view, product.view), product.view == "detail"
    fit = TABLE[product.kind].relevant_fit(FITS[product.size])
    trims = TRIMS if product.kind in GARMENTS else ("contrast", "reversible")
    painted = product.detail if product.detail in trims else "none"
    polished = product.kind in JEWELS and product.material == "metal"
    return Shot(product.kind, cut, view, fit.scale * fit.width, magnified, painted, polished)


def clear() -> None:
    """Forget what is baked."""
    _cuts.cache_clear()
    _garments.cache_clear()


def _cuts_of(product: Product) -> tuple[str, ...]:
    """The cuts that can show a product, in the order of their names."""
    words = product.view, product.size, product.detail
    if product.kind in GARMENTS:
        return _garments(product.kind, product.wearer, *words)
    return _cuts(product.kind, *words, product.material)


@lru_cache(maxsize=4096)
def _garments(kind: str, wearer: str, view: str, size: str, detail: str) -> tuple[str, ...]:
    """The cuts of a garment; their names begin with those who wear it."""
    return tuple(
        cut
        for name, cut, seen in sorted(layers.index().packshots)
        if name == kind
        and seen == VIEWS.get(view, view)
        and wearer in cut.split("-")
        and shows(kind, cut, size, detail)
    )


@lru_cache(maxsize=4096)
def _cuts(kind: str, view: str, size: str, detail: str, material: str) -> tuple[str, ...]:
    """The cuts of what is no garment.

    A cut is named by the details that it shows; its other words are free. A detail that the kind's silhouette
    does not show either needs no cut. Of jewellery a cut may have a chain that the title does not name. Cuts
    that a material is not made into are left out, if there are others.
    """
    if kind not in COMPOSED:
        return ()
    table = TABLE[kind]
    if abs(table.relevant_fit(FITS[size]).length - REGULAR.length) > STRETCH:
        return ()
    wanted = {detail} if detail in table.details and detail not in PAINTED else set()
    known = [
        cut
        for name, cut, seen in sorted(layers.index().packshots)
        if name == kind and seen == VIEWS.get(view, view)
    ]
    shown = [
        cut
        for cut in known
        for words in [set(cut.split("-")) & DETAILS.keys() - PAINTED]
        if words == wanted or (kind in JEWELS and words >= wanted)
    ]
    return tuple(cut for cut in shown if material in MADE_OF.get((kind, cut), {material})) or tuple(shown)


class Placed(NamedTuple):
    """A baked packshot in a picture: its window, and where in it the layer is."""

    baked: Packshot
    window: Window
    spot: Spot
    units: float
    """How large the product is shown, in hundredths of the picture for a centimetre."""


def placed(shot: Shot, size: tuple[int, int]) -> Placed:
    """Where the product lies in a picture of a size."""
    kind, baked = TABLE[shot.kind], packshot(shot.kind, shot.cut, shot.view)
    layer, unit = baked.layer, min(size[0] / 75, size[1] / 100)
    height, width = layer.coverage.shape
    # A product that is too large for the frame is photographed from further away.
    most = min(kind.width * baked.scale / width, kind.height * baked.scale / height)
    usual = manner_of(shot.kind).share * most or kind.zoom * NEARER.get(shot.kind, 1.0)
    units = min(usual * shot.scale, most)
    window = _window(kind, baked, units * unit / baked.scale, size, shot.magnified)
    spot = spot_of(window, layer.left, layer.top, layer.coverage.shape)
    if spot is None:
        raise AssertionError("a packshot lies in the picture")
    return Placed(baked, window, spot, units)


def packshot_stencil(shot: Shot, size: tuple[int, int]) -> Stencil:
    """The stencil of a product without a wearer, at a picture size."""
    kind, (baked, window, spot, units) = TABLE[shot.kind], placed(shot, size)
    layer, unit = baked.layer, min(size[0] / 75, size[1] / 100)
    labelling = Labelling((window.limits[3] - window.limits[1], window.limits[2] - window.limits[0]))
    _lay(labelling, layer, shot, window, spot)
    left, top = window.limits[:2]
    x0, y0, x1, y1 = spot.target
    part = slice(y0 - top, y1 - top), slice(x0 - left, x1 - left)
    cover = labelling.cover[part].copy()
    light = _light(layer, shot, sources(window, spot, layer.part.shape, cover > 0))
    tone, glow = (np.ascontiguousarray(resampled(window, spot, plane)) for plane in light)
    magnified = unit * (DETAIL if shot.magnified else 1.0)
    cloth = _cloth(baked, labelling.labels(part), window, spot.target, units, magnified)
    cloth = cloth._replace(polished=shot.polished)
    nothing = (spot.target[0], spot.target[1]), np.zeros((0, 0), np.uint8)
    if shot.magnified:
        shadow_at, shadow = nothing
    elif kind.ground:
        shadow_at, shadow = floor_shadow(cover, spot.target, size[1] / 100, kind.ground)
    else:
        # Kinds whose silhouettes are drawn larger than they are rise as far above the table as these.
        thick = kind.thick * units / NEARER.get(shot.kind, 1.0) * unit
        shadow_at, shadow = contact_shadow(Image.fromarray(cover), spot.target, (0, 0, *size), 0.0, thick)
    nowhere = (0.0, 0.0, 1.0)
    return Stencil(
        spot.target, cover, tone, glow, (), (), shadow_at, shadow, nowhere, nowhere, units * unit, None, unit,
        np.zeros((0, 0), np.int8), None, cloth,
    )  # fmt: skip


def _window(kind: Kind, baked: Packshot, scale: float, size: tuple[int, int], magnified: bool) -> Window:
    """Where the layer's frame lies in the picture: centred, on the kind's foot or middle."""
    layer, unit = baked.layer, min(size[0] / 75, size[1] / 100)
    height, width = layer.coverage.shape
    anchor = layer.top + (height if kind.ground else height / 2)
    left = layer.left + width / 2 - size[0] / 2 / scale
    upper = anchor - (size[1] / 2 + (kind.at - 50) * unit) / scale
    if not magnified:
        return Window(left, upper, scale, (0, 0, *size))
    across, along = (np.abs(layer.cloth[..., at].astype(np.int32) - baked.badge[at]) for at in (0, 1))
    away = across + along
    away[~(manner_of(baked.kind).front.take(layer.part) & (layer.coverage > 0))] = 1 << 20
    row, column = divmod(int(np.argmin(away)), width)
    # The badge comes half-way to the picture's middle.
    x, y = (layer.left + column - left) * scale, (layer.top + row - upper) * scale
    x, y = size[0] / 2 + (x - size[0] / 2) * 0.5, size[1] / 2 + (y - size[1] / 2) * 0.5
    scale *= DETAIL
    margin = round(size[1] * MARGIN)
    limits = -margin, -margin, size[0] + margin, size[1] + margin
    return Window(layer.left + column - x / scale, layer.top + row - y / scale, scale, limits)


def _lay(labelling: Labelling, layer: Layer, shot: Shot, window: Window, spot: Spot) -> None:
    """The product as its ground, then its parts of other fills."""
    left, top = window.limits[:2]
    cover = mask_in(window, spot, layer.coverage)
    x0, y0, x1, y1 = spot.target
    labelling.lay("ground", (x0 - left, y0 - top, x1 - left, y1 - top), cover)
    fills = _fills(shot.kind, shot.detail)
    for name, (rows, columns), own in other_fills(layer.part, fills, "ground", layer.coverage > 0):
        # A pixel more on all sides, and steps of pixels rounded: a part's edge is a line, not a stair.
        own = padded(own, 1, edge=False)
        small = spot_of(window, layer.left + columns.start - 1, layer.top + rows.start - 1, own.shape)
        if small is None:
            continue
        mask = resampled(window, small, own, edge=False, blur=0.6)
        a, b, c, d = small.target
        a, b, c, d = max(a, x0), max(b, y0), min(c, x1), min(d, y1)
        if a < c and b < d:
            mask = mask[b - small.target[1] : d - small.target[1], a - small.target[0] : c - small.target[0]]
            mask = np.minimum(mask, cover[b - y0 : d - y0, a - x0 : c - x0])
            labelling.lay(name, (a - left, b - top, c - left, d - top), mask)


@lru_cache(maxsize=256)
def _fills(kind: str, detail: str) -> tuple[str, ...]:
    """For each part, its fill."""
    return tuple(fill_of(name, kind, detail) for name in PARTS)


def _light(layer: Layer, shot: Shot, seen: npt.NDArray[np.bool_]) -> Light:
    """Tone and glow of the layer where it is ``seen``: metal reflects the studio, all else is lit as clothes
    are."""
    pixels = picked(layer, seen)
    manner = manner_of(shot.kind)
    light = light_on(pixels, lit_normals(pixels, shot))
    fills = _fills(shot.kind, shot.detail)
    dim(light.glow, looked_up(pixels.part, table_of(GLOWS.get(fill, 255) for fill in fills)))
    for fill in MIRRORS:
        where = np.flatnonzero(_mirrors_as(fill, pixels, shot))
        if len(where):
            shine = metal(pixels.normal[where], pixels.open[where], fill)
            light.tone[where], light.glow[where] = shine
    lower_by(light.tone, seams(layer.part)[seen], manner.seam)
    tone, glow = np.zeros((2, *seen.shape), np.uint8)
    tone[seen], glow[seen] = light
    return Light(tone, glow)


def lit_normals(layer: Layer, shot: Shot) -> npt.NDArray[np.int8]:
    """The normals of a product's layer in the light: with creases, if it is of a kind that has any."""
    return creased(layer) if manner_of(shot.kind).creased else layer.normal


def mirrors(layer: Layer, shot: Shot) -> npt.NDArray[np.bool_]:
    """Where a product's layer mirrors the studio, whose normals have no creases."""
    of_metal, of_glass = (_mirrors_as(fill, layer, shot) for fill in MIRRORS)
    return of_metal | of_glass


def _mirrors_as(fill: str, layer: Layer, shot: Shot) -> npt.NDArray[np.bool_]:
    """Where a product's layer mirrors the studio as a fill of MIRRORS does."""
    like = (fill, "ground") if fill == "metal" and shot.polished else (fill,)
    table = table_of(name in like for name in _fills(shot.kind, shot.detail))
    return looked_up(layer.part, table).view(np.bool_)


def _cloth(baked: Packshot, labels: Labels, window: Window, box: Box, units: float, unit: float) -> Cloth:
    """The product's material in the picture. Patterns are as large as on silhouettes."""
    layer, manner = baked.layer, manner_of(baked.kind)
    spot = spot_of(window._replace(limits=box), layer.left, layer.top, layer.coverage.shape)
    if spot is None or spot.target != box:
        raise AssertionError("a packshot lies in its box")
    grow = round(units * 256)
    across, along = (interpolated(window, spot, _scaled(layer.cloth[..., at], grow)) for at in (0, 1))
    away = jumps((across, along), max(2, round(1.9 * 20 / unit)))
    front = nearest(window, spot, (manner.front.take(layer.part) & (layer.coverage > 0)).view(np.uint8))
    front = front * (labels.first == 0).view(np.uint8)
    mark, badge = ((x * grow >> 8, y * grow >> 8, w * grow >> 8) for x, y, w in (baked.mark, baked.badge))
    badge = badge[0], badge[1], round(badge[2] * manner.badge)
    seen = front.view(np.bool_)
    if seen.any():
        # The place of the other motif, and the middle of what is seen, if a motif's own place is not seen.
        middle = _middle(across, along, seen)
        mark, badge = (
            best_shown([own, (*other[:2], own[2]), (*middle, own[2])], across, along, seen, unit)
            for own, other in ((mark, badge), (badge, mark))
        )
    inner = (0, 0, box[2] - box[0], box[3] - box[1])
    cloth = Cloth(inner, across, along, away, front, labels, mark, badge, unit, manner.weave, alone=True)
    return cloth._replace(weave_at=places(cloth, fabrics.SIDE, WEAVE_CM * manner.weave))


def _middle(across: Coordinates, along: Coordinates, seen: npt.NDArray[np.bool_]) -> tuple[int, int]:
    """The cloth (across, along) in the middle of what is seen of the front."""
    rows, columns = np.nonzero(seen)
    at = int(np.argmin((rows - rows.mean()) ** 2 + (columns - columns.mean()) ** 2))
    return int(across[rows[at], columns[at]]), int(along[rows[at], columns[at]])


def _scaled(plane: npt.NDArray[np.int16], grow: int) -> npt.NDArray[np.int16]:
    """Cloth coordinates times a number of 256ths."""
    wide = plane.astype(np.int32)
    wide *= grow
    wide >>= 8
    return wide.astype(np.int16)
