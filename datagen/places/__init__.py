"""Places: where the shards of a dataset go, one file for each kind; every worker writes its own there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import pyarrow.parquet as pq

from datagen.dataset.folder import Folder
from datagen.dataset.shards import Shard, ShardRecord


class Place(Protocol):
    """Where the shards of a dataset go. It travels to workers, so it holds names and no connections."""

    def staging(self) -> AbstractContextManager[Path]:
        """A new folder with an empty ``data`` in it, to write shards into; it is removed at the end.

        Raises RunFailed where the place cannot be reached from this machine, and OSError.
        """
        ...

    def publish(self, staged: Path, record: ShardRecord) -> None:
        """Give a shard that is whole in ``staged`` its name here, at once. Raises RunFailed, OSError."""
        ...

    def written(self, shard: Shard) -> ShardRecord | None:
        """The record of a shard that is here as it was written, None where it has to be made."""
        ...


class ReadablePlace(Place, Protocol):
    """A place whose shards the driver reads back for the card."""

    def parquet(self, name: str) -> AbstractContextManager[pq.ParquetFile]:
        """A shard to read from, by ranges."""
        ...


def open_shard(file: Any) -> pq.ParquetFile:
    """A shard that a store's client has opened, to be read in this thread.

    By default Arrow reads ahead in threads of its own, and one that still holds such a file when the process
    ends would abort it.
    """
    return pq.ParquetFile(file, pre_buffer=False)


@dataclass(frozen=True)
class StoredFolder(Folder):
    """A dataset folder whose shards are at a place: of these only what a card needs is read."""

    place: ReadablePlace

    @contextmanager
    def parquet(self, name: str) -> Iterator[pq.ParquetFile]:
        """See :class:`~datagen.dataset.folder.Folder`."""
        with self.place.parquet(name) as shard:
            yield shard
