"""The one entry: a product -> its picture.

``draw`` looks up (or cuts) the product's stencil, fills its masks with fabric, pattern and colours,
multiplies light over them, and sets the result into the studio. Every random number comes from
``product.cut`` (shape) or ``product.noise`` (light, place, pose, sensor).
"""

from __future__ import annotations

import io
import math
import threading
from functools import lru_cache
from hashlib import blake2b

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageChops

from datagen.products import RGB, Colourway, House, Product
from datagen.render import fabrics, marks, patterns, studio
from datagen.render.dice import Dice, mix, salt
from datagen.render.keep import Kept
from datagen.render.layers import Part, Sketch
from datagen.render.outlines import Box, bounds
from datagen.render.silhouettes import CUTS, TABLE, Kind, sketch
from datagen.render.stencil import FLAT, Stencil, cut_stencil
from datagen.render.vocabulary import DETAILS, FITS, MATERIALS, PATTERNS, SIZES, WEARERS, Fit, require

CACHE_BYTES = 280_000_000
"""Bound on the stencils a process keeps."""

UPRIGHT = 0.75
"""Share of products photographed exactly upright; turning one costs as much as composing it."""

SMALLEST, LARGEST = 64, 4096

METALS: tuple[RGB, ...] = ((201, 168, 104), (196, 198, 202), (216, 186, 128), (112, 110, 110))
SOLES: tuple[RGB, ...] = ((238, 235, 228), (40, 38, 38), (186, 140, 92))
BUTTONS: tuple[RGB, ...] = ((82, 60, 44), (46, 40, 38), (176, 150, 118))

_stencils: Kept[Stencil] = Kept(CACHE_BYTES)


def draw(product: Product, house: House, size: tuple[int, int]) -> Image.Image:
    """The product's picture, "RGB", exactly ``size`` = (width, height) pixels, each 64 to 4096."""
    return _scene(product, house, size).copy()


def jpeg(product: Product, house: House, size: tuple[int, int], quality: int = 90) -> bytes:
    """The picture as JPEG bytes, 4:2:0, without metadata; the same product gives the same bytes."""
    # Optimised Huffman tables save 5 % of the bytes for 70 % more encoding time: not worth it here.
    file = io.BytesIO()
    _scene(product, house, size).save(file, "JPEG", quality=quality, subsampling=2)
    return file.getvalue()


class _Frames(threading.local):
    """One picture to draw on per thread: fresh memory for every picture costs more than drawing it."""

    image: Image.Image | None = None

    def of(self, size: tuple[int, int]) -> Image.Image:
        if self.image is None or self.image.size != size:
            self.image = Image.new("RGB", size)
        return self.image


_frames = _Frames()


def _scene(product: Product, house: House, size: tuple[int, int]) -> Image.Image:
    """The picture, on this thread's frame: whoever calls must copy or encode it before the next one."""
    _check(product, size)
    kind = TABLE[product.kind]
    light = Dice(product.noise, 1)
    stencil = _stencil(product, size)
    left, top = light.whole(0, studio.SLACK), light.whole(0, studio.SLACK)
    frame = _frames.of(size)
    frame.paste(studio.backdrop(size, light.whole(0, studio.BACKDROPS - 1)), (-left, -top))
    reach = size[1] / 100
    dx, dy = _shift(
        stencil, size, round(light.between(-1.2, 1.2) * reach), round(light.between(-0.9, 0.9) * reach)
    )
    _cast_shadow(frame, stencil, dx, dy)
    coloured = _coloured(product, house, kind, stencil, size, (left, top))
    at = stencil.box[0] + dx, stencil.box[1] + dy
    if kind.tilts and not light.chance(UPRIGHT):
        coloured.putalpha(stencil.cover)
        coloured = _posed(coloured, light.between(-1.4, 1.4), light.between(0.965, 1.0))
        frame.paste(coloured, at, coloured)
    else:
        frame.paste(coloured, at, stencil.cover)
    return frame


def _posed(image: Image.Image, tilt: float, zoom: float) -> Image.Image:
    """The product turned by ``tilt`` degrees and scaled by ``zoom`` <= 1 about its middle."""
    c, s = math.cos(math.radians(tilt)) / zoom, math.sin(math.radians(tilt)) / zoom
    x, y = image.width / 2, image.height / 2
    return image.transform(
        image.size,
        Image.Transform.AFFINE,
        (c, s, x - c * x - s * y, -s, c, y + s * x - c * y),
        Image.Resampling.BILINEAR,
    )


