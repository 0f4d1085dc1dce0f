"""From the name of a dataset to its rows: a folder, a file or a Hub id, through ``datasets``.

Code next to the data is never run, pickles are never read, and a folder cannot refer to files outside it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol, TypeAlias, cast

import datasets
import pyarrow as pa
from httpx2 import HTTPError
from huggingface_hub import HfApi, HfFileSystem, try_to_load_from_cache
from huggingface_hub.errors import OfflineModeIsEnabled

from datagen.schemas import InputError, RunFailed, Schema, load_schema
from datagen.schemas.addresses import is_address, local_copy
from datagen.schemas.files import sha256
from datagen.schemas.folder import MANIFEST, MOST_MANIFEST_BYTES, SCHEMA, SPLITS, Manifest
from datagen.schemas.made_sets import is_made, made_set
from datagen.schemas.text import without_secrets
from datagen.train.data.local_paths import refuse_missing_folder
from datagen.train.data.named_files import CARD, SETTINGS, check_named_files
from datagen.train.data.parquet_rows import ParquetRows

BUILDERS = frozenset({"parquet", "csv", "json", "arrow", "imagefolder"})
"""Supported kinds of files; other builders of ``datasets`` can execute their input, or give no tables."""
FILES = {".parquet": "parquet", ".csv": "csv", ".json": "json", ".jsonl": "json", ".arrow": "arrow"}
DEFAULT_SPLIT = "train"
HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95}(?:@[\w./-]{1,200})?", re.ASCII)

Builder: TypeAlias = "datasets.DatasetBuilder"


class Rows(Protocol):
    """Rows by number, in memory-mapped Arrow files or in Parquet files."""

    def __len__(self) -> int: ...

    def column(self, name: str) -> list[Any]:
        """All values of one column."""

    def row(self, number: int, columns: tuple[str, ...]) -> dict[str, Any]:
        """Some columns of one row."""


class ArrowRows:
    """The rows of a dataset of the ``datasets`` library, none of their values decoded.

    To decode a picture or a sound is to open whatever its path names, on any host.
    """

    def __init__(self, rows: datasets.Dataset) -> None:
        self._rows = rows.with_format("arrow")
        self._some: dict[tuple[str, ...], datasets.Dataset] = {}

    def __len__(self) -> int:
        return len(self._rows)

    def column(self, name: str) -> list[Any]:
        """All values of one column."""
        return cast("list[Any]", self._rows.data.column(name).to_pylist())

    def row(self, number: int, columns: tuple[str, ...]) -> dict[str, Any]:
        """Some columns of one row."""
        if columns not in self._some:
            self._some[columns] = self._rows.select_columns(list(columns))
        return cast("dict[str, Any]", cast(pa.Table, self._some[columns][[number]]).to_pylist()[0])


class NoSuchSplit(InputError):
    """A dataset lacks a split. ``splits``: those that it has."""

    def __init__(self, name: str, split: str, splits: Sequence[str]) -> None:
        super().__init__(f"{name} has no split {split!r}; its splits are {listed(splits)}.")
        self.splits = tuple(splits)


class DatasetContents(NamedTuple):
    """An open dataset.

    ``features``: column -> its feature (``datasets``) or Arrow type (streamed). ``kind``: the kind of files.
    ``digest``: equal if the data are equal: from the shards in the folder's manifest, the commit on the
    Hub, or the SHA-256 of the files. ``splits``: the number of rows of each split, in the order of the rows.
    ``place``: its folder or file on this machine, None on the Hub.
    """

    rows: Rows
    features: dict[str, Any]
    schema: Schema | None
    kind: str
    digest: str
    splits: dict[str, int]
    place: Path | None = None


def open_rows(
    name: str, *, split: str | None = "train", config: str | None = None, stream: bool = False
) -> DatasetContents:
    """Open the dataset of that name; see ``sources.open_source``. Raises InputError, RunFailed.

    ``split`` may be several, as in "train+test"; None: those of train, validation and test that there are.
    """
    path, commit = _path(name), None
    place = None
    if path.exists():
        place = path
        if split not in ("train", None) and (path / split / MANIFEST).is_file():
            path, split = path / split, "train"
        builder, schema = _local(path, config)
    elif HUB_ID.fullmatch(name):
        refuse_missing_folder(name, "dataset")
        try:
            builder, schema, commit = _on_the_hub(name, config)
        except OfflineModeIsEnabled:
            return _in_the_cache(name, split, config, stream)
    else:
        raise InputError(
            f"There is no folder or file {name}; for a dataset on the Hub give owner/name[@revision]."
        )
    kind = _kind(builder)
    files_of = {one: _files(builder, one, name) for one in _named(split, builder.config.data_files or {})}
    files = [str(file) for some in files_of.values() for file in some]
    inside = f"hf://datasets/{commit}/" if commit else None
    if not all(_is_inside(file, path, inside) for file in files):
        raise InputError(f"The README.md of {name} refers to files outside it; remove those references.")
    if stream:
        if kind != "parquet":
            raise InputError(
                f"{name} consists of {kind} files, and only Parquet can be streamed; set data.stream=false."
            )
        streamed = ParquetRows(files, _open_remote if commit else _open_local)
        features = {field.name: field.type for field in streamed.schema}
        counts = iter(streamed.rows_of_files)
        splits = {one: sum(next(counts) for _ in some) for one, some in files_of.items()}
        digest = commit or _digest(path, files)
        return DatasetContents(streamed, features, schema, kind, digest, splits, place)
    digest = commit or _digest(path, files)
    if commit is None:
        # A separate cache for each content: datasets identifies a folder by its README and file names, and
        # would return the old rows after a shard was rewritten.
        builder, _ = _local(path, config, cache_dir=str(Path(datasets.config.HF_DATASETS_CACHE, digest[:32])))
    prepared, splits = _prepared(builder, split, name)
    features = dict(prepared.features)
    return DatasetContents(ArrowRows(prepared), features, schema, kind, digest, splits, place)


def _path(name: str) -> Path:
    """Where a dataset is on this machine, once it was copied from an address, or made."""
    if is_made(name):
        return made_set(name)
    return local_copy(name) if is_address(name) else Path(name)


def listed(names: Iterable[object]) -> str:
    """Names as a list in a sentence."""
    known = [str(name)[:100] for name in names]
    return ", ".join(known[:40]) + (", ..." if len(known) > 40 else "")


def _local(path: Path, config: str | None, **options: Any) -> tuple[Builder, Schema | None]:
    if path.is_file():
        kind = FILES.get(path.suffix.lower())
        if kind is None:
            raise InputError(f"{path} is not a dataset; supported files are {listed(FILES)}.")
        return _builder(str(path), kind, data_files=str(path), **options), None
    schema = path / SCHEMA
    card, settings = (file if file.exists() else None for file in (path / CARD, path / SETTINGS))
    check_named_files(card, settings, str(path))
    builder = _builder(str(path), str(path), config=config, **options)
    return builder, load_schema(schema) if schema.is_file() else None


def _on_the_hub(name: str, config: str | None) -> tuple[Builder, Schema | None, str]:
    repo, _, revision = name.partition("@")
    try:
        api = HfApi(library_name="datagen")
        info = api.dataset_info(repo, revision=revision or None)
        revision = info.sha or revision
        there = {sibling.rfilename for sibling in info.siblings or []}
        schema, card, settings = (
            Path(api.hf_hub_download(repo, file, repo_type="dataset", revision=revision))
            if file in there
            else None
            for file in (SCHEMA, CARD, SETTINGS)
        )
    except OfflineModeIsEnabled:
        raise
    except (OSError, HTTPError) as error:
        raise _open_error(name, error) from None
    check_named_files(card, settings, name)
    builder = _builder(name, repo, config=config, revision=revision)
    return builder, load_schema(schema) if schema else None, f"{repo}@{revision}"


def _in_the_cache(name: str, split: str | None, config: str | None, stream: bool) -> DatasetContents:
    """A dataset of the Hub as an earlier run cached it, for HF_HUB_OFFLINE."""
    repo, _, revision = name.partition("@")
    if stream:
        raise InputError(f"{name} is on the Hub and cannot be streamed offline; unset HF_HUB_OFFLINE.")
    builder = _builder(name, repo, config=config)
    if revision not in ("", builder.hash):
        raise InputError(
            f"Offline, only {repo}@{builder.hash} is available; give that, or unset HF_HUB_OFFLINE."
        )
    schema = try_to_load_from_cache(repo, SCHEMA, repo_type="dataset", revision=builder.hash)
    prepared, splits = _prepared(builder, split, name)
    return DatasetContents(
        ArrowRows(prepared),
        dict(prepared.features),
        load_schema(Path(schema)) if isinstance(schema, str) else None,
        str(builder.name),
        f"{repo}@{builder.hash}",
        splits,
    )


def _builder(name: str, path: str, *, config: str | None = None, **options: Any) -> Builder:
    try:
        return datasets.load_dataset_builder(path, config, **options)
    except Exception as error:  # the library passes on whatever its readers raise
        raise _open_error(name, error) from None


def _prepared(builder: Builder, split: str | None, name: str) -> tuple[datasets.Dataset, dict[str, int]]:
    """The rows of some splits, and the number of each."""
    try:
        builder.download_and_prepare()
        known = builder.info.splits or {}
        names = _named(split, known)
        counts = {one: known[one].num_examples for one in names if one in known}
        return builder.as_dataset(split="+".join(names)), counts
    except Exception as error:  # as above
        raise _open_error(name, error.__cause__ or error) from None


def _open_error(name: str, error: BaseException) -> InputError | RunFailed:
    status = getattr(getattr(error, "response", None), "status_code", None)
    if status in (401, 403, 404):
        return InputError(
            f"There is no folder {name}, and no dataset of that name on the Hub that your login can read."
        )
    if status is not None or isinstance(error, (ConnectionError, HTTPError)):
        return RunFailed(f"{name} cannot be fetched from the Hub ({_first_line(error)}); try again.")
    return InputError(f"{name} cannot be opened as a dataset ({_first_line(error)}).")


def _kind(builder: Builder) -> str:
    kind = str(builder.name)
    if kind not in BUILDERS:
        raise InputError(f"{kind} files are not supported; give {listed(sorted(BUILDERS))}.")
    return kind


def _named(split: str | None, known: Collection[object]) -> list[str]:
    """The splits that ``split`` stands for."""
    if split is not None:
        return split.split("+")
    return [DEFAULT_SPLIT, *(one for one in SPLITS if one != DEFAULT_SPLIT and one in known)]


def _files(builder: Builder, split: str, name: str) -> list[Any]:
    by_split = builder.config.data_files or {}
    if split not in by_split:
        raise NoSuchSplit(name, split, [str(key) for key in by_split])
    return list(by_split[split])


def _is_inside(file: str, path: Path, repository: str | None) -> bool:
    """Whether a file that was found is one of the dataset's own: in its repository, or below its folder."""
    if repository is not None:
        return file.startswith(repository)
    return path.is_file() or ("://" not in file and Path(file).resolve().is_relative_to(path.resolve()))


