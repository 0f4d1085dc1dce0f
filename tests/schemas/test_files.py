"""Files are written completely or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from datagen.schemas.files import whole_file, write_file


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
