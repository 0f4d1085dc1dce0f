"""Pushing dataset folders to the Hub: the shards as they lie on disk, in one commit, as often as needed.

Every attempt starts with a plan: what the repository has, what it lacks, what is outdated. What is already
there is not sent again, so a push that was killed at any point and started again ends with the same content.
"""

from __future__ import annotations

from pathlib import Path

from datagen.dataset.card_report import refuse_real_rows
from datagen.dataset.collection import Part, parts
from datagen.dataset.verify import verify_folder
from datagen.hub.attempt import PushResult, carried_out, planned
from datagen.hub.client import connect, require_write_access
from datagen.hub.errors import translate_errors
from datagen.hub.plan import DatasetRequest, digest_of, refuse_links
from datagen.hub.request import check_place
from datagen.schemas import InputError
from datagen.schemas.folder import CARD
from datagen.schemas.progress import StageProgress
from datagen.schemas.text import count

MAX_SOURCE_CHARACTERS = 80
"""Of a source's name in a commit message; the Hub takes titles of at most 200 characters."""


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
    check_place(repo, revision, tag, create_pr=create_pr)
    folders = tuple(parts(Path(path), config, split))
    request = DatasetRequest(
        repo, private, revision, tag, create_pr, message or _default_message(folders), folders
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
            return planned(api, request)
        return carried_out(api, request, author, lambda done, total: report("Sending", done, total))


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
    return f"Push {' and '.join(counts)} ({digest_of(folders)})"


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