def _digest(path: Path, files: Sequence[str]) -> str:
    """SHA-256 (hex) over the shards' entries in the manifest, or over the files where it lacks some."""
    digest = hashlib.sha256()
    for line in _manifest_lines(path, files) or _file_lines(files):
        digest.update(line.encode() + b"\n")
    return digest.hexdigest()


def _manifest_lines(path: Path, files: Sequence[str]) -> list[str]:
    file = path / MANIFEST
    try:
        if file.stat().st_size > MOST_MANIFEST_BYTES:
            return []
        manifest = Manifest.model_validate_json(file.read_bytes())
    except (OSError, ValueError, RecursionError):
        return []
    listed_files = {(path / shard.path).resolve() for shard in manifest.shards}
    if not all(Path(file).resolve() in listed_files for file in files):
        return []  # splits that are datasets of their own, in folders below
    return sorted(f"{shard.sha256} {shard.path}" for shard in manifest.shards)


def _file_lines(files: Sequence[str]) -> list[str]:
    return sorted(f"{sha256(Path(name))} {Path(name).name}" for name in files)


def _open_local(name: str) -> pa.NativeFile:
    return pa.OSFile(name, "rb")


def _open_remote(name: str) -> Any:
    return HfFileSystem().open(name, "rb", block_size=4 << 20)


def _first_line(error: BaseException) -> str:
    return without_secrets((str(error).strip() or type(error).__name__).splitlines()[0])[:200]
