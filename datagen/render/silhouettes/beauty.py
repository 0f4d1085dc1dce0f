"""Beauty: lipstick, fragrance, foundation. Origin: the middle of the foot; cm, larger than life."""

from __future__ import annotations

from collections.abc import Callable

from datagen.render.layers import Sketch
from datagen.render.outlines import curve, ellipse, rounded_rectangle, symmetric
from datagen.render.silhouettes.kind import Kind


def _gleam(s: Sketch, x: float, top: float, bottom: float, wide: float) -> None:
    """A window's reflection on glass or lacquer: a bright strip."""
    s.part("glare", rounded_rectangle(x, top, x + wide, bottom, wide * 0.45), bulge=0.3, lift=0, crumple=0)


def lipstick(s: Sketch) -> None:
    """Open lipstick beside its cap."""
    tall = s.rng.uniform(10, 13)
    s.part("dark", rounded_rectangle(-7.2, -15, 0.2, 0, 0.5), bulge=2.6, lift=0.4, crumple=0, shine=0.6)
    s.part(
        "metal", rounded_rectangle(-6.4, -19.5, -0.6, -14.6, 0.3), bulge=2.2, lift=0.2, crumple=0, shine=0.9
    )
    s.part(
        "ground",
        curve(
            [
                (-5.6, -19, 0),
                (-1.4, -19, 0),
                (-1.4, -19 - tall * 0.62),
                (-2.6, -19 - tall * 0.98),
                (-4.0, -19 - tall),
                (-5.6, -19 - tall * 0.7),
            ]
        ),
        bulge=1.6,
        lift=0.3,
        crumple=0,
        shine=0.6,
    )
    s.part(
        "shade",
        curve(
            [
                (-1.5, -19 - tall * 0.6),
                (-2.6, -19 - tall * 0.96),
                (-4.0, -19 - tall),
                (-5.4, -19 - tall * 0.72),
                (-3.6, -19 - tall * 0.66),
            ]
        ),
        bulge=0.8,
        lift=0,
        crumple=0,
    )
    s.part("metal", rounded_rectangle(-7.3, -9.2, 0.3, -8.2, 0.2), bulge=0.4, lift=0.1, crumple=0, shine=0.9)
    s.part("dark", rounded_rectangle(4.0, -22, 11.4, 0.4, 0.6), bulge=2.6, lift=0.5, crumple=0, shine=0.6)
    s.part("metal", rounded_rectangle(3.9, -1.6, 11.5, 0.4, 0.3), bulge=0.6, lift=0.1, crumple=0, shine=0.9)
    _gleam(s, -6.2, -14, -0.8, 0.9)
    _gleam(s, 5.2, -21, -2.2, 1.0)
    s.mark, s.badge = (-3.5, -24, 3), (-3.5, -22, 2.4)


def fragrance(s: Sketch) -> None:
    """Glass bottle with cap and label."""
    rng = s.rng
    w, tall = rng.uniform(8.4, 10.5), rng.uniform(20, 25)
    round_ = rng.chance(0.3)
    glass = (
        ellipse(0, -tall * 0.5, w * 1.05, tall * 0.5, 56)
        if round_
        else rounded_rectangle(-w, -tall, w, 0, rng.uniform(0.8, 2.4))
    )
    inner = (
        ellipse(0, -tall * 0.47, w * 0.92, tall * 0.42, 56)
        if round_
        else rounded_rectangle(-w + 1.2, -tall + 3.2, w - 1.2, -1.6, 1.2)
    )
    s.part(
        "metal",
        rounded_rectangle(-2.6, -tall - 3.0, 2.6, -tall + 0.6, 0.4),
        bulge=1.2,
        lift=0.3,
        crumple=0,
        shine=0.9,
    )
    s.part(
        rng.choice(("dark", "metal", "trim")),
        rounded_rectangle(-4.0, -tall - 10, 4.0, -tall - 2.2, 0.6),
        bulge=2.2,
        lift=0.5,
        crumple=0,
        shine=0.8,
    )
    s.part("white", glass, bulge=1.6, lift=0.4, crumple=0, shine=0.8)
    s.part("ground", inner, bulge=2.4, lift=0.1, crumple=0, shine=0.6)
    label = rounded_rectangle(-w * 0.56, -tall * 0.62, w * 0.56, -tall * 0.28, 0.2)
    s.part("white", label, bulge=0.2, lift=0.25, crumple=0)
    s.line("seam", rounded_rectangle(-w * 0.5, -tall * 0.6, w * 0.5, -tall * 0.3, 0.1))
    s.part(
        "inside",
        *[
            rounded_rectangle(-w * x, -tall * y - 0.22, w * x, -tall * y + 0.22, 0.1)
            for x, y in ((0.36, 0.5), (0.26, 0.44), (0.16, 0.38))
        ],
        bulge=0.1,
        lift=0,
        crumple=0,
    )
    if not round_:
        _gleam(s, -w + 0.6, -tall + 1.4, -1.6, 0.8)
        _gleam(s, w - 2.4, -tall + 4.4, -3.4, 0.45)
    s.mark, s.badge = (0, -tall * 0.16, w), (0, -tall * 0.78, 3)


