"""What the tests of places share: the small set's options, and a run that is killed after two shards."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.sets import GARDEN, contents

from datagen import make
from datagen.dataset.shards import ShardRecord
from datagen.places.object_store import StorePlace
from datagen.schemas.addresses import local_copy

ROWS: dict[str, Any] = {**GARDEN, "image_size": (64, 64), "shard_rows": 10}
PLAIN: dict[str, Any] = {**ROWS, "image_size": None}


def killed_after_two_shards(address: str, place: type[Any], *, third_is_whole: bool = True) -> None:
    """Make the small set at an address of this kind of place, and stop before the third shard's record.

    ``third_is_whole``: whether the shard itself is there, which is believed only with its record.
    """
    publish: Callable[[Any, Path, ShardRecord], None] = place.publish
    published = list[str]()

    def stops(self: Any, staged: Path, record: ShardRecord) -> None:
        if len(published) == 2:
            if third_is_whole:
                self.put(record.path, staged / record.path)
            raise OSError(28, "No space left on device")
        publish(self, staged, record)
        published.append(record.path)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(place, "publish", stops)
        with pytest.raises(OSError, match="No space left"):
            make(24, address, **ROWS)


def stored(address: str, system: Any) -> dict[str, bytes]:
    """The files at an address of an object store, read by its own library."""
    plain = address.partition("://")[2]
    return {name: system.cat_file(f"{plain}/{name}") for name in StorePlace(address).files()}


def contents_of_copy(address: str) -> dict[str, bytes]:
    """The files of the copy that commands read, without the note of what was copied."""
    files = contents(local_copy(address))
    del files["copied.json"]
    return files
