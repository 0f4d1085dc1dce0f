"""A person and an item of the wardrobe -> a baked garment."""

from __future__ import annotations

import zlib

import numpy as np

from datagen.render.bake.bodies import Points
from datagen.render.bake.cloth import drape
from datagen.render.bake.figures import Person
from datagen.render.bake.finish import Garb, surface
from datagen.render.bake.item import Item
from datagen.render.bake.legs import Trousers, trouser_panels
from datagen.render.bake.measures import Measures
from datagen.render.bake.panels import Cloth, Panel, Seam, cut
from datagen.render.bake.shoes import SOLE
from datagen.render.bake.skirts import Dress, Skirt, dress_panels, ring_of, skirt_panels
from datagen.render.bake.tops import Top, body_panels, sleeve_panels
from datagen.render.bake.views import Rays, Surface
from datagen.render.bake.wearing import worn
from datagen.render.bake.wraps import Wrap, wrap_panels
from datagen.render.baked.layers import Garment


def pieces(m: Measures, item: Item) -> tuple[list[Panel], list[Seam]]:
    """The panels and seams of an item for a body."""
    if isinstance(item.pattern, Trousers):
        return trouser_panels(m, item.pattern)
    if isinstance(item.pattern, Skirt):
        return skirt_panels(m, item.pattern)
    if isinstance(item.pattern, Wrap):
        return wrap_panels(m, item.pattern)
    if isinstance(item.pattern, Dress):
        return dress_panels(m, item.pattern)
    panels, seams = body_panels(m, item.pattern)
    named = {panel.name: panel for panel in panels}
    left = named.get("front") or named["front_l"]
    right = named.get("front") or named["front_r"]
    sleeves, more = sleeve_panels(m, item.pattern, left, right, named["back"])
    return panels + sleeves, seams + more


def _shrink(m: Measures, item: Item, cloth: Cloth) -> Points | None:
    """What draws the cloth in: ribs at hems and cuffs, gathers, elastic waists, a belt."""
    pattern = item.pattern
    out = np.ones(len(cloth.flat))
    if isinstance(pattern, Trousers):
        low, high = cloth.flat[:, 1].min(), cloth.flat[:, 1].max()
        out[cloth.flat[:, 1] < low + 5 * m.size] = pattern.rib
        out[cloth.flat[:, 1] > high - 4 * m.size] = pattern.elastic
    elif isinstance(pattern, Skirt):
        deep, _ = ring_of(m, pattern).polar(cloth.flat)
        out[deep < 3.5 * m.size] = 1 / pattern.full
    elif isinstance(pattern, (Top, Dress)):
        top = pattern.bodice if isinstance(pattern, Dress) else pattern
        for number, panel in enumerate(cloth.panels):
            sleeve = panel.name.startswith("sleeve")
            share = min(top.rib, top.gather) if sleeve else top.rib
            keys = [k for k in cloth.edges if k[0] == panel.name and k[1][:3] in ("end", "hem")]
            if share < 1 and keys and not panel.name.startswith("skirt"):
                low = min(float(cloth.flat[cloth.edges[key]][:, 1].min()) for key in keys)
                mine = (cloth.panel == number) & (cloth.flat[:, 1] < low + top.rib_depth * m.size)
                out[mine] = share
        if item.belt:
            body = np.array([not panel.name.startswith("sleeve") for panel in cloth.panels])[cloth.panel]
            at = body & (np.abs(cloth.flat[:, 1] - m.waist) < 2.4 * m.size)
            want = float(m.trunk.at("girth", m.waist)) * item.belt
            have = 4 * float(np.abs(cloth.flat[at][:, 0]).max())
            out[at] = min(1.0, want / have)
    return out if (out < 1).any() else None


def draped(who: Person, m: Measures, item: Item) -> Surface:
    """An item sewn, draped on a person and finished."""
    panels, seams = pieces(m, item)
    cloth = cut(panels, seams)
    bare = ["head"] if isinstance(item.pattern, Wrap) else ["hand", "head"]
    usable = np.flatnonzero(~np.isin(who.rest.group, bare))
    held = None
    if isinstance(item.pattern, (Trousers, Skirt)):
        held = np.concatenate([line for (_, edge), line in cloth.edges.items() if edge == "waist"])
    cloth.start = cloth.start + np.array([0.0, 0.0, SOLE])
    out = drape(cloth, who.towards, usable, item.material, shrink=_shrink(m, item, cloth), held=held)
    garb = Garb(cloth, out, who.towards(1.0), relief=item.relief)
    for trim in item.trims:
        trim(garb, m)
    return surface(garb, zlib.crc32(f"{item.kind} {item.cut}".encode()), item.crease)


def bake(who: Person, name: str, item: Item, shape: Surface, body: Rays) -> Garment:
    """The garment as a figure wears it."""
    layer, hides = worn(who, shape, body)
    return Garment(item.kind, item.cut, name, item.closed, item.rank, layer, np.packbits(hides, axis=1))
