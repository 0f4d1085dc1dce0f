"""Trench, car, tailored and pea coats; and what detail words add to any coat."""

from __future__ import annotations

from datagen.render.layers import Sketch
from datagen.render.outlines import curve, symmetric
from datagen.render.silhouettes import collars as c
from datagen.render.silhouettes import findings as f
from datagen.render.silhouettes.kind import Kind
from datagen.render.silhouettes.measurements import Torso
from datagen.render.silhouettes.torso import torso

COAT = frozenset(
    {
        "hooded",
        "detachable_hood",
        "belted",
        "reversible",
        "short_sleeve",
        "sleeveless",
        "double_breasted",
        "collarless",
        "cropped_collar",
        "detachable_warmer",
        "drawcord",
        "zip",
        "cargo",
        "chain",
    }
)


def extras(s: Sketch, t: Torso, *, belt: bool = True, pockets: bool = True) -> None:
    """Add what a detail word adds to any coat."""
    if s.detail == "belted" and belt:
        f.belt(s, t, t.waist_y + 2)
    if s.detail == "drawcord":
        f.drawn_waist(s, t, t.waist_y)
    if s.detail == "reversible":
        f.reversed_hem(s, t)
    if s.detail == "cargo" and pockets:
        f.pocket(
            s,
            t.half(t.waist_y + 16) * 0.6,
            t.waist_y + 13 * t.tall,
            13 * t.tall,
            16 * t.tall,
            flap=5 * t.tall,
            box=True,
        )
    if s.detail == "chain":
        s.strap(
            "metal",
            [(-t.chest * 0.2, t.waist_y), (t.chest * 0.1, t.waist_y + 4), (t.chest * 0.4, t.waist_y)],
            0.7,
        )


def hood_or(s: Sketch, t: Torso) -> bool:
    """Draw a hood if that is the detail; return whether it is."""
    if s.detail not in ("hooded", "detachable_hood"):
        return False
    c.hood(s, t)
    if s.detail == "detachable_hood":
        s.dots(
            "metal",
            [
                (x, 5.5 * t.neck / 7.4 - abs(x) * 0.2)
                for x in (-t.neck * 1.2, -t.neck * 0.6, t.neck * 0.6, t.neck * 1.2)
            ],
            0.6,
        )
    return True


def warmer(s: Sketch, t: Torso) -> None:
    """A padded inner front that stands up at the neck."""
    if s.detail == "detachable_warmer":
        s.part(
            "trim",
            symmetric([(0, -4.5), (t.neck + 1, -3.5), (t.neck + 1.8, 2), (t.neck * 0.8, 16), (0, 22, 0)]),
            bulge=3,
            lift=0.4,
            channels=4.5,
        )
        f.zipper(s, -4, 22)


def trench(s: Sketch, length: float) -> Torso:
    """A trench of any length: shared by the coat and the short jacket."""
    rng = s.rng
    t = torso(
        s,
        length,
        ease=1.08,
        shaped=0.75,
        flare=rng.uniform(4, 8),
        depth=rng.uniform(17, 22),
        vee=True,
        sleeve_wide=9.4,
        cuff_wide=7.6,
        angle=14,
    )
    warmer(s, t)
    over = 7.5 * t.chest / 24
    low = t.depth + 2
    f.front_edge(s, -over, low, t.length)
    flap = curve(
        [
            (t.neck + 1, 0.5, 0),
            (t.shoulder - 1.5, t.slope + 0.6, 0),
            (t.chest - 2.4, t.armpit * 0.92),
            (t.chest * 0.62, t.armpit * 1.12),
            (t.chest * 0.2, t.armpit * 1.0),
            (over * 0.5, t.depth * 0.9, 0),
        ]
    )
    s.part("ground", flap, bulge=1.6, lift=0.9, crumple=0.3)
    s.stitch(
        (t.chest - 3.2, t.armpit * 0.9), (t.chest * 0.62, t.armpit * 1.08), (t.chest * 0.2, t.armpit * 0.96)
    )
    f.epaulettes(s, t)
    waist = t.waist_y + 1.5
    f.buttons(s, (-over * 0.95, over * 0.95), t.armpit + 3, waist - 7, 2, radius=1.05)
    low_button = min(waist + 23 * t.tall, t.length - 5)
    if low_button > waist + 16 * t.tall:
        f.buttons(s, (-over * 0.95, over * 0.95), waist + 10 * t.tall, low_button, 2, radius=1.05)
    f.welt(s, t.half(waist + 13) * 0.66, waist + 14 * t.tall, 15 * t.tall, -rng.uniform(8, 16))
    c.lapels(
        s,
        t,
        depth=low,
        width=rng.uniform(14.5, 17),
        notch=rng.uniform(9.5, 11.5),
        collar="trim" if s.detail == "cropped_collar" else "",
    )
    hood_or(s, t)
    f.cuff(s, t, 3.4, strap=True, at=0.09)
    f.belt(s, t, waist, tail=rng.uniform(13, 20) * t.tall)
    extras(s, t, belt=False)
    return t


def trench_coat(s: Sketch) -> None:
    """Double-breasted coat, epaulettes, storm flap, belt."""
    t = trench(s, s.rng.uniform(104, 110))
    s.seam((0.6, t.waist_y + 4), (0.4, t.length), width=0.2)


