"""Every fault that can be put into attributes or a mask is found, named by its row, and harms nobody."""

from __future__ import annotations

import io
import shutil
import struct
import tracemalloc
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from support.sets import change_cell, edit_manifest, garden, replace_shard, rows_of

from datagen.columns.ground_truth import mask_png
from datagen.dataset.truth_check import read_mask
from datagen.dataset.verify import verify_folder
from datagen.schemas.folder import read_manifest

Row = dict[str, Any]

PRODUCT = "matches the product of the row"
BOUNDS = "bounds the subject of the mask"
NUMBERS = "has three numbers for each keypoint"
PARTS = "lists parts that are drawn, the ground first"
ROW = 13


@pytest.fixture
def copy(told_set: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(told_set, tmp_path / "set"))


def _png(mode: str, size: tuple[int, int], **options: Any) -> bytes:
    file = io.BytesIO()
    Image.new(mode, size).save(file, "PNG", **options)
    return file.getvalue()


def _animated() -> bytes:
    return _png("P", (64, 64), save_all=True, append_images=[Image.new("P", (64, 64), 1)])


def _claims(width: int, height: int) -> bytes:
    """A mask whose header claims another size."""
    content = bytearray(mask_png(np.zeros((64, 64), np.uint8)))
    content[16:24] = struct.pack(">II", width, height)
    content[29:33] = struct.pack(">I", zlib.crc32(content[12:29]))
    return bytes(content)


