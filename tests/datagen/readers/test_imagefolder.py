"""Folders of pictures: rows name their pictures by paths that stay inside."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from datagen.readers.imagefolder import imagefolder
from datagen.readers.source import IMAGE
from datagen.schemas import InputError

from .conftest import Reading, read


def make(root: Path, *pictures: str) -> None:
    for name in pictures:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(b"\xff\xd8")


def got(root: Path, *files: str, **options: Any) -> Reading:
    return read(imagefolder(root, files, "it"), **options)


def paths(found: Reading) -> list[str | None]:
    assert all(row["image"] is None or row["image"]["bytes"] is None for row in found.rows)
    return [row["image"] and row["image"]["path"] for row in found.rows]


def test_metadata_names_the_pictures_relative_to_itself(tmp_path: Path) -> None:
    make(tmp_path, "train/a.jpg", "train/sub/b.jpg", "train/unnamed.jpg")
    (tmp_path / "train/metadata.csv").write_text("title,file_name\nA,a.jpg\nB,sub/b.jpg\nC,\nD,none.jpg\n")
    files = ("train/a.jpg", "train/sub/b.jpg", "train/metadata.csv")
    file = imagefolder(tmp_path, files, "it")
    assert (file.columns, file.typed) == (("title", "image"), False)
    for rows in (4096, 1):
        found = read(file, rows=rows)
        assert paths(found) == ["train/a.jpg", "train/sub/b.jpg", None, "train/none.jpg"]
        assert [row["title"] for row in found.rows] == ["A", "B", "C", "D"]
    (batch,) = file.read(("image",), 4096)
    assert batch.table.schema.field("image").type == IMAGE
    assert read(file, ("title",)).rows[0] == {"title": "A"}


def test_every_kind_of_metadata(tmp_path: Path) -> None:
    make(tmp_path, "a.jpg", "m.png")
    rows = [{"file_name": "a.jpg", "mask_file_name": "m.png", "n": 1}]
    (tmp_path / "metadata.jsonl").write_text('{"file_name": "a.jpg", "mask_file_name": "m.png", "n": 1}')
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "metadata.parquet")
    for name, typed in (("metadata.jsonl", False), ("metadata.parquet", True)):
        file = imagefolder(tmp_path, ("a.jpg", name), "it")
        assert (file.columns, file.typed) == (("image", "mask", "n"), typed)
        (row,) = read(file).rows
        assert row["image"] == {"bytes": None, "path": "a.jpg"}
        assert row["mask"] == {"bytes": None, "path": "m.png"}
        assert str(row["n"]) == "1"


def test_a_picture_outside_costs_its_row(tmp_path: Path) -> None:
    root = tmp_path / "root"
    make(root, "a.jpg")
    make(tmp_path, "secret.jpg")
    (root / "link.jpg").symlink_to(tmp_path / "secret.jpg")
    (root / "metadata.csv").write_text(
        "file_name,n\na.jpg,0\n../secret.jpg,1\n/etc/passwd,2\nlink.jpg,3\nragged\na.jpg,5\n"
    )
    found = got(root, "a.jpg", "metadata.csv")
    assert [row["n"] for row in found.rows] == ["0", "5"]
    outside = "names a picture outside its folder"
    assert found.reasons == {1: outside, 2: outside, 3: outside, 4: "has 1 cell, not 2"}
    assert found.invalid[0].text == "../secret.jpg"
    assert got(root, "a.jpg", "metadata.csv", columns=("n",)).reasons == found.reasons
    found = got(root, "a.jpg", "link.jpg")
    assert (paths(found), found.reasons) == (["a.jpg"], {1: outside})


def test_folders_name_classes_where_they_tell_something(tmp_path: Path) -> None:
    files = ("bags/1.jpg", "bags/2.jpg", "coats/1.png")
    make(tmp_path, *files, "3.jpg")
    for rows in (4096, 2):
        found = got(tmp_path, *files, rows=rows)
        assert paths(found) == list(files)
        assert [row["label"] for row in found.rows] == ["bags", "bags", "coats"]
    assert got(tmp_path, *files, columns=("label",)).rows[0] == {"label": "bags"}
    assert imagefolder(tmp_path, ("3.jpg", *files), "it").columns == ("image",)
    assert imagefolder(tmp_path, files[:2], "it").columns == ("image",)


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("title,name", "it/metadata.csv has no column file_name to name the picture of a row; add one."),
        ("file_name,image", "it/metadata.csv has a column image as well as file_name; rename it."),
        ("", "it/metadata.csv is empty; a table needs a header."),
    ],
)
def test_metadata_that_names_no_pictures_is_one_sentence(tmp_path: Path, header: str, said: str) -> None:
    (tmp_path / "metadata.csv").write_text(header)
    with pytest.raises(InputError) as error:
        got(tmp_path, "a.jpg", "metadata.csv")
    assert str(error.value) == said
