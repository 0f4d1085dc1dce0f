"""Private repositories that hold folders of this machine: made where they are missing, sent what they lack.

What is in one is nobody else's business, so a public repository is refused, never made private or written to.
"""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Collection, Mapping
from pathlib import Path

from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi
from huggingface_hub.errors import RepositoryNotFoundError

from datagen.hub.client import RepoType, commit_id
from datagen.hub.files import list_files, same_content
from datagen.hub.retries import with_retries
from datagen.schemas import InputError
from datagen.schemas.files import write_file


def private_head(api: HfApi, repo: str, repo_type: RepoType) -> str | None:
    """The newest commit of a private repository, None where there is none. Raises InputError for a public
    one.
    """
    try:
        info = with_retries(lambda: api.repo_info(repo, repo_type=repo_type))
    except RepositoryNotFoundError as error:
        if error.response.status_code != 404:
            raise
        return None
    if not info.private:
        raise InputError(
            f"{repo} is a public {repo_type} repository, where everybody could read this; make it private on "
            "its settings page, or give another name."
        )
    return commit_id(info.sha)


def make_private(api: HfApi, repo: str, repo_type: RepoType) -> str:
    """The newest commit of a private repository, which is made where it is missing."""
    head = private_head(api, repo, repo_type)
    if head is None:
        with_retries(lambda: api.create_repo(repo, repo_type=repo_type, private=True, exist_ok=True))
        head = private_head(api, repo, repo_type)
    if head is None:
        raise InputError(f"The Hub does not show {repo}, which was just made; run the same command again.")
    return head


def send_files(
    api: HfApi,
    repo: str,
    repo_type: RepoType,
    files: Mapping[str, Path | bytes],
    *,
    delete: Collection[str] = (),
    message: str,
) -> str:
    """Commit the files that a repository lacks or has otherwise, by their paths there, and delete others.

    One commit, or none where everything is there; returns the newest. A file must not change meanwhile.
    """
    with tempfile.TemporaryDirectory(prefix="datagen-") as folder:
        places: dict[str, Path] = {}
        for number, (name, content) in enumerate(files.items()):
            if isinstance(content, bytes):
                places[name] = Path(folder) / str(number)
                write_file(places[name], content)
            else:
                places[name] = content

        def attempt() -> str:
            head = commit_id(api.repo_info(repo, repo_type=repo_type).sha)
            there = list_files(api, repo, head, repo_type)
            missing = [name for name, path in places.items() if not same_content(there.get(name), path)]
            operations = [CommitOperationAdd(name, places[name]) for name in missing]
            gone = [CommitOperationDelete(name, is_folder=False) for name in delete if name in there]
            if not operations and not gone:
                return head
            with warnings.catch_warnings():
                # A run has Parquet files: its split and its predictions.
                warnings.filterwarnings("ignore", "It seems that you are about to commit a data file")
                made = api.create_commit(
                    repo,
                    [*operations, *gone],
                    commit_message=message,
                    repo_type=repo_type,
                    revision="main",
                    parent_commit=head,
                )
            return commit_id(made.oid)

        return with_retries(attempt)
