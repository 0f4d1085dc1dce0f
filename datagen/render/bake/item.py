"""One cut of a kind: its pattern, cloth and trims; and the trims and reliefs that many share."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from datagen.render.bake.bodies import Points
from datagen.render.bake.cloth import Material
from datagen.render.bake.finish import Drawn, Garb
from datagen.render.bake.legs import Trousers
from datagen.render.bake.measures import Measures
from datagen.render.bake.skirts import Dress, Skirt
from datagen.render.bake.tops import Top
from datagen.render.bake.wraps import Wrap

Trim = Callable[[Garb, Measures], None]


class Item(NamedTuple):
    """One cut of a kind."""

    kind: str
    cut: str
    pattern: Top | Trousers | Skirt | Dress | Wrap
    material: Material
    rank: int
    trims: tuple[Trim, ...] = ()
    closed: str = "closed"
    crease: float = 0.06
    relief: Callable[[Points], Points] | None = None
    belt: float = 0.0
    """Girth of a belted waist as a share of the body's with ease; 0: not belted."""


def near(part: str, edge: str, within: float, *panels: str) -> Trim:
    """A band along an edge."""

    def trim(garb: Garb, m: Measures) -> None:
        names = panels or tuple(panel.name for panel in garb.cloth.panels)
        garb.drawn += [Drawn((name,), part, edge=edge, within=within * m.size) for name in names]

    return trim


def neckband(within: float) -> Trim:
    """The band around a neck."""

    def trim(garb: Garb, m: Measures) -> None:
        for edge in ("neck_l", "neck_r"):
            near("neckband", edge, within)(garb, m)

    return trim


def waistband(garb: Garb, m: Measures) -> None:
    """Of trousers and skirts, 3.5 cm."""
    near("waistband", "waist", 3.5)(garb, m)


def chambers(high: float, deep: float) -> Callable[[Points], Points]:
    """The relief of a puffer: filled chambers between level seams."""

    def relief(place: Points) -> Points:
        return np.asarray(deep * (np.abs(np.sin(np.pi * place[:, 1] / high)) ** 0.55 - 0.5))

    return relief


def channels(high: float) -> Trim:
    """The seams between the chambers."""

    def trim(garb: Garb, m: Measures) -> None:
        for panel in garb.cloth.panels:
            mine = garb.cloth.flat[garb.cloth.panel == garb.cloth.number(panel.name)][:, 1]
            for k in range(int(np.ceil(mine.min() / high)), int(mine.max() / high) + 1):
                z = k * high
                band = np.array([(-90, z - 0.25), (90, z - 0.25), (90, z + 0.25), (-90, z + 0.25)])
                garb.drawn.append(Drawn((panel.name,), "seam", band))

    return trim


def diamonds(size: float, deep: float) -> Callable[[Points], Points]:
    """The relief of diamond quilting."""

    def relief(place: Points) -> Points:
        u, v = place[:, 0] / size, place[:, 1] / size
        one, other = np.abs(np.sin(np.pi * (u + v) / 1.4142)), np.abs(np.sin(np.pi * (u - v) / 1.4142))
        return np.asarray(deep * (np.minimum(one, other) ** 0.5 - 0.5))

    return relief


def ribbed(part: str, edge: str, within: float, every: float = 1.7) -> Trim:
    """A knitted band along an edge; one sees its ribs."""

    def trim(garb: Garb, m: Measures) -> None:
        for panel in garb.cloth.panels:
            for key in garb.cloth.edges:
                if key[0] == panel.name and key[1].startswith(edge):
                    reach = within * m.size
                    garb.drawn.append(Drawn((panel.name,), part, edge=key[1], within=reach))
                    garb.drawn.append(
                        Drawn((panel.name,), "seam", edge=key[1], within=reach - 0.3, every=every)
                    )

    return trim


TURNED = (
    near("hem", "hem", 2.0),
    near("hem", "hem_l", 2.0),
    near("hem", "hem_r", 2.0),
    near("cuff", "end", 2.0),
)
RIBS = (
    near("hem", "hem", 6.0, "front", "back"),
    near("hem", "hem_l", 6.0),
    near("hem", "hem_r", 6.0),
    near("cuff", "end", 6.0),
)
BUTTONED = (near("hem", "hem", 1.5, "front", "back"), near("cuff", "end", 6.0))
