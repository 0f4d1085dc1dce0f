"""Placed motifs: whatever mark a title names is seen in the picture, and reads from left to right."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from datagen.product.product import Colourway, House, Product
from datagen.render import scene
from datagen.render.baked import layers
from datagen.render.baked.layers import PARTS
from datagen.render.composed import packshot_kinds, packshots, wardrobe
from datagen.render.composed.kinds import COMPOSED
from datagen.render.composed.motifs import best_shown, facing
from datagen.render.marks import lettering, shapes_of

HOUSE = House("Aldermere & Vane", "AV")
HONEY = Colourway("honey", (196, 164, 120), (60, 48, 40), (236, 230, 216), (176, 52, 48))
TEE = Product(0, "t_shirt", "woman", "regular", "none", "solid", "cotton", HONEY, 17, 23)
SMALL = (192, 256)


def pixels_changed(product: Product, pattern: str) -> int:
    """How many pixels of a picture of 96 x 128 a pattern changes, clearly."""
    plain, marked = (
        np.asarray(scene.draw(replace(product, pattern=name), HOUSE, SMALL).reduce(2)).astype(int)
        for name in ("solid", pattern)
    )
    return int((np.abs(plain - marked).max(axis=2) > 20).sum())


@pytest.mark.parametrize("view", ["front", "back"])
@pytest.mark.parametrize("kind", sorted(COMPOSED))
def test_a_motif_is_seen_on_whatever_is_worn_from_both_sides(kind: str, view: str) -> None:
    for wearer in ("woman", "man", "child"):
        product = replace(TEE, kind=kind, wearer=wearer, view=view)
        if wardrobe.is_composed(product):
            assert pixels_changed(product, "horse_motif") >= 12, wearer
            assert pixels_changed(product, "emblem") >= 4, wearer


NARROW = {"belt": (4, 4), "watch": (3, 1)}
"""The pixels of a large and of a small mark on what is as narrow as a small one: on a strap of 2 cm."""


@pytest.mark.parametrize("kind", sorted(packshot_kinds.COMPOSED))
def test_a_motif_is_seen_on_whatever_nobody_wears(kind: str) -> None:
    for cut in range(4):
        product = replace(TEE, kind=kind, worn=False, cut=cut)
        large, small = NARROW.get(kind, (12, 4))
        assert pixels_changed(product, "horse_motif") >= large
        assert pixels_changed(product, "emblem") >= small


@pytest.mark.parametrize(
    "kind", sorted({name for name, _, _ in layers.index().packshots} & packshot_kinds.GARMENTS)
)
def test_a_motif_is_seen_on_a_garment_that_nobody_wears(kind: str) -> None:
    for wearer in ("woman", "man", "child", "baby"):
        product = replace(TEE, kind=kind, wearer=wearer, worn=False)
        if packshots.is_composed(product):
            assert pixels_changed(product, "horse_motif") >= 12, wearer
            assert pixels_changed(product, "emblem") >= 4, wearer


def test_cloth_runs_to_the_right_from_all_sides() -> None:
    main = np.isin(np.array(PARTS), ("body", "back"))
    seen = set()
    for kind, cut, name in sorted(layers.index().garments):
        if kind == "t_shirt" and cut == "regular":
            layer = layers.garment(kind, cut, name).layer
            across = facing(layers.figure(name), layer)
            row = len(across) // 2
            columns = np.flatnonzero(main[layer.part[row]] & (layer.coverage[row] > 0))
            assert across[row, columns[-4]] > across[row, columns[4]], name
            seen.add(layers.index().figures[name][0]["view"])
    assert {"front", "back"} <= seen


def test_a_place_that_is_hidden_gives_way_to_the_next() -> None:
    across, along = (plane.astype(np.int16) for plane in np.meshgrid(np.arange(200), np.arange(200)))
    front = across > 60
    assert best_shown([(40, 100, 40), (120, 100, 40)], across, along, front, 20.0) == (120, 100, 40)
    assert best_shown([(100, 100, 40), (120, 100, 40)], across, along, front, 20.0) == (100, 100, 40)
    # No place shows enough: the one that shows the most.
    assert best_shown([(50, 100, 40), (60, 100, 40)], across, along, front, 20.0) == (60, 100, 40)


def test_what_bears_a_motif_is_worn_closed() -> None:
    known = layers.index().garments

    def worn(pattern: str, detail: str) -> set[str]:
        outfits = (
            wardrobe.outfit_of(
                replace(TEE, kind="car_coat", wearer="man", cut=cut, pattern=pattern, detail=detail)
            )
            for cut in range(64)
        )
        return {known["car_coat", each.worn[0].cut, each.figure][0]["closed"] for each in outfits}

    assert worn("solid", "none") > {"closed"}
    assert worn("horse_motif", "none") == worn("solid", "crest") == {"closed"}


def test_a_long_name_of_several_words_is_printed_larger_in_two_lines() -> None:
    def height(name: str) -> float:
        ends = [path[:, 1] for _, path in shapes_of("lettering", name, "AV")]
        return float(max(end.max() for end in ends) - min(end.min() for end in ends))

    one_line = lettering("ALDERMERE & VANE", 2.0, 0.5)
    assert height("Aldermere & Vane") > 3 * np.ptp(np.concatenate(one_line)[:, 1])
    assert height("Aldermere") < height("Aldermere & Vane")
    assert height("Aldermereandvane") < height("Aldermere & Vane")
