"""Parts that bags share: body, flap, handles, chains, rings.

Origin: the middle of the bottom edge; x to the right, y down (so a bag has negative y); cm.
"""

from __future__ import annotations

from collections.abc import Callable

from datagen.render.layers import Sketch
from datagen.render.outlines import Path, curve, dashes, ellipse, rounded_rectangle, stroke, symmetric
from datagen.render.silhouettes.kind import Kind

BAG = frozenset({"chain", "quilted", "drawcord", "zip", "lace_trim"})


def chain(s: Sketch, path: Path, link: float = 1.5) -> None:
    """A metal chain along an open path: open links, every other one seen edge-on."""
    pieces = dashes(path, link, link * 0.12)
    flat = [stroke(p, link * 0.72) for p in pieces[::2] if len(p) > 1]
    holes = [stroke(p * 0.5 + p[::-1] * 0.5 + (p - p.mean(axis=0)) * 0.5, link * 0.3) for p in pieces[::2]]
    s.part("metal", *flat, holes=holes, bulge=0.35, lift=0.3, crumple=0, shine=0.6)
    s.part(
        "metal", *[stroke(p, link * 0.26) for p in pieces[1::2]], bulge=0.3, lift=0.2, crumple=0, shine=0.6
    )


def handle(s: Sketch, knots: list[tuple[float, float]], wide: float, *, fill: str = "trim") -> None:
    """A handle or strap; a chain if that is the detail."""
    if s.detail == "chain":
        chain(s, curve(knots, closed=False))
        return
    path = s.strap(fill, knots, wide, lift=0.5, shine=0.4)
    s.line("stitch", path)


def feet(s: Sketch, *places: tuple[float, float], fill: str = "metal") -> None:
    """Rings or studs where the straps meet the bag."""
    s.part(
        fill,
        *[ellipse(x, y, 0.95) for x, y in places],
        holes=[ellipse(x, y, 0.45) for x, y in places],
        bulge=0.4,
        lift=0.4,
        crumple=0,
        shine=0.6,
    )


def body(
    s: Sketch,
    half_top: float,
    half_bottom: float,
    tall: float,
    *,
    radius: float = 2.0,
    sag: float = 0.4,
    bulge: float = 3.0,
    fill: str = "ground",
) -> None:
    """A bag's front: wider or narrower above than below."""
    r = radius
    s.part(
        fill,
        symmetric(
            [
                (0, -tall + sag),
                (half_top * 0.7, -tall + sag * 0.5),
                (half_top, -tall, 0),
                (half_bottom + 0.1, -r * 1.3),
                (half_bottom - r * 0.35, -r * 0.3),
                (half_bottom - r * 1.3, 0),
                (0, 0.2),
            ]
        ),
        bulge=bulge,
        lift=0.5,
        crumple=0.35,
    )
    s.mark, s.badge = (0, -tall * 0.52, half_bottom * 1.25), (0, -tall * 0.62, min(6.0, half_bottom * 0.5))


def edge_stitch(s: Sketch, half_top: float, half_bottom: float, tall: float, inset: float = 0.9) -> None:
    """Stitches just inside the edge of :func:`body`."""
    s.stitch(
        (half_top - inset, -tall + 0.5),
        (half_bottom - inset, -2.6),
        (half_bottom - inset - 1.2, -inset),
        (0, -inset + 0.2),
        mirror=True,
    )


def flap(
    s: Sketch,
    half: float,
    tall: float,
    deep: float,
    *,
    fill: str = "ground",
    round_: float = 1.0,
    clasp: str = "plate",
) -> None:
    """A front flap with its stitches and clasp."""
    s.part(
        fill,
        symmetric(
            [
                (0, -tall - 0.6),
                (half - 1.6, -tall - 0.6),
                (half + 0.3, -tall + 0.8),
                (half + 0.4, -tall + deep * 0.6, 0 if round_ < 0.5 else 1),
                (half * (0.9 - 0.4 * round_), -tall + deep * 0.98),
                (0, -tall + deep),
            ]
        ),
        bulge=2.0,
        lift=1.0,
        crumple=0.3,
    )
    s.stitch(
        (half - 0.5, -tall + 1),
        (half - 0.5, -tall + deep * 0.58),
        (half * (0.86 - 0.4 * round_), -tall + deep * 0.98 - 0.8),
        (0, -tall + deep - 0.9),
        mirror=True,
    )
    y = -tall + deep
    if clasp == "plate":
        s.part(
            "metal",
            rounded_rectangle(-2.1, y - 2.8, 2.1, y + 1.2, 0.7),
            bulge=0.6,
            lift=0.7,
            crumple=0,
            shine=0.7,
        )
        s.part("inside", rounded_rectangle(-0.9, y - 1.5, 0.9, y - 0.1, 0.6), bulge=0.2, lift=0, crumple=0)
    elif clasp == "turn":
        s.part("metal", ellipse(0, y - 2.0, 1.9), bulge=0.8, lift=0.6, crumple=0, shine=0.7)
        s.part(
            "metal",
            rounded_rectangle(-0.5, y - 3.5, 0.5, y - 0.5, 0.4),
            bulge=0.4,
            lift=0.6,
            crumple=0,
            shine=0.9,
        )
    elif clasp == "stud":
        s.dots("metal", [(0, y - 1.6)], 0.8)


def bag_kind(draw: Callable[[Sketch], None], zoom: float, foot: float = 83.0) -> Kind:
    """The table entry of a bag, which stands low in the picture."""
    return Kind(
        draw,
        zoom,
        at=foot,
        ground=0.5,
        width=67,
        height=76,
        fits=("width", "scale"),
        details=BAG,
        shaped_by_wearer=False,
        pattern_scale=0.9,
        tilts=False,
    )
