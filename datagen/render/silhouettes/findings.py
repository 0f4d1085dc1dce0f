"""Findings, in the tailor's sense: pockets, plackets, zips, belts, cuffs, ribs, added to a block."""

from __future__ import annotations

from datagen.render.figure.fronts import OpenSketch
from datagen.render.layers import Sketch
from datagen.render.outlines import along, curve, mirrored, rotated, rounded_rectangle, shifted, stroke
from datagen.render.silhouettes.measurements import Torso


def front_edge(s: Sketch, x: float, top: float, bottom: float, *, stitch: bool = True) -> None:
    """The free edge of a buttoned front: a hard line with its shadow, and a row of stitches."""
    s.line("edge", curve([(x, top), (x, (top + bottom) / 2), (x, bottom)], closed=False), width=0.4)
    if stitch:
        s.stitch((x + (1.4 if x < 0 else -1.4), top + 1), (x + (1.4 if x < 0 else -1.4), bottom - 0.5))


def buttons(
    s: Sketch,
    xs: tuple[float, ...],
    top: float,
    bottom: float,
    count: int,
    *,
    radius: float = 0.75,
    fill: str = "button",
) -> None:
    """Rows of buttons, evenly spaced from top to bottom."""
    gap = (bottom - top) / max(1, count - 1)
    s.dots(fill, [(x, top + gap * i) for x in xs for i in range(count)], radius, ring=True)


def zipper(s: Sketch, top: float, bottom: float, *, x: float = 0.0, fill: str = "metal") -> None:
    """A closed zip: tape, teeth and a puller."""
    tape = curve([(x, top), (x, bottom)], closed=False)
    s.part("shade", stroke(tape, 2.2), bulge=0.4, lift=0.2, crumple=0)
    s.part(fill, stroke(tape, 0.75), bulge=0.3, lift=0.15, crumple=0)
    rungs = [
        stroke(curve([(x - 0.4, y), (x + 0.4, y)], closed=False), 0.3)
        for y in along(tape, max(6, int((bottom - top) / 1.1)))[:, 1]
    ]
    s.part("inside", *rungs, bulge=0.1, lift=0, crumple=0)
    s.part(
        fill,
        rounded_rectangle(x - 0.75, top + 0.2, x + 0.75, top + 2.2, 0.4),
        rounded_rectangle(x - 0.4, top + 2.0, x + 0.4, top + 5.4, 0.35),
        bulge=0.4,
        lift=0.5,
        crumple=0,
    )


def pocket(
    s: Sketch,
    x: float,
    y: float,
    w: float,
    h: float,
    *,
    flap: float = 0.0,
    fill: str = "ground",
    box: bool = False,
    button: bool = False,
    both: bool = True,
) -> None:
    """A patch pocket centred at (x, y top), its flap ``flap`` cm deep; on both sides if ``both``."""
    outline = curve(
        [
            (x - w / 2, y, 0),
            (x + w / 2, y, 0),
            (x + w / 2, y + h * 0.86),
            (x + w * 0.4, y + h, 0),
            (x - w * 0.4, y + h, 0),
            (x - w / 2, y + h * 0.86),
        ]
    )
    cover = curve(
        [
            (x - w / 2 - 0.3, y - 0.6, 0),
            (x + w / 2 + 0.3, y - 0.6, 0),
            (x + w / 2 + 0.3, y + flap * 0.8),
            (x, y + flap * 1.15),
            (x - w / 2 - 0.3, y + flap * 0.8),
        ]
    )
    for side in (1, -1) if both else (1,):
        flip = mirrored if side < 0 else (lambda path: path)
        s.part(fill, flip(outline), bulge=0.9, lift=0.55, crumple=0.4)
        s.line(
            "stitch",
            flip(
                curve(
                    [
                        (x - w / 2 + 0.5, y),
                        (x - w / 2 + 0.5, y + h - 1.2),
                        (x + w / 2 - 0.5, y + h - 1.2),
                        (x + w / 2 - 0.5, y),
                    ],
                    closed=False,
                )
            ),
        )
        if box:
            s.line(
                "seam",
                flip(curve([(x - w * 0.14, y), (x - w * 0.14, y + h)], closed=False)),
                flip(curve([(x + w * 0.14, y), (x + w * 0.14, y + h)], closed=False)),
            )
        if flap:
            s.part(fill, flip(cover), bulge=0.8, lift=0.7, crumple=0.3)
            s.line(
                "stitch",
                flip(
                    curve(
                        [
                            (x - w / 2 + 0.3, y + flap * 0.72),
                            (x, y + flap * 0.98),
                            (x + w / 2 - 0.3, y + flap * 0.72),
                        ],
                        closed=False,
                    )
                ),
            )
        if button:
            s.dots("button", [(side * x, y + (flap * 0.62 if flap else 1.4))], 0.6)


