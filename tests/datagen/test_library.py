"""The library: ``make``, ``stream``, and the Faker provider."""

from __future__ import annotations

import inspect
import io
import json
import pydoc
import tracemalloc
from itertools import islice
from pathlib import Path
from typing import Any, get_type_hints

import pyarrow.parquet as pq
import pytest
from datasets.distributed import split_dataset_by_node
from faker import Faker
from PIL import Image
from support.sets import GARDEN

import datagen
from datagen import as_iterable, make, stream
from datagen.faker_provider import ProductProvider
from datagen.generation.recipe import RecipeOptions, RowOptions, write_recipe
from datagen.generation.row_stream import PICTURES_AT_ONCE, RowStream
from datagen.schemas import InputError, load_schema


def test_stream_gives_the_rows_that_make_writes(tmp_path: Path) -> None:
    made = make(40, tmp_path / "set", image_size=(64, 64), seed=5, **GARDEN)
    written = pq.read_table(made.path / "data").to_pylist()
    assert list(stream(40, image_size=(64, 64), seed=5, **GARDEN)) == written
    assert list(stream(7, start=21, image_size=(64, 64), seed=5, **GARDEN)) == written[21:28]


def test_stream_of_the_built_in_catalogue_has_the_real_columns_and_a_picture() -> None:
    row = next(stream(1))
    assert list(row) == [column.name for column in load_schema("burberry").columns]
    picture = Image.open(io.BytesIO(row["image"]["bytes"]))
    assert (picture.format, picture.size) == ("JPEG", (480, 640))
    assert row["image"]["path"] == f"{row['product_code']}.jpg"


def test_stream_refuses_at_the_call_not_at_the_first_row() -> None:
    for wrong in ({"rows": 0}, {"rows": 1, "start": -1}, {"rows": 1, "profile": "nobody"}):
        with pytest.raises(InputError):
            stream(**wrong)  # type: ignore[arg-type]


def test_make_and_stream_take_the_options_of_a_recipe(tmp_path: Path) -> None:
    recipe = inspect.signature(write_recipe).parameters
    options = {name: hint for name, hint in get_type_hints(write_recipe).items() if name in recipe}
    assert options.pop("rows") == int | None
    assert get_type_hints(RecipeOptions) == options, "named and typed alike in both places"
    assert set(get_type_hints(RowOptions)) == set(options) - {"shard_rows", "splits"}
    for function, taken in ((make, RecipeOptions), (stream, RowOptions)):
        shown = inspect.signature(function).parameters
        for name in get_type_hints(taken):
            assert shown[name] == recipe[name], "help() shows each option with its default"
    with pytest.raises(TypeError, match="sead"):
        make(1, tmp_path / "set", sead=2)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="sead"):
        stream(1, sead=2)  # type: ignore[call-arg]


def test_an_endless_stream_ends_with_the_last_code() -> None:
    rows = sum(1 for _ in stream(None, start=72_000, image_size=None, **GARDEN))
    assert 0 < rows < 8_000


def test_stream_takes_constant_memory() -> None:
    rows = stream(None, image_size=None, **GARDEN)
    list(islice(rows, 5_000))
    tracemalloc.start()
    for _ in islice(rows, 5_000):
        pass
    early = tracemalloc.get_traced_memory()[1]
    for _ in islice(rows, 40_000):
        pass
    late = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert late < 1.5 * early + 500_000


SMALL = {
    "image_size": (64, 64),
    "seed": 5,
    "attributes": True,
    "masks": True,
    "keypoints": True,
    "normals": True,
    "depth": True,
    "where": {"group": "Wear"},
}


def test_a_stream_becomes_a_table_of_arrow_a_data_frame_and_datasets() -> None:
    rows = list(stream(7, start=20, **SMALL, **GARDEN))
    wanted = stream(7, start=20, **SMALL, **GARDEN)
    next(wanted)
    assert wanted.to_arrow().to_pylist() == rows
    frame = wanted.to_pandas()
    assert frame["sku"].tolist() == [row["sku"] for row in rows]
    assert str(frame["list_eur"].dtype) == "float64"
    assert frame["picture"][3] == rows[3]["picture"]
    whole = wanted.to_dataset()
    assert (len(whole), whole.column_names) == (7, list(rows[0]))
    assert whole[6]["picture"].size == whole[6]["mask"].size == (64, 64)
    assert next(wanted) == rows[1], "the iteration goes on where it was"


