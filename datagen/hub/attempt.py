"""One attempt at a push, from its plan to its tag, repeated until it succeeds or fails for good.

The same for datasets and models: what has to be done is said by the request's plan (:mod:`request`).
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from typing import Any

from huggingface_hub import (
    CommitOperationAdd,
    CommitOperationCopy,
    CommitOperationDelete,
    Discussion,
    HfApi,
)
from huggingface_hub.errors import EntryNotFoundError, RepositoryNotFoundError, RevisionNotFoundError

from datagen.hub.client import commit_id, list_refs
from datagen.hub.errors import odd_answer
from datagen.hub.files import THREADS, list_files, same_content
from datagen.hub.request import Plan, PushRequest
from datagen.hub.retries import with_retries
from datagen.schemas import InputError, RunFailed
from datagen.schemas.folder import CARD
from datagen.schemas.progress import ByteProgress
from datagen.schemas.text import without_secrets

FILES_PER_COMMIT = 50
"""What the Hub handles well in one commit; more are first gathered on a staging branch."""

STAGING = "datagen-push-"
"""The beginning of a staging branch's name; it ends with a digest of what is pushed."""

RACE_ERRORS = (RevisionNotFoundError, EntryNotFoundError)
"""Raised when another push of the same dataset has just finished and removed the staging branch."""

MAX_DISCUSSIONS = 1000
"""Open pull requests of one account that are looked through for that of an earlier attempt."""


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


def planned(api: HfApi, request: PushRequest) -> PushResult:
    """What a push would do; nothing is sent."""

    def once() -> PushResult:
        tags = _tags(api, request)
        plan = request.plan(api, request.revision)
        _refuse_to_move_tag(request, plan, tags)
        return _result(api, request, plan, commit="", pull_request=None)

    return with_retries(once)


def carried_out(api: HfApi, request: PushRequest, author: str, progress: ByteProgress) -> PushResult:
    """What a push did, in as many attempts as it took; ``author``: the account behind the token."""
    return with_retries(lambda: _attempt(api, request, author, progress), also=(*RACE_ERRORS, NotShownYet))


def _attempt(api: HfApi, request: PushRequest, author: str, progress: ByteProgress) -> PushResult:
    """One attempt; may be repeated after any failure."""
    pull_request = _open_pull_request(api, request, author) if request.create_pr else None
    tags = _tags(api, request)
    reference = str(pull_request.git_reference) if pull_request else request.revision
    plan = request.plan(api, reference)
    _refuse_to_move_tag(request, plan, tags)
    if plan.base is None:  # if it exists after all (409), the next attempt's plan will see it
        api.create_repo(request.repo, repo_type=request.repo_type, private=plan.private)
        # The Hub makes the first commit of a repository itself. Only a push that starts from a commit fails
        # when another one comes first; without, both would take effect and leave files of both.
        plan = request.plan(api, request.revision)
        if plan.base is None:
            raise NotShownYet(f"The Hub does not show {request.repo} yet; run the same command again.")
    if request.revision != "main" and not request.create_pr:
        api.create_branch(request.repo, branch=request.revision, repo_type=request.repo_type, exist_ok=True)
    if request.create_pr and not pull_request and not plan.empty:
        pull_request = api.create_pull_request(
            request.repo, title=request.message, repo_type=request.repo_type
        )
    revision = str(pull_request.git_reference) if pull_request else request.revision
    commit = plan.base if plan.empty else _upload_and_commit(api, request, plan, revision, progress)
    if pull_request and pull_request.status == "draft":
        api.change_discussion_status(request.repo, pull_request.num, "open", repo_type=request.repo_type)
    _remove_staging(api, request)
    if request.tag and request.tag not in tags:  # if it exists after all (409), the next attempt will see it
        api.create_tag(request.repo, tag=request.tag, revision=commit, repo_type=request.repo_type)
    address = without_secrets(pull_request.url) if pull_request else None
    return _result(api, request, plan, commit, address)


def _open_pull_request(api: HfApi, request: PushRequest, author: str) -> Discussion | None:
    """The open pull request of an earlier attempt at this push."""
    try:
        discussions = api.get_repo_discussions(
            request.repo,
            repo_type=request.repo_type,
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
        return list_refs(api, request.repo, request.repo_type).tags
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
    place = "datasets/" if request.repo_type == "dataset" else ""
    return PushResult(
        repo=request.repo,
        url=without_secrets(f"{api.endpoint}/{place}{request.repo}"),
        commit=commit,
        tag=request.tag,
        pull_request=pull_request,
        private=plan.private,
        sent=len(plan.send) + (plan.card is not None),
        kept=plan.kept,
        deleted=len(plan.delete),
        bytes=plan.bytes + len((plan.card or "").encode()),
        load=request.use(request.tag or commit),
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
        repo_type=request.repo_type,
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
        api.create_branch(request.repo, branch=staging, repo_type=request.repo_type, exist_ok=True)
        staged = list_files(api, request.repo, staging, request.repo_type)
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
        for size in _preupload(api, request, additions, staging if use_staging else revision):
            sent += size
            progress(sent, plan.bytes)
        if use_staging and additions:
            api.create_commit(
                request.repo,
                additions,
                commit_message=request.message,
                repo_type=request.repo_type,
                revision=staging,
            )
        operations += additions
    if not use_staging:
        return operations
    return [CommitOperationCopy(name, name, src_revision=staging) for name, _ in files]


def _preupload(
    api: HfApi, request: PushRequest, additions: list[CommitOperationAdd], revision: str
) -> Iterator[int]:
    """Send the content of some files, several at once; yields the size of each that is done."""

    def upload(addition: CommitOperationAdd) -> int:
        api.preupload_lfs_files(
            request.repo,
            [addition],
            repo_type=request.repo_type,
            revision=revision,
            num_threads=1,
            free_memory=False,
        )
        return addition.upload_info.size or 0

    with ThreadPoolExecutor(THREADS) as pool:
        yield from pool.map(upload, additions)


def _staging(request: PushRequest) -> str:
    return STAGING + request.digest


def _remove_staging(api: HfApi, request: PushRequest) -> None:
    """Remove the branch on which a large push was gathered, also that of an interrupted attempt."""
    is_large = request.count > FILES_PER_COMMIT // 2
    if is_large and _staging(request) in list_refs(api, request.repo, request.repo_type).branches:
        api.delete_branch(request.repo, branch=_staging(request), repo_type=request.repo_type)
