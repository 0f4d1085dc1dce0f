"""Sleeves, and folds of a front: of a garment that hangs by itself, and of one on a body."""

from __future__ import annotations

from datagen.render.figure.body import ELSEWHERE
from datagen.render.layers import Sketch
from datagen.render.outlines import curve
from datagen.render.silhouettes.measurements import Fold, Torso


def flat_sleeve(s: Sketch, t: Torso, wide: float, channels: float, crumple: float) -> None:
    """A pair of sleeves that hang beside the body of a garment without a wearer."""
    long = t.sleeve > 25 * t.tall
    bow = 1.6 if long else 0.5
    elbow_out, elbow_in = t.on_sleeve(0.52, 0), t.on_sleeve(0.5, 1)
    outline = curve(
        [
            (t.shoulder - 6, t.slope + 2.5),
            (t.shoulder - 1.2, t.slope + 0.1),
            t.on_sleeve(0.07, -0.05),
            (elbow_out[0] + bow * 0.6, elbow_out[1]),
            (*t.cuff_out, 0),
            (*t.cuff_in, 0),
            (elbow_in[0] - bow * 0.5, elbow_in[1]),
            (t.chest - 0.5, t.armpit + 2.5),
            (t.chest - 5, t.armpit - 3),
        ]
    )
    folds: list[Fold] = []
    if not channels:
        for at in (0.42, 0.52, 0.62) if long else (0.55,):
            spot = at + s.rng.uniform(-0.05, 0.05)
            folds.append(
                (
                    curve(
                        [
                            t.on_sleeve(spot, 0.95),
                            t.on_sleeve(spot - 0.015, 0.55),
                            t.on_sleeve(spot - 0.06, 0.2),
                        ],
                        closed=False,
                    ),
                    s.rng.uniform(0.3, 0.7),
                    1.3,
                )
            )
        folds.append(
            (
                curve(
                    [t.on_sleeve(0.06, 0.75), t.on_sleeve(0.25, 0.6), t.on_sleeve(0.45, 0.65)], closed=False
                ),
                0.5,
                1.6,
            )
        )
        if long:
            folds.append(
                (
                    curve(
                        [t.on_sleeve(0.95, 0.3), t.on_sleeve(0.8, 0.45), t.on_sleeve(0.66, 0.3)], closed=False
                    ),
                    0.4,
                    1.4,
                )
            )
    s.pair(
        "ground",
        outline,
        turn=-t.angle,
        lift=0.4,
        bulge=wide * 0.42,
        folds=folds,
        channels=channels,
        crumple=crumple,
    )


def worn_sleeve(s: Sketch, t: Torso, channels: float, crumple: float) -> None:
    """A sleeve along a straight arm at ``ELSEWHERE``, closed by the armhole's seam."""
    x, top, cuff, long = ELSEWHERE, t.sleeve_top, t.sleeve_cuff, t.sleeve
    pit = min(long * 0.7, (t.armpit - t.slope) * 0.8)
    elbow = top + (cuff - top) * 0.42
    outline = curve(
        [
            (x + top * 0.42, 0.6),
            (x + top * 0.84, 2.8 * t.tall),
            (x + top * 0.97, 7 * t.tall),
            (x + top, 14 * t.tall) if long > 25 * t.tall else (x + top, long * 0.6),
            (x + elbow, long * 0.48),
            (x + cuff, long, 0),
            (x, long + 0.5),
            (x - cuff, long, 0),
            *([(x - elbow, long * 0.5)] if long > 36 * t.tall else []),
            (x - top * 0.5, pit, 0) if long > 36 * t.tall else (x - top * 0.7, pit * 1.15),
            (x - top * (0.36 if long > 36 * t.tall else 0.52), pit * 0.62),
            (x + top * 0.1, pit * 0.2),
        ]
    )
    folds: list[Fold] = []
    rng = s.rng
    if not channels:
        marks = [(0.1, 0.45, 0.75), (0.2, 0.3, 0.6)]
        if long > 25 * t.tall:
            marks += [(0.4, 0.6, 0.9), (0.47, 0.8, 1.0), (0.54, 0.6, 0.8), (0.74, 0.3, 0.7), (0.88, 0.4, 0.9)]
        for along, depth, reach in marks:
            at = (along + rng.uniform(-0.025, 0.025)) * long
            half = top + (cuff - top) * along
            fold = curve(
                [
                    (x - half * 0.95, at + 1.2),
                    (x - half * (0.8 - reach), at),
                    (x + half * (reach - 0.3), at - 1.8),
                ],
                closed=False,
            )
            folds.append((fold, depth * rng.uniform(0.7, 1.15), 1.4))
    with s.on("arm"):
        s.pair("ground", outline, lift=0.45, bulge=top * 0.8, folds=folds, channels=channels, crumple=crumple)


