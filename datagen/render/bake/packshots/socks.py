"""A pair of socks, lying."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.spatial.transform import Rotation

from datagen.render.bake.bodies import Points
from datagen.render.bake.packshots.boxes import dashes
from datagen.render.bake.packshots.inflated import dome, inflated, within
from datagen.render.bake.packshots.shots import Solid
from datagen.render.bake.packshots.solids import FRONT, Piece, moved, noise, spline

TALL = 23.0
"""From the heel to the top."""

CUFF = 4.6
"""How long the ribbed top is."""

OUTLINE = [
    *((-4.5, TALL), (-4.6, TALL - 4.6), (-4.9, 12.0), (-5.0, 6.0), (-5.6, 2.6), (-8.6, -0.4), (-12.6, -3.4)),
    *((-15.4, -6.4), (-15.6, -9.2), (-12.6, -10.4), (-8.0, -9.6), (-2.8, -7.4), (1.6, -5.2), (4.4, -2.2)),
    *((5.0, 1.2), (4.5, 6.0), (4.6, 12.0), (4.5, TALL - 4.6), (4.5, TALL)),
]
"""Down the shin, around the toe, along the sole, around the heel, and up the calf."""


def _paint(own: Points) -> npt.NDArray[np.str_]:
    x, z = own[:, 0], own[:, 2]
    toe = 0.75 * (x + 11.2) + 0.66 * (z + 4.9) < 0
    heel = (x > -0.6 - 0.45 * (z + 2.0)) & (z < 2.4 + 0.55 * (x - 4.6)) & (z > -0.75 * (x + 12.0))
    names = np.where(toe, "toe_cap", np.where(heel & (z < 3.0), "heel_cap", "body"))
    return np.where(z > TALL - CUFF, "rib", names)


def _sock() -> list[Piece]:
    top = [(x, TALL) for x in (2.0, 0.0, -2.0)]
    sides = spline(OUTLINE, 260)
    outline = np.vstack([sides, top])

    def rise(at: Points, far: Points) -> Points:
        x, z = at.T
        soft = np.clip(far, 0, 1)
        high = dome(far, 1.5, 1.0) + 0.16 * noise(at, 8.0, 6) * soft
        for middle, lean in ((3.2, 0.5), (0.6, 0.62), (-2.0, 0.75)):
            high -= (
                0.16
                * np.exp(-(((z - middle - lean * (x + 4.0)) / 0.8) ** 2))
                * np.exp(-(((x + 3.6) / 3.2) ** 2))
            )
        ribbed = np.clip((z - TALL + CUFF) / 0.3, 0, 1)
        high += ribbed * (0.14 * np.cos(2 * np.pi * x / 0.82) + 0.05) * np.clip(far * 1.5, 0, 1)
        high -= 0.25 * np.exp(-(((z - TALL + CUFF) / 0.28) ** 2)) * soft
        return np.asarray(high)

    leg = inflated(within(outline), (-17.0, -12.0, 7.0, TALL + 1.0), 0.18, rise, paint=_paint)
    seam = spline([(-11.3, -0.98, -4.5), (-9.9, -1.08, -6.6), (-9.4, -0.98, -8.6)], 30)
    return [leg, dashes(seam, FRONT, "seam", pitch=0.5, thick=0.06)]


def socks(crossed: bool = False) -> Solid:
    """One lies on the other, a little turned, or straight and further down."""
    one, pieces = _sock(), []
    far, near = (
        ((4.6, 1.2, -4.0), (-3.4, -1.0, 3.0)) if not crossed else ((3.2, 3.6, 5.0), (-2.6, -3.2, -9.0))
    )
    for (x, z, lean), over in ((far, 0.0), (near, 1.8)):
        turn = Rotation.from_euler("y", lean, degrees=True)
        pieces += [moved(each, (x, -over, z), turn) for each in one]
    return Solid(pieces, (-0.2, 9.0, 7.0), (0.0, 11.0, 4.0))
