"""What a push has to do: the wish, what the repository has, the difference; refused where it must not be."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from huggingface_hub import HfApi, hf_hub_download
from huggingface_hub.errors import RepositoryNotFoundError
from huggingface_hub.hf_api import RepoFile

from datagen.dataset.card import card_of, size_category
from datagen.dataset.card_merge import (
    MOST_CHARACTERS,
    TABLES,
    Card,
    infos,
    merged,
    read_card,
    rows_on_card,
    without_blocks,
)
from datagen.dataset.collection import Part
from datagen.hub.client import refuse_faulty_card
from datagen.hub.files import _git_sha1, is_there, tree_of
from datagen.schemas import InputError
from datagen.schemas.folder import CARD, MANIFEST, PREVIEW, PROFILE, SCHEMA

SHARD = re.compile(r"data/train-\d{5}-of-\d{5}\.parquet")
_LOADED = re.compile(r"\.(parquet|arrow|csv|tsv|jsonl?|zip|tar|tar\.gz|jpe?g|png|wav|mp3|mp4)$")
"""What the Hub loads of a repository whose card names no tables."""


@dataclass(frozen=True)
class PushRequest:
    """What is to be pushed, and where to."""

    repo: str
    parts: tuple[Part, ...]
    private: bool | None
    revision: str
    tag: str | None
    create_pr: bool
    message: str


@dataclass(frozen=True)
class Plan:
    """What one push has to do. ``base``: the commit it starts from, empty where there is no repository."""

    base: str
    private: bool
    send: dict[str, Path]
    card: str | None
    delete: tuple[str, ...]
    kept: int

    @property
    def bytes(self) -> int:
        """Bytes of the files that are to be sent."""
        return sum(path.stat().st_size for path in self.send.values())

    @property
    def empty(self) -> bool:
        """Whether the repository has everything already."""
        return not (self.send or self.card or self.delete)


def plan_push(api: HfApi, wish: PushRequest, revision: str) -> Plan:
    """What has to be done, by what a revision has now. Raises InputError where it must not be done."""
    info = _info(api, wish.repo, revision)
    if info is None:
        private = wish.private if wish.private is not None else True
        send = {where: path for part in wish.parts for where, path in _files(part).items()}
        card = _card(wish, Card({}, ""))
        refuse_faulty_card(api, card)
        return Plan("", private, send, card, (), 0)
    if wish.private is not None and wish.private != bool(info.private):
        now = "private" if info.private else "public"
        raise InputError(f"{wish.repo} is {now}; change that on its settings page, not with a push.")
    there = tree_of(api, wish.repo, info.sha)
    old = _old_card(api, wish.repo, info.sha, there[CARD].size) if CARD in there else Card({}, "")
    for part in wish.parts:
        _refuse_foreign_data(wish.repo, old, part, there)
        _refuse_other_columns(wish.repo, old, part)
    send, delete, kept = {}, [], 0
    for part in wish.parts:
        files = _files(part)
        new = {where: path for where, path in files.items() if not is_there(there.get(where), path)}
        send.update(new)
        kept += len(files) - len(new)
        delete += [where for where in there if _is_ours(part, where) and where not in files]
    card = _card(wish, old)
    same = CARD in there and there[CARD].blob_id == _git_sha1(card.encode())
    if not same:
        refuse_faulty_card(api, card)
    return Plan(
        info.sha, bool(info.private), send, None if same else card, tuple(sorted(delete)), kept + same
    )


def _refuse_foreign_data(repo: str, old: Card, part: Part, there: dict[str, RepoFile]) -> None:
    """What datagen did not push is neither overwritten nor hidden by a card that names our table alone."""
    if part.in_repository(MANIFEST) in there:
        return
    foreign = [where for where in there if _is_ours(part, where)]
    if not old.front.get("configs") and not any(Path(where).name == MANIFEST for where in there):
        foreign += [where for where in there if _LOADED.search(where.lower())]
    if foreign:
        raise InputError(
            f"{repo} holds data that datagen did not push ({foreign[0]}), which a push would overwrite or "
            "hide; push to another repository."
        )


def _refuse_other_columns(repo: str, old: Card, part: Part) -> None:
    """Other columns under one config would leave the repository without a loadable table."""
    ours = infos(card_of(part, repo).front)[0]["features"]
    for info in infos(old.front):
        theirs = info.get("features")
        if info["config_name"] == part.config and isinstance(theirs, list) and theirs != ours:
            pairs = [(str(c.get("name")), str(c.get("dtype"))) for c in theirs if isinstance(c, dict)]
            mine = [(str(c["name"]), str(c.get("dtype"))) for c in ours]
            odd = next((c for c in [*pairs, *mine] if (c in pairs) != (c in mine)), ("their order", ""))
            raise InputError(
                f"{repo} has other columns in its table {part.config} ({' '.join(odd).strip()} differs), and "
                "a push would break loading it; give --config NAME for a table of its own, or another "
                "repository."
            )


def _info(api: HfApi, repo: str, revision: str) -> Any | None:
    """The repository at a branch, or at main where the branch is new; None where there is no repository."""
    try:
        info = api.repo_info(repo, repo_type="dataset")
    except RepositoryNotFoundError as error:
        if error.response.status_code != 404:
            raise
        return None
    if revision == "main":
        return info
    if revision.startswith("refs/"):
        return api.repo_info(repo, repo_type="dataset", revision=revision)
    branches = {ref.name for ref in api.list_repo_refs(repo, repo_type="dataset").branches}
    return api.repo_info(repo, repo_type="dataset", revision=revision) if revision in branches else info


def _old_card(api: HfApi, repo: str, revision: str, size: int) -> Card:
    if size > 4 * MOST_CHARACTERS:
        raise InputError(f"{repo}/{CARD}: larger than any card.")
    path = hf_hub_download(
        repo, CARD, repo_type="dataset", revision=revision, token=api.token, endpoint=api.endpoint
    )
    return read_card(Path(path).read_text(encoding="utf-8", errors="replace"), f"{repo}/{CARD}")


def _card(wish: PushRequest, old: Card) -> str:
    """The repository's card after the push: what a user wrote, on the Hub or in the folder, is kept."""
    card = old
    for part in wish.parts:
        local, ours = part.folder.path / CARD, card_of(part, wish.repo)
        if local.is_file():
            card = _with_local(card, _local_card(local), ours.front)
        card = merged(card, ours)
    front = {**card.front, "size_categories": [size_category(rows_on_card(card.front))]}
    return Card(front, card.body).text()


