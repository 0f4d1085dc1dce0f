"""Coats and jackets worn open: the drawing of a closed garment is parted along its middle.

A drawing function need not know: what crosses the middle is cut there, buttons and buckles stay whole on
one side, and both fronts are drawn apart, most at the edge, not at all at the neck's and the body's sides.
All of it happens in the garment's own coordinates, before it is fitted to a body.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from datagen.render.dice import Dice
from datagen.render.layers import Layer, Layers, Line, Part, Sketch
from datagen.render.outlines import Path, bounds, shifted, symmetric

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
    at = (Dice(key, 31).unit() + place) % 1.0
    if at >= share + half_share:
        return None
    dice = Dice(key, 32, round(place * 64))
    wide, uneven = dice.between(0.24, 0.42), dice.between(0.72, 1.28)
    side = -1 if wearer == "woman" else 1
    if at >= share:
        wide = dice.between(0.2, 0.3)
        return Opening(wide, wide, dice.between(0.42, 0.66), side)
    return Opening(wide * uneven, wide * (2 - uneven), None, side)


def parted(drawing: OpenSketch) -> None:
    """Part the drawing's layers; motifs go to one front. Once per drawing."""
    front = _front_of(drawing.layers)
    if front is None:
        return
    outline = front.outlines[0]
    fronts = _Fronts(drawing.opening, outline)
    made: Layers = []
    for layer in drawing.layers:
        if layer is front:
            made += _inside(fronts, drawing.opening, made)
        made += fronts.part(layer) if layer.place in ("", "around", "hood") else [layer]
    drawing.layers = made
    if drawing.opening.stop is None:
        # A motif keeps to one front, a badge where it is.
        _, y, wide = drawing.mark
        drawing.mark = -fronts.half * 0.58, y * 0.82, wide * 0.4
    drawing.badge = (*fronts.moved(np.array([drawing.badge[:2]]), 1)[0], drawing.badge[2])


def _front_of(layers: Layers) -> Part | None:
    """The garment's body: the first surface that goes around the wearer."""
    for layer in layers:
        if isinstance(layer, Part) and layer.place == "around" and layer.fill == "ground":
            return layer
    return None


