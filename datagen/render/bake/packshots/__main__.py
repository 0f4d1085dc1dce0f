"""``python -m datagen.render.bake.packshots``: products without a wearer -> the layers that are installed.

Solids (``table.py``) and garments as if on an invisible body (``ghosts.py``).
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from datagen.render.bake.packshots.ghost_cuts import GHOSTS, cuts_of
from datagen.render.bake.packshots.ghosts import ghost
from datagen.render.bake.packshots.shots import photographed, rougher
from datagen.render.bake.packshots.table import SHOTS, Shot
from datagen.render.bake.rounded import rounded
from datagen.render.baked.layers import DATA
from datagen.render.baked.packshots import Packshot, Spot
from datagen.render.baked.written import SUFFIX, write_index, write_packshots
from datagen.schemas.terminal import show

UNITS = 20
"""Half millimetres in a cm."""


def main(arguments: list[str]) -> None:
    """Bake what is asked for, or every kind whose file is not there yet; then write the index again."""
    parser = argparse.ArgumentParser(prog="python -m datagen.render.bake.packshots", description=__doc__)
    parser.add_argument("--out", type=Path, default=DATA, help="the folder of layers")
    parser.add_argument("--kinds", default="", help="kinds such as tote,sneakers; all without it")
    parser.add_argument("--again", action="store_true", help="also kinds whose files are there")
    parser.add_argument("--index", action="store_true", help="only write the index over the files there are")
    options = parser.parse_args(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    kinds = options.kinds.split(",") if options.kinds else _all_kinds()
    for kind in [] if options.index else kinds:
        there = (options.out / f"packshots-{kind}{SUFFIX}").exists()
        if options.again or options.kinds or not there:
            begun = time.process_time()
            shots = [baked(shot) for shot in SHOTS if shot.kind == kind]
            shots += [ghost(kind, wearer, cut) for wearer, cut in cuts_of(kind)]
            write_packshots(options.out, kind, [shot._replace(layer=rounded(shot.layer)) for shot in shots])
            show(f"{kind} {time.process_time() - begun:.1f} s", err=True)
    write_index(options.out)


def _all_kinds() -> list[str]:
    garments = (each.split()[0] for kinds in GHOSTS.values() for each in kinds.split(","))
    return list(dict.fromkeys([*(shot.kind for shot in SHOTS), *garments]))


def baked(shot: Shot) -> Packshot:
    """One cut of a kind in one view."""
    solid = shot.make()
    layer, scale = photographed(solid, shot.camera, (shot.wide, shot.high))
    layer = rougher(layer, shot.step)
    return Packshot(
        shot.kind, shot.cut, shot.view, round(scale, 3), _spot(solid.mark), _spot(solid.badge), layer
    )


def _spot(cm: tuple[float, float, float]) -> Spot:
    """A place in half millimetres, downwards as cloth coordinates are stored."""
    return round(cm[0] * UNITS), round(-cm[1] * UNITS), round(cm[2] * UNITS)


if __name__ == "__main__":
    main(sys.argv[1:])
