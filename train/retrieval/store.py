"""An index on disk: a LanceDB table with a row for each product, and a folder around it.

    shop.index/products.lance/    row, key, title, answer (a struct), picture, vector, and two digests
    .shop.index.part/             an index that is being made; a command that was killed goes on with it

What the index was made with stands in the table's own metadata, so that every change is one commit of Lance:
a process that is killed leaves the table before or after it. Any program that reads Lance can query the
table, by SQL too.

An index may be anybody's: nothing in its folder may be a link, its columns must be exactly these, and its
texts are cleaned like those of any dataset before they stand in a prompt (``Template.fields``).
"""

from __future__ import annotations

import fcntl
import importlib
import os
import shutil
import stat
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
import pyarrow as pa
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from datagen.schemas import InputError, RunFailed
from datagen.schemas.keyed import I64
from datagen.train.chat.conversation import Fields, Template
from datagen.train.config import MOST_CROPS, ModelConfig
from datagen.train.data.picture_features import F32
from datagen.train.retrieval.vectors import Kind

TABLE = "products"
ABOUT = b"index"
"""The key of the table's metadata."""
LOCK = ".lock"
READING = timedelta(minutes=30)
"""How long another process may take to read an index."""
MOST_FILES = 1_000_000
MOST_MANIFEST_BYTES = 500_000_000
MOST_WIDTH = 65_536
SMALL_COLUMNS = ("row", "key", "content", "picture_digest")
"""The columns that tell what has changed."""


