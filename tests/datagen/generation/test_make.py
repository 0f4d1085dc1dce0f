"""A dataset's bytes depend on its recipe alone: not on workers, shards, kills, full disks or resumes.

And a run touches nothing but its own folder: what was there before is whole until the new set is.
"""

from __future__ import annotations

import ctypes
import json
import os
import random
import resource
import shutil
import signal
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.sets import GARDEN, OPTIONS, children, contents, garden, rows_of, run, start, wait_for

from datagen import make, stream
from datagen.dataset.shards import Shard
from datagen.dataset.verify import verify_folder
from datagen.generation.engines import ENGINES, local
from datagen.generation.make import MakeResult, write_dataset
from datagen.generation.recipe import Recipe, write_recipe
from datagen.schemas import InputError

ROWS = 208
BIG = ("make", "--rows", ROWS, "--image-size", "96x128", "--shard-rows", 16, "--workers", 2, *OPTIONS)
SMALL = ("make", "--rows", 24, "--image-size", "64x64", "--shard-rows", 10, *OPTIONS)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What an undisturbed run of BIG makes."""
    return garden(
        tmp_path_factory.mktemp("dataset") / "whole", rows=ROWS, image_size=(96, 128), shard_rows=16
    )


TOLD = {"attributes": True, "masks": True}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What an undisturbed run of SMALL makes."""
    return garden(tmp_path_factory.mktemp("dataset") / "small")


@pytest.fixture
def many_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Processes even for a few rows."""
    monkeypatch.setattr(local, "ROWS_WORTH_A_PROCESS", 5)
    monkeypatch.setattr(local, "PICTURES_WORTH_A_PROCESS", 5)


def _unfinished(small: Path, out: Path, shards: int = 2, **more: object) -> Path:
    """OUT.partial as a kill leaves it after some whole shards of the small set."""
    work = out.with_name(out.name + ".partial")
    (work / "data").mkdir(parents=True)
    manifest = json.loads((small / "manifest.json").read_text())
    head = {key: manifest[key] for key in ("versions", "recipe")}
    (work / "begun.json").write_text(json.dumps({**head, **more}))
    for path in sorted((small / "data").iterdir())[:shards]:
        shutil.copy2(path, work / "data")
    return work


def _whole_shards(out: Path) -> list[Path]:
    return sorted(out.with_name(out.name + ".partial").glob("data/*.parquet"))


def _stamp(path: Path) -> tuple[int, int, int]:
    about = path.lstat()
    return about.st_ino, about.st_mtime_ns, about.st_size


def _stamps(folder: Path) -> dict[str, tuple[int, int, int]]:
    return {str(path): _stamp(path) for path in folder.rglob("*")}


# What the bytes depend on


@pytest.mark.slow
@pytest.mark.usefixtures("many_workers")
@pytest.mark.parametrize("options", [{}, {"image_size": None}, TOLD], ids=["pictures", "rows", "truth"])
def test_workers_change_no_byte(tmp_path: Path, options: dict[str, Any]) -> None:
    one = garden(tmp_path / "one", workers=1, **options)
    two = garden(tmp_path / "two", workers=2, **options)
    assert contents(one) == contents(two)
    shards = {name for name in contents(one) if name.startswith("data/")}
    assert shards == {f"data/train-0000{at}-of-00003.parquet" for at in range(3)}
    assert contents(one).keys() - shards >= {"README.md", "manifest.json", "schema.yaml", "profile.yaml"}


def test_the_same_command_gives_the_same_bytes_and_another_seed_gives_others(
    small: Path, tmp_path: Path
) -> None:
    assert contents(garden(tmp_path / "again")) == contents(small)
    other = rows_of(garden(tmp_path / "other", seed=1))
    assert {row["sku"] for row in other} != {row["sku"] for row in rows_of(small)}
    assert [row["picture"]["bytes"] for row in other] != [row["picture"]["bytes"] for row in rows_of(small)]


def test_the_engine_changes_no_byte(small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that makes the last shard first, each with a maker of its own."""
    requested: list[str] = []

    def other(recipe: Recipe, shards: Sequence[Shard], folder: Path, workers: int, progress: Any) -> None:
        for shard in reversed(shards):
            requested.append(shard.name)
            local.make_shards(recipe, [shard], folder, workers, lambda rows: None)

    monkeypatch.setitem(ENGINES, "other", other)
    recipe = write_recipe(24, image_size=(64, 64), shard_rows=10, **GARDEN)
    assert contents(write_dataset(recipe, tmp_path / "set", engine="other").path) == contents(small)
    assert len(requested) == 3
    with pytest.raises(InputError, match="No such engine 'othre'; did you mean 'other'"):
        write_dataset(recipe, tmp_path / "none", engine="othre")


