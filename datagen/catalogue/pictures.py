"""The pictures of real rows: bytes in a column, files next to the source, or web addresses.

Each row gets a key when it is read: the address, or the name of the content in the store. What is behind
an address is known once all of them are fetched.
"""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa

from datagen.arrow import python_values
from datagen.catalogue.matching import Match
from datagen.catalogue.sorting import IS_MISSING
from datagen.columns.cells import as_text
from datagen.photos.check import Limits, Photo
from datagen.photos.store import PhotoStore
from datagen.readers import Batch, path_inside
from datagen.schemas import InputError, Schema
from datagen.schemas.files import read_file
from datagen.schemas.schema import Image, PictureLink

PictureOrigin = Literal["none", "column", "files", "links"]


def picture_column(schema: Schema, match: Match) -> str | None:
    """The column of the source that pictures come from: the picture column, else that of their addresses."""
    image = schema.one(Image)
    if image is None:
        return None
    links = [column.name for column in schema.of(PictureLink)]
    return next((match.theirs[name] for name in [image.name, *links] if name in match.theirs), None)


class Album:
    """Gives each picture a key, and finds the picture behind a key.

    ``origin``: where the pictures come from, once the first one is seen.
    """

    def __init__(
        self, store: PhotoStore, limits: Limits, column: str, root: Path | None, missing: str
    ) -> None:
        """``column``: that of the source; ``root``: the folder of picture files, None to refuse files."""
        self._store = store
        self._limits = limits
        self._column = column
        self._root = root
        self._missing = missing
        self.origin: PictureOrigin = "none"

    def keys(self, batch: Batch) -> tuple[list[str | None], list[str]]:
        """The key of each row's picture, or None, and what is wrong with it, or ""."""
        cells = _plain(batch.table[self._column], self._missing)
        pairs = [self._key(cell) for cell in cells]
        return [key for key, _ in pairs], [fault for _, fault in pairs]

    def _key(self, cell: object) -> tuple[str | None, str]:
        content, path = (cell.get("bytes"), cell.get("path")) if isinstance(cell, dict) else (None, cell)
        if isinstance(content, bytes) and content:
            return self._stored(content, "column")
        if not isinstance(path, str) or not path.strip() or path.strip() == self._missing:
            return None, IS_MISSING
        address = "https:" + path if path.startswith("//") else path.strip()
        if "://" in address:
            self._note_origin("links")
            return address, ""
        return self._from_file(path)

    def _from_file(self, path: str) -> tuple[str | None, str]:
        if self._root is None:
            return None, "is not an address"
        file = path_inside(self._root, path)
        if file is None:
            return None, "is a file outside the source's folder"
        try:
            status = file.stat()
            if not stat.S_ISREG(status.st_mode):
                return None, "is not a file"
            if status.st_size > self._limits.bytes:
                return None, f"is larger than {self._limits.bytes / 1e6:g} MB"
            content = read_file(file, self._limits.bytes)
        except FileNotFoundError:
            return None, "is a file that does not exist"
        except (OSError, InputError):  # InputError: it has become another file since
            return None, "is a file that cannot be read"
        return self._stored(content, "files")

    def _stored(self, content: bytes, origin: PictureOrigin) -> tuple[str | None, str]:
        self._note_origin(origin)
        if len(content) > self._limits.bytes:
            return None, f"is larger than {self._limits.bytes / 1e6:g} MB"
        photo = self._store.add(content, self._limits)
        return (None, photo.reason) if photo.reason else (f"{photo.sha256}.{photo.kind}", "")

    def _note_origin(self, origin: PictureOrigin) -> None:
        if self.origin == "none":
            self.origin = origin

    def photo(self, key: str) -> Photo:
        """The picture behind a key, or the reason why there is none."""
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
        return python_values(column)
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        return [{"bytes": content} for content in column.to_pylist()]
    whole = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    return list(as_text(whole, missing).values.to_pylist())