def car_coat(s: Sketch) -> None:
    """Straight thigh-length coat, hidden buttons, small collar."""
    t = torso(
        s,
        92,
        ease=1.07,
        shaped=0.12,
        flare=s.rng.uniform(1, 4),
        depth=7,
        sleeve_wide=9.2,
        cuff_wide=7.4,
        angle=13,
    )
    warmer(s, t)
    double = s.detail == "double_breasted"
    edge = -7.0 if double else -2.2
    f.front_edge(s, edge, 4, t.length + 0.8)
    s.stitch((3.6, 7), (3.6, t.length))
    if double:
        f.buttons(s, (-6, 6), 16 * t.tall, t.length * 0.6, 4, radius=1.0)
    else:
        f.buttons(s, (0.3,), 8, 8, 1, radius=0.9)
    f.welt(s, t.half(60) * 0.62, t.waist_y + 15 * t.tall, 16 * t.tall, -s.rng.uniform(6, 14))
    if not hood_or(s, t) and s.detail != "collarless":
        c.shirt_collar(
            s,
            t,
            fill="trim" if s.detail in ("cropped_collar", "contrast", "reversible") else "ground",
            point=9.5,
            spread=7.2,
            stand=3.6,
        )
    f.cuff(s, t, 2.6, strap=True, at=0.07)
    extras(s, t)


def tailored_coat(s: Sketch) -> None:
    """Knee-length coat with notched lapels."""
    rng = s.rng
    t = torso(
        s,
        104,
        ease=1.03,
        shaped=0.7,
        flare=3,
        depth=rng.uniform(27, 34),
        vee=True,
        sleeve_wide=8.6,
        cuff_wide=6.8,
        angle=12,
    )
    over = 6.5 if s.detail == "double_breasted" else 1.4
    f.front_edge(s, -over, t.depth, t.length, stitch=False)
    s.seam(
        (t.chest * 0.5, t.armpit * 1.2),
        (t.waist * 0.5, t.waist_y),
        (t.hem * 0.46, t.waist_y + 18 * t.tall),
        mirror=True,
    )
    f.pocket(s, t.half(t.waist_y + 10) * 0.56, t.waist_y + 9 * t.tall, 14 * t.tall, 0.5, flap=4.6)
    s.part(
        "ground",
        curve(
            [
                (t.chest * 0.3, t.armpit - 1.4, 0),
                (t.chest * 0.72, t.armpit - 2.6, 0),
                (t.chest * 0.73, t.armpit - 0.2, 0),
                (t.chest * 0.31, t.armpit + 1, 0),
            ]
        ),
        bulge=0.6,
        lift=0.4,
    )
    xs = (-5.6, 5.6) if s.detail == "double_breasted" else (0.0,)
    f.buttons(s, xs, t.depth + 2, t.depth + 24 * t.tall, 3, radius=1.1)
    if s.detail != "collarless":
        c.lapels(
            s,
            t,
            depth=t.depth + 1,
            width=rng.uniform(11.5, 14),
            notch=10.5,
            over=-over * 0.4,
            collar="trim" if s.detail == "cropped_collar" else "",
        )
    with s.on("arm"):
        f.buttons(
            s,
            (t.on_sleeve(0.93, 0.8)[0], -t.on_sleeve(0.93, 0.8)[0]),
            t.on_sleeve(0.88, 0.8)[1],
            t.on_sleeve(0.96, 0.8)[1],
            3,
            radius=0.6,
        )
    hood_or(s, t)
    extras(s, t)


def pea_coat(s: Sketch) -> None:
    """Short double-breasted coat, wide lapels."""
    rng = s.rng
    t = torso(
        s,
        76,
        ease=1.06,
        shaped=0.35,
        flare=1.5,
        depth=rng.uniform(17, 21),
        vee=True,
        sleeve_wide=9,
        cuff_wide=7.4,
        angle=15,
    )
    f.front_edge(s, -8.2, t.depth, t.length)
    f.buttons(s, (-7.2, 7.2), t.depth + 4, t.length - 16 * t.tall, 3, radius=1.35)
    f.buttons(s, (-10.5, 10.5), t.depth - 3, t.depth - 3, 1, radius=1.35)
    f.welt(s, t.half(60) * 0.68, t.waist_y + 9 * t.tall, 14 * t.tall, -4)
    if s.detail != "collarless":
        c.lapels(
            s,
            t,
            depth=t.depth + 1.5,
            width=rng.uniform(17.5, 19.5),
            notch=11.5,
            peak=1.2,
            collar="trim" if s.detail == "cropped_collar" else "",
        )
    hood_or(s, t)
    extras(s, t)


def stand(s: Sketch, t: Torso, tall: float, *, channels: float = 0.0, fill: str = "ground") -> None:
    """A stand collar, closed at the throat."""
    n = t.neck
    with s.on("nape"):
        s.part(
            "lining",
            symmetric([(0, -tall + 1), (n * 0.8, -tall + 0.6), (n + 0.4, -2), (0, 2)]),
            bulge=1.5,
            lift=0,
            crumple=0,
        )
    s.part(
        fill,
        symmetric(
            [
                (0, -tall * 0.42, 0),
                (n * 0.7, -tall * 0.62),
                (n + 0.9, -tall * 0.86, 0),
                (n + 1.7, -0.4),
                (n * 0.8, t.depth * 0.66),
                (0, t.depth + 0.6),
            ]
        ),
        bulge=3,
        lift=0.8,
        channels=channels,
        crumple=0.4,
    )
    f.zipper(s, -tall * 0.4, t.depth + 2)


KINDS = {
    "trench_coat": Kind(trench_coat, 0.76, details=COAT, wear="coat", opens=0.45),
    "car_coat": Kind(car_coat, 0.80, details=COAT, wear="coat", opens=0.45),
    "tailored_coat": Kind(tailored_coat, 0.77, details=COAT, wear="coat", opens=0.45),
    "pea_coat": Kind(pea_coat, 0.88, details=COAT, wear="jacket", opens=0.45),
}
