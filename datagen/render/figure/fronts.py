"""Coats and jackets worn open: the drawing of a closed garment is cut along its middle and spread.

Drawing functions know nothing of it: layers that cross the middle are cut there, buttons and buckles stay
whole on one side, and the two fronts are spread, most at their edges and not at all at the sides of neck
and body. This happens in the garment's own coordinates, before it is fitted to a body.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from datagen.render.layers import Layer, Layers, Line, Part, Sketch
from datagen.render.outlines import Path, bounds, shifted, symmetric
from datagen.render.random_stream import RandomStream

KEEPS_SHUT = frozenset({"belted", "detachable_warmer", "chain", "turtleneck", "zip", "graphic"})
"""Details that an open front would hide or contradict."""

WHOLE = 7.5
"""A shape smaller than this many cm (a button, a toggle, a buckle) is not cut but moves to one side."""

LOPSIDED = 0.3
"""A shape that crosses the middle by less than this share of its width (a lapel) is not cut."""

EDGE = 1.6
"""Distance of a button from the edge of its front, cm."""


class Opening(NamedTuple):
    """How a front hangs open. ``right`` and ``left`` are the widths of the gap at the hem on either side of
    the middle, as shares of the garment's half width; ``stop`` is where a half-open zip ends, as a share of
    the length (None: open to the hem); ``side`` is the side with the buttons: 1 right, -1 left in the
    picture."""

    right: float
    left: float
    stop: float | None
    side: int


EVEN = Opening(0.3, 0.3, None, 1)
"""Both fronts hang alike."""


@dataclass(slots=True)
class OpenSketch(Sketch):
    """The layers of a cut that is worn open."""

    opening: Opening = EVEN


def opening_of(
    share: float, half_share: float, key: int, place: float, wearer: str, detail: str
) -> Opening | None:
    """How a cut is worn open; None: it is worn closed.

    ``share`` of the cuts are open, ``half_share`` unzipped half-way. ``key`` identifies kind, detail and
    size; ``place`` in [0, 1) is the position of the cut among those of that key. Evenly spaced positions
    meet the shares, which independent draws for a few cuts would not.
    """
    if detail in KEEPS_SHUT:
        return None
    at = (RandomStream(key, 31).unit() + place) % 1.0
    if at >= share + half_share:
        return None
    rng = RandomStream(key, 32, round(place * 64))
    wide, uneven = rng.uniform(0.24, 0.42), rng.uniform(0.72, 1.28)
    # Women's buttons are on the wearer's left, men's on the right.
    side = 1 if wearer == "woman" else -1
    if at >= share:
        wide = rng.uniform(0.2, 0.3)
        return Opening(wide, wide, rng.uniform(0.42, 0.66), side)
    return Opening(wide * uneven, wide * (2 - uneven), None, side)


def open_front(drawing: OpenSketch) -> None:
    """Open the front of a drawing, in place; motifs move to one front. To be called once per drawing."""
    front = _front_of(drawing.layers)
    if front is None:
        return
    fronts, opening = _Fronts(drawing.opening, front.outlines[0]), drawing.opening
    at = next(at for at, layer in enumerate(drawing.layers) if layer is front)
    before, after = fronts.cut_and_spread(drawing.layers[:at]), fronts.cut_and_spread(drawing.layers[at:])
    lining = [] if opening.stop is not None else [fronts.lining()]
    drawing.layers = [*lining, *before, fronts.facings(), *after]
    if opening.stop is None:
        # A large motif moves to one front; a badge stays where it is.
        _, y, wide = drawing.mark
        drawing.mark = -fronts.half * 0.58, y * 0.82, wide * 0.4
    x, y = fronts.spread(np.array([drawing.badge[:2]]), np.ones(1), np.ones(1))[0]
    drawing.badge = float(x), float(y), drawing.badge[2]


def _front_of(layers: Layers) -> Part | None:
    """The body of the garment: the first surface that goes around the wearer."""
    for layer in layers:
        if isinstance(layer, Part) and layer.place == "around" and layer.fill == "ground":
            return layer
    return None


class _Fronts:
    """The map that opens a front, derived from the outline of the closed garment."""

    def __init__(self, opening: Opening, outline: Path) -> None:
        _, self.top, x1, self.bottom = bounds([outline])
        self.half = float(x1)
        # The neckline's lowest point is where the edge begins.
        middle = outline[np.abs(outline[:, 0]) < 0.6]
        self.top = float(middle[:, 1].min()) if len(middle) else self.top
        self.opening = opening
        neck = outline[outline[:, 1] < 1.5]
        self.neck = float(np.abs(neck[:, 0]).min()) if len(neck) else self.half * 0.3

    def gap(self, y: Path, side: Path) -> Path:
        """Distance in cm of the edge on each side (1 or -1) from the middle, at heights y."""
        low = self.half * np.where(side > 0, self.opening.right, self.opening.left)
        if self.opening.stop is not None:
            stop = self.opening.stop * self.bottom
            result: Path = low * np.interp(y, (-9, 0, stop * 0.45, stop), (0.62, 0.9, 0.8, 0.0))
            return np.minimum(result, self.neck * 0.8 + np.maximum(0, y) * 0.2)
        at = 0.0, 0.1 * self.bottom, 0.42 * self.bottom, 0.7 * self.bottom, self.bottom
        result = low * np.interp(y, at, (0.42, 0.6, 0.78, 0.86, 1.0))
        return np.minimum(result, self.neck * 0.62 + np.maximum(0, y) * 0.4)

    def spread(self, points: Path, side: Path, share: Path) -> Path:
        """Points of the front on ``side``, moved outwards by ``share`` of the gap."""
        x, y = points[:, 0] * side, points[:, 1]
        gap = self.gap(y, side) * share
        reach = np.interp(y, (0, 16), (self.neck * 1.35, self.half))
        # Beyond the middle the fabric is not compressed: a lapel may reach into the gap.
        out = np.where(x < 0, x, x * (1 - gap / reach))
        return np.stack([side * (gap + np.where(x > reach, x - gap, out)), y], axis=1)

    def cut_and_spread(self, layers: Layers) -> Layers:
        """Layers cut along the middle and spread."""
        cut: Layers = []
        sides: list[int] = []
        for layer in layers:
            if layer.place not in ("", "around", "hood"):
                cut.append(layer)
                sides += [0] * len(layer.paths_of())
            elif not self._is_edge(layer):
                self._cut(layer, cut, sides)
        paths = [(path, layer.place == "hood") for layer in cut for path in layer.paths_of()]
        if not paths:
            return cut
        long = [len(path) for path, _ in paths]
        points, side = np.concatenate([path for path, _ in paths]), np.repeat(sides, long)
        # A hood's back stays together behind the neck.
        hood = np.repeat([hood for _, hood in paths], long)
        share = np.where(hood, np.clip(points[:, 1] / 4, 0, 1), 1.0)
        apart = np.where(side[:, None] != 0, self.spread(points, np.where(side < 0, -1, 1), share), points)
        pieces = iter(np.split(apart, np.cumsum(long)[:-1]))
        return [layer.with_paths([next(pieces) for _ in layer.paths_of()]) for layer in cut]

    def _cut(self, layer: Layer, cut: Layers, sides: list[int]) -> None:
        """Append the pieces of a layer to ``cut``, and the side of each path to ``sides``."""
        if isinstance(layer, Line):
            pieces = [piece for path in layer.paths for piece in _runs(path)]
            if pieces:
                cut.append(replace(layer, paths=tuple(path for path, _ in pieces)))
                sides += [side for _, side in pieces]
            return
        edges = [piece for path in layer.outlines for piece in self._cut_outline(path)]
        holes = [piece for path in layer.holes for piece in self._cut_outline(path)]
        folds = [(piece, *fold[1:]) for fold in layer.folds for piece in _runs(fold[0])]
        outlines, gaps = tuple(path for path, _ in edges), tuple(path for path, _ in holes)
        deep = tuple((path, depth, width) for (path, _), depth, width in folds)
        cut.append(replace(layer, outlines=outlines, holes=gaps, folds=deep))
        sides += [side for _, side in edges] + [side for _, side in holes] + [fold[0][1] for fold in folds]

    def _is_edge(self, layer: Layer) -> bool:
        """Whether a line is the edge of a closed front, which an open one does not show."""
        if isinstance(layer, Part) or layer.role != "edge":
            return False
        x0, y0, x1, y1 = bounds(layer.paths)
        return x1 - x0 < 1 and abs(x0) < 10 and y1 - y0 > 0.3 * self.bottom

    def _cut_outline(self, path: Path) -> list[tuple[Path, int]]:
        """A closed outline with its side: whole, or cut in two."""
        x0, y0, x1, y1 = bounds([path])
        if x0 >= 0 or x1 <= 0:
            return [(path, 1 if x0 >= 0 else -1)]
        if x1 - x0 < WHOLE and y1 - y0 < WHOLE:
            side = self.opening.side
            return [(shifted(path, side * max(EDGE, (x1 - x0) / 2) - (x0 + x1) / 2, 0.0), side)]
        for side, over, whole in ((1, -x0, x1), (-1, x1, -x0)):
            if over < LOPSIDED * whole:
                return [(path, side)]
        return [(half_outline(path, side), side) for side in (1, -1)]

    def lining(self) -> Part:
        """The inside of the back, behind the wearer."""
        half, low = self.half * 0.86, self.bottom - 2.4
        knots = [(0, self.top + 14), (half * 0.8, self.top + 14), (half, low - 0.8, 0), (0, low)]
        return Part("lining", (symmetric(knots),), bulge=6, lift=0, crumple=1.0, place="nape")

    def facings(self) -> Part:
        """The visible inside of both fronts, along their edges."""
        stop = self.opening.stop
        low = self.bottom - 0.6 if stop is None else stop * self.bottom
        y = np.linspace(max(self.top, 4.0), low, 12)
        wide = np.interp(y, (self.top, self.top + 20, self.bottom), (0.4, 2.0, 3.4))
        result = []
        for side in (1.0, -1.0):
            edge = self.gap(y, np.full(12, side))
            inner = np.maximum(edge - wide, 0.15)
            facing = np.concatenate([np.stack([edge + 1.4, y], 1), np.stack([inner, y + 0.5], 1)[::-1]])
            result.append(facing * (side, 1.0))
        return Part("lining", tuple(result), bulge=1.6, lift=0.9, crumple=0.3)


def _runs(path: Path) -> list[tuple[Path, int]]:
    """The pieces of an open line on either side of the middle."""
    right = path[:, 0] >= 0
    cuts = np.flatnonzero(right[1:] != right[:-1]) + 1
    runs = np.split(path, cuts) if len(cuts) else [path]
    return [(run, 1 if run[0, 0] >= 0 else -1) for run in runs if len(run) > 1]


def half_outline(path: Path, side: int) -> Path:
    """The part of a closed path on one side of x = 0 (Sutherland and Hodgman, 1974, for one line).

    The cut edge gets points every few cm, since it will be bent.
    """
    x = path[:, 0] * side
    inside, after = x >= 0, np.roll(x, -1)
    crossing = inside != (after >= 0)
    step = np.where(crossing, x / np.where(crossing, x - after, 1.0), 0.0)
    cut = path + step[:, None] * (np.roll(path, -1, axis=0) - path)
    both = np.stack([path, cut], axis=1).reshape(-1, 2)
    kept: Path = both[np.stack([inside, crossing], axis=1).ravel()]
    following = np.roll(kept, -1, axis=0)
    along = (np.abs(kept[:, 0]) < 1e-9) & (np.abs(following[:, 0]) < 1e-9)
    pieces, start = [], 0
    for at in np.flatnonzero(along & (np.abs(following[:, 1] - kept[:, 1]) > 4)).tolist():
        count = int(abs(following[at, 1] - kept[at, 1]) / 4) + 2
        pieces += [kept[start : at + 1], np.linspace(kept[at], following[at], count)[1:-1]]
        start = at + 1
    return np.concatenate([*pieces, kept[start:]])
