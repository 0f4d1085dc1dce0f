"""Datasets as a kill leaves them, and stamps of files, which show whether a run touched them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from datagen.dataset.shards import digest_file
from datagen.schemas.files import sha256


def unfinished(small: Path, out: Path, shards: int = 2, **more: object) -> Path:
    """OUT.partial as a kill leaves it after some whole shards of the small set."""
    work = out.with_name(out.name + ".partial")
    (work / "data").mkdir(parents=True)
    manifest = json.loads((small / "manifest.json").read_text())
    head = {key: manifest[key] for key in ("versions", "recipe")}
    (work / "begun.json").write_text(json.dumps({**head, **more}))
    for path in sorted((small / "data").iterdir())[:shards]:
        shutil.copy2(path, work / "data")
        record_digest(work / "data" / path.name)
    return work


def record_digest(shard: Path) -> None:
    """Record the checksum of a shard, as writing it does."""
    digest_file(shard).write_text(sha256(shard) + "\n")


def whole_shards(out: Path) -> list[Path]:
    return sorted(out.with_name(out.name + ".partial").glob("data/*.parquet"))


def stamp(path: Path) -> tuple[int, int, int]:
    about = path.lstat()
    return about.st_ino, about.st_mtime_ns, about.st_size


def stamps(folder: Path) -> dict[str, tuple[int, int, int]]:
    return {str(path): stamp(path) for path in folder.rglob("*")}
