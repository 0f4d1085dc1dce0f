"""The sections on pictures: two draws of one catalogue, pictures that differ, what cannot be compared."""

from __future__ import annotations

import io
import shutil
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from PIL import Image, ImageFilter
from support.sets import garden, replace_shard, rows_of

from datagen.dataset.folder import open_folder
from datagen.report.figures import Figure, Section
from datagen.report.pictures.sections import picture_sections
from datagen.report.pictures.sets import PictureSet, read_pictures, shown
from datagen.report.sets.rows import compare, read_folder
from datagen.report.sets.source import Source

ROWS, SHARD = 120, 60


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two draws of the garden shop, and one of which every picture is blurred and on a dark backdrop."""
    path = tmp_path_factory.mktemp("pictures")
    for name, seed in (("real", 0), ("made", 7)):
        garden(path / name, ROWS, seed=seed, shard_rows=SHARD, image_size=(96, 128))
    shutil.copytree(path / "made", path / "blurred")
    for at in range(ROWS // SHARD):
        change_pictures(path / "blurred", at, blurred)
    return path


def change_pictures(folder: Path, shard: int, change: object) -> None:
    """Put other bytes into every picture of a shard."""
    path = sorted((folder / "data").iterdir())[shard]
    table = pq.read_table(path)
    rows = table.to_pylist()
    for row in rows:
        row["picture"]["bytes"] = change(row["picture"]["bytes"])  # type: ignore[operator]
    replace_shard(folder, shard, type(table).from_pylist(rows, schema=table.schema))


def blurred(content: bytes) -> bytes:
    picture = (
        Image.open(io.BytesIO(content)).filter(ImageFilter.GaussianBlur(1.5)).point(lambda level: level * 0.8)
    )
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=90)
    return file.getvalue()


def sections(real: Path, made: Path) -> list[Section]:
    sources = [Source(path.name, open_folder(path)) for path in (real, made)]
    sets = compare(*(read_folder(source.folder, 0, name=source.name) for source in sources), 0)
    return picture_sections(sets, *sources, None, lambda stage, done, total: None)


@pytest.fixture(scope="module")
def alike(place: Path) -> list[Section]:
    return sections(place / "real", place / "made")


@pytest.fixture(scope="module")
def unlike(place: Path) -> list[Section]:
    return sections(place / "real", place / "blurred")


def figure(section: Section, name: str) -> Figure:
    return next(each for each in section.figures if each.name == name)


def test_two_draws_of_one_catalogue_are_not_told_apart(alike: list[Section]) -> None:
    pictures = alike[0]
    told = figure(pictures, "two-sample AUC of pictures")
    assert told.low is not None
    assert told.low < 0.6
    assert set(told.references) == {"other half", "resample", "shuffled", "chance"}
    assert told.references["shuffled"] > 0.7
    for name in ("precision", "coverage"):
        assert (figure(pictures, name).value or 0) > 0.7


def test_other_pictures_are_told_apart_and_the_table_says_by_what(unlike: list[Section]) -> None:
    told = figure(unlike[0], "two-sample AUC of pictures")
    assert told.value is not None
    assert told.value > 0.95
    assert told.verdict in {"fail", "none"}
    kid = figure(unlike[0], "KID")
    assert kid.low is not None
    assert kid.low > kid.references["other half"]
    (table,) = unlike[0].tables
    telling = [row[0] for row in table.rows[:6]]
    assert "backdrop brightness" in telling
    assert {"outline strength", "texture inside", "edges inside"} & set(telling)


def test_what_pictures_teach_stands_beside_what_real_ones_teach(alike: list[Section]) -> None:
    use = alike[1]
    category = figure(use, "category from picture: share right")
    assert category.value is not None
    assert category.value > category.references["chance"]
    assert category.references["other half"] > category.references["shuffled"]
    assert figure(use, "log price from picture: R2").better == "higher"
    (table,) = use.tables
    assert [row[1] for row in table.rows[:3]] == ["10 %, 6", "30 %, 18", "100 %, 60"]


def test_sheets_show_both_sides_with_the_same_category_at_the_same_place(
    place: Path, alike: list[Section]
) -> None:
    side, away = alike[0].sheets
    assert len(side.real) == len(side.synthetic) > 8
    assert len(away.synthetic) >= 8
    group = {row["label"]: row["group"] for name in ("real", "made") for row in rows_of(place / name)}
    same = [
        group[real.caption.rpartition(", ")[0]] == group[made.caption.rpartition(", ")[0]]
        for real, made in zip(side.real, side.synthetic, strict=True)
    ]
    assert sum(same) >= len(same) / 2
    assert all(picture.jpeg.startswith(b"\xff\xd8") and picture.width <= 108 for picture in side.real)


def test_the_same_sets_give_the_same_sections(place: Path, alike: list[Section]) -> None:
    assert sections(place / "real", place / "made") == alike


def test_without_pictures_on_one_side_it_says_so(place: Path, tmp_path: Path) -> None:
    garden(tmp_path / "bare", 60, image_size=None)
    for each in sections(tmp_path / "bare", place / "made"):
        assert each.not_computed == "bare has no pictures"
        assert each.verdict == "none"


def test_few_pictures_are_not_compared(place: Path, tmp_path: Path) -> None:
    garden(tmp_path / "few", 10, image_size=(64, 64))
    (first, _) = sections(place / "real", tmp_path / "few")
    assert (
        first.not_computed
        == "it takes 20 pictures in each half of the real set and in the synthetic one, not 10"
    )


def test_damaged_pictures_are_counted_and_left_out(place: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(place / "made", tmp_path / "hurt")
    change_pictures(folder, 0, lambda content: content[:40])
    read = read_pictures(open_folder(folder), np.arange(ROWS), lambda done: None)
    assert isinstance(read, PictureSet)
    assert (len(read.numbers), read.unreadable) == (ROWS - SHARD, SHARD)
    assert read.numbers.min() == SHARD
    assert shown(open_folder(folder), [0], ["x"]) == ()
    change_pictures(folder, 1, lambda content: b"")
    assert (
        read_pictures(open_folder(folder), np.arange(ROWS), lambda done: None)
        == "has no picture that can be decoded"
    )