def welt(
    s: Sketch, x: float, y: float, long: float, lean: float, *, wide: float = 2.6, flap: bool = False
) -> None:
    """A slanted welt (or flap) pocket on both sides; ``lean`` in degrees from upright."""
    strip = rotated(
        rounded_rectangle(-wide / 2, -long / 2, wide / 2 + (1.6 if flap else 0), long / 2, 0.6), lean
    )
    s.pair("ground", shifted(strip, x, y), turn=lean, lift=0.7 if flap else 0.45, bulge=0.8, crumple=0.2)
    inner = rotated(
        curve([(-wide / 2 + 0.5, -long / 2 + 0.6), (-wide / 2 + 0.5, long / 2 - 0.6)], closed=False), lean
    )
    s.line("stitch", shifted(inner, x, y), mirror=True)


def belt(
    s: Sketch,
    t: Torso,
    y: float,
    *,
    wide: float = 4.4,
    fill: str = "ground",
    buckle: str = "button",
    tail: float = 15.0,
) -> None:
    """A belt around the body at height y, a buckle at the middle and a hanging end.

    On a coat worn open it hangs from its loops.
    """
    half = t.half(y) + 0.9
    if isinstance(s, OpenSketch):
        _loose_belt(s, half, y, wide, fill, buckle, tail)
        return
    band = curve(
        [
            (-half, y - wide / 2, 0),
            (0, y - wide / 2 + 1.0),
            (half, y - wide / 2, 0),
            (half, y + wide / 2, 0),
            (0, y + wide / 2 + 1.0),
            (-half, y + wide / 2, 0),
        ]
    )
    with s.on("around"):
        s.part(fill, band, bulge=1.6, lift=1.1, crumple=0.4)
    for offset in (-wide * 0.32, -wide * 0.1, wide * 0.12, wide * 0.34):
        s.stitch((-half + 0.6, y + offset), (0, y + offset + 1.0), (half - 0.6, y + offset))
    x = s.rng.uniform(1.5, 3.5)
    end = curve(
        [(x + 2, y + 0.4), (x + 6, y + 3.2), (x + 6.6, y + tail * 0.6), (x + 5.8, y + tail)], closed=False
    )
    s.part(fill, stroke(end, wide * 0.92), bulge=1.4, lift=1.0, turn=-6, crumple=0.3)
    ring = rounded_rectangle(-wide * 0.52, y - wide * 0.66 + 1, wide * 0.52, y + wide * 0.66 + 1, 0.9)
    gap = rounded_rectangle(-wide * 0.27, y - wide * 0.4 + 1, wide * 0.27, y + wide * 0.4 + 1, 0.5)
    s.part(buckle, ring, holes=(gap,), bulge=0.6, lift=0.8, crumple=0, shine=0.5)
    s.strap("metal", [(0, y + 1), (wide * 0.5, y + 1)], 0.5)
    for side in (-1, 1):
        s.part(
            fill,
            rounded_rectangle(
                side * half * 0.62 - 0.9, y - wide * 0.75, side * half * 0.62 + 0.9, y + wide * 0.95, 0.3
            ),
            bulge=0.5,
            lift=0.6,
            crumple=0,
        )


def _loose_belt(s: Sketch, half: float, y: float, wide: float, fill: str, buckle: str, tail: float) -> None:
    """A belt from the side seams through its loops, with two hanging ends, the buckle on one of them."""
    long = tail * s.rng.uniform(0.9, 1.3), tail * s.rng.uniform(1.3, 1.8)
    loop = half * 0.52
    for side, drop in zip((1, -1), long, strict=True):
        knots = [(half, y), (loop + 2.2, y + 0.9), (loop - 0.4, y + 4.0), (loop - 1.2, y + drop)]
        path = curve([(side * x, at) for x, at in knots], closed=False)
        s.part(fill, stroke(path, wide * 0.9), bulge=1.4, lift=1.0, crumple=0.4)
        if side < 0:
            x, end = -(loop - 1.2), y + drop
            ring = rounded_rectangle(
                x - wide * 0.62, end - wide * 0.4, x + wide * 0.62, end + wide * 0.6, 0.9
            )
            gap = rounded_rectangle(
                x - wide * 0.36, end - wide * 0.12, x + wide * 0.36, end + wide * 0.3, 0.5
            )
            s.part(buckle, ring, holes=(gap,), bulge=0.6, lift=0.8, crumple=0, shine=0.5)
        bar = side * (loop + 2.6)
        s.part(
            fill,
            rounded_rectangle(bar - 0.9, y - wide * 0.75, bar + 0.9, y + wide * 0.95, 0.3),
            bulge=0.5,
            crumple=0,
        )


