"""Bags that stand: tote, crossbody, top handle, shoulder bag, bucket, backpack, belt bag."""

from __future__ import annotations

import numpy as np

from datagen.render.bake.packshots.boxes import box, disc, handle, tab
from datagen.render.bake.packshots.shots import Solid
from datagen.render.bake.packshots.solids import Piece, stitches


def tote(tall: float = 33.0, top: float = 18.0, low: float = 16.5, drop: float = 15.0, base: bool = True) -> Solid:
    """An open bag with two handles; cloth runs around it."""
    body = box([low, (low + top) / 2, top], [6.0, 5.2, 4.2], tall, power=5.0, soft=0.25, sag=0.5)
    inner = body._replace(wide=lambda z: body.wide(z) - 0.35, deep=lambda z: body.deep(z) - 0.35)
    pieces: list[Piece] = [body.wall(), inner.wall("lining", low=tall * 0.3), body.closed("lining", at_top=False)]
    pieces += [body.wall("edge", tall - 2.2, tall, 0.12, 10), body.rim(tall, 0.22, "edge", -0.1)]
    if base:
        pieces += [body.wall("base", 0.0, 3.6, 0.12, 12)]
    x, edge = top * 0.45, tall
    y = float(body.deep(np.array([tall]))[0])
    for back in (True, False):
        on = body.back if back else body.front
        pieces += handle(x, y * (1 if back else -1), tall - 7, edge, tall + drop, on=on, back=back, radius=0.95)
        if not back:
            for sign in (-1, 1):
                pieces += tab(body.front, sign * x, tall - 1.2, 1.45, 8.0)
    for z in (tall - 1.9, 3.2) if base else (tall - 1.9,):
        line = np.column_stack([np.linspace(-low * 0.97, low * 0.97, 60), np.full(60, z)])
        pieces.append(stitches(body.front, line, lift=0.14))
    return Solid(pieces, (0.0, tall * 0.45, low * 1.2), (0.0, tall * 0.55, 6.0))


KINDS = {"tote": {"open": tote}}
_ = disc