def clear_caches() -> None:
    """Forget everything that was kept for speed; pictures do not change by it."""
    _stencils.clear()
    studio.clear()
    fabrics.clear()
    for cached in (patterns.tile_index, patterns.palette, marks.decal):
        cached.cache_clear()


def _check(product: Product, size: tuple[int, int]) -> None:
    for word, known, what in (
        (product.kind, TABLE, "kind"),
        (product.wearer, WEARERS, "wearer"),
        (product.size, SIZES, "size"),
        (product.detail, DETAILS, "detail"),
        (product.pattern, PATTERNS, "pattern"),
        (product.material, MATERIALS, "material"),
    ):
        require(word, known, what)
    if not all(SMALLEST <= side <= LARGEST for side in size):
        raise ValueError(f"picture size {size[0]}x{size[1]} is outside {SMALLEST} to {LARGEST} pixels a side")


def stencil_of(product: Product) -> int:
    """A stable 64-bit number of the stencil that the product is drawn with, whatever the picture's size.

    Products with the same number share one: who draws them one after another cuts it once.
    """
    return int.from_bytes(blake2b(repr(_cut_key(product)).encode(), digest_size=8).digest(), "little")


def _cut_key(product: Product) -> tuple[str, str, Fit, str, int]:
    """(kind, wearer, fit, detail, cut bucket): all that the shape of a product depends on."""
    kind = TABLE[product.kind]
    detail = product.detail if product.detail in kind.details else "none"
    wearer = product.wearer if kind.worn else "woman"
    return product.kind, wearer, kind.use(FITS[product.size]), detail, mix(product.cut, salt("cut")) % CUTS


def _stencil(product: Product, size: tuple[int, int]) -> Stencil:
    key = _cut_key(product)

    def cut() -> Stencil:
        kind, drawing = TABLE[product.kind], sketch(*key)
        place = _placement(drawing, kind, drawing.fit.scale, size)
        return cut_stencil(drawing.layers, place, size, drawing.mark, drawing.badge, kind.ground)

    return _stencils.get((*key, size), cut, lambda stencil: stencil.bytes)


def _placement(drawing: Sketch, kind: Kind, scale: float, size: tuple[int, int]) -> npt.NDArray[np.float64]:
    """The 2 x 3 map from the sketch's cm to pixels: scaled, set at the family's place in the 3:4 box."""
    x0, y0, x1, y1 = bounds(
        [path for layer in drawing.layers if isinstance(layer, Part) for path in layer.outlines]
    )
    unit = min(size[0] / 75, size[1] / 100)
    units = kind.zoom * scale * drawing.zoom
    # A product too large for the frame is photographed from further away.
    units = min(units, kind.width / (x1 - x0), kind.height / (y1 - y0))
    linear = np.eye(2) * units * unit
    anchor = np.array([(x0 + x1) / 2, y1 if kind.ground else (y0 + y1) / 2])
    target = np.array([size[0] / 2, size[1] / 2 + (kind.at - 50) * unit])
    return np.concatenate([linear, (target - linear @ anchor)[:, None]], axis=1)


def _shift(stencil: Stencil, size: tuple[int, int], dx: int, dy: int) -> tuple[int, int]:
    """The wanted shift, kept small enough for the product to stay in the picture."""
    x0, y0, x1, y1 = stencil.box
    return max(-x0, min(dx, size[0] - x1)), max(-y0, min(dy, size[1] - y1))


def _cast_shadow(frame: Image.Image, stencil: Stencil, dx: int, dy: int) -> None:
    x, y = stencil.shadow_box[0] + dx, stencil.shadow_box[1] + dy
    width, height = (
        stencil.shadow_box[2] - stencil.shadow_box[0],
        stencil.shadow_box[3] - stencil.shadow_box[1],
    )
    box = (max(0, x), max(0, y), min(frame.width, x + width), min(frame.height, y + height))
    fine = width / stencil.shadow.width
    part = tuple((b - a) / fine for a, b in zip((x, y, x, y), box, strict=True))
    veil = stencil.shadow.resize((box[2] - box[0], box[3] - box[1]), Image.Resampling.BILINEAR, part)  # type: ignore[arg-type]
    frame.paste((96, 94, 93), box, veil)


