"""Products without a wearer from baked layers: stored, chosen, drawn, and told truly."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFilter

from datagen.product.product import Colourway, House, Product
from datagen.product.vocabulary import PATTERNS
from datagen.render import scene
from datagen.render.baked import layers, packshots
from datagen.render.baked.layers import HEIGHT, PARTS, WIDTH, Layer
from datagen.render.baked.packshots import Packshot
from datagen.render.baked.written import write_index, write_packshots
from datagen.render.composed import packshots as composed
from datagen.render.composed.floor import floor_shadow
from datagen.render.shadows import contact_shadow
from datagen.render.silhouettes import TABLE
from datagen.render.truth import SUBJECT, truth
from datagen.schemas import InputError, RunFailed
from tests.support.baked import layer_of

HOUSE = House("Aldermere", "AM")
RED = Colourway("red", (190, 40, 44), (40, 44, 52), (230, 224, 206), (60, 90, 60))
BAG = Product(0, "tote", "woman", "regular", "none", "solid", "canvas", RED, 17, 23)
SIZE = (240, 320)
DEEP = {"body": 60, "handle": 20, "hardware": 70}


def _layer(high: int) -> Layer:
    """A bag of half cylinders, with a strap above it and a clasp on it."""
    boxes = {
        "handle": (200, 120, 280, 170),
        "body": (120, 160, 360, 160 + high),
        "hardware": (230, 200, 250, 220),
    }
    return layer_of(boxes, DEEP)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    where = tmp_path_factory.mktemp("packshots")
    cuts = [("open", "front", 300), ("open", "three_quarter", 280), ("chain", "front", 200)]
    shots = [
        Packshot("tote", cut, view, 8.0, (0, 900, 500), (300, 700, 200), _layer(high))
        for cut, view, high in cuts
    ]
    write_packshots(where, "tote", shots)
    write_index(where)
    return where


@pytest.fixture
def baked(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    index, packshot = layers.index, packshots.packshot
    monkeypatch.setattr(layers, "index", lambda where=folder: index(where))
    monkeypatch.setattr(composed, "packshot", lambda kind, cut, view: packshot(kind, cut, view, folder))
    monkeypatch.setattr(composed, "COMPOSED", frozenset({"tote"}))
    scene.clear_caches()
    yield
    scene.clear_caches()


def test_a_packshot_comes_back_as_it_was_written(folder: Path) -> None:
    found = packshots.packshot("tote", "chain", "front", folder)
    assert found.scale == 8.0
    assert found.badge == (300, 700, 200)
    for plane, wanted in zip(found.layer, _layer(200), strict=True):
        assert np.array_equal(plane, wanted)
    assert layers.index(folder).figures == {}
    with pytest.raises(InputError, match="no packshot"):
        packshots.packshot("tote", "none", "front", folder)


def test_a_damaged_packshot_is_refused(folder: Path, tmp_path: Path) -> None:
    for path in folder.iterdir():
        content = bytearray(path.read_bytes())
        if path.suffix == ".layers":
            content[-20] ^= 1
        (tmp_path / path.name).write_bytes(content)
    # The last of them in the file.
    with pytest.raises(RunFailed, match="damaged"):
        packshots.packshot("tote", "open", "three_quarter", tmp_path)


@pytest.mark.usefixtures("baked")
def test_words_choose_the_cut_and_what_no_cut_shows_is_drawn_from_its_silhouette() -> None:
    assert composed.shot_of(BAG).cut == "open"
    assert composed.shot_of(replace(BAG, detail="chain")).cut == "chain"
    assert composed.shot_of(replace(BAG, detail="quilted")).cut == "open"
    assert composed.shot_of(replace(BAG, view="three_quarter")).view == "three_quarter"
    assert not composed.is_composed(replace(BAG, detail="drawcord"))
    assert not composed.is_composed(replace(BAG, kind="clutch"))
    assert scene.drawing_key(BAG) != scene.drawing_key(replace(BAG, size="mini"))
    assert scene.drawing_key(BAG) == scene.drawing_key(replace(BAG, colourway=RED._replace(name="other")))


@pytest.mark.usefixtures("baked")
@pytest.mark.parametrize("view", ["front", "three_quarter", "back", "detail"])
def test_recolouring_changes_the_subject_and_nothing_else(view: str) -> None:
    red = replace(BAG, view=view)
    blue = replace(red, colourway=RED._replace(ground=(24, 60, 214)))
    mask = truth(red, SIZE).mask == SUBJECT
    one, other = (np.asarray(scene.draw(each, HOUSE, SIZE), int) for each in (red, blue))
    changed = np.abs(one - other).max(axis=2) > 30
    assert changed[mask].mean() > 0.8
    # A pixel around the edge is a mixture.
    near = np.asarray(Image.fromarray(mask).convert("L").filter(ImageFilter.MaxFilter(3))) > 0
    assert not changed[~near].any()


@pytest.mark.usefixtures("baked")
def test_size_words_and_patterns_are_seen() -> None:
    boxes = {size: truth(replace(BAG, size=size), SIZE).box for size in ("mini", "regular", "large")}
    wide = {size: x1 - x0 for size, (x0, _, x1, _) in boxes.items()}
    assert wide["mini"] < 0.75 * wide["regular"]
    assert wide["large"] > 1.1 * wide["regular"]
    mask = truth(BAG, SIZE).mask == SUBJECT
    plain = np.asarray(scene.draw(BAG, HOUSE, SIZE), float)
    for pattern in set(PATTERNS) - {"solid"}:
        shown = np.asarray(scene.draw(replace(BAG, pattern=pattern), HOUSE, SIZE), float)
        assert np.abs(shown - plain)[mask].mean() > 0.2, pattern


@pytest.mark.usefixtures("baked")
def test_hardware_is_metal_whatever_the_material() -> None:
    assert truth(BAG, SIZE).parts == ("ground", "metal", "trim")
    stencil = scene.compose(BAG, SIZE).stencil
    assert stencil.cloth is not None
    fixed = ~stencil.cloth.labels.own(alone=True)
    metal = np.asarray([stencil.tone[fixed].std(), stencil.glow[fixed].max()])
    assert (metal > [4, 60]).all()


def test_the_shadow_on_the_floor_is_that_of_silhouettes() -> None:
    cover = np.zeros((200, 160), np.uint8)
    cover[20:, 10:150] = 255
    cover[150:, 60:100] = 0
    box, frame = (40, 60, 200, 260), (0, 0, 240, 320)
    at, dark = floor_shadow(cover, box, 3.2, 0.5)
    wanted_at, wanted = contact_shadow(Image.fromarray(cover), box, frame, 0.5, 0.0)
    assert at == wanted_at
    assert dark.shape == wanted.shape
    assert np.abs(dark.astype(int) - wanted).max() <= 5
    assert dark.max() > 8


def test_the_installed_packshots_are_whole() -> None:
    for key in layers.index().packshots:
        one = packshots.packshot(*key)
        high, wide = one.layer.coverage.shape
        assert one.kind in TABLE
        assert one.layer.left + wide <= WIDTH
        assert one.layer.top + high <= HEIGHT
        assert one.layer.part.max() < len(PARTS)
        assert one.scale > 1
        assert (one.layer.coverage > 250).mean() > 0.1
