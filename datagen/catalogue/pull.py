"""Pull: a dataset folder from anywhere. A pushed set comes back byte for byte; all else is taken in."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from datagen.catalogue.importing import ImportRequest, ImportResult, Tell, import_catalogue
from datagen.hub.pull_back import NotPushed, PullResult, pull_back
from datagen.readers import refuse_missing
from datagen.schemas import InputError
from datagen.schemas.folder import MANIFEST

_PLAIN = ImportRequest()


def pull(
    source: str,
    out: str | Path,
    wish: ImportRequest = _PLAIN,
    *,
    overwrite: bool = False,
    tell: Tell | None = None,
) -> PullResult | ImportResult:
    """Pull ``source`` into the folder ``out``.

    ``source`` is a dataset of the Hub (``owner/name`` or ``owner/name@revision``), a Parquet, Arrow, CSV or
    JSON file, or a folder of these, of pictures, or saved by ``datasets``. A set that datagen pushed comes
    back as it was, every checksum held, unless ``wish`` asks for other columns or fewer rows.

    Raises InputError, RunFailed or OSError; what was downloaded until then is kept for the next try.
    """
    target = Path(out)
    if (Path(source) / MANIFEST).is_file():
        raise InputError(f"{source} is a dataset folder already; it can be used as it is.")
    if not Path(source).exists():
        refuse_missing(source)
    asks_nothing = replace(wish, revision=None, config=None, split=None, limits=_PLAIN.limits) == _PLAIN
    if asks_nothing and "/" in source and not Path(source).exists():
        try:
            return pull_back(
                source,
                target,
                revision=wish.revision,
                config=wish.config,
                split=wish.split,
                overwrite=overwrite,
                progress=lambda done, total: tell("Receiving", done, total) if tell else None,
            )
        except NotPushed:
            pass
    return import_catalogue(source, target, wish, overwrite=overwrite, tell=tell)


def name_for(source: str) -> Path:
    """The folder that a source is pulled into where none is named."""
    name = Path(source.partition("@")[0] if not Path(source).exists() else source).name
    stem = name.split(".")[0] if Path(source).is_file() else name
    return Path(stem or "pulled")
