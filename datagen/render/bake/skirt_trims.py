"""What tells skirts, dresses and tops apart: pleats, gathers, waist seams, lace, bows."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from datagen.render.bake.bodies import Points
from datagen.render.bake.finish import Drawn, Garb
from datagen.render.bake.item import near
from datagen.render.bake.measures import Measures
from datagen.render.bake.skirts import Dress, Ring, Skirt, dress_skirt, ring_of

Trim = Callable[[Garb, Measures], None]


def _ring(m: Measures, cut: Skirt | Dress) -> Ring:
    if isinstance(cut, Dress):
        _, skirt, girth = dress_skirt(m, cut)
        return ring_of(m, skirt, girth)
    return ring_of(m, cut)


def _relief(garb: Garb, more: Callable[[Points], Points]) -> None:
    before = garb.relief
    garb.relief = more if before is None else lambda place: before(place) + more(place)


def _below(ring: Ring, place: Points) -> Points:
    """(n,): 1 on a skirt, 0 on the bodice above it and on sleeves, whose coordinates are below 0."""
    return ((place[:, 1] < ring.top) & (place[:, 1] > 1.0)).astype(float)


def _pieces(garb: Garb) -> tuple[str, ...]:
    names = [panel.name for panel in garb.cloth.panels]
    skirts = tuple(name for name in names if name.startswith("skirt_"))
    return skirts or ("front", "back")


def pleats(cut: Skirt | Dress, count: int = 11, high: float = 0.8, start: float = 3.5) -> Trim:
    """Knife pleats all around, ``count`` on each piece, that open towards the hem."""

    def trim(garb: Garb, m: Measures) -> None:
        ring, s = _ring(m, cut), m.size
        long = float(ring.deep[-1])

        def relief(place: Points) -> Points:
            deep, share = ring.polar(place)
            saw = ((share + 1) / 2 * count) % 1.0
            # Slowly up and steeply down again: one pleat lies over the next.
            rise = np.where(saw < 0.8, saw / 0.8, (1 - saw) / 0.2) - 0.5
            grown = np.clip((deep - start * s) / (4 * s), 0, 1) * (0.7 + 0.8 * deep / long)
            return np.asarray(high * s * rise * grown * (deep > 0) * _below(ring, place))

        _relief(garb, relief)
        for k in range(0, count, 2):
            at = np.linspace(start * s, long + 1.0, 14)
            left = ring.flat(at, np.full(14, (k / count) * 2 - 1))
            right = ring.flat(at, np.full(14, ((k + 1) / count) * 2 - 1))
            garb.drawn.append(Drawn(_pieces(garb), "pleat", np.vstack([left, right[::-1]])))

    return trim


def gathers(cut: Skirt | Dress, count: int = 15, high: float = 0.35, deep_to: float = 13.0) -> Trim:
    """Small folds below a waist that cloth is gathered into."""

    def trim(garb: Garb, m: Measures) -> None:
        ring, s = _ring(m, cut), m.size

        def relief(place: Points) -> Points:
            deep, share = ring.polar(place)
            wave = np.sin(np.pi * count * share + 1.3 * np.sin(5.1 * share)) + 0.5 * np.sin(
                np.pi * 1.63 * count * share + 1.0
            )
            fade = np.clip(1 - deep / (deep_to * s), 0, 1) ** 0.7 * np.clip(deep / s, 0, 1)
            return np.asarray(high * s * wave * fade * _below(ring, place))

        _relief(garb, relief)

    return trim


def waist_seam(within: float = 0.45) -> Trim:
    """The seam between bodice and skirt, as a line."""
    return near("seam", "hem", within, "front", "back")


def lace(wide: float = 3.4, period: float = 2.4) -> Trim:
    """A scalloped edge at the hem."""

    def trim(garb: Garb, m: Measures) -> None:
        s = m.size
        for name in _pieces(garb):
            line = garb.cloth.flat[garb.cloth.edges[name, "hem"]]
            along = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))])
            at = np.linspace(0, along[-1], 400)
            base = np.stack([np.interp(at, along, line[:, k]) for k in range(2)], axis=1)
            way = np.gradient(base, axis=0)
            way /= np.linalg.norm(way, axis=1, keepdims=True)
            inward = np.stack([-way[:, 1], way[:, 0]], axis=1)
            deep = wide * s - 0.9 * s * np.abs(np.sin(np.pi * at / (period * s)))
            inner = base + inward * deep[:, None]
            garb.drawn.append(Drawn((name,), "lace", np.vstack([base - inward, inner[::-1]])))

    return trim


def slit(high: float = 22.0) -> Trim:
    """A closed slit in the middle of the front, from the hem up."""

    def trim(garb: Garb, m: Measures) -> None:
        name = _pieces(garb)[0]
        low = float(garb.cloth.flat[garb.cloth.edges[name, "hem"]][:, 1].min())
        s = m.size
        line = np.array([(-0.25, 0), (0.25, 0), (0.25, high), (-0.25, high)]) * s + [0, low - 0.2]
        garb.drawn.append(Drawn((name,), "seam", line))

    return trim


def yoke_pleats(u: float = 6.0, long: float = 30.0, count: int = 3) -> Trim:
    """Narrow pleats down the front of a shirt, on both sides of the placket."""

    def trim(garb: Garb, m: Measures) -> None:
        s = m.size
        high = float(garb.cloth.flat[garb.cloth.edges["front", "shoulder_l"]][:, 1].min()) + 1.0
        for sign in (1, -1):
            for k in range(count):
                at = (u + 2.2 * k) * s
                line = np.array([(at, high), (at + 0.45 * s, high), (at + 0.45 * s, high - long * s)])
                shape = np.vstack([line, [(at, high - long * s)]]) * [sign, 1]
                garb.drawn.append(Drawn(("front",), "pleat", shape))

    return trim
