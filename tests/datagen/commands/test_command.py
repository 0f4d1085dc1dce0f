"""What every command has: exceptions become a sentence and an exit code; interruptions say what is kept."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from datagen.cli import main
from datagen.commands.command import WRONG_PLACE, Command
from datagen.schemas import InputError, RunFailed


def _raising(error: BaseException, *options: str, kept: str = "") -> Command:
    def callback(**_: object) -> None:
        raise error

    params: list[click.Parameter] = [click.Option([option], is_flag=True) for option in options]
    return Command("work", callback=callback, params=params, kept=kept)


def _run(command: Command, *arguments: str) -> Result:
    return CliRunner().invoke(command, arguments)


@pytest.mark.parametrize(
    ("error", "code", "sentence"),
    [
        (InputError("No."), 2, "No."),
        (RunFailed("The Hub is away."), 1, "The Hub is away."),
        (ModuleNotFoundError("x", name="peft.tuners"), 2, "pip install 'datagen[train]'"),
        (PermissionError(errno.EACCES, "Permission denied", "set"), 2, "set: Permission denied."),
        (FileNotFoundError(errno.ENOENT, "No such file", "no/x.png.part"), 2, "no/x.png: No such file."),
        (OSError(errno.EROFS, "Read-only file system", "/elsewhere/x"), 1, "/elsewhere/x: Read-only"),
        (OSError(errno.EIO, "Input/output error", "set"), 1, "set: Input/output error."),
        (OSError(errno.ENOSPC, "No space left on device"), 1, "free some and run the same command again."),
        (MemoryError(), 1, "Out of memory; free some and try again."),
    ],
)
def test_an_expected_error_is_one_sentence(error: Exception, code: int, sentence: str) -> None:
    done = _run(_raising(error))
    assert done.exit_code == code
    assert done.stderr.startswith("Error: ")
    assert done.stderr.count("\n") == 1
    assert sentence in done.stderr


def test_the_remedies_are_options_that_the_command_has() -> None:
    full = OSError(errno.ENOSPC, "No space left on device")
    assert "again with --resume." in _run(_raising(full, "--resume")).stderr
    done = _run(_raising(MemoryError(), "--workers", "--image-size", "--other"))
    assert done.stderr == "Error: Out of memory; give a smaller --workers or --image-size.\n"


def test_with_json_the_error_is_on_stdout_too() -> None:
    command = _raising(InputError("No."))
    command.params.append(click.Option(["--json", "as_json"], is_flag=True))
    assert json.loads(_run(command, "--json").stdout) == {"error": "No."}


@pytest.mark.parametrize("code", sorted(WRONG_PLACE))
def test_a_place_that_the_user_named_and_cannot_be_used_is_wrong_input(code: int, tmp_path: Path) -> None:
    for name in ("set", "set.partial/data", "set-preview.jpg"):
        command = _raising(OSError(code, os.strerror(code), str(tmp_path / name)))
        command.params.append(click.Option(["--out"], type=click.Path(path_type=Path)))
        done = _run(command, "--out", str(tmp_path / "set"))
        assert (done.exit_code, done.stderr) == (2, f"Error: {tmp_path / name}: {os.strerror(code)}.\n")


@pytest.mark.parametrize("wrong", [["--rows", "abc"], ["--no-such-option"], ["spare"], []], ids=str)
def test_with_json_wrong_options_are_json_too(wrong: list[str]) -> None:
    for name, command in main.commands.items():
        if any("--json" in param.opts for param in command.params):
            done = CliRunner().invoke(main, [name, "--json", *wrong, "--surely-no-option"])
            assert done.exit_code == 2
            assert json.loads(done.stdout)["error"] in done.stderr
            assert done.stdout.count("\n") == 1


def test_a_defect_of_the_program_keeps_its_traceback() -> None:
    defect = KeyError("x")
    assert _run(_raising(defect)).exception is defect
    assert _run(_raising(ModuleNotFoundError("x", name="numpy"))).exit_code == 1


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (_raising(KeyboardInterrupt()), "Interrupted. Nothing was changed.\n"),
        (
            _raising(KeyboardInterrupt(), kept="Files that were sent are kept"),
            "Interrupted. Files that were sent are kept; run the same command to resume.\n",
        ),
        (
            _raising(KeyboardInterrupt(), "--resume", "--overwrite", "--fast"),
            "Interrupted. Finished work is kept; resume with:\n  datagen work --fast --resume\n",
        ),
    ],
)
def test_an_interruption_says_what_is_kept_and_how_to_resume(command: Command, said: str) -> None:
    arguments = ["--overwrite", "--fast"] if command.resumable else []
    done = _run(command, *arguments)
    assert done.exit_code == 130
    assert done.stderr == f"\n{said}"


def test_the_commands_that_resume_by_an_option() -> None:
    resumable = {name for name, command in main.commands.items() if getattr(command, "resumable", False)}
    assert resumable == {"make", "train"}
