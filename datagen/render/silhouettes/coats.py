"""Coats: trench, car, tailored, duffle and pea coats, parka, puffer coat, cape, poncho."""

from __future__ import annotations

from datagen.render.layers import Sketch
from datagen.render.outlines import along, curve, mirrored, rounded, stroke, symmetric
from datagen.render.silhouettes import findings as f
from datagen.render.silhouettes.kind import Kind
from datagen.render.silhouettes.torso import BODIES, Torso, torso

COAT = frozenset({"hooded", "detachable_hood", "belted", "reversible", "short_sleeve", "sleeveless", "double_breasted", "collarless",
                  "cropped_collar", "detachable_warmer", "drawcord", "zip", "cargo", "chain"})


def extras(s: Sketch, t: Torso, *, belt: bool = True, pockets: bool = True) -> None:
    """What a detail word adds to any coat."""
    if s.detail == "belted" and belt:
        f.belt(s, t, t.waist_y + 2)
    if s.detail == "drawcord":
        f.drawn_waist(s, t, t.waist_y)
    if s.detail == "reversible":
        f.reversed_hem(s, t)
    if s.detail == "cargo" and pockets:
        f.pocket(s, t.half(t.waist_y + 16) * 0.6, t.waist_y + 13 * t.tall, 13 * t.tall, 16 * t.tall, flap=5 * t.tall, box=True)
    if s.detail == "chain":
        s.strap("metal", [(-t.chest * 0.2, t.waist_y), (t.chest * 0.1, t.waist_y + 4), (t.chest * 0.4, t.waist_y)], 0.7)


def hood_or(s: Sketch, t: Torso) -> bool:
    """Draw the hood that the detail asks for; False where it asks for none."""
    if s.detail not in ("hooded", "detachable_hood"):
        return False
    f.hood(s, t)
    if s.detail == "detachable_hood":
        s.dots("metal", [(x, 5.5 * t.neck / 7.4 - abs(x) * 0.2) for x in (-t.neck * 1.2, -t.neck * 0.6, t.neck * 0.6, t.neck * 1.2)], 0.6)
    return True


def warmer(s: Sketch, t: Torso) -> None:
    """A padded inner front that stands up at the neck."""
    if s.detail == "detachable_warmer":
        s.part("trim", symmetric([(0, -4.5), (t.neck + 1, -3.5), (t.neck + 1.8, 2), (t.neck * 0.8, 16), (0, 22, 0)]), bulge=3, lift=0.4, channels=4.5)
        f.zipper(s, -4, 22)


def trench(s: Sketch, length: float) -> Torso:
    """The trench at any length: the coat and the short jacket share it."""
    d = s.dice
    t = torso(s, length, ease=1.08, shaped=0.75, flare=d.between(4, 8), depth=d.between(17, 22), vee=True, sleeve_wide=9.4, cuff_wide=7.6, angle=14)
    warmer(s, t)
    over = 7.5 * t.chest / 24
    low = t.depth + 2
    f.front_edge(s, -over, low, t.length)
    flap = curve([(t.neck + 1, 0.5, 0), (t.shoulder - 1.5, t.slope + 0.6, 0), (t.chest - 2.4, t.armpit * 0.92), (t.chest * 0.62, t.armpit * 1.12), (t.chest * 0.2, t.armpit * 1.0), (over * 0.5, t.depth * 0.9, 0)])
    s.part("ground", flap, bulge=1.6, lift=0.9, crumple=0.3)
    s.stitch((t.chest - 3.2, t.armpit * 0.9), (t.chest * 0.62, t.armpit * 1.08), (t.chest * 0.2, t.armpit * 0.96))
    f.epaulettes(s, t)
    waist = t.waist_y + 1.5
    f.buttons(s, (-over * 0.95, over * 0.95), t.armpit + 3, waist - 7, 2, radius=1.05)
    low_button = min(waist + 23 * t.tall, t.length - 5)
    if low_button > waist + 16 * t.tall:
        f.buttons(s, (-over * 0.95, over * 0.95), waist + 10 * t.tall, low_button, 2, radius=1.05)
    f.welt(s, t.half(waist + 13) * 0.66, waist + 14 * t.tall, 15 * t.tall, -d.between(8, 16))
    f.lapels(s, t, depth=low, width=d.between(14.5, 17), notch=d.between(9.5, 11.5), collar="trim" if s.detail == "cropped_collar" else "")
    hood_or(s, t)
    f.cuff(s, t, 3.4, strap=True, at=0.09)
    f.belt(s, t, waist, tail=d.between(13, 20) * t.tall)
    extras(s, t, belt=False)
    return t


