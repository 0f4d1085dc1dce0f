"""What the shell completes, asked as bash asks it: through the installed protocol of click."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest


def complete(words: str, cwd: Path) -> list[str]:
    """The completions of the last word of a command line, by bash's protocol."""
    parts = words.split(" ")
    done = subprocess.run(
        [sys.executable, "-c", "from datagen.cli import main; main(prog_name='datagen')"],
        cwd=cwd,
        env={
            **os.environ,
            "_DATAGEN_COMPLETE": "bash_complete",
            "COMP_WORDS": words,
            "COMP_CWORD": str(len(parts) - 1),
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stderr == ""
    return done.stdout.split()


@pytest.fixture
def place(tmp_path: Path) -> Path:
    for name in ("shop-a", "shop-b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "manifest.json").write_text("{}")
    (tmp_path / "photos").mkdir()
    (tmp_path / "mine.yaml").touch()
    (tmp_path / "mine.profile.yaml").touch()
    return tmp_path


def test_commands_are_completed(place: Path) -> None:
    assert "plain,describe" in complete("datagen de", place)


def test_dataset_folders_are_completed(place: Path) -> None:
    assert complete("datagen verify sh", place) == ["plain,shop-a", "plain,shop-b"]
    assert complete("datagen diff shop-a ", place) == ["plain,shop-a", "plain,shop-b"]
    assert complete("datagen verify ph", place) == ["dir,ph"]
    assert complete("datagen report --real sh", place) == ["plain,shop-a", "plain,shop-b"]


def test_schemas_and_profiles_are_completed(place: Path) -> None:
    assert complete("datagen schema bur", place) == ["plain,burberry"]
    assert complete("datagen make --schema m", place) == ["plain,mine.yaml"]
    assert complete("datagen profile --schema m", place) == ["plain,mine.yaml"]
    assert complete("datagen make --profile m", place) == ["plain,mine.profile.yaml"]
