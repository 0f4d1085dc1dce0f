"""The output of a drawing function: layers as data, in paint order, in centimetres.

A :class:`Part` is a surface (a sleeve, a lapel, a sole, a row of buttons); a :class:`Line` is drawn on the
surface below it (a seam, stitches, a fold). :class:`Sketch` collects them and supplies the random numbers for
the free parameters of the cut.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from datagen.product.vocabulary import REGULAR, Fit
from datagen.render.outlines import Knot, Path, curve, ellipse, mirrored, stroke
from datagen.render.random_stream import RandomStream

FILLS = {
    "ground": "the product's material, pattern and colours",
    "plain": "the product's material in its ground colour, no pattern",
    "shade": "the ground colour, a step darker: ribs, facings, insoles",
    "lining": "the inside that shows at neck, hem or flap",
    "inside": "deep inside, almost without light",
    "trim": "the second colour: leather trim, contrast collar, tipping",
    "line": "the third colour: fine stripes and tipping",
    "accent": "the accent colour",
    "metal": "hardware",
    "button": "horn or shell",
    "sole": "rubber or stacked leather under a shoe",
    "white": "off-white: laces, labels, pearl",
    "dark": "near-black leather or rubber",
    "lens": "dark glass",
    "glare": "a window reflected in glass",
    "skin": "beige leather of an insole",
    "flesh": "the figure's skin",
    "blush": "the figure's skin where light has passed through it",
    "hair": "the figure's hair",
    "brow": "brows, lashes and irises",
    "iris": "the coloured ring of an eye",
    "pupil": "pupils",
    "stubble": "skin with short hair on it",
    "eye": "the white of an eye",
    "lips": "lips",
    "inner": "a plain top worn under the product or with it",
    "below": "plain trousers or a skirt worn below it",
    "shoe": "the figure's shoes",
    "sole_below": "pale soles of the figure's trainers",
    "hat": "the figure's cap",
    "glasses": "the figure's dark glasses",
}

FIGURE = (
    *("flesh", "blush", "stubble", "hair", "brow", "iris", "pupil", "eye", "lips", "inner", "below"),
    *("shoe", "sole_below", "hat", "glasses"),
)
"""Fills that belong to the figure, not to the product."""

PLACES = {
    "": "on the front of the body",
    "arm": "a sleeve and what is on it",
    "nape": "inside the neckline, behind the wearer's neck",
    "hood": "a hood",
    "around": "goes around the body: visible from behind too",
}
"""Where a layer is on a wearer; see ``figure.dressed_figure``."""


@dataclass(frozen=True, slots=True)
class Part:
    """A surface, in cm. ``bulge`` is the radius over which its edge rounds away, ``lift`` its distance from
    the surface below (which receives its shadow), ``turn`` the angle of its pattern in degrees, ``folds``
    are grooves (path, depth, width), ``channels`` is the spacing of padded channels, ``crumple`` the depth
    of its creases, ``shine`` extra gloss, ``place`` a name of ``PLACES``."""

    fill: str
    outlines: tuple[Path, ...]
    holes: tuple[Path, ...] = ()
    bulge: float = 4.0
    lift: float = 0.6
    turn: float = 0.0
    folds: tuple[tuple[Path, float, float], ...] = ()
    channels: float = 0.0
    crumple: float = 1.0
    shine: float = 0.0
    place: str = ""

    def paths_of(self) -> list[Path]:
        """Every path of the part."""
        return [*self.outlines, *self.holes, *[path for path, _, _ in self.folds]]

    def with_paths(self, paths: list[Path]) -> Part:
        """The part with other paths, in the number and order of :meth:`paths_of`."""
        edges, rest = len(self.outlines), len(self.outlines) + len(self.holes)
        folds = tuple(
            (path, depth, width) for path, (_, depth, width) in zip(paths[rest:], self.folds, strict=True)
        )
        shape = self.bulge, self.lift, self.turn, folds, self.channels, self.crumple, self.shine, self.place
        return Part(self.fill, tuple(paths[:edges]), tuple(paths[edges:rest]), *shape)


@dataclass(frozen=True, slots=True)
class Line:
    """A line on the surface; ``role`` is ``seam``, ``stitch``, ``crease``, ``edge`` or ``rib``."""

    role: str
    paths: tuple[Path, ...]
    width: float = 0.25
    place: str = ""

    def paths_of(self) -> list[Path]:
        """Every path of the line."""
        return list(self.paths)

    def with_paths(self, paths: list[Path]) -> Line:
        """The line along other paths."""
        return Line(self.role, tuple(paths), self.width, self.place)


Layer = Part | Line
Layers = list[Layer]


def transformed(layers: Sequence[Layer], move: Callable[[Path], Path]) -> Layers:
    """The layers with all points mapped by ``move``, which is called once, on one array of all points."""
    groups = [layer.paths_of() for layer in layers]
    flat = [path for group in groups for path in group]
    if not flat:
        return list(layers)
    points = move(np.concatenate(flat))
    result, at = [], 0
    for layer, group in zip(layers, groups, strict=True):
        paths = []
        for path in group:
            paths.append(points[at : at + len(path)])
            at += len(path)
        result.append(layer.with_paths(paths))
    return result


class Span(NamedTuple):
    """The box around a layer's outlines or lines, and the longer side of the first of them."""

    x0: float
    y0: float
    x1: float
    y1: float
    first: float


