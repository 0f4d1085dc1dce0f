"""Runs that are killed, raced, out of disk space or not permitted end in one sentence or the same bytes."""

from __future__ import annotations

import ctypes
import json
import os
import random
import resource
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from support.command import SMALL, invoke
from support.sets import ENVIRONMENT, OPTIONS, ROOT, children, contents, garden, run, start, wait_for
from support.unfinished_sets import stamp, whole_shards

from datagen.dataset.verify import verify_folder
from datagen.schemas import InputError

ROWS = 208
BIG = ("make", "--rows", ROWS, "--image-size", "96x128", "--shard-rows", 16, "--workers", 2, *OPTIONS)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What an undisturbed run of BIG makes."""
    return garden(
        tmp_path_factory.mktemp("dataset") / "whole", rows=ROWS, image_size=(96, 128), shard_rows=16
    )


# Killed, or raced by another run


def _is_gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


@pytest.mark.slow
def test_killed_again_and_again_it_ends_in_the_same_bytes(whole: Path, tmp_path: Path) -> None:
    out = tmp_path / "set"
    chance = random.Random(None if os.environ.get("DATAGEN_SEARCH") == "1" else 1)
    for least in (0, chance.randint(1, 5), chance.randint(6, 11)):
        process = start(*BIG, "--resume", "--out", out, cwd=tmp_path)
        wait_for(lambda n=least: out.with_name("set.partial").exists() and len(whole_shards(out)) >= n)
        workers = children(process)
        os.kill(process.pid, signal.SIGKILL)
        process.communicate(timeout=30)
        assert process.returncode == -signal.SIGKILL
        wait_for(lambda pids=workers: all(_is_gone(pid) for pid in pids), seconds=10)
        assert not out.exists()
    kept = {path.name: stamp(path) for path in whole_shards(out)}
    assert len(kept) >= 6
    done = run(*BIG, "--resume", "--out", out, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert contents(out) == contents(whole)
    assert {name: stamp(out / "data" / name) for name in kept} == kept, "whole shards are not made again"
    assert [path.name for path in tmp_path.iterdir()] == ["set"]


@pytest.mark.slow
def test_of_two_runs_into_one_folder_the_second_is_refused(whole: Path, tmp_path: Path) -> None:
    out = tmp_path / "set"
    first = start(*BIG, "--out", out, cwd=tmp_path)
    wait_for(lambda: (tmp_path / "set.partial" / "data").exists())
    second = {"rows": ROWS, "image_size": (96, 128), "shard_rows": 16}
    for options, said in (
        ({}, "is not finished"),
        ({"resume": True}, "Another run"),
        ({"overwrite": True}, "Another run"),
    ):
        with pytest.raises(InputError, match=said):
            garden(out, **{**second, **options})
    _, err = first.communicate(timeout=60)
    assert first.returncode == 0, err
    assert contents(out) == contents(whole)


# No room, no permission, no worker


def _small_files_only(most: int) -> Callable[[], None]:
    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))

    return limit


def _sentence(said: str) -> str:
    lines = [line for line in said.splitlines() if not line.startswith("Making: ")]
    assert len(lines) == 1, said
    assert lines[0].startswith("Error: ")
    return lines[0]


@pytest.mark.parametrize("most", [0, 100, 1_000, 16_000])
def test_a_full_disk_is_one_sentence_and_what_was_made_is_kept(
    small: Path, tmp_path: Path, most: int
) -> None:
    old = garden(tmp_path / "set", rows=3, image_size=None)
    before = contents(old)
    sizes = [path.stat().st_size for path in (small / "data").iterdir()]
    assert max(sizes) > 16_000, "the limit must bite"
    done = run(*SMALL, "--out", "set", "--overwrite", cwd=tmp_path, preexec_fn=_small_files_only(most))
    assert done.returncode == 1, done.stderr
    assert "No disk space left to write (File too large)" in _sentence(done.stderr)
    assert contents(old) == before
    assert not list(tmp_path.rglob("*.part"))
    if most < 1_000:  # not even the note of what was begun
        return
    done = invoke(*SMALL, "--out", tmp_path / "set", "--resume")
    assert done.exit_code == 0, done.stderr
    assert contents(tmp_path / "set") == contents(small)


def _no_privilege() -> None:
    """Even root must now ask for leave: without CAP_DAC_OVERRIDE (1), a program's bounding set."""
    ctypes.CDLL(None).prctl(24, 1, 0, 0, 0)


SEVERAL = """
import json, sys
from support.command import invoke

told = [invoke(*words) for words in json.loads(sys.argv[1])]
print(json.dumps([(done.exit_code, done.stderr) for done in told]))
"""


def _told_without_privilege(calls: list[tuple[object, ...]], cwd: Path) -> list[tuple[int, str]]:
    """The exit codes of several commands and what they say, all in one process, which is not this one."""
    asked = json.dumps([[str(word) for word in words] for words in calls])
    done = subprocess.run(
        [sys.executable, "-c", SEVERAL, asked],
        cwd=cwd, text=True, capture_output=True, timeout=90, check=True, preexec_fn=_no_privilege,
        env={**ENVIRONMENT, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}"},
    )  # fmt: skip
    return [(code, said) for code, said in json.loads(done.stdout)]


def test_a_place_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o555)
    places = [tmp_path / "file" / "set", closed / "set", Path("/proc/nowhere/set"), tmp_path / ("x" * 300)]
    make = ("make", "--rows", 3, "--no-images", *OPTIONS, "--out")
    calls = [(*make, place, *more) for place in places for more in ([], ["--dry-run"])]
    for words, (code, said) in zip(calls, _told_without_privilege(calls, tmp_path), strict=True):
        assert code == 2, said
        assert Path(words[len(make)]).name[:40] in _sentence(said)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["closed", "file"]
    assert not list(closed.iterdir())


@pytest.mark.slow
def test_a_worker_that_dies_ends_the_run_and_it_can_be_resumed(whole: Path, tmp_path: Path) -> None:
    out = tmp_path / "set"
    process = start(*BIG, "--quiet", "--out", out, cwd=tmp_path)
    wait_for(lambda: len(whole_shards(out)) >= 2)
    everybody, workers = children(process), children(process, "spawn_main")
    os.kill(workers[0], signal.SIGKILL)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "worker process died" in _sentence(said)
    assert "--resume" in _sentence(said)
    wait_for(lambda: all(_is_gone(pid) for pid in everybody), seconds=10)
    done = run(*BIG, "--resume", "--out", out, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert contents(out) == contents(whole)
    assert verify_folder(out).whole