def _inside(fronts: _Fronts, opening: Opening, before: Layers) -> Layers:
    """The lining of a long back, behind the wearer, and the facings beside the two edges."""
    top, bottom = fronts.top, fronts.bottom
    back, facings = [], []
    if opening.stop is None:
        half = fronts.half * 0.86
        hanging = [(0, top + 14), (half * 0.8, top + 14), (half, bottom - 3.2, 0), (0, bottom - 2.4)]
        back = [
            Part("lining", (symmetric(hanging),), bulge=6, lift=0, crumple=1.0, place="nape"),
        ]
    low = bottom - 0.6 if opening.stop is None else min(bottom, opening.stop * bottom)
    y = np.linspace(max(top, 4.0), low, 12)
    wide = np.interp(y, (top, top + 20, bottom), (0.4, 2.0, 3.4))
    for side in (1, -1):
        edge = fronts.gap(y, side)
        inner = np.maximum(edge - wide, 0.15)
        facing = np.concatenate([np.stack([edge + 1.4, y], 1), np.stack([inner, y + 0.5], 1)[::-1]])
        facings.append(facing * (side, 1.0))
    before[:0] = back
    return [Part("lining", tuple(facings), bulge=1.6, lift=0.9, crumple=0.3, place="")]


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

    def gap(self, y: Path, side: int) -> Path:
        """How far the edge is from the middle at heights y, cm."""
        low = self.half * (self.opening.right if side > 0 else self.opening.left)
        if self.opening.stop is not None:
            stop = self.opening.stop * self.bottom
            made: Path = low * np.interp(y, (-9, 0, stop * 0.45, stop), (0.62, 0.9, 0.8, 0.0))
            return np.minimum(made, self.neck * 0.8 + np.maximum(0, y) * 0.2)
        at = 0.0, 0.1 * self.bottom, 0.42 * self.bottom, 0.7 * self.bottom, self.bottom
        made = low * np.interp(y, at, (0.42, 0.6, 0.78, 0.86, 1.0))
        return np.minimum(made, self.neck * 0.62 + np.maximum(0, y) * 0.4)

    def moved(self, path: Path, side: int, *, hood: bool = False) -> Path:
        """Points of one front, drawn apart. A hood's back stays together behind the neck."""
        x, y = path[:, 0] * side, path[:, 1]
        gap = self.gap(y, side) * (np.clip(y / 4, 0, 1) if hood else 1.0)
        reach = np.interp(y, (0, 16), (self.neck * 1.35, self.half))
        # Across the middle the cloth is not compressed: a lapel may reach into the gap.
        out = np.where(x < 0, x, x * (1 - gap / reach))
        return np.stack([side * (gap + np.where(x > reach, x - gap, out)), y], axis=1)

    def part(self, layer: Layer) -> Layers:
        """A layer parted; nothing where it was the edge of a closed front."""
        hood = layer.place == "hood"
        if isinstance(layer, Line):
            if layer.role == "edge" and self._is_edge(layer):
                return []
            paths = [piece for path in layer.paths for piece in self._pieces(path, hood)]
            return [replace(layer, paths=tuple(paths))] if paths else []
        outlines = tuple(piece for path in layer.outlines for piece in self._closed(path, hood))
        holes = tuple(piece for path in layer.holes for piece in self._closed(path, hood))
        folds = tuple(
            (piece, depth, width) for path, depth, width in layer.folds for piece in self._pieces(path, hood)
        )
        return [replace(layer, outlines=outlines, holes=holes, folds=folds)] if outlines else []

    def _is_edge(self, line: Line) -> bool:
        x0, y0, x1, y1 = bounds(line.paths)
        return x1 - x0 < 1 and abs(x0) < 10 and y1 - y0 > 0.3 * self.bottom

    def _closed(self, path: Path, hood: bool) -> list[Path]:
        """A closed outline: whole on its side, or cut in two."""
        x0, y0, x1, y1 = bounds([path])
        if x0 >= 0 or x1 <= 0:
            return [self.moved(path, 1 if x0 >= 0 else -1, hood=hood)]
        if x1 - x0 < WHOLE and y1 - y0 < WHOLE:
            side = self.opening.side
            middle = np.array([[side * EDGE, (y0 + y1) / 2]])
            at = self.moved(middle, side)[0]
            return [shifted(path, at[0] - (x0 + x1) / 2, 0.0)]
        for side, over, whole in ((1, -x0, x1), (-1, x1, -x0)):
            if over < LOPSIDED * whole:
                return [self.moved(path, side, hood=hood)]
        return [self.moved(half_of(path, side), side, hood=hood) for side in (1, -1)]

    def _pieces(self, path: Path, hood: bool) -> list[Path]:
        """An open line: its runs on either side."""
        right = path[:, 0] >= 0
        cuts = np.flatnonzero(right[1:] != right[:-1]) + 1
        runs = np.split(path, cuts) if len(cuts) else [path]
        return [self.moved(run, 1 if run[0, 0] >= 0 else -1, hood=hood) for run in runs if len(run) > 1]


def half_of(path: Path, side: int) -> Path:
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
    return _filled(kept, lambda at: np.abs(at[:, 0]) < 1e-9)


def _filled(path: Path, straight: Callable[[Path], Path]) -> Path:
    """A closed path with points every 4 cm or less on the sides between points that are ``straight``."""
    on, following = straight(path), np.roll(path, -1, axis=0)
    long = on & np.roll(on, -1) & (np.abs(following[:, 1] - path[:, 1]) > 4)
    made = []
    for at, start in enumerate(path):
        made.append(start[None])
        if long[at]:
            count = int(abs(following[at, 1] - start[1]) / 4) + 2
            made.append(np.linspace(start, following[at], count)[1:-1])
    return np.concatenate(made)
