"""Pushing dataset folders to the Hub: the shards as they lie on disk, in one commit, as often as needed.

Every attempt starts with a plan: what the repository has, what it lacks, what is outdated. What is already
there is not sent again, so a push that was killed at any point and started again ends with the same content.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
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

from datagen.dataset.card_report import refuse_real_rows
from datagen.dataset.collection import DEFAULT_CONFIG, Part, parts
from datagen.dataset.verify import verify_folder
from datagen.hub.client import (
    check_ref_name,
    check_repo_id,
    commit_id,
    connect,
    list_refs,
    require_write_access,
)
from datagen.hub.errors import odd_answer, translate_errors, without_secrets
from datagen.hub.files import THREADS, list_files, same_content
from datagen.hub.plan import Plan, PushRequest, plan_push, refuse_links
from datagen.hub.retries import with_retries
from datagen.schemas import InputError, RunFailed
from datagen.schemas.folder import CARD
from datagen.schemas.progress import ByteProgress, StageProgress
from datagen.schemas.text import count

FILES_PER_COMMIT = 50
"""What the Hub handles well in one commit; more are first gathered on a staging branch."""

STAGING = "datagen-push-"
"""The beginning of a staging branch's name; it ends with a digest of what is pushed."""

RACE_ERRORS = (RevisionNotFoundError, EntryNotFoundError)
"""Raised when another push of the same dataset has just finished and removed the staging branch."""

MAX_DISCUSSIONS = 1000
"""Open pull requests of one account that are looked through for that of an earlier attempt."""

MAX_SOURCE_CHARACTERS = 80
"""Of a source's name in a commit message; the Hub takes titles of at most 200 characters."""


class NotShownYet(RunFailed):
    """The Hub has just made a repository, and says that there is none."""


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
    progress: StageProgress | None = None,
) -> PushResult:
    """Push the dataset folder, or the folder of dataset folders, ``path`` to ``owner/name``.

    A new repository is private unless ``private`` is False. With ``dry_run`` everything is checked and
    nothing is sent. Raises InputError before a byte is sent, RunFailed where the Hub or the connection to it
    fails for good; then the same call continues where it stopped.
    """
    check_repo_id(repo)
    if create_pr and (tag or revision != "main"):
        raise InputError("--create-pr proposes a change to main; give it without --tag and --revision.")
    for name, what in ((revision, "branch"), (tag, "tag")):
        if name is not None:
            check_ref_name(name, what)
    folders = tuple(parts(Path(path), config, split))
    request = PushRequest(
        repo, folders, private, revision, tag, create_pr, message or _default_message(folders)
    )
    refuse_links(Path(path), folders)
    for part in folders:
        refuse_real_rows(part.folder)
    report = progress or (lambda stage, done, total: None)
    api = connect()
    with translate_errors(repo, "push"):
        author = require_write_access(api, repo, proposes=create_pr)
        _refuse_faulty_folders(folders, report)
        if dry_run:
            return with_retries(lambda: _dry_run(api, request))

        def on_sent(done: int, total: int) -> None:
            report("Sending", done, total)

        return with_retries(lambda: _attempt(api, request, author, on_sent), also=(*RACE_ERRORS, NotShownYet))


def _default_message(folders: tuple[Part, ...]) -> str:
    """The title of the commit: how many rows were made, how many come from where, and a digest of them."""
    manifests = [part.folder.manifest for part in folders]
    made = [manifest.rows for manifest in manifests if manifest.origin is None]
    pulled = {manifest.origin.source: 0 for manifest in manifests if manifest.origin is not None}
    for manifest in manifests:
        if manifest.origin is not None:
            pulled[manifest.origin.source] += manifest.rows
    counts = [count(sum(made), "synthetic row")] if made else []
    if pulled:
        rows = sum(pulled.values())
        source = " ".join(next(iter(pulled)).split())[:MAX_SOURCE_CHARACTERS]
        counts.append(
            f"{count(rows, 'row')} from " + (source if len(pulled) == 1 else count(len(pulled), "source"))
        )
    return f"Push {' and '.join(counts)} ({_digest(folders)})"