def trench_coat(s: Sketch) -> None:
    t = trench(s, s.dice.between(104, 110))
    s.seam((0.6, t.waist_y + 4), (0.4, t.length), width=0.2)


def car_coat(s: Sketch) -> None:
    t = torso(s, 92, ease=1.07, shaped=0.12, flare=s.dice.between(1, 4), depth=7, sleeve_wide=9.2, cuff_wide=7.4, angle=13)
    warmer(s, t)
    double = s.detail == "double_breasted"
    edge = -7.0 if double else -2.2
    f.front_edge(s, edge, 4, t.length + 0.8)
    s.stitch((3.6, 7), (3.6, t.length))
    if double:
        f.buttons(s, (-6, 6), 16 * t.tall, t.length * 0.6, 4, radius=1.0)
    else:
        f.buttons(s, (0.3,), 8, 8, 1, radius=0.9)
    f.welt(s, t.half(60) * 0.62, t.waist_y + 15 * t.tall, 16 * t.tall, -s.dice.between(6, 14))
    if not hood_or(s, t) and s.detail != "collarless":
        f.shirt_collar(s, t, fill="trim" if s.detail in ("cropped_collar", "contrast", "reversible") else "ground", point=9.5, spread=7.2, stand=3.6)
    f.cuff(s, t, 2.6, strap=True, at=0.07)
    extras(s, t)


def tailored_coat(s: Sketch) -> None:
    d = s.dice
    t = torso(s, 104, ease=1.03, shaped=0.7, flare=3, depth=d.between(27, 34), vee=True, sleeve_wide=8.6, cuff_wide=6.8, angle=12)
    over = 6.5 if s.detail == "double_breasted" else 1.4
    f.front_edge(s, -over, t.depth, t.length, stitch=False)
    s.seam((t.chest * 0.5, t.armpit * 1.2), (t.waist * 0.5, t.waist_y), (t.hem * 0.46, t.waist_y + 18 * t.tall), mirror=True)
    f.pocket(s, t.half(t.waist_y + 10) * 0.56, t.waist_y + 9 * t.tall, 14 * t.tall, 0.5, flap=4.6)
    s.part("ground", curve([(t.chest * 0.3, t.armpit - 1.4, 0), (t.chest * 0.72, t.armpit - 2.6, 0), (t.chest * 0.73, t.armpit - 0.2, 0), (t.chest * 0.31, t.armpit + 1, 0)]), bulge=0.6, lift=0.4)
    xs = (-5.6, 5.6) if s.detail == "double_breasted" else (0.0,)
    f.buttons(s, xs, t.depth + 2, t.depth + 24 * t.tall, 3, radius=1.1)
    if s.detail != "collarless":
        f.lapels(s, t, depth=t.depth + 1, width=d.between(11.5, 14), notch=10.5, over=-over * 0.4, collar="trim" if s.detail == "cropped_collar" else "")
    f.buttons(s, (t.on_sleeve(0.93, 0.8)[0], -t.on_sleeve(0.93, 0.8)[0]), t.on_sleeve(0.88, 0.8)[1], t.on_sleeve(0.96, 0.8)[1], 3, radius=0.6)
    hood_or(s, t)
    extras(s, t)


def duffle_coat(s: Sketch) -> None:
    t = torso(s, 88, ease=1.12, shaped=0.05, flare=2, depth=8, sleeve_wide=10, cuff_wide=8, angle=14)
    f.front_edge(s, -3.4, 5, t.length)
    s.part("ground", symmetric([(0, 6), (t.neck, 0.5), (t.shoulder - 1, t.slope, 0), (t.chest * 0.86, t.armpit * 0.62), (0, t.armpit * 0.68)]), bulge=1.4, lift=0.6, crumple=0.2)
    f.hood(s, t)
    for row in range(4):
        y = (17 + row * 14.5) * t.tall
        for side in (-1, 1):
            loop = curve([(side * 1.4, y), (side * 6.6, y - 1.5), (side * 8.2, y), (side * 6.6, y + 1.5), (side * 1.4, y + 0.2)], closed=False)
            s.part("dark", stroke(loop, 0.75), bulge=0.4, lift=0.5, crumple=0)
            s.part("dark", curve([(side * 6, y - 2.2, 0), (side * 9.2, y - 1.6), (side * 9.2, y + 1.6), (side * 6, y + 2.2, 0)]), bulge=0.5, lift=0.3, crumple=0)
        s.part("button", curve([(-3.0, y), (-1.2, y - 0.95), (1.6, y - 0.8), (3.2, y), (1.6, y + 0.8), (-1.2, y + 0.95)]), bulge=0.6, lift=0.8, crumple=0, shine=0.5)
    f.pocket(s, t.half(70) * 0.54, t.waist_y + 12 * t.tall, 15 * t.tall, 17 * t.tall, flap=5.5)
    f.cuff(s, t, 2.6, strap=True, at=0.05)
    extras(s, t, pockets=False)


