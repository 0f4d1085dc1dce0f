"""Which files of a folder or a repository belong to the requested table, as ``datasets`` finds them.

The card may name configs, and the files of each of their splits by patterns. Without it, names tell
the split: data/SPLIT-00000-of-00001.parquet, a folder train/, a file train.csv; otherwise all files are
train. The rules are those of ``datasets`` 5 (``datasets.data_files``), applied without it: it takes a second
and a half to import, and would follow a stranger's card to any URL and any path of this machine.
"""

from __future__ import annotations

import fnmatch
import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from datagen.readers.formats import PICTURES, READABLE, READERS, suffix
from datagen.readers.source import printable
from datagen.schemas import InputError

DEFAULT_CONFIG, DEFAULT_SPLIT = "default", "train"
METADATA = frozenset({"metadata.csv", "metadata.jsonl", "metadata.parquet"})
"""Tables that describe the pictures of a folder, one row for each."""

MAX_FILES = 500_000
"""Of a folder or a repository."""

KEYWORDS = {
    "train": "train|training",
    "validation": "validation|valid|dev|val",
    "test": "test|testing|eval|evaluation",
}
_CUT = "[-._ 0-9]"
_IN_FOLDER = {
    split: re.compile(f"(?:.*{_CUT})?(?:{words})(?:{_CUT}.*)?", re.DOTALL)
    for split, words in KEYWORDS.items()
}
_IN_NAME = {
    split: re.compile(f"(?:.*{_CUT})?(?:{words}){_CUT}.*", re.DOTALL) for split, words in KEYWORDS.items()
}
_SHARD = re.compile(r"data/(?P<split>[^/]+)-\d{5}-of-\d{5}[^/]*\.[^/]*")

Files = dict[str, list[str]]
"""The files of each split."""


@dataclass(frozen=True)
class Layout:
    """A config, a split and its files in order; ``pictures``: whether they are a folder of pictures."""

    config: str
    split: str
    files: tuple[str, ...]
    pictures: bool


def find_layout(
    paths: Collection[str], front: Mapping[str, Any], where: str, config: str | None, split: str | None
) -> Layout:
    """The files of a config and a split among ``paths``, relative ones; ``front`` is the YAML of the card.

    Without ``config`` the default one or the only one; without ``split`` train or the only one. If
    there are files of several kinds, those of the most frequent kind are read. Raises InputError.
    """
    known = sorted(path for path in paths if _is_data(path))
    configs = _configs(front, where)
    config = _choose_config(config, configs, where)
    splits = _splits(configs[config], known, where)
    if not any(splits.values()):
        raise InputError(f"{where} {_nothing(paths)}")
    split = choose(split, list(splits), where, "split", DEFAULT_SPLIT)
    files, pictures = _of_one_kind(splits[split])
    if not files:
        raise InputError(f"The split {split} of {where} {_nothing(splits[split])}")
    return Layout(config, split, tuple(files), pictures)


def _is_data(path: str) -> bool:
    """Whether a path may be data: ``datasets`` skips hidden files, its own notes and plain text."""
    parts = PurePosixPath(path).parts
    if parts[-1].startswith(".") or any(part.startswith((".", "__")) for part in parts[:-1]):
        return False
    own = {"config.json", "dataset_info.json", "dataset_infos.json", "dataset_dict.json"}
    kind = suffix(path)
    return parts[-1] not in own and kind != ".txt" and (kind in READERS or kind in PICTURES)


def _configs(front: Mapping[str, Any], where: str) -> dict[str, dict[str, Any]]:
    """The configs of a card by name; a single one without patterns where it names none."""
    listed = front.get("configs") or [{"config_name": DEFAULT_CONFIG}]
    if not isinstance(listed, list) or not all(isinstance(each, dict) for each in listed):
        raise InputError(f"The configs in the card of {where} are not a list of mappings; correct its YAML.")
    return {str(each.get("config_name", DEFAULT_CONFIG)): each for each in listed}


def _choose_config(config: str | None, configs: Mapping[str, dict[str, Any]], where: str) -> str:
    marked = [name for name, each in configs.items() if each.get("default") is True]
    default = marked[0] if len(marked) == 1 else DEFAULT_CONFIG
    return choose(config, list(configs), where, "config", default)


def choose(requested: str | None, known: Sequence[str], where: str, what: str, default: str) -> str:
    """The requested name, the default or the only one. Raises InputError that lists what there is."""
    listed = ", ".join(printable(name)[:100] for name in known[:40]) + ", ..." * (len(known) > 40)
    if requested is not None:
        if requested not in known:
            raise InputError(f"{where} has no {what} {printable(requested)}; it has {listed}.")
        return requested
    if len(known) > 1 and default not in known:
        raise InputError(f"{where} has several {what}s; choose one with --{what}: {listed}.")
    return default if default in known else known[0]


