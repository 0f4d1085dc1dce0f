"""From a product to its picture: the entry to the renderer.

``draw`` takes the product's stencil from the cache (or cuts it), fills its masks with fabric, pattern and
colours (``paint``), multiplies light over them, and places the result in front of a studio backdrop. Every
random number comes from ``product.cut`` (shape, pose) or ``product.noise`` (light, position, sensor).
"""

from __future__ import annotations

import io
import math
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from PIL import Image

from datagen.product.product import House, Product
from datagen.product.vocabulary import (
    BACKDROPS,
    DETAILS,
    FITS,
    LARGEST_SIDE,
    MATERIALS,
    PATTERNS,
    REGULAR,
    SIZES,
    SMALLEST_SIDE,
    VIEWS,
    WEARERS,
    Fit,
    require,
)
from datagen.render import fabrics, marks, paint, patterns, studio
from datagen.render.baked import layers as baked
from datagen.render.cache import Cache, PackingCache
from datagen.render.composed import cloth_paint, dressing, packshots, sheet_light, surfaces, wardrobe
from datagen.render.composed.wardrobe import MARGIN, Outfit
from datagen.render.compositing import lighting, paste
from datagen.render.figure.body import BUILDS
from datagen.render.figure.dressed_figure import arms_in, figure_layers, frame_of, look_of, neck_of
from datagen.render.figure.head import MODELS, portrait
from datagen.render.figure.joints import body_joints, head_joints
from datagen.render.focus import focused, radii
from datagen.render.layers import Part, Sketch
from datagen.render.outlines import bounds
from datagen.render.planes import Bytes, doubled, flipped
from datagen.render.random_stream import RandomStream, derive_key, salt
from datagen.render.silhouettes import CUTS, TABLE, Kind, sketch
from datagen.render.stencil import Stencil, cut_stencil

RECENT_BYTES, PACKED_BYTES = 12_000_000, 16_000_000
"""Limits on the stencils that a process caches: about 24 as they are, and 320 packed."""

HEADS = 10
"""Head sizes per octave: a head is at most 3.5 % larger or smaller than its body requires."""

HEAD_BYTES = 20_000_000
"""Limit on the heads that a process caches."""

UPRIGHT = 0.6
"""Share of cuts photographed exactly upright."""

DETAIL = 1.9
"""Magnification of the detail view of a product without a wearer."""

HALF = 128
"""The coverage at which a pixel is the subject's."""

ADULTS = ("woman", "man")

CutKey = tuple[str, str, Fit, str, int, bool, str]
ShapeKey = CutKey | Outfit | packshots.Shot
Affine = npt.NDArray[np.float64]

_stencils: PackingCache[Stencil] = PackingCache(RECENT_BYTES, PACKED_BYTES)
_heads: Cache[Stencil] = Cache(HEAD_BYTES)


def draw(product: Product, house: House, size: tuple[int, int]) -> Image.Image:
    """The product's picture, "RGB", exactly ``size`` = (width, height) pixels, each 64 to 4096."""
    # NumPy is several times slower on arrays with negative strides, so the finished frame is mirrored.
    stencil, shift, head, head_at = _compose_unmirrored(product, size)
    mirror = is_mirrored(product)
    kind, chance = TABLE[product.kind], RandomStream(product.noise, 1)
    left, top = chance.integer(0, studio.SLACK), chance.integer(0, studio.SLACK)
    lies = not is_worn(product) and kind.ground == 0
    studios = studio.backdrop(size, chance.integer(0, studio.VARIANTS - 1), product.backdrop, lies=lies)
    frame = np.empty((3, size[1], size[0]), np.uint8)
    frame[...] = studios[:, top : top + size[1], left : left + size[0]]
    _cast_shadow(frame, stencil, *shift)
    paints = paint.fill_colours(product, kind)
    if stencil.cloth is not None:
        if is_worn(product):
            paints |= wardrobe.complexion_of(product)
        colours, surface = cloth_paint.painted(product, house, kind, stencil.cloth, paints, mirror=mirror)
    else:
        planes = paint.fabric_planes(product, house, kind, stencil, size, mirror=mirror)
        paint.paint_trims(planes, stencil, paints)
        colours, surface = planes[:3], planes[3]
    light = lighting(product.material, product, stencil)
    paste(frame, stencil, shift, colours, surface, light, (left, top), grey=len(studios) == 1)
    if head is not None:
        # A head consists of trims only, whose surface is even.
        colours = np.empty((3, *head.cover.shape), dtype=np.uint8)
        colours[...] = 255
        paint.paint_trims(colours, head, paints)
        light = lighting("cotton", product, head)
        paste(frame, head, head_at, colours, None, light, (left, top), grey=False)
    if product.view == "detail":
        _focus(frame, product, stencil, shift)
    bands = flipped(frame) if mirror else frame
    return Image.merge("RGB", [Image.frombuffer("L", size, band, "raw", "L", 0, 1) for band in bands])


