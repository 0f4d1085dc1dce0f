"""Places: where the shards of a dataset go, one file for each kind; every worker writes its own there."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

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
