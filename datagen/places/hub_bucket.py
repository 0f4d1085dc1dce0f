"""A storage bucket on the Hub, ``hf://buckets/OWNER/NAME/PREFIX``: an object store with a client of its own.

There are no commits: a file is there when its batch is. A worker sends a shard and its record in one batch,
so that a large dataset takes few of the requests that the Hub allows.

PREFIX/.datagen/ holds what :mod:`datagen.places.object_store` says.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pyarrow.parquet as pq
from huggingface_hub import BucketFile, HfFileSystem
from huggingface_hub.errors import BucketBatchError, BucketNotFoundError

from datagen.dataset.shards import Shard, ShardRecord
from datagen.hub.client import check_repo_id, connect, require_write_access
from datagen.hub.errors import one_line, translate_errors
from datagen.hub.files import list_entries
from datagen.hub.retries import with_retries
from datagen.places import open_shard
from datagen.places.object_store import MOST_NOTE_BYTES, NOTES, record_from
from datagen.schemas import InputError, RunFailed


@dataclass(frozen=True)
class BucketPlace:
    """A prefix in a bucket, and the records of shards that were there when the run was resumed."""

    bucket: str
    prefix: str
    kept: tuple[ShardRecord, ...] = ()

    @property
    def address(self) -> str:
        """The address of the dataset."""
        return f"hf://buckets/{self.bucket}/{self.prefix}"

    @contextmanager
    def staging(self) -> Iterator[Path]:
        """See :class:`~datagen.places.Place`: a temporary folder of the machine."""
        with tempfile.TemporaryDirectory(prefix="datagen-") as folder:
            (Path(folder) / "data").mkdir()
            yield Path(folder)

    def publish(self, staged: Path, record: ShardRecord) -> None:
        """See :class:`~datagen.places.Place`."""
        note = json.dumps(asdict(record)).encode()
        self._change(
            add=[
                (staged / record.path, self._path(record.path)),
                (note, self._path(f"{NOTES}/{record.path}.json")),
            ]
        )

    def written(self, shard: Shard) -> ShardRecord | None:
        """See :class:`~datagen.places.Place`: its record, where it was there when the run began."""
        found = (record for record in self.kept if (record.path, record.rows) == (shard.name, shard.rows))
        return next(found, None)

    @contextmanager
    def parquet(self, name: str) -> Iterator[pq.ParquetFile]:
        """A shard to read from, by ranges."""
        system = HfFileSystem(token=connect().token, skip_instance_cache=True)
        with (
            translate_errors(self.address, "push", "bucket"),
            system.open(f"buckets/{self.bucket}/{self._path(name)}", "rb") as file,
            open_shard(file) as shard,
        ):
            yield shard

    # What only the driver does

    def ready(self) -> None:
        """Make the bucket, private, where there is none. Raises InputError where it may not be written."""
        api = connect()
        with translate_errors(self.address, "push", "bucket"):
            require_write_access(api, self.bucket)
            try:
                with_retries(lambda: api.bucket_info(self.bucket))
            except BucketNotFoundError:
                with_retries(lambda: api.create_bucket(self.bucket, private=True, exist_ok=True))

    def resumed(self) -> BucketPlace:
        """This place with the records of shards that are here in their size."""
        found = self._listed()
        notes = [
            name
            for name, file in found.items()
            if name.startswith(f"{NOTES}/data/") and 0 < file.size <= MOST_NOTE_BYTES
        ]
        kept = []
        with tempfile.TemporaryDirectory(prefix="datagen-") as folder:
            self._download([(found[name], Path(folder) / name) for name in notes])
            for name in notes:
                record = record_from(_json(Path(folder) / name))
                if record and record.path in found and found[record.path].size == record.bytes:
                    kept.append(record)
        return replace(self, kept=tuple(kept))

    def files(self) -> list[str]:
        """The paths of all files under the prefix, relative to it."""
        return sorted(self._listed())

    def read(self, name: str, most: int = MOST_NOTE_BYTES) -> dict[str, Any] | None:
        """A file of JSON of at most ``most`` bytes, None where there is none, or none of ours."""
        api = connect()
        with translate_errors(self.address, "push", "bucket"):
            found = list(with_retries(lambda: api.get_bucket_paths_info(self.bucket, [self._path(name)])))
        if not found or not 0 < found[0].size <= most:
            return None
        with tempfile.TemporaryDirectory(prefix="datagen-") as folder:
            self._download([(found[0], Path(folder) / "note")])
            return _json(Path(folder) / "note")

    def put(self, name: str, path: Path) -> None:
        """Upload a file, whole or not at all."""
        self._change(add=[(path, self._path(name))])

    def write(self, name: str, text: str) -> None:
        """Write a small file."""
        self._change(add=[(text.encode(), self._path(name))])

    def fetch(self, name: str, target: Path) -> None:
        """Download a file."""
        api = connect()
        with translate_errors(self.address, "push", "bucket"):
            with_retries(
                lambda: api.download_bucket_files(
                    self.bucket, [(self._path(name), target)], raise_on_missing_files=True
                )
            )

    def remove(self, names: Sequence[str]) -> None:
        """Remove files; those that are gone already do not matter."""
        if names:
            self._change(delete=[self._path(name) for name in names])

    def _path(self, name: str) -> str:
        return f"{self.prefix}/{name}"

    def _listed(self) -> dict[str, BucketFile]:
        """The files under the prefix by their paths below it."""
        api, found = connect(), dict[str, BucketFile]()
        with translate_errors(self.address, "push", "bucket"):
            path = f"buckets/{self.bucket}/tree/{quote(f'{self.prefix}/', safe='')}"
            for entry in list_entries(api, self.address, path):
                file = BucketFile(**entry)  # type: ignore[no-untyped-call]
                if file.path.startswith(f"{self.prefix}/"):
                    found[file.path[len(self.prefix) + 1 :]] = file
        return found

    def _download(self, files: list[tuple[BucketFile, Path]]) -> None:
        api = connect()
        with translate_errors(self.address, "push", "bucket"):
            with_retries(lambda: api.download_bucket_files(self.bucket, list(files)))

    def _change(self, **operations: Any) -> None:
        api = connect()
        try:
            with translate_errors(self.address, "push", "bucket"):
                with_retries(lambda: _batch(api, self.bucket, operations))
        except _Refused as error:
            raise RunFailed(
                f"{self.address} did not take {error}; run the same command again with --resume."
            ) from None


class _Refused(Exception):
    """Files of a batch that the Hub did not take, in words."""


def _batch(api: Any, bucket: str, operations: dict[str, Any]) -> None:
    try:
        api.batch_bucket_files(bucket, **operations)
    except BucketBatchError as error:
        first = error.failures[0] if error.failures else {}
        raise _Refused(one_line(f"{first.get('path')} ({first.get('error')})")) from None


def bucket_place(address: str) -> BucketPlace:
    """The place of ``hf://buckets/OWNER/NAME/PREFIX``. Raises InputError."""
    match = re.fullmatch(r"hf://buckets/([^/]+/[^/]+)/([^/].*)", address.rstrip("/"))
    if match is None or {"", ".", ".."} & set(match[2].split("/")):
        raise InputError(f"{address} names no place for a dataset; give hf://buckets/OWNER/NAME/PREFIX.")
    return BucketPlace(check_repo_id(match[1]), match[2])


def _json(path: Path) -> dict[str, Any] | None:
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None
