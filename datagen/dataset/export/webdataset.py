"""The layout webdataset: tar files that are read in one pass, https://github.com/webdataset/webdataset.

<split>-000000.tar   up to 1,000 rows, each of them these files in a row, named by the number of the row:
  .jpg               the picture
  .mask.png          which of its pixels are the product; of datasets with masks
  .normals.png       which way surfaces face, .depth.png how far away they are; of datasets with maps, and 0
                     all over where the row's are null, since loaders want the same files in every row
  .json              all other columns
  .txt               the title
  .cls               the number of the kind; of datasets with attributes
classes.txt          the kinds, one a line, that of number 0 first; of datasets with attributes
"""

from __future__ import annotations

import io
import json
import tarfile
from contextlib import ExitStack
from functools import lru_cache
from pathlib import Path

import numpy as np

from datagen.columns.ground_truth import map_png
from datagen.dataset.export.annotations import class_of, classes_of, size_of
from datagen.dataset.export.source import Export, picture_of
from datagen.schemas import InputError
from datagen.schemas.files import PICTURE_SUFFIXES
from datagen.schemas.folder import MAPS, NORMALS, Size

TAR_ROWS = 1000
"""Rows in a tar file: some 60 MB with pictures of 480 x 640."""

CLASSES = "classes.txt"


def write_webdataset(export: Export, work: Path, name: str) -> None:
    """Write the tar files of one split. Raises InputError."""
    classes = classes_of(export) if export.has_attributes else {}
    with ExitStack() as stack:
        for at, (number, row) in enumerate(export.numbered_rows()):
            if at % TAR_ROWS == 0:
                stack.close()
                path = work / f"{name}-{at // TAR_ROWS:06d}.tar"
                tar = stack.enter_context(tarfile.open(path, "w", format=tarfile.USTAR_FORMAT))
            picture, content = picture_of(row.pop(str(export.image)))
            suffix = Path(picture).suffix
            if suffix[1:] not in PICTURE_SUFFIXES:
                raise InputError(
                    f"The picture {picture} of this dataset is no .jpg, .png or .webp; run datagen verify."
                )
            files = {suffix: content}
            for column in export.files:
                file = row.pop(column)
                if file is None and column in MAPS:
                    files[f".{column}.png"] = _nothing(column, size_of(export))
                else:
                    files[f".{column}.png"] = picture_of(file)[1]
            files[".json"] = json.dumps(row, ensure_ascii=False, default=str).encode()
            if export.title:
                files[".txt"] = str(row[export.title]).encode()
            if classes:
                files[".cls"] = str(class_of(row, classes)).encode()
            for end, content in files.items():
                # A name, a size, and no time, owner or host: the same rows are the same bytes.
                member = tarfile.TarInfo(f"{number:09d}{end}")
                member.size = len(content)
                tar.addfile(member, io.BytesIO(content))


@lru_cache(maxsize=4)
def _nothing(column: str, size: Size) -> bytes:
    """A map without any surface."""
    shape = size[::-1]
    return map_png(np.zeros((*shape, 3), np.uint8) if column == NORMALS else np.zeros(shape, np.uint16))


def write_classes(export: Export, work: Path, names: list[str]) -> None:
    """Write classes.txt, where the rows have numbers of kinds."""
    if export.has_attributes:
        (work / CLASSES).write_text("".join(f"{kind}\n" for kind in classes_of(export)), encoding="utf-8")