def drape(s: Sketch, t: Torso) -> list[Fold]:
    """Folds of a hanging front: from the armpits, at the waist, up from the hem."""
    rng, folds = s.rng, []
    for side in (-1, 1):
        drop = rng.uniform(9, 16) * t.tall
        folds.append(
            (
                curve(
                    [
                        (side * (t.chest - 2.2), t.armpit - 3),
                        (side * t.chest * 0.74, t.armpit + drop * 0.4),
                        (side * t.chest * 0.6, t.armpit + drop),
                    ],
                    closed=False,
                ),
                rng.uniform(0.4, 0.8),
                1.7,
            )
        )
        if t.length > t.waist_y + 8:
            x = side * t.half(t.waist_y) * rng.uniform(0.62, 0.85)
            y = t.waist_y + rng.uniform(-3, 3)
            folds.append(
                (
                    curve([(x * 1.12, y), (x * 0.7, y + 1.6), (x * 0.4, y + 1.1)], closed=False),
                    rng.uniform(0.25, 0.5),
                    1.4,
                )
            )
    count = 3 + int((t.length - t.armpit) / 26)
    for step in range(count):
        x = t.hem * ((step + 0.5) / count * 2 - 1) * 0.86 + rng.uniform(-1.5, 1.5)
        rise = (t.length - t.armpit) * rng.uniform(0.25, 0.6)
        folds.append(
            (
                curve(
                    [
                        (x, t.length),
                        (x * 0.97 + rng.uniform(-1, 1), t.length - rise * 0.5),
                        (x * 0.92, t.length - rise),
                    ],
                    closed=False,
                ),
                rng.uniform(0.35, 0.85),
                2.0,
            )
        )
    return folds


def worn_folds(s: Sketch, t: Torso) -> list[Fold]:
    """Folds that a body adds to a front: from the shoulders, under the bust and at the waist."""
    if not s.worn:
        return []
    rng, folds = s.rng, []
    bust = t.armpit + 3.5 * t.tall
    for side in (-1, 1):
        pull = [
            (side * (t.shoulder - 2), t.slope + 5 * t.tall),
            (side * t.chest * 0.78, t.armpit * 0.8),
            (side * t.chest * 0.72, t.armpit * 1.1),
        ]
        folds.append((curve(pull, closed=False), rng.uniform(0.4, 0.7), 2.0))
        if s.wearer == "woman":
            arc = [(side * t.chest * x, bust + y) for x, y in ((0.14, -0.5), (0.42, 2.2), (0.72, 0.6))]
            folds.append((curve(arc, closed=False), 0.75, 3.4))
        if t.length > t.waist_y + 6:
            for y, reach in ((-4.5, 0.4), (0.5, 0.3), (5.0, 0.45)):
                at = t.waist_y + y * t.tall + rng.uniform(-1.2, 1.2)
                crease = [
                    (side * t.half(at), at - 1.5),
                    (side * t.half(at) * 0.75, at),
                    (side * t.half(at) * reach, at - 0.6),
                ]
                folds.append((curve(crease, closed=False), rng.uniform(0.3, 0.65), 1.5))
    return folds