def spans_of(layers: Sequence[Layer], points: Path) -> list[Span]:
    """Spans of layers, from their points in the order of :func:`transformed`."""
    counts, ends, lengths = [], [0], []
    for layer in layers:
        paths = layer.paths_of()
        counts.append(len(layer.outlines) if isinstance(layer, Part) else len(paths))
        ends.append(ends[-1] + len(paths))
        lengths += [len(path) for path in paths]
    begins = np.cumsum([0, *lengths[:-1]])
    low, high = np.minimum.reduceat(points, begins), np.maximum.reduceat(points, begins)
    first = (high - low).max(axis=1)[ends[:-1]]
    # A layer's stretch is from its first path to its last outline; every other stretch is holes and folds.
    # The last may end where the paths do: there must be one more.
    low, high = np.append(low, low[-1:], axis=0), np.append(high, high[-1:], axis=0)
    stretches = np.stack([ends[:-1], np.add(ends[:-1], counts)], axis=1).ravel()
    corners = np.minimum.reduceat(low, stretches)[::2], np.maximum.reduceat(high, stretches)[::2]
    box = np.concatenate(corners, axis=1)
    return [
        Span(x0, y0, x1, y1, size)
        for (x0, y0, x1, y1), size in zip(box.tolist(), first.tolist(), strict=True)
    ]


@dataclass(slots=True)
class Sketch:
    """Collects the layers of one product. Each drawing function chooses its own origin."""

    kind: str
    wearer: str
    detail: str
    rng: RandomStream
    fit: Fit = REGULAR
    layers: list[Part | Line] = field(default_factory=list)
    mark: tuple[float, float, float] = (0.0, 0.0, 12.0)
    """Position of a large placed motif: centre x, centre y, width, in cm."""
    badge: tuple[float, float, float] = (0.0, 0.0, 4.0)
    """Position of a small emblem, likewise."""
    zoom: float = 1.0
    """Magnification: children's clothes are photographed from nearer, small things vary slightly by cut."""
    worn: bool = False
    """Drawn for a figure: with straight sleeves apart from the body, to be laid along its arms."""
    behind: bool = False
    """Seen from behind."""
    tip: tuple[float, float] = (0.0, 0.0)
    """The end of the shoulder seam."""
    hips: tuple[float, float, float] = (0.0, 1.0, 0.0)
    """For legs: heights of crotch and hem, and the distance of a hem's middle from the garment's middle."""
    place: str = ""
    """The place (of ``PLACES``) of the layers that are being added."""

    @contextmanager
    def on(self, place: str) -> Iterator[None]:
        """Give layers added inside the block that place (of ``PLACES``)."""
        before, self.place = self.place, place
        yield
        self.place = before

    def part(
        self,
        fill: str,
        *outlines: Path,
        holes: Sequence[Path] = (),
        bulge: float = 4.0,
        lift: float = 0.6,
        turn: float = 0.0,
        folds: Iterable[tuple[Path, float, float]] = (),
        channels: float = 0.0,
        crumple: float = 1.0,
        shine: float = 0.0,
    ) -> None:
        """Add a surface of one or more outlines."""
        self.layers.append(
            Part(
                fill,
                outlines,
                tuple(holes),
                bulge,
                lift,
                turn,
                tuple(folds),
                channels,
                crumple,
                shine,
                self.place,
            )
        )

    def pair(
        self,
        fill: str,
        outline: Path,
        *,
        turn: float = 0.0,
        lift: float = 0.6,
        bulge: float = 4.0,
        folds: Iterable[tuple[Path, float, float]] = (),
        channels: float = 0.0,
        crumple: float = 1.0,
    ) -> None:
        """Add a surface on the right and its mirror image on the left."""
        right = tuple(folds)
        left = tuple((mirrored(path), depth, width) for path, depth, width in right)
        self.part(
            fill, outline, bulge=bulge, lift=lift, turn=turn, folds=right, channels=channels, crumple=crumple
        )
        self.part(
            fill,
            mirrored(outline),
            bulge=bulge,
            lift=lift,
            turn=-turn,
            folds=left,
            channels=channels,
            crumple=crumple,
        )

    def strap(
        self,
        fill: str,
        knots: Iterable[Knot],
        width: float,
        *,
        lift: float = 0.4,
        end: float | None = None,
        bulge: float | None = None,
        crumple: float = 0.0,
        shine: float = 0.0,
    ) -> Path:
        """Add a band along an open curve (handle, cord, lace, belt); return its path."""
        path = curve(knots, closed=False)
        self.part(
            fill,
            stroke(path, width, end),
            bulge=width * 0.4 if bulge is None else bulge,
            lift=lift,
            crumple=crumple,
            shine=shine,
        )
        return path

    def line(self, role: str, *paths: Path, width: float = 0.25, mirror: bool = False) -> None:
        """Draw lines on the surface; with ``mirror`` on both sides."""
        both = paths + tuple(mirrored(p) for p in paths) if mirror else paths
        self.layers.append(Line(role, both, width, self.place))

    def seam(self, *knots: Knot, mirror: bool = False, width: float = 0.3) -> None:
        """A seam along an open curve."""
        self.line("seam", curve(knots, closed=False), width=width, mirror=mirror)

    def stitch(self, *knots: Knot, mirror: bool = False) -> None:
        """A row of stitches along an open curve."""
        self.line("stitch", curve(knots, closed=False), width=0.22, mirror=mirror)

    def dots(
        self, fill: str, places: Iterable[tuple[float, float]], radius: float, *, ring: bool = False
    ) -> None:
        """Buttons, rivets or pearls: one part of many small discs."""
        at = list(places)
        if not at:
            return
        discs = [ellipse(x, y, radius, points=18) for x, y in at]
        self.part(fill, *discs, bulge=radius * 0.6, lift=0.35, crumple=0.0, shine=0.5)
        if ring:
            self.part(
                "inside",
                *[ellipse(x, y, radius * 0.3, points=8) for x, y in at],
                bulge=0.1,
                lift=0.0,
                crumple=0,
            )
