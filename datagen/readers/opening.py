"""The one entry to reading: a path or a dataset id of the Hub becomes a source."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from datagen.dataset.card_merge import MOST_CHARACTERS, read_card
from datagen.readers.formats import READERS, REMEDIES, open_file, suffix
from datagen.readers.imagefolder import imagefolder
from datagen.readers.layout import DEFAULT_SPLIT, MAX_FILES, Layout, choose, find_layout
from datagen.readers.limits import DEFAULT_LIMITS, ReadLimits
from datagen.readers.saved_folder import is_saved, saved_dataset, saved_splits
from datagen.readers.source import (
    DataFile,
    Source,
    damage_as_input_error,
    join_files,
    path_inside,
    printable,
)
from datagen.schemas import InputError
from datagen.schemas.folder import CARD
from datagen.schemas.progress import ByteProgress

_HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*(?:@.*)?", re.ASCII)


def open_source(
    source: str,
    *,
    work: Path,
    revision: str | None = None,
    config: str | None = None,
    split: str | None = None,
    limits: ReadLimits = DEFAULT_LIMITS,
    progress: ByteProgress | None = None,
) -> Source:
    """Open a file, a folder or ``owner/name[@revision]`` of the Hub; an existing path takes precedence.

    Files of the Hub are first downloaded into the folder ``work`` and kept there, so that a second call
    downloads only what is missing. Raises InputError for what cannot be read, RunFailed where the Hub fails.
    """
    path, where = Path(source), printable(source)
    if not source or not _exists(path):
        refuse_missing(source)
        report = progress or (lambda done, total: None)
        return _open_hub(source, work, revision, config, split, limits, report)
    if revision is not None:
        raise InputError(f"--revision is for datasets of the Hub; {where} is a local path.")
    if path.is_dir():
        return _open_folder(path, where.rstrip("/") or "/", config, split, limits)
    if config is not None or split is not None:
        raise InputError(f"{where} is a single file, so --config and --split do not apply; leave them out.")
    file = open_file(path, where, limits)
    return Source(
        printable(path.name), file.columns, file.typed, file.read, (path.name,), path.absolute().parent
    )


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):  # a name that is too long, a NUL in it, a folder that may not be entered
        return False


def refuse_missing(source: str) -> None:
    """Raise InputError unless ``source``, which is not a path, may be a dataset of the Hub."""
    shown = printable(source)[:200]
    if "://" in source:
        raise InputError(
            f"{shown} is neither a file nor a dataset id; give owner/name, or a file you downloaded."
        )
    kind = suffix(source.split("@")[0])
    if not _HUB_ID.fullmatch(source) or kind in {*READERS, *REMEDIES}:
        raise InputError(
            f"There is no file or folder '{shown}'; give one, or a dataset of the Hub as owner/name."
        )


def _open_hub(
    source: str,
    work: Path,
    revision: str | None,
    config: str | None,
    split: str | None,
    limits: ReadLimits,
    progress: ByteProgress,
) -> Source:
    from datagen.readers.hub_set import download_table  # slow to import, and needless for local files

    table = download_table(source, work, revision, config, split, progress)
    file = _table(work, table.layout, table.repo, limits)
    root = work.absolute() if table.layout.pictures else None
    return _source(table.repo, file, table.layout, root, table.commit)


def _open_folder(path: Path, where: str, config: str | None, split: str | None, limits: ReadLimits) -> Source:
    name = printable(path.resolve().name) or where
    if is_saved(path):
        return _open_saved(path, where, name, config, split, limits)
    layout = find_layout(_files_under(path, where), _front_matter(path, where), where, config, split)
    single = len(layout.files) == 1 and not layout.pictures
    root = (path / layout.files[0]).parent if single else path
    return _source(name, _table(path, layout, where, limits), layout, root.absolute(), None)


def _source(name: str, file: DataFile, layout: Layout, root: Path | None, commit: str | None) -> Source:
    return Source(
        name, file.columns, file.typed, file.read, layout.files, root, commit, layout.config, layout.split
    )


def _open_saved(
    path: Path, where: str, name: str, config: str | None, split: str | None, limits: ReadLimits
) -> Source:
    if config is not None:
        raise InputError(f"{where} was saved by datasets and has no configs; leave out --config.")
    folders = saved_splits(path, where)
    split = choose(split, list(folders), where, "split", DEFAULT_SPLIT)
    file = saved_dataset(folders[split], where, limits)
    return Source(name, file.columns, file.typed, file.read, (), folders[split].absolute(), split=split)


def _table(root: Path, layout: Layout, where: str, limits: ReadLimits) -> DataFile:
    """The rows of the files of a layout."""
    if layout.pictures:
        return imagefolder(root, layout.files, where, limits)
    for path in layout.files:
        if path_inside(root, path) is None:
            raise InputError(
                f"{where}/{printable(path)} is a link that leads out of {where}; put the file there."
            )
    files = [open_file(root / path, f"{where}/{path}", limits) for path in layout.files]
    return join_files(files, layout.files, where)


def _files_under(path: Path, where: str) -> list[str]:
    """Every file under a folder except hidden ones; links to folders are not followed."""
    paths: list[str] = []
    for folder, below, names in os.walk(path):
        below[:] = sorted(name for name in below if not name.startswith("."))
        inner = Path(folder).relative_to(path)
        paths += [(inner / name).as_posix() for name in names if not name.startswith(".")]
        if len(paths) > MAX_FILES:
            raise InputError(f"{where} has more than {MAX_FILES:,} files; give only the folder of the data.")
    return paths


def _front_matter(path: Path, where: str) -> Mapping[str, Any]:
    """The YAML of a folder's card, empty where there is none. Raises InputError where it is broken."""
    card = path / CARD
    if not card.is_file():
        return {}
    with damage_as_input_error(f"{where}/{CARD}"), card.open(encoding="utf-8", errors="replace") as file:
        return read_card(file.read(MOST_CHARACTERS + 1), f"{where}/{CARD}").front
