"""Ctrl-C ends a run in one sentence, with the command that resumes it."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path
from unittest.mock import ANY

import pytest
from support.sets import ENVIRONMENT, OPTIONS, children, contents, garden, run, start, wait_for

PROGRESS = ("Making: ", "Starting ")


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return garden(tmp_path_factory.mktemp("cli") / "undisturbed", rows=200)


def _interrupted(words: list[str], moment: str, out: Path) -> subprocess.CompletedProcess[str]:
    """Ctrl-C as a terminal gives it: to the whole process group, at a moment of the run."""
    work = out.with_name(out.name + ".partial")
    process = start(*words, cwd=Path.cwd())
    if moment.endswith("s after a worker"):
        wait_for(lambda: bool(children(process, "spawn_main")))
        time.sleep(float(moment.split()[0]))
    else:
        wait_for(lambda: len(list(work.glob("data/*.parquet"))) >= 2)
    os.killpg(process.pid, signal.SIGINT)
    stdout, err = process.communicate(timeout=60)
    return subprocess.CompletedProcess(words, process.returncode, stdout, err)


def _told(done: subprocess.CompletedProcess[str]) -> list[str]:
    """The lines that an interrupted command writes besides its progress."""
    assert done.returncode == 130, done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    return [line for line in done.stderr.splitlines() if line and not line.startswith(PROGRESS)]


@pytest.mark.slow
def test_ctrl_c_tells_how_to_go_on_and_that_command_does(undisturbed: Path) -> None:
    size = ["--rows", "200", "--image-size", "64x64", "--shard-rows", "10"]
    words = ["make", "--overwrite", *size, "--workers", "2", *OPTIONS, "--out", "it's a set"]
    out = garden(Path.cwd() / "it's a set", rows=3, image_size=None)
    old = contents(out)
    done = _interrupted(words, "replacing", out)
    told = _told(done)
    assert told[0] == "Interrupted. Every finished shard is kept; resume with:"
    assert len(told) == 2
    assert contents(out) == old
    command = shlex.split(told[1])
    assert command == ["datagen", *[word for word in words if word != "--overwrite"], "--resume"]
    ran = run(*command[1:], cwd=Path.cwd())
    assert ran.returncode == 0, ran.stderr
    assert contents(out) == contents(undisturbed)
    assert [path.name for path in Path.cwd().iterdir()] == ["it's a set"]


@pytest.mark.parametrize("seconds", [0.0, 0.2])
def test_ctrl_c_while_workers_start_leaves_nothing(seconds: float) -> None:
    words = ["make", "--rows", "2000", "--workers", "3", *OPTIONS, "--out", "set"]
    done = _interrupted(words, f"{seconds} s after a worker", Path.cwd() / "set")
    assert _told(done) == ["Interrupted. Nothing was changed."]
    assert not list(Path.cwd().iterdir())


def test_a_second_ctrl_c_ends_the_command_too() -> None:
    words = ["make", "--rows", "2000", "--image-size", "1024x1024", "--workers", "2", *OPTIONS, "-o", "set"]
    process = start(*words, cwd=Path.cwd())
    wait_for(lambda: bool(children(process, "spawn_main")))
    started = time.monotonic()
    for _ in range(3):
        os.killpg(process.pid, signal.SIGINT)
        time.sleep(0.02)
    out, err = process.communicate(timeout=60)
    assert time.monotonic() - started < 4, "two seconds, on a busy machine"
    told = _told(subprocess.CompletedProcess(words, process.returncode, out, err))
    assert told in (
        ["Interrupted. Nothing was changed."],
        ["Interrupted. No shard was finished; resume with:", ANY],
    )


@pytest.mark.parametrize("seconds", [0.0, 0.05, 0.1, 0.2, 0.4])
def test_ctrl_c_while_the_command_loads_its_modules_is_a_sentence(seconds: float) -> None:
    """What datagen/__main__.py does, with a sign that Python itself has started."""
    code = (
        "from datagen.commands import interruption; interruption.install(); print('begun', flush=True)\n"
        "from datagen.cli import main; main()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, "make", "--rows", "3000", *OPTIONS],
        env=ENVIRONMENT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stdout.readline() == "begun\n"
        time.sleep(seconds)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert _told(subprocess.CompletedProcess([], process.returncode, out, err)) == [
        "Interrupted. Nothing was changed."
    ]


def test_an_interruption_that_a_finaliser_swallows_ends_the_process() -> None:
    code = (
        "import os, signal, time\n"
        "from datagen.commands import interruption\n"
        "class Finalised:\n"
        "    def __del__(self): os.kill(os.getpid(), signal.SIGINT); time.sleep(9)\n"
        "interruption.install()\n"
        "with interruption.raised_during_work(lambda: 'All is kept.'):\n"
        "    each = Finalised(); del each; time.sleep(9)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=ENVIRONMENT, text=True, capture_output=True, check=False, timeout=60
    )
    assert (done.returncode, done.stderr) == (130, "\nInterrupted. All is kept.\n")


def test_ctrl_c_stays_ignored_where_it_is() -> None:
    code = (
        "import os, signal\n"
        "from datagen.commands import interruption\n"
        "signal.signal(signal.SIGINT, signal.SIG_IGN)\n"
        "interruption.install()\n"
        "os.kill(os.getpid(), signal.SIGINT); print('still here')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=ENVIRONMENT, text=True, capture_output=True, check=False, timeout=60
    )
    assert (done.returncode, done.stdout) == (0, "still here\n")
