"""Pushing a trained model to the Hub, in one commit, as often as needed."""

from __future__ import annotations

from collections.abc import Callable

from datagen.hub.attempt import PushResult, carried_out, planned
from datagen.hub.client import connect, require_write_access
from datagen.hub.errors import translate_errors
from datagen.hub.model_plan import ModelRequest, digest_of, licence_of
from datagen.hub.request import check_place
from datagen.hub.retries import with_retries
from datagen.schemas.model_folder import ModelFolder
from datagen.schemas.progress import StageProgress


def push_model(
    write: Callable[[], ModelFolder],
    repo: str,
    *,
    private: bool | None = None,
    revision: str = "main",
    tag: str | None = None,
    create_pr: bool = False,
    message: str | None = None,
    dry_run: bool = False,
    progress: StageProgress | None = None,
) -> PushResult:
    """Push a model to ``owner/name``; options and errors are those of :func:`datagen.hub.push.push`.

    ``write`` is called for its folder once the account is known to have access: it may take minutes.
    """
    check_place(repo, revision, tag, create_pr=create_pr, repo_type="model")
    report = progress or (lambda stage, done, total: None)
    api = connect()
    with translate_errors(repo, "push", "model"):
        author = require_write_access(api, repo, proposes=create_pr)
        report("Preparing", 0, None)
        folder = write()
        licence = with_retries(lambda: licence_of(api, folder.record))
        title = message or _default_message(folder)
        request = ModelRequest(repo, private, revision, tag, create_pr, title, folder, licence)
        if dry_run:
            return planned(api, request)
        return carried_out(api, request, author, lambda done, total: report("Sending", done, total))


def _default_message(folder: ModelFolder) -> str:
    """The title of the commit: what it is, of which base, and a digest of it."""
    kind = "an adapter" if folder.record.kind == "adapter" else "a model"
    of = f" of {folder.record.base}" if folder.record.base else ""
    return f"Push {kind}{of} ({digest_of(folder)})"