def pea_coat(s: Sketch) -> None:
    d = s.dice
    t = torso(s, 76, ease=1.06, shaped=0.35, flare=1.5, depth=d.between(17, 21), vee=True, sleeve_wide=9, cuff_wide=7.4, angle=15)
    f.front_edge(s, -8.2, t.depth, t.length)
    f.buttons(s, (-7.2, 7.2), t.depth + 4, t.length - 16 * t.tall, 3, radius=1.35)
    f.buttons(s, (-10.5, 10.5), t.depth - 3, t.depth - 3, 1, radius=1.35)
    f.welt(s, t.half(60) * 0.68, t.waist_y + 9 * t.tall, 14 * t.tall, -4)
    if s.detail != "collarless":
        f.lapels(s, t, depth=t.depth + 1.5, width=d.between(17.5, 19.5), notch=11.5, peak=1.2, collar="trim" if s.detail == "cropped_collar" else "")
    hood_or(s, t)
    extras(s, t)


def parka(s: Sketch) -> None:
    t = torso(s, 88, ease=1.14, shaped=0.45, flare=4, depth=8, sleeve_wide=10, cuff_wide=7.6, angle=15, hem_drop=3)
    warmer(s, t)
    s.part("ground", curve([(-3.6, 6, 0), (3.0, 6, 0), (3.0, t.length + 2.6, 0), (-3.6, t.length + 2.6, 0)]), bulge=1.0, lift=0.8, crumple=0.4)
    s.stitch((-2.7, 8), (-2.7, t.length + 1))
    f.buttons(s, (-0.4,), 13 * t.tall, t.length - 6, 6, radius=0.8, fill="metal")
    f.drawn_waist(s, t, t.waist_y + 1)
    f.pocket(s, t.half(70) * 0.6, t.waist_y + 11 * t.tall, 16 * t.tall, 18 * t.tall, flap=6, button=True)
    f.welt(s, t.chest * 0.56, t.armpit + 8 * t.tall, 14 * t.tall, -12)
    f.hood(s, t, fur=s.dice.chance(0.5), tall=25)
    f.cuff(s, t, 3, strap=True)
    extras(s, t, pockets=False)


def puffer_coat(s: Sketch) -> None:
    t = torso(s, 106, ease=1.15, shaped=0.3, flare=2, depth=6, sleeve_wide=10.5, cuff_wide=7.6, angle=14, channels=7.5 * s.dice.between(0.85, 1.2))
    f.zipper(s, -3, t.length)
    f.welt(s, t.half(70) * 0.66, t.waist_y + 16 * t.tall, 15 * t.tall, -8)
    if not hood_or(s, t) and s.detail != "collarless":
        stand(s, t, 7.5, channels=4)
    f.cuff(s, t, 4, fill="shade", ribs=True)
    extras(s, t)


def stand(s: Sketch, t: Torso, tall: float, *, channels: float = 0.0, fill: str = "ground") -> None:
    """A stand collar, closed at the throat."""
    n = t.neck
    s.part("lining", symmetric([(0, -tall + 1), (n * 0.8, -tall + 0.6), (n + 0.4, -2), (0, 2)]), bulge=1.5, lift=0, crumple=0)
    s.part(fill, symmetric([(0, -tall * 0.42, 0), (n * 0.7, -tall * 0.62), (n + 0.9, -tall * 0.86, 0), (n + 1.7, -0.4), (n * 0.8, t.depth * 0.66), (0, t.depth + 0.6)]), bulge=3, lift=0.8, channels=channels, crumple=0.4)
    f.zipper(s, -tall * 0.4, t.depth + 2)


