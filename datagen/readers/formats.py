"""Which reader reads which file, by the ending of its name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path, PurePosixPath

from datagen.readers.arrow_file import arrow_file, parquet_file
from datagen.readers.csv_file import csv_file
from datagen.readers.json_file import json_file, json_lines_file
from datagen.readers.limits import DEFAULT_LIMITS, ReadLimits
from datagen.readers.source import DataFile, printable
from datagen.schemas import InputError

READERS: dict[str, Callable[[Path, str, ReadLimits], DataFile]] = {
    ".parquet": parquet_file,
    ".arrow": arrow_file,
    ".feather": arrow_file,
    ".jsonl": json_lines_file,
    ".ndjson": json_lines_file,
    ".json": json_file,
    ".csv": csv_file,
    ".tsv": csv_file,
    ".txt": csv_file,
}
"""In order of preference where a folder has as many files of one kind as of another."""

PICTURES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".avif"})
REMEDIES = {
    ".xlsx": "save it as CSV",
    ".xls": "save it as CSV",
    ".ods": "save it as CSV",
    ".zip": "unpack it",
    ".tar": "unpack it",
    ".tgz": "unpack it",
    ".7z": "unpack it",
    ".rar": "unpack it",
    ".bz2": "unpack it",
    ".xz": "unpack it",
    ".zst": "unpack it",
    ".pkl": "pickles can run code and are never opened; save it as Parquet",
    ".db": "export the table as CSV",
    ".sqlite": "export the table as CSV",
    ".h5": "save it as Parquet",
    ".xml": "save it as CSV or JSON",
    ".yaml": "save it as JSON",
    ".yml": "save it as JSON",
    ".html": "save its table as CSV",
    ".pdf": "save its table as CSV",
}
READABLE = ".csv, .tsv, .txt, .json, .jsonl, .ndjson (each also .gz), .parquet, .arrow or .feather"


def suffix(name: str) -> str:
    """The ending that says what kind of file it is: ``.csv`` for ``A.CSV.gz``."""
    lower = PurePosixPath(name.lower())
    return (PurePosixPath(lower.stem) if lower.suffix == ".gz" else lower).suffix


def open_file(path: Path, where: str, limits: ReadLimits = DEFAULT_LIMITS) -> DataFile:
    """The rows of one file; ``where`` names it in messages. Raises InputError."""
    kind, where = suffix(path.name), printable(where)
    if kind not in READERS:
        remedy = REMEDIES.get(kind, f"give a file that ends in {READABLE}")
        raise InputError(f"{where} is not a table in a known format; {remedy}.")
    if not path.is_file():
        raise InputError(f"{where} is not a regular file, which can be read more than once; save it as one.")
    return READERS[kind](path, where, limits)