def _bomb() -> bytes:
    """A whole PNG of 2.5 gigapixels."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    packer = zlib.compressobj(1)
    rows = b"".join(packer.compress(bytes(6251)) for _ in range(50_000)) + packer.flush()
    head = struct.pack(">IIBBBBB", 50_000, 50_000, 1, 3, 0, 0, 0)
    parts = (b"IHDR", head), (b"PLTE", bytes(6)), (b"IDAT", rows), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts)


def _mask(change: Callable[[bytes], bytes | None]) -> Callable[[Row], Row]:
    return lambda row: {**row["mask"], "bytes": change(row["mask"]["bytes"])}


def _with(**fields: Any) -> Callable[[Row], Row]:
    return lambda row: {**row["attributes"], **fields}


def _grown(row: Row) -> Row:
    x0, y0, x1, y1 = row["attributes"]["box"]
    return {**row["attributes"], "box": [x0, y0, x1 + 1, y1]}


NO_NULL_LISTS = int(pa.__version__.split(".")[0]) < 26

FAULTS: list[tuple[str, Callable[[Row], Any], str]] = [
    *[
        (f"attributes.{field}", _with(**{field: value}), PRODUCT)
        for field in ("kind", "wearer", "size", "detail", "pattern", "material", "view", "backdrop")
        for value in ("nothing of that name", None)
    ],
    ("attributes.palette", _with(palette=None), PRODUCT),
    (
        "attributes.palette",
        lambda row: _with(palette={**row["attributes"]["palette"], "accent": "#00000g"})(row),
        PRODUCT,
    ),
    ("attributes.worn", lambda row: _with(worn=not row["attributes"]["worn"])(row), PRODUCT),
    ("attributes.worn", _with(worn=None), PRODUCT),
    ("attributes.parts", _with(parts=[]), PARTS),
    ("attributes.parts", _with(parts=None), PARTS),
    ("attributes.parts", _with(parts=["trim", "ground"]), PARTS),
    ("attributes.parts", _with(parts=["ground", "wheel"]), PARTS),
    ("attributes.parts", _with(parts=["ground", "flesh"]), PARTS),
    ("attributes.parts", _with(parts=["ground", "trim", "trim"]), PARTS),
    ("attributes.parts", _with(parts=["ground", None]), PARTS),
    ("attributes.box", _grown, BOUNDS),
    ("attributes.box", _with(box=None), BOUNDS),
    ("attributes.box", _with(box=[1, None, 3, 4]), BOUNDS),
    ("attributes", lambda row: None, "is null"),
    ("mask", lambda row: None, "is null"),
    ("mask", _mask(lambda content: None), "the mask is empty"),
    ("mask", _mask(lambda content: b""), "the mask is empty"),
    ("mask", _mask(lambda content: b"GIF89a"), "the mask is not a complete PNG"),
    ("mask", _mask(lambda content: content[: len(content) // 2]), "the mask is not a complete PNG"),
    ("mask", _mask(lambda content: _claims(64, 65)), "the mask is 64x65, not 64x64"),
    ("mask", _mask(lambda content: _claims(50_000, 50_000)), "the mask is 50000x50000, not 64x64"),
    ("mask", _mask(lambda content: _png("L", (64, 64))), "the mask is not one picture with a palette"),
    ("mask", _mask(lambda content: _png("RGB", (64, 64))), "the mask is not one picture with a palette"),
    ("mask", _mask(lambda content: _animated()), "the mask is not one picture with a palette"),
    (
        "mask",
        _mask(lambda content: mask_png(np.full((64, 64), 3, np.uint8))),
        "the mask has the label 3, which has no meaning",
    ),
    ("attributes.box", _mask(lambda content: mask_png(np.zeros((64, 64), np.uint8))), BOUNDS),
    ("mask", lambda row: {**row["mask"], "path": "G12345X-mask.png"}, "is named by the code and -mask.png"),
    ("mask", lambda row: {**row["mask"], "path": None}, "is named by the code and -mask.png"),
    ("keypoints", lambda row: None, "is null"),
    ("keypoints", lambda row: [[1, 1, 1], *row["keypoints"][1:-1], [1, None, 1]], NUMBERS),
    ("keypoints", lambda row: [[1, 1, 3], *row["keypoints"][1:]], "has the visibility 0 or 1 or 2"),
    ("keypoints", lambda row: [[1, 1, -1], *row["keypoints"][1:]], "has the visibility 0 or 1 or 2"),
    ("keypoints", lambda row: [[0, 1, 0], *row["keypoints"][1:]], "has zeros where a keypoint is absent"),
    ("keypoints", lambda row: [[1, 64, 1], *row["keypoints"][1:]], "lies inside the picture"),
    ("keypoints", lambda row: [[-1, 1, 2], *row["keypoints"][1:]], "lies inside the picture"),
]


@pytest.mark.parametrize(
    ("column", "fault", "rule"), FAULTS, ids=[f"{at}-{f[0]}-{f[2]}" for at, f in enumerate(FAULTS)]
)
def test_a_fault_in_one_cell_is_found(
    copy: Path, column: str, fault: Callable[[Row], Any], rule: str
) -> None:
    row = rows_of(copy)[ROW]
    value = fault(row)
    lists = value if column == "keypoints" else (value or {"box": None}).get("box", ())
    if NO_NULL_LISTS and column != "mask" and lists is None:
        pytest.skip("this pyarrow reads no shard with a null list of fixed length; verify says so")
    change_cell(copy, ROW, "mask" if value and "bytes" in value else column.split(".")[0], value)
    verdict = verify_folder(copy)
    found = {(breach.column, breach.rule) for breach in verdict.breaches}
    assert (column, rule) in found
    assert {breach.row for breach in verdict.breaches} == {ROW}, "no other row is blamed"
    assert f"row {ROW}, {column}" in str(verdict.breaches[0]) or column == "attributes.box"


def test_a_figure_that_the_attributes_deny_is_found(copy: Path) -> None:
    rows = rows_of(copy)
    at = next(at for at, row in enumerate(rows) if row["attributes"]["worn"])
    change_cell(copy, at, "attributes", _with(worn=False)(rows[at]))
    found = {(breach.row, breach.rule) for breach in verify_folder(copy).breaches}
    assert found == {(at, PRODUCT), (at, "is true where the mask shows a figure")}


def test_keypoints_of_a_product_that_nobody_wears_are_found(copy: Path) -> None:
    at = next(at for at, row in enumerate(rows_of(copy)) if not row["attributes"]["worn"])
    change_cell(copy, at, "keypoints", [[5, 5, 1]] * 17)
    found = {(breach.row, breach.rule) for breach in verify_folder(copy).breaches}
    assert found == {(at, "has keypoints only where a figure wears the product")}


def test_a_visible_keypoint_beside_the_figure_is_found(copy: Path) -> None:
    at, row = next((at, row) for at, row in enumerate(rows_of(copy)) if row["attributes"]["worn"])
    change_cell(copy, at, "keypoints", [[0, 0, 2], *row["keypoints"][1:]])
    found = {(breach.row, breach.rule) for breach in verify_folder(copy).breaches}
    assert found == {(at, "has visible keypoints only on the figure of the mask")}


def test_rows_of_splits_are_checked_against_their_own_products(tmp_path: Path) -> None:
    shares = {"train": 0.5, "validation": 0.25, "test": 0.25}
    folder = garden(tmp_path / "set", 40, splits=shares, attributes=True, keypoints=True)
    assert verify_folder(folder).whole
    shards = read_manifest(folder).shards
    at = next(at for at, shard in enumerate(shards) if shard.split == "validation")
    table = pq.read_table(folder / shards[at].path)
    kinds = pc.struct_field(table["attributes"].combine_chunks(), "kind").to_pylist()
    other = next(row for row, kind in enumerate(kinds) if kind != kinds[0])
    order = list(range(len(table)))
    order[0], order[other] = other, 0
    replace_shard(folder, at, table.take(pa.array(order)))
    first = sum(shard.rows for shard in shards[:at])
    breaches = verify_folder(folder).breaches
    assert {breach.row for breach in breaches} == {first, first + other}
    assert "attributes.kind" in {breach.column for breach in breaches}


def test_more_rows_than_a_split_can_have_are_found(tmp_path: Path) -> None:
    folder = garden(tmp_path / "set", 40, splits={"train": 0.5, "test": 0.5}, attributes=True)
    shards = read_manifest(folder).shards
    table = pq.read_table(folder / shards[-1].path)
    replace_shard(folder, len(shards) - 1, pa.concat_tables([table] * 30))
    edit_manifest(folder, lambda manifest: manifest["shards"][-1].update(rows=30 * len(table)))
    rules = {breach.rule for breach in verify_folder(folder).breaches}
    assert "is in a split that has no such row" in rules


def test_a_box_without_a_mask_lies_inside_the_picture(tmp_path: Path) -> None:
    folder = garden(tmp_path / "set", attributes=True)
    assert verify_folder(folder).whole
    attributes = rows_of(folder)[3]["attributes"]
    wrong: list[list[int] | None] = [[0, 0, 65, 64], [5, 5, 5, 9], [-1, 0, 3, 3], [9, 0, 3, 3]]
    for box in wrong if NO_NULL_LISTS else [*wrong, None]:
        change_cell(folder, 3, "attributes", {**attributes, "box": box})
        (breach,) = verify_folder(folder).breaches
        assert (breach.row, breach.column, breach.rule) == (3, "attributes.box", "lies inside the picture")
    change_cell(folder, 3, "attributes", {**attributes, "box": [0, 0, 64, 64]})
    assert verify_folder(folder).whole


def test_rows_that_changed_places_are_found(copy: Path) -> None:
    path = min((copy / "data").iterdir())
    table = pq.read_table(path)
    order = [1, 0, *range(2, 10)]
    replace_shard(copy, 0, table.take(pa.array(order)))
    assert {breach.row for breach in verify_folder(copy).breaches} == {0, 1}


def test_text_that_is_none_is_a_fault(copy: Path) -> None:
    path = min((copy / "data").iterdir())
    content = path.read_bytes()
    table = pq.read_table(path)
    kind = table["attributes"][2].as_py()["kind"]
    broken = b"\xff" * len(kind)
    attributes = table["attributes"].combine_chunks()
    fields = [attributes.field(at) for at in range(attributes.type.num_fields)]
    raw = [broken if at == 2 else value.encode() for at, value in enumerate(fields[0].to_pylist())]
    fields[0] = pa.array(raw, pa.binary()).view(pa.string())
    odd = pa.StructArray.from_arrays(fields, fields=list(attributes.type))
    replace_shard(
        copy,
        0,
        table.set_column(table.column_names.index("attributes"), table.schema.field("attributes"), odd),
    )
    assert path.read_bytes() != content
    rule = "the shard cannot be read (the column attributes has text that is not UTF-8)"
    assert [(breach.rule, breach.file) for breach in verify_folder(copy).breaches] == [
        (rule, f"data/{path.name}")
    ]


def test_a_bomb_is_not_decoded() -> None:
    bomb = _bomb()
    tracemalloc.start()
    assert read_mask(bomb, (64, 64)) == (None, "is 50000x50000, not 64x64")
    assert tracemalloc.get_traced_memory()[1] < 2_000_000
    tracemalloc.stop()


@given(st.binary(max_size=200), st.integers(0, 150))
def test_any_bytes_are_a_mask_or_told_in_words(content: bytes, at: int) -> None:
    good = mask_png(np.eye(64, dtype=np.uint8))
    for hostile in (content, good[:at] + content, good[:at] + content + good[at + len(content) :]):
        labels, wrong = read_mask(hostile, (64, 64))
        assert (labels is None) == bool(wrong)
        assert labels is None or (labels.shape == (64, 64) and labels.max() <= 2)


def test_counts_and_progress_are_as_without(told_set: Path) -> None:
    counts: list[int] = []
    verdict = verify_folder(told_set, progress=counts.append)
    assert (verdict.whole, verdict.rows, counts) == (True, 24, [0, 10, 20, 24])