@given(shard_rows=st.integers(1, 30))
@settings(max_examples=8)
def test_shards_change_no_row_and_no_picture(
    small: Path, tmp_path_factory: pytest.TempPathFactory, shard_rows: int
) -> None:
    folder = garden(tmp_path_factory.mktemp("shards") / "set", shard_rows=shard_rows)
    assert rows_of(folder) == rows_of(small)
    assert len(list((folder / "data").iterdir())) == -(-24 // shard_rows)


def test_ground_truth_is_the_same_in_other_shards_and_after_a_kill(told_set: Path, tmp_path: Path) -> None:
    assert rows_of(garden(tmp_path / "shards", shard_rows=7, **TOLD)) == rows_of(told_set)
    _unfinished(told_set, tmp_path / "killed")
    made = make(24, tmp_path / "killed", image_size=(64, 64), shard_rows=10, resume=True, **TOLD, **GARDEN)
    assert made.rows_made == 4
    assert contents(made.path) == contents(told_set)


def test_fewer_rows_are_the_first_of_more(small: Path, tmp_path: Path) -> None:
    for rows in (1, 10, 23):
        assert rows_of(garden(tmp_path / str(rows), rows=rows)) == rows_of(small)[:rows]


@given(at=st.integers(0, 23), count=st.integers(1, 24))
@settings(max_examples=20)
def test_stream_gives_the_rows_of_make_from_any_start(small: Path, at: int, count: int) -> None:
    count = min(count, 24 - at)
    assert list(stream(count, start=at, image_size=(64, 64), **GARDEN)) == rows_of(small)[at : at + count]


def test_stream_touches_no_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    assert sum(1 for _ in stream(30, start=4090, image_size=(64, 64), **GARDEN)) == 30
    assert not list(tmp_path.iterdir())


def test_progress_and_result_say_what_was_made(small: Path, tmp_path: Path) -> None:
    counts: list[int] = []
    made = make(24, tmp_path / "set", image_size=(64, 64), shard_rows=10, progress=counts.append, **GARDEN)
    assert counts[0] == 0
    assert counts[-1] == 24
    assert counts == sorted(counts)
    assert (made.path, made.rows, made.rows_made, made.shards) == (tmp_path / "set", 24, 24, 3)
    assert made.bytes == sum(path.stat().st_size for path in (small / "data").iterdir())
    assert made.families == json.loads((small / "manifest.json").read_text())["families"]
    assert made.as_json()["rows_per_second"] > 0


# Killed and resumed


def _is_gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


@pytest.mark.slow
def test_killed_again_and_again_it_ends_in_the_same_bytes(whole: Path, tmp_path: Path) -> None:
    out = tmp_path / "set"
    chance = random.Random()
    for least in (0, chance.randint(1, 5), chance.randint(6, 11)):
        process = start(*BIG, "--resume", "--out", out, cwd=tmp_path)
        wait_for(lambda n=least: out.with_name("set.partial").exists() and len(_whole_shards(out)) >= n)
        workers = children(process)
        os.kill(process.pid, signal.SIGKILL)
        process.communicate(timeout=30)
        assert process.returncode == -signal.SIGKILL
        wait_for(lambda pids=workers: all(_is_gone(pid) for pid in pids), seconds=10)
        assert not out.exists()
    kept = {path.name: _stamp(path) for path in _whole_shards(out)}
    assert len(kept) >= 6
    done = run(*BIG, "--resume", "--out", out, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert contents(out) == contents(whole)
    assert {name: _stamp(out / "data" / name) for name in kept} == kept, "whole shards are not made again"
    assert [path.name for path in tmp_path.iterdir()] == ["set"]


def test_a_broken_shard_is_made_again_and_strangers_are_dropped(small: Path, tmp_path: Path) -> None:
    work = _unfinished(small, tmp_path / "set", shards=3)
    first, second, third = sorted((work / "data").iterdir())
    first.write_bytes(first.read_bytes()[:-1])
    second.write_bytes(b"")
    (work / "data" / "stranger.parquet").write_bytes(third.read_bytes())
    (work / "data" / "train-00000-of-00003.parquet.part").write_bytes(b"half")
    (work / "README.md.part").write_bytes(b"half")
    kept = _stamp(third)
    made = make(24, tmp_path / "set", image_size=(64, 64), shard_rows=10, resume=True, **GARDEN)
    assert made.rows_made == 20
    assert _stamp(made.path / "data" / third.name) == kept
    assert contents(made.path) == contents(small)


def test_a_shard_with_other_rows_is_made_again(small: Path, tmp_path: Path) -> None:
    work = _unfinished(small, tmp_path / "set", shards=3)
    first, _, third = sorted((work / "data").iterdir())
    shutil.copy(third, first)  # four rows in the place of ten
    assert contents(garden(tmp_path / "set", resume=True)) == contents(small)


@pytest.mark.parametrize("left", [[], [".lock"], [".lock", "begun.json.part"]])
def test_what_a_kill_leaves_before_the_first_note_is_no_hindrance(
    small: Path, tmp_path: Path, left: list[str]
) -> None:
    (tmp_path / "set.partial").mkdir()
    for name in left:
        (tmp_path / "set.partial" / name).write_text("")
    assert contents(garden(tmp_path / "set", resume=True)) == contents(small)


def test_killed_between_manifest_and_renaming_it_resumes(small: Path, tmp_path: Path) -> None:
    shutil.copytree(small, tmp_path / "set.partial")
    made = make(24, tmp_path / "set", image_size=(64, 64), shard_rows=10, resume=True, **GARDEN)
    assert made.rows_made == 0
    assert contents(made.path) == contents(small)


OTHERS: list[tuple[dict[str, Any], str]] = [
    ({"rows": 25}, "rows 24, not 25"),
    ({"seed": 9}, "seed 0, not 9"),
    ({"image_size": (64, 65)}, "image size [64, 64], not [64, 65]"),
    ({"image_size": None}, "image size [64, 64], not None"),
    ({"jpeg_quality": 80}, "jpeg quality 90, not 80"),
    ({"shard_rows": 12}, "shard rows 10, not 12"),
    ({"attributes": True}, "attributes None, not True"),
    ({"masks": True}, "masks None, not True"),
    ({"where": {"group": ["Wear"]}}, "profile garden"),
    ({"schema": "edited.yaml"}, "schema garden"),
]


@pytest.mark.parametrize("finished", [False, True])
@pytest.mark.parametrize(("other", "named"), OTHERS, ids=[named for _, named in OTHERS])
def test_resuming_with_other_settings_is_refused(
    small: Path, tmp_path: Path, other: dict[str, Any], named: str, finished: bool
) -> None:
    if other.get("schema"):
        text = GARDEN["schema"].read_text(encoding="utf-8").replace("?w=1", "?w=2")
        other = {"schema": tmp_path / "edited.yaml"}
        other["schema"].write_text(text, encoding="utf-8")
    out = tmp_path / "set"
    if finished:
        shutil.copytree(small, out)
    else:
        _unfinished(small, out)
    before = _stamps(tmp_path)
    with pytest.raises(InputError) as refused:
        garden(out, **{"rows": 24, "resume": True, **other})
    assert named in str(refused.value)
    assert "\n" not in str(refused.value)
    assert _stamps(tmp_path) == before


def test_resuming_what_is_finished_changes_nothing(small: Path) -> None:
    before = _stamps(small)
    made = make(24, small, image_size=(64, 64), shard_rows=10, resume=True, **GARDEN)
    assert isinstance(made, MakeResult)
    assert (made.rows, made.rows_made) == (24, 0)
    assert _stamps(small) == before


# What is in the way


def test_an_unfinished_run_is_only_restarted_with_overwrite(small: Path, tmp_path: Path) -> None:
    _unfinished(small, tmp_path / "set")
    before = _stamps(tmp_path)
    with pytest.raises(InputError, match="--resume"):
        garden(tmp_path / "set")
    assert _stamps(tmp_path) == before
    assert contents(garden(tmp_path / "set", overwrite=True)) == contents(small)


@pytest.mark.parametrize("options", [{}, {"resume": True}, {"overwrite": True}])
def test_somebody_elses_things_are_never_touched(
    small: Path, tmp_path: Path, options: dict[str, bool]
) -> None:
    (tmp_path / "file").write_text("mine")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "mine.txt").write_text("mine")
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "manifest.json").write_text('{"name": "a web page has one, too"}')
    (tmp_path / "link").symlink_to(small)
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    (tmp_path / "a.partial").mkdir()
    (tmp_path / "a.partial" / "mine.txt").write_text("mine")
    (tmp_path / "b.partial").write_text("mine")
    (tmp_path / "c.partial").symlink_to(tmp_path / "folder")
    before, theirs = _stamps(tmp_path), _stamps(small)
    for name in ("file", "folder", "app", "link", "dangling", "a", "b", "c"):
        with pytest.raises(InputError) as refused:
            garden(tmp_path / name, rows=3, image_size=None, **options)
        assert "\n" not in str(refused.value)
    assert _stamps(tmp_path) == before
    assert _stamps(small) == theirs


