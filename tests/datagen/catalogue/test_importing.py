"""A source, whatever it is, into a dataset folder: the whole way, through the command."""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import datasets
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result
from PIL import Image as Pictures
from support.sets import GARDEN, contents, garden, rows_of

from datagen.cli import main
from datagen.dataset.export.writing import write_export
from datagen.dataset.verify import verify_folder

GARDENS = ("--schema", str(GARDEN["schema"]))
ROWS_ONLY = (*GARDENS, "--no-images")

Pull = Callable[..., Result]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """24 rows with pictures; not to be changed."""
    return garden(tmp_path_factory.mktemp("made") / "garden")


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


@pytest.fixture
def pulled(out: Path) -> Pull:
    """The command in this process; what it makes is whole, and what it says is no traceback."""

    def run(source: object, *words: object) -> Result:
        done = CliRunner().invoke(main, ["pull", str(source), "--out", str(out), *map(str, words)])
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        if done.exit_code == 0:
            verdict = verify_folder(out)
            assert verdict.whole, verdict.breaches
            assert not out.with_name("out.partial").exists()
        else:
            assert done.stderr.splitlines()[-1].startswith("Error: ")
        return done

    return run


def write_csv(path: Path, rows: list[dict[str, Any]], header: bool = True) -> Path:
    """Rows as a CSV file with the columns of the first."""
    with path.open("w", encoding="utf-8", newline="") as file:
        lines = csv.DictWriter(file, list(rows[0]))
        if header:
            lines.writeheader()
        lines.writerows(rows)
    return path


def plain_rows(folder: Path) -> list[dict[str, Any]]:
    """The rows of a set, pictures excepted."""
    return [{name: value for name, value in row.items() if name != "picture"} for row in rows_of(folder)]


def rejected(folder: Path) -> list[tuple[int, str, str]]:
    """Row, column and reason of what was rejected."""
    rows = pq.read_table(folder / "rejected.parquet").to_pylist()
    return [(row["row"], row["column"], row["reason"]) for row in rows]


# Every kind of source gives the rows that were put into it


def test_a_csv_with_pictures_beside_it(made: Path, out: Path, pulled: Pull, tmp_path: Path) -> None:
    write_export(made, "csv", tmp_path / "loose")
    done = pulled(tmp_path / "loose" / "loose.csv", *GARDENS, "--map", "local_image_path=picture", "--json")
    summary = json.loads(done.stdout)
    assert (summary["rows"], summary["rejected"], summary["pictures"]) == (24, 0, "files")
    assert summary["relaxed"] == {}
    assert rows_of(out) == rows_of(made)


def test_an_imagefolder(made: Path, out: Path, pulled: Pull, tmp_path: Path) -> None:
    write_export(made, "imagefolder", tmp_path / "loose")
    assert (
        json.loads(pulled(tmp_path / "loose", *GARDENS, "--map", "image=picture", "--json").stdout)["rows"]
        == 24
    )
    assert rows_of(out) == rows_of(made)


def test_a_folder_of_parquet_files(made: Path, out: Path, pulled: Pull) -> None:
    pulled(made / "data", *GARDENS)
    assert rows_of(out) == rows_of(made)


def test_a_folder_saved_by_datasets(made: Path, out: Path, pulled: Pull, tmp_path: Path) -> None:
    datasets.load_dataset(str(made), split="train", cache_dir=str(tmp_path / "c")).save_to_disk(
        tmp_path / "saved"
    )
    pulled(tmp_path / "saved", *GARDENS)
    assert rows_of(out) == rows_of(made)


@pytest.mark.parametrize("suffix", ["json", "jsonl"])
def test_json(made: Path, out: Path, pulled: Pull, tmp_path: Path, suffix: str) -> None:
    rows = plain_rows(made)
    lines = [json.dumps(row) for row in rows]
    source = tmp_path / f"rows.{suffix}"
    source.write_text("[" + ",".join(lines) + "]" if suffix == "json" else "\n".join(lines))
    pulled(source, *ROWS_ONLY)
    assert rows_of(out) == rows


