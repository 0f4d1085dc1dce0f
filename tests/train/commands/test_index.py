"""``datagen index`` and ``--retrieve`` as a user has them."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest
from support.command import told
from support.made_index import products
from support.sets import garden
from support.tiny_run import run_folder

from datagen.schemas import InputError
from datagen.train.commands.options import retrieval_of
from datagen.train.config import load_config, saved_config
from datagen.train.retrieval.store import open_table


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return garden(tmp_path_factory.mktemp("index-command") / "shop", 12)


def test_index_makes_updates_and_replaces(shop: Path, tmp_path: Path) -> None:
    out = tmp_path / "shop.index"
    done = told("index", shop, "--base", "tiny", "--out", out, "--json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout) == {
        "out": str(out),
        "products": 12,
        "added": 12,
        "replaced": 0,
        "removed": 0,
        "kept": 0,
        "seen": 12,
        "left_out": 0,
    }
    other = garden(tmp_path / "other", 10, seed=3)
    done = told("index", other, "--out", out, "--update", "--keep")
    assert done.exit_code == 0, done.output
    assert "Updated" in done.stdout
    assert f"datagen evaluate RUN --retrieve {out}" in done.stdout
    assert len(products(out)) > 12
    done = told("index", other, "--base", "tiny", "--out", out)
    assert done.exit_code == 2
    assert "already exists; bring it up to date with --update" in done.stderr
    assert told("index", other, "--base", "tiny", "--out", out, "--overwrite", "-q").output == ""
    assert len(products(out)) == 10


def test_an_index_takes_model_and_picture_size_from_a_run_or_a_recipe(shop: Path, tmp_path: Path) -> None:
    run_folder(tmp_path / "run", shop, **{"data.split": {"train": 0.6, "validation": 0.2, "test": 0.2}})
    out = tmp_path / "shop.index"
    done = told("index", shop, "--base", tmp_path / "run", "--out", out)
    assert "has no model 'best'" in done.stderr  # the run is to train its tower, and has not yet
    shutil.copytree(tmp_path / "run" / "base-model", tmp_path / "run" / "best")
    done = told("index", shop, "--base", tmp_path / "run", "--out", out, "-q")
    assert done.exit_code == 0, done.output
    about = open_table(out).about
    base = saved_config(tmp_path / "run").model.base
    assert (about.kind, about.base, about.num_crops) == ("tower", base, 1)
    assert about.run == str(tmp_path / "run")
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text(f"model: {{base: {base}, method: lora}}\n", encoding="utf-8")
    done = told("index", shop, "--recipe", recipe, "--num-crops", 2, "--out", tmp_path / "b.index", "-q")
    assert done.exit_code == 0, done.output
    about = open_table(tmp_path / "b.index").about
    assert (about.base, about.num_crops, about.run) == (base, 2, None)
    # An update sees new pictures with the same tower, and refuses one that has changed.
    other = garden(tmp_path / "other", 8, seed=4)
    done = told("index", other, "--out", tmp_path / "b.index", "--update", "--json")
    assert json.loads(done.stdout)["products"] == 8
    (weights,) = Path(base).glob("*.safetensors")
    weights.write_bytes(weights.read_bytes()[:-1] + b"\1")
    done = told("index", shop, "--out", tmp_path / "b.index", "--update")
    assert done.exit_code == 2
    assert f"{base} has changed since" in done.stderr


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["SHOP", "--update"], "is not an index; make one with datagen index"),
        (["SHOP", "--update", "--base", "tiny"], "--update keeps the model of the index"),
        (["SHOP", "--keep"], "--keep belongs to --update"),
        (["nowhere", "--base", "tiny"], "There is no folder or file nowhere"),
        (["SHOP", "--base", "tiny", "--recipe", "gpu-9000gb"], "neither a file nor built in"),
        (["SHOP", "--base", "tiny", "--split", "holdout"], "has no split 'holdout'"),
    ],
)
def test_what_cannot_be_indexed_is_refused_and_leaves_nothing(
    shop: Path, tmp_path: Path, words: list[str], why: str
) -> None:
    given = [shop if word == "SHOP" else word for word in words]
    done = told("index", *given, "--out", tmp_path / "a.index")
    assert done.exit_code == 2, done.output
    assert why in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_index_without_its_library_says_how_to_install_it(
    shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "lancedb", None)
    done = told("index", shop, "--base", "tiny", "--out", tmp_path / "a.index")
    assert done.exit_code == 2
    assert "pip install 'datagen[rag]'" in done.stderr


def test_options_override_what_a_run_was_trained_with(shop: Path, tmp_path: Path) -> None:
    config = load_config(None, {"data.real": str(shop), "retrieval.index": "mine.index", "retrieval.k": 7})
    config.save(tmp_path / "config.yaml")
    assert retrieval_of(tmp_path, None, None, False) == config.retrieval
    other = retrieval_of(tmp_path, Path("other.index"), 2, False)
    assert (other.index, other.k) == ("other.index", 2)
    assert retrieval_of(tmp_path, None, None, True).index is None
    for asked, why in (
        ((Path("a"), None, True), "leave out --retrieve and --k"),
        ((None, 101, False), "--k 101 is out of range"),
    ):
        with pytest.raises(InputError, match=why):
            retrieval_of(tmp_path, *asked)
    load_config(None, {"data.real": str(shop)}).save(tmp_path / "config.yaml")
    with pytest.raises(InputError, match="give --retrieve as well"):
        retrieval_of(tmp_path, None, 3, False)