def _digest(folders: tuple[Part, ...]) -> str:
    shards = "".join(shard.sha256 for part in folders for shard in part.folder.manifest.shards)
    return hashlib.sha256(shards.encode()).hexdigest()[:12]


def _refuse_faulty_folders(folders: tuple[Part, ...], progress: StageProgress) -> None:
    """A missing card is not a fault here: one is written, and splits pulled along with others have none."""
    before, total = 0, sum(part.folder.manifest.rows for part in folders)
    for part in folders:
        path, start = part.folder.path, before
        verdict = verify_folder(path, lambda rows, start=start: progress("Checking", start + rows, total))  # type: ignore[misc]
        first = next((each for each in verdict.breaches if each.file != CARD), None)
        if first:
            raise InputError(f"{path} has faults and is not pushed ({first}); run datagen verify {path}.")
        before += part.folder.manifest.rows


# One attempt, from plan to tag


def _dry_run(api: HfApi, request: PushRequest) -> PushResult:
    tags = _tags(api, request)
    plan = plan_push(api, request, request.revision)
    _refuse_to_move_tag(request, plan, tags)
    return _result(api, request, plan, commit="", pull_request=None)


def _attempt(api: HfApi, request: PushRequest, author: str, progress: ByteProgress) -> PushResult:
    """One attempt; may be repeated after any failure."""
    pull_request = _open_pull_request(api, request, author) if request.create_pr else None
    tags = _tags(api, request)
    plan = plan_push(api, request, str(pull_request.git_reference) if pull_request else request.revision)
    _refuse_to_move_tag(request, plan, tags)
    if plan.base is None:  # if it exists after all (409), the next attempt's plan will see it
        api.create_repo(request.repo, repo_type="dataset", private=plan.private)
        # The Hub makes the first commit of a repository itself. Only a push that starts from a commit fails
        # when another one comes first; without, both would take effect and leave files of both.
        plan = plan_push(api, request, request.revision)
        if plan.base is None:
            raise NotShownYet(f"The Hub does not show {request.repo} yet; run the same command again.")
    if request.revision != "main" and not request.create_pr:
        api.create_branch(request.repo, branch=request.revision, repo_type="dataset", exist_ok=True)
    if request.create_pr and not pull_request and not plan.empty:
        pull_request = api.create_pull_request(request.repo, title=request.message, repo_type="dataset")
    revision = str(pull_request.git_reference) if pull_request else request.revision
    commit = plan.base if plan.empty else _upload_and_commit(api, request, plan, revision, progress)
    if pull_request and pull_request.status == "draft":
        api.change_discussion_status(request.repo, pull_request.num, "open", repo_type="dataset")
    _remove_staging(api, request)
    if request.tag and request.tag not in tags:  # if it exists after all (409), the next attempt will see it
        api.create_tag(request.repo, tag=request.tag, revision=commit, repo_type="dataset")
    address = without_secrets(pull_request.url) if pull_request else None
    return _result(api, request, plan, commit, address)


def _open_pull_request(api: HfApi, request: PushRequest, author: str) -> Discussion | None:
    """The open pull request of an earlier attempt at this push."""
    try:
        discussions = api.get_repo_discussions(
            request.repo,
            repo_type="dataset",
            author=author,
            discussion_type="pull_request",
            discussion_status="open",
        )
        found = next(
            (each for each in islice(discussions, MAX_DISCUSSIONS) if each.title == request.message), None
        )
    except RepositoryNotFoundError as error:
        if error.response.status_code != 404:
            raise
        return None
    if found is not None and type(found.num) is not int:
        raise odd_answer("a pull request has no number")
    return found


def _tags(api: HfApi, request: PushRequest) -> dict[str, str]:
    """Tag -> commit, if the push sets a tag; to be read before the plan, which may be newer."""
    if not request.tag:
        return {}
    try:
        return list_refs(api, request.repo).tags
    except RepositoryNotFoundError as error:
        if error.response.status_code != 404:
            raise
        return {}


def _refuse_to_move_tag(request: PushRequest, plan: Plan, tags: dict[str, str]) -> None:
    tag = request.tag
    if tag in tags and not (plan.empty and tags[tag] == plan.base):
        raise InputError(
            f"{request.repo} already has the tag {tag}, on commit {tags[tag][:8]}; give another --tag."
        )


