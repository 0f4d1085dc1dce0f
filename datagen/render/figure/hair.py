"""Hair, drawn around a head: in front of the face and behind the neck."""

from __future__ import annotations

from datagen.render.figure.head_coordinates import Head
from datagen.render.layers import Sketch
from datagen.render.outlines import curve

HAIR = {
    "man": ("crop", "crop", "side", "curls", "buzz"),
    "woman": ("long", "long", "pulled_back", "bob", "waves", "curls"),
    "child": ("crop", "bob", "curls", "side"),
}
"""Hairstyles of each wearer."""


def hair_behind(s: Sketch, h: Head) -> None:
    """Curls behind the ears."""
    outline = h.full((0, -0.13), (0.9, -0.06), (1.36, 0.28), (1.32, 0.56), (1.0, 0.7), (0, 0.7))
    s.part("hair", outline, bulge=2, lift=0.3, crumple=4)


def hair(s: Sketch, h: Head, style: str, turn: float) -> None:
    """The hair that frames the face."""
    part = 0.3 if turn >= 0 else -0.3
    if style in ("crop", "buzz"):
        high = 0.015 if style == "buzz" else -0.045
        line = 0.17 if style == "buzz" else 0.175
        s.part(
            "hair",
            h.full(
                (0, high),
                (0.62, high + 0.03),
                (1.0, 0.18),
                (1.04, 0.4),
                (1.01, 0.5, 0),
                (0.92, 0.42),
                (0.88, 0.27),
                (0.72, line + 0.03, 0),
                (0.3, line),
                (0, line + 0.005),
            ),
            bulge=h.b.face * 0.45,
            lift=0.25,
            crumple=1.6,
        )
    elif style == "side":
        outline = [
            (part, 0.12, 0),
            (0.55, 0.15),
            (0.86, 0.25),
            (0.93, 0.46, 0),
            (1.03, 0.48, 0),
            (1.06, 0.3),
            (0.84, 0.05),
            (0.3, -0.05),
            (-0.4, -0.04),
            (-0.88, 0.07),
            (-1.04, 0.3),
            (-1.03, 0.48, 0),
            (-0.93, 0.46, 0),
            (-0.86, 0.27),
            (-0.5, 0.2),
        ]
        s.part(
            "hair",
            curve(h.on(outline, 0.0)),
            bulge=2.6,
            lift=0.4,
            crumple=1.6,
            folds=[
                (h.path((part, 0.1), (0.2 * part, 0.0), (-part, -0.05), closed=False, depth=0.0), 0.3, 0.8)
            ],
        )
    elif style == "curls":
        s.part(
            "hair",
            h.full(
                (0, -0.14),
                (0.95, -0.06),
                (1.33, 0.22),
                (1.26, 0.52),
                (1.02, 0.5),
                (0.9, 0.34),
                (0.6, 0.2),
                (0, 0.17),
            ),
            bulge=2.2,
            lift=0.6,
            crumple=4.5,
        )
    elif style == "pulled_back":
        s.part(
            "hair",
            h.full(
                (0, -0.03),
                (0.6, -0.01),
                (1.0, 0.16),
                (1.03, 0.42),
                (0.97, 0.43, 0),
                (0.86, 0.26),
                (0.5, 0.13),
                (0, 0.1),
            ),
            bulge=2.6,
            lift=0.3,
            crumple=0.5,
        )
        for x in (-0.45, -0.15, 0.15, 0.45):
            s.line(
                "crease",
                h.path((x, 0.11), (x * 0.8, 0.04), (x * 0.6, -0.01), closed=False, depth=0.0),
                width=0.4,
            )
    else:
        low = {"bob": 0.95, "waves": 1.5, "long": 1.62}[style]
        wave = 0.1 if style == "waves" else 0.015
        end = 1.0 if style == "bob" else 0.82
        for side in (1, -1):
            lock = [
                (part, -0.045),
                (side * 0.72, 0.0),
                (side * 1.1, 0.26),
                (side * (1.19 + wave), 0.62),
                (side * (1.2 - wave * 0.5), 0.95 if low > 1 else 0.85),
                (side * (1.22 + wave), (0.95 + low) / 2),
                (side * (1.08 * end + 0.1), low - 0.03),
                (side * 0.8 * end, low + 0.02, 0),
                (side * (0.62 + wave), (0.95 + low) / 2),
                (side * (0.6 - wave * 0.2), 0.9),
                (side * 0.93, 0.5),
                (side * 0.8, 0.26),
                (part, 0.1, 0),
            ]
            strands = [
                (
                    h.path(
                        (part + side * 0.15, 0.02),
                        (side * at * 0.96, 0.35),
                        (side * (at + wave), 0.8),
                        (side * (at - wave), (0.9 + low) / 2),
                        (side * at * 0.95, low),
                        closed=False,
                        depth=0.0,
                    ),
                    0.3,
                    0.7,
                )
                for at in (0.92, 1.02, 1.12)
            ]
            s.part("hair", curve(h.on(lock, 0.0)), bulge=1.6, lift=0.5, crumple=0.6, folds=strands)
