"""A made set is whole; every single fault that can be put into one is found, and named by its row."""

from __future__ import annotations

import io
import shutil
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image
from support.sets import GARDEN, change_cell, edit_manifest, garden, replace_shard, rows_of

from datagen import make
from datagen.columns.rules import rules
from datagen.dataset.folder import open_folder
from datagen.dataset.verify import SHOWN, Breach, Verdict, verify_folder
from datagen.schemas import InputError, load_schema

Row = dict[str, Any]
LADDER = "is on a legal ending within the bounds"
PAGE = "is made of the title's slug and the code"
PHOTO = "is an address of a picture, or -"
USD = "is now_eur x 1.0837, rounded"
FLAG = "is 1 where the paid price is below the full price, else 0"
SHELF = "is legal under the level above"
TITLE = "is a legal title for a kind of its shelf"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return garden(tmp_path_factory.mktemp("verify") / "whole")


@pytest.fixture
def copy(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "set"))


def _breaches(verdict: Verdict) -> set[tuple[int, str, str]]:
    return {(breach.row, breach.column, breach.rule) for breach in verdict.breaches}


def _only(verdict: Verdict) -> Breach:
    assert len(verdict.breaches) == 1, verdict.breaches
    return verdict.breaches[0]


def test_made_sets_are_whole(whole: Path, tmp_path: Path) -> None:
    verdict = verify_folder(whole)
    assert verdict.whole
    assert (verdict.rows, verdict.shards, verdict.breaches) == (24, 3, [])
    flags = [row["on_sale"] for row in rows_of(whole)]
    assert 0 < sum(flags) < len(flags), "the garden shop has discounts"
    assert verify_folder(make(2000, tmp_path / "rows", image_size=None).path).whole
    assert verify_folder(make(4, tmp_path / "pictures", image_size=(64, 64)).path).whole


def _jpeg(size: tuple[int, int]) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size).save(file, "JPEG")
    return file.getvalue()


def _png() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (64, 64)).save(file, "PNG")
    return file.getvalue()


def _picture(change: Callable[[bytes], bytes]) -> Callable[[Row], Row]:
    return lambda row: {**row["picture"], "bytes": change(row["picture"]["bytes"])}


FAULTS: list[tuple[str, Callable[[Row], Any], str]] = [
    ("shop", lambda row: "garden", "is always Garden"),
    ("shop_id", lambda row: 8, "is always 7"),
    ("group", lambda row: "Tools", SHELF),
    ("subgroup", lambda row: "Bags", SHELF),  # a shelf, but of the other department
    ("subgroup", lambda row: "hats", SHELF),
    ("sku", lambda row: row["sku"][:-1], r"matches G\d{5}X"),
    ("sku", lambda row: row["sku"] + "1", r"matches G\d{5}X"),
    ("label", lambda row: "Wool Socks", TITLE),
    ("label", lambda row: "Tote", TITLE),  # legal, but on another shelf
    ("label", lambda row: row["label"] + " ", TITLE),
    ("label", lambda row: "Belted " + row["label"], TITLE),
    ("label", lambda row: "", TITLE),
    ("page", lambda row: row["page"].replace(row["sku"], "G00000X"), PAGE),
    ("page", lambda row: row["page"].replace(".html", "-.html"), PAGE),
    ("page", lambda row: row["page"].upper(), PAGE),
    ("photo", lambda row: "https://garden.example/p/1234?w=1", PHOTO),
    ("photo", lambda row: "https://garden.example/p/" + "g" * 40 + "?w=1", PHOTO),
    ("photo", lambda row: "https://garden.example/p/" + "a" * 40 + "?w=12", PHOTO),
    ("photo", lambda row: "", PHOTO),
    ("list_eur", lambda row: 31.0, LADDER),
    ("list_eur", lambda row: 29.01, LADDER),
    ("list_eur", lambda row: 9049.0, LADDER),
    ("list_eur", lambda row: float("nan"), LADDER),
    ("now_eur", lambda row: row["list_eur"] + 1, "is at most the full price"),
    ("now_eur", lambda row: 0.0, "is above zero"),
    ("now_eur", lambda row: -5.0, "is above zero"),
    ("now_eur", lambda row: float("nan"), "is at most the full price"),
    ("now_usd", lambda row: row["now_usd"] + 0.01, USD),
    ("now_usd", lambda row: row["now_usd"] - 0.001, USD),
    ("now_usd", lambda row: row["now_eur"], USD),
    ("now_usd", lambda row: row["now_usd"] + 0.0001, USD),
    ("now_usd", lambda row: float("inf"), USD),
    ("on_sale", lambda row: 1 - row["on_sale"], FLAG),
    ("on_sale", lambda row: 2, FLAG),
    ("picture", lambda row: {**row["picture"], "path": "G12345X.jpg"}, "is named by the code"),
    ("picture", lambda row: {**row["picture"], "path": None}, "is named by the code"),
    ("picture", _picture(lambda content: b""), "the picture is empty"),
    ("picture", lambda row: {**row["picture"], "bytes": None}, "the picture is empty"),
    ("picture", _picture(lambda content: b"GIF89a"), "the picture is not a JPEG"),
    ("picture", _picture(lambda content: _png()), "the picture is not a JPEG"),
    ("picture", _picture(lambda content: content[:20]), "the picture is not a JPEG"),
    ("picture", _picture(lambda content: _jpeg((64, 65))), "the picture is 64x65, not 64x64"),
    ("picture", _picture(lambda content: content[:-300]), "the picture is cut off"),
    *[(column.name, lambda row: None, "is null") for column in load_schema(GARDEN["schema"]).columns],
]


