"""Files are written completely or not at all, and read within limits."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from datagen.schemas import InputError
from datagen.schemas.files import read_file, whole_file, write_file
from datagen.schemas.folder import irregular_files, read_manifest
from datagen.schemas.yaml_file import read_yaml


@pytest.mark.parametrize("content", ["text\n", "Trägerkleid\n", b"\x00\xff"], ids=repr)
def test_a_file_has_the_bytes_that_were_given(tmp_path: Path, content: str | bytes) -> None:
    write_file(tmp_path / "file", content)
    expected = content.encode("utf-8") if isinstance(content, str) else content
    assert (tmp_path / "file").read_bytes() == expected


def test_a_file_appears_when_its_block_ends(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("old")
    with whole_file(path) as aside:
        aside.write_text("new")
        assert path.read_text() == "old"
        assert aside.parent == path.parent
    assert path.read_text() == "new"
    assert list(tmp_path.iterdir()) == [path]


def test_after_an_exception_the_old_file_stays_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("old")
    with pytest.raises(UnicodeEncodeError), whole_file(path) as aside:
        aside.write_text("half \ud800", encoding="utf-8")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_block_that_writes_nothing_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), whole_file(tmp_path / "file"):
        pass
    assert not list(tmp_path.iterdir())


def test_a_file_is_read_up_to_a_limit(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"12345")
    (tmp_path / "link").symlink_to("file")
    assert read_file(tmp_path / "file", 5) == read_file(tmp_path / "link", 5) == b"12345"
    with pytest.raises(InputError, match="is larger than 4 bytes"):
        read_file(tmp_path / "file", 4)
    with pytest.raises(IsADirectoryError):
        read_file(tmp_path, 5)


def test_neither_a_pipe_nor_an_endless_device_is_read(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").symlink_to("/dev/zero")
    os.mkfifo(tmp_path / "schema.yaml")
    with pytest.raises(InputError, match=r"manifest\.json is a device or a pipe, not a file"):
        read_manifest(tmp_path)
    with pytest.raises(InputError, match=r"schema\.yaml is a device or a pipe, not a file"):
        read_yaml(tmp_path / "schema.yaml")


def test_links_devices_and_pipes_are_irregular(tmp_path: Path) -> None:
    (tmp_path / "set" / "data").mkdir(parents=True)
    (tmp_path / "set" / "data" / "file").write_text("")
    (tmp_path / "set" / "moved").symlink_to("data")
    (tmp_path / "set" / "link").symlink_to("data/file")
    (tmp_path / "set" / "broken").symlink_to("nowhere")
    (tmp_path / "set" / "device").symlink_to("/dev/zero")
    os.mkfifo(tmp_path / "set" / "pipe")
    (tmp_path / "way").symlink_to("set")
    odd = ["moved/file", "link", "broken", "device", "pipe"]
    assert irregular_files(tmp_path / "way", ["data/file", "not there", *odd]) == odd