def test_every_other_command_accepts_what_was_pulled(
    made: Path, out: Path, pulled: Pull, tmp_path: Path
) -> None:
    """verify runs in ``pulled``; preview, export, a second pull and datasets are tried here."""
    source = tmp_path / "few.parquet"
    table = pq.read_table(sorted((made / "data").iterdir())[0]).slice(0, 5)
    pq.write_table(table, source)
    pulled(source, *GARDENS)
    for words in (
        ["preview", out, "--out", tmp_path / "p.png"],
        ["export", out, "--format", "csv", "--out", tmp_path / "e"],
    ):
        assert CliRunner().invoke(main, [str(word) for word in words]).exit_code == 0
    loaded = datasets.load_dataset(str(out), split="train", cache_dir=str(tmp_path / "cache"))
    assert loaded[0]["picture"].size == (64, 64)
    assert (out / "preview.jpg").is_file()
    assert "few.parquet" in (out / "README.md").read_text()
    done = CliRunner().invoke(main, ["pull", str(out), "--out", str(tmp_path / "again")])
    assert "is already a dataset folder" in done.stderr


# Rows that fail are set apart


def test_each_fault_is_a_row_with_its_reason(made: Path, out: Path, pulled: Pull, tmp_path: Path) -> None:
    rows = plain_rows(made)[:12]
    for at, (column, value) in enumerate(
        [
            ("label", ""), ("label", "X"), ("list_eur", "abc"), ("list_eur", "-"), ("list_eur", "-5"),
            ("now_eur", "99999999"), ("sku", rows[11]["sku"]), ("sku", ""), ("on_sale", "maybe"),
            ("now_usd", ""),
        ]
    ):  # fmt: skip
        rows[at][column] = value
    done = pulled(write_csv(tmp_path / "shop.csv", rows), *ROWS_ONLY, "--json")
    summary = json.loads(done.stdout)
    assert rejected(out) == [
        (0, "label", "is missing"),
        (1, "label", "breaks the rule 'is more than one character'"),
        (2, "list_eur", "is not a number"),
        (3, "list_eur", "is missing"),
        (4, "list_eur", "breaks the rule 'is above zero'"),
        (5, "now_eur", "breaks the rule 'is at most the full price'"),
        (7, "sku", "is missing"),
        (8, "on_sale", "is neither 0 nor 1"),
        (9, "now_usd", "is missing"),
        (11, "sku", "appears in an earlier row too"),
    ]
    assert (summary["rows_read"], summary["rows"], summary["rejected"]) == (12, 2, 10)
    assert sum(summary["reasons"].values()) == 10
    kept = pq.read_table(out / "rejected.parquet").to_pylist()[2]
    assert kept["value"] == "abc"
    assert json.loads(kept["values"])["label"] == rows[2]["label"]


def test_pictures_that_fail_are_rows_with_their_reason(
    made: Path, out: Path, pulled: Pull, tmp_path: Path
) -> None:
    write_export(made, "csv", tmp_path / "loose")
    file = tmp_path / "loose" / "loose.csv"
    rows = list(csv.DictReader(io.StringIO(file.read_text(encoding="utf-8"))))[:8]
    (tmp_path / "loose" / "page.jpg").write_text("<html></html>")
    (tmp_path / "secret.jpg").write_bytes(b"not yours")
    whole = (tmp_path / "loose" / rows[0]["local_image_path"]).read_bytes()
    (tmp_path / "loose" / "cut.jpg").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "loose" / "link.jpg").symlink_to(tmp_path / "secret.jpg")
    (tmp_path / "loose" / "folder.jpg").mkdir()
    names = ["gone.jpg", "../secret.jpg", "page.jpg", "cut.jpg", "link.jpg", "", "folder.jpg"]
    for row, name in zip(rows, names, strict=False):
        row["local_image_path"] = name
    done = pulled(write_csv(file, rows), *GARDENS, "--map", "local_image_path=picture", "--json")
    assert json.loads(done.stdout)["rows"] == 1
    found = [reason for _, column, reason in rejected(out) if column == "picture"]
    assert found[0] == "is a file that does not exist"
    assert found[1] == found[4] == "is a file outside the source's folder"
    assert "HTML" in found[2]
    assert found[5] == "is missing"
    assert found[6] == "is not a file"
    assert len(found) == 7


