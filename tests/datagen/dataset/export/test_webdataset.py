"""Tar files hold every row: picture, mask, values, title and class; the same rows give the same bytes."""

from __future__ import annotations

import io
import json
import tarfile
from itertools import groupby
from pathlib import Path

import datasets
import numpy as np
import pytest
from PIL import Image
from support.sets import change_cell, contents, garden, rows_of

from datagen.dataset.export import webdataset
from datagen.dataset.export.writing import write_export
from datagen.dataset.map_check import read_map
from datagen.product.profile import Profile
from datagen.schemas import InputError


def _samples(path: Path) -> list[dict[str, bytes]]:
    """The samples of a tar file, as the webdataset library reads them: by what is before the first dot."""
    with tarfile.open(path) as tar:
        files = [(member.name.partition("."), tar.extractfile(member).read()) for member in tar]  # type: ignore[union-attr]
    samples = []
    for key, group in groupby(files, key=lambda file: file[0][0]):
        samples.append({"__key__": key.encode(), **{end: content for (_, _, end), content in group}})
    return samples


def test_a_sample_is_the_whole_row(told_set: Path, tmp_path: Path, garden_profile: Profile) -> None:
    target = write_export(told_set, "webdataset", tmp_path / "out").path
    assert sorted(path.name for path in target.iterdir()) == ["classes.txt", "train-000000.tar"]
    kinds = (target / "classes.txt").read_text(encoding="utf-8").splitlines()
    assert kinds == list(garden_profile.kinds)
    samples = _samples(target / "train-000000.tar")
    for number, (sample, row) in enumerate(zip(samples, rows_of(told_set), strict=True)):
        assert sample.pop("__key__") == b"%09d" % number
        assert sample.pop("jpg") == row.pop("picture")["bytes"]
        assert sample.pop("mask.png") == row.pop("mask")["bytes"]
        for name in ("normals", "depth"):
            content, stored = sample.pop(f"{name}.png"), row.pop(name)
            if stored is not None:
                assert content == stored["bytes"]
            else:  # the tar files of a loader have the same files in every row
                values, _ = read_map(name, content, (64, 64))
                assert values is not None
                assert not values.any()
        assert sample.pop("txt").decode() == row["label"]
        assert kinds[int(sample.pop("cls"))] == row["attributes"]["kind"]
        assert json.loads(sample.pop("json")) == row
        assert not sample


def test_a_set_without_ground_truth_has_pictures_values_and_titles(whole_set: Path, tmp_path: Path) -> None:
    target = write_export(whole_set, "webdataset", tmp_path / "out").path
    assert [path.name for path in target.iterdir()] == ["train-000000.tar"]
    assert all(
        set(sample) == {"__key__", "jpg", "json", "txt"} for sample in _samples(target / "train-000000.tar")
    )


def test_rows_are_cut_into_files_and_splits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webdataset, "TAR_ROWS", 7)
    folder = garden(tmp_path / "set", 40, splits={"train": 0.6, "test": 0.4}, masks=True)
    target = write_export(folder, "webdataset", tmp_path / "out").path
    samples = [sample for path in sorted(target.glob("test-*")) for sample in _samples(path)]
    samples = [sample for path in sorted(target.glob("train-*")) for sample in _samples(path)] + samples
    by_split = sorted((folder / "data").iterdir(), key=lambda path: not path.name.startswith("train"))
    assert len(by_split) > 2
    assert [int(sample["__key__"]) for sample in samples] == list(range(40))
    assert {len(_samples(path)) for path in target.iterdir()} <= set(range(1, 8))
    whole = contents(target)
    smaller = garden(tmp_path / "smaller", 20, splits={"train": 0.6, "test": 0.4}, masks=True)
    write_export(smaller, "webdataset", target, overwrite=True)
    write_export(folder, "webdataset", target, overwrite=True)
    assert contents(target) == whole
    (target / "train-mine.tar").write_bytes(b"mine")
    with pytest.raises(InputError, match="not be overwritten"):
        write_export(folder, "webdataset", target, overwrite=True)


def test_members_hold_no_time_and_no_owner(told_set: Path, tmp_path: Path) -> None:
    first, again = (write_export(told_set, "webdataset", tmp_path / name).path for name in ("a", "b"))
    assert contents(first) == contents(again)
    with tarfile.open(first / "train-000000.tar") as tar:
        for member in tar:
            assert (member.mtime, member.uid, member.gid, member.uname, member.gname) == (0, 0, 0, "", "")
            assert member.isfile()


def test_datasets_reads_it(told_set: Path, tmp_path: Path) -> None:
    target = write_export(told_set, "webdataset", tmp_path / "out").path
    read = datasets.load_dataset("webdataset", data_dir=str(target), cache_dir=str(tmp_path / "cache"))
    assert list(read) == ["train"]
    for theirs, row in zip(read["train"], rows_of(told_set), strict=True):
        assert theirs["jpg"].size == theirs["mask.png"].size == theirs["depth.png"].size == (64, 64)
        if row["depth"] is not None:
            assert np.array_equal(theirs["depth.png"], Image.open(io.BytesIO(row["depth"]["bytes"])))
        assert theirs["txt"] == row["label"]
        assert theirs["json"]["keypoints"] == row["keypoints"]


def test_a_picture_of_another_suffix_is_refused(own_set: Path, tmp_path: Path) -> None:
    change_cell(own_set, 12, "picture", {**rows_of(own_set)[12]["picture"], "path": "x.json"})
    with pytest.raises(InputError, match=r"is no \.jpg, \.png or \.webp"):
        write_export(own_set, "webdataset", tmp_path / "out")
    assert not (tmp_path / "out").exists()
