"""Which files of a folder or a repository are the table that is asked for, as ``datasets`` finds them.

The card may name configs, and the files of each of their splits by patterns. Without it, the split is in
the names: data/SPLIT-00000-of-00001.parquet, a folder train/, a file train.csv; else all files are train.
The rules are those of ``datasets`` 5 (``datasets.data_files``), found without it: it takes a second and a
half to import, and would follow a stranger's card to any URL and any path of this machine.
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
"""What names the rows of a folder of pictures."""

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
    """What was found: the config, the split, its files in order; whether they are a folder of pictures."""

    config: str
    split: str
    files: tuple[str, ...]
    pictures: bool


def find_layout(
    paths: Collection[str], front: Mapping[str, Any], where: str, config: str | None, split: str | None
) -> Layout:
    """The files of a config and a split among ``paths``, relative ones; ``front`` is the YAML of the card.

    Without ``config`` the default one or the only one; without ``split`` train or the only one. Of files
    of several kinds those of the most frequent kind are taken. Raises InputError.
    """
    known = sorted(path for path in paths if _is_data(path))
    configs = _configs(front, where)
    config = _chosen(config, configs, where)
    splits = _splits(configs[config], known, where)
    if not any(splits.values()):
        raise InputError(f"{where} {_nothing(paths)}")
    split = one_of(split, list(splits), where, "split", DEFAULT_SPLIT)
    files, pictures = _of_one_kind(splits[split])
    if not files:
        raise InputError(f"The split {split} of {where} {_nothing(splits[split])}")
    return Layout(config, split, tuple(files), pictures)


def _is_data(path: str) -> bool:
    """Whether a path may be data: ``datasets`` passes over hidden ones, its own notes and plain text."""
    parts = PurePosixPath(path).parts
    if parts[-1].startswith(".") or any(part.startswith((".", "__")) for part in parts[:-1]):
        return False
    own = {"config.json", "dataset_info.json", "dataset_infos.json", "dataset_dict.json"}
    kind = suffix(path)
    return parts[-1] not in own and kind != ".txt" and (kind in READERS or kind in PICTURES)


def _configs(front: Mapping[str, Any], where: str) -> dict[str, dict[str, Any]]:
    """The configs of a card by name; one, of no pattern, where it names none."""
    listed = front.get("configs") or [{"config_name": DEFAULT_CONFIG}]
    if not isinstance(listed, list) or not all(isinstance(each, dict) for each in listed):
        raise InputError(f"The configs in the card of {where} are no list of mappings.")
    return {str(each.get("config_name", DEFAULT_CONFIG)): each for each in listed}


def _chosen(config: str | None, configs: Mapping[str, dict[str, Any]], where: str) -> str:
    marked = [name for name, each in configs.items() if each.get("default") is True]
    default = marked[0] if len(marked) == 1 else DEFAULT_CONFIG
    return one_of(config, list(configs), where, "config", default)


def one_of(asked: str | None, known: Sequence[str], where: str, what: str, default: str) -> str:
    """What was asked for, the default or the only one. Raises InputError with what there is."""
    listed = ", ".join(printable(name)[:100] for name in known[:40]) + ", ..." * (len(known) > 40)
    if asked is not None:
        if asked not in known:
            raise InputError(f"{where} has no {what} {printable(asked)}; it has {listed}.")
        return asked
    if len(known) > 1 and default not in known:
        raise InputError(f"{where} has several {what}s; give one with --{what}: {listed}.")
    return default if default in known else known[0]


def _splits(config: Mapping[str, Any], known: list[str], where: str) -> Files:
    """The files of each split of a config."""
    under = _pattern(config.get("data_dir") or "", where)
    wanted = config.get("data_files")
    if wanted is None:
        inside = [path for path in known if not under or path.startswith(f"{under}/")]
        short = {path[len(under) + 1 if under else 0 :]: path for path in inside}
        found = _splits_by_name(list(short))
        return {split: [short[path] for path in files] for split, files in found.items()}
    patterns = {
        split: [f"{under}/{each}" if under else each for each in each_of]
        for split, each_of in _patterns(wanted, where).items()
    }
    return {split: _matching(each_of, known, where) for split, each_of in patterns.items()}


def _patterns(wanted: Any, where: str) -> dict[str, list[str]]:
    """``data_files`` of a card: a pattern, several, or a list of ``{split, path}``."""
    entries = wanted if isinstance(wanted, list) else [wanted]
    if not all(isinstance(each, dict) for each in entries):
        return {DEFAULT_SPLIT: [_pattern(each, where) for each in entries]}
    found: dict[str, list[str]] = {}
    for each in entries:
        path = each.get("path")
        listed = path if isinstance(path, list) else [path]
        found.setdefault(str(each.get("split", DEFAULT_SPLIT)), []).extend(_pattern(p, where) for p in listed)
    return found


def _pattern(value: Any, where: str) -> str:
    """A pattern that stays inside. Raises InputError."""
    if not isinstance(value, str):
        raise InputError(f"The card of {where} names data files by something that is no text.")
    pure = PurePosixPath(value)
    if pure.is_absolute() or ".." in pure.parts or "://" in value or "::" in value:
        raise InputError(f"The card of {where} names data outside of it ({printable(value)[:100]}).")
    return "" if value in ("", ".") else str(pure)


def _matching(patterns: Sequence[str], known: Sequence[str], where: str) -> list[str]:
    found: dict[str, None] = {}
    for pattern in patterns:
        matched = [path for path in known if matches(pattern, path)]
        if not matched and not set("*?[") & set(pattern):
            raise InputError(f"The card of {where} names {printable(pattern)[:100]}, which is not there.")
        found.update(dict.fromkeys(matched))
    return list(found)


def matches(pattern: str, path: str) -> bool:
    """Whether a path matches a pattern: ``**`` is any number of folders, ``*`` stays in one name."""
    names, wanted = path.split("/"), pattern.split("/")
    at = {0}  # how many names the pattern so far may have taken
    for part in wanted[:-1]:
        if part == "**":
            at = set(range(min(at, default=len(names)), len(names)))
        else:
            at = {end + 1 for end in at if end < len(names) and fnmatch.fnmatchcase(names[end], part)}
    if wanted[-1] == "**":
        return any(end < len(names) for end in at)
    return len(names) - 1 in at and fnmatch.fnmatchcase(names[-1], wanted[-1])


def _splits_by_name(known: Sequence[str]) -> Files:
    """Files by the split that their names tell."""
    shards: Files = {}
    for path in known:
        if found := _SHARD.fullmatch(path):
            shards.setdefault(found["split"], []).append(path)
    if shards:
        return {split: shards[split] for split in sorted(shards, key=_usual_order)}
    for tells in (_folder_tells, _name_tells):
        by_split = {split: [path for path in known if tells(path, split)] for split in KEYWORDS}
        if any(by_split.values()):
            return {split: files for split, files in by_split.items() if files}
    return {DEFAULT_SPLIT: list(known)}


def _usual_order(split: str) -> tuple[int, str]:
    usual = list(KEYWORDS)
    return usual.index(split) if split in usual else len(usual), split


def _folder_tells(path: str, split: str) -> bool:
    return any(_IN_FOLDER[split].fullmatch(part) for part in path.split("/")[:-1])


def _name_tells(path: str, split: str) -> bool:
    return bool(_IN_NAME[split].fullmatch(path.split("/")[-1]))


def _of_one_kind(files: Sequence[str]) -> tuple[list[str], bool]:
    """The files to read, and whether they are a folder of pictures.

    Tables come before loose pictures, which may be a logo, but for a table that is called metadata.
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
    """The end of a refusal: what was looked for and what is there instead."""
    kinds = Counter(suffix(path) or path for path in paths if not path.startswith("."))
    there = ", ".join(printable(kind)[:40] for kind, _ in kinds.most_common(5))
    script = any(path.endswith(".py") for path in paths)
    remedy = (
        "a script may make them, and is never run: on the Hub, try the revision refs/convert/parquet"
        if script
        else f"give a folder with pictures or with files that end in {READABLE}"
    )
    return f"has no rows that can be read (there is {there or 'nothing'}); {remedy}."