def test_pictures_of_odd_shapes_and_with_tails_make_a_whole_set(
    out: Path, pulled: Pull, tmp_path: Path
) -> None:
    """Each is kept whole or rejected; none may fail the contact sheet, and with it the pull."""
    sizes = {"thin": (10, 1000), "tall": (1, 60_000), "wide": (60_000, 1)}
    for name, size in sizes.items():
        Pictures.new("1", size).save(tmp_path / f"{name}.png")
    Pictures.new("RGB", (40, 30), (200, 10, 10)).save(tmp_path / "motion.jpg")
    photo = (tmp_path / "motion.jpg").read_bytes()
    (tmp_path / "motion.jpg").write_bytes(photo + b"\0\0\0\x18ftypmp42" + bytes(5000))
    (tmp_path / "endless.png").write_bytes((tmp_path / "thin.png").read_bytes()[:-12])
    rows = [
        {"title": f"Hat {name}", "product_code": str(at), "full_price": "5", "image": name}
        for at, name in enumerate(["thin.png", "tall.png", "wide.png", "motion.jpg", "endless.png"])
    ]
    assert pulled(write_csv(tmp_path / "hats.csv", rows)).exit_code == 0
    assert [reason for _, _, reason in rejected(out)] == ["is cut off"]
    assert rows_of(out)[3]["image"]["bytes"] == photo
    with Pictures.open(out / "preview.jpg") as sheet:
        assert sheet.height < 400


def test_png_and_webp_keep_their_kind(out: Path, pulled: Pull, tmp_path: Path) -> None:
    for kind in ("png", "webp", "jpeg"):
        Pictures.new("RGB", (40, 30), (200, 10, 10)).save(tmp_path / f"a.{kind}", kind)
    rows = [
        {"title": f"Hat {kind}", "product_code": f"{kind}/1", "full_price": "5", "image": f"a.{kind}"}
        for kind in ("png", "webp", "jpeg")
    ]
    pulled(write_csv(tmp_path / "hats.csv", rows))
    assert [row["image"]["path"] for row in rows_of(out)] == ["png+2F1.png", "webp+2F1.webp", "jpeg+2F1.jpg"]
    done = CliRunner().invoke(
        main, ["export", str(out), "--format", "imagefolder", "--out", str(tmp_path / "e")]
    )
    assert done.exit_code == 0
    assert (tmp_path / "e" / "train" / "png+2F1.png").is_file()


# Dirty sets: each has a clear outcome


def test_a_sister_set_with_text_codes_and_discounts(out: Path, pulled: Pull, tmp_path: Path) -> None:
    rows = [
        {
            "website_name": "Shop", "country_code": "TUN", "category1_code": "WOMAN", "category3_code": value,
            "product_code": f"M{at}", "title": f"Bag {at}", "full_price": "315", "price": "189",
            "flg_discount": 1,
        }
        for at, value in enumerate(["N.A.", "", "BAGS"])
    ]  # fmt: skip
    summary = json.loads(pulled(write_csv(tmp_path / "sister.csv", rows), "--json").stdout)
    assert summary["relaxed"]["country_code"] == "is always TUN, not USA"
    assert summary["relaxed"]["product_code"].startswith("is text, not a whole number")
    assert [row["category3_code"] for row in rows_of(out)] == ["N.A.", "N.A.", "BAGS"]
    assert [row["flg_discount"] for row in rows_of(out)] == [1, 1, 1]
    assert "itemurl" in summary["left_out"]


def test_a_lost_header_is_the_first_row(made: Path, out: Path, pulled: Pull, tmp_path: Path) -> None:
    rows = plain_rows(made)
    summary = json.loads(
        pulled(write_csv(tmp_path / "headless.csv", rows, header=False), *ROWS_ONLY, "--json").stdout
    )
    assert summary["header_lost"]
    assert (summary["rows_read"], summary["rows"]) == (24, 24)
    assert rows_of(out) == rows


def test_one_letter_titles_leave_nothing(pulled: Pull, out: Path, tmp_path: Path) -> None:
    rows = [{"title": "T", "product_code": at, "full_price": 5} for at in range(3)]
    done = pulled(write_csv(tmp_path / "china.csv", rows))
    assert done.exit_code == 2
    assert "None of the 3 rows of china.csv can be used: 3 x title breaks the rule" in done.stderr
    assert not out.exists()