def test_a_stream_becomes_an_iterable_dataset_that_starts_again_in_every_epoch() -> None:
    endless = stream(None, start=3, **SMALL, **GARDEN).to_iterable_dataset()
    rows = list(stream(20, start=3, **SMALL, **GARDEN))
    for _ in range(2):
        read = list(endless.take(20))
        assert [row["sku"] for row in read] == [row["sku"] for row in rows]
        assert [row["attributes"] for row in read] == [row["attributes"] for row in rows]
        assert read[0]["picture"].size == (64, 64)
    parts = stream(40, **SMALL, **GARDEN).to_iterable_dataset()
    assert parts.num_shards == 3
    skus = [row["sku"] for at in range(3) for row in parts.shard(3, at)]
    assert sorted(skus) == sorted(row["sku"] for row in stream(40, **SMALL, **GARDEN))


def test_an_iterable_is_shared_by_nodes_and_resumed_where_it_was() -> None:
    options: dict[str, Any] = {**SMALL, **GARDEN}
    skus = [row["sku"] for row in stream(100, start=5, **options)]
    parts = [split_dataset_by_node(as_iterable(100, start=5, **options), at, 2) for at in range(2)]
    read = [[row["sku"] for row in part] for part in parts]
    assert sorted(read[0] + read[1]) == sorted(skus)
    assert set(read[0]).isdisjoint(read[1])

    reader = as_iterable(100, start=5, **options)
    rows = iter(reader)
    before = [next(rows)["sku"] for _ in range(37)]
    state = json.loads(json.dumps(reader.state_dict()))
    again = as_iterable(100, start=5, **options)
    again.load_state_dict(state)
    assert before + [row["sku"] for row in again] == skus


def test_an_iterable_without_an_end_has_few_stretches_and_small_ones_first() -> None:
    every = RowStream(write_recipe(1, **SMALL, **GARDEN), 3, 3 + 10**7)._stretches()
    assert every[0] == (3, 3 + PICTURES_AT_ONCE)
    assert [stop for _, stop in every[:-1]] == [start for start, _ in every[1:]]
    assert every[-1][1] == 3 + 10**7
    assert len(every) < 10_000
    assert all(stop - start <= max(PICTURES_AT_ONCE, start / 500) for start, stop in every)


def test_a_stream_without_an_end_does_not_become_a_table() -> None:
    with pytest.raises(InputError, match="give the number of rows"):
        stream(None, image_size=None, **GARDEN).to_pandas()


def test_faker_gives_products_by_its_own_seed() -> None:
    fake = Faker()
    fake.add_provider(ProductProvider)
    fake.seed_instance(3)
    first = [fake.product() for _ in range(20)]
    fake.seed_instance(3)
    assert [fake.product() for _ in range(20)] == first
    fake.seed_instance(4)
    assert [fake.product() for _ in range(20)] != first
    assert len(first[0]) == 17
    assert len({row["product_code"] for row in first}) > 15


def test_faker_gives_the_picture_when_asked() -> None:
    fake = Faker()
    fake.add_provider(ProductProvider)
    fake.seed_instance(1)
    plain = fake.product()
    fake.seed_instance(1)
    pictured = fake.product(images=True)
    picture = pictured.pop("image")
    assert pictured == plain
    assert Image.open(io.BytesIO(picture["bytes"])).size == (480, 640)


def test_the_package_shows_its_names_and_loads_each_at_first_use() -> None:
    assert set(datagen.__all__) <= set(dir(datagen))
    for name in datagen.__all__:
        assert getattr(datagen, name) is not None
    shown = pydoc.render_doc(datagen, renderer=pydoc.plaintext)
    for name in ("make(rows", "stream(rows", "pull(source", "push(path", "class MakeResult", "jpeg_quality"):
        assert name in shown
    with pytest.raises(AttributeError, match="makes"):
        datagen.makes  # type: ignore[attr-defined]  # noqa: B018
