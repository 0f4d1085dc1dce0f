"""Patterns of skirts and of dresses with a seam at the waist: pieces cut as parts of a ring, so that what is
wider below than above hangs evenly and falls into folds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from datagen.render.bake.bodies import Points
from datagen.render.bake.measures import Measures
from datagen.render.bake.panels import Panel, Seam
from datagen.render.bake.tops import Top, body_panels, half_width, sleeve_panels

WAVE = 0.1
"""How far the folds of a flared hem stand out at first, as a share of its radius: cloth finds its own."""


@dataclass(frozen=True)
class Skirt:
    """The cut of a skirt, cm on a grown woman."""

    ease: float = 3.0
    """Added to the hips."""
    hem: float = 52.0
    """Length below the waist."""
    flare: float = 30.0
    """Added to the hem's girth."""
    rise: float = 0.95
    """How high the waist is between hip joint (0) and waist (1)."""
    full: float = 1.0
    """Girth of the cloth that is gathered into the waist, as a share of the waist."""
    folds: int = 7
    """Of the hem, at first."""


@dataclass(frozen=True)
class Dress:
    """A bodice and a skirt that are sewn together."""

    bodice: Top
    skirt: Skirt
    seam: float = 1.0
    """Height of the seam above the waist, cm on a grown woman."""


class Ring(NamedTuple):
    """The shape of one piece of a skirt: part of a ring around a point above it."""

    top: float
    """Height of the waist."""
    radius: float
    """Of the inner circle."""
    deep: Points
    """Distances below the waist, growing."""
    half: Points
    """Half the piece's width there, along the circle."""

    def polar(self, points: Points) -> tuple[Points, Points]:
        """(n,) each: distance below the waist, and place along the circle's arc there, -1 to 1."""
        up = self.radius + self.top - points[:, 1]
        deep = np.hypot(points[:, 0], up) - self.radius
        wide = np.interp(deep, self.deep, self.half)
        return deep, np.arctan2(points[:, 0], up) * (self.radius + deep) / wide

    def flat(self, deep: Points, share: Points) -> Points:
        """(n, 2): the reverse of ``polar``."""
        r = self.radius + deep
        angle = share * np.interp(deep, self.deep, self.half) / r
        return np.stack([r * np.sin(angle), self.top + self.radius - r * np.cos(angle)], axis=1)


def ring_of(m: Measures, cut: Skirt, waist: float | None = None) -> Ring:
    """The shape of a skirt's pieces; ``waist`` is the girth of a bodice that it is sewn to."""
    s = m.size
    top = m.joint + (m.waist - m.joint) * cut.rise
    long = cut.hem * s
    deep = np.linspace(0, long, 48)
    z = top - deep
    above = (m.trunk.at("girth", top) + 1.0 * s if waist is None else waist) * cut.full
    hips = m.trunk.at("girth", np.maximum(z, m.crotch)) + cut.ease * s * np.clip(deep / (6 * s), 0.2, 1)
    straight = np.maximum.accumulate(np.maximum(hips, above * np.where(deep < 1, 1, 0)))
    flared = above + (np.maximum(straight[-1], above) + cut.flare * s - above) * deep / long
    half = np.maximum(np.maximum(straight, flared), above) / 4
    half[0] = above / 4
    turn = max((half[-1] - half[0]) / long, 1e-3)
    # Narrow skirts are cut straight: only what flares beyond the hips turns the sides.
    turn = max(1e-3, turn - (straight[-1] / 4 - half[0]) / long * (1 if cut.full == 1 else 0))
    return Ring(float(top), float(half[0] / turn), deep, half)


def skirt_panels(
    m: Measures, cut: Skirt, waist: float | None = None, name: str = ""
) -> tuple[list[Panel], list[Seam]]:
    """Front and back of a skirt; their names begin with ``name``."""
    ring = ring_of(m, cut, waist)
    deep, half = ring.deep, ring.half
    # A cone is as much lower than it is long as its slope says.
    radius = half * 4 / (2 * np.pi)
    slope = np.clip(np.gradient(radius, deep), 0, 0.95)
    drop = np.concatenate([[0], np.cumsum(np.diff(deep) * np.sqrt(1 - (slope[1:] ** 2)))])
    flaring = np.clip((half - half[0]) / half[0] - 0.25, 0, 1) * deep / deep[-1]
    panels = []
    for back in (False, True):
        side = ring.flat(deep[::-1], np.ones(len(deep)))
        across = np.linspace(1, -1, 40)
        waistline = ring.flat(np.zeros(40), across)
        hem = ring.flat(np.full(40, deep[-1]), -across)
        edges = {
            "side_l": side[:-1],
            "waist": waistline[:-1],
            "side_r": (side[::-1] * np.array([-1.0, 1.0]))[:-1],
            "hem": hem[:-1],
        }

        def place(points: Points, back: bool = back) -> Points:
            down, share = ring.polar(points)
            z = ring.top - np.interp(down, deep, drop)
            wide = np.interp(down, deep, half)
            ratio = np.clip(m.trunk.at("wide", z) / m.trunk.at("deep", z), 1.1, 1.6)
            ratio = 1 + (ratio - 1) * np.clip(1.5 - wide / half[0] / 2, 0.2, 1)
            b = 4 * wide / (np.pi * (ratio + 1))
            angle = share * np.pi / 2
            turned = angle if not back else np.pi - angle
            wave = 1 + WAVE * np.interp(down, deep, flaring) * np.cos(cut.folds * turned + 0.7)
            deep_at = np.maximum(b, m.trunk.at("deep", z) + 1.0)
            side_of = 1.0 if back else -1.0
            return np.stack(
                [
                    ratio * b * wave * np.sin(angle),
                    m.trunk.at("y", z) + side_of * deep_at * wave * np.cos(angle),
                    z,
                ],
                axis=1,
            )

        title = name + ("back" if back else "front")
        panels.append(Panel(title, edges, place, "back" if back else "body", flip=back))
    seams = [
        Seam((f"{name}front", f"side_{hand}"), (f"{name}back", f"side_{hand}"), same=True) for hand in "lr"
    ]
    return panels, seams


def dress_skirt(m: Measures, cut: Dress) -> tuple[Top, Skirt, float]:
    """The bodice and the skirt of a dress with the seam between them at its height, and its girth."""
    s = m.size
    seam = m.waist + cut.seam * s
    bodice = replace(cut.bodice, hem=(seam - m.joint) / s, flare=0.0, tail=0.0)
    skirt = replace(cut.skirt, rise=(seam - m.joint) / (m.waist - m.joint))
    return bodice, skirt, 4 * float(half_width(m, bodice, np.array([seam]))[0])


def dress_panels(m: Measures, cut: Dress) -> tuple[list[Panel], list[Seam]]:
    """Bodice, sleeves and skirt."""
    bodice, skirt, girth = dress_skirt(m, cut)
    panels, seams = body_panels(m, bodice)
    named = {panel.name: panel for panel in panels}
    sleeves, more = sleeve_panels(m, bodice, named["front"], named["front"], named["back"])
    below, sides = skirt_panels(m, skirt, girth, "skirt_")
    waists = [Seam((name, "hem"), (f"skirt_{name}", "waist")) for name in ("front", "back")]
    return panels + sleeves + below, seams + more + sides + waists
