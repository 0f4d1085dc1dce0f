"""From coordinates on a face to cm: x in half widths of the face, y in heights of the head from its top."""

from __future__ import annotations

import math

from datagen.render.figure.body import Build
from datagen.render.outlines import Path, curve


class Head:
    """A head as a cylinder, rotated by ``turn`` and tilted by ``tilt`` degrees."""

    def __init__(self, b: Build, turn: float, tilt: float = 0.0) -> None:
        self.b, self.turn, self.tilt = b, math.radians(turn), math.radians(tilt)

    def on(self, knots: list[tuple[float, ...]], depth: float = 1.0) -> list[tuple[float, ...]]:
        """Knots on the front of the face, in cm; with ``depth`` 0 they stay in place (an outline)."""
        result = []
        for x, y, *corner in knots:
            angle = math.asin(max(-1.0, min(1.0, x)))
            front = math.sin(angle + self.turn * 0.9) if abs(x) < 1 else x
            # An outline shifts with jaw and nose, not with the skull.
            outline = x + 0.22 * math.sin(self.turn) * max(0.0, y - 0.25)
            place = (outline + (front - outline) * depth) * self.b.face, self.b.top + y * self.b.head
            result.append((*self._tilted(*place), *corner))
        return result

    def _tilted(self, x: float, y: float) -> tuple[float, float]:
        """A point, tilted about the middle of the neck."""
        y0 = self.b.chin
        c, s = math.cos(self.tilt), math.sin(self.tilt)
        return x * c - (y - y0) * s, y0 + x * s + (y - y0) * c

    def path(self, *knots: tuple[float, ...], depth: float = 1.0, closed: bool = True) -> Path:
        """A curve through knots on the face."""
        return curve(self.on(list(knots), depth), closed=closed)

    def both(self, *knots: tuple[float, ...], closed: bool = True) -> list[Path]:
        """A curve on the right of the face and its mirror image on the left."""
        left = [(-x, y, *corner) for x, y, *corner in knots]
        return [self.path(*knots, closed=closed), self.path(*left, closed=closed)]

    def full(self, *half: tuple[float, ...], depth: float = 0.0) -> Path:
        """A closed outline from its right half."""
        left = [(-x, y, *corner) for x, y, *corner in reversed(half) if abs(x) > 1e-9]
        return curve(self.on([*half, *left], depth))
