"""An export under way: the rows that it reads from a dataset, and how it writes a picture."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from datagen.columns.ground_truth import ENDS
from datagen.dataset.folder import Folder
from datagen.dataset.shard_reader import open_shard
from datagen.dataset.shards import arrow_schema
from datagen.schemas import InputError
from datagen.schemas.files import safe_file_name, sha256
from datagen.schemas.folder import ATTRIBUTES, KEYPOINTS, MASK
from datagen.schemas.progress import RowProgress
from datagen.schemas.schema import Image, Title

BATCH_ROWS = 256


@dataclass
class Export:
    """A dataset that is being exported; ``progress`` is called with the number of rows that were read.

    ``split``: the split whose rows are next, in a dataset with splits.
    ``formulas`` counts the cells of a CSV that a spreadsheet would run as a formula; with
    ``escape_formulas`` they get an apostrophe in front, which spreadsheets hide. ``polygons``: whether COCO
    gets outlines as polygons, not as run lengths.
    """

    folder: Folder
    progress: RowProgress
    escape_formulas: bool = False
    polygons: bool = False
    formulas: int = 0
    split: str | None = None
    done: int = 0

    @property
    def image(self) -> str | None:
        """The name of the column of pictures; None where the rows have none."""
        column = self.folder.schema.one(Image)
        return column.name if column and self.folder.has_pictures else None

    @property
    def title(self) -> str | None:
        """The name of the column of titles; None where the rows have none."""
        column = self.folder.schema.one(Title)
        return column.name if column else None

    @property
    def has_attributes(self) -> bool:
        """Whether there is a column of attributes."""
        return ATTRIBUTES in self.folder.ground_truth

    @property
    def has_masks(self) -> bool:
        """Whether there is a column of masks."""
        return MASK in self.folder.ground_truth

    @property
    def has_keypoints(self) -> bool:
        """Whether there is a column of keypoints."""
        return KEYPOINTS in self.folder.ground_truth

    @property
    def files(self) -> list[str]:
        """The columns of ground truth that are files: masks and maps."""
        return [name for name in self.folder.ground_truth if name in ENDS]

    @property
    def columns(self) -> pa.Schema:
        """The columns of the shards."""
        return arrow_schema(self.folder.schema, self.folder.has_pictures, self.folder.ground_truth)

    def batches(self) -> Iterator[pa.RecordBatch]:
        """The rows in order. Raises InputError at a shard that was changed after the dataset was made."""
        for entry, path in zip(self.folder.manifest.shards, self.folder.shard_paths(), strict=True):
            if entry.split != self.split:
                continue
            with open_shard(path, self.columns) as shard:
                if sha256(path) != entry.sha256:
                    raise InputError(f"{path} was changed after it was written; run datagen verify.")
                for table in shard.tables(BATCH_ROWS):
                    for batch in table.to_batches():
                        yield batch
                        self.done += len(batch)
                        self.progress(self.done)

    def rows(self) -> Iterator[dict[str, Any]]:
        """The rows in order, as dicts."""
        for batch in self.batches():
            yield from batch.to_pylist()

    def numbered_rows(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """The rows in order, each with a number, counted from 0 over all splits."""
        return enumerate(self.rows(), self.done)


def picture_of(picture: Any) -> tuple[str, bytes]:
    """The name of a picture and its bytes, which are not empty.

    The name comes from the rows, so it is checked. Raises InputError.
    """
    content = picture.get("bytes") if isinstance(picture, dict) else None
    if not content:
        raise InputError("A picture of this dataset is empty; run datagen verify.")
    return safe_file_name(str(picture.get("path") or "")), content


def save_picture(picture: Any, folder: Path) -> str:
    """Write a picture's bytes into ``folder`` under its own name, and return the name. Raises InputError."""
    name, content = picture_of(picture)
    try:
        with (folder / name).open("xb") as file:
            file.write(content)
    except FileExistsError:
        raise InputError(f"Two pictures of this dataset are called {name}; run datagen verify.") from None
    return name
