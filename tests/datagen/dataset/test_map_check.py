"""Every fault that can be put into a map is found, named by its row, and harms nobody."""

from __future__ import annotations

import io
import shutil
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from support.sets import change_cell, edit_manifest, garden, rows_of

from datagen.columns.ground_truth import map_png
from datagen.dataset.map_check import are_unit_vectors, read_map
from datagen.dataset.verify import verify_folder

Values = np.ndarray[Any, np.dtype[Any]]

NULL = "is null exactly where the picture is drawn from a silhouette"
MASK = "is 0 exactly where the mask shows backdrop"
COLOUR = "the map is not one picture of three bytes a pixel"
GREY = "the map is not one picture of 16 bits a pixel"
UNIT = "has vectors of the length 1 that point to the camera"


@pytest.fixture
def copy(told_set: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(told_set, tmp_path / "set"))


def _with_maps(folder: Path, *, there: bool = True) -> tuple[int, dict[str, Any]]:
    """The first row that has maps, or has none."""
    return next((at, row) for at, row in enumerate(rows_of(folder)) if (row["depth"] is not None) == there)


def _bytes(change: Callable[[bytes], bytes | None]) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda cell: {**cell, "bytes": change(cell["bytes"])}


def _values(change: Callable[[Values], Values]) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """A cell whose map's values are changed."""
    return _bytes(lambda content: map_png(change(np.asarray(Image.open(io.BytesIO(content))).copy())))


def _png(mode: str, size: tuple[int, int], **options: Any) -> bytes:
    file = io.BytesIO()
    Image.new(mode, size).save(file, "PNG", **options)
    return file.getvalue()


def _hole(values: Values) -> Values:
    rows, columns = np.nonzero(values.any(axis=2) if values.ndim == 3 else values)
    values[rows[0], columns[0]] = 0
    return values


def _speck(values: Values) -> Values:
    values[0, 0] = (128, 128, 255) if values.ndim == 3 else 5_000
    return values


def _longer(values: Values) -> Values:
    rows, columns = np.nonzero(values.any(axis=2))
    values[rows[0], columns[0]] = (150, 140, 255)
    return values


def _away(values: Values) -> Values:
    rows, columns = np.nonzero(values.any(axis=2))
    values[rows[0], columns[0]] = (128, 128, 1)
    return values


BOTH: list[tuple[Callable[[dict[str, Any]], Any], str]] = [
    (lambda cell: None, NULL),
    (_bytes(lambda content: None), "the map is empty"),
    (_bytes(lambda content: b"GIF89a"), "the map is not a complete PNG"),
    (_bytes(lambda content: content[: len(content) // 2]), "the map is not a complete PNG"),
    (_bytes(lambda content: _png("RGB", (64, 65))), "the map is 64x65, not 64x64"),
    (_values(_hole), MASK),
    (_values(_speck), MASK),
]
FAULTS = [(name, fault, rule) for name in ("normals", "depth") for fault, rule in BOTH]
FAULTS += [
    ("normals", _bytes(lambda content: _png("L", (64, 64))), COLOUR),
    ("normals", _bytes(lambda content: _png("I;16", (64, 64))), COLOUR),
    ("normals", _values(_longer), UNIT),
    ("normals", _values(_away), UNIT),
    ("normals", lambda cell: {**cell, "path": "X-depth.png"}, "is named by the code and -normals.png"),
    ("depth", _bytes(lambda content: _png("L", (64, 64))), GREY),
    ("depth", _bytes(lambda content: _png("RGB", (64, 64))), GREY),
    ("depth", lambda cell: {**cell, "path": None}, "is named by the code and -depth.png"),
]


@pytest.mark.parametrize(
    ("column", "fault", "rule"), FAULTS, ids=[f"{at}-{each[0]}-{each[2]}" for at, each in enumerate(FAULTS)]
)
def test_a_fault_in_one_map_is_found(
    copy: Path, column: str, fault: Callable[[dict[str, Any]], Any], rule: str
) -> None:
    at, row = _with_maps(copy)
    change_cell(copy, at, column, fault(row[column]))
    breaches = verify_folder(copy).breaches
    assert {(breach.row, breach.column, breach.rule) for breach in breaches} == {(at, column, rule)}


def test_a_map_of_a_silhouette_is_a_fault(copy: Path) -> None:
    _, row = _with_maps(copy)
    at, other = _with_maps(copy, there=False)
    made_up = {"bytes": row["depth"]["bytes"], "path": f"{other['sku']}-depth.png"}
    change_cell(copy, at, "depth", made_up)
    found = {(breach.row, breach.rule) for breach in verify_folder(copy).breaches}
    assert (at, NULL) in found


def test_without_a_mask_maps_are_compared_with_each_other(tmp_path: Path) -> None:
    folder = garden(tmp_path / "set", normals=True, depth=True)
    assert verify_folder(folder).whole
    at, row = _with_maps(folder)
    change_cell(folder, at, "depth", _values(_hole)(row["depth"]))
    (breach,) = verify_folder(folder).breaches
    assert (breach.row, breach.column, breach.rule) == (at, "depth", "is 0 exactly where the normals are")


def test_of_pictures_from_other_layers_it_is_unknown_which_have_geometry(copy: Path) -> None:
    at, _ = _with_maps(copy)
    change_cell(copy, at, "depth", None)
    assert {breach.rule for breach in verify_folder(copy).breaches} == {NULL}
    edit_manifest(copy, lambda manifest: manifest["recipe"]["layers"].update(sha256="f" * 64))
    assert verify_folder(copy).whole


@given(st.binary(max_size=200), st.integers(0, 150), st.sampled_from(["normals", "depth"]))
def test_any_bytes_are_a_map_or_told_in_words(content: bytes, at: int, name: str) -> None:
    shape = (64, 64, 3) if name == "normals" else (64, 64)
    good = map_png(np.full(shape, 7, np.uint8 if name == "normals" else np.uint16))
    for hostile in (content, good[:at] + content, good[:at] + content + good[at + len(content) :]):
        values, wrong = read_map(name, hostile, (64, 64))
        assert (values is None) == bool(wrong)
        assert values is None or values.shape == shape


def test_a_large_map_is_not_decoded() -> None:
    large = _png("RGB", (3_000, 3_000))
    tracemalloc.start()
    assert read_map("normals", large, (64, 64)) == (None, "is 3000x3000, not 64x64")
    assert tracemalloc.get_traced_memory()[1] < 2_000_000
    tracemalloc.stop()


@given(st.tuples(*[st.floats(-1, 1)] * 2, st.floats(0.01, 1)))
def test_a_rounded_unit_vector_is_one_and_half_of_it_is_not(vector: tuple[float, float, float]) -> None:
    unit = np.array(vector) / np.linalg.norm(vector)
    assert are_unit_vectors(128 + np.rint(unit * 127)[None])
    assert not are_unit_vectors(128 + np.rint(unit * 63)[None])
