"""The measurements of each wearer's garments, and the landmarks of a garment that is being drawn."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from datagen.render.figure.body import ELSEWHERE
from datagen.render.outlines import Path

Fold = tuple[Path, float, float]
"""A groove: path, depth, width."""


class Body(NamedTuple):
    """Half widths and heights of a wearer's garment without ease, in cm; ``tall`` scales lengths."""

    neck: float
    shoulder: float
    chest: float
    waist: float
    hip: float
    armpit: float
    waist_y: float
    arm: float
    tall: float
    zoom: float


BODIES = {
    "woman": Body(6.6, 18.6, 20.8, 17.8, 22.0, 20.0, 38.0, 59.0, 0.96, 1.04),
    "man": Body(7.4, 22.0, 24.0, 22.4, 23.4, 22.5, 44.0, 63.0, 1.0, 1.0),
    "child": Body(6.2, 16.4, 19.4, 19.2, 20.2, 17.0, 30.0, 43.0, 0.7, 1.2),
    "baby": Body(5.6, 13.2, 17.4, 18.0, 18.8, 13.6, 22.0, 28.0, 0.5, 1.32),
}


class Torso(NamedTuple):
    """Landmarks of a drawn upper body, in cm: half widths, heights, and the cuff of the right sleeve."""

    neck: float
    depth: float
    shoulder: float
    slope: float
    armpit: float
    chest: float
    waist: float
    waist_y: float
    hem: float
    length: float
    angle: float
    sleeve: float
    cuff_out: tuple[float, float]
    cuff_in: tuple[float, float]
    tall: float
    worn: bool = False
    sleeve_top: float = 0.0
    sleeve_cuff: float = 0.0

    def half(self, y: float) -> float:
        """Half width of the body at height y."""
        return float(
            np.interp(y, (self.armpit, self.waist_y, self.length), (self.chest, self.waist, self.hem))
        )

    def on_sleeve(self, along: float, across: float) -> tuple[float, float]:
        """A point on the right sleeve: ``along`` 0 shoulder to 1 cuff, ``across`` 0 outer to 1 inner edge."""
        if self.worn:
            half = self.sleeve_top + (self.sleeve_cuff - self.sleeve_top) * along
            return ELSEWHERE + half * (1 - 2 * across), along * self.sleeve
        outer = (
            self.shoulder + (self.cuff_out[0] - self.shoulder) * along,
            self.slope + (self.cuff_out[1] - self.slope) * along,
        )
        inner = (
            self.chest + (self.cuff_in[0] - self.chest) * along,
            self.armpit + (self.cuff_in[1] - self.armpit) * along,
        )
        return outer[0] + (inner[0] - outer[0]) * across, outer[1] + (inner[1] - outer[1]) * across
