"""The dataset that ``make:SCHEMA,rows=3000,seed=1`` or the like describes, made once and kept in the cache.

The folder is named by a digest of its recipe and of the packages that decide the bytes. It is there whole or
not at all: a run that was killed is resumed, and a shard whose checksum is wrong is made again.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from datagen.dataset.shards import holds
from datagen.dataset.writer import Job, finished_before
from datagen.generation.engines import all_cores
from datagen.generation.made import job_of
from datagen.generation.make import about_bytes, write_dataset
from datagen.generation.recipe import Recipe, write_recipe
from datagen.schemas import DEFAULT_SCHEMA, InputError, RunFailed
from datagen.schemas.addresses import cache
from datagen.schemas.made_sets import PREFIX
from datagen.schemas.progress import StageProgress
from datagen.schemas.yaml_file import nearest

ROWS = 3040
"""Where a name does not say how many."""

EXAMPLE = f"{PREFIX}{DEFAULT_SCHEMA},rows=3000,seed=1"


def _number(text: str) -> int | None:
    return int(text) if re.fullmatch(r"\d{1,20}", text, re.ASCII) else None


def _size(text: str) -> tuple[int, int] | None:
    match = re.fullmatch(r"(\d{1,6})x(\d{1,6})", text, re.ASCII)
    return (int(match[1]), int(match[2])) if match else None


OPTIONS: dict[str, tuple[Callable[[str], Any], str]] = {
    "rows": (_number, "a whole number"),
    "seed": (_number, "a whole number"),
    "profile": (lambda text: text or None, "the name of a built-in profile or a YAML file"),
    "image-size": (_size, "a size in pixels, such as 480x640"),
    "jpeg-quality": (_number, "a whole number"),
}
"""Option of ``datagen make`` that a name may have -> what reads its value, and what that has to be."""


def recipe_named(name: str) -> Recipe:
    """The recipe that ``make:SCHEMA,OPTION=VALUE,...`` describes. Raises InputError."""
    schema, *words = name.removeprefix(PREFIX).split(",")
    if not schema:
        raise InputError(f"{name} names nothing to make; give it as {EXAMPLE}.")
    options: dict[str, Any] = {"rows": ROWS}
    given = set[str]()
    for word in words:
        option, _, value = word.partition("=")
        if option not in OPTIONS:
            raise InputError(f"{name} has the option {option!r}; {nearest(option, OPTIONS)}.")
        read, expected = OPTIONS[option]
        found = read(value)
        if found is None:
            raise InputError(f"{name}: {option} is {value!r}; give {expected}.")
        if option in given:
            raise InputError(f"{name} gives {option} twice; give it once.")
        given.add(option)
        options[option.replace("-", "_")] = found
    return write_recipe(schema=schema, **options)


def cached_set(name: str, progress: StageProgress | None = None) -> Path:
    """The folder of the dataset, made unless it is there.

    Raises InputError for a name that describes none, RunFailed where it cannot be made.
    """
    recipe = recipe_named(name)
    job = job_of(recipe)
    digest = hashlib.sha256(json.dumps(job.record, sort_keys=True).encode()).hexdigest()[:16]
    plain = re.sub(r"[^A-Za-z0-9._-]", "-", recipe.profile.name)[:60]
    folder = cache() / "made" / f"{plain}-{recipe.rows}-{digest}"
    report = progress or (lambda stage, done, total: None)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with _alone(folder):
            if not _is_whole(folder, job):
                _refuse_full_disk(name, recipe, folder)
                write_dataset(
                    recipe,
                    folder,
                    workers=all_cores(),
                    resume=not folder.exists(),
                    overwrite=folder.exists(),
                    progress=lambda done: report(f"Making {recipe.profile.name}", done, recipe.rows),
                )
    except OSError as error:
        raise _failed(name, folder, error.strerror or str(error)) from None
    return folder


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Wait until no other process makes this dataset, such as the other ranks of a training run."""
    with folder.with_name(f".{folder.name}.lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _is_whole(folder: Path, job: Job) -> bool:
    """Whether the dataset is there with all its checksums. Raises InputError where something else is."""
    try:
        manifest = finished_before(folder, job)
    except InputError:
        raise InputError(f"{folder} in the cache is not what it was made as; remove that folder.") from None
    return manifest is not None and all(
        holds(folder / shard.path, shard.rows, shard.sha256) for shard in manifest.shards
    )


def _refuse_full_disk(name: str, recipe: Recipe, folder: Path) -> None:
    size, free = about_bytes(recipe), shutil.disk_usage(folder.parent).free
    if size > free:
        raise _failed(name, folder, f"about {size:,} bytes, and the disk has {free:,} left")


def _failed(name: str, folder: Path, why: str) -> RunFailed:
    return RunFailed(
        f"{name} cannot be made in {folder.parent} ({why}); free some space, or set XDG_CACHE_HOME to a "
        "folder with more."
    )
