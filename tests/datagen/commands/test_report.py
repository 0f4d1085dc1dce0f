"""``datagen report``: from two sets to a page, its numbers, a summary, and an exit code."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from support.command import invoke
from support.sets import change_cell, contents, garden
from support.vision_models import write_vision_model

from datagen import make

ROWS = 100
NAMES = ["fidelity", "giveaway", "usefulness", "privacy", "pictures", "picture-use"]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two draws of the garden shop, and a report on them."""
    path = tmp_path_factory.mktemp("report")
    for name, seed in (("real", 0), ("made", 7)):
        garden(path / name, ROWS, seed=seed, shard_rows=ROWS)
    done = report(path, "--out", path / "report.html")
    assert done.exit_code == 0, done.output
    return path


def report(place: Path, *options: object, real: object = None, made: object = None) -> Any:
    return invoke("report", "--real", real or place / "real", "--synthetic", made or place / "made", *options)


def numbers(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def test_page_and_numbers_hold_every_section(place: Path) -> None:
    found = numbers(place / "report.json")
    assert [section["name"] for section in found["sections"]] == NAMES
    page = (place / "report.html").read_text(encoding="utf-8")
    assert len(page) < 2_000_000
    for section in found["sections"]:
        assert f'<section id="{section["name"]}">' in page
    assert found["real"]["rows"] == found["synthetic"]["compared"] == ROWS
    assert found["versions"].keys() >= {"datagen", "numpy", "scikit-learn"}
    assert "--seed 0" in found["command"]


def test_the_same_command_gives_the_same_bytes_anywhere(place: Path, tmp_path: Path) -> None:
    assert report(place, "--out", tmp_path / "again.html", "-q").exit_code == 0
    assert (tmp_path / "again.html").read_bytes() == (place / "report.html").read_bytes()
    assert (tmp_path / "again.json").read_bytes() == (place / "report.json").read_bytes()


def test_pictures_are_compared_by_a_vision_model(place: Path, tmp_path: Path) -> None:
    model = write_vision_model(tmp_path / "clip", "clip")
    done = report(place, "--vision-model", model, "--out", tmp_path / "r.html", "-q")
    assert done.exit_code == 0, done.output
    by_model, by_hand = (numbers(path) for path in (tmp_path / "r.json", place / "report.json"))
    at = NAMES.index("pictures")
    assert by_model["sections"][:at] == by_hand["sections"][:at]
    assert by_model["sections"][at]["tables"] == by_hand["sections"][at]["tables"]
    kids = [
        next(figure["value"] for figure in each["sections"][at]["figures"] if figure["name"] == "KID")
        for each in (by_model, by_hand)
    ]
    assert kids[0] != kids[1]
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert f"by the features of a trained vision model, {model}, which" in page
    assert f"--vision-model {model}" in by_model["command"]
    nothing = report(place, "--vision-model", model, "--no-images", "--out", tmp_path / "n.html")
    assert (nothing.exit_code, "give one of them" in nothing.stderr) == (2, True)


def test_a_file_is_pulled_into_the_columns_of_the_other_set(place: Path, tmp_path: Path) -> None:
    table = pq.read_table(place / "real" / "data").drop_columns(["picture"]).slice(0, 30)
    pyarrow.csv.write_csv(table.append_column("extra", [["x"] * 30]), tmp_path / "shop.csv")
    done = report(place, "--no-images", "--out", tmp_path / "r.html", "--json", real=tmp_path / "shop.csv")
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert found == numbers(tmp_path / "r.json")
    assert [section["name"] for section in found["sections"]] == NAMES[:4]
    assert found["real"] == {**found["real"], "name": str(tmp_path / "shop.csv"), "rows": 30}
    assert any("columns that the schema does not have: extra" in sentence for sentence in found["left_out"])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["r.html", "r.json", "shop.csv"]


def test_two_files_are_read_by_the_columns_that_the_real_one_has(place: Path, tmp_path: Path) -> None:
    for name in ("real", "made"):
        table = pq.read_table(place / name / "data").drop_columns(["picture"])
        pyarrow.csv.write_csv(
            table.rename_columns([f"my {each}" for each in table.column_names]), tmp_path / f"{name}.csv"
        )
    files = {name: tmp_path / f"{name}.csv" for name in ("real", "made")}
    done = report(place, "--no-images", "--out", tmp_path / "r.html", **files)
    assert done.exit_code == 0, done.output
    found = numbers(tmp_path / "r.json")
    assert found["real"]["rows"] == found["synthetic"]["rows"] == ROWS
    assert found["left_out"] == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["made.csv", "r.html", "r.json", "real.csv"]


def test_two_files_with_the_built_in_columns_are_read_by_these(place: Path, tmp_path: Path) -> None:
    for name, seed in (("real", 0), ("made", 7)):
        make(40, tmp_path / name, seed=seed, image_size=None)
        pyarrow.csv.write_csv(pq.read_table(tmp_path / name / "data"), tmp_path / f"{name}.csv")
    figures = []
    for suffix in ("", ".csv"):
        sets = {name: tmp_path / f"{name}{suffix}" for name in ("real", "made")}
        done = report(place, "--no-images", "--out", tmp_path / f"r{suffix}.html", **sets)
        assert done.exit_code == 0, done.output
        found = numbers(tmp_path / f"r{suffix}.json")
        assert found["left_out"] == []
        figures.append([figure["name"] for section in found["sections"] for figure in section["figures"]])
    assert figures[0] == figures[1]


def test_fail_under_is_judged_by_the_share_that_passes(place: Path, tmp_path: Path) -> None:
    folder = garden(tmp_path / "few", 12, image_size=None)
    copies = ["--out", tmp_path / "c.html", "--no-images", "-q"]
    done = report(place, *copies, "--fail-under", 100, real=folder, made=folder)
    assert done.exit_code == 1
    assert "judged figures pass (failed: " in done.stderr
    assert "and --fail-under asks for 100 %." in done.stderr
    assert done.stdout == ""
    assert report(place, *copies, "--overwrite", "--fail-under", 0, real=folder, made=folder).exit_code == 0


def test_without_real_rows_no_real_title_is_in_either_file(place: Path, tmp_path: Path) -> None:
    options = ["--out", tmp_path / "p.html", "--without-real-rows"]
    done = report(place, *options)
    assert done.exit_code == 0
    for name in ("Fidelity", "Pictures", "two-sample AUC", "other half", "p.json"):
        assert name in done.stdout
    titles = [set(pq.read_table(place / name / "data")["label"].to_pylist()) for name in ("real", "made")]
    cells = {
        cell
        for section in numbers(tmp_path / "p.json")["sections"]
        for table in section["tables"]
        for row in table["rows"]
        for cell in row
        if isinstance(cell, str)
    }
    assert cells & titles[1]
    assert not cells & (titles[0] - titles[1])
    page = (tmp_path / "p.html").read_text(encoding="utf-8")
    assert not [title for title in titles[0] - titles[1] if f">{title}<" in page or f'"{title}, ' in page]
    assert numbers(tmp_path / "p.json")["shows_real_rows"] is False


def test_ten_rows_give_sections_that_say_why_not(place: Path, tmp_path: Path) -> None:
    garden(tmp_path / "ten", 10, image_size=None)
    done = report(place, "--out", tmp_path / "r.html", "-q", "--fail-under", 50, made=tmp_path / "ten")
    found = numbers(tmp_path / "r.json")
    told = {section["name"]: section for section in found["sections"]}
    assert told["pictures"]["not_computed"] == f"{tmp_path / 'ten'} has no pictures"
    assert told["fidelity"]["figures"][0]["value"] is None
    assert "each set needs" in told["fidelity"]["figures"][0]["not_computed"]
    assert done.exit_code in {0, 1}


def test_a_real_set_of_one_row_is_told_for_what_it_is(place: Path, tmp_path: Path) -> None:
    one = garden(tmp_path / "one", 1)
    done = report(place, "--out", tmp_path / "r.html", real=one)
    assert done.exit_code == 0
    told = {section["name"]: section for section in numbers(tmp_path / "r.json")["sections"]}
    assert (told["fidelity"]["headline"], told["fidelity"]["verdict"]) == ("two-sample AUC", "none")
    assert "two-sample AUC: not computed," in " ".join(done.output.split())
    assert told["privacy"]["not_computed"].startswith("the real titles are all alike")
    for name in ("pictures", "picture-use"):
        assert told[name]["not_computed"].startswith("it takes 20 pictures in each half of the real set")
        assert told[name]["not_computed"].endswith("not 0")


def test_a_set_whose_pictures_are_missing_is_compared_by_its_rows(place: Path, tmp_path: Path) -> None:
    bare = garden(tmp_path / "bare", 60, shard_rows=60)
    for row in range(60):
        change_cell(bare, row, "picture", None, shard_rows=60)
    assert report(place, "--out", tmp_path / "r.html", "-q", real=bare).exit_code == 0
    told = {section["name"]: section for section in numbers(tmp_path / "r.json")["sections"]}
    assert told["pictures"]["not_computed"] == f"{bare} has no picture that can be decoded"
    assert told["privacy"]["figures"][0]["value"] is not None


def test_wrong_input_is_one_sentence_and_writes_nothing(place: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.csv"
    other.write_text("a,b\n1,2\n")
    (tmp_path / "taken.json").touch()
    no_shard = garden(tmp_path / "no shard", 10, image_size=None)
    next((no_shard / "data").iterdir()).unlink()
    shelf = tmp_path / "shelf"
    make(12, shelf, image_size=None)
    nul = tmp_path / "nul.csv"
    nul.write_text("label,group,list_eur,now_eur\n" + "Spade,To\0ls,9,9\n" * 30)
    (tmp_path / "header.csv").write_text("label,group,list_eur,now_eur\n")
    (tmp_path / "nothing").mkdir()
    before = contents(tmp_path)
    for options, said in (
        (["--real", tmp_path / "none", "--synthetic", place / "made"], "none"),
        (
            ["--real", other, "--synthetic", place / "made"],
            "other.csv: No column was recognised as the label; give --map COLUMN=label with",
        ),
        (
            ["--real", no_shard, "--synthetic", place / "made"],
            "cannot be read (it is missing); run datagen ver",
        ),
        (["--real", shelf, "--synthetic", place / "made"], "have no column in common; a report compares"),
        (
            ["--real", nul, "--synthetic", place / "made"],
            "None of the 30 rows of nul.csv can be used: 30 x hol",
        ),
        (["--real", tmp_path / "header.csv", "--synthetic", place / "made"], "header.csv has no rows."),
        (
            ["--real", tmp_path / "nothing", "--synthetic", place / "made"],
            "nothing has no rows that can be read",
        ),
        (
            ["--real", place / "real", "--synthetic", place / "made", "--out", tmp_path / "x.txt"],
            "end in .html",
        ),
        (
            ["--real", place / "real", "--synthetic", place / "made", "--out", tmp_path / "no" / "x.html"],
            "no folder",
        ),
        (
            ["--real", place / "real", "--synthetic", place / "made", "--out", tmp_path / "taken.html"],
            "already exists",
        ),
        (["--real", place / "real", "--synthetic", place / "made", "--rows", 0], "1 to 100,000 rows"),
    ):
        if "--out" not in options:
            options = [*options, "--out", tmp_path / "x.html"]
        done = invoke("report", *options)
        assert done.exit_code == 2, options
        assert said in done.stderr
        assert done.stderr.strip().splitlines()[-1].startswith("Error: ")
    assert contents(tmp_path) == before


def test_without_scikit_learn_one_sentence_says_how_to_get_it(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "sklearn", None)
    done = report(place, "--out", tmp_path / "r.html")
    assert done.exit_code == 2
    assert "pip install 'datagen[report]'" in done.stderr
    assert not list(tmp_path.iterdir())
