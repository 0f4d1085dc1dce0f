"""The layers that are installed: whole, within their frame, and enough of them to dress every figure."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from datagen.render.baked.layers import DATA, FINE, HEIGHT, PARTS, WIDTH, Layer, figure, garment, index
from datagen.render.composed.stack import halved
from datagen.render.silhouettes import TABLE

KNOWN = index()
SKIN = {"skin_face", "skin_neck", "skin_torso", "skin_arm", "skin_leg", "hand", "foot", "ear", "lips"}


def _checked(layer: Layer, zoom: int = 1) -> set[str]:
    """The parts of a layer that is sound."""
    high, wide = layer.coverage.shape
    assert layer.left >= 0
    assert layer.top >= 0
    assert layer.left + wide <= WIDTH * zoom
    assert layer.top + high <= HEIGHT * zoom
    for plane in layer[3:]:
        assert plane.shape[:2] == (high, wide)
    assert layer.coverage.max() > 250
    assert (np.square(layer.normal.astype(int)).sum(2) <= 128**2).all()
    assert layer.part.max() < len(PARTS)
    return {PARTS[number] for number in np.unique(layer.part[layer.coverage > 0])}


@pytest.mark.parametrize("name", KNOWN.figures)
def test_a_figure_is_whole_and_has_something_to_wear(name: str) -> None:
    one = figure(name)
    parts = _checked(one.body)
    hands = set() if one.pose == "behind" else {"hand"}
    assert parts >= {"skin_neck", "shoe"} | hands
    assert (one.keypoints[:, 2] > 0).all()
    kinds = {kind for kind, _, wearer in KNOWN.garments if wearer == name}
    assert kinds >= {"hair", "t_shirt", "trousers"}
    if one.head is not None:
        _checked(one.head, FINE)
    if one.view != "back":
        assert parts >= {"skin_face", "iris", "eye_white", "brows", "lips"}


@pytest.mark.parametrize("key", KNOWN.garments, ids=" ".join)
def test_a_garment_is_whole_and_shows_no_skin(key: tuple[str, str, str]) -> None:
    one = garment(*key)
    parts = _checked(one.layer, one.zoom)
    assert not parts & SKIN
    assert one.kind == "hair" or one.kind in TABLE
    assert one.rank in range(5)
    assert one.closed in ("open", "half", "closed")
    # What it hides lies under it: nothing of the figure goes missing beside it.
    cloth = np.zeros((HEIGHT, WIDTH), bool)
    layer = one.layer if one.zoom == 1 else halved(one.layer)
    high, wide = layer.coverage.shape
    left, top = layer[:2]
    cloth[top : top + high, left : left + wide] = layer.coverage > 0
    assert (np.unpackbits(one.hides, axis=1).view(bool) & ~cloth).sum() <= 0.03 * cloth.sum()


def test_the_files_are_those_of_the_index_and_small() -> None:
    listed = [*KNOWN.figures.values(), *KNOWN.packshots.values()]
    told = {entry.file: entry for _, entry in listed}
    assert sorted(path.name for path in DATA.glob("*.layers")) == sorted(told)
    assert sum(path.stat().st_size for path in DATA.iterdir()) < 80 << 20
    assert KNOWN.digest == hashlib.sha256((DATA / "index.json").read_bytes()).hexdigest()
    assert "CC0" in (DATA / "LICENSES.md").read_text("utf-8")


@pytest.mark.parametrize("name", KNOWN.figures)
def test_no_skin_comes_through_cloth(name: str) -> None:
    pytest.importorskip("scipy.ndimage")
    from datagen.render.bake.patching import COVERED, skin_holes

    body = figure(name).body
    seen = np.zeros((HEIGHT, WIDTH), int)
    high, wide = body.part.shape
    seen[body.top : body.top + high, body.left : body.left + wide] = np.where(
        body.coverage > 127, body.part, 0
    )
    for kind, cut, wearer in KNOWN.garments:
        if wearer == name and kind != "hair":
            one = garment(kind, cut, name)
            high, wide = one.layer.coverage.shape
            inner = seen[one.layer.top : one.layer.top + high, one.layer.left : one.layer.left + wide]
            holes = skin_holes(body, one)
            assert sum(np.isin(inner[hole], COVERED).sum() for hole in holes) <= 12, (kind, cut)
