"""One dataset folder, or a folder of them as splits and configs of one repository: what is pushed and pulled.

SET/manifest.json                          one table, split train, or with splits of its own
SET/{train,validation,test}/manifest.json  its splits
SET/CONFIG/[SPLIT/]manifest.json           several tables, such as real, synthetic and mixed

The repository has the same layout, but for the split train, which has no folder of its own there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from datagen.dataset.folder import Folder, open_folder
from datagen.schemas import InputError
from datagen.schemas.folder import MANIFEST, SPLITS, ShardEntry

DEFAULT_CONFIG, DEFAULT_SPLIT = "default", "train"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,62}")


@dataclass(frozen=True)
class Part:
    """One dataset folder and its place: the config and split it is, and its folder in the repository.

    A dataset that was made with splits is in the place of the split train.
    """

    config: str
    split: str
    place: str
    folder: Folder

    def in_repository(self, path: str) -> str:
        """The path in the repository of a file of the folder."""
        return f"{self.place}/{path}" if self.place else path

    @property
    def splits(self) -> tuple[str, ...]:
        """The splits that it gives to the repository."""
        return self.folder.manifest.splits or (self.split,)

    def pattern(self, split: str) -> str:
        """Where the shards of one of its splits are in the repository."""
        of_files = split if self.folder.manifest.splits else DEFAULT_SPLIT
        return self.in_repository(f"data/{of_files}-*.parquet")

    def shards(self, split: str) -> list[ShardEntry]:
        """The shards of one of its splits."""
        manifest = self.folder.manifest
        return [shard for shard in manifest.shards if not manifest.splits or shard.split == split]


def parts(path: Path, config: str | None = None, split: str | None = None) -> list[Part]:
    """The dataset folders under ``path`` with their places. Raises InputError.

    ``config`` and ``split`` are those of a single dataset folder.
    """
    for name, what in ((config, "config"), (split, "split")):
        if name is not None and not _NAME.fullmatch(name):
            raise InputError(f"{name!r} is not a name for a {what}; use letters, digits, '_', '-' and '.'.")
    if config in SPLITS:
        raise InputError(f"{config} is the name of a split; give --split {config}, or another --config.")
    if (path / MANIFEST).is_file() or not path.is_dir():
        one = _part(path, config or DEFAULT_CONFIG, split or DEFAULT_SPLIT)
        if split is not None and (own := one.folder.manifest.splits):
            raise InputError(
                f"{path} has splits of its own ({', '.join(own)}), and --split is for a dataset without; "
                "leave it out."
            )
        splits = _under(path, one.config) if split is None and path.is_dir() else []
        return _distinct([one, *(part for part in splits if part.split != DEFAULT_SPLIT)])
    if split is not None:
        raise InputError(f"{path} holds several datasets, and --split is for a single one; leave it out.")
    found = _under(path, config or DEFAULT_CONFIG)
    if config is None:
        for child in sorted(path.iterdir()):
            if child.is_dir() and child.name not in SPLITS and _NAME.fullmatch(child.name):
                if (child / MANIFEST).is_file():
                    found.append(_part(child, child.name, DEFAULT_SPLIT))
                found += _under(child, child.name, every=True)
    if not found:
        open_folder(path)  # says what is missing
    return _distinct(found)


def _distinct(found: list[Part]) -> list[Part]:
    """The same parts. Raises InputError where two are the same split."""
    folders: dict[tuple[str, str], Path] = {}
    for part in found:
        path = part.folder.path
        for split in part.splits:
            if (other := folders.setdefault((part.config, split), path)) != path:
                raise InputError(
                    f"{other} and {path} both hold the split {split} of the table {part.config}; "
                    "push them under different configs."
                )
    return found


def _under(path: Path, config: str, every: bool = False) -> list[Part]:
    """The splits of a config; ``every``: those of unusual names too."""
    others = sorted(child.name for child in path.iterdir()) if every else []
    names = [*SPLITS, *(name for name in others if name not in SPLITS and _NAME.fullmatch(name))]
    found = [_part(path / split, config, split) for split in names if (path / split / MANIFEST).is_file()]
    for part in found:
        if own := part.folder.manifest.splits:
            raise InputError(
                f"{part.folder.path} stands for the split {part.split}, but has splits of its own "
                f"({', '.join(own)}); push it by itself."
            )
    return found


def _part(path: Path, config: str, split: str) -> Part:
    named = config != DEFAULT_CONFIG or split not in SPLITS
    places = [config] * named + [split] * (split != DEFAULT_SPLIT)
    return Part(config, split, "/".join(places), open_folder(path))


def config_and_split(place: str) -> tuple[str, str]:
    """What a folder of the repository holds, by the layout of :class:`Part`."""
    first, _, second = place.partition("/")
    if first in SPLITS:
        return DEFAULT_CONFIG, first
    return first or DEFAULT_CONFIG, second or DEFAULT_SPLIT
