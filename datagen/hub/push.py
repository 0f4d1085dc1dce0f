"""Pushing dataset folders to the Hub: the shards as they lie on disk, in one commit, as often as needed.

Every attempt begins with a plan: what the repository has, what it lacks, what is stale. What is there
is not sent again, so a push that was killed anywhere and started again ends with the same content.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from huggingface_hub import (
    CommitOperationAdd,
    CommitOperationCopy,
    CommitOperationDelete,
    Discussion,
    HfApi,
)
from huggingface_hub.errors import EntryNotFoundError, RepositoryNotFoundError, RevisionNotFoundError

from datagen.dataset.collection import DEFAULT_CONFIG, Part, parts
from datagen.dataset.verify import verify_folder
from datagen.hub.client import connect, owner_who_may_write, patiently, reference, repository, sentences
from datagen.hub.files import THREADS, Progress, is_there, tree_of
from datagen.hub.plan import Plan, PushRequest, plan_push
from datagen.schemas import InputError
from datagen.schemas.folder import CARD

FILES_A_COMMIT = 50
"""What one commit on the Hub bears well; more are first gathered on a branch of their own."""

STAGING = "datagen-push-"
"""What the name of such a branch begins with; it ends with a digest of what is pushed."""

RACES = (RevisionNotFoundError, EntryNotFoundError)
"""How it shows that another push of the same set has just finished, and taken its branch away."""


@dataclass(frozen=True)
class PushResult:
    """What a push did. ``sent`` counts the files that the repository lacked."""

    repo: str
    url: str
    commit: str
    tag: str | None
    pull_request: str | None
    private: bool
    sent: int
    kept: int
    deleted: int
    bytes: int
    load: str

    def as_json(self) -> dict[str, Any]:
        """The summary as plain values."""
        return dict(self.__dict__)


def push(
    path: str | Path,
    repo: str,
    *,
    private: bool | None = None,
    revision: str = "main",
    tag: str | None = None,
    create_pr: bool = False,
    message: str | None = None,
    split: str | None = None,
    config: str | None = None,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> PushResult:
    """Push the dataset folder, or the folder of dataset folders, ``path`` to ``owner/name``.

    A new repository is private unless ``private`` is False. With ``dry_run`` everything is checked and
    nothing is sent. Raises InputError before a byte is sent, RunFailed where the Hub or the way to it
    fails for good; then the same call goes on where it stopped.
    """
    target = repository(repo)
    if create_pr and (tag or revision != "main"):
        raise InputError("--create-pr proposes to main; give it without --tag and --revision.")
    for name, what in ((revision, "branch"), (tag, "tag")):
        if name is not None:
            reference(name, what)
    found = tuple(parts(Path(path), config, split))
    wish = PushRequest(target, found, private, revision, tag, create_pr, message or _message(found))
    api = connect()
    with sentences(target):
        author = owner_who_may_write(api, target, proposes=create_pr)
        for part in found:
            _refuse_faults(part)
        if dry_run:
            return patiently(lambda: _dry(api, wish))
        return patiently(lambda: _once(api, wish, author, progress or (lambda sent, total: None)), also=RACES)


def _dry(api: HfApi, wish: PushRequest) -> PushResult:
    tags = _tags(api, wish)
    plan = plan_push(api, wish, wish.revision)
    _refuse_moved_tag(wish, plan, tags)
    return _told(api, wish, plan, commit="", pull_request=None)


def _once(api: HfApi, wish: PushRequest, author: str, tell: Progress) -> PushResult:
    """One attempt, from plan to tag; may be repeated after any failure."""
    proposal = _pull_request(api, wish, author) if wish.create_pr else None
    tags = _tags(api, wish)
    plan = plan_push(api, wish, str(proposal.git_reference) if proposal else wish.revision)
    _refuse_moved_tag(wish, plan, tags)
    if not plan.base:  # were it there after all (409), the next attempt's plan would know it
        api.create_repo(wish.repo, repo_type="dataset", private=plan.private)
    if wish.revision != "main" and not wish.create_pr:
        api.create_branch(wish.repo, branch=wish.revision, repo_type="dataset", exist_ok=True)
    if wish.create_pr and not proposal and not plan.empty:
        proposal = api.create_pull_request(wish.repo, title=wish.message, repo_type="dataset")
    revision = str(proposal.git_reference) if proposal else wish.revision
    commit = plan.base if plan.empty else _send(api, wish, plan, revision, tell)
    if proposal and proposal.status == "draft":
        api.change_discussion_status(wish.repo, proposal.num, "open", repo_type="dataset")
    _remove_staging(api, wish)
    if wish.tag and wish.tag not in tags:  # were it there after all (409), the next attempt would see where
        api.create_tag(wish.repo, tag=wish.tag, revision=commit, repo_type="dataset")
    return _told(api, wish, plan, commit, proposal.url if proposal else None)


def _send(api: HfApi, wish: PushRequest, plan: Plan, revision: str, tell: Progress) -> str:
    """Upload and commit; the commit."""
    operations = _uploaded(api, wish, plan, revision, tell)
    if plan.card is not None:
        operations.append(CommitOperationAdd(CARD, plan.card.encode()))
    operations += [CommitOperationDelete(where, is_folder=False) for where in plan.delete]
    done = api.create_commit(
        wish.repo,
        operations,
        commit_message=wish.message,
        repo_type="dataset",
        revision=revision,
        parent_commit=plan.base or None,
    )
    return str(done.oid)


def _staging(wish: PushRequest) -> str:
    return STAGING + _digest(wish.parts)


def _remove_staging(api: HfApi, wish: PushRequest) -> None:
    """Remove the branch on which a big push was gathered, also that of an attempt that was cut off."""
    if sum(len(part.folder.manifest.shards) for part in wish.parts) > FILES_A_COMMIT // 2:
        branches = api.list_repo_refs(wish.repo, repo_type="dataset").branches
        if any(branch.name == _staging(wish) for branch in branches):
            api.delete_branch(wish.repo, branch=_staging(wish), repo_type="dataset")


def _uploaded(api: HfApi, wish: PushRequest, plan: Plan, revision: str, tell: Progress) -> list[Any]:
    """The operations for all files of the plan, their content being on the Hub already."""
    sent = 0
    several, staging = len(plan.send) > FILES_A_COMMIT, _staging(wish)
    if several:
        api.create_branch(wish.repo, branch=staging, repo_type="dataset", exist_ok=True)
        staged = tree_of(api, wish.repo, staging)
    files = list(plan.send.items())
    operations: list[Any] = []
    for at in range(0, len(files), FILES_A_COMMIT):
        batch = files[at : at + FILES_A_COMMIT]
        if several:
            sent += sum(path.stat().st_size for where, path in batch if is_there(staged.get(where), path))
            batch = [(where, path) for where, path in batch if not is_there(staged.get(where), path)]
        additions = [CommitOperationAdd(where, path) for where, path in batch]
        for size in _preupload(api, wish.repo, additions, staging if several else revision):
            sent += size
            tell(sent, plan.bytes)
        if several and additions:
            api.create_commit(
                wish.repo, additions, commit_message=wish.message, repo_type="dataset", revision=staging
            )
        operations += additions
    if not several:
        return operations
    return [CommitOperationCopy(where, where, src_revision=staging) for where, _ in files]


def _preupload(api: HfApi, repo: str, additions: list[CommitOperationAdd], revision: str) -> Iterator[int]:
    """Send the content of some files, a few at once; yields the size of each that is done."""

    def one(addition: CommitOperationAdd) -> int:
        api.preupload_lfs_files(
            repo, [addition], repo_type="dataset", revision=revision, num_threads=1, free_memory=False
        )
        return addition.upload_info.size or 0

    with ThreadPoolExecutor(THREADS) as pool:
        yield from pool.map(one, additions)


def _pull_request(api: HfApi, wish: PushRequest, author: str) -> Discussion | None:
    """The open pull request of an earlier attempt at this push."""
    try:
        found = api.get_repo_discussions(
            wish.repo,
            repo_type="dataset",
            author=author,
            discussion_type="pull_request",
            discussion_status="open",
        )
        return next((each for each in found if each.title == wish.message), None)
    except RepositoryNotFoundError as error:
        if error.response.status_code != 404:
            raise
        return None


def _refuse_faults(part: Part) -> None:
    """A missing card is no fault here: one is written, and pulled tables beside others have none."""
    first = next((each for each in verify_folder(part.folder.path).breaches if each.file != CARD), None)
    if first:
        raise InputError(
            f"{part.folder.path} has faults and is not pushed ({first}); "
            f"see datagen verify {part.folder.path}."
        )


def _tags(api: HfApi, wish: PushRequest) -> dict[str, str]:
    """The tags and their commits, where one is asked for; to be read before the plan, which may be newer."""
    if not wish.tag:
        return {}
    try:
        refs = api.list_repo_refs(wish.repo, repo_type="dataset")
    except RepositoryNotFoundError as error:
        if error.response.status_code != 404:
            raise
        return {}
    return {tag.name: tag.target_commit for tag in refs.tags}


def _refuse_moved_tag(wish: PushRequest, plan: Plan, tags: dict[str, str]) -> None:
    if wish.tag in tags and not (plan.empty and tags[wish.tag] == plan.base):
        raise InputError(
            f"{wish.repo} has the tag {wish.tag} already, on commit {tags[wish.tag][:8]}; give another --tag."
        )


def _message(found: tuple[Part, ...]) -> str:
    rows = sum(part.folder.manifest.rows for part in found)
    return f"Push {rows:,} synthetic rows ({_digest(found)})"


def _digest(found: tuple[Part, ...]) -> str:
    shards = "".join(shard.sha256 for part in found for shard in part.folder.manifest.shards)
    return hashlib.sha256(shards.encode()).hexdigest()[:12]


def _told(api: HfApi, wish: PushRequest, plan: Plan, commit: str, pull_request: str | None) -> PushResult:
    words = [f'"{wish.repo}"']
    if len(wish.parts) == 1 and wish.parts[0].config != DEFAULT_CONFIG:
        words.append(f'"{wish.parts[0].config}"')
    if wish.tag or commit:
        words.append(f'revision="{wish.tag or commit}"')
    return PushResult(
        repo=wish.repo,
        url=f"{api.endpoint}/datasets/{wish.repo}",
        commit=commit,
        tag=wish.tag,
        pull_request=pull_request,
        private=plan.private,
        sent=len(plan.send),
        kept=plan.kept,
        deleted=len(plan.delete),
        bytes=plan.bytes,
        load=f"load_dataset({', '.join(words)})",
    )