def _luma(colour: RGB) -> float:
    return 0.3 * colour[0] + 0.59 * colour[1] + 0.11 * colour[2]


def _mixed(a: RGB, b: RGB, share: float) -> RGB:
    """``a`` with a share of ``b`` in it."""
    return tuple(round(x + (y - x) * share) for x, y in zip(a, b, strict=True))  # type: ignore[return-value]


def _lifted(colour: RGB) -> RGB:
    """The colour to paint so that it shows as ``colour`` under flat light; black cloth is not pure black."""
    return tuple(min(255, max(14, round(c * 255 / FLAT))) for c in colour)  # type: ignore[return-value]


def _second(colours: Colourway) -> RGB:
    """The second colour, moved away from the ground where the two could not be told apart."""
    if sum(abs(a - b) for a, b in zip(colours.ground, colours.band, strict=True)) > 60:
        return colours.band
    return _mixed(colours.ground, (20, 18, 18) if _luma(colours.ground) > 90 else (225, 220, 210), 0.55)


def _paints(product: Product, kind: Kind) -> dict[str, RGB]:
    """The flat colour of every fill except ``ground``."""
    colours, dice = product.colourway, Dice(product.cut, 3)
    ground, second = colours.ground, _second(colours)
    black = (30, 28, 28)
    loud = (
        product.detail in ("contrast", "reversible", "cropped_collar", "detachable_warmer") or kind.two_tone
    )
    lining = second if product.detail == "reversible" else _mixed(ground, (26, 24, 24), 0.38)
    trim = (
        second
        if loud
        else _mixed(ground, black, 0.3)
        if _luma(ground) > 60
        else _mixed(ground, (120, 116, 110), 0.22)
    )
    return {
        "plain": ground,
        "shade": second if product.detail == "contrast" else _mixed(ground, black, 0.13),
        "lining": lining,
        "inside": _mixed(lining, (18, 16, 16), 0.62),
        "trim": trim,
        "line": colours.line,
        "accent": colours.accent,
        "metal": dice.pick(METALS),
        "sole": dice.pick(SOLES),
        "button": dice.pick(BUTTONS) if _luma(ground) > 70 else _mixed(ground, (120, 110, 100), 0.3),
        "white": (240, 237, 230),
        "dark": (42, 40, 40),
        "lens": (38, 38, 42),
        "glare": (196, 198, 202),
        "skin": (206, 168, 132),
    }


def _cloth(
    product: Product, house: House, stencil: Stencil, size: tuple[int, int], turn: int, scale: float, box: Box
) -> Image.Image:
    """The ground inside ``box`` of the stencil: colour and pattern, the pattern centred on the product."""
    width, height = box[2] - box[0], box[3] - box[1]
    colours = _painted(product.colourway)
    if product.pattern in patterns.TILES:
        unit = min(size[0] / 75, size[1] / 100)
        tile = max(8, round(patterns.TILES[product.pattern][0] * scale * unit))
        origin = stencil.cover.width / 2 - box[0], Dice(product.cut, 4).unit() * tile - box[1]
        return patterns.tinted(
            patterns.field(product.pattern, house.letters, tile, turn, (width, height), origin), colours
        )
    cloth = Image.new("RGB", stencil.cover.size, colours.ground)
    _block(cloth, colours, Dice(product.cut, 5), turn)
    return cloth if turn == 0 else cloth.crop(box)


