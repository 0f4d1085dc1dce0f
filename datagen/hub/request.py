"""What any push asks for, and what its plan says, whether datasets are pushed or a model."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from huggingface_hub import HfApi
from huggingface_hub.errors import RepositoryNotFoundError

from datagen.hub.client import RepoType, check_ref_name, check_repo_id, list_refs
from datagen.schemas import InputError


@dataclass(frozen=True)
class PushRequest(ABC):
    """Where to push, and how; a subclass knows what."""

    repo: str
    private: bool | None
    revision: str
    tag: str | None
    create_pr: bool
    message: str

    repo_type: ClassVar[RepoType]

    @property
    @abstractmethod
    def digest(self) -> str:
        """A short digest of what is pushed, the same in every attempt."""

    @property
    @abstractmethod
    def count(self) -> int:
        """How many files are pushed, or nearly so."""

    @abstractmethod
    def plan(self, api: HfApi, revision: str) -> Plan:
        """What has to be done, given what a revision has now. Raises InputError where it would do harm."""

    @abstractmethod
    def use(self, revision: str) -> str:
        """How to use what was pushed: a call or a command."""


@dataclass(frozen=True)
class Plan:
    """What one push has to do.

    ``base``: the commit it starts from, None where there is no repository. ``send``: path in the repository
    -> file on disk. ``card``: the new card, None where the old one stays. ``kept``: how many files the
    repository has already.
    """

    base: str | None
    private: bool
    send: dict[str, Path]
    card: str | None
    delete: tuple[str, ...]
    kept: int

    @property
    def bytes(self) -> int:
        """Bytes of the files to send."""
        return sum(path.stat().st_size for path in self.send.values())

    @property
    def empty(self) -> bool:
        """Whether the repository has everything already."""
        return not (self.send or self.card or self.delete)


def check_place(
    repo: str, revision: str, tag: str | None, *, create_pr: bool, repo_type: RepoType = "dataset"
) -> None:
    """Raises InputError for a name, branch or tag that the Hub would not take, or that exclude each other."""
    check_repo_id(repo, repo_type)
    if create_pr and (tag or revision != "main"):
        raise InputError("--create-pr proposes a change to main; give it without --tag and --revision.")
    for name, what in ((revision, "branch"), (tag, "tag")):
        if name is not None:
            check_ref_name(name, what)


def repository(api: HfApi, request: PushRequest, revision: str) -> Any | None:
    """The repository at a branch, or at main where the branch is new; None where there is no repository.

    Raises InputError for one that is not as public or private as the push says.
    """
    repo, repo_type = request.repo, request.repo_type
    try:
        info = api.repo_info(repo, repo_type=repo_type)
    except RepositoryNotFoundError as error:
        if error.response.status_code != 404:
            raise
        return None
    if request.private is not None and request.private != bool(info.private):
        visibility = "private" if info.private else "public"
        raise InputError(f"{repo} is {visibility}; change that on its settings page, not with a push.")
    if revision == "main":
        return info
    if revision.startswith("refs/") or revision in list_refs(api, repo, repo_type).branches:
        return api.repo_info(repo, repo_type=repo_type, revision=revision)
    return info
