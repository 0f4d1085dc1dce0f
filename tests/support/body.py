"""The measures of a body of round sections, to cut patterns for without the model of bodies."""

from __future__ import annotations

import numpy as np

from datagen.render.bake.bodies import Rest
from datagen.render.bake.measures import Measures, Sections

NOBODY = Rest(
    np.zeros((1, 3)), np.zeros((0, 3), int), np.array([(0.0, 0.0, 92.0), (9.0, 0.0, 48.0)]),
    ["root", "lowerleg01.L"], [-1, 0], np.zeros((1, 9), int),
    np.zeros((1, 9)), np.zeros((0, 3, 2)), np.array(["trunk"]),
)  # fmt: skip


def _measures() -> Measures:
    """A body of round sections: shoulders, a waist of 66 cm at 108, hips of 96 cm at 88."""
    z = np.arange(60.0, 150.0)
    girth = np.interp(z, [60, 88, 108, 126, 150], [92, 96, 66, 88, 80])
    deep = girth / (2 * np.pi) / 1.2
    trunk = Sections(z, girth, deep * 1.4, deep, z * 0, z * 0)
    leg = Sections(np.arange(4.0, 92.0), *[np.full(88, value) for value in (45.0, 7.0, 7.0, 9.0, 0.0)])
    arm = tuple(np.array([x, 0.0, y]) for x, y in ((18.0, 140.0), (36.0, 120.0), (55.0, 110.0)))
    return Measures(
        NOBODY, trunk, (leg, leg), np.array([0.0, 0.0, 146.0]), 5.5, np.array([18.0, 0.0, 142.0]), 130.0,
        126.0, 108.0, 88.0, 92.0, 80.0, (arm[0], arm[1], arm[2]), 28.0, 16.0, 1.0,
    )  # fmt: skip


M = _measures()
