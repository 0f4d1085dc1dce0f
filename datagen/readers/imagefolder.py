"""A folder of pictures: a metadata table names one picture per row, or folder names are the classes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

import numpy as np
import pyarrow as pa

from datagen.arrow import numbers, texts
from datagen.readers.formats import PICTURES, open_file, suffix
from datagen.readers.layout import METADATA
from datagen.readers.limits import DEFAULT_LIMITS, ReadLimits
from datagen.readers.source import Batch, DataFile, InvalidRow, join_files, path_inside, printable
from datagen.schemas import InputError

FILE_NAME, PICTURE, LABEL = "file_name", "image", "label"
OUTSIDE = "names a picture outside its folder"


def imagefolder(
    root: Path, files: Sequence[str], where: str, limits: ReadLimits = DEFAULT_LIMITS
) -> DataFile:
    """Pictures and metadata tables, by their paths in ``root``, as rows.

    A picture is ``{bytes, path}`` without bytes, its path relative to ``root``. In a metadata table,
    ``file_name`` becomes the column ``image`` and ``NAME_file_name`` becomes ``NAME``; pictures that no
    row names are left out. Without such a table the rows are the pictures, with a text column ``label``
    where their folders have several names and the same depth. Raises InputError.
    """
    tables = [path for path in files if PurePosixPath(path).name in METADATA]
    if tables:
        with_pictures = [
            _with_pictures(open_file(root / path, f"{where}/{path}", limits), root, path, where)
            for path in tables
        ]
        return join_files(with_pictures, tables, where)
    return _classes(root, [path for path in files if suffix(path) in PICTURES])


def _with_pictures(file: DataFile, root: Path, path: str, where: str) -> DataFile:
    """A metadata table with pictures in place of their file names."""
    renamed = {name: _renamed(name) for name in file.columns}
    pictures = {name for name in file.columns if renamed[name] != name}
    if not pictures:
        raise InputError(
            f"{where}/{printable(path)} has no column {FILE_NAME} to name the picture of a row; add one."
        )
    if len(set(renamed.values())) < len(renamed):
        twice = next(name for name in pictures if renamed[name] in set(file.columns))
        raise InputError(
            f"{where}/{printable(path)} has a column {renamed[twice]} as well as {twice}; rename it."
        )
    original = {new: name for name, new in renamed.items()}
    folder = PurePosixPath(path).parent

    def read(selected: tuple[str, ...], rows: int) -> Iterator[Batch]:
        needed = tuple(dict.fromkeys([*(original[name] for name in selected), *sorted(pictures)]))
        for batch in file.read(needed, rows):
            yield _replace_names(batch, {name: original[name] for name in selected}, pictures, root, folder)

    return DataFile(tuple(renamed.values()), file.typed, read, file.sparse)


def _renamed(name: str) -> str:
    if name == FILE_NAME:
        return PICTURE
    return name.removesuffix(f"_{FILE_NAME}") or name


def _replace_names(
    batch: Batch, selected: dict[str, str], pictures: set[str], root: Path, folder: PurePosixPath
) -> Batch:
    """A batch with pictures in place of their names, without the rows whose picture is outside the folder."""
    paths: dict[str, list[str]] = {}
    outside: dict[int, str] = {}
    for column in sorted(pictures):
        names = [str(value or "") for value in batch.table[column].to_pylist()]
        paths[column] = [str(folder / name) if name else "" for name in names]
        for at, path in enumerate(paths[column]):
            if path and path_inside(root, path) is None:
                outside[at] = names[at]
    table = batch.table
    columns = [_pictures(paths[name]) if name in pictures else table[name] for name in selected.values()]
    whole = pa.Table.from_arrays(columns, names=list(selected))
    if not outside:
        return Batch(batch.rows, whole, batch.invalid, batch.unread)
    keep = np.array([at not in outside for at in range(len(batch.rows))], dtype=np.bool_)
    invalid = [InvalidRow(int(batch.rows[at]), OUTSIDE, printable(name)) for at, name in outside.items()]
    return Batch(
        batch.rows[keep],
        whole.filter(numbers(keep)),
        tuple(sorted([*batch.invalid, *invalid], key=lambda each: each.row)),
        batch.unread,
    )


def _pictures(paths: Sequence[str]) -> pa.Array:
    """Paths as pictures without bytes; an empty path is a missing picture."""
    missing = numbers(np.array([not path for path in paths], dtype=np.bool_))
    empty = pa.nulls(len(paths), pa.binary())
    return pa.StructArray.from_arrays([empty, texts(paths)], names=["bytes", "path"], mask=missing)


def _classes(root: Path, pictures: Sequence[str]) -> DataFile:
    """The pictures as rows, with the names of their folders as labels if these differ."""
    labels = [PurePosixPath(path).parent.name for path in pictures]
    depths = {path.count("/") for path in pictures}
    columns = (PICTURE, LABEL) if len(set(labels)) > 1 and len(depths) == 1 else (PICTURE,)

    def read(selected: tuple[str, ...], rows: int) -> Iterator[Batch]:
        for first in range(0, len(pictures), rows):
            some = list(enumerate(pictures[first : first + rows], first))
            good = [at for at, path in some if path_inside(root, path) is not None]
            invalid = [InvalidRow(at, OUTSIDE, printable(path)) for at, path in some if at not in set(good)]
            made = {
                PICTURE: _pictures([pictures[at] for at in good]),
                LABEL: texts([labels[at] for at in good]),
            }
            table = pa.Table.from_arrays([made[name] for name in selected], names=list(selected))
            yield Batch(np.array(good, dtype=np.int64), table, tuple(invalid))

    return DataFile(columns, False, read)