def _focus(frame: Bytes, product: Product, stencil: Stencil, shift: tuple[int, int]) -> None:
    """Blur what is out of focus in the frame of a composed product; a silhouette has no depth."""
    key, (height, width) = shape_key(product), frame.shape[1:]
    if not isinstance(key, Outfit | packshots.Shot) or stencil.cloth is None:
        return
    known = surfaces.surface(key, (width, height))
    distance, cover = np.zeros((2, height, width), np.uint16)
    _put(distance, known.depth, known.left + shift[0], known.top + shift[1])
    _put(cover, stencil.cover, stencil.box[0] + shift[0], stencil.box[1] + shift[1])
    focused(frame, radii(distance * (cover >= HALF), stencil.cloth.unit, height))


def _put(whole: npt.NDArray[np.uint16], part: npt.NDArray[Any], x: int, y: int) -> None:
    """Copy a part into a plane at a place, cropped at its edges."""
    x0, y0 = max(0, x), max(0, y)
    x1, y1 = min(whole.shape[1], x + part.shape[1]), min(whole.shape[0], y + part.shape[0])
    if x0 < x1 and y0 < y1:
        whole[y0:y1, x0:x1] = part[y0 - y : y1 - y, x0 - x : x1 - x]


def jpeg(product: Product, house: House, size: tuple[int, int], quality: int = 90) -> bytes:
    """The picture as JPEG bytes, 4:2:0, without metadata; the same product gives the same bytes."""
    # Optimised Huffman tables save 5 % of the bytes for 70 % more encoding time: not worth it here.
    file = io.BytesIO()
    draw(product, house, size).save(file, "JPEG", quality=quality, subsampling=2)
    return file.getvalue()


class Composition(NamedTuple):
    """The layout of a picture: the stencil, shifted by ``shift`` pixels, and a head at ``head_at``."""

    stencil: Stencil
    shift: tuple[int, int]
    head: Stencil | None
    head_at: tuple[int, int]


def compose(product: Product, size: tuple[int, int]) -> Composition:
    """Lay out product and wearer in a picture. Raises ValueError for unknown words and sizes."""
    stencil, (dx, dy), head, (x, y) = _compose_unmirrored(product, size)
    if not is_mirrored(product):
        return Composition(stencil, (dx, dy), head, (x, y))
    head = head and head.mirrored(0)
    return Composition(stencil.mirrored(size[0]), (-dx, dy), head, (size[0] - x, y))


def is_mirrored(product: Product) -> bool:
    """Every cut also appears as its mirror image, which doubles their number."""
    return bool(derive_key(product.cut, salt("mirror")) & 1)


def _compose_unmirrored(product: Product, size: tuple[int, int]) -> Composition:
    """The layout before the picture is mirrored."""
    _check(product, size)
    stencil, light = _stencil(product, size), RandomStream(product.noise, 2)
    reach = size[1] / 100
    shift = round(light.uniform(-1.2, 1.2) * reach), round(light.uniform(-0.9, 0.9) * reach)
    x0, y0, x1, y1 = stencil.box
    if x0 >= 0 and y0 >= 0 and x1 <= size[0] and y1 <= size[1]:
        shift = _shift(stencil, size, *shift)
    if stencil.neck is None:
        return Composition(stencil, shift, None, (0, 0))
    head_at = stencil.neck[0] + shift[0], stencil.neck[1] + shift[1]
    return Composition(stencil, shift, _head_stencil(product, stencil, size), head_at)


def clear_caches() -> None:
    """Empty every cache of the renderer. Pictures do not change."""
    _stencils.clear()
    _heads.clear()
    studio.clear()
    fabrics.clear()
    cloth_paint.clear()
    dressing.clear()
    sheet_light.clear()
    surfaces.clear()
    wardrobe.clear()
    baked.clear()
    packshots.clear()
    for cached in (patterns.tile_index, patterns.palette, marks.decal, marks.shapes_of):
        cached.cache_clear()


def _check(product: Product, size: tuple[int, int]) -> None:
    for word, known, what in (
        (product.kind, TABLE, "kind"),
        (product.wearer, WEARERS, "wearer"),
        (product.size, SIZES, "size"),
        (product.detail, DETAILS, "detail"),
        (product.pattern, PATTERNS, "pattern"),
        (product.material, MATERIALS, "material"),
        (product.view, VIEWS, "view"),
        (product.backdrop, BACKDROPS, "backdrop"),
    ):
        require(word, known, what)
    if not all(SMALLEST_SIDE <= side <= LARGEST_SIDE for side in size):
        raise ValueError(
            f"picture size {size[0]}x{size[1]} is outside {SMALLEST_SIDE} to {LARGEST_SIDE} pixels a side"
        )


