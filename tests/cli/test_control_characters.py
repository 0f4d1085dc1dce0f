"""No output ever holds a raw control character, whatever names, values and messages hold."""

from __future__ import annotations

import csv
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from support.command import SMALL, invoke
from support.hostile import CONTROL, HOSTILE, printed
from support.sets import DATAGEN, ENVIRONMENT, change_cell, edit_manifest, garden

from datagen.commands.command import Command
from datagen.schemas import InputError


@pytest.fixture(scope="module")
def hostile_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dataset whose schema, values and own name hold control characters."""
    folder = tmp_path_factory.mktemp("hostile") / "set\x1b[31m\u202e\x9b"
    garden(folder, rows=len(HOSTILE), image_size=None, shard_rows=50)
    schema = (folder / "schema.yaml").read_text(encoding="utf-8")
    schema = re.sub("^title: .*$", 'title: "T\\\\e[2J\\\\u202e"', schema, flags=re.MULTILINE)
    schema = re.sub(r"(role: category.*\n)", '\\1  about: "\\\\e]0;x\\\\a\\\\x9b"\n', schema, count=1)
    (folder / "schema.yaml").write_text(schema, encoding="utf-8")
    for row, value in enumerate(HOSTILE):
        change_cell(folder, row, "group", value, shard_rows=50)
        change_cell(folder, row, "label", value, shard_rows=50)
    return folder


@pytest.mark.parametrize(
    "command",
    [
        ["verify", "FOLDER"],
        ["verify", "FOLDER", "--json"],
        ["preview", "FOLDER"],
        ["export", "FOLDER", "--to", "csv", "-o", "out\x1b[2J"],
        ["schema", "FOLDER/schema.yaml"],
        ["schema", "FOLDER/schema.yaml", "--json"],
        ["push", "FOLDER", "o/n\x1b[2J", "--dry-run"],
        ["push", "FOLDER", "o/n", "--dry-run", "--split", "\u202ex"],
        ["make", "--rows", "3", "--schema", "FOLDER/schema.yaml", "--dry-run", "--no-images"],
        ["pull", "FOLDER/nothing\x9b.csv"],
        ["mak\x1be"],
        ["make", "--ro\x9bws", "3"],
        ["make", "--rows", "3\x1b"],
        ["verify", "bytes\udcff"],
    ],
    ids=lambda command: command[0][:3] + str(len(command)),
)
def test_no_command_prints_one(command: list[str], hostile_folder: Path) -> None:
    printed(*(word.replace("FOLDER", str(hostile_folder)) for word in command))


def test_a_manifest_of_strange_names_is_refused_in_printable_text(
    tmp_path: Path, hostile_folder: Path
) -> None:
    folder = shutil.copytree(hostile_folder, tmp_path / "copy")
    edit_manifest(folder, lambda manifest: manifest.update({"\x1b[2J\u202e": 1}))
    assert "\\u202e" in printed("verify", folder)


def test_an_imported_catalogue_is_described_in_printable_text(tmp_path: Path) -> None:
    source = tmp_path / "shop\u202e.csv"
    with source.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["title", "price", "full_price", *HOSTILE[:5]])
        writer.writerows([value, price, price, *"abcde"] for value in HOSTILE for price in ("10", "x\x1b[2J"))
    assert "\\u202e" in printed("pull", source, "--no-images", "-o", tmp_path / "out")


def test_json_reads_back_as_the_same_value(hostile_folder: Path) -> None:
    assert "\\x9b" in invoke("schema", hostile_folder / "schema.yaml").stdout, "about a column"
    shown = json.loads(invoke("schema", hostile_folder / "schema.yaml", "--json").stdout)
    assert shown["title"] == "T\x1b[2J\u202e"


def test_an_error_stays_one_line() -> None:
    def callback() -> None:
        raise InputError("No such\nError: file \x1b[2J \ud800.")

    done = CliRunner().invoke(Command("work", callback=callback), [])
    assert done.stderr == "Error: No such\\nError: file \\x1b[2J \\ud800.\n"


def test_a_traceback_is_printable_too() -> None:
    code = "from datagen.cli import main; main(['--debug', 'verify', 'no\\x1b[2J'])"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=ENVIRONMENT, check=False
    )
    assert done.returncode == 1
    assert "Traceback" in done.stderr
    assert "no\\x1b[2J" in done.stderr
    assert not CONTROL.search(done.stderr)


@pytest.mark.parametrize("words", [["verify", "caf\u00e9\udcff"], ["schema"], ["schema", "--json"]])
def test_an_ascii_terminal_gets_escapes(words: list[str]) -> None:
    ascii_only = {**ENVIRONMENT, "PYTHONIOENCODING": "ascii", "LC_ALL": "C", "PYTHONUTF8": "0"}
    arguments = [word.encode("utf-8", "surrogateescape") for word in words]
    done = subprocess.run([*DATAGEN, *arguments], capture_output=True, env=ascii_only, check=False)
    assert done.returncode == (2 if words[0] == "verify" else 0), done.stderr
    assert (done.stdout + done.stderr).isascii()
    assert b"UnicodeEncodeError" not in done.stderr


@pytest.mark.parametrize("words", [["schema"], ["schema", "--json"], [*SMALL, "--dry-run"]])
def test_a_reader_that_leaves_ends_the_command_quietly(words: list[str]) -> None:
    with subprocess.Popen(
        [*DATAGEN, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=ENVIRONMENT
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 141
