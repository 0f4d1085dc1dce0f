"""The Hugging Face Hub's client, and what is asked of it before a transfer: names, revisions, access.

What the client makes of an answer is checked here: a server may send anything.
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from typing import Literal

from huggingface_hub import HfApi, get_session, get_token, hf_raise_for_status
from huggingface_hub.errors import HfHubHTTPError, RevisionNotFoundError
from huggingface_hub.utils import build_hf_headers  # type: ignore[attr-defined]  # documented, not typed
from huggingface_hub.utils.tqdm import disable_progress_bars

from datagen.hub.errors import LOGIN, odd_answer, one_line
from datagen.hub.retries import with_retries
from datagen.schemas import InputError
from datagen.schemas.yaml_file import nearest

RepoType = Literal["dataset", "model"]


def connect() -> HfApi:
    """A client for the Hub that the environment names, with the token of the login if there is one.

    Its own bars and messages are turned off: what it retries is logged by :func:`with_retries`.
    """
    disable_progress_bars()
    logging.getLogger("huggingface_hub").setLevel(logging.ERROR)
    return HfApi(token=get_token(), library_name="datagen")


# Names


def check_repo_id(name: str, what: RepoType = "dataset") -> str:
    """``owner/name``, if it is legal on the Hub. Raises InputError."""
    part = r"[A-Za-z0-9](?:[A-Za-z0-9]|[._-](?=[A-Za-z0-9]))*"
    if not re.fullmatch(f"{part}/{part}", name) or len(name.split("/")[-1]) > 96 or name.endswith(".git"):
        raise InputError(
            f"{name!r} is not a valid name for a {what} on the Hub; write owner/name with letters, digits "
            "and single '-', '_' and '.'."
        )
    return name


def check_ref_name(name: str, what: str) -> str:
    """The name of a branch or tag, if Git accepts it and does not hide it. Raises InputError."""
    parts = name.split("/")
    odd = re.search(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{", name) or name.startswith("refs/") or len(name) > 200
    if odd or any(not part or part[0] in ".-" or part.endswith((".", ".lock")) for part in parts):
        raise InputError(
            f"{name!r} is not a valid name for a {what}; use letters, digits, '-', '_', '.' and '/'."
        )
    return name


def repo_and_revision(source: str, revision: str | None) -> tuple[str, str | None]:
    """The parts of ``owner/name[@revision]``; the revision may be given separately. Raises InputError."""
    name, _, suffix = source.partition("@")
    if suffix and revision and suffix != revision:
        raise InputError(f"{source} names one revision and --revision {revision} another; give one of them.")
    return check_repo_id(name), suffix or revision


# Revisions


@dataclass(frozen=True)
class Refs:
    """Branches and tags of a repository, each with its commit."""

    branches: dict[str, str]
    tags: dict[str, str]


def list_refs(api: HfApi, repo: str, repo_type: RepoType = "dataset") -> Refs:
    """The branches and tags of a repository."""
    refs = api.list_repo_refs(repo, repo_type=repo_type)
    branches, tags = (
        {str(ref.name): commit_id(ref.target_commit) for ref in kind} for kind in (refs.branches, refs.tags)
    )
    return Refs(branches, tags)


def commit_of(api: HfApi, repo: str, revision: str | None) -> str:
    """The commit that a branch, a tag or a commit names now; None is main. Raises InputError."""
    try:
        info = with_retries(lambda: api.repo_info(repo, repo_type="dataset", revision=revision))
    except RevisionNotFoundError:
        refs = with_retries(lambda: list_refs(api, repo))
        known = nearest(str(revision), {one_line(name) for name in (*refs.branches, *refs.tags)})
        raise InputError(f"{repo} has no branch, tag or commit {revision!r}; {known}.") from None
    return commit_id(info.sha)


def commit_id(value: object) -> str:
    """The id of a commit in an answer. Raises RunFailed where it is none."""
    if isinstance(value, str) and re.fullmatch("[0-9a-f]{40,64}", value):
        return value
    raise odd_answer(f"{value!r} is not a commit")


# Checks before a push


def require_write_access(api: HfApi, repo: str, *, proposes: bool = False) -> str:
    """The account behind the token. Raises InputError without one, or if it may not write to ``repo``.

    Whoever ``proposes`` a change, by a pull request, needs no right to write.
    """
    if not api.token:
        raise InputError(f"You are not logged in to the Hub; {LOGIN}.")
    try:
        account = with_retries(api.whoami)
    except HfHubHTTPError as error:
        if error.response.status_code in {401, 403}:
            raise InputError(f"The Hub rejected the token; {LOGIN}.") from None
        raise
    try:
        name = one_line(account["name"])
        role = account.get("auth", {}).get("accessToken", {}).get("role")
        names = [name, *sorted(one_line(org["name"]) for org in account.get("orgs", []))]
    except (AttributeError, KeyError, TypeError):
        raise odd_answer("the account has no name") from None
    if role == "read":
        raise InputError(f"The token of {name} is read-only; {LOGIN}, with a token that has write access.")
    owner = repo.split("/")[0]
    if not proposes and owner.lower() not in {each.lower() for each in names}:
        raise InputError(f"{name} may not write to {owner}; the token gives access to {', '.join(names)}.")
    return name


def validate_card(api: HfApi, card: str, repo_type: RepoType = "dataset") -> None:
    """Have the Hub check a card now, which it otherwise does after the upload. Raises InputError."""
    response = get_session().post(
        f"{api.endpoint}/api/validate-yaml",
        json={"content": card, "repoType": repo_type},
        headers=build_hf_headers(token=api.token, library_name=api.library_name),
    )
    if response.status_code == 400:
        try:
            messages = " ".join(str(each["message"]) for each in response.json()["errors"])
        except (ValueError, KeyError, TypeError, RecursionError):
            messages = response.reason_phrase
        raise InputError(f"The Hub rejects the YAML of the card ({one_line(messages)}); correct README.md.")
    hf_raise_for_status(response)
