"""rejected.parquet and the codes that were there before."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pyarrow.parquet as pq
from hypothesis import given
from hypothesis import strategies as st

from datagen.catalogue.rejected import MAX_REASONS, Rejections, in_order, reasons, rejection
from datagen.catalogue.uniqueness import Codes


def test_rejections_are_kept_whole_and_in_order(tmp_path: Path) -> None:
    for name, rows in (("a", [0, 3, 9000]), ("b", [1, 2, 5])):
        with Rejections(tmp_path / name) as file:
            file.add(
                rejection(row, "price", "x", "is not a number", {"price": "x", "b": b"12"}) for row in rows
            )
            assert file.counts == {"price is not a number": 3}
    merged = list(in_order(tmp_path / "a", tmp_path / "b", tmp_path / "none"))
    assert [each.row for each in merged] == [0, 1, 2, 3, 5, 9000]
    assert json.loads(merged[0].values) == {"price": "x", "b": "<2 bytes>"}


def test_many_rejections_take_many_groups(tmp_path: Path) -> None:
    with Rejections(tmp_path / "many") as file:
        file.add(rejection(row, "", "", "is not JSON", {}) for row in range(10_000))
    assert pq.read_metadata(tmp_path / "many").num_row_groups == 3
    assert [each.row for each in in_order(tmp_path / "many")] == list(range(10_000))


def test_no_rejections_are_an_empty_file(tmp_path: Path) -> None:
    with Rejections(tmp_path / "none"):
        pass
    assert list(in_order(tmp_path / "none")) == []


@given(st.text(), st.dictionaries(st.text(), st.text() | st.binary() | st.none() | st.floats()))
def test_any_values_can_be_kept(value: str, values: dict[str, object]) -> None:
    made = rejection(0, "a", value, "is wrong", values)
    made.value.encode()
    made.values.encode()


def test_rare_reasons_are_added_up() -> None:
    counts = Counter({f"reason {at}": 100 - at for at in range(MAX_REASONS + 20)})
    told = reasons(counts)
    assert len(told) == MAX_REASONS + 1
    assert sum(told.values()) == counts.total()
    assert reasons(Counter(a=1)) == {"a": 1}


@given(st.lists(st.text(min_size=1, max_size=3), max_size=60), st.integers(1, 7))
def test_a_code_is_new_once(codes: list[str], step: int) -> None:
    import tempfile

    codes = [code.encode("utf-8", "replace").decode() for code in codes]
    expected = {row for row, code in enumerate(codes) if code not in codes[:row]}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "codes"
        found: set[int] = set()
        with Codes(path) as seen:
            for at in range(0, len(codes), step):
                rows = list(range(at, min(at + step, len(codes))))
                found |= seen.new(rows, codes[at : at + step])
            assert path.exists()
        assert found == expected
        assert not path.exists()
