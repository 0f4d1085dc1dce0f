"""What lies on what: a body and its garments in paint order, with what is seen of each.

Garments lie on the body and on one another by rank, but what is clearly nearer to the camera stays in front:
hands and arms before a coat, a neck before the back of a collar, a shirt before the inside of an open jacket.
No part of the body shows where a garment hides it for good.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from datagen.render.baked.layers import FINE, HEIGHT, PARTS, WIDTH, Figure, Garment, Layer
from datagen.render.composed.kinds import LOOSE
from datagen.render.composed.window import extent, softened, table_of
from datagen.render.planes import Bytes, looked_up

HAND, ARM, ELSE = 5, 25, 15
"""Millimetres by which a hand, an arm, and all else must be nearer to lie in front of an outer garment."""

NEVER = 2_000
"""The same for the rest of a body: it is below all garments, but in front of the inside of one."""

MARGINS = np.array(
    [HAND if name in ("hand", "nails") else ARM if name == "skin_arm" else NEVER for name in PARTS], np.int16
)
"""For each part of a body, the millimetres by which it must be nearer."""

INSIDE = PARTS.index("inside")
"""The part of a garment that lies behind whatever is in it."""

OF_ARMS = table_of(name in ("skin_arm", "hand", "nails") for name in PARTS)
"""1 for parts of a body that sleeves hide."""

SLEEVE = table_of(name in ("sleeve_left", "sleeve_right", "cuff") for name in PARTS)
"""1 for parts of a garment with sleeves that another garment's sleeves hide."""

SLEEVES = [PARTS.index(name) for name in ("sleeve_left", "sleeve_right")]
"""The sleeves themselves."""

FEATURES = ("ear", "lips", "eye_white", "iris", "pupil", "brows", "lashes", "hair", "stubble")
FEATURELESS = table_of(PARTS.index("skin_face" if name in FEATURES else name) for name in PARTS)
"""Parts of a body below a head of the finer frame, which has the features of the face."""

EDGE = 2
"""How far, in pixels, a body goes on under a garment that hides it."""

WRAPS = ("cape", "poncho")
"""Kinds that end in a point: all rows below their widest are as wide."""

HEM = (4, 8, 12)
"""Steps, in rows, in which a garment's width is carried down to its hem and up to its collar."""

WAIST, UNDER, BLOUSE = 8, 3, 40
"""Of a tucked top, in rows: from where below it the waist is measured, how far the top goes on below its
edge, and from how far above its width is drawn in."""

FAR = -30_000
"""The depth where there is nothing, in millimetres."""

HALF = 128
"""The coverage from which a pixel is a layer's."""


class Sheet(NamedTuple):
    """A layer in paint order: ``cover`` is what it adds at its turn, ``role`` what it is in the outfit,
    ``zoom`` how many times larger than the figure's frame its own is.

    ``name``: of a head or hair, which other outfits have as well, so that what is computed of it is kept.
    """

    layer: Layer
    cover: Bytes
    role: str
    zoom: int = 1
    name: str = ""


def stacked(figure: Figure, worn: Sequence[tuple[str, Garment]]) -> list[Sheet]:
    """The sheets in paint order; ``worn`` are garments with their roles in the outfit."""
    tucking = next((g for role, g in worn if role == "product" and g.rank == 0), None)
    if any(role == "inner" and garment.kind in LOOSE for role, garment in worn):
        tucking = None
    ordered = sorted(worn, key=lambda each: 1.5 if each[1] is tucking else each[1].rank)
    body, box = figure.body, _box(figure.body)
    hidden = np.zeros(body.coverage.shape, np.bool_)
    for number, (_, garment) in enumerate(ordered):
        # Sleeves below another garment's sleeves are not there, and the arm goes on below the shorter ones.
        tucked = any(_sleeve_in_sleeve(garment.layer, outer.layer) for _, outer in _over(ordered, number))
        hides = np.unpackbits(garment.hides[box[0]], axis=1).view(np.bool_)[:, box[1]]
        hidden |= hides & ~_is(OF_ARMS, body.part) if tucked else hides
    # Under a garment's soft edge the body goes on, or the studio would shine through.
    shown = (body.coverage > 0) & ~hidden
    for _ in range(EDGE):
        shown = _grown(shown)
    hidden &= ~shown
    seen = _where(~hidden, body.coverage)
    nearest = np.full((HEIGHT, WIDTH), FAR, np.int16)
    reach = np.full((HEIGHT, WIDTH), FAR, np.int16)
    np.copyto(nearest[box], body.depth - np.int16(ELSE), where=seen >= HALF)
    np.copyto(reach[box], body.depth - MARGINS.take(body.part), where=seen >= HALF)
    head, under = figure.head, list[Sheet]()
    if head is None:
        sheets = [Sheet(body, seen, "body")]
    else:
        plain = body._replace(part=looked_up(body.part, FEATURELESS))
        fine = _fine(head, body, _grown(seen > 0))
        name = f"{figure.name}'s head"
        sheets = [Sheet(plain, seen, "body"), Sheet(head, fine, "body", FINE, name)]
    for number, (role, garment) in enumerate(ordered):
        layer = garment.layer if garment.zoom == 1 else halved(garment.layer)
        at = _box(layer)
        # A garment's inside, and hair behind a head, are behind what is in them, the rest only behind arms.
        limit = nearest[at] if role == "hair" else reach[at]
        if role != "hair" and _has(layer, INSIDE):
            limit = np.where(layer.part == INSIDE, nearest[at], limit)
        behind = layer.depth < limit
        cover = layer.coverage
        for _, outer in _over(ordered, number):
            cover = _tucked(cover, layer, outer)
        if role == "inner" and tucking is not None:
            cover = _tucked_in(cover, layer, tucking.layer)
        if behind.any():
            # What is behind is painted first, as far as the soft edge of what is before it.
            back = _grown(_grown(behind))
            under.insert(0, _sheet(garment, layer, _where(back, cover), role))
            cover = _cut_out(cover, behind)
        sheets.append(_sheet(garment, layer, cover, role))
        np.copyto(nearest[at], layer.depth - np.int16(ELSE), where=cover >= HALF)
    return [*under, *sheets]