def test_a_missing_paid_price_is_the_full_one(out: Path, pulled: Pull, tmp_path: Path) -> None:
    rows = [
        {"title": "Hat A", "product_code": "1", "full_price": "5", "price": "", "flg_discount": ""},
        {"title": "Hat B", "product_code": "2", "full_price": "5", "price": "4", "flg_discount": ""},
    ]
    summary = json.loads(pulled(write_csv(tmp_path / "hats.csv", rows), "--json").stdout)
    assert summary["filled"] == {"price": 1, "flg_discount": 2}
    assert [(row["price"], row["flg_discount"]) for row in rows_of(out)] == [(5.0, 0), (4.0, 1)]


def test_values_for_every_row_and_fewer_rows(out: Path, pulled: Pull, tmp_path: Path) -> None:
    rows = [{"name": f"Hat {at}", "price_usd": at + 1} for at in range(9)]
    words = ("--map", "name=title,price_usd=full_price", "--set", "brand=ACME, Inc.", "--limit", 4, "--json")
    summary = json.loads(pulled(write_csv(tmp_path / "hats.csv", rows), *words).stdout)
    assert (summary["rows_read"], summary["rows"]) == (4, 4)
    assert {row["brand"] for row in rows_of(out)} == {"ACME, Inc."}


def test_many_rows_become_many_shards_whatever_the_batches(
    out: Path, pulled: Pull, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from datagen.catalogue import binding

    monkeypatch.setattr(binding, "MOST_SHARDS", 1)
    monkeypatch.setattr(binding, "_ROWS", 700)
    table = pa.table({"title": [f"Hat {at}" for at in range(5000)], "product_code": pa.array(range(5000))})
    pq.write_table(table, tmp_path / "hats.parquet")
    monkeypatch.setattr(binding, "SHARD_BYTES", 40_000)
    pulled(tmp_path / "hats.parquet")
    shards = sorted((out / "data").iterdir())
    assert len(shards) == 3
    assert [row["title"] for row in rows_of(out)] == table["title"].to_pylist()


# Existing files and folders


def test_nothing_is_overwritten_without_overwrite(
    made: Path, out: Path, pulled: Pull, tmp_path: Path
) -> None:
    source = write_csv(tmp_path / "hats.csv", [{"title": "Hat A", "full_price": "5"}])
    assert pulled(source).exit_code == 0
    before = contents(out)
    assert "already exists; give --overwrite" in pulled_error(source, out)
    assert contents(out) == before
    assert pulled(source, "--overwrite").exit_code == 0
    assert contents(out) == before
    shutil.rmtree(out)
    out.mkdir()
    (out / "mine.txt").write_text("mine")
    assert "is not a dataset of this tool" in pulled_error(source, out, "--overwrite")
    assert (out / "mine.txt").read_text() == "mine"
    work = out.with_name("out.partial")
    shutil.rmtree(out)
    work.mkdir()
    (work / "mine.txt").write_text("mine")
    assert "is not from a pull" in pulled_error(source, out)


def test_killed_just_before_the_end_it_resumes(out: Path, pulled: Pull, tmp_path: Path) -> None:
    """All but the last step was done, or none but the first."""
    source = write_csv(tmp_path / "hats.csv", [{"title": "Hat A", "full_price": "5"}])
    pulled(source)
    before = contents(out)
    out.rename(out.with_name("out.partial"))
    pulled(source)
    assert contents(out) == before
    shutil.rmtree(out)
    out.with_name("out.partial").mkdir()
    (out.with_name("out.partial") / "begun.json.part").touch()
    pulled(source)
    assert contents(out) == before


def pulled_error(source: Path, out: Path, *words: str) -> str:
    done = CliRunner().invoke(main, ["pull", str(source), "--out", str(out), *words])
    assert done.exit_code == 2
    return done.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--limit", "0"], "0 rows cannot be read"),
        (["--map", "title=x"], "no such column"),
        (["--schema", "nowhere"], "nowhere"),
        (["--connections", "0"], "connections"),
    ],
)
def test_wrong_options_are_one_sentence(tmp_path: Path, out: Path, words: list[str], said: str) -> None:
    source = write_csv(tmp_path / "hats.csv", [{"title": "Hat A", "full_price": "5"}])
    assert said in pulled_error(source, out, *words)
    assert not out.exists()
