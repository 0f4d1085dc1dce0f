"""Small leather goods: pouch, wallet, card case, keyring. Origin: the centre; cm."""

from __future__ import annotations

from collections.abc import Callable

from datagen.render.layers import Sketch
from datagen.render.outlines import curve, ellipse, rounded_rectangle, stroke, symmetric
from datagen.render.silhouettes.bag_parts import chain
from datagen.render.silhouettes.kind import Kind


def pouch(s: Sketch) -> None:
    """Flat zipped pouch with wrist strap."""
    rng = s.rng
    w, h = rng.uniform(13, 15) * s.fit.width, rng.uniform(9.0, 10.5)
    if s.detail == "chain":
        chain(
            s,
            curve([(w - 1, -h + 1), (w + 5, -h + 4), (w + 6, 4), (w + 3, h), (w + 1, 2)], closed=False),
            1.3,
        )
    else:
        s.strap(
            "trim",
            [
                (w - 1, -h + 1.6),
                (w + 4, -h + 2),
                (w + 6.4, 2),
                (w + 5, h + 2),
                (w + 2.6, h - 3),
                (w + 2.6, -h + 5),
                (w - 0.4, -h + 2.4),
            ],
            1.1,
            lift=0.4,
        )
    s.part("ground", rounded_rectangle(-w, -h, w, h, 1.6), bulge=2.6, lift=0.5, crumple=0.4)
    s.part(
        "trim",
        curve([(-w, -h, 0), (w, -h, 0), (w, -h + 1.6, 0), (-w, -h + 1.6, 0)]),
        bulge=0.4,
        lift=0.1,
        crumple=0,
    )
    s.part(
        "metal",
        curve(
            [
                (-w + 0.6, -h + 0.55, 0),
                (w - 0.6, -h + 0.55, 0),
                (w - 0.6, -h + 1.15, 0),
                (-w + 0.6, -h + 1.15, 0),
            ]
        ),
        bulge=0.2,
        lift=0.1,
        crumple=0,
    )
    s.part(
        "metal",
        rounded_rectangle(w - 3.6, -h + 0.3, w - 2.4, -h + 1.4, 0.3),
        rounded_rectangle(w - 3.3, -h + 1.2, w - 2.7, -h + 4.4, 0.3),
        bulge=0.3,
        lift=0.5,
        crumple=0,
        shine=0.6,
    )
    s.line("stitch", rounded_rectangle(-w + 0.8, -h + 2.3, w - 0.8, h - 0.8, 1.0))
    s.mark, s.badge = (0, 1.5, w), (w * 0.5, h * 0.4, 4)


def wallet(s: Sketch) -> None:
    """Folded wallet, open edge and cards."""
    rng = s.rng
    w, h = rng.uniform(9.5, 10.6) * s.fit.width, rng.uniform(8.2, 9.4)
    s.part(
        "shade", rounded_rectangle(-w + 0.5, -h + 0.6, w + 0.5, h + 0.5, 0.7), bulge=0.7, lift=0.4, crumple=0
    )
    s.part(
        "white", rounded_rectangle(-w * 0.82, -h - 0.9, w * 0.5, h * 0.5, 0.4), bulge=0.2, lift=0.2, crumple=0
    )
    s.part(
        "lining", rounded_rectangle(-w * 0.9, -h - 0.2, w * 0.9, h * 0.5, 0.4), bulge=0.4, lift=0.3, crumple=0
    )
    s.part("ground", rounded_rectangle(-w, -h + 0.4, w, h, 0.8), bulge=1.4, lift=0.6, crumple=0.15)
    s.line("stitch", rounded_rectangle(-w + 0.6, -h + 1.0, w - 0.6, h - 0.6, 0.6))
    s.line("edge", curve([(-w, -h + 1.1), (-w - 0.1, 0), (-w, h - 0.8)], closed=False), width=0.5)
    y = rng.uniform(-1.5, 1.5)
    s.part(
        "ground",
        curve(
            [
                (w + 0.9, y - 2.0, 0),
                (w - 4.2, y - 2.0),
                (w - 5.6, y),
                (w - 4.2, y + 2.0),
                (w + 0.9, y + 2.0, 0),
            ]
        ),
        bulge=0.7,
        lift=0.7,
        crumple=0,
    )
    s.dots("metal", [(w - 3.8, y)], 0.75)
    s.mark, s.badge = (-w * 0.25, 0.5, w * 0.9), (-w * 0.4, h * 0.1, 4)
    if s.detail == "chain":
        chain(
            s,
            curve([(-w, -h + 2), (-w - 4, -h * 0.3), (-w - 3, h * 0.6), (-w - 1, h + 3)], closed=False),
            1.0,
        )


