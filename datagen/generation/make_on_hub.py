"""Making a dataset in a repository on the Hub: workers send their shards, and one commit makes it visible."""

from __future__ import annotations

import hashlib
import json
import tempfile
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from pathlib import Path

from huggingface_hub import HfApi
from huggingface_hub.errors import RepositoryNotFoundError

from datagen.dataset.shards import ShardRecord
from datagen.dataset.writer import Job
from datagen.generation.engines import Engine
from datagen.generation.engines.machines import Machines
from datagen.generation.made import MakeResult, job_of, manifest_of, result_of
from datagen.generation.make_in_store import finished_there, write_metadata_of
from datagen.generation.make_shard import ShardWork
from datagen.generation.missing_shards import make_missing
from datagen.generation.recipe import Recipe
from datagen.hub.attempt import FILES_PER_COMMIT
from datagen.hub.client import commit_id, connect, list_refs, require_write_access
from datagen.hub.errors import translate_errors
from datagen.hub.files import RemoteFile, download_file, list_files
from datagen.hub.retries import with_retries
from datagen.places import StoredFolder
from datagen.places.hub_repository import HubPlace, check_repo
from datagen.schemas import InputError
from datagen.schemas.folder import CARD, MANIFEST, Manifest
from datagen.schemas.progress import RowProgress

BRANCH = "datagen-make-"
"""The beginning of the name of a run's branch; it ends with a digest of what the dataset is written from."""

SECONDS_BETWEEN_COMMITS = 60.0
"""At most so much is made again after a kill, besides what fills a commit."""

OF_A_NEW_REPOSITORY = frozenset({".gitattributes", CARD})


def write_to_hub(
    recipe: Recipe,
    address: str,
    engine: Engine,
    machines: Machines,
    progress: RowProgress,
    *,
    resume: bool,
    overwrite: bool,
) -> MakeResult:
    """Make the dataset of a recipe at ``hf://datasets/OWNER/NAME``. See :func:`datagen.generation.make.make`.

    A new repository is private. Raises InputError where it holds something else or may not be written,
    RunFailed where the Hub fails, or main was changed meanwhile.
    """
    started, repo, api, job = time.perf_counter(), check_repo(address), connect(), job_of(recipe)
    digest = hashlib.sha256(json.dumps(job.record, sort_keys=True).encode()).hexdigest()[:12]
    place = HubPlace(repo, BRANCH + digest)
    with translate_errors(repo, "push"):
        require_write_access(api, repo)
        base, files = _repository(api, repo)
        manifest = _earlier(api, place, job, base, files, resume=resume, overwrite=overwrite)
        if manifest:
            progress(recipe.rows)
            return result_of(manifest, address, started, rows_made=0)
        place = _claim(api, place, resume=resume, overwrite=overwrite)
    shards = recipe.shards()
    records = make_missing(recipe, shards, place, _collected(engine, place), machines, progress)
    manifest = manifest_of(recipe, shards, records.every)
    with tempfile.TemporaryDirectory(prefix="datagen-") as folder:
        stored = StoredFolder(Path(folder), manifest, recipe.schema, recipe.profile, place)
        write_metadata_of(stored, lambda name: place.fetch(name, Path(folder)))
        stale = [name for name in files if name not in {*manifest.files, *OF_A_NEW_REPOSITORY}]
        place.finish(Path(folder), manifest.files, stale, base)
    return result_of(manifest, address, started, sum(record.rows for record in records.made))


def _repository(api: HfApi, repo: str) -> tuple[str, dict[str, RemoteFile]]:
    """The commit of main and its files; a repository that is not there is made, private."""
    try:
        info = with_retries(lambda: api.repo_info(repo, repo_type="dataset"))
    except RepositoryNotFoundError as error:
        if error.response.status_code != 404:
            raise
        api.create_repo(repo, repo_type="dataset", private=True)
        info = with_retries(lambda: api.repo_info(repo, repo_type="dataset"))
    base = commit_id(info.sha)
    return base, with_retries(lambda: list_files(api, repo, base))


def _earlier(
    api: HfApi,
    place: HubPlace,
    job: Job,
    base: str,
    files: dict[str, RemoteFile],
    *,
    resume: bool,
    overwrite: bool,
) -> Manifest | None:
    """The manifest on main, where an earlier run of the job finished. Raises InputError for anything else."""
    address = f"hf://datasets/{place.repo}"
    if MANIFEST not in files:
        foreign = sorted(set(files) - OF_A_NEW_REPOSITORY)
        if foreign:
            raise InputError(
                f"{address} holds files that this tool did not write ({foreign[0]}); give another --out."
            )
        return None
    try:
        found = json.loads(download_file(api, place.repo, base, MANIFEST, files))
    except (ValueError, RecursionError):
        found = None
    return finished_there(found, address, job, resume=resume, overwrite=overwrite)


def _claim(api: HfApi, place: HubPlace, *, resume: bool, overwrite: bool) -> HubPlace:
    """Have the run's branch there, empty unless it is resumed. Raises InputError where it is in use."""
    there = place.branch in list_refs(api, place.repo).branches
    if there and not resume and not overwrite:
        raise InputError(
            f"hf://datasets/{place.repo} is not finished; give --resume to continue it, or --overwrite to "
            "start again."
        )
    if there and resume:
        return place.resumed()
    if there:
        api.delete_branch(place.repo, branch=place.branch, repo_type="dataset")
    api.create_branch(place.repo, branch=place.branch, repo_type="dataset", exist_ok=True)
    return place


def _collected(engine: Engine, place: HubPlace) -> Engine:
    """The engine, whose shards are committed to the run's branch as they come."""

    def engine_and_commits(
        work: ShardWork, numbers: Sequence[int], machines: Machines, count: Callable[[int], None]
    ) -> Generator[ShardRecord, None, None]:
        waiting, last = list[ShardRecord](), time.monotonic()
        with closing(engine(work, numbers, machines, count)) as records:
            try:
                for record in records:
                    waiting.append(record)
                    full = len(waiting) == FILES_PER_COMMIT
                    if full or time.monotonic() - last > SECONDS_BETWEEN_COMMITS:
                        place.collect(waiting)
                        waiting, last = [], time.monotonic()
                    yield record
            finally:  # what was made before a failure is kept as well
                if waiting:
                    place.collect(waiting)

    return engine_and_commits
