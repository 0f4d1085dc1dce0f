"""Coats and jackets worn open: the drawing of a closed garment is open_front along its middle.

A drawing function need not know: what crosses the middle is cut there, buttons and buckles stay whole on
one side, and both fronts are drawn apart, most at the edge, not at all at the neck's and the body's sides.
All of it happens in the garment's own coordinates, before it is fitted to a body.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from datagen.render.layers import Layer, Layers, Line, Part, Sketch
from datagen.render.outlines import Path, bounds, shifted, symmetric
from datagen.render.random_stream import RandomStream

KEEPS_SHUT = frozenset({"belted", "detachable_warmer", "chain", "turtleneck", "zip", "graphic"})
"""Details that could not be seen, or would be untrue, on an open front."""

WHOLE = 7.5
"""What is smaller than this many cm (a button, a toggle, a buckle) is not cut but goes to one side."""

LOPSIDED = 0.3
"""What reaches over the middle by less than this share of its width (a lapel) belongs to one side."""

EDGE = 1.6
"""Where on the kept side a button sits, cm from the edge."""


class Opening(NamedTuple):
    """How a front hangs open: widths of the gap at the hem to the right and to the left of the middle, as
    shares of the garment's half width; ``stop`` is the height in cm where a half-open zip ends (None: it
    is open to the hem), ``side`` is the side that keeps the buttons: 1 right, -1 left in the picture."""

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

    ``share`` of the cuts are open, ``half_share`` unzipped half-way. ``key`` stands for kind, detail and
    size, ``place`` in [0, 1) for the cut among those of that key: evenly spaced places make the shares
    come out evenly, which single throws of a few cuts would not.
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
    """Part the drawing's layers; motifs go to one front. Once per drawing."""
    front = _front_of(drawing.layers)
    if front is None:
        return
    fronts, opening = _Fronts(drawing.opening, front.outlines[0]), drawing.opening
    at = next(at for at, layer in enumerate(drawing.layers) if layer is front)
    before, after = fronts.cut_and_spread(drawing.layers[:at]), fronts.cut_and_spread(drawing.layers[at:])
    lining = [] if opening.stop is not None else [fronts.lining()]
    drawing.layers = [*lining, *before, fronts.facings(), *after]
    if opening.stop is None:
        # A motif keeps to one front, a badge where it is.
        _, y, wide = drawing.mark
        drawing.mark = -fronts.half * 0.58, y * 0.82, wide * 0.4
    x, y = fronts.spread(np.array([drawing.badge[:2]]), np.ones(1), np.ones(1))[0]
    drawing.badge = float(x), float(y), drawing.badge[2]


def _front_of(layers: Layers) -> Part | None:
    """The garment's body: the first surface that goes around the wearer."""
    for layer in layers:
        if isinstance(layer, Part) and layer.place == "around" and layer.fill == "ground":
            return layer
    return None


class _Fronts:
    """The map that parts a front, from the outline of the whole."""

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
        """How far the edges on sides (1 or -1) are from the middle at heights y, cm."""
        low = self.half * np.where(side > 0, self.opening.right, self.opening.left)
        if self.opening.stop is not None:
            stop = self.opening.stop * self.bottom
            made: Path = low * np.interp(y, (-9, 0, stop * 0.45, stop), (0.62, 0.9, 0.8, 0.0))
            return np.minimum(made, self.neck * 0.8 + np.maximum(0, y) * 0.2)
        at = 0.0, 0.1 * self.bottom, 0.42 * self.bottom, 0.7 * self.bottom, self.bottom
        made = low * np.interp(y, at, (0.42, 0.6, 0.78, 0.86, 1.0))
        return np.minimum(made, self.neck * 0.62 + np.maximum(0, y) * 0.4)

    def spread(self, points: Path, side: Path, share: Path) -> Path:
        """Points of the fronts on ``side``, drawn apart by ``share`` of the gap."""
        x, y = points[:, 0] * side, points[:, 1]
        gap = self.gap(y, side) * share
        reach = np.interp(y, (0, 16), (self.neck * 1.35, self.half))
        # Across the middle the cloth is not compressed: a lapel may reach into the gap.
        out = np.where(x < 0, x, x * (1 - gap / reach))
        return np.stack([side * (gap + np.where(x > reach, x - gap, out)), y], axis=1)

    def cut_and_spread(self, layers: Layers) -> Layers:
        """Layers cut along the middle and drawn apart."""
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
        """Add the layer's pieces, if it has any, and the side of each."""
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
        """Whether a line is the edge of a closed front: an open one has no need of it."""
        if isinstance(layer, Part) or layer.role != "edge":
            return False
        x0, y0, x1, y1 = bounds(layer.paths)
        return x1 - x0 < 1 and abs(x0) < 10 and y1 - y0 > 0.3 * self.bottom

    def _cut_outline(self, path: Path) -> list[tuple[Path, int]]:
        """A closed outline and its side: whole, or cut in two."""
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
        """What shows of the inside of both fronts, beside their edges."""
        stop = self.opening.stop
        low = self.bottom - 0.6 if stop is None else stop * self.bottom
        y = np.linspace(max(self.top, 4.0), low, 12)
        wide = np.interp(y, (self.top, self.top + 20, self.bottom), (0.4, 2.0, 3.4))
        made = []
        for side in (1.0, -1.0):
            edge = self.gap(y, np.full(12, side))
            inner = np.maximum(edge - wide, 0.15)
            facing = np.concatenate([np.stack([edge + 1.4, y], 1), np.stack([inner, y + 0.5], 1)[::-1]])
            made.append(facing * (side, 1.0))
        return Part("lining", tuple(made), bulge=1.6, lift=0.9, crumple=0.3)


def _runs(path: Path) -> list[tuple[Path, int]]:
    """The pieces of an open line on either side of the middle."""
    right = path[:, 0] >= 0
    cuts = np.flatnonzero(right[1:] != right[:-1]) + 1
    runs = np.split(path, cuts) if len(cuts) else [path]
    return [(run, 1 if run[0, 0] >= 0 else -1) for run in runs if len(run) > 1]


def half_outline(path: Path, side: int) -> Path:
    """A closed path cut along x = 0 (Sutherland and Hodgman, 1974, for one line): its part on a side.

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
