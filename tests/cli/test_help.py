"""The help of every command: complete, within the terminal, and fast to load."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
from click.testing import CliRunner
from support.command import invoke
from support.sets import ENVIRONMENT

from datagen.cli import main
from datagen.commands.command import Command
from datagen.generation.recipe import RecipeOptions

COMMANDS = [
    "make", "describe", "preview", "gallery", "verify", "diff", "explain", "report", "export", "pull", "push",
    "profile", "schema", "init",
]  # fmt: skip


@pytest.mark.parametrize("words", [["--help"], ["make", "--help"], ["pull", "--help"], ["train", "--help"]])
def test_help_loads_click_and_nothing_heavy(words: list[str]) -> None:
    code = (
        "import sys; before = set(sys.modules)\n"
        "import datagen.cli\n"
        f"try: datagen.cli.main({words})\n"
        "except SystemExit: pass\n"
        "print(*{name.partition('.')[0] for name in set(sys.modules) - before} - sys.stdlib_module_names)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=ENVIRONMENT, capture_output=True, text=True, check=True
    )
    shown, _, loaded = done.stdout.rstrip().rpartition("\n")
    assert "Usage:" in shown
    assert set(loaded.split()) - {"_distutils_hack"} == {"click", "datagen"}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_the_help_of_every_command_has_an_example(command: str, flag: str) -> None:
    done = invoke(command, flag)
    assert done.exit_code == 0
    assert re.search(rf"Examples?:\n +datagen {command} ", done.stdout)


def test_every_command_is_listed_and_turns_errors_into_sentences() -> None:
    assert list(main.commands)[: len(COMMANDS)] == COMMANDS
    assert all(name in invoke("--help").stdout for name in main.commands)
    assert all(isinstance(command, Command) for command in main.commands.values())
    for name in set(main.commands) - set(COMMANDS):  # the training commands have an example, too
        assert "Example" in invoke(name, "--help").stdout


def test_make_has_an_option_for_every_option_of_a_recipe() -> None:
    names = {param.name for param in main.commands["make"].params}
    renamed = {"count": "counts", "splits": "shares"}
    assert names >= {renamed.get(name, name) for name in RecipeOptions.__annotations__}


@pytest.mark.parametrize("command", [[], *[[name] for name in main.commands]], ids=lambda words: str(*words))
@pytest.mark.parametrize("width", [80, 100])
def test_help_fits_the_terminal(command: list[str], width: int) -> None:
    shown = CliRunner().invoke(main, [*command, "--help"], terminal_width=width).stdout
    assert shown.startswith("Usage:")
    assert [line for line in shown.splitlines() if len(line) > width and "datagen" not in line] == []


@pytest.mark.parametrize("command", list(main.commands))
def test_prose_is_indented_by_two_columns_and_examples_by_four(command: str) -> None:
    shown = invoke(command, "--help").stdout
    prose = shown.partition("\n\n")[2].partition("\nOptions:")[0].splitlines()
    assert {len(line) - len(line.lstrip()) for line in prose if line} <= {2, 4, 6}
    examples = shown.partition("Example")[2].partition("\nOptions:")[0].splitlines()[1:]
    assert {len(line) - len(line.lstrip()) for line in examples if line.strip().startswith("datagen")} == {4}


def test_the_version_is_told() -> None:
    assert re.fullmatch(r"datagen, version \d+\.\d+\.\d+\n", invoke("--version").stdout)