@lru_cache(maxsize=256)
def _ramp(channel: int) -> list[int]:
    """Surface tone -> channel of a single-coloured cloth."""
    return [v * channel // 255 for v in range(256)]


@lru_cache(maxsize=256)
def _painted(colours: Colourway) -> Colourway:
    """All four colours as they must be painted; the name plays no part."""
    ground, band, line, accent = (_lifted(colour) for colour in colours[1:])
    return Colourway("", ground, band, line, accent)


def _block(cloth: Image.Image, colours: Colourway, dice: Dice, turn: int) -> None:
    """Large fields: a yoke and a hem band, or a diagonal, by the cut."""
    width, height = cloth.size
    top, bottom = dice.between(0.3, 0.42), dice.between(0.66, 0.8)
    if turn:
        cloth.paste(colours.band, (0, round(height * top * 1.2), width, height))
    cloth.paste(colours.band, (0, 0, width, round(height * top)))
    cloth.paste(colours.accent, (0, round(height * top), width, round(height * (top + 0.05))))
    cloth.paste(colours.line, (0, round(height * bottom), width, height))


DETAIL_MARKS = {"logo": "logo", "crest": "crest", "embroidered": "emblem", "applique": "emblem"}
"""Details that are a mark, and its drawing; an appliqué is as large as a placed pattern."""


def _surfaced(cloth: Image.Image, surface: Image.Image) -> Image.Image:
    """The cloth under its surface texture ("L")."""
    return ImageChops.multiply(cloth, Image.merge("RGB", (surface, surface, surface)))


def _place_mark(cloth: Image.Image, product: Product, house: House, stencil: Stencil) -> None:
    """Placed motif and marked detail, in the product's other colours, never the ground's own."""
    wanted: list[tuple[str, tuple[float, float, float], float]] = []
    if product.pattern in patterns.PLACED:
        small = product.pattern == "emblem"
        wanted.append(
            (product.pattern, stencil.badge if small else stencil.mark, patterns.PLACED[product.pattern])
        )
    if product.detail in DETAIL_MARKS:
        large = product.detail in ("applique", "logo")
        share = {"applique": 0.8, "logo": 0.9}.get(product.detail, 1.0)
        wanted.append((DETAIL_MARKS[product.detail], stencil.mark if large else stencil.badge, share))
    colours = product.colourway
    inks = Colourway(
        "", *(_lifted(c) for c in (colours.ground, _second(colours), colours.line, colours.accent))
    )
    for mark, (x, y, width), share in wanted:
        weights, cover = marks.decal(mark, house.name, house.letters, max(4, round(width * share)))
        painted = patterns.tinted(patterns.indexed(weights), inks)
        cloth.paste(painted, (round(x - cover.width / 2), round(y - cover.height / 2)), cover)


def _coloured(
    product: Product,
    house: House,
    kind: Kind,
    stencil: Stencil,
    size: tuple[int, int],
    noise_at: tuple[int, int],
) -> Image.Image:
    """The product itself, the size of the stencil: fills in paint order, then light."""
    paints = _paints(product, kind)
    grain = max(10, round(size[1] / 64))
    box = (0, 0, *stencil.cover.size)
    surface = fabrics.texture(product.material, size, grain).crop(box)
    relief = product.detail if product.detail in fabrics.RELIEFS else kind.relief
    if relief:
        surface = ImageChops.multiply(surface, fabrics.texture(relief, size, grain).crop(box))
    if product.pattern in patterns.TILES or product.pattern == "colour_block":
        canvas = _surfaced(_cloth(product, house, stencil, size, 0, kind.pattern_scale, box), surface)
        for fill in stencil.turned:
            cloth = _cloth(product, house, stencil, size, fill.turn, kind.pattern_scale, fill.box)
            canvas.paste(_surfaced(cloth, surface.crop(fill.box)), fill.box, fill.mask)
    else:
        # One colour: a lookup per channel is cheaper than multiplying it over the surface.
        canvas = Image.merge("RGB", [surface.point(_ramp(c)) for c in _lifted(product.colourway.ground)])
    _place_mark(canvas, product, house, stencil)
    for fill in stencil.trims:
        canvas.paste(_lifted(paints[fill.fill]), fill.box, fill.mask)
    dark = round(10 * max(0.0, 1 - _luma(product.colourway.ground) / 90))
    tone_table, glow_table = fabrics.response(product.material, dark)
    tone, glow = stencil.tone.point(tone_table), stencil.glow.point(glow_table)
    glow = ImageChops.add(
        glow, studio.grain(size).crop((*noise_at, noise_at[0] + glow.width, noise_at[1] + glow.height))
    )
    canvas = ImageChops.multiply(canvas, Image.merge("RGB", (tone, tone, tone)))
    return ImageChops.add(canvas, Image.merge("RGB", (glow, glow, glow)))