@pytest.mark.parametrize(
    ("column", "fault", "rule"), FAULTS, ids=[f"{at}-{f[0]}-{f[2]}" for at, f in enumerate(FAULTS)]
)
def test_a_fault_in_one_cell_is_found(
    copy: Path, column: str, fault: Callable[[Row], Any], rule: str
) -> None:
    rows = rows_of(copy)
    # A row of the last shard whose picture is there, on a shelf of hats: prices end on the default ladder.
    at = next(
        at for at, row in enumerate(rows) if at >= 10 and row["subgroup"] == "Hats" and row["photo"] != "-"
    )
    change_cell(copy, at, column, fault(rows[at]))
    verdict = verify_folder(copy)
    assert not verdict.whole
    assert (at, column, rule) in _breaches(verdict)
    assert {breach.row for breach in verdict.breaches} == {at}, "no other row is blamed"
    named = next(breach for breach in verdict.breaches if breach.rule == rule)
    assert all(part in str(named) for part in (f"row {at}", column, rule, "data/train-0000"))


def test_every_rule_of_a_row_is_broken_by_one_of_these_faults(whole: Path) -> None:
    folder = open_folder(whole)
    stated = {(rule.column, rule.text) for rule in rules(folder.schema, folder.profile)}
    assert stated <= {(column, rule) for column, _, rule in FAULTS}


def test_a_discount_is_a_fault_where_the_catalogue_has_none(tmp_path: Path) -> None:
    folder = make(10, tmp_path / "set", image_size=None, shard_rows=10).path
    rows = rows_of(folder)
    rule = "is the full price, since this catalogue has no discounts"
    change_cell(folder, 3, "price", rows[3]["full_price"] / 2)
    assert (3, "price", rule) in _breaches(verify_folder(folder))


@pytest.mark.parametrize(("first", "second"), [(11, 17), (3, 22)], ids=["in a shard", "across shards"])
def test_a_code_that_stands_twice_is_found(copy: Path, first: int, second: int) -> None:
    rows = rows_of(copy)
    change_cell(copy, second, "sku", rows[first]["sku"])
    assert (second, "sku", "appears in an earlier row too") in _breaches(verify_folder(copy))


def test_rows_keep_their_numbers_behind_a_fault(copy: Path) -> None:
    rows = rows_of(copy)
    change_cell(copy, 2, "label", None)  # this row and the first shard's rules may not shift the others
    change_cell(copy, 4, "on_sale", 5)
    change_cell(copy, 23, "sku", rows[11]["sku"])
    verdict = verify_folder(copy)
    assert {(2, "label", "is null"), (4, "on_sale", FLAG)} <= _breaches(verdict)
    assert (23, "sku", "appears in an earlier row too") in _breaches(verdict)
    assert {breach.row for breach in verdict.breaches} == {2, 4, 23}
    sorted((copy / "data").iterdir())[0].unlink()
    assert (23, "sku", "appears in an earlier row too") in _breaches(verify_folder(copy))


def test_a_fault_in_every_row_is_counted_and_listed_in_part(tmp_path: Path) -> None:
    folder = garden(tmp_path / "set", rows=60, image_size=None, shard_rows=60)
    table = pq.read_table(folder / "data")
    at = table.column_names.index("shop")
    broken = pa.array(["Wood"] * 60)
    replace_shard(folder, 0, table.set_column(at, table.schema.field("shop"), broken))
    verdict = verify_folder(folder)
    assert verdict.counts == {"is always Garden": 60}
    assert [breach.row for breach in verdict.breaches] == list(range(SHOWN))


# Faults of files


