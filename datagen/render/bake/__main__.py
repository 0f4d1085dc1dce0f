"""``python -m datagen.render.bake``: bodies, garments and drapes -> the layers that are installed.

Takes a few seconds of one core for each garment of each figure; figures whose file is there are left as they are.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from datagen.render.bake import baking
from datagen.render.bake.bodies import rest_body
from datagen.render.bake.figures import body_surface, ground_lines, keypoints, person
from datagen.render.bake.measures import measures
from datagen.render.bake.people import BUILDS, SHOTS, Shot
from datagen.render.bake.poses import POSES
from datagen.render.bake.views import Rays, seen
from datagen.render.bake.wardrobe import WARDROBE, Item
from datagen.render.baked.layers import DATA, Figure
from datagen.render.baked.written import SUFFIX, write_figure, write_index


def main(arguments: list[str]) -> None:
    """Bake what is asked for, or everything that is not there yet."""
    parser = argparse.ArgumentParser(prog="python -m datagen.render.bake", description=__doc__)
    parser.add_argument("--out", type=Path, default=DATA, help="the folder of layers")
    parser.add_argument(
        "--figures", default="", help="names such as ada-contrapposto,tom-square; all without it"
    )
    parser.add_argument("--kinds", default="", help="kinds such as t_shirt,trench_coat; all without it")
    parser.add_argument("--again", action="store_true", help="also figures whose file is there")
    options = parser.parse_args(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    names = options.figures.split(",") if options.figures else [shot.name for shot in SHOTS]
    kinds = set(options.kinds.split(",")) if options.kinds else {item.kind for item in WARDROBE} | {"hair"}
    for shot in SHOTS:
        if shot.name in names and (options.again or not (options.out / f"{shot.name}{SUFFIX}").exists()):
            bake_figure(options.out, shot, [item for item in WARDROBE if item.kind in kinds], "hair" in kinds)
            write_index(options.out)


def bake_figure(out: Path, shot: Shot, items: list[Item], haired: bool) -> None:
    """One figure and all that it wears."""
    build = BUILDS[shot.build]
    rest = rest_body(build)
    who = person(rest, POSES[shot.pose])
    rays = Rays((who.vertices, who.faces))
    girth = build.shape["weight"]
    figure = Figure(
        shot.name, build.wearer, "slim" if girth < 0.45 else "full", build.age, shot.pose, shot.view,
        seen(body_surface(who), rays), keypoints(who, rays), ground_lines(who),
    )  # fmt: skip
    measured = measures(rest)
    garments = []
    for item in items:
        if build.wearer in item.wearers:
            begun = time.process_time()
            try:
                shape = baking.draped(who, measured, item)
                garments.append(baking.bake(who, shot.name, item, shape, rays))
            except (
                ValueError
            ) as error:  # a piece that cannot be cut for this body: the others are worth having
                sys.stderr.write(f"{shot.name} {item.kind} {item.cut}: {error}\n")
                continue
            sys.stderr.write(f"{shot.name} {item.kind} {item.cut} {time.process_time() - begun:.1f} s\n")
    write_figure(out, figure, garments)


if __name__ == "__main__":
    main(sys.argv[1:])
