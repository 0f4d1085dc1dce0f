"""The card says what the Hub reads, agrees with the shards, and holds nothing of the machine."""

from __future__ import annotations

import re
import shlex
from collections import Counter
from pathlib import Path
from typing import Any

import datasets
import pyarrow.parquet as pq
import pytest
import yaml
from click.testing import CliRunner
from huggingface_hub import DatasetCard
from support.sets import GARDEN, OPTIONS, contents, garden, rows_of, run

from datagen import make
from datagen.cli import main
from datagen.dataset.card import size_category

KEYS = {
    "license",
    "language",
    "pretty_name",
    "annotations_creators",
    "source_datasets",
    "size_categories",
    "task_categories",
    "tags",
    "configs",
    "dataset_info",
}


@pytest.fixture(scope="module")
def pictured(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return garden(tmp_path_factory.mktemp("card") / "pictured", rows=25, seed=3)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return garden(
        tmp_path_factory.mktemp("card") / "plain", rows=1500, image_size=None, shard_rows=None,
        where={"group": ["Wear"]},
    )  # fmt: skip


@pytest.fixture(scope="module")
def counted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return garden(
        tmp_path_factory.mktemp("card") / "counted", rows=30, image_size=None,
        count={"Coats": 9, "kind:tote": 7}, where=["price>=20", "colourway=black,navy"],
    )  # fmt: skip


@pytest.fixture(scope="module")
def balanced(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return garden(
        tmp_path_factory.mktemp("card") / "balanced", rows=30, image_size=None,
        balance="kind", where={"kind": ["cap", "tote", "trench_coat"], "price": "5..500"},
    )  # fmt: skip


def _front(folder: Path) -> dict[str, Any]:
    text = (folder / "README.md").read_text(encoding="utf-8")
    front = yaml.safe_load(text.split("---\n")[1])
    assert isinstance(front, dict)
    return front


def test_the_front_matter_has_all_keys(pictured: Path, plain: Path) -> None:
    for folder, category in ((pictured, "n<1K"), (plain, "1K<n<10K")):
        front = _front(folder)
        assert set(front) == KEYS
        assert all(front[key] for key in KEYS)
        assert "synthetic" in front["tags"]
        assert front["size_categories"] == [category]
        assert front["annotations_creators"] == ["machine-generated"]
    assert "image-to-text" in _front(pictured)["task_categories"]
    assert "image" not in _front(plain)["tags"]


def test_the_hub_client_reads_the_card(pictured: Path) -> None:
    card = DatasetCard.load(pictured / "README.md")
    assert card.data.pretty_name == "Synthetic Tools of a garden shop"
    assert card.data.to_dict()["license"] == "cc0-1.0"
    assert "Everything here is synthetic" in card.text


def test_the_card_agrees_with_the_shards(pictured: Path, plain: Path, told_set: Path) -> None:
    for folder in (pictured, plain, told_set):
        info = _front(folder)["dataset_info"]
        shards = sorted((folder / "data").iterdir())
        metas = [pq.read_metadata(path) for path in shards]
        assert info["splits"][0]["num_examples"] == sum(meta.num_rows for meta in metas)
        assert info["download_size"] == sum(path.stat().st_size for path in shards)
        uncompressed = sum(
            meta.row_group(at).total_byte_size for meta in metas for at in range(meta.num_row_groups)
        )
        assert info["dataset_size"] == info["splits"][0]["num_bytes"] == uncompressed
        read = datasets.Features._from_yaml_list(info["features"])
        assert read == datasets.Features.from_arrow_schema(pq.read_schema(shards[0]))


def test_load_dataset_opens_the_folder(pictured: Path, tmp_path: Path) -> None:
    read = datasets.load_dataset(str(pictured), cache_dir=str(tmp_path / "cache"))
    assert list(read) == ["train"]
    assert read["train"].features["picture"] == datasets.Image()
    assert read["train"].features["now_usd"] == datasets.Value("float64")
    assert read["train"][0]["picture"].size == (64, 64)
    rows = rows_of(pictured)
    assert read["train"].remove_columns("picture").to_list() == [
        {name: value for name, value in row.items() if name != "picture"} for row in rows
    ]
    raw = read["train"].cast_column("picture", datasets.Image(decode=False))
    assert [row["picture"] for row in raw] == [row["picture"] for row in rows]


def test_the_card_tells_what_pictures_show_only_where_it_is_told(pictured: Path, told_set: Path) -> None:
    with_truth, without = (
        (folder / "README.md").read_text(encoding="utf-8") for folder in (told_set, pictured)
    )
    assert "## What the pictures show" in with_truth
    assert "| 1 | subject: the product |" in with_truth
    assert "`depth` is a 16-bit PNG of the picture's size: millimetres" in with_truth
    assert 'input_columns="normals")` leaves them out' in with_truth
    assert "--normals --depth" in with_truth
    assert {"image-segmentation", "depth-estimation"} <= set(_front(told_set)["task_categories"])
    assert "show" not in re.sub(r"How it.*", "", without, flags=re.DOTALL)
    assert "segmentation" not in without
    assert "depth" not in without


@pytest.mark.parametrize("which", ["pictured", "plain", "told_set", "counted", "balanced"])
def test_the_command_of_the_card_makes_the_same_bytes(
    which: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder: Path = request.getfixturevalue(which)
    text = (folder / "README.md").read_text(encoding="utf-8")
    command = next(line for line in text.splitlines() if line.startswith("datagen make"))
    words = shlex.split(command)
    words[words.index("--out") + 1] = str(tmp_path / "again")
    monkeypatch.chdir(folder)
    done = CliRunner().invoke(main, words[1:])
    assert done.exit_code == 0, done.output
    assert contents(tmp_path / "again") == contents(folder)


def test_the_figures_are_those_of_the_rows(plain: Path) -> None:
    text = (plain / "README.md").read_text(encoding="utf-8")
    prices = sorted(row["list_eur"] for row in rows_of(plain))
    assert f"| {prices[0]:,.0f}, " in text
    assert f", {prices[-1]:,.0f} |" in text
    assert "| rows | 1,500 |" in text
    assert "\n| `group` | `Wear` |\n" in text
    shares = [line.split(" | ")[1:3] for line in text.split("| `subgroup` | rows |")[1].splitlines()[2:]][:2]
    most = Counter(row["subgroup"] for row in rows_of(plain)).most_common(1)[0][1]
    assert shares[0] == [f"{most:,}", f"{most / 15:.1f} %"]


def test_no_file_knows_when_where_or_by_whom_it_was_made(pictured: Path, tmp_path: Path) -> None:
    place = tmp_path / "q1w2e3-place"
    place.mkdir()
    words = ("--rows", 25, "--seed", 3, "--image-size", "64x64", "--shard-rows", 10, *OPTIONS)
    someone = {"USER": "q1w2e3", "LOGNAME": "q1w2e3", "HOME": str(place), "TZ": "Asia/Tokyo", "LC_ALL": "C"}
    done = run("make", *words, "--out", place / "q1w2e3-set", cwd=place, environment=someone)
    assert done.returncode == 0, done.stderr
    files = contents(place / "q1w2e3-set")
    assert files == contents(pictured)
    for name, content in files.items():
        for word in (b"q1w2e3", b"/tmp", b"/home", str(GARDEN["schema"].parent).encode()):
            assert word not in content, name
        if not name.startswith("data/") and not name.endswith(".jpg"):
            assert not re.search(r"20\d\d-\d\d-\d\d|\d\d:\d\d", content.decode()), name


def test_sets_of_any_size_have_a_category_of_the_hub() -> None:
    rows = [1, 999, 1000, 9_999, 10**4, 10**5, 10**6, 10**7]
    assert [size_category(count) for count in rows] == [
        "n<1K", "n<1K", "1K<n<10K", "1K<n<10K", "10K<n<100K", "100K<n<1M", "1M<n<10M", "10M<n<100M",
    ]  # fmt: skip


def test_the_built_in_catalogue_has_a_card_too(tmp_path: Path) -> None:
    folder = make(20, tmp_path / "set", image_size=None).path
    front = _front(folder)
    assert set(front) == KEYS
    assert len(front["dataset_info"]["features"]) == 17
    DatasetCard.load(folder / "README.md")
