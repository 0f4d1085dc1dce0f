"""Structured bags: tote, crossbody, top handle, clutch. Origin: the middle of the bottom edge; cm."""

from __future__ import annotations

from datagen.render.layers import Sketch
from datagen.render.outlines import curve, symmetric
from datagen.render.silhouettes.bag_parts import bag_kind, body, edge_stitch, feet, flap, handle


def tote(s: Sketch) -> None:
    """Open bag with two handles."""
    rng = s.rng
    tall, top, low = rng.uniform(29, 35), 17.5 * s.fit.width, rng.uniform(15.5, 17) * s.fit.width
    drop = rng.uniform(13, 19)
    x = top * 0.46
    if rng.chance(0.6):
        handle(
            s,
            [(top - 0.5, -tall + 2), (top + 3.5, -tall + 5), (low + 5, -tall * 0.4), (low - 1.5, -1.2)],
            1.4,
        )
    handle(
        s,
        [
            (-x + 0.6, -tall + 2),
            (-x * 0.92, -tall - drop * 0.7),
            (0, -tall - drop * 1.04),
            (x * 0.92, -tall - drop * 0.7),
            (x - 0.6, -tall + 2),
        ],
        1.7,
    )
    s.part(
        "inside",
        symmetric([(0, -tall - 1.5), (top * 0.8, -tall - 1.2), (top, -tall + 0.2, 0), (0, -tall + 1.4)]),
        bulge=1,
        lift=0,
    )
    body(s, top, low, tall, radius=1.4, sag=0.6)
    s.part(
        "trim",
        symmetric(
            [
                (0, -tall + 0.5),
                (top * 0.7, -tall + 0.3),
                (top + 0.1, -tall - 0.1, 0),
                (top, -tall + 2.2, 0),
                (0, -tall + 2.6),
            ]
        ),
        bulge=0.8,
        lift=0.3,
        crumple=0,
    )
    if rng.chance(0.6):
        s.part(
            "trim",
            symmetric([(0, -3.4), (low + 0.3, -3.6, 0), (low, -1.2), (low - 1.2, 0), (0, 0.2)]),
            bulge=1,
            lift=0.2,
            crumple=0,
        )
        s.stitch((-low, -2.9), (low, -2.9))
    handle(
        s,
        [
            (-x, -tall + 8),
            (-x * 1.0, -tall - 2),
            (-x * 0.8, -tall - drop * 0.75),
            (0, -tall - drop),
            (x * 0.8, -tall - drop * 0.75),
            (x, -tall - 2),
            (x, -tall + 8),
        ],
        1.8,
    )
    s.part(
        "trim",
        *[
            curve(
                [
                    (side * x - 1.6, -tall + 4, 0),
                    (side * x + 1.6, -tall + 4, 0),
                    (side * x + 1.6, -tall + 8),
                    (side * x, -tall + 9.6),
                    (side * x - 1.6, -tall + 8),
                ]
            )
            for side in (-1, 1)
        ],
        bulge=0.5,
        lift=0.4,
        crumple=0,
    )
    s.dots("metal", [(-x, -tall + 7.6), (x, -tall + 7.6)], 0.5)
    edge_stitch(s, top, low, tall)


def crossbody_bag(s: Sketch) -> None:
    """Flap bag on a long strap."""
    rng = s.rng
    half, tall = rng.uniform(10.5, 12.5) * s.fit.width, rng.uniform(14.5, 17.5)
    rise = rng.uniform(19, 25)
    lying = [
        (half - 0.6, -tall + 1),
        (half + 2.2, -tall - 1.0),
        (half + 4.6, -tall * 0.6),
        (half + 6.0, -2.6),
        (half + 3.4, -0.5),
        (half - 1.5, -0.8),
    ]
    standing = [
        (-half + 0.6, -tall + 1),
        (-half * 1.02, -tall - rise * 0.5),
        (-half * 0.4, -tall - rise),
        (half * 0.55, -tall - rise * 0.92),
        (half * 1.04, -tall - rise * 0.4),
        (half - 0.6, -tall + 1),
    ]
    handle(s, lying if rng.chance(0.55) else standing, 1.25)
    body(s, half, half + 0.3, tall, radius=2.2)
    edge_stitch(s, half, half + 0.3, tall)
    flap(
        s,
        half,
        tall,
        tall * rng.uniform(0.52, 0.7),
        round_=rng.uniform(0.4, 1.0),
        clasp=rng.choice(("plate", "stud")),
    )
    feet(s, (-half + 0.2, -tall + 0.4), (half - 0.2, -tall + 0.4))


def top_handle_bag(s: Sketch) -> None:
    """Structured bag with one handle and a turn clasp."""
    rng = s.rng
    top, low, tall = (
        rng.uniform(10.5, 12) * s.fit.width,
        rng.uniform(13.5, 15) * s.fit.width,
        rng.uniform(19, 22),
    )
    rise = rng.uniform(9, 12)
    s.part(
        "shade",
        symmetric([(0, -tall + 0.4), (top + 1.0, -tall + 1.2), (low + 1.7, -1.5), (low * 0.8, 0.0), (0, 0)]),
        bulge=1.6,
        lift=0.3,
    )
    body(s, top, low, tall, radius=1.4, bulge=2.2)
    edge_stitch(s, top, low, tall)
    handle(
        s,
        [
            (-top * 0.52, -tall + 2.0),
            (-top * 0.5, -tall - rise * 0.62),
            (0, -tall - rise),
            (top * 0.5, -tall - rise * 0.62),
            (top * 0.52, -tall + 2.0),
        ],
        1.9,
    )
    flap(s, top, tall, tall * 0.46, round_=rng.uniform(0.2, 0.7), clasp="turn")
    feet(s, (-top * 0.52, -tall + 1.6), (top * 0.52, -tall + 1.6))
    s.dots("metal", [(-low * 0.8, 0.5), (low * 0.8, 0.5)], 0.6)
    s.mark, s.badge = (0, -tall * 0.3, low), (0, -tall * 0.28, 4.5)


def clutch(s: Sketch) -> None:
    """Wide flat evening bag, envelope flap."""
    rng = s.rng
    half, tall = rng.uniform(15, 17) * s.fit.width, rng.uniform(15, 17.5)
    body(s, half, half, tall, radius=1.0, bulge=1.8)
    s.part(
        "ground",
        symmetric(
            [
                (0, -tall - 0.5),
                (half, -tall - 0.5, 0),
                (half + 0.3, -tall + 1.0, 0),
                (1.2, -tall * rng.uniform(0.28, 0.4)),
                (0, -tall * 0.28),
            ]
        ),
        bulge=1.4,
        lift=1.0,
        crumple=0.2,
    )
    s.stitch((half - 0.6, -tall + 1.2), (1.4, -tall * 0.34 - 0.8), mirror=True)
    s.dots("metal", [(0, -tall * 0.36)], 1.0)
    handle(
        s,
        [
            (half - 0.5, -tall + 2),
            (half + 5, -tall + 5),
            (half + 6, -4),
            (half + 3.4, 1.6),
            (half + 1.6, -5),
            (half + 2.4, -tall + 4),
        ],
        1.0,
    )


KINDS = {
    "tote": bag_kind(tote, 1.33, 85),
    "crossbody_bag": bag_kind(crossbody_bag, 1.95, 83),
    "top_handle_bag": bag_kind(top_handle_bag, 1.64, 83),
    "clutch": bag_kind(clutch, 1.48, 74),
}
