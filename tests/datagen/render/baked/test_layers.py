"""Baked layers come back bit by bit; what is missing or damaged is refused in one sentence."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datagen.render.baked import layers
from datagen.render.baked.layers import (
    FINE,
    HEIGHT,
    PARTS,
    WIDTH,
    Figure,
    Garment,
    Layer,
    figure,
    garment,
    index,
)
from datagen.render.baked.packed import pack_layer, pack_mask, unpack_layer, unpack_mask
from datagen.render.baked.written import write_figure, write_index
from datagen.schemas import InputError, RunFailed


def _layer(width: int, height: int, seed: int, rough: bool = True) -> Layer:
    """Noise, or ramps as real surfaces have them, over each type's whole range."""
    rng = np.random.default_rng(seed)

    def plane(kind: type, *more: int) -> np.ndarray:
        limits = np.iinfo(kind)
        if rough:
            return rng.integers(limits.min, limits.max, (height, width, *more), kind, endpoint=True)
        return np.cumsum(np.ones((height, width, *more), kind), axis=1, dtype=kind)

    left, top = int(rng.integers(0, WIDTH - width + 1)), int(rng.integers(0, HEIGHT - height + 1))
    bytes_ = [plane(np.uint8) for _ in range(4)]
    bytes_[1] %= len(PARTS)
    return Layer(left, top, *bytes_[:2], plane(np.int8, 2), plane(np.int16, 2), *bytes_[2:], plane(np.int16))