def test_an_empty_folder_is_filled(small: Path, tmp_path: Path) -> None:
    (tmp_path / "set").mkdir()
    assert contents(garden(tmp_path / "set")) == contents(small)


def test_overwriting_replaces_a_dataset_of_this_tool(small: Path, tmp_path: Path) -> None:
    out = garden(tmp_path / "set", rows=5, seed=8)
    with pytest.raises(InputError, match="--overwrite"):
        garden(out)
    assert contents(garden(out, overwrite=True)) == contents(small)
    assert [path.name for path in tmp_path.iterdir()] == ["set"]


def test_a_backup_beside_the_dataset_is_not_swept_away(small: Path, tmp_path: Path) -> None:
    shutil.copytree(small, tmp_path / "set.old")
    out = garden(tmp_path / "set", rows=5, image_size=None)
    before = _stamps(tmp_path)
    with pytest.raises(InputError, match=r"set\.old is in the way"):
        garden(out, overwrite=True)
    assert _stamps(tmp_path) == before


def test_an_interrupted_replacement_is_resumed(small: Path, tmp_path: Path) -> None:
    out = garden(tmp_path / "set", rows=5, seed=8)
    work = _unfinished(small, out, overwrite=True)
    kept = _stamp(min((work / "data").iterdir()))
    made = make(24, out, image_size=(64, 64), shard_rows=10, resume=True, **GARDEN)
    assert made.rows_made == 4
    assert _stamp(min((out / "data").iterdir())) == kept
    assert contents(out) == contents(small)
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


