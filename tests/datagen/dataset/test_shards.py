"""A shard is a Parquet file as ``datasets`` writes it and the Hub reads it, whole or not there."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import datasets
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datagen.dataset.shard_reader import open_shard
from datagen.dataset.shards import Piece, arrow_schema, write_shard
from datagen.generation.maker import Maker
from datagen.generation.recipe import Recipe
from datagen.product.product import House
from datagen.render.scene import jpeg
from datagen.schemas import InputError, Schema, load_schema
from datagen.schemas.files import sha256

VIEWER_LIMIT = 100_000_000


def _write(path: Path, recipe: Recipe, rows: int = 20) -> Path:
    maker = Maker(recipe)
    pieces = [maker.piece(at, min(at + 7, rows)) for at in range(0, rows, 7)]
    write_shard(path, arrow_schema(recipe.schema, images=True), pieces)
    return path


@pytest.fixture(scope="module")
def shard(garden_recipe: Recipe, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _write(tmp_path_factory.mktemp("shard") / "one.parquet", garden_recipe)


TRUTH = {
    "attributes": {
        **dict.fromkeys(
            ["kind", "wearer", "size", "detail", "pattern", "material"], datasets.Value("string")
        ),
        "palette": dict.fromkeys(["name", "ground", "band", "line", "accent"], datasets.Value("string")),
        "parts": datasets.List(datasets.Value("string")),
        "worn": datasets.Value("bool"),
        "view": datasets.Value("string"),
        "backdrop": datasets.Value("string"),
        "box": datasets.List(datasets.Value("int32"), length=4),
    },
    "mask": datasets.Image(),
    "normals": datasets.Image(),
    "depth": datasets.Image(),
}


@pytest.mark.parametrize(
    ("images", "truth"), [(False, ()), (True, ()), (True, ("mask",)), (True, ("attributes", "mask"))]
)
@pytest.mark.parametrize("name", ["burberry", "garden"])
def test_the_metadata_is_what_datasets_writes(
    name: str, images: bool, truth: tuple[str, ...], garden_schema: Schema
) -> None:
    schema = garden_schema if name == "garden" else load_schema(name)
    columns = [column for column in schema.columns if images or column.dtype != "image"]
    theirs = datasets.Features(
        {
            column.name: datasets.Image() if column.dtype == "image" else datasets.Value(column.dtype)
            for column in columns
        }
        | {column: TRUTH[column] for column in truth}
    ).arrow_schema
    ours = arrow_schema(schema, images, truth)
    assert ours.equals(theirs)
    assert json.loads(ours.metadata[b"huggingface"]) == json.loads(theirs.metadata[b"huggingface"])
    assert ours.metadata == theirs.metadata


def test_datasets_reads_the_features_from_the_file_alone(shard: Path, tmp_path: Path) -> None:
    read = datasets.load_dataset(
        "parquet", data_files=str(shard), split="train", cache_dir=str(tmp_path / "cache")
    )
    assert read.features["picture"] == datasets.Image()
    assert read[3]["picture"].size == (96, 128)


def test_every_column_chunk_has_a_page_index_and_its_own_compression(shard: Path) -> None:
    meta = pq.read_metadata(shard)
    for group in range(meta.num_row_groups):
        for at in range(meta.num_columns):
            column = meta.row_group(group).column(at)
            assert column.has_offset_index
            picture = column.path_in_schema == "picture.bytes"
            assert column.compression == ("UNCOMPRESSED" if picture else "SNAPPY"), column.path_in_schema
            assert column.has_column_index != picture
    assert b"content_defined_chunking" in meta.metadata


def test_masks_are_stored_as_pictures_are_and_every_attribute_is_compressed(told_set: Path) -> None:
    meta = pq.read_metadata(min((told_set / "data").iterdir())).row_group(0)
    columns = {meta.column(at).path_in_schema: meta.column(at) for at in range(meta.num_columns)}
    assert {"attributes.box.list.element", "attributes.palette.accent", "mask.path"} <= set(columns)
    for name, column in columns.items():
        is_file = name in ("picture.bytes", "mask.bytes", "normals.bytes", "depth.bytes")
        assert column.compression == ("UNCOMPRESSED" if is_file else "SNAPPY"), name
        assert column.has_offset_index


def test_picture_bytes_are_stored_untouched(shard: Path, garden_recipe: Recipe) -> None:
    maker = Maker(garden_recipe)
    house = garden_recipe.profile.house
    sampler = maker._sampler
    stored = pq.read_table(shard)["picture"].to_pylist()
    for at, product in enumerate(sampler.each(sampler.products(0, 20))):
        content = jpeg(product, House(house.name, house.letters), (96, 128), 90)
        assert stored[at]["bytes"] == content
        assert shard.read_bytes().count(content) == 1


def test_the_same_pieces_give_the_same_bytes(shard: Path, garden_recipe: Recipe, tmp_path: Path) -> None:
    again = _write(tmp_path / "another name.parquet", garden_recipe)
    assert again.read_bytes() == shard.read_bytes()
    assert sha256(again) == hashlib.sha256(again.read_bytes()).hexdigest()


def test_no_row_group_is_too_large_for_the_viewer(garden_recipe: Recipe, tmp_path: Path) -> None:
    schema = arrow_schema(garden_recipe.schema, images=True)
    row = Maker(garden_recipe).piece(0, 1).table.to_pylist()[0]
    row["picture"]["bytes"] = bytes(8_000_000)
    piece = Piece(pa.Table.from_pylist([row], schema=schema), np.ones(1, dtype=bool))
    write_shard(tmp_path / "large.parquet", schema, [piece] * 20)
    meta = pq.read_metadata(tmp_path / "large.parquet")
    sizes = [meta.row_group(at).total_byte_size for at in range(meta.num_row_groups)]
    assert sum(sizes) > 160_000_000
    assert max(sizes) < VIEWER_LIMIT
    assert meta.num_rows == 20


def test_many_rows_without_pictures_come_in_several_groups(garden_recipe: Recipe, tmp_path: Path) -> None:
    recipe = Recipe(garden_recipe.schema, garden_recipe.profile, 40_000, 0, None, 90, 40_000)
    maker = Maker(recipe)
    pieces = [maker.piece(piece.start, piece.stop) for piece in recipe.pieces(recipe.shards()[0])]
    write_shard(tmp_path / "rows.parquet", arrow_schema(recipe.schema, images=False), pieces)
    meta = pq.read_metadata(tmp_path / "rows.parquet")
    assert meta.num_rows == 40_000
    assert max(meta.row_group(at).num_rows for at in range(meta.num_row_groups)) <= 2 * 16_384


def test_families_stand_in_the_metadata(shard: Path, garden_recipe: Recipe) -> None:
    counted = int(pq.read_metadata(shard).metadata[b"families"])
    assert counted == Maker(garden_recipe).piece(0, 20).families
    assert 0 < counted <= 20


def test_a_shard_that_fails_half_way_leaves_nothing(garden_recipe: Recipe, tmp_path: Path) -> None:
    def pieces() -> Iterator[Piece]:
        yield Maker(garden_recipe).piece(0, 5)
        raise OSError(28, "No space left on device")

    target = tmp_path / "shard.parquet"
    target.write_text("what was there")
    with pytest.raises(OSError, match="No space left"):
        write_shard(target, arrow_schema(garden_recipe.schema, images=True), pieces())
    assert [path.name for path in tmp_path.iterdir()] == ["shard.parquet"]
    assert target.read_text() == "what was there"


def test_what_is_no_shard_of_the_set_is_refused(shard: Path, garden_schema: Schema, tmp_path: Path) -> None:
    with open_shard(shard, arrow_schema(garden_schema, images=True)) as opened_shard:
        assert opened_shard.rows == 20
    with (
        pytest.raises(InputError, match="other columns"),
        open_shard(shard, arrow_schema(garden_schema, False)),
    ):
        pass
    (tmp_path / "cut.parquet").write_bytes(shard.read_bytes()[:-50])
    for name in ("cut.parquet", "nowhere.parquet"):
        opened = open_shard(tmp_path / name, arrow_schema(garden_schema, images=True))
        with pytest.raises(InputError, match="cannot be read") as refused, opened:
            pass
        assert "\n" not in str(refused.value)


@given(content=st.binary(max_size=200))
def test_any_bytes_are_refused_as_a_shard(
    content: bytes, garden_schema: Schema, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.parquet"
    path.write_bytes(content)
    with pytest.raises(InputError), open_shard(path, arrow_schema(garden_schema, images=True)):
        pass
