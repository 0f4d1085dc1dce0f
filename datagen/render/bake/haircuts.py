"""Cuts of hair: what ``hair.py`` grows."""

from __future__ import annotations

from typing import NamedTuple


class Cut(NamedTuple):
    """A cut. Lengths in cm; directions in the head's frame: x to the wearer's left, y back, z up."""

    long: float
    """Of the strands on top."""
    sides: float
    """Of those below the temples."""
    comb: tuple[float, float, float] = (0.0, 0.5, 0.3)
    """Where they start towards, beside upwards from the scalp."""
    parting: float | None = None
    """Place across the head where hair parts to both sides; None: it isn't parted."""
    lift: float = 0.5
    """How far it stands off the head."""
    rise: float = 0.3
    """How much of the scalp's normal there is in the direction that they start in."""
    weight: float = 0.35
    """How fast it turns downwards."""
    flat: float = 0.5
    """How firmly it lies down on the skull."""
    curl: float = 0.0
    """Of random turns at each step."""
    rough: float = 0.12
    wide: float = 0.26
    """Of a ribbon."""
    strands: int = 5200
    ends: float | None = None
    """Height below the eyes at which all strands are cut off; None: at their own length."""
    bun: tuple[float, float, float] | None = None
    """Place behind and above the head's joint, and radius, of hair that is wound up."""
    tail: float = 0.0
    """How far a ponytail hangs down."""
    close: float = 0.5
    """How much closer the sides lie than the top."""


CUTS: dict[str, Cut] = {
    "crop": Cut(1.0, 0.6, (0.0, -0.3, 0.4), lift=0.35, rise=0.5, strands=9000, wide=0.18, rough=0.2),
    "fade": Cut(
        2.4,
        0.5,
        (0.2, -0.3, 0.5),
        lift=0.9,
        rise=0.6,
        flat=0.3,
        strands=8000,
        wide=0.2,
        close=0.9,
        rough=0.25,
    ),
    "short": Cut(
        3.6,
        1.2,
        (0.4, -0.1, 0.4),
        lift=1.0,
        weight=0.14,
        flat=0.45,
        rise=0.4,
        rough=0.2,
        wide=0.2,
        strands=8000,
        close=0.7,
    ),
    "fringe": Cut(
        6.5,
        3.0,
        (0.25, -0.9, 0.3),
        lift=0.9,
        weight=0.30,
        flat=0.6,
        rise=0.25,
        rough=0.12,
        wide=0.2,
        strands=7500,
    ),
    "parted": Cut(
        6.5,
        1.8,
        (0.0, 0.35, 0.25),
        parting=2.2,
        lift=0.7,
        weight=0.25,
        rough=0.12,
        wide=0.2,
        strands=7500,
        close=0.7,
    ),
    "back": Cut(
        8.0, 3.5, (0.0, 1.0, 0.3), lift=0.7, weight=0.12, rough=0.08, wide=0.2, strands=7500, flat=0.7
    ),
    "pixie": Cut(
        7.5,
        3.5,
        (0.7, -0.5, 0.25),
        lift=0.9,
        weight=0.28,
        flat=0.6,
        rise=0.25,
        rough=0.14,
        wide=0.2,
        strands=7500,
    ),
    "curly": Cut(
        5.0,
        3.0,
        (0.0, 0.0, 0.6),
        lift=2.2,
        rise=0.6,
        flat=0.25,
        weight=0.05,
        curl=0.75,
        rough=0.6,
        wide=0.24,
        strands=7500,
    ),
    "afro": Cut(
        6.5,
        5.0,
        (0.0, 0.1, 0.5),
        lift=4.0,
        rise=0.8,
        flat=0.2,
        weight=0.0,
        curl=0.8,
        rough=0.5,
        wide=0.26,
        strands=9500,
        close=0.35,
    ),
    "bob": Cut(
        26.0, 20.0, (0.0, 0.2, 0.1), parting=0.6, lift=0.9, weight=0.5, ends=9.0, wide=0.2, strands=6500
    ),
    "long": Cut(
        40.0, 33.0, (0.0, 0.25, 0.1), parting=1.5, lift=0.8, weight=0.55, strands=6000, wide=0.2, curl=0.03
    ),
    "waves": Cut(
        33.0,
        28.0,
        (0.0, 0.3, 0.1),
        parting=-1.5,
        lift=1.2,
        weight=0.5,
        curl=0.14,
        rough=0.2,
        wide=0.22,
        strands=6000,
    ),
    "bun": Cut(
        10.0,
        4.5,
        (0.0, 0.8, 0.9),
        lift=0.3,
        flat=1.0,
        weight=0.0,
        rough=0.05,
        bun=(8.5, 17.0, 3.6),
        wide=0.2,
        strands=6500,
    ),
    "low_bun": Cut(
        10.0,
        5.0,
        (0.0, 1.2, -0.1),
        lift=0.35,
        flat=1.0,
        weight=0.05,
        rough=0.05,
        bun=(13.5, 5.0, 3.4),
        parting=0.8,
        wide=0.2,
        strands=6500,
    ),
    "ponytail": Cut(
        10.0,
        4.5,
        (0.0, 1.0, 0.5),
        lift=0.35,
        flat=1.0,
        weight=0.0,
        rough=0.05,
        bun=(13.0, 11.0, 1.6),
        tail=24.0,
        wide=0.2,
        strands=6500,
    ),
}
"""By name; ``people.SHOTS`` says who has which."""
