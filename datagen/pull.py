"""Pulling a pushed set back from the Hub: the same folder, the same checksums."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from huggingface_hub import snapshot_download
from huggingface_hub.hf_api import RepoFile

from datagen.collection import DEFAULT_CONFIG, DEFAULT_SPLIT, parts
from datagen.engines import RunFailed
from datagen.folder import CARD, MANIFEST, PREVIEW, PROFILE, SCHEMA, partial
from datagen.hub import connect, patiently, repository
from datagen.push import sentences
from datagen.shards import sha256
from schemas import InputError

_PLACE = re.compile(r"(?:[A-Za-z0-9][A-Za-z0-9_.-]{0,62}/){0,2}manifest\.json")


@dataclass(frozen=True)
class Pulled:
    """What was pulled: the folder, the commit it came from, its tables and rows."""

    path: Path
    repo: str
    commit: str
    tables: int
    rows: int

    def as_json(self) -> dict[str, Any]:
        """The summary as plain values."""
        return {**self.__dict__, "path": str(self.path)}


def pull(
    source: str,
    out: str | Path,
    *,
    revision: str | None = None,
    config: str | None = None,
    split: str | None = None,
    overwrite: bool = False,
) -> Pulled:
    """Pull ``owner/name`` or ``owner/name@revision`` into the folder ``out``.

    ``revision`` is a branch, a tag or a commit. What was downloaded before an interruption is kept in
    OUT.partial and not downloaded again. Raises InputError, RunFailed or OSError.
    """
    name, _, after = source.partition("@")
    if after and revision and after != revision:
        raise InputError(f"{source} names one revision and --revision {revision} another; give one of them.")
    repo, target = repository(name), Path(out)
    if target.exists() and not (target.is_dir() and not any(target.iterdir())):
        if not overwrite:
            raise InputError(f"{target} is already there; give --overwrite to replace it, or another --out.")
        if target.is_symlink() or not _is_set(target):
            raise InputError(f"{target} is not a dataset of this tool; it will not be overwritten.")
    api = connect()
    with sentences(repo):
        info = patiently(lambda: api.repo_info(repo, repo_type="dataset", revision=after or revision))
        commit = str(info.sha)
        tree = patiently(
            lambda: list(api.list_repo_tree(repo, repo_type="dataset", revision=commit, recursive=True))
        )
        places = _places([entry.path for entry in tree if isinstance(entry, RepoFile)], config, split, repo)
        work = partial(target)
        work.mkdir(parents=True, exist_ok=True)
        patiently(
            lambda: snapshot_download(
                repo,
                repo_type="dataset",
                revision=commit,
                local_dir=work,
                allow_patterns=_patterns(places),
                token=api.token,
                endpoint=api.endpoint,
                max_workers=4,
            )
        )
    found = _checked(work, places)
    shutil.rmtree(work / ".cache", ignore_errors=True)
    if target.exists():
        shutil.rmtree(target)
    work.rename(target)
    return Pulled(target, repo, commit, len(places), found)


def _places(paths: list[str], config: str | None, split: str | None, repo: str) -> list[str]:
    """The folders of the repository that are dataset folders and are asked for ("" is its top)."""
    every = [path[: -len(MANIFEST)].strip("/") for path in sorted(paths) if _PLACE.fullmatch(path)]
    if not every:
        raise InputError(f"{repo} was not pushed by datagen: it has no {MANIFEST}.")
    if config is None and split is None:
        return every
    wanted = [config] * (config not in (None, DEFAULT_CONFIG)) + [split] * (
        split not in (None, DEFAULT_SPLIT)
    )
    place = "/".join(str(part) for part in wanted)
    kept = [each for each in every if each == place or (split is None and each.startswith(f"{place}/"))]
    if not kept:
        known = ", ".join(each or "the default one" for each in every)
        raise InputError(f"{repo} has no such table; its tables are: {known}.")
    return kept


def _patterns(places: list[str]) -> list[str]:
    names = [MANIFEST, SCHEMA, PROFILE, PREVIEW, "data/train-*.parquet"]
    return [CARD, *(f"{place}/{name}" if place else name for place in places for name in names)]


def _checked(work: Path, places: list[str]) -> int:
    """The rows of all tables, once every shard has the checksum of its manifest. Raises RunFailed."""
    rows = 0
    for place in places:
        for part in parts(work / place) if place else parts(work)[:1]:
            for shard, path in zip(part.folder.manifest.shards, part.folder.shard_paths(), strict=True):
                if not path.is_file() or sha256(path) != shard.sha256:
                    path.unlink(missing_ok=True)
                    raise RunFailed(f"{shard.path} arrived with other bytes; start the same command again.")
            rows += part.folder.manifest.rows
    return rows


def _is_set(path: Path) -> bool:
    try:
        return bool(parts(path))
    except InputError:
        return False
