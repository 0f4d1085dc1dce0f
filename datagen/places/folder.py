"""A folder of this machine, or one that all machines of a cluster share."""

from __future__ import annotations

import platform
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from datagen.dataset.shards import Shard, ShardRecord, digest_file, holds, record_of
from datagen.schemas import RunFailed

ASIDE = ".making"
"""The folder within the place where shards are written; each writer has one of its own in it."""


@dataclass(frozen=True)
class FolderPlace:
    """A folder by its absolute path. ``manifest``: the checksums that a manifest in it records, by shard."""

    folder: Path
    manifest: tuple[tuple[str, str], ...] = ()

    @contextmanager
    def staging(self) -> Iterator[Path]:
        """See :class:`~datagen.places.Place`."""
        if not self.folder.is_dir():
            raise RunFailed(
                f"The machine {platform.node()} has no folder {self.folder}; give --out a folder that all "
                "machines of the cluster share, or an address such as s3://BUCKET/PREFIX."
            )
        own = self.folder / ASIDE / uuid.uuid4().hex
        try:
            (own / "data").mkdir(parents=True)
            yield own
        finally:
            shutil.rmtree(own, ignore_errors=True)

    def publish(self, staged: Path, record: ShardRecord) -> None:
        """See :class:`~datagen.places.Place`. The checksum comes first, so that no shard is without."""
        source, target = staged / record.path, self.folder / record.path
        digest_file(source).replace(digest_file(target))
        source.replace(target)

    def written(self, shard: Shard) -> ShardRecord | None:
        """See :class:`~datagen.places.Place`. The bytes are read and compared with their checksum."""
        digest = dict(self.manifest).get(shard.name)
        if not holds(self.folder / shard.name, shard.rows, digest):
            return None
        return record_of(self.folder, shard)
