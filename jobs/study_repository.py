"""A study's folder in a private dataset repository: models of several jobs together, and the page of all.

Models that are finished are never changed, so jobs may push theirs at the same time. The page is committed on
the commit whose models it shows, or made again: the newest one always shows every model that is there.
"""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

from huggingface_hub import CommitOperationAdd, HfApi
from huggingface_hub.errors import HfHubHTTPError

from datagen.hub.files import CACHE, download_files, list_files, same_content
from datagen.hub.private import private_head, send_files
from datagen.hub.retries import with_retries
from datagen.schemas import InputError
from datagen.schemas.files import read_file
from datagen.schemas.progress import ByteProgress

CELL = re.compile(r"(cells/[0-9a-f]{16})/(predictions\.parquet|failed\.json|scores\.json)")
SCORES, RESULTS = "scores.json", "results.json"
OUTCOME = (RESULTS, "cells.parquet", "table.md", "plot.svg", "study.html")
NOT_OURS = frozenset({".gitattributes", "README.md"})
STALE = frozenset({409, 412})
"""Statuses of a commit on one that is no longer the newest."""
MOST_RESULT_BYTES = 50_000_000


def is_study(path: str) -> bool:
    """Whether a path of a repository is one of a study's."""
    return path in OUTCOME or CELL.fullmatch(path) is not None


def results_in(folder: Path) -> dict[str, Any] | None:
    """The results.json of a study's folder; None where there is none that can be read."""
    try:
        found = json.loads(read_file(folder / RESULTS, MOST_RESULT_BYTES))
        cells = found["cells"]
        known = isinstance(found["command"], str) and isinstance(cells["failed"], dict)
        return found if known and int(cells["finished"]) <= int(cells["planned"]) else None
    except (OSError, InputError, ValueError, KeyError, TypeError, RecursionError):
        return None


def push_models(api: HfApi, repo: str, study: Path) -> int:
    """Push the models that are finished, and why others failed; returns how many are finished."""
    finished = sorted(path.parent for path in study.glob(f"cells/*/{SCORES}"))
    failed = sorted(path.parent for path in study.glob("cells/*/failed.json"))
    files = {
        f"cells/{folder.name}/{path.name}": path
        for folder in (*finished, *failed)
        for path in sorted(folder.iterdir())
        if CELL.fullmatch(f"cells/{folder.name}/{path.name}")
    }
    send_files(api, repo, "dataset", files, message=f"{len(finished)} models")
    return len(finished)


def push_outcome(api: HfApi, repo: str, study: Path, head: str) -> bool:
    """Commit the page and the files beside it on ``head``; False if there is a newer commit."""
    there = list_files(api, repo, head)
    files = [name for name in OUTCOME if not same_content(there.get(name), study / name)]
    if not files:
        return private_head(api, repo, "dataset") == head
    try:
        api.create_commit(
            repo,
            [CommitOperationAdd(name, study / name) for name in files],
            commit_message="The page of the study",
            repo_type="dataset",
            revision="main",
            parent_commit=head,
        )
    except HfHubHTTPError as error:
        if error.response.status_code in STALE:
            return False
        raise
    return True


def pull_study(
    api: HfApi, repo: str, out: Path, *, outcome: bool, progress: ByteProgress | None = None
) -> tuple[str, int]:
    """Download the models that a folder lacks, and with ``outcome`` the page and the files beside it.

    Returns the commit, and how many models are new here. Each is there whole or not at all. Raises
    InputError for a repository that holds something else, RunFailed where the Hub or the connection fails.
    """
    head = private_head(api, repo, "dataset")
    if head is None:
        raise InputError(f"{repo} does not exist.")
    there = list_files(api, repo, head)
    whole = {found[1] for path in there if (found := CELL.fullmatch(path)) and found[2] == SCORES}
    files = {}
    for path, file in there.items():
        cell = CELL.fullmatch(path)
        wanted = cell is not None and not (out / cell[1] / SCORES).is_file()
        wanted = wanted and (cell is not None and (cell[1] in whole or cell[2] == "failed.json"))
        if wanted or (outcome and path in OUTCOME):
            files[path] = file
    aside = out.absolute().with_name(f".{out.absolute().name}.part")
    download_files(api, repo, head, files, aside, progress or (lambda done, total: None))
    shutil.rmtree(aside / CACHE, ignore_errors=True)
    for path in sorted(files):  # of a model, scores.json comes last: with it, it is finished
        target = out / path
        target.parent.mkdir(parents=True, exist_ok=True)
        (aside / path).replace(target)
    shutil.rmtree(aside, ignore_errors=True)
    return head, sum(path.endswith(f"/{SCORES}") for path in files)


def refuse_other_contents(api: HfApi, repo: str) -> bool:
    """Whether a repository has a study; False where it is empty or missing.

    Raises InputError for one that holds something else, or is public.
    """
    head = with_retries(lambda: private_head(api, repo, "dataset"))
    files = list_files(api, repo, head).keys() - NOT_OURS if head is not None else frozenset()
    if files and not any(map(is_study, files)):
        raise InputError(f"{repo} holds something other than a study; give another --push-to.")
    return bool(files)