def is_worn(product: Product) -> bool:
    """Whether a figure wears the product in its picture: only some kinds can be worn, and never by a baby."""
    kind = TABLE.get(product.kind)
    return product.worn and kind is not None and kind.wear != "" and product.wearer in BUILDS


def drawing_key(product: Product) -> tuple[str, str]:
    """What a picture shows, at any size: the figure, or the kind of a product without one; and the stencil.

    Products with the same stencil share it if they are drawn one after another, and stencils with the same
    figure share its layers.
    """
    key = shape_key(product)
    if isinstance(key, Outfit):
        return key.figure, f"{key.crop} {key.magnified} {key!r}"
    return product.kind, repr(key)


def shape_key(product: Product) -> ShapeKey:
    """Everything that determines a product's stencil: baked layers, or a silhouette's cut."""
    if is_worn(product) and wardrobe.is_composed(product):
        return wardrobe.outfit_of(product)
    if not is_worn(product) and packshots.is_composed(product):
        return packshots.shot_of(product)
    return _cut_key(product)


def _cut_key(product: Product) -> CutKey:
    """(kind, wearer, fit, detail, cut bucket, worn, view): everything that determines a product's shape."""
    kind = TABLE[product.kind]
    detail = product.detail if product.detail in kind.details else "none"
    wearer = product.wearer if kind.shaped_by_wearer else "woman"
    fit = kind.relevant_fit(FITS[product.size])
    # One cut if a word of the title varies the shape anyway: cutting costs as much as a dozen pictures.
    plain = (
        detail == "none"
        and fit == kind.relevant_fit(REGULAR)
        and wearer in ADULTS
        and product.view == "front"
    )
    bucket = derive_key(product.cut, salt("cut")) % (CUTS if plain else 1)
    worn = is_worn(product)
    view = product.view if worn or product.view != "back" else "front"
    return product.kind, wearer, fit, detail, bucket, worn, view


def _stencil(product: Product, size: tuple[int, int]) -> Stencil:
    """The product's stencil, from the cache if it is there."""
    key = shape_key(product)

    def cut() -> Stencil:
        if isinstance(key, Outfit):
            return _outfit_stencil(key, size)
        if isinstance(key, packshots.Shot):
            return packshots.packshot_stencil(key, size)
        return _figure_stencil(key, size) if key[5] else _packshot_stencil(key, size)

    return _stencils.get((key, size), cut, lambda stencil: stencil.bytes)


def _outfit_stencil(outfit: Outfit, size: tuple[int, int]) -> Stencil:
    """The stencil of a figure and its garments from baked layers."""
    figure, worn, window = wardrobe.laid_out(outfit, size)
    return dressing.dressed(figure, worn, outfit.detail, window)


def _packshot_stencil(key: CutKey, size: tuple[int, int]) -> Stencil:
    """The stencil of a product photographed without a wearer: lying, standing or hanging."""
    kind, view = TABLE[key[0]], key[6]
    drawing = sketch(*key[:5])
    place = _placement(drawing, kind, size, RandomStream(salt(key[0]), key[4], salt("pose")))
    frame, ground = (0, 0, *size), kind.ground
    middle, weave = np.array([size[0] / 2, size[1] / 2]), min(size[0] / 75, size[1] / 100)
    if view == "three_quarter":
        # Foreshortened, and seen slightly from above: a 2-D approximation of a turn.
        place = _transform_about(place, np.array([[0.87, 0.0], [-0.07, 0.985]]), middle)
    elif view == "detail":
        spot = np.array([*drawing.badge[:2], 1.0]) @ place.T
        place = _transform_about(place, np.eye(2) * DETAIL, middle + (spot - middle) * 0.5)
        margin, weave = round(size[1] * MARGIN), weave * DETAIL
        frame, ground = (-margin, -margin, size[0] + margin, size[1] + margin), 0.0
    spots = drawing.mark, drawing.badge
    return cut_stencil(drawing.layers, place, frame, *spots, ground=ground, thick=kind.thick, weave=weave)


def _transform_about(place: Affine, change: Affine, middle: Affine) -> Affine:
    """An affine map followed by a linear one about a fixed point."""
    linear = change @ place[:, :2]
    return np.concatenate([linear, (change @ (place[:, 2] - middle) + middle)[:, None]], axis=1)


