"""``datagen profile`` and ``datagen make --like``, from end to end."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from support.brand_rows import FREQUENT, RARE, brand_names, shop_of_brands
from support.command import invoke, refusal
from support.sets import contents
from support.shop_rows import hardware, shop, write

from datagen.dataset.verify import verify_folder
from datagen.schemas.folder import read_manifest


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sources")
    write(hardware(300), folder / "laden.csv")
    write(shop(9), folder / "nine.csv")
    write(shop(300), folder / "shop.jsonl")
    return folder


def test_a_profile_is_written_told_and_made_from(sources: Path) -> None:
    done = invoke("profile", sources / "laden.csv", "-o", "laden.profile.yaml")
    assert done.exit_code == 0
    assert "Learned laden.csv (300 rows)" in done.stdout
    assert "Wrote laden.yaml and laden.profile.yaml." in done.stdout
    for column, role in (
        ("Artikelnr", "code"),
        ("Bezeichnung", "title"),
        ("Preis", "price"),
        ("Lager", "drawn"),
    ):
        assert any(column in line and role in line for line in done.stdout.splitlines())
    made = "--rows", 50, "--no-images", "--schema", "laden.yaml", "--profile", "laden.profile.yaml"
    assert invoke("make", *made, "--out", "a", "-q").exit_code == 0
    assert invoke("schema", "laden.yaml", "--validate", "--profile", "laden.profile.yaml").exit_code == 0
    assert verify_folder("a").whole


def test_the_summary_as_json(sources: Path) -> None:
    done = invoke("profile", sources / "shop.jsonl", "--json", "--min-count", 8, "--map", "title=name")
    summary = json.loads(done.stdout)
    assert {each["column"]: each["role"] for each in summary["columns"]} == {
        "name": "title",
        "price": "price",
        "kind": "category",
        "image": "image",
    }
    assert summary["warnings"] == []
    assert (summary["rows"], summary["schema"], summary["profile"]) == (300, "shop.yaml", "shop.profile.yaml")
    assert "fewer than 8 products" in Path("shop.profile.yaml").read_text(encoding="utf-8")


def test_existing_files_are_replaced_only_when_asked(sources: Path) -> None:
    command = "profile", sources / "shop.jsonl", "-q"
    assert invoke(*command).exit_code == 0
    first = contents(Path())
    again = invoke(*command)
    assert (again.exit_code, "already exists; give --overwrite" in again.stderr) == (2, True)
    assert invoke(*command, "--overwrite").exit_code == 0
    assert contents(Path()) == first


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nine.csv"], "nine.csv has 9 rows, too few to learn from"),
        (["absent.csv"], "There is no file or folder"),
        (["shop.jsonl", "--min-count", 1], "--min-count is 1; give 2 or more"),
        (["shop.jsonl", "-o", "shop.txt"], "shop.txt is no YAML file"),
        (["shop.jsonl", "-o", "nowhere/shop.profile.yaml"], "There is no folder nowhere"),
        (["shop.jsonl", "--schema", "burberry"], "--map THEIRS="),
        (["shop.jsonl", "--limit", 0], "0 rows cannot be read"),
        (["shop.jsonl", "--max-rows", 100], "has more than 100 rows"),
    ],
)
def test_wrong_input_is_one_sentence(words: list[object], said: str, sources: Path) -> None:
    source = sources / str(words[0]) if str(words[0]) != "absent.csv" else words[0]
    assert said in refusal(invoke("profile", source, "-q", *words[1:]))


def test_a_catalogue_like_a_source_is_made_by_one_command(sources: Path) -> None:
    command = (
        "make",
        "--like",
        sources / "laden.csv",
        "--rows",
        60,
        "--image-size",
        "64x64",
        "--shard-rows",
        30,
    )
    assert invoke(*command, "--out", "a", "-q").exit_code == 0
    assert invoke(*command, "--out", "b", "-q").exit_code == 0
    assert contents(Path("a")) == contents(Path("b"))
    assert verify_folder("a").whole
    recipe = read_manifest(Path("a")).recipe
    assert recipe is not None
    assert recipe.like is not None
    assert recipe.like.name == "laden.csv, --min-count 5"
    assert "fitted to 300 rows" in Path("a/profile.yaml").read_text(encoding="utf-8")


def test_a_run_is_resumed_for_the_same_source_only(tmp_path: Path, sources: Path) -> None:
    source = tmp_path / "shop.csv"
    write(shop(300), source)
    command = "make", "--like", source, "--rows", 40, "--no-images", "--out", tmp_path / "a", "-q"
    assert invoke(*command).exit_code == 0
    assert invoke(*command, "--resume").exit_code == 0
    write([*shop(299), {"title": "Wool Coat", "price": 5, "kind": "COAT"}], source)
    changed = invoke(*command, "--resume")
    assert (changed.exit_code, "is finished and differs in" in changed.stderr) == (2, True)


def test_rare_names_are_left_out_when_asked_and_the_folder_says_so(tmp_path: Path) -> None:
    source = tmp_path / "shop.csv"
    keys = ("department", "maker", "title", "price")
    write([dict(zip(keys, row, strict=True)) for row in shop_of_brands()], source)
    command = "make", "--like", source, "--rows", 300, "--no-images", "-q"
    for more in ([], ["--fold-names"], ["--min-count", 5], ["--min-count", 7, "--fold-names"]):
        assert invoke(*command, *more, "--overwrite").exit_code == 0
    name, folded = "shop-300-no-images", "shop-300-no-images-folded-names"
    assert {folder.name for folder in Path().iterdir()} == {
        name,
        folded,
        "shop-300-no-images-min7-folded-names",
    }
    known = set(brand_names(FREQUENT + RARE)[:FREQUENT])
    assert _makers(folded) <= known
    assert _makers(name) - known
    recipe = read_manifest(Path(folded)).recipe
    assert recipe is not None
    assert recipe.like is not None
    assert recipe.like.name == "shop.csv, --min-count 5, --fold-names"


def _makers(folder: str) -> set[str]:
    (shard,) = Path(folder).glob("data/*.parquet")
    return set(pq.read_table(shard)["maker"].to_pylist())


@pytest.mark.parametrize("command", ["profile", "make"])
def test_too_few_titles_are_warned_of(command: str, tmp_path: Path) -> None:
    source = tmp_path / "few.csv"
    nouns = [
        "Oak Table",
        "Pine Chair",
        "Brass Lamp",
        "Clay Pot",
        "Wool Rug",
        "Steel Pan",
        "Glass Vase",
        "Cork Mat",
    ]
    write([{"name": nouns[at % 8], "price": 10 + at} for at in range(200)], source)
    words = [command, *(["--like", source, "--rows", 30, "--no-images"] if command == "make" else [source])]
    said = (
        "few.csv has only 8 different titles, and 100% of their words are in fewer than 5 of them, so "
        "made-up words stand in for these; give more products, or a smaller --min-count."
    )
    assert f"Warning: {said}\n" in invoke(*words).stderr
    done = invoke(*words, "--json", "--overwrite")
    assert (json.loads(done.stdout)["warnings"], done.stderr) == ([said], f"Warning: {said}\n")
    assert invoke(*words, "-q", "--overwrite").stderr == ""


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--like", "shop.jsonl", "--schema", "burberry"], "leave out --schema, or --like"),
        (["--like", "shop.jsonl", "--profile", "burberry"], "leave out --profile, or --like"),
        (["--min-count", 7], "--min-count is for rows that are learned from; give --like as well"),
        (["--fold-names"], "--fold-names is for rows that are learned from; give --like as well"),
        (["--like", "nine.csv"], "nine.csv has 9 rows"),
    ],
)
def test_options_that_contradict_like_are_refused(words: list[object], said: str, sources: Path) -> None:
    given = [sources / str(word) if str(word).endswith((".csv", ".jsonl")) else word for word in words]
    assert said in refusal(invoke("make", "--rows", 10, *given))