def _same(one: Layer, other: Layer) -> bool:
    return one[:2] == other[:2] and all(
        a.dtype == b.dtype and np.array_equal(a, b) for a, b in zip(one[2:], other[2:], strict=True)
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A figure with a garment in a folder of its own."""
    mask = np.zeros((HEIGHT, WIDTH), bool)
    mask[100:300, 200:280] = True
    worn = Garment("shirt", "regular", "ada", "closed", 1, _layer(30, 40, 2), np.packbits(mask, axis=1))
    body = Figure(
        "ada", "woman", "slim", "adult", "square", "front", _layer(20, 50, 1),
        np.arange(51, dtype=np.float32).reshape(17, 3), np.array([[1, 2, 3, 4]], np.float32),
    )  # fmt: skip
    write_figure(tmp_path, body, [worn])
    write_index(tmp_path)
    return tmp_path


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 40), st.integers(1, 40), st.integers(0, 2**32), st.booleans())
def test_a_layer_comes_back_bit_by_bit(width: int, height: int, seed: int, rough: bool) -> None:
    layer = _layer(width, height, seed, rough)
    planes, rest = unpack_layer(pack_layer(layer[2:]) + b"rest", width, height)
    assert _same(Layer(layer.left, layer.top, *planes), layer)
    assert rest == b"rest"


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 40), st.integers(1, 40), st.integers(0, 2**32))
def test_a_mask_comes_back(width: int, height: int, seed: int) -> None:
    mask = np.random.default_rng(seed).random((height, width)) < 0.5
    bits = np.packbits(mask, axis=1)
    assert np.array_equal(unpack_mask(pack_mask(bits), width, height), bits)


def test_a_layer_without_cloth_comes_back_with_zeros_that_take_no_memory() -> None:
    layer = _layer(30, 20, 5)
    bare = layer._replace(cloth=np.zeros_like(layer.cloth))
    planes, _ = unpack_layer(pack_layer(bare[2:]), 30, 20)
    read = Layer(bare.left, bare.top, *planes)
    assert _same(read, bare)
    assert layers._bytes(read) == layers._bytes(layer) - layer.cloth.nbytes


def test_what_was_written_is_read(folder: Path) -> None:
    known = index(folder)
    assert list(known.figures) == ["ada"]
    assert list(known.garments) == [("shirt", "regular", "ada")]
    body, worn = figure("ada", folder), garment("shirt", "regular", "ada", folder)
    assert _same(body.body, _layer(20, 50, 1))
    assert _same(worn.layer, _layer(30, 40, 2))
    assert (body.wearer, body.view, worn.closed, worn.rank) == ("woman", "front", "closed", 1)
    assert body.keypoints.tolist() == np.arange(51).reshape(17, 3).tolist()
    assert body.ground.tolist() == [[1, 2, 3, 4]]
    hidden = np.unpackbits(worn.hides, axis=1)
    assert hidden.sum() == 200 * 80
    assert hidden[100, 200]


def test_a_head_and_hair_of_the_finer_frame_are_read(folder: Path, tmp_path: Path) -> None:
    body, worn = figure("ada", folder), garment("shirt", "regular", "ada", folder)
    other = tmp_path / "other"
    other.mkdir()
    head, hair = _layer(90, 70, 3), _layer(80, 60, 4)._replace(left=WIDTH * FINE - 80, top=HEIGHT * FINE - 60)
    fine = body._replace(head=head, origin="asian")
    write_figure(other, fine, [worn, worn._replace(kind="hair", layer=hair, zoom=FINE)])
    write_index(other)
    read = figure("ada", other)
    assert read.head is not None
    assert _same(read.head, head)
    assert read.origin == "asian"
    assert _same(garment("hair", "regular", "ada", other).layer, hair)
    assert garment("hair", "regular", "ada", other).zoom == FINE
    assert (garment("shirt", "regular", "ada", other).zoom, body.head) == (1, None)


def test_decoded_layers_are_kept_up_to_a_number_of_bytes(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    layers.clear()
    one = garment("shirt", "regular", "ada", folder)
    assert garment("shirt", "regular", "ada", folder) is one
    held = sum(plane.nbytes for plane in one.layer[2:]) + one.hides.nbytes
    assert layers._decoded.size == held
    monkeypatch.setattr(layers._decoded, "limit", held)
    figure("ada", folder)
    assert garment("shirt", "regular", "ada", folder) is not one
    layers.clear()
    assert layers._decoded.size == 0


def test_writing_twice_gives_the_same_bytes(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = tmp_path_factory.mktemp("again")
    write_figure(other, figure("ada", folder), [garment("shirt", "regular", "ada", folder)])
    write_index(other)
    for name in ("ada.layers", "index.json"):
        assert (other / name).read_bytes() == (folder / name).read_bytes()


def test_what_is_not_there_is_refused(folder: Path) -> None:
    with pytest.raises(InputError, match=r"^There is no figure 'bob': choose one of ada\.$"):
        figure("bob", folder)
    with pytest.raises(
        InputError, match=r"^No figure 'ada' wears a 'shirt' of the cut 'wide': see index\(\)\.$"
    ):
        garment("shirt", "wide", "ada", folder)


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (lambda path: path.unlink(), "cannot be read (No such file or directory)"),
        (lambda path: path.write_bytes(path.read_bytes()[:-1]), "is cut short or of another version"),
        (lambda path: path.write_bytes(path.read_bytes()[:-1] + b"x"), "is damaged"),
    ],
)
def test_a_damaged_file_is_refused(folder: Path, damage, says: str) -> None:
    damage(folder / "ada.layers")
    with pytest.raises(RunFailed, match=rf"^\S+ada\.layers {re.escape(says)}: install datagen again\.$"):
        garment("shirt", "regular", "ada", folder)


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"version":1}', '{"version":1,"files":{"a":{"size":1}}}']
)
def test_a_damaged_index_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "index.json").write_text(content)
    with pytest.raises(RunFailed, match=r"index\.json is damaged: install datagen again\.$"):
        index(tmp_path)


def test_an_index_that_is_missing_or_of_another_version_is_refused(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(RunFailed, match=r"index\.json cannot be read"):
        index(tmp_path / "nowhere")
    told = json.loads((folder / "index.json").read_text())
    (folder / "index.json").write_text(json.dumps({**told, "version": 7}))
    with pytest.raises(RunFailed, match=r"has version 7, this datagen reads 1: install one of both\.$"):
        index(folder)


def test_a_box_outside_of_the_frame_is_refused(folder: Path) -> None:
    told = json.loads((folder / "index.json").read_text())
    told["files"]["ada.layers"]["figure"]["layer"][5] = 100_000
    (folder / "index.json").write_text(json.dumps(told))
    with pytest.raises(RunFailed, match="is damaged"):
        index(folder)
