"""The house keeps its plan: rooms, directions of imports, and no catalogue's words in the code."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

from datagen.profile import Profile
from schemas import DEFAULT_SCHEMA, load_schema

ROOT = Path(__file__).parents[1]
CODE = sorted(path for room in ("datagen", "train", "schemas") for path in (ROOT / room).rglob("*.py"))
MAY_IMPORT = {"schemas": set(), "datagen": {"schemas"}, "train": {"schemas"}}


def _imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.split(".")[0])
    return found


@pytest.mark.parametrize("path", CODE, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_run_one_way(path: Path) -> None:
    room = path.relative_to(ROOT).parts[0]
    rooms = _imports(path) & {"cli", "train", "datagen", "schemas", "tests"}
    assert rooms - {room} <= MAY_IMPORT[room]
    if room == "datagen":
        assert not _imports(path) & {"torch", "transformers"}


# Column names that are also plain English say nothing of a catalogue; the others would be a leak.
PLAIN = {"title", "price", "image", "brand"}


@pytest.mark.parametrize("path", sorted((ROOT / "datagen").rglob("*.py")), ids=lambda path: path.stem)
def test_the_generator_knows_no_column_and_no_brand(path: Path, burberry: Profile) -> None:
    columns = {column.name for column in load_schema(DEFAULT_SCHEMA).columns} - PLAIN
    text = path.read_text(encoding="utf-8")
    assert not set(re.findall(r"[A-Za-z0-9_]+", text)) & columns
    lines = {phrase for word in burberry.words["line"].values() for phrase in word.say}
    for word in [*lines, "burberry", "Prorsum", "Thomas Bear", "EKD"]:
        assert not re.search(rf"\b{re.escape(word)}\b", text, re.IGNORECASE if word == "burberry" else 0), (
            word
        )


def test_no_file_is_longer_than_can_be_read() -> None:
    for path in [*CODE, ROOT / "cli.py"]:
        assert len(path.read_text(encoding="utf-8").splitlines()) <= 450, path


def test_the_core_needs_no_torch() -> None:
    setup = (ROOT / "setup.cfg").read_text(encoding="utf-8")
    core = setup.split("install_requires =")[1].split("\n[")[0]
    assert "torch" not in core
    assert "transformers" not in core


def test_importing_the_library_loads_neither_torch_nor_datasets() -> None:
    code = "import sys, datagen; print(sorted({'torch', 'datasets', 'sklearn', 'ray'} & set(sys.modules)))"
    done = subprocess.run(["python", "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"
