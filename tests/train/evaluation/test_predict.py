"""Picture files from anywhere: found, read safely, answered in order, faults beside answers."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from support.tiny_base import TEMPLATE, encoded, tiny_base

from datagen.schemas import InputError
from datagen.train.chat.conversation import Template
from datagen.train.data import picture_files as module
from datagen.train.data.picture_files import find_pictures, read_picture_file
from datagen.train.evaluation.generate import answers
from datagen.train.evaluation.predict import predict


@pytest.fixture(scope="module")
def base() -> Any:
    return tiny_base()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "more").mkdir()
    (tmp_path / "b.jpg").write_bytes(encoded(60, 90, 1, "JPEG"))
    (tmp_path / "a.png").write_bytes(encoded(90, 60, 2))
    (tmp_path / "more" / "c.WEBP").write_bytes(encoded(80, 80, 3, "WEBP"))
    (tmp_path / "notes.txt").write_text("no picture")
    return tmp_path


def test_files_are_answered_in_order_with_their_errors(base: Any, folder: Path) -> None:
    files = [folder / "b.jpg", folder / "none.png", folder / "notes.txt", folder / "a.png"]
    found = predict(base, files, TEMPLATE, max_new_tokens=8)
    assert [one.picture for one in found] == [str(file) for file in files]
    assert [one.answer for one in found][::3] == answers(
        base, [files[0].read_bytes(), files[3].read_bytes()], TEMPLATE, max_new_tokens=8
    )
    assert found[0].error is found[3].error is None
    assert found[1].error == f"{files[1]} cannot be opened (No such file or directory)."
    assert "not a JPEG, PNG or WebP" in str(found[2].error)
    assert json.loads(json.dumps(found[1].as_json()))["answer"] is None


def test_each_answer_is_given_as_soon_as_its_batch_is_done(base: Any, folder: Path) -> None:
    (folder / "large.png").write_bytes(encoded(300, 200, 4))
    files = [folder / "b.jpg", folder / "none.png", folder / "large.png", folder / "a.png"]
    told: list[Any] = []
    counts: list[int] = []
    found = predict(
        base,
        files,
        TEMPLATE,
        batch_size=1,
        max_new_tokens=4,
        found=told.append,
        progress=lambda _: counts.append(len(told)),
    )
    assert [one.picture for one in found] == [str(file) for file in files]
    assert sorted(told, key=found.index) == found
    assert told[0].error is not None
    assert counts == [2, 3, 4]


def test_the_answer_is_read_into_fields(base: Any, folder: Path) -> None:
    template = Template(answer="{title}")  # whatever is said is a title
    found = predict(base, [folder / "b.jpg"], template, max_new_tokens=8)
    assert found[0].fields == {"title": " ".join(found[0].answer.partition("\n")[0].split())}


def test_folders_are_searched_in_order_and_files_are_taken_as_they_are(folder: Path) -> None:
    assert find_pictures([folder / "notes.txt", folder]) == [
        folder / "notes.txt",
        folder / "a.png",
        folder / "b.jpg",
        folder / "more" / "c.WEBP",
    ]


def test_a_folder_without_pictures_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="contains no pictures"):
        find_pictures([tmp_path])


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_the_three_formats_are_read_under_any_name(tmp_path: Path, kind: str) -> None:
    (tmp_path / "x.bin").write_bytes(encoded(8, 8, 0, kind))
    assert read_picture_file(tmp_path / "x.bin") == encoded(8, 8, 0, kind)


@pytest.mark.parametrize("kind", ["GIF", "BMP", "TIFF"])
def test_other_kinds_are_not(tmp_path: Path, kind: str) -> None:
    (tmp_path / "x.jpg").write_bytes(encoded(8, 8, 0, kind))
    with pytest.raises(InputError, match="not a JPEG, PNG or WebP"):
        read_picture_file(tmp_path / "x.jpg")


def test_what_is_too_large_or_no_file_is_refused_unread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (tmp_path / "large.jpg").open("wb") as file:
        file.truncate(module.MOST_BYTES + 1)
    with pytest.raises(InputError, match="make it smaller"):
        read_picture_file(tmp_path / "large.jpg")
    os.mkfifo(tmp_path / "pipe.jpg")
    with pytest.raises(InputError, match="is not a file"):
        read_picture_file(tmp_path / "pipe.jpg")
    with pytest.raises(InputError):
        read_picture_file(Path("a\0b"))
    Image.new("1", (200, 200)).save(tmp_path / "bomb.png")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    with pytest.raises(InputError, match="pixels"):
        read_picture_file(tmp_path / "bomb.png")
