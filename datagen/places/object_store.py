"""An object store, by the address that fsspec opens: ``s3://``, ``gs://``.

Each worker uploads its shards under their final names: an upload is visible whole or not at all, and a rename
would copy every byte once more. The dataset is there when its manifest is, which comes last.

PREFIX/.datagen/begun.json        what the dataset is written from, so that the same command can resume
PREFIX/.datagen/data/NAME.json    the record of a shard, written after it
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from datagen.dataset.shards import Shard, ShardRecord
from datagen.places import open_shard
from datagen.schemas.addresses import open_store, store_errors

NOTES = ".datagen"
BEGUN = f"{NOTES}/begun.json"
MOST_NOTE_BYTES = 1_000_000


def record_from(found: object) -> ShardRecord | None:
    """The record of a shard as it was noted; None for anything else."""
    types = {"path": str, "sha256": str, "bytes": int, "rows": int, "families": int}
    if not isinstance(found, dict) or {name: type(value) for name, value in found.items()} != types:
        return None
    return ShardRecord(**found)


@dataclass(frozen=True)
class StorePlace:
    """A prefix in an object store. ``noted``: the records that are there when a run is resumed, by path."""

    address: str
    noted: frozenset[str] = frozenset()

    @contextmanager
    def staging(self) -> Iterator[Path]:
        """See :class:`~datagen.places.Place`: a temporary folder of the machine."""
        with tempfile.TemporaryDirectory(prefix="datagen-") as folder:
            (Path(folder) / "data").mkdir()
            yield Path(folder)

    def publish(self, staged: Path, record: ShardRecord) -> None:
        """See :class:`~datagen.places.Place`."""
        self.put(record.path, (staged / record.path))
        self.write(f"{NOTES}/{record.path}.json", json.dumps(asdict(record)))

    def written(self, shard: Shard) -> ShardRecord | None:
        """See :class:`~datagen.places.Place`. Its size is compared; the store answers for the bytes."""
        note = f"{NOTES}/{shard.name}.json"
        found = self.read(note) if note in self.noted else None
        record = record_from(found)
        if record is None or (record.path, record.rows) != (shard.name, shard.rows):
            return None
        return record if self.size(shard.name) == record.bytes else None

    def put(self, name: str, path: Path) -> None:
        """Upload a file, whole or not at all."""
        system, root = open_store(self.address)
        with store_errors(self.address):
            system.put_file(str(path), f"{root}/{name}")

    def write(self, name: str, text: str) -> None:
        """Write a small file."""
        system, root = open_store(self.address)
        with store_errors(self.address):
            system.pipe_file(f"{root}/{name}", text.encode())

    def read(self, name: str, most: int = MOST_NOTE_BYTES) -> dict[str, Any] | None:
        """A file of JSON of at most ``most`` bytes, None where there is none, or none of ours."""
        system, root = open_store(self.address)
        if (size := self.size(name)) is None or size > most:
            return None
        with store_errors(self.address):
            content = system.cat_file(f"{root}/{name}")
        try:
            found = json.loads(content)
        except ValueError:
            return None
        return found if isinstance(found, dict) else None

    def size(self, name: str) -> int | None:
        """The size of a file in bytes, None where there is none."""
        system, root = open_store(self.address)
        with store_errors(self.address):
            try:
                return int(system.info(f"{root}/{name}")["size"])
            except FileNotFoundError:
                return None

    def ready(self) -> None:
        """Nothing to do: a bucket is not made here."""

    def resumed(self) -> StorePlace:
        """This place, where the records of an earlier run are believed."""
        return replace(self, noted=frozenset(self.files()))

    def files(self) -> list[str]:
        """The paths of all files under the prefix, relative to it."""
        system, root = open_store(self.address)
        with store_errors(self.address):
            return sorted(str(path)[len(root) + 1 :] for path in system.find(root))

    def fetch(self, name: str, target: Path) -> None:
        """Download a file."""
        system, root = open_store(self.address)
        with store_errors(self.address):
            system.get_file(f"{root}/{name}", str(target))

    @contextmanager
    def parquet(self, name: str) -> Iterator[pq.ParquetFile]:
        """A shard to read from, by ranges."""
        system, root = open_store(self.address)
        with (
            store_errors(self.address),
            system.open(f"{root}/{name}", "rb") as file,
            open_shard(file) as shard,
        ):
            yield shard

    def remove(self, names: list[str]) -> None:
        """Remove files; those that are gone already do not matter."""
        system, root = open_store(self.address)
        with store_errors(self.address):
            for name in names:
                try:
                    system.rm_file(f"{root}/{name}")
                except FileNotFoundError:
                    continue
