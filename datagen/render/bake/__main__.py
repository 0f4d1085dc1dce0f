"""``python -m datagen.render.bake``: bodies, garments and drapes -> the layers that are installed.

Takes a few seconds of one core for each garment of a figure; what is there is left as it is. Several
processes may bake different shots into one folder: whoever ends last writes the whole index.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Collection
from pathlib import Path

from datagen.render.bake import baking
from datagen.render.bake.bodies import rest_body
from datagen.render.bake.figures import body_surface, ground_lines, head_layer, keypoints, person, rolled
from datagen.render.bake.hair import hair_of
from datagen.render.bake.item import Item
from datagen.render.bake.measures import measures
from datagen.render.bake.patching import patched
from datagen.render.bake.people import BUILDS, SHOTS, Shot, wearing
from datagen.render.bake.poses import POSES
from datagen.render.bake.views import Rays, seen
from datagen.render.bake.wardrobe import ON_ONE, WARDROBE
from datagen.render.baked.layers import DATA, Figure, Garment, figure, garment, index
from datagen.render.baked.written import SUFFIX, write_figure, write_index
from datagen.schemas.terminal import show

There = dict[str, tuple[Figure, list[Garment]]]
"""By the name of a figure: itself, its hair and what it wears, as baked before."""


def main(arguments: list[str]) -> None:
    """Bake what is asked for, or everything that is not there yet."""
    parser = argparse.ArgumentParser(prog="python -m datagen.render.bake", description=__doc__)
    parser.add_argument("--out", type=Path, default=DATA, help="the folder of layers")
    parser.add_argument("--people", default="", help="names such as ada,tom; all without it")
    parser.add_argument("--shots", default=":", help="a range of the list of shots such as 0:7")
    parser.add_argument("--kinds", default="", help="kinds such as t_shirt,trench_coat; all without it")
    parser.add_argument("--all-kinds", action="store_true", help="on every figure, not only on its own share")
    parser.add_argument("--again", action="store_true", help="also what is there")
    parser.add_argument("--plan", action="store_true", help="only say who would wear what")
    options = parser.parse_args(arguments)
    people = options.people.split(",") if options.people else list(BUILDS)
    kinds = set(options.kinds.split(",")) if options.kinds else {item.kind for item in WARDROBE}
    first, _, last = options.shots.partition(":")
    chosen = SHOTS[int(first or 0) : int(last) if last else None]
    plan = wearing(SHOTS, WARDROBE, ON_ONE)
    if options.plan:
        _tell(plan)
        return
    options.out.mkdir(parents=True, exist_ok=True)
    for shot in chosen:
        if shot.build not in people:
            continue
        mine = [item for item in (WARDROBE if options.all_kinds else plan[shot]) if item.kind in kinds]
        there = _there(options.out, shot)
        if options.again:
            there = _without(there, kinds) if options.kinds else {}
        missing = [item for item in mine if not _has(there, shot, item)]
        if missing or not there:
            bake_shot(options.out, shot, missing, there)
            write_index(options.out)
    if options.again and not options.people and not options.kinds and options.shots == ":":
        wanted = {f"{shot.name(view)}{SUFFIX}" for shot in SHOTS for view in shot.views}
        for path in options.out.glob(f"*{SUFFIX}"):
            if path.name not in wanted:
                path.unlink()
        write_index(options.out)


def _tell(plan: dict[Shot, list[Item]]) -> None:
    """Say how much there is to bake."""
    for shot, items in plan.items():
        names = ", ".join(f"{item.kind} {item.cut}" for item in items)
        show(f"{shot.build} {shot.pose} ({', '.join(shot.views)}): {len(items)}: {names}")
    drapes = sum(map(len, plan.values()))
    layers = sum(len(items) * len(shot.views) for shot, items in plan.items())
    show(f"{len(plan)} shots, {drapes} garments draped, {layers} layers of garments")


def _there(out: Path, shot: Shot) -> There:
    """What is baked of a shot already, if all its views are."""
    names = [shot.name(view) for view in shot.views]
    if not all((out / f"{name}{SUFFIX}").exists() for name in names):
        return {}
    return {
        name: (figure(name, out), [garment(*key, out) for key in index(out).garments if key[2] == name])
        for name in names
    }


def _without(there: There, kinds: Collection[str]) -> There:
    """What is there without the garments of some kinds."""
    return {
        name: (whole, [each for each in garments if each.kind not in kinds])
        for name, (whole, garments) in there.items()
    }


def _has(there: There, shot: Shot, item: Item) -> bool:
    """Whether a garment is among what is baked, or is not for this wearer."""
    every = [{(each.kind, each.cut) for each in garments} for _, garments in there.values()]
    if BUILDS[shot.build].wearer not in item.wearers:
        return True
    return bool(every) and all((item.kind, item.cut) in own for own in every)


def bake_shot(out: Path, shot: Shot, items: list[Item], there: There) -> None:
    """Somebody in all views, with hair and everything that they wear; what is ``there`` is kept."""
    build, begun = BUILDS[shot.build], time.process_time()
    rest = rest_body(build)
    measured = measures(rest)
    who = person(rest, POSES[shot.pose], shot.shoes)
    build_of = "slim" if build.shape["weight"] < 0.45 else "full"
    seen_as = []
    for view in shot.views:
        yaw, look = shot.yaw(view)
        nod, turned, incline = who.pose.head
        turned_to = person(rest, who.pose._replace(yaw=yaw, head=(nod, turned + look, incline)), shot.shoes)
        rays = Rays((turned_to.vertices, turned_to.faces))
        name = shot.name(view)
        if there:
            body, worn = there[name]
        else:
            body = Figure(
                name, build.wearer, build_of, build.age, shot.pose, view,
                seen(body_surface(turned_to), rays), keypoints(turned_to, rays), ground_lines(turned_to),
                build.origin, head_layer(turned_to, rays),
            )  # fmt: skip
            worn = [hair_of(turned_to, rays, name, cut) for cut in shot.hair]
        seen_as.append((body, yaw, turned_to, rays, worn))
    show(f"{shot.build} {shot.pose} {time.process_time() - begun:.1f} s", err=True)
    for item in items:
        begun = time.process_time()
        try:
            shape = baking.draped(who, measured, item)
            for body, yaw, turned_to, rays, worn in seen_as:
                at = shape._replace(vertices=rolled(shape.vertices, who, yaw))
                worn.append(patched(body.body, baking.bake(turned_to, body.name, item, at, rays)))
        except ValueError as error:  # a piece that cannot be cut for this body: the others are worth having
            show(f"{shot.build} {item.kind} {item.cut}: {error}", err=True)
            continue
        show(f"{shot.build} {item.kind} {item.cut} {time.process_time() - begun:.1f} s", err=True)
    for body, _, _, _, worn in seen_as:
        write_figure(out, body, worn)


if __name__ == "__main__":
    main(sys.argv[1:])
