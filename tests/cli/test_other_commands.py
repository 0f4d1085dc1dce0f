"""The command previews, exports and verifies datasets, and shows schemas."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path

import pytest
from support.command import invoke
from support.sets import DATAGEN, ENVIRONMENT, GARDEN, garden


def test_a_set_is_previewed_exported_and_verified_from_within(monkeypatch: pytest.MonkeyPatch) -> None:
    garden(Path("set"))
    monkeypatch.chdir("set")
    for words in (
        ["verify", "."],
        ["preview", ".", "--count", 4],
        ["export", ".", "--format", "imagefolder"],
    ):
        done = invoke(*words)
        assert done.exit_code == 0, done.output
        assert done.stdout.strip()
    assert sorted(path.name for path in Path("..").iterdir()) == ["set", "set-imagefolder", "set-preview.jpg"]


def test_an_export_is_replaced_only_when_asked() -> None:
    garden(Path("set"), rows=3)
    assert invoke("export", "set/", "--format", "csv").exit_code == 0
    assert invoke("export", "set/", "--format", "csv").exit_code == 2
    assert invoke("export", "set/", "--format", "csv", "--overwrite").exit_code == 0
    assert sorted(path.name for path in Path.cwd().iterdir()) == ["set", "set-csv"]


def test_the_columns_of_a_schema_are_shown() -> None:
    shown = invoke("schema", GARDEN["schema"]).stdout
    for word in (
        "sku",
        "now_usd",
        "converted_price",
        r"G\d{5}X",
        "https://garden.example/{code}/{slug}.html",
    ):
        assert word in shown
    assert len(re.findall(r"^│ +\d+ │", invoke("schema").stdout, re.MULTILINE)) == 18


def test_a_pipe_that_closes_early_is_no_error() -> None:
    command = f"{shlex.join(DATAGEN)} schema burberry | head -1"
    done = subprocess.run(
        ["bash", "-c", command], env=ENVIRONMENT, capture_output=True, text=True, check=True
    )
    assert "Traceback" not in done.stderr
    assert len(done.stdout.splitlines()) == 1