def foundation(s: Sketch) -> None:
    """Glass bottle with pump."""
    w, tall = s.rng.uniform(5.6, 7.0), s.rng.uniform(21, 25)
    s.part(
        "metal",
        rounded_rectangle(-1.6, -tall - 4.4, 1.6, -tall, 0.3),
        bulge=0.8,
        lift=0.2,
        crumple=0,
        shine=0.9,
    )
    s.part(
        "dark",
        symmetric([(0, -tall - 8.4), (3.0, -tall - 8.4), (3.2, -tall - 4.0, 0), (0, -tall - 4.0)]),
        curve([(2.4, -tall - 8.2, 0), (7.2, -tall - 7.6), (7.4, -tall - 6.0, 0), (2.4, -tall - 6.2, 0)]),
        bulge=1.0,
        lift=0.4,
        crumple=0,
        shine=0.6,
    )
    s.part(
        "dark",
        rounded_rectangle(-3.6, -tall - 2.2, 3.6, -tall + 1.0, 0.4),
        bulge=1.4,
        lift=0.3,
        crumple=0,
        shine=0.6,
    )
    s.part(
        "white",
        symmetric([(0, -tall), (w * 0.7, -tall), (w, -tall + 2.0), (w, -1.2), (w - 1.0, 0), (0, 0)]),
        bulge=1.8,
        lift=0.4,
        crumple=0,
        shine=0.8,
    )
    s.part(
        "ground",
        symmetric(
            [
                (0, -tall + 2.4),
                (w * 0.72, -tall + 2.6),
                (w - 0.9, -tall + 4.0),
                (w - 0.9, -2.6),
                (w - 1.8, -1.6),
                (0, -1.6),
            ]
        ),
        bulge=2.0,
        lift=0.05,
        crumple=0,
        shine=0.5,
    )
    s.part(
        "dark",
        *[
            rounded_rectangle(-w * x, -tall * y - 0.24, w * x, -tall * y + 0.24, 0.1)
            for x, y in ((0.5, 0.58), (0.34, 0.52), (0.2, 0.47))
        ],
        bulge=0.1,
        lift=0,
        crumple=0,
    )
    _gleam(s, -w + 0.5, -tall + 2.6, -1.8, 0.8)
    smear = curve(
        [(w + 3, -1.0), (w + 6, -2.6), (w + 12, -2.0), (w + 14, 0.2), (w + 10, 1.4), (w + 4.6, 1.0)]
    )
    s.part("ground", smear, bulge=0.9, lift=0.15, crumple=0.6, shine=0.4)
    s.mark, s.badge = (0, -tall * 0.3, w), (0, -tall * 0.72, 3)


def _kind(draw: Callable[[Sketch], None], zoom: float) -> Kind:
    return Kind(
        draw,
        zoom,
        at=76,
        ground=0.5,
        width=44,
        height=56,
        fits=("scale",),
        shaped_by_wearer=False,
        pattern_scale=0.4,
        tilts=False,
    )


KINDS = {
    "lipstick": _kind(lipstick, 1.5),
    "fragrance": _kind(fragrance, 1.5),
    "foundation": _kind(foundation, 1.5),
}
