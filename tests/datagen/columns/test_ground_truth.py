"""What a picture shows stands in columns that files, the Hub and ``datasets`` give back unchanged."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import datasets
import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image
from support.hub_server import Hub
from support.sets import GARDEN, ROOT, Run, contents, garden, rows_of

from datagen import stream
from datagen.columns.ground_truth import (
    FEATURES,
    LABELS,
    OPTIONS,
    TYPES,
    array,
    bounds,
    hexed,
    map_png,
    mask_png,
)
from datagen.dataset.map_check import read_map
from datagen.dataset.truth_check import read_mask
from datagen.product.profile import Profile
from datagen.product.sampler import Sampler
from datagen.render.keypoints import keypoints
from datagen.render.maps import maps
from datagen.render.truth import truth
from datagen.schemas.folder import ATTRIBUTES

SET = "alice/set"

TRUTH = tuple(OPTIONS)
TOLD = {option.removeprefix("--"): True for option in OPTIONS.values()}
"""The columns of ground truth, and the options that add all of them."""

# The official client uploads through LFS in a way that httpx2 finds old-fashioned.
lfs = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")

WORDS = st.text(max_size=5)
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            **dict.fromkeys(["kind", "wearer", "size", "detail", "pattern", "material"], WORDS),
            "palette": st.fixed_dictionaries(
                dict.fromkeys(["name", "ground", "band", "line", "accent"], WORDS)
            ),
            "parts": st.lists(WORDS, max_size=4),
            "worn": st.booleans(),
            "view": WORDS,
            "backdrop": WORDS,
            "box": st.lists(st.integers(-(2**31), 2**31 - 1), min_size=4, max_size=4),
        }
    ),
    max_size=4,
)


@given(ROWS)
def test_any_rows_become_an_array_of_them(rows: list[dict[str, Any]]) -> None:
    made = array(rows, TYPES[ATTRIBUTES])
    made.validate(full=True)
    assert made.type == TYPES[ATTRIBUTES]
    assert made.to_pylist() == rows


@given(arrays(np.uint8, st.tuples(st.integers(1, 9), st.integers(1, 9)), elements=st.integers(0, 2)))
def test_a_mask_is_a_png_of_labels(mask: np.ndarray[Any, np.dtype[np.uint8]]) -> None:
    content = mask_png(mask)
    with Image.open(io.BytesIO(content)) as picture:
        assert (picture.format, picture.mode) == ("PNG", "P")
        assert np.array_equal(np.asarray(picture), mask)
        assert len(set(picture.convert("RGB").get_flattened_data())) == len(np.unique(mask))
    assert read_mask(content, (mask.shape[1], mask.shape[0]))[1] == ""
    x0, y0, x1, y1 = bounds(mask)
    assert (mask[y0:y1, x0:x1] == 1).sum() == (mask == 1).sum()
    for edge in (mask[y0, x0:x1], mask[y1 - 1, x0:x1], mask[y0:y1, x0], mask[y0:y1, x1 - 1]):
        assert (1 in edge) == (1 in mask)


@given(
    arrays(np.uint16, st.tuples(st.integers(1, 9), st.integers(1, 9)))
    | arrays(np.uint8, st.tuples(st.integers(1, 9), st.integers(1, 9), st.just(3)))
)
def test_a_map_is_a_png_of_its_values(values: np.ndarray[Any, np.dtype[Any]]) -> None:
    content, name = map_png(values), "depth" if values.ndim == 2 else "normals"
    with Image.open(io.BytesIO(content)) as picture:
        assert (picture.format, picture.size) == ("PNG", values.shape[1::-1])
        assert np.array_equal(np.asarray(picture), values)
    bits, kind = content[24], content[25]
    assert (bits, kind) == ((16, 0) if name == "depth" else (8, 2)), "grey of 16 bits, or colour"
    read, wrong = read_map(name, content, (values.shape[1], values.shape[0]))
    assert wrong == ""
    assert np.array_equal(read, values)


def test_a_row_tells_of_its_product_and_its_picture(told_set: Path, garden_profile: Profile) -> None:
    sampler = Sampler(garden_profile, 0)
    rows = rows_of(told_set)
    assert list(rows[0])[-5:] == ["attributes", "mask", "keypoints", "normals", "depth"]
    for product, row in zip(sampler.each(sampler.products(0, 24)), rows, strict=True):
        told, known = row["attributes"], truth(product, (64, 64))
        assert (told["kind"], told["wearer"], told["size"]) == (product.kind, product.wearer, product.size)
        assert (told["detail"], told["pattern"]) == (product.detail, product.pattern)
        assert (told["material"], told["view"]) == (product.material, product.view)
        assert told["backdrop"] == product.backdrop
        assert list(told["palette"].values()) == [product.colourway.name, *map(hexed, product.colourway[1:])]
        assert (told["parts"], told["worn"]) == (list(known.parts), known.worn)
        assert told["box"] == list(known.box)
        assert row["mask"]["path"] == f"{row['sku']}-mask.png"
        assert np.array_equal(Image.open(io.BytesIO(row["mask"]["bytes"])), known.mask)
        assert row["keypoints"] == keypoints(product, (64, 64)).tolist()
        surfaces = maps(product, (64, 64))
        for name in ("normals", "depth"):
            assert (row[name] is None) == (surfaces is None)
            if surfaces is not None:
                assert row[name]["path"] == f"{row['sku']}-{name}.png"
                stored = Image.open(io.BytesIO(row[name]["bytes"]))
                assert np.array_equal(stored, getattr(surfaces, name))
    nulls = [row["depth"] is None for row in rows]
    assert any(nulls), "some are drawn from silhouettes"
    assert not all(nulls)
    assert len({row["attributes"]["kind"] for row in rows}) > 3


def test_ground_truth_changes_no_row_and_without_it_nothing_tells_of_it(
    whole_set: Path, told_set: Path
) -> None:
    told = rows_of(told_set)
    for row in told:
        for name in TRUTH:
            del row[name]
    assert told == rows_of(whole_set)
    for name in ("manifest.json", "README.md"):
        assert "attributes" not in (whole_set / name).read_text(encoding="utf-8")
        assert "mask" not in (whole_set / name).read_text(encoding="utf-8")
        assert "keypoint" not in (whole_set / name).read_text(encoding="utf-8")
        assert "normals" not in (whole_set / name).read_text(encoding="utf-8")
        assert "depth" not in (whole_set / name).read_text(encoding="utf-8")


@given(at=st.integers(0, 23), count=st.integers(1, 24))
@settings(max_examples=10)
def test_stream_gives_the_ground_truth_of_make(told_set: Path, at: int, count: int) -> None:
    count = min(count, 24 - at)
    streamed = stream(count, start=at, image_size=(64, 64), **TOLD, **GARDEN)
    assert list(streamed) == rows_of(told_set)[at : at + count]


def test_the_example_in_the_docs_is_what_the_code_gives() -> None:
    text = (ROOT / "docs" / "attributes.md").read_text(encoding="utf-8")
    example = json.loads(text.split("```json\n")[1].split("```")[0])
    told = next(stream(1, attributes=True))["attributes"]
    assert list(example) == list(told) == list(FEATURES[ATTRIBUTES])
    # Where the product stands follows every change of the drawing, and the docs need not.
    assert len(example.pop("box")) == len(told.pop("box")) == 4
    assert example == told
    for name in FEATURES[ATTRIBUTES]:
        assert f"| `{name}` | " in text
    for label, meaning in LABELS.items():
        assert f"| {label} | {meaning} |" in text


def test_datasets_opens_the_folder_and_decodes_both(told_set: Path, tmp_path: Path) -> None:
    read = datasets.load_dataset(str(told_set), split="train", cache_dir=str(tmp_path / "cache"))
    assert read.features == datasets.Features.from_arrow_schema(
        pq.read_schema(min((told_set / "data").iterdir()))
    )
    assert read.features["mask"] == datasets.Image()
    assert read.features["attributes"]["box"] == datasets.List(datasets.Value("int32"), length=4)
    again = datasets.Features.from_dict(json.loads(json.dumps(read.features.to_dict())))
    assert again == read.features
    for theirs, row in zip(read, rows_of(told_set), strict=True):
        assert theirs["attributes"] == row["attributes"]
        assert theirs["keypoints"] == row["keypoints"]
        for name, kind in (("normals", np.uint8), ("depth", np.uint16)):
            assert (theirs[name] is None) == (row[name] is None)
            if theirs[name] is not None:
                values = np.asarray(theirs[name])
                assert values.dtype == kind
                assert np.array_equal(values, Image.open(io.BytesIO(row[name]["bytes"])))
        if theirs["depth"] is not None:
            far = np.asarray(theirs["depth"])
            assert 100 < far.max() < 10_000, "millimetres, not a picture of 8 bits"
            assert np.array_equal(far > 0, np.asarray(theirs["mask"]) > 0)
        labels = np.asarray(theirs["mask"])
        assert labels.shape == (64, 64) == theirs["picture"].size
        assert row["attributes"]["box"] == list(bounds(labels))
    assert read.filter(lambda told: told["worn"], input_columns="attributes").num_rows > 0
    with_maps = read.filter(lambda cell: cell is not None, input_columns="depth")
    assert with_maps.num_rows == sum(row["depth"] is not None for row in rows_of(told_set))


def test_making_it_needs_no_pandas() -> None:
    code = (
        "import sys; from datagen.generation.maker import Maker; "
        "from datagen.generation.recipe import write_recipe; "
        "recipe = write_recipe(3, image_size=(64, 64), attributes=True, masks=True, depth=True); "
        "Maker(recipe).piece(0, 3); print('pandas' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout == "False\n"


def test_the_command_makes_it(run: Run, told_set: Path, tmp_path: Path) -> None:
    words = ["make", "--rows", 24, "--image-size", "64x64", "--shard-rows", 10]
    words += [
        "--attributes",
        "--masks",
        "--keypoints",
        "--normals",
        "--depth",
        "--schema",
        GARDEN["schema"],
        "--profile",
        GARDEN["profile"],
        "--out",
        tmp_path / "set",
    ]
    plan = json.loads(run(*words, "--dry-run", "--json").stdout)
    assert [plan[name] for name in TOLD] == [True] * len(TOLD)
    assert run(*words, "--quiet").exit_code == 0
    assert contents(tmp_path / "set") == contents(told_set)
    done = run(*words[:3], "--no-images", "--masks", "--keypoints")
    assert done.exit_code == 2
    assert "leave out --no-images, or --masks and --keypoints." in done.stderr


@lfs
def test_the_hub_gives_it_back_and_refuses_a_set_without_it(
    hub: Hub, run: Run, told_set: Path, whole_set: Path, tmp_path: Path
) -> None:
    assert run("push", told_set, SET).exit_code == 0
    back = tmp_path / "back"
    assert run("pull", SET, "--out", back).exit_code == 0
    here, there = contents(told_set), contents(back)
    assert here.pop("README.md") != there.pop("README.md")
    assert here == there
    assert run("verify", back).exit_code == 0
    assert json.loads(run("push", back, SET, "--json").stdout)["sent"] == 0
    refused = run("push", whole_set, SET)
    assert "The config default of alice/" in refused.stderr
    assert "has other columns (attributes" in refused.stderr


@lfs
def test_pulled_as_a_catalogue_it_loses_only_the_ground_truth(
    hub: Hub, run: Run, told_set: Path, tmp_path: Path
) -> None:
    run("push", told_set, SET)
    run("export", told_set, "--format", "imagefolder", "--out", tmp_path / "loose")
    rows = rows_of(told_set)
    for row in rows:
        for name in TRUTH:
            del row[name]
    sources = [SET, min((told_set / "data").iterdir()), tmp_path / "loose"]
    for at, source in enumerate(sources):
        out = tmp_path / f"taken{at}"
        words = ["--schema", GARDEN["schema"], "--limit", 10, "--out", out, "--json"]
        done = run("pull", source, *words, *(["--map", "image=picture"] if at == 2 else []))
        told = json.loads(done.stdout)
        assert (told["rows"], told["rejected"]) == (10, 0), done.stderr
        assert {"attributes", "mask", "keypoints"} <= set(told["unused"])
        assert rows_of(out) == rows[:10]


def test_a_set_without_pictures_has_none(tmp_path: Path) -> None:
    names = pq.read_schema(min((garden(tmp_path / "rows", 3, image_size=None) / "data").iterdir())).names
    assert not {"attributes", "mask", "keypoints"} & set(names)
