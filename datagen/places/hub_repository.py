"""A dataset repository on the Hub: workers send their shards, the driver commits.

The content of a shard goes to the Hub's storage from the worker that made it, and is on no branch yet. The
driver commits up to 50 shards at a time to a branch of the run, with their records, from which a run that
was interrupted is resumed. At the end one commit copies all of them to main, with card and manifest.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from huggingface_hub import (
    CommitOperationAdd,
    CommitOperationCopy,
    CommitOperationDelete,
    HfFileSystem,
    hf_hub_download,
)
from huggingface_hub.lfs import UploadInfo

from datagen.dataset.shards import Shard, ShardRecord
from datagen.hub.client import check_repo_id, commit_id, connect
from datagen.hub.errors import translate_errors
from datagen.hub.files import download_file, list_files
from datagen.hub.retries import with_retries
from datagen.places import open_shard
from datagen.places.object_store import record_from
from datagen.schemas import InputError, RunFailed

NOTES = ".datagen"
"""The folder on the run's branch with the records of its shards; it is not copied to main."""


@dataclass(frozen=True)
class HubPlace:
    """A dataset repository, the branch of a run, and the records of shards that are on it already."""

    repo: str
    branch: str
    kept: tuple[ShardRecord, ...] = ()

    @contextmanager
    def staging(self) -> Iterator[Path]:
        """See :class:`~datagen.places.Place`: a temporary folder of the machine."""
        with tempfile.TemporaryDirectory(prefix="datagen-") as folder:
            (Path(folder) / "data").mkdir()
            yield Path(folder)

    def publish(self, staged: Path, record: ShardRecord) -> None:
        """See :class:`~datagen.places.Place`: send its content, which the driver commits."""
        api, addition = connect(), CommitOperationAdd(record.path, staged / record.path)
        with translate_errors(self.repo, "push"):
            with_retries(
                lambda: api.preupload_lfs_files(
                    self.repo, [addition], repo_type="dataset", revision=self.branch, num_threads=1
                )
            )
        if addition._upload_mode != "lfs":
            raise RunFailed(
                f"The Hub does not store {record.path} as a large file; restore *.parquet in the "
                f".gitattributes of {self.repo}."
            )

    def written(self, shard: Shard) -> ShardRecord | None:
        """See :class:`~datagen.places.Place`: its record, where the branch had it when the run began."""
        found = (record for record in self.kept if (record.path, record.rows) == (shard.name, shard.rows))
        return next(found, None)

    # What only the driver does

    def collect(self, records: Sequence[ShardRecord]) -> None:
        """Commit shards that workers have sent to the branch of the run, with one file of their records."""
        note = json.dumps([asdict(record) for record in records]).encode()
        operations = [*map(_sent, records), CommitOperationAdd(f"{NOTES}/{records[0].path}.json", note)]
        with_retries(lambda: self._commit(self.branch, operations, f"Add {len(records)} shards", None))

    def resumed(self) -> HubPlace:
        """This place with the records on its branch, of shards that are there with their checksums."""
        api = connect()
        with translate_errors(self.repo, "push"):
            info = with_retries(lambda: api.repo_info(self.repo, repo_type="dataset", revision=self.branch))
            commit = commit_id(info.sha)
            files = with_retries(lambda: list_files(api, self.repo, commit))
            notes = [name for name in files if name.startswith(f"{NOTES}/")]
            texts = [download_file(api, self.repo, commit, name, files) for name in notes]
        try:
            records = [record for text in texts for each in json.loads(text) if (record := record_from(each))]
        except (ValueError, TypeError, RecursionError):
            records = []  # not ours: make everything again
        kept = [each for each in records if each.path in files and files[each.path].sha256 == each.sha256]
        return replace(self, kept=tuple(kept))

    def finish(self, folder: Path, files: Sequence[str], stale: Sequence[str], base: str) -> str:
        """The one commit to main: ``files``, of which the shards are on the branch, others in ``folder``.

        Returns its id. Raises RunFailed where main is no longer at ``base``.
        """
        operations: list[Any] = [
            CommitOperationCopy(name, name, src_revision=self.branch)
            if name.startswith("data/")
            else CommitOperationAdd(name, folder / name)
            for name in files
            if name.startswith("data/") or (folder / name).is_file()
        ]
        operations += [CommitOperationDelete(name, is_folder=False) for name in stale]
        commit = self._commit("main", operations, f"Make {folder.name}", base)
        with translate_errors(self.repo, "push"):
            connect().delete_branch(self.repo, branch=self.branch, repo_type="dataset")
        return commit

    def fetch(self, name: str, folder: Path) -> None:
        """Download a file of the branch into a folder."""
        with translate_errors(self.repo, "push"):
            hf_hub_download(
                self.repo,
                name,
                repo_type="dataset",
                revision=self.branch,
                local_dir=folder,
                token=connect().token,
            )

    @contextmanager
    def parquet(self, name: str) -> Iterator[pq.ParquetFile]:
        """A shard of the branch to read from, by ranges."""
        system = HfFileSystem(token=connect().token, use_listings_cache=False, skip_instance_cache=True)
        with (
            translate_errors(self.repo, "push"),
            system.open(f"datasets/{self.repo}@{self.branch}/{name}", "rb") as file,
            open_shard(file) as shard,
        ):
            yield shard

    def _commit(self, revision: str, operations: list[Any], message: str, base: str | None) -> str:
        with translate_errors(self.repo, "push"):
            commit = connect().create_commit(
                self.repo,
                operations,
                commit_message=message,
                repo_type="dataset",
                revision=revision,
                parent_commit=base,
            )
            return commit_id(commit.oid)


def _sent(record: ShardRecord) -> CommitOperationAdd:
    """The operation for a shard that a worker has sent: what the client makes of one after sending it."""
    addition = CommitOperationAdd(record.path, b"")
    addition.upload_info = UploadInfo(record.bytes, b"", bytes.fromhex(record.sha256))
    addition._upload_mode, addition._is_uploaded = "lfs", True
    return addition


def check_repo(address: str) -> str:
    """``owner/name`` of ``hf://datasets/owner/name``. Raises InputError."""
    kind, _, repo = address.removeprefix("hf://").partition("/")
    if kind != "datasets":
        raise InputError(
            f"{address} is no dataset repository and no bucket; give hf://datasets/OWNER/NAME or "
            "hf://buckets/OWNER/NAME/PREFIX."
        )
    return check_repo_id(repo.rstrip("/"))