class About(BaseModel):
    """What an index was made with.

    ``base``, ``commit``: of the model whose tower made the vectors, or ``run``, a run that has trained its
    tower; ``tower``: ``vectors.tower_digest``. ``width``: numbers of a vector. ``template``, ``columns``:
    how the answers are read from a dataset. ``num_crops``, ``most_crops``, ``max_pixels``: the size at which
    the tower saw pictures.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: Literal[1] = 1
    base: str = Field(max_length=500)
    commit: str | None = Field(default=None, max_length=500)
    run: str | None = Field(default=None, max_length=4096)
    tower: str = Field(max_length=1000)
    kind: Kind
    width: int = Field(ge=1, le=MOST_WIDTH)
    template: Template
    columns: dict[str, str] = {}
    num_crops: Annotated[int, Field(ge=1, le=MOST_CROPS)] | Literal["auto"] | None = None
    most_crops: Annotated[int, Field(ge=1, le=MOST_CROPS)] = MOST_CROPS
    max_pixels: Annotated[int, Field(ge=28 * 28, le=50_000_000)] | None = None

    def sized(self, model: ModelConfig) -> ModelConfig:
        """``model`` with the picture size of this index."""
        size = {"num_crops": self.num_crops, "most_crops": self.most_crops, "max_pixels": self.max_pixels}
        return model.model_copy(update=size)

    def table_schema(self) -> pa.Schema:
        """The columns of the table, with this description as metadata."""
        names = [one.field for one in self.template.answer_fields]
        numbers = self.template.numbers
        fields = [(name, pa.float64() if name in numbers else pa.string()) for name in names]
        return pa.schema(
            [
                ("row", pa.int64()),
                ("key", pa.string()),
                ("title", pa.string()),
                ("answer", pa.struct(fields)),
                ("picture", pa.binary()),
                ("vector", pa.list_(pa.float32(), self.width)),
                ("content", pa.string()),
                ("picture_digest", pa.string()),
            ],
            # No "//", by which _check_files knows addresses; JSON reads the same.
            metadata={ABOUT: self.model_dump_json().replace("/", "\\/").encode()},
        )


class Table:
    """The open table of an index."""

    def __init__(self, path: Path, table: Any, about: About) -> None:
        self.path, self.about, self._table = path, about, table

    def __len__(self) -> int:
        with _sentences(self.path):
            return int(self._table.count_rows())

    def columns(self, names: Sequence[str]) -> pa.Table:
        """Some columns of all rows, in the order of ``row``. Raises InputError for a damaged table."""
        with _sentences(self.path):
            query = self._table.search().select(list(names)).limit(max(len(self), 1))
            found: pa.Table = query.to_arrow().combine_chunks()
        return found.take(pa.array(np.argsort(found.column("row").to_numpy(), kind="stable")))

    def vectors(self, keys: Sequence[str]) -> dict[str, F32]:
        """Key -> vector of some rows."""
        wanted = set(keys)
        if not wanted:
            return {}
        found = self.columns(["row", "key", "vector"])
        vectors = vectors_of(found.column("vector"))
        return {key: vectors[at] for at, key in enumerate(found.column("key").to_pylist()) if key in wanted}

    def append(self, batch: pa.RecordBatch) -> None:
        """Add rows in one commit. Raises RunFailed."""
        with _sentences(self.path):
            self._table.add(pa.Table.from_batches([batch]))

    def change(self, batches: Iterable[pa.RecordBatch], removed: Sequence[int]) -> None:
        """Add and replace rows by their keys, and remove rows by their numbers, in one commit.

        Raises RunFailed.
        """
        merge = self._table.merge_insert("key").when_matched_update_all().when_not_matched_insert_all()
        if removed:
            merge = merge.when_not_matched_by_source_delete(f"row IN ({', '.join(map(str, removed))})")
        failures: list[BaseException] = []

        def watched() -> Iterator[pa.RecordBatch]:
            try:
                yield from batches
            except BaseException as error:
                failures.append(error)  # which Lance would turn into a message of its own
                raise

        reader = pa.RecordBatchReader.from_batches(self.about.table_schema(), watched())
        try:
            with _sentences(self.path):
                merge.execute(reader)
        except (InputError, RunFailed):
            if failures:
                raise failures[0] from None
            raise

    def tidy(self, *, alone: bool = False) -> None:
        """Join small pieces, and drop what only former states of the table held.

        States of the last minutes stay, since another process may be reading one, unless this one is
        ``alone``.
        """
        with _sentences(self.path), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Lance warns of what alone says
            self._table.optimize(
                cleanup_older_than=timedelta(0) if alone else READING, delete_unverified=alone
            )


def lancedb() -> Any:
    """The library. Raises InputError where it is not installed."""
    try:
        return importlib.import_module("lancedb")
    except ImportError:
        raise InputError("An index needs LanceDB; install it with pip install 'datagen[rag]'.") from None


def part_of(path: Path) -> Path:
    """The folder in which an index is made before it gets its name."""
    return path.with_name(f".{path.name}.part")


def old_of(path: Path) -> Path:
    """The folder of an index that is being replaced."""
    return path.with_name(f".{path.name}.old")


def create_table(path: Path, about: About) -> Table:
    """A new, empty table in the folder ``path``. Raises RunFailed."""
    library = lancedb()
    with _sentences(path):
        path.mkdir(parents=True, exist_ok=True)
        return Table(path, library.connect(path).create_table(TABLE, schema=about.table_schema()), about)


def open_table(path: Path) -> Table:
    """The table of an index, of which nothing but its description has been read. Raises InputError."""
    mend(path)
    if not (path / f"{TABLE}.lance").is_dir():
        raise InputError(f"{path} is not an index; make one with datagen index SOURCE --out {path}.")
    _check_files(path)
    library = lancedb()
    with _sentences(path):
        table = library.connect(path).open_table(TABLE)
        schema: pa.Schema = table.schema
    try:
        about = About.model_validate_json((schema.metadata or {}).get(ABOUT, b"")[:1_000_000])
        right = schema.equals(about.table_schema())
    except (ValidationError, RecursionError, pa.ArrowException):
        right = False
    if not right:
        raise InputError(f"{path} was not made by datagen index; make it again.")
    return Table(path, table, about)


def mend(path: Path) -> None:
    """Undo a replacement that was killed halfway."""
    if old_of(path).is_dir():
        if path.exists():
            shutil.rmtree(old_of(path), ignore_errors=True)
        else:
            old_of(path).rename(path)


def replace_by_part(path: Path) -> None:
    """Give the index that was made aside its name, in place of another one. Raises RunFailed."""
    with _sentences(path):
        if path.exists():
            path.rename(old_of(path))
        part_of(path).rename(path)
        shutil.rmtree(old_of(path), ignore_errors=True)


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Hold an index while it is changed. Raises InputError if another process does."""
    try:
        path.mkdir(parents=True, exist_ok=True)
        file = (path / LOCK).open("a")
    except OSError as error:
        raise InputError(f"{path} cannot be written ({error.strerror}); give another --out.") from None
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InputError(f"Another process is changing {path}; wait for it.") from None
        yield


