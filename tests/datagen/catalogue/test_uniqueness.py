"""A code that an earlier row had is known; a full disk is a failure in one sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from datagen.catalogue.uniqueness import Codes
from datagen.schemas import RunFailed


def test_the_first_row_of_a_code_is_new(tmp_path: Path) -> None:
    with Codes(tmp_path / "codes") as codes:
        assert codes.new([0, 1, 2], ["a", "b", "a"]) == {0, 1}
        assert codes.new([3, 4], ["b", "c"]) == {4}
        assert codes.new([], []) == set()
    assert not (tmp_path / "codes").exists()


def test_a_full_disk_is_a_failure_in_one_sentence(tmp_path: Path) -> None:
    with Codes(tmp_path / "codes") as codes:
        codes._base.execute("PRAGMA max_page_count = 5")  # as many as the disk has left
        with pytest.raises(RunFailed, match=r"codes cannot be written \(database or disk is full\); free"):
            codes.new(range(5000), [f"code {at}" for at in range(5000)])
