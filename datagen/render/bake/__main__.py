"""``python -m datagen.render.bake``: bodies, garments and drapes -> the layers that are installed.

Takes a few seconds of one core for each garment of a figure; what is there is left as it is, and what
``worn_by.py`` does not name is removed. Several processes may bake different shots into one folder: whoever
ends last writes the whole index.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from datagen.render.bake import baking
from datagen.render.bake.bodies import rest_body
from datagen.render.bake.figures import body_surface, ground_lines, head_layer, keypoints, person, rolled
from datagen.render.bake.hair import hair_of
from datagen.render.bake.measures import measures
from datagen.render.bake.patching import patched
from datagen.render.bake.people import BUILDS, SHOTS, Shot
from datagen.render.bake.poses import POSES
from datagen.render.bake.rounded import rounded
from datagen.render.bake.views import Rays, seen
from datagen.render.bake.wardrobe import WARDROBE, item_of
from datagen.render.bake.worn_by import names_of
from datagen.render.baked.layers import DATA, Figure, Garment, figure, garment, index
from datagen.render.baked.written import SUFFIX, write_figure, write_index
from datagen.schemas.terminal import show

There = dict[str, tuple[Figure, list[Garment]]]
"""By the name of a figure: itself, and its hair and clothes as baked before."""

Wanted = dict[str, list[str]]
"""By the name of a figure: the names of what it wears."""


def main(arguments: list[str]) -> None:
    """Bake what is asked for, or everything that is not there yet."""
    parser = argparse.ArgumentParser(prog="python -m datagen.render.bake", description=__doc__)
    parser.add_argument("--out", type=Path, default=DATA, help="the folder of layers")
    parser.add_argument("--people", default="", help="names such as ada,tom; all without it")
    parser.add_argument("--shots", default=":", help="a range of the list of shots such as 0:7")
    parser.add_argument("--kinds", default="", help="kinds such as t_shirt,trench_coat; all without it")
    parser.add_argument("--again", action="store_true", help="also what is there")
    parser.add_argument("--plan", action="store_true", help="only say who would wear what")
    options = parser.parse_args(arguments)
    people = options.people.split(",") if options.people else list(BUILDS)
    kinds = set(options.kinds.split(",")) if options.kinds else {item.kind for item in WARDROBE.values()}
    first, _, last = options.shots.partition(":")
    if options.plan:
        _tell()
        return
    options.out.mkdir(parents=True, exist_ok=True)
    for shot in SHOTS[int(first or 0) : int(last) if last else None]:
        if shot.build not in people:
            continue
        wanted = {name: names_of(name) for name in map(shot.name, shot.views)}
        before = _there(options.out, shot)
        kept = _kept(before, wanted, again=kinds if options.again else set())
        if options.again and not options.kinds:
            kept = {}
        missing = {name: [each for each in own if _kind(each) in kinds] for name, own in wanted.items()}
        for name, (_, garments) in kept.items():
            baked = {f"{each.kind} {each.cut}" for each in garments}
            missing[name] = [each for each in missing[name] if each not in baked]
        if any(missing.values()) or not kept or _count(kept) < _count(before):
            bake_shot(options.out, shot, missing, kept)
            write_index(options.out)


def _tell() -> None:
    """Say how much there is to bake."""
    for shot in SHOTS:
        for name in map(shot.name, shot.views):
            show(f"{name}: {len(names_of(name))}: {', '.join(names_of(name))}")
    drapes = sum(len({each for view in shot.views for each in names_of(shot.name(view))}) for shot in SHOTS)
    layers = sum(len(names_of(shot.name(view))) for shot in SHOTS for view in shot.views)
    show(f"{len(SHOTS)} shots, {drapes} garments draped, {layers} layers of garments")


def _kind(name: str) -> str:
    return name.split()[0]


def _count(there: There) -> int:
    return sum(len(garments) for _, garments in there.values())


def _there(out: Path, shot: Shot) -> There:
    """What is baked of a shot already, if all its views are."""
    names = [shot.name(view) for view in shot.views]
    if not all((out / f"{name}{SUFFIX}").exists() for name in names):
        return {}
    return {
        name: (figure(name, out), [garment(*key, out) for key in index(out).garments if key[2] == name])
        for name in names
    }


def _kept(there: There, wanted: Wanted, again: set[str]) -> There:
    """What is there, without what nobody wears any more and without the kinds that are baked ``again``."""
    return {
        name: (
            whole,
            [
                each
                for each in garments
                if each.kind == "hair"
                or (f"{each.kind} {each.cut}" in wanted[name] and each.kind not in again)
            ],
        )
        for name, (whole, garments) in there.items()
    }


def bake_shot(out: Path, shot: Shot, wanted: Wanted, there: There) -> None:
    """Somebody in all views, with hair and what they wear in each; what is ``there`` is kept."""
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
    for each in dict.fromkeys(each for names in wanted.values() for each in names):
        begun, item = time.process_time(), item_of(each)
        try:
            shape = baking.draped(who, measured, item)
            for body, yaw, turned_to, rays, worn in seen_as:
                if each in wanted[body.name]:
                    at = shape._replace(vertices=rolled(shape.vertices, who, yaw))
                    worn.append(patched(body.body, baking.bake(turned_to, body.name, item, at, rays)))
        except ValueError as error:  # a piece that cannot be cut for this body: the others are worth having
            show(f"{shot.build} {each}: {error}", err=True)
            continue
        show(f"{shot.build} {each} {time.process_time() - begun:.1f} s", err=True)
    for body, _, _, _, worn in seen_as:
        write_figure(out, stored(body), [each._replace(layer=rounded(each.layer)) for each in worn])


def stored(body: Figure) -> Figure:
    """A figure with its layers as they are stored."""
    head = None if body.head is None else rounded(body.head)
    return body._replace(body=rounded(body.body), head=head)


if __name__ == "__main__":
    main(sys.argv[1:])
