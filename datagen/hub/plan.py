"""What a push of datasets has to do: what is asked for less what is there; refused where it would do harm."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Collection
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

from huggingface_hub import HfApi, hf_hub_download

from datagen.dataset.card import card_of, front_matter, size_category
from datagen.dataset.card_merge import (
    MOST_CHARACTERS,
    TABLES,
    Card,
    infos,
    merged,
    read_card,
    rows_on_card,
    without_blocks,
    without_splits,
)
from datagen.dataset.card_report import MOST_BYTES as MOST_REPORT_BYTES
from datagen.dataset.card_report import report_of
from datagen.dataset.collection import DEFAULT_CONFIG, DEFAULT_SPLIT, Part
from datagen.hub.client import RepoType, commit_id, validate_card
from datagen.hub.files import RemoteFile, download_card, git_blob_id, list_files, same_content
from datagen.hub.request import Plan, PushRequest, repository
from datagen.schemas import InputError
from datagen.schemas.files import read_file
from datagen.schemas.folder import (
    CARD,
    MANIFEST,
    MOST_MANIFEST_BYTES,
    PREVIEW,
    PROFILE,
    REPORT,
    REPORT_FORMAT,
    REPORT_NUMBERS,
    SCHEMA,
    irregular_files,
    read_manifest,
)

SHARD = re.compile(r"data/(?P<split>[A-Za-z0-9_]{1,40})-[0-9]{5}-of-[0-9]{5}\.parquet")
"""A shard in a dataset folder. Its split is train, unless the dataset was made with splits."""

_DATA_FILE = re.compile(r"\.(parquet|arrow|csv|tsv|jsonl?|zip|tar|tar\.gz|jpe?g|png|wav|mp3|mp4)$")
"""The files that the Hub loads from a repository whose card names no tables."""


@dataclass(frozen=True)
class DatasetRequest(PushRequest):
    """Dataset folders to push."""

    parts: tuple[Part, ...]

    repo_type: ClassVar[RepoType] = "dataset"

    @property
    def digest(self) -> str:
        """Of all shards."""
        return digest_of(self.parts)

    @property
    def count(self) -> int:
        """The number of shards: what else there is, is few."""
        return sum(len(part.folder.manifest.shards) for part in self.parts)

    @cached_property
    def cards(self) -> tuple[Card, ...]:
        """Our card of every part, which takes a pass over its rows; kept for all attempts at the push."""
        return tuple(card_of(part, self.repo) for part in self.parts)

    def plan(self, api: HfApi, revision: str) -> Plan:
        """See :func:`plan_push`."""
        return plan_push(api, self, revision)

    def use(self, revision: str) -> str:
        """The call that loads what was pushed."""
        arguments = [f'"{self.repo}"']
        if len(self.parts) == 1 and self.parts[0].config != DEFAULT_CONFIG:
            arguments.append(f'"{self.parts[0].config}"')
        if revision:
            arguments.append(f'revision="{revision}"')
        return f"load_dataset({', '.join(arguments)})"


def digest_of(parts: tuple[Part, ...]) -> str:
    """A short digest of what dataset folders hold."""
    shards = "".join(shard.sha256 for part in parts for shard in part.folder.manifest.shards)
    return hashlib.sha256(shards.encode()).hexdigest()[:12]


def plan_push(api: HfApi, request: DatasetRequest, revision: str) -> Plan:
    """What has to be done, given what a revision has now. Raises InputError where it would do harm."""
    repo = request.repo
    info = repository(api, request, revision)
    if info is None:
        send = {name: path for part in request.parts for name, path in _files(part).items()}
        card = _card(request, Card({}, ""))
        validate_card(api, card)
        return Plan(None, request.private is not False, send, card, (), 0)
    base = commit_id(info.sha)
    remote = list_files(api, repo, base)
    old = download_card(api, repo, base, remote)
    send, delete, kept = {}, [], 0
    for part in request.parts:
        files = _files(part)
        pushed = _pushed_splits(api, base, request, part, remote)
        _refuse_foreign_data(repo, old, part, remote, pushed)
        _refuse_other_columns(repo, old, part)
        stale = [name for name in remote if _split_of_shard(part, name) in pushed and name not in files]
        stale += _old_report(api, base, request, part, remote, files)
        _refuse_hidden_splits(repo, old, part, set(remote) - {*files, *stale})
        old = without_splits(old, part.config, _outdated(old, part, pushed))
        delete += stale
        new = {name: path for name, path in files.items() if not same_content(remote.get(name), path)}
        send.update(new)
        kept += len(files) - len(new)
    card = _card(request, old)
    unchanged = CARD in remote and remote[CARD].blob_id == git_blob_id(card.encode())
    if not unchanged:
        validate_card(api, card)
    return Plan(
        base=base,
        private=bool(info.private),
        send=send,
        card=None if unchanged else card,
        delete=tuple(sorted(delete)),
        kept=kept + unchanged,
    )


# What must not be pushed


def refuse_links(path: Path, parts: Collection[Part]) -> None:
    """Raises InputError where a file to push from ``path`` is a link, a device or a pipe.

    A link may lead to a file that its owner never meant to publish.
    """
    files = [file for part in parts for file in [*_files(part).values(), part.folder.path / CARD]]
    odd = irregular_files(path, [file.relative_to(path).as_posix() for file in files])
    if odd:
        raise InputError(
            f"{path / odd[0]} is not a file of its own but a link, a device or a pipe, and is not pushed; "
            "put a copy of the file in its place."
        )


def _refuse_foreign_data(
    repo: str, old: Card, part: Part, remote: dict[str, RemoteFile], pushed: Collection[str]
) -> None:
    """What datagen did not push is neither overwritten, loaded as ours, nor hidden by our card."""
    ours = {_split_of_shard(part, name) for name in _files(part)} - {None}
    foreign = [name for name in remote if _split_of_shard(part, name) in ours - set(pushed)]
    if not old.front.get("configs") and not any(Path(name).name == MANIFEST for name in remote):
        foreign += [name for name in remote if _DATA_FILE.search(name.lower())]
    if foreign:
        raise InputError(
            f"{repo} holds data that datagen did not push ({foreign[0]}), which a push would overwrite or "
            "hide; push to another repository."
        )


def _refuse_hidden_splits(repo: str, old: Card, part: Part, kept: Collection[str]) -> None:
    """A split that was pushed from another folder stays on the card, unless this push replaces its files."""
    for split, pattern in _data_files(old, part.config):
        hidden = [name for name in kept if fnmatchcase(name, pattern)]
        if split in part.splits and pattern != part.pattern(split) and hidden:
            raise InputError(
                f"{repo} has the split {split} of the table {part.config} elsewhere ({min(hidden)}), and a "
                "push would hide it; give --config NAME for a separate table, or another repository."
            )


def _refuse_other_columns(repo: str, old: Card, part: Part) -> None:
    """Different columns under one config would leave the repository without a loadable table."""
    ours = infos(front_matter(part))[0]["features"]
    for info in infos(old.front):
        theirs = info.get("features")
        if info["config_name"] == part.config and isinstance(theirs, list) and theirs != ours:
            their_pairs = [(str(c.get("name")), str(c.get("dtype"))) for c in theirs if isinstance(c, dict)]
            our_pairs = [(str(c["name"]), str(c.get("dtype"))) for c in ours]
            differing = [
                pair for pair in [*their_pairs, *our_pairs] if (pair in their_pairs) != (pair in our_pairs)
            ]
            first = " ".join(differing[0]).removesuffix(" None") if differing else "their order"
            raise InputError(
                f"The config {part.config} of {repo} has other columns ({first.strip()} differs), and a push "
                "would make it impossible to load; give --config NAME to add a separate config, or push to "
                "another repository."
            )


# The splits of the last push


def _split_of_shard(part: Part, name: str) -> str | None:
    """The split in the name of a shard, for a path of the repository where the shards of a part go."""
    prefix = f"{part.place}/" if part.place else ""
    match = SHARD.fullmatch(name[len(prefix) :]) if name.startswith(prefix) else None
    return match["split"] if match else None


def _pushed_splits(
    api: HfApi, revision: str, request: DatasetRequest, part: Part, remote: dict[str, RemoteFile]
) -> set[str]:
    """The splits whose shards an earlier push put where those of a part go.

    Other shards there are somebody else's: only a manifest tells them apart.
    """
    path = part.in_repository(MANIFEST)
    if path not in remote:
        return set()
    found = {split for name in remote if (split := _split_of_shard(part, name))}
    if found <= {DEFAULT_SPLIT} or remote[path].size > MOST_MANIFEST_BYTES:
        return {DEFAULT_SPLIT}
    file = hf_hub_download(
        request.repo, path, repo_type="dataset", revision=revision, token=api.token, endpoint=api.endpoint
    )
    return set(read_manifest(Path(file).parent).splits) or {DEFAULT_SPLIT}


def _old_report(
    api: HfApi,
    revision: str,
    request: DatasetRequest,
    part: Part,
    remote: dict[str, RemoteFile],
    files: Collection[str],
) -> list[str]:
    """The report that an earlier push put there, where this one has none: it is of other rows."""
    page, numbers = part.in_repository(REPORT), part.in_repository(REPORT_NUMBERS)
    if numbers in files or numbers not in remote or remote[numbers].size > MOST_REPORT_BYTES:
        return []
    file = hf_hub_download(
        request.repo, numbers, repo_type="dataset", revision=revision, token=api.token, endpoint=api.endpoint
    )
    try:
        ours = json.loads(Path(file).read_bytes()).get("format") == REPORT_FORMAT
    except (ValueError, AttributeError, RecursionError):
        return []
    return [name for name in (page, numbers) if name in remote] if ours else []


def _outdated(old: Card, part: Part, pushed: Collection[str]) -> set[str]:
    """The splits of the card whose shards an earlier push of a part put there, and this one takes away."""
    patterns = {part.in_repository(f"data/{split}-*.parquet") for split in pushed}
    patterns -= {part.pattern(split) for split in part.splits}
    return {split for split, pattern in _data_files(old, part.config) if pattern in patterns}


def _data_files(card: Card, config: str) -> list[tuple[str, str]]:
    """The splits of a table on a card, and the patterns of their files."""
    configs = card.front.get("configs")
    entries = [entry for entry in configs if isinstance(entry, dict)] if isinstance(configs, list) else []
    files = [
        file
        for entry in entries
        if entry.get("config_name") == config and isinstance(entry.get("data_files"), list)
        for file in entry["data_files"]
        if isinstance(file, dict)
    ]
    return [(str(file.get("split")), str(file.get("path"))) for file in files]


# Files and the card


def _files(part: Part) -> dict[str, Path]:
    """Path in the repository -> file on disk, without the card."""
    names = [MANIFEST, SCHEMA, *(shard.path for shard in part.folder.manifest.shards)]
    if part.folder.profile is not None:
        names.append(PROFILE)
    if os.path.lexists(part.folder.path / PREVIEW):
        names.append(PREVIEW)
    if report_of(part.folder) is not None:
        names += [REPORT, REPORT_NUMBERS]
    return {part.in_repository(name): part.folder.path / name for name in names}


def _card(request: DatasetRequest, old: Card) -> str:
    """The repository's card after the push: what a user wrote, on the Hub or in the folder, is kept."""
    card = old
    for part, ours in zip(request.parts, request.cards, strict=True):
        path = part.folder.path / CARD
        if path.is_file():
            card = _with_user_changes(card, _local_card(path), ours.front)
        card = merged(card, ours)
    front = {**card.front, "size_categories": [size_category(rows_on_card(card.front))]}
    return Card(front, card.body).text()


def _with_user_changes(card: Card, local: Card, ours: dict[str, Any]) -> Card:
    """The text and YAML that a user wrote into the folder's card; of two changes the one on the Hub wins."""
    front = dict(card.front)
    for name, value in local.front.items():
        unchanged = name not in front or front[name] == ours.get(name)
        if name not in TABLES and name != "size_categories" and unchanged:
            front[name] = value
    return merged(Card(front, card.body), Card({}, without_blocks(local.body)))


def _local_card(path: Path) -> Card:
    try:
        return read_card(read_file(path, 4 * MOST_CHARACTERS).decode("utf-8"), str(path))
    except UnicodeDecodeError:
        raise InputError(f"{path} is not UTF-8 text; save it as UTF-8.") from None