def card_case(s: Sketch) -> None:
    """Small flat case with card slots."""
    rng = s.rng
    w, h = rng.uniform(9.6, 10.4) * s.fit.width, rng.uniform(6.6, 7.4)
    for step, fill in enumerate(("white", "trim")):
        s.part(
            fill,
            rounded_rectangle(-w + 1.2 + step * 0.5, -h - 1.4 + step * 0.8, w - 1.2 - step * 0.9, 0, 0.6),
            bulge=0.2,
            lift=0.3,
            crumple=0,
        )
    s.part("ground", rounded_rectangle(-w, -h, w, h, 0.8), bulge=1.0, lift=0.6, crumple=0.1)
    for step in range(rng.integer(2, 3)):
        y = -h + 2.4 + step * 2.4
        s.part(
            "ground",
            curve(
                [
                    (-w, y, 0),
                    (-w * 0.35, y),
                    (0, y + 0.7),
                    (w * 0.35, y),
                    (w, y, 0),
                    (w, h - 0.7, 0),
                    (w - 0.7, h, 0),
                    (-w + 0.7, h, 0),
                    (-w, h - 0.7, 0),
                ]
            ),
            bulge=0.6,
            lift=0.55,
            crumple=0.1,
        )
    s.line(
        "stitch",
        curve(
            [(-w + 0.6, -h + 0.8), (-w + 0.6, h - 0.6, 0), (w - 0.6, h - 0.6, 0), (w - 0.6, -h + 0.8)],
            closed=False,
        ),
    )
    s.mark, s.badge = (0, h * 0.45, w * 0.9), (0, h * 0.55, 3.2)
    if s.detail == "chain":
        chain(s, curve([(w - 1, -h), (w + 3, -h - 2), (w + 4, 2), (w + 2, h + 2)], closed=False), 1.0)


def keyring(s: Sketch) -> None:
    """Ring, clasp and a charm."""
    s.zoom = s.rng.uniform(0.94, 1.04)
    rng = s.rng
    s.part(
        "metal",
        ellipse(0, -9.5, 4.2, 4.2, 40),
        ellipse(0.3, -9.0, 3.9, 3.9, 40),
        holes=[ellipse(0.1, -9.3, 3.35, 3.35, 40)],
        bulge=0.35,
        lift=0.4,
        crumple=0,
        shine=0.7,
    )
    chain(s, curve([(0, -5.8), (0.3, -3.6), (0, -1.4)], closed=False), 1.4)
    s.part(
        "metal",
        curve(
            [
                (-0.9, -12.4, 0),
                (0.9, -12.4, 0),
                (1.2, -15.5),
                (2.0, -18.0),
                (0, -20.4),
                (-2.0, -18.0),
                (-1.2, -15.5),
            ]
        ),
        holes=[ellipse(0, -17.8, 1.1, 1.6)],
        bulge=0.5,
        lift=0.4,
        crumple=0,
        shine=0.7,
    )
    shape = rng.integer(0, 2)
    if shape == 0:
        s.part(
            "ground",
            symmetric([(0, -1.8), (3.0, -1.6, 0), (4.6, 2.5), (4.6, 9.6), (2.4, 12), (0, 12.2)]),
            bulge=1.4,
            lift=0.5,
            crumple=0.1,
        )
        s.stitch((2.7, -0.9), (4.0, 2.6), (4.0, 9.4), (2.2, 11.3), (0, 11.5), mirror=True)
    elif shape == 1:
        s.part("ground", ellipse(0, 4.2, 5.6, 5.6, 40), bulge=1.6, lift=0.5, crumple=0.1)
        s.line("stitch", ellipse(0, 4.2, 4.9, 4.9, 40))
    else:
        s.part(
            "ground",
            symmetric([(0, 0.2, 0), (2.4, -1.8), (5.4, -0.6), (5.4, 3.4), (2.8, 7.6), (0, 10.6, 0)]),
            bulge=2.2,
            lift=0.5,
            crumple=0.1,
        )
    s.dots("metal", [(0, -0.4)], 0.8)
    loop = curve([(1.6, -8.0), (5.4, -2.0), (6.6, 6.0)], closed=False)
    s.part("trim", stroke(loop, 1.5), bulge=0.4, lift=0.4, crumple=0)
    s.dots("metal", [(6.7, 6.6)], 1.0)
    s.mark, s.badge = (0, 4.6, 6.4), (0, 5.4, 4.6)


def _kind(draw: Callable[[Sketch], None], zoom: float) -> Kind:
    return Kind(
        draw,
        zoom,
        at=55,
        width=56,
        height=60,
        fits=("width", "scale"),
        details=frozenset({"chain"}),
        shaped_by_wearer=False,
        pattern_scale=0.8,
    )


KINDS = {
    "pouch": _kind(pouch, 2.1),
    "wallet": _kind(wallet, 1.95),
    "card_case": _kind(card_case, 2.0),
    "keyring": _kind(keyring, 1.4),
}