def _figure_stencil(key: CutKey, size: tuple[int, int]) -> Stencil:
    """The stencil of a garment on a figure, without the head."""
    kind, wearer, fit, detail, bucket, _, view = key
    wear = TABLE[kind].wear
    drawing = sketch(kind, wearer, fit, detail, bucket, worn=True, behind=view == "back")
    length = round(fit.length * 100)
    choice = derive_key(salt(kind), salt(wearer), bucket, salt(detail), length)
    look = look_of(wear, wearer, view, choice, long=fit.length > 1.05)
    layers = figure_layers(drawing, wear, look)
    top, bottom = frame_of(look)
    unit = min(size[0] / 75, size[1] / 100) * 100 / (bottom - top)
    place = np.array([[unit, 0.0, size[0] / 2], [0.0, unit, size[1] / 2 - (top + bottom) / 2 * unit]])
    margin = round(size[1] * MARGIN)
    return cut_stencil(
        layers,
        place,
        (-margin, -margin, size[0] + margin, size[1] + margin),
        drawing.mark,
        drawing.badge,
        ground=1.0 if bottom > look.build.floor else 0.0,
        neck=neck_of(look),
        # The geometric mean of two scales: at body scale the pattern would be too small to see.
        weave=math.sqrt(unit * min(size[0] / 75, size[1] / 100) * 0.9),
        joints=body_joints(look, arms_in(drawing, wear, look)),
    )


def _head_stencil(product: Product, stencil: Stencil, size: tuple[int, int]) -> Stencil:
    """The head of the figure, relative to its neck. All colourways of a product share it."""
    model = derive_key(product.cut, salt("head")) % MODELS
    # Figures differ in scale by a few percent; heads of nearly equal size share a stencil.
    unit = 2 ** (round(HEADS * math.log2(stencil.unit)) / HEADS)

    def cut() -> Stencil:
        place = np.array([[unit, 0.0, 0.0], [0.0, unit, 0.0]])
        frame = (-size[0], -size[1], size[0], size[1])
        nowhere = 0.0, 0.0, 1.0
        layers = portrait(product.wearer, model, product.view)
        joints = head_joints(product.wearer, model, product.view)
        return cut_stencil(layers, place, frame, nowhere, nowhere, joints=joints)

    key = product.wearer, model, product.view, unit, size
    return _heads.get(key, cut, lambda stencil: stencil.bytes)


def _placement(drawing: Sketch, kind: Kind, size: tuple[int, int], pose: RandomStream) -> Affine:
    """The 2 x 3 map from the sketch's cm to pixels: scaled, at the kind's position in the 3:4 frame.

    The pose (a slight rotation, the camera a little further away) is part of the cut: rotating a finished
    picture would cost as much as composing it.
    """
    x0, y0, x1, y1 = bounds(
        [path for layer in drawing.layers if isinstance(layer, Part) for path in layer.outlines]
    )
    unit = min(size[0] / 75, size[1] / 100)
    units = kind.zoom * drawing.fit.scale * drawing.zoom
    # A product that is too large for the frame is photographed from further away.
    units = min(units, kind.width / (x1 - x0), kind.height / (y1 - y0))
    turn = 0.0
    if kind.tilts and not pose.chance(UPRIGHT):
        turn = math.radians(pose.uniform(-1.4, 1.4))
        units *= pose.uniform(0.965, 1.0)
    c, s = math.cos(turn), math.sin(turn)
    linear = np.array([[c, -s], [s, c]]) * units * unit
    anchor = np.array([(x0 + x1) / 2, y1 if kind.ground else (y0 + y1) / 2])
    target = np.array([size[0] / 2, size[1] / 2 + (kind.at - 50) * unit])
    return np.concatenate([linear, (target - linear @ anchor)[:, None]], axis=1)


def _shift(stencil: Stencil, size: tuple[int, int], dx: int, dy: int) -> tuple[int, int]:
    """The shift, limited to keep the product inside the picture."""
    x0, y0, x1, y1 = stencil.box
    return max(-x0, min(dx, size[0] - x1)), max(-y0, min(dy, size[1] - y1))


def _cast_shadow(frame: Bytes, stencil: Stencil, dx: int, dy: int) -> None:
    """Darken floor and wall. The shadow is stored at half size: each of its pixels covers 2 x 2."""
    if not stencil.shadow.size:
        return
    dark = doubled(stencil.shadow)
    x, y = stencil.shadow_at[0] + dx, stencil.shadow_at[1] + dy
    left, top = max(0, x), max(0, y)
    under = frame[:, top : max(0, y + dark.shape[0]), left : max(0, x + dark.shape[1])]
    under -= dark[top - y :, left - x :][: under.shape[1], : under.shape[2]]
