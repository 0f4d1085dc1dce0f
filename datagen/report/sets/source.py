"""A set that a report is about: a dataset folder, and what it is called on the page."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from datagen.dataset.folder import Folder
from datagen.schemas.folder import MANIFEST


@dataclass(frozen=True)
class Source:
    """A dataset folder under the name that the user gave. ``left_out``: what did not get into the folder."""

    name: str
    folder: Folder
    left_out: tuple[str, ...] = ()

    @property
    def sha256(self) -> str:
        """The digest of the manifest, which holds those of the shards."""
        return hashlib.sha256((self.folder.path / MANIFEST).read_bytes()).hexdigest()
