"""Workers that cannot start, or die while they start, end the run at once and in one sentence."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest
from support.sets import ENVIRONMENT, GARDEN

from datagen.generation.engines.local import make_pieces
from datagen.generation.engines.workers import NAME, Workers
from datagen.generation.recipe import Recipe
from datagen.schemas import RunFailed

CALL = (
    f"datagen.make(300, 'set', workers=2, image_size=(64, 64), schema={str(GARDEN['schema'])!r}, "
    f"profile={str(GARDEN['profile'])!r})"
)


def _run_script(folder: Path, script: str) -> subprocess.CompletedProcess[str]:
    (folder / "script.py").write_text(script)
    return subprocess.run(
        [sys.executable, "script.py"], cwd=folder, env=ENVIRONMENT, capture_output=True, text=True,
        timeout=60, check=False,
    )  # fmt: skip


def test_a_script_without_a_guard_is_told_to_have_one(tmp_path: Path) -> None:
    done = _run_script(tmp_path, f"import datagen\ndatagen.make(1, 'first', image_size=None)\n{CALL}\n")
    assert done.returncode == 1
    assert done.stderr.count("Traceback") == 1, "that of the script, none of a worker"
    assert done.stderr.splitlines()[-1].startswith("datagen.schemas.errors.InputError: ")
    assert 'call make under `if __name__ == "__main__":`.' in done.stderr.splitlines()[-1]
    assert {path.name for path in tmp_path.iterdir()} == {"script.py", "first"}


def test_a_script_that_fails_in_every_worker_is_told_where_to_look(tmp_path: Path) -> None:
    script = f"import datagen\nif __name__ != '__main__':\n    raise KeyError('mine')\n{CALL}\n"
    done = _run_script(tmp_path, script)
    assert "KeyError: 'mine'" in done.stderr
    last = done.stderr.splitlines()[-1]
    assert "RunFailed: A worker process ended while it was starting (exit code 1)" in last


@pytest.mark.parametrize("delay", [0.0, 0.02, 0.1, 0.3])
def test_a_worker_that_is_killed_while_it_starts_fails_the_run(garden_recipe: Recipe, delay: float) -> None:
    long = replace(garden_recipe, profile=garden_recipe.profile.model_copy(update={"about": "x" * 10**6}))

    def kill() -> None:
        while not (started := multiprocessing.active_children()):
            time.sleep(0.001)
        time.sleep(delay)
        os.kill(started[0].pid or 0, signal.SIGKILL)

    killing = threading.Thread(target=kill)
    killing.start()
    with pytest.raises(RunFailed, match="A worker process died"):
        list(make_pieces(long, [range(at, at + 50) for at in range(0, 300, 50)], workers=3))
    killing.join()
    assert not [child for child in multiprocessing.active_children() if child.name.startswith(NAME)]


def test_what_fails_in_a_worker_is_raised_here(garden_recipe: Recipe) -> None:
    workers = Workers(1, garden_recipe, lambda pictures: None)
    workers.draw(0, ["five"])  # type: ignore[list-item]
    with pytest.raises(TypeError) as raised:
        workers.pictures(0)
    assert "in a worker process" in str(raised.value.__cause__)
    workers.draw(0, [5, 7])
    assert workers.pictures(0).keys() == {5, 7}
    workers.close()


def test_pictures_are_counted_while_they_are_drawn(garden_recipe: Recipe) -> None:
    counts: list[int] = []
    workers = Workers(1, garden_recipe, counts.append)
    workers.draw(0, range(100))
    assert len(workers.pictures(0)) == 100
    assert sum(counts) == 100
    assert len([count for count in counts if count]) > 1, "not all at once"
    workers.close()


def test_a_process_that_may_have_no_children_makes_everything_itself(tmp_path: Path) -> None:
    code = (
        "import multiprocessing, datagen\n"
        "def inner():\n"
        f"    {CALL}\n"
        "if __name__ == '__main__':\n"
        "    process = multiprocessing.get_context('spawn').Process(target=inner, daemon=True)\n"
        "    process.start(); process.join(); print(process.exitcode)\n"
    )
    done = _run_script(tmp_path, code)
    assert done.stdout == "0\n", done.stderr
