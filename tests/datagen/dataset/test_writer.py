"""A dataset is at its name whole or not at all, whenever its writer is killed; nothing else is touched."""

from __future__ import annotations

import json
import shutil
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from support.killed import killed_at
from support.sets import contents, garden

from datagen.dataset.writer import Job, Record, finished_before, refuse_existing, writing
from datagen.schemas import InputError
from datagen.schemas.folder import read_manifest

PULL = Job({"pull": {"source": "somewhere"}}, exact=False, costly=("source/*",))
MAKE = Job({"versions": {"datagen": "1"}, "recipe": {"rows": 4}}, exact=True, costly=("data/*",))


@pytest.fixture(scope="module")
def other_rows(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Another dataset than ``few_rows``; not to be changed."""
    return garden(tmp_path_factory.mktemp("sets") / "other", 3, seed=7, image_size=None)


def write(new: Path, out: Path, job: Job, overwrite: bool = True) -> bool:
    """Write ``new`` into ``out``; whether there was nothing left to do but finishing."""
    with writing(out, job, resume=True, overwrite=overwrite) as unfinished:
        if not unfinished.complete:
            shutil.copytree(new, unfinished.path, dirs_exist_ok=True)
            (unfinished.path / "source" / "deep").mkdir(parents=True, exist_ok=True)
            (unfinished.path / "source" / "deep" / "scratch").touch()
            (unfinished.path / "data" / "stranger.parquet").touch()
        unfinished.finish(read_manifest(unfinished.path).files)
    return unfinished.complete


@pytest.mark.parametrize("job", [MAKE, PULL], ids=["make", "pull"])
@pytest.mark.parametrize("replaces", [False, True])
def test_killed_between_any_two_steps_a_dataset_is_whole_and_the_same_command_finishes(
    few_rows: Path, other_rows: Path, tmp_path: Path, job: Job, replaces: bool
) -> None:
    """And nothing is left of the old dataset, of notes or of scratch files."""
    old, new, was_complete = contents(few_rows), contents(other_rows), False
    for step in count(1):
        folder = tmp_path / str(step)
        out = folder / "set"
        folder.mkdir()
        if replaces:
            shutil.copytree(few_rows, out)
        steps = count(1)
        killed = killed_at(
            lambda event, arguments: next(steps) == step,  # noqa: B023 - called within this turn
            lambda: write(other_rows, out, job),  # noqa: B023
        )
        if replaces:
            here = [contents(place) for place in (out, folder / "set.old") if place.exists()]
            assert any(whole.items() <= files.items() for whole in (old, new) for files in here), step
        if not (out.exists() and contents(out).keys() == new.keys()):
            was_complete |= write(other_rows, out, job)
        assert contents(out) == new, step
        refuse_existing(out, overwrite=True)
        assert [path.name for path in folder.iterdir()] == ["set"], step
        if not killed:
            break
    assert step > 10
    assert was_complete, "a killed finish is not begun again"


@pytest.mark.parametrize("job", [MAKE, PULL], ids=["make", "pull"])
def test_one_run_writes_a_folder_at_a_time(few_rows: Path, tmp_path: Path, job: Job) -> None:
    out = tmp_path / "set"
    with writing(out, job, resume=True, overwrite=False) as unfinished:
        shutil.copytree(few_rows, unfinished.path, dirs_exist_ok=True)
        before = contents(unfinished.path)
        for resume, overwrite in ((True, False), (True, True), (False, True)):
            with (
                pytest.raises(InputError, match="Another run is writing"),
                writing(out, job, resume=resume, overwrite=overwrite),
            ):
                pytest.fail("two runs hold the folder")
        assert contents(unfinished.path) == before
        unfinished.finish(read_manifest(few_rows).files)
    assert contents(out) == contents(few_rows)


@pytest.mark.parametrize(
    "left",
    [
        {"begun.json": {"pull": {"source": "elsewhere"}, "whole": False}},
        {"begun.json": {"pull": {"source": "somewhere"}, "whole": False}},
        {".cache/note": {}},
        {"begun.json.part": {}},
    ],
    ids=str,
)
def test_a_pull_takes_over_what_an_earlier_one_of_any_version_left(
    few_rows: Path, tmp_path: Path, left: dict[str, Any]
) -> None:
    out = tmp_path / "set"
    for name, value in left.items():
        path = tmp_path / "set.partial" / name
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(value))
    (tmp_path / "set.partial" / ".lock").touch()
    assert not write(few_rows, out, PULL)
    assert contents(out) == contents(few_rows)


def test_only_the_same_pull_is_complete(few_rows: Path, tmp_path: Path) -> None:
    for source, complete in (("somewhere", True), ("elsewhere", False)):
        out = tmp_path / source
        work = Path(shutil.copytree(few_rows, tmp_path / f"{source}.partial"))
        (work / "begun.json").write_text(json.dumps({"pull": {"source": source}, "whole": True}))
        assert write(few_rows, out, PULL) == complete


def test_a_pull_needs_overwrite_even_if_an_earlier_one_had_it(
    few_rows: Path, other_rows: Path, tmp_path: Path
) -> None:
    out = Path(shutil.copytree(few_rows, tmp_path / "set"))
    with pytest.raises(KeyboardInterrupt), writing(out, PULL, resume=True, overwrite=True):
        raise KeyboardInterrupt
    with pytest.raises(InputError, match="already exists; give --overwrite"):
        write(other_rows, out, PULL, overwrite=False)
    assert contents(out) == contents(few_rows)


def _fail(out: Path, job: Job, file: str) -> None:
    """Write one file into ``out``, and find the input wrong."""
    with writing(out, job, resume=True, overwrite=False) as unfinished:
        (unfinished.path / file).parent.mkdir(exist_ok=True)
        (unfinished.path / file).touch()
        raise InputError("wrong")


@pytest.mark.parametrize(
    ("job", "costly", "cheap"), [(MAKE, "data/a.parquet", "preview.jpg"), (PULL, "source/a.csv", "data/a")]
)
def test_wrong_input_leaves_only_what_took_long_to_get(
    tmp_path: Path, job: Job, costly: str, cheap: str
) -> None:
    for name, stays in ((cheap, False), (costly, True)):
        with pytest.raises(InputError, match="wrong"):
            _fail(tmp_path / "set", job, name)
        assert (tmp_path / "set.partial").exists() == stays


def test_what_appears_at_the_name_meanwhile_is_not_replaced(few_rows: Path, tmp_path: Path) -> None:
    out = tmp_path / "set"
    with writing(out, PULL, resume=True, overwrite=False) as unfinished:
        shutil.copytree(few_rows, unfinished.path, dirs_exist_ok=True)
        out.mkdir()
        (out / "mine.txt").write_text("mine")
        with pytest.raises(InputError, match="already exists"):
            unfinished.finish(read_manifest(few_rows).files)
    assert list(contents(out)) == ["mine.txt"]


def test_tables_in_folders_are_replaced_but_not_what_lies_among_them(few_rows: Path, tmp_path: Path) -> None:
    for place in ("train", "real/test"):
        shutil.copytree(few_rows, tmp_path / "set" / place)
    (tmp_path / "set" / "README.md").touch()
    refuse_existing(tmp_path / "set", overwrite=True)
    (tmp_path / "set" / "letter.txt").touch()
    with pytest.raises(InputError, match="will not be overwritten"):
        refuse_existing(tmp_path / "set", overwrite=True)


def test_a_finished_dataset_is_recognised_by_its_record(few_rows: Path, tmp_path: Path) -> None:
    manifest = json.loads((few_rows / "manifest.json").read_text())
    record: Record = {"versions": manifest["versions"], "recipe": manifest["recipe"]}
    assert finished_before(tmp_path / "none", Job(record, exact=True, costly=())) is None
    assert finished_before(few_rows, Job(record, exact=True, costly=())) == read_manifest(few_rows)
    record = {**record, "recipe": {**record["recipe"], "seed": 5}}
    with pytest.raises(InputError, match="differs in seed 0, not 5; give --overwrite"):
        finished_before(few_rows, Job(record, exact=True, costly=()))
