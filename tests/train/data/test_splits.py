from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datagen.generation.maker import Maker
from datagen.generation.recipe import write_recipe
from datagen.schemas import InputError
from datagen.schemas.title_families import title_families
from datagen.train.data.splits import PARTS, SHARES, Split, leaks, load_split, save_split, split


@pytest.fixture(scope="module")
def titles() -> list[str]:
    """As many rows as the real set has."""
    column = Maker(write_recipe(3040, image_size=None)).piece(0, 3040).table.column("title")
    return list(column.to_pylist())


def _variant(title: str, at: int) -> str:
    return [title, title.upper(), title.replace("-", " "), f"{title}s", " ".join(title.split()[::-1])][at % 5]


def test_no_family_crosses_from_one_part_to_another_near_equal_titles_included(titles: list[str]) -> None:
    near = [*titles, *(_variant(title, at) for at, title in enumerate(titles))]
    found = split(near, seed=3)
    assert sorted(np.concatenate([found.rows(part) for part in PARTS])) == list(range(len(near)))
    for part in PARTS:
        others = [near[row] for other in PARTS if other != part for row in found.rows(other)]
        assert leaks([near[row] for row in found.rows(part)], others).tolist() == []
    by_family = title_families(near)
    assert all(len(set(found.part[by_family == family])) == 1 for family in range(by_family.max() + 1))


def test_a_split_by_row_would_leak_so_the_test_above_can_fail(titles: list[str]) -> None:
    rng = np.random.default_rng(3)
    rows = rng.permutation(len(titles))
    train, held = rows[304:], rows[:304]
    assert len(leaks([titles[row] for row in held], [titles[row] for row in train])) > 60


def test_parts_have_their_shares(titles: list[str]) -> None:
    found = split(titles, seed=0)
    for part in PARTS:
        assert len(found.rows(part)) / len(titles) == pytest.approx(SHARES[part], abs=0.01)
    half = split(titles, seed=0, shares={"train": 0.5, "test": 0.5})
    assert len(half.rows("validation")) == 0
    assert len(half.rows("test")) / len(titles) == pytest.approx(0.5, abs=0.01)


def test_parts_hang_on_the_seed_and_not_on_the_order_of_rows(titles: list[str]) -> None:
    found, again, other = split(titles, 5), split(titles, 5), split(titles, 6)
    assert np.array_equal(found.part, again.part)
    assert not np.array_equal(found.part, other.part)
    order = np.random.default_rng(0).permutation(len(titles))
    shuffled = split([titles[row] for row in order], 5)
    assert np.array_equal(shuffled.part, found.part[order])


def test_few_rows_are_nested_and_keep_families_together(titles: list[str]) -> None:
    found = split(titles, seed=0)
    fifty, hundred = set(found.first_rows(50)), set(found.first_rows(100))
    assert len(fifty) == 50
    assert len(hundred) == 100
    assert fifty < hundred < set(found.rows("train"))
    kept = found.title_family[sorted(hundred)]
    whole = [family for family in set(kept) if np.sum(found.title_family == family) == np.sum(kept == family)]
    assert len(whole) >= len(set(kept)) - 1
    for count in (0, len(titles)):
        with pytest.raises(InputError, match="rows of the training part"):
            found.first_rows(count)


@given(
    st.lists(st.sampled_from(["Cap", "Coat", "Bag", "Red Bag", "Tie", "Belt", "Scarf"]), min_size=3),
    st.integers(0, 2**64 - 1),
)
def test_every_row_of_any_small_set_is_in_one_part_or_the_set_is_refused(
    titles: list[str], seed: int
) -> None:
    try:
        found = split(titles, seed)
    except InputError as error:
        assert "cannot be split 0.8/0.1/0.1" in str(error)
        return
    assert sum(len(found.rows(part)) for part in PARTS) == len(titles)
    assert all(len(found.rows(part)) for part in PARTS)
    assert sorted(found.turn) == list(range(len(titles)))


@pytest.mark.parametrize(
    "shares",
    [
        {"train": 0.5},
        {"train": 0.0, "test": 1.0},
        {"train": -0.1, "test": 1.1},
        {"train": float("nan"), "test": 0.5},
        {"train": 0.8, "proof": 0.2},
    ],
)
def test_shares_that_are_none_are_refused(shares: dict[str, float]) -> None:
    with pytest.raises(InputError, match="shares|no part"):
        split(["a", "b", "c"] * 10, 0, shares)


def test_leaks_finds_held_out_titles_and_nothing_else() -> None:
    synthetic = ["Check Cotton Scarf", "Wool Coat", "check-cotton scarves", "Silk Tie", None]
    assert leaks(synthetic, ["Check Cotton Scarf", "Silk Ties"]).tolist() == [0, 2, 3]
    assert leaks(synthetic, []).tolist() == []


def test_a_split_comes_back_from_its_file(tmp_path: Path) -> None:
    found = split([f"Coat {at // 2}" for at in range(60)], seed=1)
    path = tmp_path / "split.parquet"
    save_split(found, path, seed=1, shares=SHARES, digest="abc")
    again = load_split(path, digest="abc")
    for name in ("part", "title_family", "turn"):
        assert np.array_equal(getattr(again, name), getattr(found, name))
    before = path.read_bytes()
    save_split(found, path, seed=1, shares=SHARES, digest="abc")
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["split.parquet"]
    with pytest.raises(InputError, match="other data"):
        load_split(path, digest="abd")


@pytest.mark.parametrize("content", [None, b"", b"PAR1nonsense", "table", "metadata"])
def test_a_file_that_is_not_a_split_is_refused(tmp_path: Path, content: bytes | str | None) -> None:
    path = tmp_path / "split.parquet"
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif content == "table":
        pq.write_table(pa.table({"a": [1]}), path)
    elif content == "metadata":
        save_split(Split(*[np.zeros(1, np.int64)] * 3), path, seed=0, shares=SHARES, digest="abc")
        table = pq.read_table(path)
        pq.write_table(table.replace_schema_metadata({"split": "[]"}), path)
    said = "There is no split .*; give the folder of a run" if content is None else "is not a split of rows"
    with pytest.raises(InputError, match=said):
        load_split(path, digest="abc")
