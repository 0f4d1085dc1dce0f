"""How shoes lie or stand, alone and in pairs.

A shoe seen from above points up the picture: toe at y = -length / 2, heel at y = length / 2; cm.
"""

from __future__ import annotations

from collections.abc import Callable

from datagen.render.layers import Sketch
from datagen.render.outlines import Path, curve, rotated, shifted
from datagen.render.silhouettes.kind import Kind

SHOE = frozenset({"block_heel", "platform", "chain", "zip", "belted"})

Place = Callable[[Path], Path]


def from_above(
    s: Sketch, x: float, *, wide: float = 1.0, long: float = 29.0, spin: float = 2.0, toe: float = 1.0
) -> tuple[Place, Path]:
    """The map that places a shoe seen from above, and its outline before the map; ``toe`` < 1 is pointed."""

    def place(path: Path) -> Path:
        return shifted(rotated(path, spin), x, 0)

    h, w = long / 2, 5.2 * wide
    foot = curve(
        [
            (-0.6, -h),
            (w * 0.62 * toe + 0.2, -h * 0.9),
            (w * 0.98, -h * 0.52),
            (w * 0.94, -h * 0.2),
            (w * 0.78, h * 0.2),
            (w * 0.8, h * 0.68),
            (w * 0.5, h * 0.96),
            (0, h),
            (-w * 0.5, h * 0.96),
            (-w * 0.78, h * 0.66),
            (-w * 0.72, h * 0.15),
            (-w * 0.98, -h * 0.3),
            (-w * 0.92, -h * 0.62),
            (-w * 0.58 * toe - 0.4, -h * 0.9),
        ]
    )
    return place, foot


def on_its_side(x: float, spin: float = -2.0) -> Place:
    """The map that places a shoe lying on its side, with the sole to the left and the toe up."""

    def place(path: Path) -> Path:
        return shifted(rotated(path, spin), x, 0)

    return place


def unchanged(path: Path) -> Path:
    """The path itself: the shoe that is not mirrored."""
    return path


def standing_pair(s: Sketch, draw: Callable[[Sketch, Place], None], gap: float) -> None:
    """The same standing shoe twice: the second one behind, higher and to the right."""
    draw(s, lambda path: shifted(path, gap, -2.4))
    draw(s, lambda path: shifted(path, -gap, 1.2))


def shoe_kind(draw: Callable[[Sketch], None], zoom: float, *, stands: bool = False) -> Kind:
    """The table entry of a pair of shoes; lying ones cast the longer shadow."""
    return Kind(
        draw,
        zoom if stands else zoom * 1.18,
        at=66 if stands else 50,
        ground=0.5 if stands else 0.0,
        thick=4.5,
        width=54,
        height=60,
        fits=("width", "scale"),
        details=SHOE,
        shaped_by_wearer=False,
        pattern_scale=0.8,
    )
