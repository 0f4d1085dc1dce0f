"""The command, called in this process, and the one sentence of a refusal."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner, Result
from support.sets import OPTIONS

from datagen.cli import main

SMALL = ("make", "--rows", "24", "--image-size", "64x64", "--shard-rows", "10", *OPTIONS)


def invoke(*words: object) -> Result:
    """The command in this process; what it raises besides exits is a failure of the test."""
    return CliRunner().invoke(main, [str(word) for word in words], catch_exceptions=False)


def told(*words: object) -> Result:
    """The command in this process; what it says is one sentence or a summary, never a traceback."""
    done = invoke(*words)
    if done.exit_code:
        assert done.stderr.splitlines()[-1].startswith("Error: ")
    return done


def refusal(done: Result, code: int = 2) -> str:
    """The one sentence of a refusal; click adds how the command is used, and may list the choices."""
    assert done.exit_code == code, done.output
    assert done.stdout == ""
    hints = ("Usage:", "Try '", "\t")
    told = [line for line in done.stderr.splitlines() if line and not line.startswith(hints)]
    assert len(told) == 1, done.stderr
    assert told[0].startswith("Error: ")
    assert told[0].endswith(".") or "Usage:" in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(Path.cwd().iterdir()), "nothing is left behind"
    return told[0]