def _result(
    api: HfApi, request: PushRequest, plan: Plan, commit: str, pull_request: str | None
) -> PushResult:
    arguments = [f'"{request.repo}"']
    if len(request.parts) == 1 and request.parts[0].config != DEFAULT_CONFIG:
        arguments.append(f'"{request.parts[0].config}"')
    if request.tag or commit:
        arguments.append(f'revision="{request.tag or commit}"')
    return PushResult(
        repo=request.repo,
        url=without_secrets(f"{api.endpoint}/datasets/{request.repo}"),
        commit=commit,
        tag=request.tag,
        pull_request=pull_request,
        private=plan.private,
        sent=len(plan.send) + (plan.card is not None),
        kept=plan.kept,
        deleted=len(plan.delete),
        bytes=plan.bytes + len((plan.card or "").encode()),
        load=f"load_dataset({', '.join(arguments)})",
    )


# Upload and commit


def _upload_and_commit(
    api: HfApi, request: PushRequest, plan: Plan, revision: str, progress: ByteProgress
) -> str:
    """Send what is missing, and make the one commit; its id."""
    operations = _uploaded(api, request, plan, revision, progress)
    if plan.card is not None:
        operations.append(CommitOperationAdd(CARD, plan.card.encode()))
    operations += [CommitOperationDelete(name, is_folder=False) for name in plan.delete]
    commit = api.create_commit(
        request.repo,
        operations,
        commit_message=request.message,
        repo_type="dataset",
        revision=revision,
        parent_commit=plan.base,
    )
    return commit_id(commit.oid)


def _uploaded(
    api: HfApi, request: PushRequest, plan: Plan, revision: str, progress: ByteProgress
) -> list[Any]:
    """The operations for all files of the plan, once their content is on the Hub."""
    sent = 0
    use_staging, staging = len(plan.send) > FILES_PER_COMMIT, _staging(request)
    if use_staging:
        api.create_branch(request.repo, branch=staging, repo_type="dataset", exist_ok=True)
        staged = list_files(api, request.repo, staging)
    files = list(plan.send.items())
    operations: list[Any] = []
    for start in range(0, len(files), FILES_PER_COMMIT):
        batch = files[start : start + FILES_PER_COMMIT]
        if use_staging:
            missing = [(name, path) for name, path in batch if not same_content(staged.get(name), path)]
            sent += sum(path.stat().st_size for _, path in batch)
            sent -= sum(path.stat().st_size for _, path in missing)
            batch = missing
        additions = [CommitOperationAdd(name, path) for name, path in batch]
        for size in _preupload(api, request.repo, additions, staging if use_staging else revision):
            sent += size
            progress(sent, plan.bytes)
        if use_staging and additions:
            api.create_commit(
                request.repo,
                additions,
                commit_message=request.message,
                repo_type="dataset",
                revision=staging,
            )
        operations += additions
    if not use_staging:
        return operations
    return [CommitOperationCopy(name, name, src_revision=staging) for name, _ in files]


def _preupload(api: HfApi, repo: str, additions: list[CommitOperationAdd], revision: str) -> Iterator[int]:
    """Send the content of some files, several at once; yields the size of each that is done."""

    def upload(addition: CommitOperationAdd) -> int:
        api.preupload_lfs_files(
            repo, [addition], repo_type="dataset", revision=revision, num_threads=1, free_memory=False
        )
        return addition.upload_info.size or 0

    with ThreadPoolExecutor(THREADS) as pool:
        yield from pool.map(upload, additions)


def _staging(request: PushRequest) -> str:
    return STAGING + _digest(request.parts)


def _remove_staging(api: HfApi, request: PushRequest) -> None:
    """Remove the branch on which a large push was gathered, also that of an interrupted attempt."""
    is_large = sum(len(part.folder.manifest.shards) for part in request.parts) > FILES_PER_COMMIT // 2
    if is_large and _staging(request) in list_refs(api, request.repo).branches:
        api.delete_branch(request.repo, branch=_staging(request), repo_type="dataset")