def epaulettes(s: Sketch, t: Torso) -> None:
    """Shoulder straps with a button each."""
    path = curve(
        [(t.neck + 3.2, 1.6), (t.shoulder * 0.72, t.slope * 0.5 + 0.4), (t.shoulder + 0.4, t.slope + 0.8)],
        closed=False,
    )
    s.pair("ground", stroke(path, 3.4, 4.4), lift=0.8, bulge=1.1, turn=-72, crumple=0.2)
    s.dots("button", [(t.neck + 4.6, 2.1), (-t.neck - 4.6, 2.1)], 0.7, ring=True)


def cuff(
    s: Sketch,
    t: Torso,
    deep: float,
    *,
    fill: str = "ground",
    ribs: bool = False,
    strap: bool = False,
    at: float = 0.0,
) -> None:
    """A band around the end of each sleeve, ``deep`` cm; with ``strap``, a buckled strap above the cuff."""
    if t.sleeve <= 1:
        return
    with s.on("arm"):
        share = deep / max(t.sleeve, 1)
        start, end = 1 - share - at, 1.0 - at
        spread = 0.05 if strap or not ribs else -0.03
        outline = curve(
            [
                (*t.on_sleeve(start, -spread), 0),
                (*t.on_sleeve(end, -spread), 0),
                (*t.on_sleeve(end, 0.5),),
                (*t.on_sleeve(end, 1 + spread), 0),
                (*t.on_sleeve(start, 1 + spread), 0),
            ]
        )
        s.pair(fill, outline, turn=-t.angle, lift=0.6, bulge=2.4, crumple=0.2)
        if ribs:
            lines = [
                curve([t.on_sleeve(start, x / 9), t.on_sleeve(end, x / 9)], closed=False) for x in range(1, 9)
            ]
            s.line("rib", *lines, mirror=True)
        if strap:
            place = t.on_sleeve((start + end) / 2, 0.32)
            s.dots("button", [place, (-place[0], place[1])], 0.8, ring=True)
        elif not ribs:
            s.line(
                "stitch",
                curve(
                    [t.on_sleeve(start + share * 0.2, 0.03), t.on_sleeve(start + share * 0.2, 0.97)],
                    closed=False,
                ),
                mirror=True,
            )


def hem_ribs(s: Sketch, t: Torso, deep: float, *, fill: str = "shade", gap: float = 1.3) -> None:
    """A ribbed band at the hem."""
    w = t.hem - 0.6
    with s.on("around"):
        s.part(
            fill,
            curve(
                [
                    (-t.hem - 0.2, t.length - deep, 0),
                    (0, t.length - deep + 1.0),
                    (t.hem + 0.2, t.length - deep, 0),
                    (w - 0.6, t.length + 0.4, 0),
                    (0, t.length + 1.6),
                    (-w + 0.6, t.length + 0.4, 0),
                ]
            ),
            bulge=3.0,
            lift=0.5,
            crumple=0.2,
        )
    count = int(2 * w / gap)
    lines = [
        curve(
            [(x, t.length - deep + 1 - abs(x) / w), (x * 0.985, t.length + 1.3 - abs(x) / w * 1.2)],
            closed=False,
        )
        for x in ((i + 0.5) / count * 2 * w - w for i in range(count))
    ]
    with s.on("around"):
        s.line("rib", *lines, width=0.35)


def reversed_hem(s: Sketch, t: Torso) -> None:
    """A corner of the hem folded up to show the lining."""
    x, y = t.hem, t.length
    s.part(
        "lining",
        curve(
            [
                (x * 0.28, y + 1.0, 0),
                (x * 0.98, y - 12 * t.tall, 0),
                (x * 0.52, y - 10 * t.tall),
                (x * 0.3, y - 6 * t.tall),
            ]
        ),
        bulge=1.5,
        lift=1.2,
        crumple=0.6,
    )


def drawn_waist(s: Sketch, t: Torso, y: float) -> None:
    """A cord in a channel at height y: gathers, and two hanging ends."""
    half = t.half(y)
    with s.on("around"):
        s.seam((-half, y), (0, y + 1.2), (half, y))
    with s.on("around"):
        s.seam((-half, y + 2.4), (0, y + 3.6), (half, y + 2.4))
    pleats = [
        curve([(x, y + 0.8), (x * 1.01, y + 3.4)], closed=False)
        for x in (half * f / 10 for f in range(-9, 10, 2))
    ]
    with s.on("around"):
        s.line("crease", *pleats, width=0.7)
    for side in (-1, 1):
        s.strap(
            "dark" if s.wearer == "man" else "white",
            [(side * 1.6, y + 2.3), (side * 3.0, y + 7), (side * 2.2, y + 13)],
            0.6,
        )
