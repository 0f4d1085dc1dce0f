"""Counts are exact, balance is even, conditions hold, and each is a function of the recipe and the row."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.sets import GARDEN, garden

from datagen import stream
from datagen.dataset.verify import verify_folder
from datagen.generation.maker import Maker
from datagen.generation.recipe import Recipe, write_recipe
from datagen.schemas import InputError
from datagen.schemas.folder import MANIFEST, read_manifest

COUNTED = {"count": {"bags": 700, "Hats": 41}, "rows": 1500}
BALANCED = {"balance": "subgroup", "rows": 1502, "where": "price>=20"}
CHOSEN = {"where": ["material=cotton,leather", "now_eur<900"], "rows": 1500}


def _recipe(**options: Any) -> Recipe:
    return write_recipe(**{**GARDEN, "image_size": None, "seed": 5, **options})


def _table(recipe: Recipe) -> pa.Table:
    return Maker(recipe).piece(0, recipe.rows).table


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(0, 600), min_size=3, max_size=3), st.integers(0, 300))
def test_counts_are_exact(sizes: list[int], rest: int) -> None:
    count = dict(zip(["Hats", "Coats", "kind:tote"], sizes, strict=True))
    if not sum(sizes):
        return
    recipe = _recipe(count=count, rows=sum(sizes) + rest)
    table = _table(recipe)
    found = Counter(table["subgroup"].to_pylist())
    totes = sum(label.endswith("Tote") for label in table["label"].to_pylist())
    assert (found["Hats"], found["Coats"], totes) == tuple(sizes)
    assert len(table) == recipe.rows == sum(sizes) + rest
    assert len(set(table["sku"].to_pylist())) == len(table)


def test_counts_alone_say_how_many_rows_there_are() -> None:
    recipe = _recipe(count={"Hats": 30, "Bags": 20})
    assert recipe.rows == 50
    assert Counter(_table(recipe)["subgroup"].to_pylist()) == {"Hats": 30, "Bags": 20}


def test_a_value_without_its_column_is_that_of_the_outermost_category() -> None:
    recipe = write_recipe(count={"bags": 3, "category3_code:bags": 2, "trench coat": 1}, image_size=None)
    assert recipe.parts == {"category2_code:BAGS": 3, "category3_code:BAGS": 2, "kind:trench_coat": 1}


@pytest.mark.parametrize("rows", [1, 3, 4, 401, 1502])
@pytest.mark.parametrize("column", ["subgroup", "kind", "wearer", "group"])
def test_balance_makes_equal_numbers(column: str, rows: int) -> None:
    recipe = _recipe(balance=column, rows=rows)
    sizes = list(recipe.parts.values())
    assert sum(sizes) == rows
    assert max(sizes) - min(sizes) <= 1
    if column in {"subgroup", "group"}:
        found = Counter(_table(recipe)[column].to_pylist())
        assert {f"{column}:{value}": number for value, number in found.items()} == {
            part: number for part, number in recipe.parts.items() if number
        }


def test_balance_leaves_out_what_the_conditions_exclude() -> None:
    assert set(_recipe(balance="kind", rows=9, where="material=leather").parts) == {"kind:tote"}
    assert set(_recipe(balance="subgroup", rows=9, where="kind=cap,tote").parts) == {
        "subgroup:Hats",
        "subgroup:Bags",
    }


@pytest.mark.parametrize("options", [COUNTED, BALANCED, CHOSEN], ids=["counted", "balanced", "chosen"])
def test_any_stretch_is_that_stretch_of_the_whole(options: dict[str, Any]) -> None:
    recipe = _recipe(**options)
    whole = Maker(recipe).piece(0, recipe.rows)
    families = 0
    for start, stop in ((700, 1500), (0, 1), (1, 700)):  # out of order, by a maker that has made other rows
        piece = Maker(recipe).piece(start, stop)
        assert piece.table.equals(whole.table.slice(start, stop - start))
        families += piece.families
    assert families == whole.families - Maker(recipe).piece(1500, recipe.rows).families
    assert whole.table["sku"].combine_chunks().unique().to_pylist() == whole.table["sku"].to_pylist()


@pytest.mark.parametrize("options", [COUNTED, BALANCED, CHOSEN], ids=["counted", "balanced", "chosen"])
def test_families_stay_whole(options: dict[str, Any]) -> None:
    recipe = _recipe(**options)
    maker = Maker(recipe)
    products, table = maker._sampler.products(0, recipe.rows), _table(recipe)
    shared = table.select(["label", "group", "subgroup", "list_eur", "now_eur"]).to_pylist()
    seen: dict[int, dict[str, Any]] = {}
    for family, leads, row in zip(products.family, products.leads, shared, strict=True):
        assert leads == (family not in seen)
        assert seen.setdefault(int(family), row) == row
    assert 0.6 * recipe.rows < len(seen) < 0.95 * recipe.rows


@pytest.mark.parametrize("options", [COUNTED, BALANCED, CHOSEN], ids=["counted", "balanced", "chosen"])
def test_a_dataset_says_what_was_asked_for_and_is_verified(tmp_path: Path, options: dict[str, Any]) -> None:
    rows = {"rows": 60} if options is not COUNTED else {"rows": 60, "count": {"bags": 20, "Hats": 15}}
    sets = []
    for name, more in (("one", {"shard_rows": 60}), ("more", {"shard_rows": 17, "workers": 2})):
        path = garden(tmp_path / name, **{**options, **rows, **more, "image_size": None})
        assert verify_folder(path).counts == {}
        shards = sorted((path / "data").glob("*.parquet"))
        sets.append(pa.concat_tables([pq.read_table(shard) for shard in shards]))
    assert sets[0].equals(sets[1])
    recorded = read_manifest(tmp_path / "one").recipe
    assert recorded is not None
    recipe = _recipe(**{**options, **rows, "seed": 0})
    assert (recorded.where or {}, recorded.parts or {}) == (recipe.where, recipe.parts)
    assert recorded.balance == recipe.balance
    assert garden(tmp_path / "one", **{**options, **rows, "shard_rows": 60, "image_size": None}, resume=True)


def test_a_plain_manifest_has_no_line_about_selecting(tmp_path: Path) -> None:
    path = garden(tmp_path / "plain", 5, image_size=None)
    recorded = json.loads((path / MANIFEST).read_text(encoding="utf-8"))["recipe"]
    assert not {"where", "parts", "balance"} & recorded.keys()


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"where": {"price": ["<30"]}}, "is <30"),
        ({"where": {"pattern": ["check"]}}, "is a product that matches pattern=check"),
        ({"parts": {"subgroup:Hats": 50, "rest": 10}}, "rows have the value Hats, not 50"),
    ],
)
def test_rows_that_were_not_asked_for_are_found(tmp_path: Path, change: dict[str, Any], rule: str) -> None:
    path = garden(tmp_path / "set", 60, image_size=None)
    manifest = json.loads((path / MANIFEST).read_text(encoding="utf-8"))
    manifest["recipe"].update(change)
    (path / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    assert any(rule in broken for broken in verify_folder(path).counts)


def test_pictures_with_ground_truth_are_checked_against_what_was_asked_for(tmp_path: Path) -> None:
    path = garden(
        tmp_path / "set", None, count={"Hats": 3, "Bags": 4}, where="pattern=check", attributes=True
    )
    assert verify_folder(path).counts == {}
    tables = [pq.read_table(shard) for shard in (path / "data").glob("*.parquet")]
    shown = pa.concat_tables(tables)["attributes"].to_pylist()
    assert {each["pattern"] for each in shown} == {"check"}


def test_a_stream_gives_the_rows_that_make_writes() -> None:
    options = {**GARDEN, "image_size": None, "seed": 5}
    counted = list(stream(None, count={"Hats": 30, "Bags": 20}, **options))
    assert counted == _table(_recipe(count={"Hats": 30, "Bags": 20})).to_pylist()
    assert list(stream(None, start=45, count={"Hats": 30, "Bags": 20}, **options)) == counted[45:]
    endless = stream(None, balance="kind", where="price<100", **options)
    first = _table(_recipe(balance="kind", where="price<100", rows=40)).to_pylist()
    assert [next(endless) for _ in range(40)] == first


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"count": {"Bag": 3}}, "did you mean 'Bags'"),
        ({"count": {"Bags": 3, "tote": 2}}, "A product can be both subgroup:Bags and kind:tote"),
        ({"count": {"Bags": 3, "bags": 2}}, "The number of Bags is given twice"),
        ({"count": {"Bags": -3}}, "-3 rows of Bags"),
        ({"count": {"Bags": 20}}, "The counts add up to 20, more than 10 rows"),
        ({"count": {"Wear": 4, "Carry": 4}}, "The counts leave no product for the other rows"),
        ({"count": {"Bags": 0}, "rows": None}, "0 rows"),
        ({"count": {"Bags": 3}, "balance": "kind"}, "contradict"),
        ({"count": {"Hats": 3}, "where": "group=Carry"}, "No category value or kind 'Hats'"),
        ({"count": {"cap": 3}, "where": "price>2000"}, "Too few products of cap match price>2000"),
        ({"balance": "label"}, "cannot be balanced by 'label'"),
        ({"balance": "price"}, "cannot be balanced by 'price'"),
        ({"where": "price>8000000"}, "Too few products match price>8000000: none that was tried"),
        ({"where": "price=50..20"}, "Too few products match price>=50 and price<=20"),
        ({"where": "material=alligator", "balance": "kind", "count": None}, ""),
    ],
)
def test_what_cannot_be_made_is_refused_in_one_sentence(options: dict[str, Any], named: str) -> None:
    if not named:
        assert _recipe(**{"rows": 10, **options}).rows == 10
        return
    with pytest.raises(InputError) as refused:
        _recipe(**{"rows": 10, **options})
    assert named in str(refused.value)
    assert "\n" not in str(refused.value)