def test_a_byte_that_flipped_is_found_by_checksum(copy: Path) -> None:
    shard = sorted((copy / "data").iterdir())[1]
    content = bytearray(shard.read_bytes())
    content[len(content) // 2] ^= 1
    shard.write_bytes(content)
    rules_broken = {breach.rule for breach in verify_folder(copy).breaches}
    assert "the checksum does not match the manifest" in rules_broken


def test_a_shard_that_is_gone_or_cut_or_too_much_is_found(copy: Path) -> None:
    first, second, third = sorted((copy / "data").iterdir())
    first.unlink()
    second.write_bytes(second.read_bytes()[:-100])
    third.with_name("extra.parquet").write_bytes(third.read_bytes())
    (copy / "data" / ".hidden").write_text("")
    (copy / "README.md").unlink()
    found = {(breach.file, breach.rule.split("(")[0].strip()) for breach in verify_folder(copy).breaches}
    assert found == {
        ("README.md", "the card is missing"),
        (f"data/{first.name}", "the shard is missing"),
        (f"data/{second.name}", "the checksum does not match the manifest"),
        (f"data/{second.name}", "the shard cannot be read"),
        ("data/extra.parquet", "the file is not in the manifest"),
        ("data/.hidden", "the file is not in the manifest"),
    }


def _table(folder: Path) -> pa.Table:
    return pq.read_table(sorted((folder / "data").iterdir())[0])


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda t: t.select([1, 0, *range(2, t.num_columns)]), "column 1 is shop_id, not shop"),
        (lambda t: t.drop_columns(["label"]), "column 4 is group, not label"),
        (lambda t: t.drop_columns(["picture"]), "column 13 is nothing, not picture"),
        (
            lambda t: t.append_column("more", pa.nulls(len(t), pa.int64())),
            "the column more is not in the schema",
        ),
        (
            lambda t: t.set_column(1, "shop_id", t["shop_id"].cast(pa.int32())),
            "column 2 is shop_id of type int32, not shop_id of type int64",
        ),
        (lambda t: t.replace_schema_metadata({}), "the features in the metadata do not match the schema"),
        (lambda t: t.slice(0, 7), "the shard has 7 rows, not 10"),
        (lambda t: pa.concat_tables([t, t.slice(0, 1)]), "the shard has 11 rows, not 10"),
    ],
    ids=["order", "missing", "last missing", "extra", "type", "features", "too few", "too many"],
)
def test_other_columns_or_row_counts_are_found(
    copy: Path, change: Callable[[pa.Table], pa.Table], named: str
) -> None:
    replace_shard(copy, 0, change(_table(copy)))
    breaches = verify_folder(copy).breaches
    assert any(named in breach.rule and breach.file.startswith("data/train-00000") for breach in breaches)


def test_an_edited_profile_or_schema_is_found(copy: Path) -> None:
    for name, other, rule in (
        ("profile.yaml", ("noise: 0.15", "noise: 0.16"), "the profile does not match the manifest"),
        ("schema.yaml", ("title: Tools", "title: Toys"), "the schema does not match the manifest"),
    ):
        text = (copy / name).read_text(encoding="utf-8")
        if other[0] not in text:  # defaults are not written
            other = ("bounds:", "noise: 0.16\n  bounds:")
        (copy / name).write_text(text.replace(*other), encoding="utf-8")
        breach = _only(verify_folder(copy))
        assert (breach.file, breach.rule) == (name, rule)
        (copy / name).write_text(text, encoding="utf-8")
    assert verify_folder(copy).whole


def test_rows_that_were_asked_for_and_are_not_there_are_found(copy: Path) -> None:
    edit_manifest(copy, lambda manifest: manifest["recipe"].update(rows=25))
    assert _only(verify_folder(copy)).rule == "the shards do not hold the number of rows in the recipe"


def test_a_profile_that_contradicts_the_schema_is_wrong_input(copy: Path) -> None:
    text = (copy / "schema.yaml").read_text(encoding="utf-8")
    (copy / "schema.yaml").write_text(text.replace("currency: USD", "currency: CHF"), encoding="utf-8")
    with pytest.raises(InputError, match="rate of CHF"):
        verify_folder(copy)


def test_progress_counts_every_row(whole: Path) -> None:
    counts: list[int] = []
    verify_folder(whole, progress=counts.append)
    assert counts == [0, 10, 20, 24]


@pytest.mark.slow
def test_memory_does_not_grow_with_the_set_but_for_the_codes(tmp_path: Path) -> None:
    peaks = []
    for rows in (5_000, 40_000):
        folder = garden(tmp_path / str(rows), rows=rows, image_size=None, shard_rows=5_000)
        tracemalloc.start()
        assert verify_folder(folder).whole
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] - peaks[0] < 35_000 * 100  # a code and its row number are some 30 bytes


def test_a_verdict_says_it_all_in_plain_values(copy: Path) -> None:
    assert verify_folder(copy).as_json() == {
        "whole": True, "rows": 24, "shards": 3, "counts": {}, "breaches": [],
    }  # fmt: skip
    change_cell(copy, 5, "shop_id", 9)
    verdict = verify_folder(copy).as_json()
    assert not verdict["whole"]
    assert verdict["counts"] == {"is always 7": 1}
    assert verdict["breaches"][0]["row"] == 5
    assert verdict["breaches"][0]["value"] == "9"