def _local_card(path: Path) -> Card:
    try:
        return read_card(path.read_text(encoding="utf-8"), str(path))
    except UnicodeDecodeError:
        raise InputError(f"{path}: not UTF-8 text.") from None


def _with_local(card: Card, local: Card, ours: dict[str, Any]) -> Card:
    """The text and YAML that a user wrote into the folder's card; of two changes the Hub's stays."""
    front = dict(card.front)
    for name, value in local.front.items():
        unchanged = name not in front or front[name] == ours.get(name)
        if name not in TABLES and name != "size_categories" and unchanged:
            front[name] = value
    return merged(Card(front, card.body), Card({}, without_blocks(local.body)))


def _files(part: Part) -> dict[str, Path]:
    """Path in the repository -> file on disk, the card excepted."""
    names = [MANIFEST, SCHEMA, *(shard.path for shard in part.folder.manifest.shards)]
    if part.folder.profile is not None:
        names.append(PROFILE)
    if (part.folder.path / PREVIEW).is_file():
        names.append(PREVIEW)
    return {part.in_repository(name): part.folder.path / name for name in names}


def _is_ours(part: Part, where: str) -> bool:
    prefix = f"{part.place}/" if part.place else ""
    return where.startswith(prefix) and bool(SHARD.fullmatch(where[len(prefix) :]))
