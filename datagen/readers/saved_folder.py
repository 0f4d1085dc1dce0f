"""A folder that ``datasets`` saved (``save_to_disk``): one dataset, or a folder with one for each split."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from datagen.readers.formats import open_file
from datagen.readers.layout import DEFAULT_SPLIT
from datagen.readers.limits import DEFAULT_LIMITS, ReadLimits
from datagen.readers.source import DataFile, join_files, path_inside, printable
from datagen.schemas import InputError

STATE, SPLITS = "state.json", "dataset_dict.json"
MAX_BYTES = 50_000_000
"""Of either of these files."""


def is_saved(path: Path) -> bool:
    """Whether ``datasets`` saved this folder."""
    return (path / SPLITS).is_file() or (path / STATE).is_file()


def saved_splits(path: Path, where: str) -> dict[str, Path]:
    """Split -> folder, of a saved dataset or of a folder with several. Raises InputError."""
    if not (path / SPLITS).is_file():
        state = _read_json(path / STATE, where)
        return {str(state.get("_split") or DEFAULT_SPLIT): path}
    names = _read_json(path / SPLITS, where).get("splits")
    if not isinstance(names, list) or not names:
        raise InputError(f"{where}/{SPLITS} names no splits; save the dataset again.")
    return {str(name): path / _name_inside(path, name, where) for name in names}


def saved_dataset(path: Path, where: str, limits: ReadLimits = DEFAULT_LIMITS) -> DataFile:
    """The rows of one saved dataset, in the order of its files. Raises InputError."""
    files = _read_json(path / STATE, where).get("_data_files")
    if not isinstance(files, list) or not files or not all(isinstance(each, dict) for each in files):
        raise InputError(f"{where}/{STATE} names no data files; save the dataset again.")
    names = [_name_inside(path, each.get("filename"), where) for each in files]
    return join_files([open_file(path / name, f"{where}/{name}", limits) for name in names], names, where)


def _read_json(path: Path, where: str) -> dict[str, Any]:
    try:
        value = json.loads(path.read_bytes()) if path.stat().st_size <= MAX_BYTES else None
    except (OSError, ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise InputError(f"{where}/{path.name} is not what datasets writes; save the dataset again.")
    return value


def _name_inside(folder: Path, name: Any, where: str) -> str:
    """A plain name of something in the folder itself. Raises InputError."""
    if not isinstance(name, str) or "/" in name or path_inside(folder, name) is None:
        raise InputError(f"{where} names {printable(str(name))[:100]}, which is not in its folder.")
    return name