def vectors_of(column: pa.ChunkedArray) -> F32:
    """A column of vectors: float32 (rows, width)."""
    chunks = [chunk for chunk in column.chunks if len(chunk)]
    width = column.type.list_size
    if not chunks:
        return np.empty((0, width), dtype=np.float32)
    return np.concatenate([chunk.flatten().to_numpy().reshape(-1, width) for chunk in chunks])


def batch_of(
    about: About,
    rows: Sequence[int],
    keys: Sequence[str],
    titles: Sequence[str | None],
    answers: Sequence[Fields],
    pictures: Sequence[bytes],
    vectors: F32,
    contents: Sequence[str],
    digests: Sequence[str],
) -> pa.RecordBatch:
    """Rows for the table."""
    schema = about.table_schema()
    values = pa.array(np.ascontiguousarray(vectors, dtype=np.float32).reshape(-1))
    return pa.record_batch(
        [
            pa.array(rows, pa.int64()),
            pa.array(keys, pa.string()),
            pa.array(titles, pa.string()),
            pa.array([dict(answer) for answer in answers], schema.field("answer").type),
            pa.array(pictures, pa.binary()),
            pa.FixedSizeListArray.from_arrays(values, about.width),
            pa.array(contents, pa.string()),
            pa.array(digests, pa.string()),
        ],
        schema=schema,
    )


def _check_files(path: Path) -> None:
    """Raises InputError for an index that leads out of its folder, or is unreasonably large to open."""
    count = 0
    for folder, folders, files in os.walk(path):
        for name in (*folders, *files):
            count += 1
            one = Path(folder, name)
            status = one.lstat()
            if not stat.S_ISDIR(status.st_mode) and not stat.S_ISREG(status.st_mode):
                raise InputError(f"{one} is a link or no file, which an index cannot hold; remove it.")
            if count > MOST_FILES or (one.suffix == ".manifest" and status.st_size > MOST_MANIFEST_BYTES):
                raise InputError(f"{path} is larger than an index can be; make it again.")
            if one.suffix == ".manifest" and b"://" in one.read_bytes():
                raise InputError(f"{one} names files elsewhere, which an index cannot hold; make it again.")


@contextmanager
def _sentences(path: Path) -> Iterator[None]:
    """What Lance raises as one sentence: it has no classes of errors of its own, and panics on some input."""
    try:
        yield
    except (InputError, RunFailed, KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    except BaseException as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise RunFailed(f"{path} cannot be written ({error.strerror or error}).") from None
        if "No space left" in str(error):
            raise RunFailed(f"There is no disk space left for {path}; free some.") from None
        said = (str(error).strip() or type(error).__name__).splitlines()[0][:200]
        raise InputError(f"{path} is damaged ({said}); make it again with --overwrite.") from None


def numbers_of(column: pa.ChunkedArray) -> I64:
    """A column of whole numbers: int64 (rows,)."""
    numbers: I64 = column.to_numpy().astype(np.int64)
    return numbers
