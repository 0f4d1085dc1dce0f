"""One way in: a path or a dataset id of the Hub becomes a source."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from datagen.dataset.card_merge import MOST_CHARACTERS, read_card
from datagen.readers.formats import READERS, REMEDIES, open_file, suffix
from datagen.readers.imagefolder import imagefolder
from datagen.readers.layout import DEFAULT_SPLIT, Layout, find_layout, one_of
from datagen.readers.saved_folder import is_saved, saved_dataset, saved_splits
from datagen.readers.source import DataFile, Progress, Source, damage_told, inside, joined, printable
from datagen.schemas import InputError
from datagen.schemas.folder import CARD

MOST_FILES = 500_000
_HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*(?:@.*)?", re.ASCII)


def open_source(
    source: str,
    *,
    work: Path,
    revision: str | None = None,
    config: str | None = None,
    split: str | None = None,
    progress: Progress | None = None,
) -> Source:
    """Open a file, a folder or ``owner/name[@revision]`` of the Hub; what exists here comes first.

    What is of the Hub is fetched into the folder ``work`` first and kept there, so that a second call
    fetches only what is missing; ``progress`` is called with the bytes that are there and those of all.
    Raises InputError for what cannot be read, RunFailed where the Hub fails.
    """
    path, where = Path(source), printable(source)
    if not source or not _exists(path):
        refuse_missing(source)
        return _of_hub(source, work, revision, config, split, progress or (lambda done, total: None))
    if revision is not None:
        raise InputError(f"--revision is for sets of the Hub; {where} is a path here.")
    if path.is_dir():
        return _of_folder(path, where.rstrip("/") or "/", config, split)
    if config is not None or split is not None:
        raise InputError(f"{where} is one file, so --config and --split say nothing; leave them out.")
    file = open_file(path, where)
    return Source(
        printable(path.name), file.columns, file.typed, file.read, (path.name,), path.absolute().parent
    )


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):  # a name too long, a NUL in it, a folder that may not be entered
        return False


def refuse_missing(source: str) -> None:
    """Raise InputError unless ``source`` may be a dataset of the Hub."""
    shown = printable(source)[:200]
    if "://" in source:
        raise InputError(f"{shown} is no file and no dataset id; give owner/name, or a file you downloaded.")
    kind = suffix(source.split("@")[0])
    if not _HUB_ID.fullmatch(source) or kind in {*READERS, *REMEDIES}:
        raise InputError(
            f"There is no file or folder '{shown}'; give one, or a dataset of the Hub as owner/name."
        )


def _of_hub(
    source: str, work: Path, revision: str | None, config: str | None, split: str | None, tell: Progress
) -> Source:
    from datagen.hub.client import repository
    from datagen.readers.hub_set import fetch_set

    name, _, after = source.partition("@")
    if after and revision and after != revision:
        raise InputError(f"{source} names one revision and --revision {revision} another; give one of them.")
    repo = repository(name)
    got = fetch_set(repo, work, after or revision, config, split, tell)
    layout = got.layout
    file = _table(work, layout, repo)
    root = work.absolute() if layout.pictures else None
    return _source(repo, file, layout, root, got.commit)


def _of_folder(path: Path, where: str, config: str | None, split: str | None) -> Source:
    name = printable(path.resolve().name) or where
    if is_saved(path):
        return _saved(path, where, name, config, split)
    layout = find_layout(_files_under(path, where), _front(path, where), where, config, split)
    only = len(layout.files) == 1 and not layout.pictures
    root = (path / layout.files[0]).parent if only else path
    return _source(name, _table(path, layout, where), layout, root.absolute(), None)


def _source(name: str, file: DataFile, layout: Layout, root: Path | None, commit: str | None) -> Source:
    return Source(
        name, file.columns, file.typed, file.read, layout.files, root, commit, layout.config, layout.split
    )


def _saved(path: Path, where: str, name: str, config: str | None, split: str | None) -> Source:
    if config is not None:
        raise InputError(f"{where} was saved by datasets and has no configs; leave out --config.")
    folders = saved_splits(path, where)
    found = one_of(split, list(folders), where, "split", DEFAULT_SPLIT)
    file = saved_dataset(folders[found], where)
    return Source(name, file.columns, file.typed, file.read, (), folders[found].absolute(), split=found)


def _table(root: Path, layout: Layout, where: str) -> DataFile:
    """The rows of the files that were found."""
    if layout.pictures:
        return imagefolder(root, layout.files, where)
    for path in layout.files:
        if inside(root, path) is None:
            raise InputError(
                f"{where}/{printable(path)} is a link that leads out of {where}; put the file there."
            )
    files = [open_file(root / path, f"{where}/{path}") for path in layout.files]
    return joined(files, layout.files, where)


def _files_under(path: Path, where: str) -> list[str]:
    """Every file under a folder but for hidden ones, links to folders not followed."""
    found: list[str] = []
    for folder, below, names in os.walk(path):
        below[:] = sorted(name for name in below if not name.startswith("."))
        inner = Path(folder).relative_to(path)
        found += [(inner / name).as_posix() for name in names if not name.startswith(".")]
        if len(found) > MOST_FILES:
            raise InputError(
                f"{where} has more than {MOST_FILES:,} files; give the folder of the data alone."
            )
    return found


def _front(path: Path, where: str) -> Mapping[str, Any]:
    """The YAML of a folder's card, empty where there is none. Raises InputError where it is broken."""
    card = path / CARD
    if not card.is_file():
        return {}
    with damage_told(f"{where}/{CARD}"), card.open(encoding="utf-8", errors="replace") as file:
        return read_card(file.read(MOST_CHARACTERS + 1), f"{where}/{CARD}").front
