"""The pictures of real rows: bytes in a column, files beside the source, or addresses.

Each row gets a key while it is read: the address, or the content's name in the store. What an address
led to is known once all are fetched.
"""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa

from datagen.catalogue.matching import Match
from datagen.catalogue.sorting import IS_MISSING
from datagen.columns.cells import as_text
from datagen.photos.check import Limits, Photo
from datagen.photos.store import PhotoStore
from datagen.readers import Batch, inside
from datagen.schemas import Schema
from datagen.schemas.schema import Image, PictureLink

Whence = Literal["none", "column", "files", "links"]


def picture_column(schema: Schema, match: Match) -> str | None:
    """The source's column that pictures come from: the picture's own, else that of their addresses."""
    image = schema.one(Image)
    if image is None:
        return None
    links = [column.name for column in schema.of(PictureLink)]
    return next((match.theirs[name] for name in [image.name, *links] if name in match.theirs), None)


class Album:
    """Keys of pictures, and the pictures behind them."""

    def __init__(
        self, store: PhotoStore, limits: Limits, column: str, root: Path | None, missing: str
    ) -> None:
        """``column``: the source's; ``root``: where files lie, None where they are not taken."""
        self._store = store
        self._limits = limits
        self._column = column
        self._root = root
        self._missing = missing
        self.whence: Whence = "none"

    def keys(self, batch: Batch) -> tuple[list[str | None], list[str]]:
        """The key of each row's picture, or None, and what is wrong with it, or ""."""
        cells = _plain(batch.table[self._column], self._missing)
        found = [self._key(cell) for cell in cells]
        return [key for key, _ in found], [wrong for _, wrong in found]

    def _key(self, cell: object) -> tuple[str | None, str]:
        content, path = (cell.get("bytes"), cell.get("path")) if isinstance(cell, dict) else (None, cell)
        if isinstance(content, bytes) and content:
            return self._stored(content, "column")
        if not isinstance(path, str) or not path.strip() or path.strip() == self._missing:
            return None, IS_MISSING
        address = "https:" + path if path.startswith("//") else path.strip()
        if "://" in address:
            self._is_from("links")
            return address, ""
        return self._from_file(path)

    def _from_file(self, path: str) -> tuple[str | None, str]:
        if self._root is None:
            return None, "is no address"
        file = inside(self._root, path)
        if file is None:
            return None, "is a file outside the source's folder"
        try:
            told = file.stat()
            if not stat.S_ISREG(told.st_mode):
                return None, "is no file"
            if told.st_size > self._limits.bytes:
                return None, f"is more than {self._limits.bytes / 1e6:g} MB"
            content = file.read_bytes()
        except FileNotFoundError:
            return None, "is a file that is not there"
        except OSError:
            return None, "is a file that cannot be read"
        return self._stored(content, "files")

    def _stored(self, content: bytes, whence: Whence) -> tuple[str | None, str]:
        self._is_from(whence)
        if len(content) > self._limits.bytes:
            return None, f"is more than {self._limits.bytes / 1e6:g} MB"
        photo = self._store.add(content, self._limits)
        return (None, photo.reason) if photo.reason else (f"{photo.sha256}.{photo.kind}", "")

    def _is_from(self, whence: Whence) -> None:
        if self.whence == "none":
            self.whence = whence

    def photo(self, key: str) -> Photo:
        """What a key stands for: a picture, or the reason why there is none."""
        if "://" in key:
            return self._store.outcome(key) or Photo(reason="was not fetched")
        sha256, _, kind = key.partition(".")
        return Photo(sha256=sha256, kind=kind)  # type: ignore[arg-type]

    def content(self, photo: Photo) -> bytes:
        """The bytes of a picture."""
        return self._store.read(photo)


def _plain(column: Any, missing: str) -> list[object]:
    """A picture column as Python values: dicts of bytes and path, bytes as such dicts, or text."""
    kind = column.type
    if pa.types.is_struct(kind):
        return list(column.to_pylist())
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        return [{"bytes": content} for content in column.to_pylist()]
    whole = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    return list(as_text(whole, missing).values.to_pylist())
