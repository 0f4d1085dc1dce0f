"""Composed pictures: repeatable, of any size, true to their ground truth, the pattern in the cloth."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from numpy._core._multiarray_umath import __cpu_dispatch__, __cpu_features__

from datagen.columns.ground_truth import HIDDEN, VISIBLE
from datagen.product.product import Colourway, House, Product
from datagen.product.vocabulary import MATERIALS, PATTERNS
from datagen.render import scene
from datagen.render.composed import cloth_paint
from datagen.render.composed.dressing import dressed
from datagen.render.composed.kinds import PAINTED
from datagen.render.composed.wardrobe import outfit_of
from datagen.render.composed.window import Window
from datagen.render.compositing import lighting
from datagen.render.keypoints import keypoints
from datagen.render.paint import fill_colours
from datagen.render.silhouettes import TABLE
from datagen.render.truth import BACKDROP, FIGURE_LABEL, SUBJECT, truth
from tests.support.baked import figure, garments

pytestmark = pytest.mark.usefixtures("small_wardrobe")

HOUSE = House("Aldermere & Vane", "AV")
RED = Colourway("red", (214, 30, 34), (30, 32, 34), (230, 224, 206), (40, 60, 150))
TEE = Product(0, "t_shirt", "woman", "regular", "none", "check", "cotton", RED, 17, 23)
SIZE = (120, 160)


def digest(product: Product) -> str:
    return hashlib.sha256(scene.jpeg(product, HOUSE, SIZE)).hexdigest()


def test_a_product_gives_the_same_bytes_whatever_was_drawn_before() -> None:
    first = digest(TEE)
    for kind in ("trousers", "trench_coat", "tote"):
        digest(replace(TEE, kind=kind))
    assert digest(TEE) == first
    scene.clear_caches()
    assert digest(TEE) == first


@pytest.mark.parametrize("size", [(64, 64), (97, 131), (480, 640), (641, 300), (64, 400), (900, 1200)])
@pytest.mark.parametrize("kind", ["t_shirt", "trousers", "trench_coat", "field_jacket"])
def test_a_picture_has_the_requested_size_and_its_truth_says_what_is_shown(
    kind: str, size: tuple[int, int]
) -> None:
    product = replace(TEE, kind=kind)
    assert scene.draw(product, HOUSE, size).size == size
    known = truth(product, size)
    assert known.worn
    assert set(np.unique(known.mask)) == {BACKDROP, SUBJECT, FIGURE_LABEL}
    rows, columns = np.nonzero(known.mask == SUBJECT)
    assert known.box == (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)


@pytest.mark.parametrize("kind", ["t_shirt", "trousers", "trench_coat", "field_jacket"])
def test_recolouring_changes_the_product_and_nothing_else(kind: str) -> None:
    # Of one brightness: companions are chosen to differ from it.
    colours = RED._replace(ground=(214, 30, 34)), RED._replace(ground=(20, 90, 160))
    product = replace(TEE, kind=kind, pattern="solid")
    known = truth(product, SIZE)
    red, blue = (
        np.asarray(scene.draw(replace(product, colourway=each), HOUSE, SIZE), dtype=int) for each in colours
    )
    changed = np.abs(red - blue).max(axis=2)
    assert (changed[known.mask == SUBJECT] > 30).mean() > 0.95
    away = known.mask == BACKDROP
    for axis in (0, 1):
        for step in (1, -1):
            away &= np.roll(known.mask, step, axis) == BACKDROP
    assert (changed[away] > 30).mean() < 0.001


@pytest.mark.parametrize("pattern", sorted(PATTERNS))
def test_every_pattern_and_material_can_be_painted(pattern: str) -> None:
    plain = np.asarray(scene.draw(replace(TEE, pattern="solid"), HOUSE, (240, 320)), dtype=int)
    drawn = np.asarray(scene.draw(replace(TEE, pattern=pattern), HOUSE, (240, 320)), dtype=int)
    mask = truth(TEE, (240, 320)).mask
    changed = np.abs(plain - drawn).max(axis=2) > 30
    assert pattern == "solid" or changed[mask == SUBJECT].mean() > 0.005
    assert changed[mask == BACKDROP].mean() < 0.01


def test_materials_and_painted_details_differ() -> None:
    seen = {digest(replace(TEE, material=material, pattern="solid")) for material in MATERIALS}
    assert len(seen) > len(MATERIALS) * 0.6
    assert len({digest(replace(TEE, detail=detail)) for detail in PAINTED}) >= len(PAINTED) - 1


def test_the_pattern_lies_in_the_cloth_and_not_in_the_picture() -> None:
    """Shifted within the picture, the garment takes its pattern along."""
    here, there = (replace(TEE, noise=noise) for noise in (4, 9))
    boxes = [truth(each, (480, 640)).box for each in (here, there)]
    cuts = []
    for each, (x0, y0, _, _) in zip((here, there), boxes, strict=True):
        picture = np.asarray(scene.draw(each, HOUSE, (480, 640)), dtype=int)
        cuts.append(picture[y0 + 60 : y0 + 160, x0 + 60 : x0 + 120])
    assert boxes[0] != boxes[1]
    assert np.abs(cuts[0] - cuts[1]).mean() < 3


def test_mirrored_pictures_have_mirrored_truth() -> None:
    cuts = [cut for cut in range(40) if scene.is_mirrored(replace(TEE, cut=cut))]
    product = replace(TEE, cut=cuts[0])
    known, stencil = truth(product, SIZE), scene.compose(product, SIZE).stencil
    again = stencil.mirrored(SIZE[0])
    assert stencil.cloth is not None
    assert again.cloth is not None
    assert np.array_equal(again.cloth.labels.first[:, ::-1], stencil.cloth.labels.first)
    picture = np.asarray(scene.draw(product, HOUSE, SIZE), dtype=int)
    inside = known.mask == SUBJECT
    assert (picture[..., 0] - picture[..., 2])[inside].mean() > 20


def test_keypoints_are_the_figures_own_and_hidden_under_cloth() -> None:
    every = [replace(TEE, cut=cut) for cut in range(40)]
    for product in [each for each in every if outfit_of(each).crop in ("hip", "full")][:6]:
        found, mask = keypoints(product, (480, 640)), truth(product, (480, 640)).mask
        nose, shoulder = found[0], found[5]
        assert nose[2] == VISIBLE
        assert mask[nose[1], nose[0]] == FIGURE_LABEL
        assert shoulder[2] == HIDDEN
        # In a mirror, a right shoulder is a left one.
        assert shoulder[0] > nose[0]


def test_composed_stencils_count_against_the_limit_of_the_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    scene.clear_caches()
    monkeypatch.setattr(scene._stencils.recent, "limit", 300_000)
    for kind in ("t_shirt", "trousers", "trench_coat", "field_jacket"):
        for wearer in ("woman", "man"):
            stencil = scene.compose(replace(TEE, kind=kind, wearer=wearer), SIZE).stencil
            assert stencil.cloth is not None
            assert stencil.bytes > stencil.cloth.bytes > 0
            assert scene._stencils.recent.size <= max(300_000, stencil.bytes)


def test_only_the_feet_cast_a_shadow() -> None:
    shown = [
        scene.compose(replace(TEE, kind=kind, wearer=w, cut=c), (480, 640)).stencil
        for kind in ("t_shirt", "trousers")
        for w in ("woman", "man")
        for c in (0, 1)
    ]
    for stencil in shown:
        if stencil.shadow.size:
            dark = np.flatnonzero(stencil.shadow.any(axis=1))
            assert stencil.shadow_at[1] + 2 * int(dark[0]) > 480


def digest_of_shape() -> str:
    """A digest of all arrays of a stencil and of what is painted from it."""
    worn = [("product" if garment.kind == "t_shirt" else "below", garment) for garment in garments()[:2]]
    window = Window(60.5, 20.25, 1.375, (0, 0, 480, 640))
    stencil = dressed(figure(), worn, "crest", window)
    assert stencil.cloth is not None
    kind = TABLE["t_shirt"]
    product = replace(TEE, detail="crest", material="tweed")
    painted = cloth_paint.painted(
        product, HOUSE, kind, stencil.cloth, fill_colours(product, kind), mirror=False
    )
    light = lighting("satin", product, stencil)
    cloth = stencil.cloth.across, stencil.cloth.along, stencil.cloth.away, *stencil.cloth.labels
    together = hashlib.sha256()
    for array in (stencil.cover, stencil.tone, stencil.glow, stencil.shadow, *cloth, *painted, *light):
        together.update(np.ascontiguousarray(array).tobytes())
    return together.hexdigest()


def test_without_vector_instructions_the_bytes_are_the_same() -> None:
    used = [name for name in __cpu_dispatch__ if __cpu_features__[name]]
    if not used:
        pytest.skip("this machine's NumPy has no vector instructions to switch off")
    code = "from tests.datagen.render.composed.test_pictures import digest_of_shape\nprint(digest_of_shape())"
    environment = {**os.environ, "NPY_DISABLE_CPU_FEATURES": " ".join(used)}
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True
    )
    assert answer.stdout.split() == [digest_of_shape()]