# No room, no leave, no worker


def _small_files_only(most: int) -> Callable[[], None]:
    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))

    return limit


def _sentence(done: subprocess.CompletedProcess[str]) -> str:
    lines = [line for line in done.stderr.splitlines() if not line.startswith("Making: ")]
    assert len(lines) == 1, done.stderr
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
    assert "No room to write (File too large)" in _sentence(done)
    assert contents(old) == before
    assert not list(tmp_path.rglob("*.part"))
    if most < 1_000:  # not even the note of what was begun
        return
    done = run(*SMALL, "--out", "set", "--resume", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert contents(tmp_path / "set") == contents(small)


def _no_privilege() -> None:
    """Even root must now ask for leave: without CAP_DAC_OVERRIDE (1), a program's bounding set."""
    ctypes.CDLL(None).prctl(24, 1, 0, 0, 0)


def test_a_place_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o555)
    places = [tmp_path / "file" / "set", closed / "set", Path("/proc/nowhere/set"), tmp_path / ("x" * 300)]
    for place in places:
        done = run(
            "make",
            "--rows",
            3,
            "--no-images",
            *OPTIONS,
            "--out",
            place,
            cwd=tmp_path,
            preexec_fn=_no_privilege,
        )
        assert done.returncode in {1, 2}, done.stderr
        assert place.name[:40] in _sentence(done)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["closed", "file"]
    assert not list(closed.iterdir())


@pytest.mark.slow
def test_a_worker_that_dies_ends_the_run_and_it_can_be_resumed(whole: Path, tmp_path: Path) -> None:
    out = tmp_path / "set"
    process = start(*BIG, "--quiet", "--out", out, cwd=tmp_path)
    wait_for(lambda: len(_whole_shards(out)) >= 2)
    everybody, workers = children(process), children(process, "spawn_main")
    os.kill(workers[0], signal.SIGKILL)
    stdout, err = process.communicate(timeout=60)
    done = subprocess.CompletedProcess(process.args, process.returncode, stdout, err)
    assert done.returncode == 1
    assert "worker process died" in _sentence(done)
    assert "--resume" in _sentence(done)
    wait_for(lambda: all(_is_gone(pid) for pid in everybody), seconds=10)
    done = run(*BIG, "--resume", "--out", out, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert contents(out) == contents(whole)
    assert verify_folder(out).whole