def _splits(config: Mapping[str, Any], known: list[str], where: str) -> Files:
    """The files of each split of a config."""
    folder = _pattern(config.get("data_dir") or "", where)
    data_files = config.get("data_files")
    if data_files is None:
        prefix = f"{folder}/" if folder else ""
        full_path = {path[len(prefix) :]: path for path in known if path.startswith(prefix)}
        splits = _splits_by_name(list(full_path))
        return {split: [full_path[path] for path in files] for split, files in splits.items()}
    patterns = {
        split: [f"{folder}/{each}" if folder else each for each in each_of]
        for split, each_of in _patterns(data_files, where).items()
    }
    return {split: _matching(each_of, known, where) for split, each_of in patterns.items()}


def _patterns(data_files: Any, where: str) -> dict[str, list[str]]:
    """Split -> patterns, from the ``data_files`` of a card: one, several, or a list of ``{split, path}``."""
    entries = data_files if isinstance(data_files, list) else [data_files]
    if not all(isinstance(each, dict) for each in entries):
        return {DEFAULT_SPLIT: [_pattern(each, where) for each in entries]}
    found: dict[str, list[str]] = {}
    for each in entries:
        path = each.get("path")
        listed = path if isinstance(path, list) else [path]
        found.setdefault(str(each.get("split", DEFAULT_SPLIT)), []).extend(_pattern(p, where) for p in listed)
    return found


def _pattern(value: Any, where: str) -> str:
    """A pattern that does not lead out of the folder. Raises InputError."""
    if not isinstance(value, str):
        raise InputError(f"The card of {where} gives the name of a data file as something other than text.")
    pure = PurePosixPath(value)
    if pure.is_absolute() or ".." in pure.parts or "://" in value or "::" in value:
        raise InputError(f"The card of {where} names data outside its folder ({printable(value)[:100]}).")
    return "" if value in ("", ".") else str(pure)


def _matching(patterns: Sequence[str], known: Sequence[str], where: str) -> list[str]:
    found: dict[str, None] = {}
    for pattern in patterns:
        matched = [path for path in known if matches(pattern, path)]
        if not matched and not set("*?[") & set(pattern):
            raise InputError(f"The card of {where} names {printable(pattern)[:100]}, which does not exist.")
        found.update(dict.fromkeys(matched))
    return list(found)


def matches(pattern: str, path: str) -> bool:
    """Whether a path matches a pattern: ``**`` is any number of folders, ``*`` stays in one name."""
    names, parts = path.split("/"), pattern.split("/")
    at = {0}  # how many names the pattern may have matched so far
    for part in parts[:-1]:
        if part == "**":
            at = set(range(min(at, default=len(names)), len(names)))
        else:
            at = {end + 1 for end in at if end < len(names) and fnmatch.fnmatchcase(names[end], part)}
    if parts[-1] == "**":
        return any(end < len(names) for end in at)
    return len(names) - 1 in at and fnmatch.fnmatchcase(names[-1], parts[-1])


def _splits_by_name(known: Sequence[str]) -> Files:
    """Files by the split that their names suggest."""
    shards: Files = {}
    for path in known:
        if match := _SHARD.fullmatch(path):
            shards.setdefault(match["split"], []).append(path)
    if shards:
        return {split: shards[split] for split in sorted(shards, key=_usual_order)}
    for is_in in (_is_in_folder_of, _is_named_after):
        by_split = {split: [path for path in known if is_in(path, split)] for split in KEYWORDS}
        if any(by_split.values()):
            return {split: files for split, files in by_split.items() if files}
    return {DEFAULT_SPLIT: list(known)}


def _usual_order(split: str) -> tuple[int, str]:
    usual = list(KEYWORDS)
    return usual.index(split) if split in usual else len(usual), split


def _is_in_folder_of(path: str, split: str) -> bool:
    return any(_IN_FOLDER[split].fullmatch(part) for part in path.split("/")[:-1])


def _is_named_after(path: str, split: str) -> bool:
    return bool(_IN_NAME[split].fullmatch(path.split("/")[-1]))


def _of_one_kind(files: Sequence[str]) -> tuple[list[str], bool]:
    """The files to read, and whether they are a folder of pictures.

    Tables are preferred to loose pictures, which may be a logo, unless a table is called metadata.
    """
    pictures = [path for path in files if suffix(path) in PICTURES]
    tables = [path for path in files if suffix(path) in READERS]
    metadata = [path for path in tables if path.split("/")[-1] in METADATA]
    if pictures and (metadata or not tables):
        return pictures + metadata, True
    count = Counter(READERS[suffix(path)] for path in tables)
    order = list(READERS.values())
    best = max(count, key=lambda reader: (count[reader], -order.index(reader)), default=None)
    return [path for path in tables if READERS[suffix(path)] is best], False


def _nothing(paths: Collection[str]) -> str:
    """The end of a message: what is missing, and what is there instead."""
    kinds = Counter(suffix(path) or path for path in paths if not path.startswith("."))
    contents = ", ".join(printable(kind)[:40] for kind, _ in kinds.most_common(5))
    script = any(path.endswith(".py") for path in paths)
    remedy = (
        "a script may produce them, but is never run: on the Hub, try --revision refs/convert/parquet"
        if script
        else f"give a folder with pictures, or with files that end in {READABLE}"
    )
    return f"has no rows that can be read (it contains {contents or 'nothing'}); {remedy}."
