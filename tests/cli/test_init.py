"""A scaffold works at once, and says what is wrong once it is edited."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from datagen.cli import main


def invoke(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


def test_rows_with_pictures_are_made_from_a_scaffold() -> None:
    done = invoke("init", "my-shop")
    assert done.exit_code == 0, done.output
    assert "datagen make --rows 40 --schema my-shop.yaml --profile my-shop.profile.yaml" in done.output
    pair = ("--schema", "my-shop.yaml", "--profile", "my-shop.profile.yaml")
    made = invoke("make", "--rows", 12, *pair, "--image-size", "64x64", "--out", "set")
    assert made.exit_code == 0, made.output
    assert invoke("verify", "set").exit_code == 0
    checked = invoke("schema", "my-shop.yaml", "--validate", "--profile", "my-shop.profile.yaml", "--json")
    assert json.loads(checked.output) == {
        "valid": True, "schema": "my-shop", "columns": 13, "profile": "my-shop", "kinds": 6,
    }  # fmt: skip


def test_nothing_is_overwritten_unasked() -> None:
    Path("a.profile.yaml").write_text("mine")
    done = invoke("init", "a")
    assert done.exit_code == 2
    assert "give --overwrite" in done.output
    assert [path.name for path in Path().iterdir()] == ["a.profile.yaml"]
    assert invoke("init", "a", "--overwrite").exit_code == 0
    assert "mine" not in Path("a.profile.yaml").read_text()


@pytest.mark.parametrize("name", ["My Shop", "../x", "", "burberry", "a" * 61])
def test_an_impossible_name_is_refused(name: str) -> None:
    done = invoke("init", "--", name)
    assert done.exit_code == 2
    assert not list(Path().iterdir())


def test_a_missing_folder_is_named() -> None:
    done = invoke("init", "a", "--out", "none")
    assert done.exit_code == 2
    assert "no folder" in done.output


def test_a_broken_pair_is_refused_in_a_sentence() -> None:
    assert invoke("init", "a").exit_code == 0
    schema, profile = Path("a.yaml"), Path("a.profile.yaml")
    assert invoke("schema", schema, "--validate").output == f"{schema} is a valid schema of 13 columns.\n"
    profile.write_text(profile.read_text().replace("kinds: {shirt: 1}", "kinds: {shirts: 1}"))
    done = invoke("schema", schema, "--validate", "--profile", profile)
    assert done.exit_code == 2
    assert "'shirts'" in done.output
    assert done.output.count("\n") == 1
    assert invoke("schema", schema, "--profile", profile).exit_code == 2