def _sheet(garment: Garment, layer: Layer, cover: Bytes, role: str) -> Sheet:
    """The sheet of a garment; ``layer`` and what of it is seen, ``cover``, are in the figure's frame."""
    if garment.zoom == 1:
        return Sheet(layer, cover, role)
    whole = garment.layer
    fine = _fine(whole, layer, (cover >= HALF) | (cover == layer.coverage))
    return Sheet(whole, fine, role, FINE, f"{garment.figure}'s {garment.cut}" if role == "hair" else "")


def _fine(fine: Layer, layer: Layer, shown: npt.NDArray[np.bool_]) -> Bytes:
    """The coverage of a layer in the finer frame, where the same in the figure's frame (or what it is a
    part of) is shown."""
    high, wide = fine.coverage.shape
    rows = (np.arange(fine.top, fine.top + high) // FINE - layer.top).clip(0, shown.shape[0] - 1)
    columns = (np.arange(fine.left, fine.left + wide) // FINE - layer.left).clip(0, shown.shape[1] - 1)
    return _where(shown.take(columns, axis=1).take(rows, axis=0), fine.coverage)


def _is(table: bytes, part: Bytes) -> npt.NDArray[np.bool_]:
    """Where the parts are that have 1 in a table."""
    return looked_up(part, table).view(np.bool_)


def _where(shown: npt.NDArray[np.bool_], cover: Bytes) -> Bytes:
    """A coverage where a mask is set, and 0 elsewhere: a product is many times faster than np.where."""
    return cover * shown.view(np.uint8)


def halved(layer: Layer) -> Layer:
    """A layer of the finer frame in the figure's frame."""
    high, wide = layer.coverage.shape
    before = layer.top % FINE, layer.left % FINE
    after = (-high - before[0]) % FINE, (-wide - before[1]) % FINE
    sides = (before[0], after[0]), (before[1], after[1])
    whole = np.pad(layer.coverage, sides).astype(np.uint16)
    rows, columns = whole.shape[0] // FINE, whole.shape[1] // FINE
    # Whole planes are added: NumPy sums along several axes much more slowly.
    total = np.zeros((rows, columns), np.uint16)
    for row, column in product(range(FINE), repeat=2):
        total += whole[row::FINE, column::FINE]
    down = (np.arange(rows) * FINE + 1 - before[0]).clip(0, high - 1)
    across = (np.arange(columns) * FINE + 1 - before[1]).clip(0, wide - 1)
    planes: Iterator[Any] = (plane.take(down, axis=0).take(across, axis=1) for plane in layer[3:])
    return Layer(layer.left // FINE, layer.top // FINE, (total // FINE**2).astype(np.uint8), *planes)


def _over(ordered: Sequence[tuple[str, Garment]], number: int) -> list[tuple[str, Garment]]:
    """The garments that lie over one of them."""
    mine = ordered[number][1]
    return [
        each
        for each in ordered[number + 1 :]
        if each[1].rank > mine.rank and "hair" not in (each[1].kind, mine.kind)
    ]


def _sleeve_in_sleeve(layer: Layer, outer: Layer) -> bool:
    """Whether two garments have sleeves, one in the other; the cuffs of trousers are no sleeves."""
    return _has(layer, *SLEEVES) and _has(outer, *SLEEVES)


def _has(layer: Layer, *parts: int) -> bool:
    """Whether a layer has any of some parts."""
    # Nothing finds a byte as fast as a search in bytes.
    there = layer.part.tobytes()
    return any(bytes((part,)) in there for part in parts)


def _tucked(cover: Bytes, layer: Layer, over: Garment) -> Bytes:
    """What shows of a garment below another: no sleeves below sleeves, nothing beside the outer."""
    shown, outer = cover, over.layer
    if _sleeve_in_sleeve(layer, outer):
        shown = _where(~_is(SLEEVE, layer.part), shown)
    rows, columns = _box(outer)
    full = outer.coverage >= HALF
    any_row = np.asarray(full.any(axis=1))
    first = np.where(any_row, full.argmax(axis=1), 0) + columns.start
    last = np.where(any_row, full.shape[1] - full[:, ::-1].argmax(axis=1), WIDTH) + columns.start
    sleeves = _has(outer, *SLEEVES)
    if over.kind not in WRAPS:
        # At a curved hem and at a collar a row has only a part of the garment: as wide as the rows around.
        between = slice(sum(HEM), -sum(HEM))
        own = first[between].copy(), last[between].copy()
        for step in HEM:
            first[step:] = np.minimum(first[step:], first[:-step])
            last[step:] = np.maximum(last[step:], last[:-step])
        for step in HEM:
            first[:-step] = np.minimum(first[:-step], first[step:])
            last[:-step] = np.maximum(last[:-step], last[step:])
        first[between], last[between] = own
    else:
        # A poncho ends in a point.
        first = np.minimum.accumulate(np.where(any_row, first, WIDTH))
        last = np.maximum.accumulate(np.where(any_row, last, 0))
    top, bottom = max(layer.top, rows.start), min(layer.top + len(cover), rows.stop)
    if top < bottom:
        shown = shown.copy()
        mine, theirs = (
            slice(top - layer.top, bottom - layer.top),
            slice(top - rows.start, bottom - rows.start),
        )
        column = np.arange(layer.left, layer.left + cover.shape[1])
        out = (column < first[theirs, None]) | (column >= last[theirs, None])
        if not sleeves:
            # Sleeves come out of the armholes of what has none.
            out &= ~_is(SLEEVE, layer.part[mine])
        shown[mine][out & any_row[theirs, None]] = 0
    return shown


def _tucked_in(cover: Bytes, layer: Layer, below: Layer) -> Bytes:
    """What shows of a top that is tucked into trousers or a skirt: nothing below their waist, and above it
    ever less cloth beside it."""
    full = below.coverage >= HALF
    top = int(np.argmax(full.any(axis=1)))
    waist = np.flatnonzero(full[min(top + WAIST, len(full) - 1)])
    if not len(waist):
        return cover
    first, last = int(waist[0]), int(waist[-1])
    line = np.where(full.any(axis=0), full.argmax(axis=0), top)[first : last + 1] + below.top
    columns = np.arange(layer.left, layer.left + cover.shape[1]) - below.left
    low = line[np.clip(columns - first, 0, len(line) - 1)] + UNDER
    beside = np.maximum(first - columns, columns - last)
    above = low[None] - np.arange(layer.top, layer.top + len(cover))[:, None]
    gone = (above < 0) | ((above < BLOUSE) & (beside[None] * 2 > above + 4))
    return _where(~gone | _is(SLEEVE, layer.part), cover)


def cropped(sheet: Sheet, x0: int, y0: int, x1: int, y1: int) -> Sheet | None:
    """What is covered of a sheet inside a box of the frame; None if nothing is."""
    layer = sheet.layer
    left, top = max(0, x0 - layer.left), max(0, y0 - layer.top)
    cover = sheet.cover[top : max(0, y1 - layer.top), left : max(0, x1 - layer.left)]
    seen = extent(cover)
    if seen is None:
        return None
    rows, columns = seen
    planes = (plane[top:, left:][seen] for plane in layer[2:])
    part = Layer(layer.left + left + columns.start, layer.top + top + rows.start, *planes)  # type: ignore[arg-type]
    return sheet._replace(layer=part, cover=cover[seen])


def _box(layer: Layer) -> tuple[slice, slice]:
    height, width = layer.coverage.shape
    return slice(layer.top, layer.top + height), slice(layer.left, layer.left + width)


def _grown(mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """A mask with the four neighbours of its pixels."""
    wide = mask.copy()
    wide[1:] |= mask[:-1]
    wide[:-1] |= mask[1:]
    wide[:, 1:] |= mask[:, :-1]
    wide[:, :-1] |= mask[:, 1:]
    return wide


def _cut_out(cover: Bytes, mask: npt.NDArray[np.bool_]) -> Bytes:
    """A coverage without the pixels of a mask, with soft edges; specks of the mask are left out."""
    seen = extent(mask)
    if seen is None:
        return cover
    rows, columns = seen
    part = slice(max(0, rows.start - 2), rows.stop + 2), slice(max(0, columns.start - 2), columns.stop + 2)
    whole = softened(mask[part].view(np.uint8) * np.uint8(255))
    kept = looked_up(whole, _STEEP)
    cut = cover.copy()
    np.minimum(cut[part], kept, out=cut[part])
    return cut


_STEEP = bytes(min(255, max(0, 255 - (v - 64) * 2)) for v in range(256))
"""What is kept where that much around a pixel, in 255ths, is cut out."""