def cape(s: Sketch) -> None:
    d, body = s.dice, BODIES[s.wearer]
    s.zoom = body.zoom
    long, n = 88 * body.tall * s.fit.length, body.neck
    wide = (46 + d.between(-3, 3)) * s.fit.width * (0.55 + 0.45 * body.tall)
    s.part("lining", symmetric([(0, -3), (n, -2), (n * 0.8, 4), (0, 7)]), bulge=2, lift=0)
    folds = [(curve([(x * wide * 0.36, long * 0.2), (x * wide * 0.7, long * 0.6), (x * wide, long)], closed=False), d.between(0.8, 1.5), 2.6) for x in (-0.85, -0.6, -0.34, -0.12, 0.16, 0.4, 0.62, 0.88)]
    s.part("ground", symmetric([(0, 6), (n * 0.7, 4), (n, -0.4, 0), (body.shoulder * 0.9, 5), (body.shoulder + 5, 16), (wide * 0.82, long * 0.55), (wide, long * 0.9, 0), (wide * 0.5, long), (0, long + 2)]), bulge=9, lift=1, folds=folds)
    f.front_edge(s, -1.6, 7, long + 1.6)
    slit = curve([(wide * 0.42, long * 0.36), (wide * 0.46, long * 0.62)], closed=False)
    s.part("inside", stroke(slit, 1.3, 0.3), mirrored(stroke(slit, 1.3, 0.3)), bulge=0.4, lift=0, crumple=0)
    s.line("stitch", slit + [1.4, 0], slit - [1.4, 0], mirror=True)
    f.buttons(s, (0.2,), 14 * body.tall, long * 0.55, 4, radius=1.1)
    t = Torso(n, 8, body.shoulder, 3.5, 20, wide * 0.6, wide * 0.8, long * 0.5, wide, long, 0, 0, (0, 0), (0, 0), body.tall)
    if not hood_or(s, t):
        f.shirt_collar(s, t, fill="trim" if s.detail == "cropped_collar" else "ground", point=10, spread=7)
    s.mark, s.badge = (0, long * 0.5, 30), (wide * 0.3, long * 0.3, 5)


def poncho(s: Sketch) -> None:
    body = BODIES[s.wearer]
    s.zoom = body.zoom
    tall, wide, n = 74 * body.tall * s.fit.length, 55 * s.fit.width * (0.5 + 0.5 * body.tall), body.neck * 1.1
    s.part("lining", symmetric([(0, -2.5), (n, -1.5), (n * 0.8, 6), (0, 12)]), bulge=2, lift=0)
    hem = [(wide, tall * 0.62), (wide * 0.62, tall * 0.86), (wide * 0.24, tall), (0, tall + 1)]
    fringe = along(curve([(-x, y) for x, y in hem] + [(x, y) for x, y in reversed(hem[:-1])], closed=False), 86)
    s.part("ground", *[stroke(curve([(x, y - 1), (x + s.dice.between(-0.6, 0.6), y + 6.5)], closed=False), 0.7, 0.3) for x, y in fringe], bulge=0.5, lift=0.2, crumple=0)
    folds = [(curve([(x * 12, 12), (x * wide * 0.5, tall * 0.5), (x * wide * 0.8, tall * (0.98 - 0.3 * abs(x)))], closed=False), s.dice.between(0.7, 1.2), 2.6) for x in (-0.9, -0.55, -0.2, 0.25, 0.6, 0.92)]
    s.part("ground", symmetric([(0, 13, 0), (n * 0.6, 6), (n, -0.4, 0), (body.shoulder, 6), (body.shoulder + 10, 20), (wide * 0.98, tall * 0.5), (wide, tall * 0.62, 0), *hem[1:]]), bulge=8, lift=1, folds=folds)
    s.seam((n + 0.4, 1), (n * 0.6, 7), (0, 14.5), mirror=True)
    s.mark, s.badge = (0, tall * 0.5, 30), (wide * 0.3, tall * 0.4, 5)


KINDS = {
    "trench_coat": Kind(trench_coat, 0.76, details=COAT),
    "car_coat": Kind(car_coat, 0.80, details=COAT),
    "tailored_coat": Kind(tailored_coat, 0.77, details=COAT),
    "duffle_coat": Kind(duffle_coat, 0.74, details=COAT),
    "pea_coat": Kind(pea_coat, 0.88, details=COAT),
    "parka": Kind(parka, 0.76, details=COAT),
    "puffer_coat": Kind(puffer_coat, 0.75, details=COAT),
    "cape": Kind(cape, 0.80, details=COAT, width=70),
    "poncho": Kind(poncho, 0.80, width=70, details=frozenset()),
}
