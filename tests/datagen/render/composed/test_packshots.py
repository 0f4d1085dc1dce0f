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
from datagen.render.composed.packshot_kinds import JEWELS
from datagen.render.compositing import lighting
from datagen.render.paint import METALS, fill_colours
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


@pytest.mark.parametrize("wearer", ["woman", "man", "child", "baby"])
def test_a_garment_that_nobody_wears_is_cloth_alone_and_one_sees_into_its_neck(wearer: str) -> None:
    kinds = {kind for kind, cut, _ in layers.index().packshots if wearer in cut.split("-")}
    assert {"sweatshirt", "shirt", "trousers"} <= kinds
    for kind in sorted(kinds):
        # Plain, or with the word that all its cuts have.
        words = [{"detail": "none"}, *({"detail": each} for each in ("hooded", "sleeveless", "drawcord"))]
        one = next(
            one
            for more in words
            if composed.is_composed(one := replace(BAG, kind=kind, wearer=wearer, worn=False, **more))  # type: ignore[arg-type]
        )
        assert composed.shot_of(one).cut.startswith((wearer, "man-woman"))
        told = truth(one, SIZE)
        x0, y0, x1, y1 = told.box
        assert max((x1 - x0) / SIZE[0], (y1 - y0) / SIZE[1]) > 0.6, kind
        stencil = scene.compose(one, SIZE).stencil
        assert stencil.cloth is not None
        assert not stencil.cloth.labels.figure().any()
        # Collars and hoods stand before the back of the neck.
        if kind in ("t_shirt", "sweater", "sweatshirt", "dress", "cardigan"):
            assert "lining" in told.parts, kind


def test_a_word_that_no_garment_without_a_wearer_shows_is_drawn_from_its_silhouette() -> None:
    dress = replace(BAG, kind="dress", wearer="baby", worn=False)
    assert composed.is_composed(replace(dress, detail="pleated"))
    assert composed.shot_of(replace(dress, detail="pleated")).cut == "baby-pleated"
    for words in ({"detail": "cargo"}, {"size": "long"}, {"wearer": "man"}, {"view": "three_quarter"}):
        assert not composed.is_composed(replace(dress, **words))  # type: ignore[arg-type]
    # What is paint needs no cut.
    assert composed.is_composed(replace(dress, detail="embroidered"))


SMALL_KINDS = "lipstick", "keyring", "gloves", "necklace", "earrings", "bracelet", "socks", "tie", "blanket"
GOLD = Colourway("gold", (200, 162, 76), (40, 44, 52), (230, 224, 206), (60, 90, 60))


def _cuts_of(product: Product) -> set[str]:
    return {composed.shot_of(replace(product, cut=cut)).cut for cut in range(60)}


@pytest.mark.parametrize("kind", SMALL_KINDS)
@pytest.mark.parametrize("view", ["front", "three_quarter", "back"])
def test_small_goods_are_composed_in_every_view_and_told_truly(kind: str, view: str) -> None:
    product = replace(BAG, kind=kind, view=view, material="metal" if kind in JEWELS else "wool")
    assert composed.is_composed(product)
    found = truth(product, SIZE)
    assert "ground" in found.parts
    assert (found.mask == SUBJECT).sum() > 300
    x0, y0, x1, y1 = found.box
    rows, columns = np.nonzero(found.mask == SUBJECT)
    assert (x0, y0, x1, y1) == (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)


def test_a_material_chooses_among_the_cuts_that_are_made_of_it() -> None:
    charm = replace(BAG, kind="keyring")
    assert _cuts_of(replace(charm, material="cashmere")) == {"bear-chain"}
    assert _cuts_of(replace(charm, material="leather")) == {"tag-chain", "loop"}
    assert _cuts_of(replace(charm, kind="bracelet", material="metal")) == {"links-chain", "cuff"}
    assert _cuts_of(replace(charm, kind="bracelet", material="leather")) == {"leather"}
    # A material that no cut is made of is shown by any.
    assert _cuts_of(replace(charm, material="glass")) == {"tag-chain", "loop", "bear-chain"}


def test_jewellery_may_have_a_chain_that_its_title_does_not_name_and_shows_one_that_it_names() -> None:
    drops = replace(BAG, kind="earrings", material="metal")
    assert {"hoop", "drop-chain"} <= _cuts_of(drops)
    assert _cuts_of(replace(drops, detail="chain")) == {"drop-chain"}
    assert not composed.is_composed(replace(BAG, kind="gloves", detail="belted"))


@pytest.mark.parametrize(
    ("kind", "detail", "part"), [("blanket", "contrast", "trim"), ("blanket", "reversible", "lining")]
)
def test_a_blanket_shows_its_other_side_and_a_contrast(kind: str, detail: str, part: str) -> None:
    product = replace(BAG, kind=kind, detail=detail, material="wool")
    assert part in truth(product, SIZE).parts
    second = np.asarray(scene.draw(product, HOUSE, SIZE), int)
    plain = np.asarray(scene.draw(replace(product, detail="none"), HOUSE, SIZE), int)
    changed = np.abs(second - plain).max(2) > 24
    assert 300 < changed.sum() < 0.5 * (truth(product, SIZE).mask == SUBJECT).sum()


def test_jewellery_of_metal_mirrors_the_studio_and_its_hardware_is_of_the_same_metal() -> None:
    cuff = replace(BAG, kind="bracelet", material="metal", colourway=GOLD)
    assert composed.shot_of(cuff).polished
    assert not composed.shot_of(replace(cuff, material="leather")).polished
    assert not composed.shot_of(replace(cuff, kind="watch")).polished
    for noise in range(8):
        product = replace(cuff, cut=noise)
        assert fill_colours(product, TABLE["bracelet"])["metal"] == GOLD.ground
    drawn = {
        fill_colours(replace(cuff, colourway=RED, cut=cut), TABLE["bracelet"])["metal"] for cut in range(20)
    }
    assert drawn == set(METALS)
    shot = composed.shot_of(cuff)
    bright, dull = (
        composed.packshot_stencil(shot._replace(polished=polished), SIZE) for polished in (True, False)
    )
    assert bright.cloth is not None
    ground = bright.cloth.labels.own(alone=True) & (bright.cover > 250)
    assert np.percentile(bright.glow[ground], 99) > 60
    assert (bright.glow[ground].astype(int) - dull.glow[ground]).max() > 40
    # A mirror keeps its own light: the material's table would be applied to it a second time.
    assert np.array_equal(lighting("metal", cuff, bright).glow, bright.glow)
    assert not np.array_equal(lighting("metal", cuff, dull).glow, dull.glow)


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
