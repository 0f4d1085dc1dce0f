"""Ctrl-C ends a run in one sentence, with the command that resumes it."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import time
from pathlib import Path

import pytest
from support.sets import OPTIONS, children, contents, garden, run, start, wait_for


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return garden(tmp_path_factory.mktemp("cli") / "undisturbed", rows=200)


def _interrupted(words: list[str], moment: str, out: Path) -> subprocess.CompletedProcess[str]:
    """Ctrl-C as a terminal gives it: to the whole process group, at a moment of the run."""
    work = out.with_name(out.name + ".partial")
    process = start(*words, cwd=Path.cwd())
    if moment == "workers start":
        wait_for(lambda: bool(children(process, "spawn_main")))
        time.sleep(0.2)  # in the midst of their imports
    else:
        wait_for(lambda: len(list(work.glob("data/*.parquet"))) >= 2)
    os.killpg(process.pid, signal.SIGINT)
    stdout, err = process.communicate(timeout=60)
    return subprocess.CompletedProcess(words, process.returncode, stdout, err)


@pytest.mark.slow
@pytest.mark.parametrize("moment", ["workers start", "replacing"])
def test_ctrl_c_tells_how_to_go_on_and_that_command_does(moment: str, undisturbed: Path) -> None:
    size = ["--rows", "200", "--image-size", "64x64", "--shard-rows", "10"]
    words = ["make", *size, "--workers", "2", *OPTIONS, "--out", "it's a set"]
    out = Path.cwd() / "it's a set"
    if moment == "replacing":
        garden(out, rows=3, image_size=None)
        words.insert(1, "--overwrite")
    old = contents(out)
    done = _interrupted(words, moment, out)
    assert done.returncode == 130, done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    told = [line for line in done.stderr.splitlines() if line and not line.startswith("Making: ")]
    assert told[0] == "Interrupted. Every finished shard is kept; resume with:"
    assert len(told) == 2
    assert contents(out) == old
    command = shlex.split(told[1])
    assert command == ["datagen", *[word for word in words if word != "--overwrite"], "--resume"]
    ran = run(*command[1:], cwd=Path.cwd())
    assert ran.returncode == 0, ran.stderr
    assert contents(out) == contents(undisturbed)
    assert [path.name for path in Path.cwd().iterdir()] == ["it's a set"]
