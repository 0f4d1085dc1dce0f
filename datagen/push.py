"""Pushing dataset folders to the Hub: the shards as they lie on disk, in one commit, as often as needed.

Every attempt begins with a plan: what the repository has, what it lacks, what is stale. What is there
is not sent again, so a push that was killed anywhere and started again ends with the same content.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from huggingface_hub import (
    CommitOperationAdd,
    CommitOperationCopy,
    CommitOperationDelete,
    HfApi,
)

from datagen.collection import DEFAULT_CONFIG, Part, parts
from datagen.folder import CARD
from datagen.hub import as_sentence, connect, owner_who_may_write, patiently, repository
from datagen.push_plan import Plan, Wish, is_there, plan_push, tree_of
from datagen.verify import verify_folder
from schemas import InputError

Progress = Callable[[int, int], None]
"""Called with the bytes that are sent and the bytes of all that is to be sent."""

FILES_A_COMMIT = 50
"""What one commit on the Hub bears well; more are first gathered on a branch of their own."""

STAGING = "datagen-push"
THREADS = 4


@dataclass(frozen=True)
class Pushed:
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
) -> Pushed:
    """Push the dataset folder, or the folder of dataset folders, ``path`` to ``owner/name``.

    A new repository is private unless ``private`` is False. With ``dry_run`` everything is checked and
    nothing is sent. Raises InputError before a byte is sent, RunFailed where the Hub or the way to it
    fails for good; then the same call goes on where it stopped.
    """
    target = repository(repo)
    found = tuple(parts(Path(path), config, split))
    for part in found:
        _refuse_faults(part)
    wish = Wish(target, found, private, revision, tag, create_pr, message or _message(found))
    api = connect()
    with sentences(target):
        author = owner_who_may_write(api, target)
        if dry_run:
            return _told(api, wish, patiently(lambda: plan_push(api, wish)), commit="", pull_request=None)
        return patiently(lambda: _once(api, wish, author, progress or (lambda sent, total: None)))


@contextmanager
def sentences(repo: str) -> Iterator[None]:
    """Turn what the client raises into InputError or RunFailed."""
    try:
        yield
    except Exception as error:
        said = as_sentence(error, repo)
        if said is None:
            raise
        raise said from None


def _once(api: HfApi, wish: Wish, author: str, tell: Progress) -> Pushed:
    """One attempt, from plan to tag; may be repeated after any failure."""
    plan = plan_push(api, wish)
    _refuse_moved_tag(api, wish, plan)
    if not plan.base:
        api.create_repo(wish.repo, repo_type="dataset", private=plan.private, exist_ok=True)
    if wish.revision != "main" and not wish.create_pr:
        api.create_branch(wish.repo, branch=wish.revision, repo_type="dataset", exist_ok=True)
    commit, pull_request = _send(api, wish, plan, author, tell)
    if wish.tag:
        api.create_tag(wish.repo, tag=wish.tag, revision=commit, repo_type="dataset", exist_ok=True)
    return _told(api, wish, plan, commit, pull_request)


def _send(api: HfApi, wish: Wish, plan: Plan, author: str, tell: Progress) -> tuple[str, str | None]:
    """Upload and commit; the commit and, where one was asked for, the address of the pull request."""
    revision, number = wish.revision, None
    if wish.create_pr and not plan.empty:
        number = _pull_request(api, wish, author)
        revision = f"refs/pr/{number}"
    url = f"{api.endpoint}/datasets/{wish.repo}/discussions/{number}" if number else None
    if plan.empty:
        return plan.base, url
    operations = _uploaded(api, wish, plan, revision, tell)
    if plan.card is not None:
        operations.append(CommitOperationAdd(CARD, plan.card.encode()))
    operations += [CommitOperationDelete(where, is_folder=False) for where in plan.delete]
    base = plan.base if number is None and plan.base else None
    done = api.create_commit(
        wish.repo,
        operations,
        commit_message=wish.message,
        repo_type="dataset",
        revision=revision,
        parent_commit=base,
    )
    if len(plan.send) > FILES_A_COMMIT:
        api.delete_branch(wish.repo, branch=STAGING, repo_type="dataset")
    return str(done.oid), url


def _uploaded(api: HfApi, wish: Wish, plan: Plan, revision: str, tell: Progress) -> list[Any]:
    """The operations for all files of the plan, their content being on the Hub already."""
    sent = 0
    several = len(plan.send) > FILES_A_COMMIT
    if several:
        api.create_branch(wish.repo, branch=STAGING, repo_type="dataset", exist_ok=True)
        staged = tree_of(api, wish.repo, STAGING)
    files = list(plan.send.items())
    operations: list[Any] = []
    for at in range(0, len(files), FILES_A_COMMIT):
        batch = files[at : at + FILES_A_COMMIT]
        if several:
            sent += sum(path.stat().st_size for where, path in batch if is_there(staged.get(where), path))
            batch = [(where, path) for where, path in batch if not is_there(staged.get(where), path)]
        additions = [CommitOperationAdd(where, path) for where, path in batch]
        for size in _preupload(api, wish.repo, additions, STAGING if several else revision):
            sent += size
            tell(sent, plan.bytes)
        if several and additions:
            api.create_commit(
                wish.repo, additions, commit_message=wish.message, repo_type="dataset", revision=STAGING
            )
        operations += additions
    if not several:
        return operations
    return [CommitOperationCopy(where, where, src_revision=STAGING) for where, _ in files]


def _preupload(api: HfApi, repo: str, additions: list[CommitOperationAdd], revision: str) -> Iterator[int]:
    """Send the content of some files, a few at once; yields the size of each that is done."""

    def one(addition: CommitOperationAdd) -> int:
        api.preupload_lfs_files(
            repo, [addition], repo_type="dataset", revision=revision, num_threads=1, free_memory=False
        )
        return addition.upload_info.size or 0

    with ThreadPoolExecutor(THREADS) as pool:
        yield from pool.map(one, additions)


def _pull_request(api: HfApi, wish: Wish, author: str) -> int:
    """The number of the open pull request of this push: the one of an earlier attempt, or a new one."""
    for there in api.get_repo_discussions(
        wish.repo,
        repo_type="dataset",
        author=author,
        discussion_type="pull_request",
        discussion_status="open",
    ):
        if there.title == wish.message:
            return int(there.num)
    return int(api.create_pull_request(wish.repo, title=wish.message, repo_type="dataset").num)


def _refuse_faults(part: Part) -> None:
    verdict = verify_folder(part.folder.path)
    if not verdict.whole:
        first = verdict.breaches[0]
        raise InputError(
            f"{part.folder.path} has faults and is not pushed ({first}); "
            f"see datagen verify {part.folder.path}."
        )


def _refuse_moved_tag(api: HfApi, wish: Wish, plan: Plan) -> None:
    if not wish.tag or not plan.base:
        return
    tags = {tag.name: tag.target_commit for tag in api.list_repo_refs(wish.repo, repo_type="dataset").tags}
    if wish.tag in tags and not (plan.empty and tags[wish.tag] == plan.base):
        raise InputError(
            f"{wish.repo} has the tag {wish.tag} already, on commit {tags[wish.tag][:8]}; give another --tag."
        )


def _message(found: tuple[Part, ...]) -> str:
    rows = sum(part.folder.manifest.rows for part in found)
    digests = hashlib.sha256(
        "".join(shard.sha256 for part in found for shard in part.folder.manifest.shards).encode()
    )
    return f"Push {rows:,} synthetic rows ({digests.hexdigest()[:12]})"


def _told(api: HfApi, wish: Wish, plan: Plan, commit: str, pull_request: str | None) -> Pushed:
    words = [f'"{wish.repo}"']
    if len(wish.parts) == 1 and wish.parts[0].config != DEFAULT_CONFIG:
        words.append(f'"{wish.parts[0].config}"')
    if wish.tag or commit:
        words.append(f'revision="{wish.tag or commit}"')
    return Pushed(
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
