"""Pull: a dataset folder from anywhere. A pushed dataset comes back as it was; all others are imported."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from datagen.catalogue.importing import ImportRequest, ImportResult, import_catalogue
from datagen.catalogue.matching import pairs_of
from datagen.hub.pull_back import NotPushed, PullResult, pull_back
from datagen.readers import refuse_missing
from datagen.schemas import InputError
from datagen.schemas.folder import MANIFEST
from datagen.schemas.progress import StageProgress

_PLAIN = ImportRequest()


def pull(
    source: str,
    out: str | Path,
    request: ImportRequest = _PLAIN,
    *,
    overwrite: bool = False,
    progress: StageProgress | None = None,
    note: Callable[[str], None] | None = None,
) -> PullResult | ImportResult:
    """Pull ``source`` into the folder ``out``.

    ``source`` is a dataset of the Hub (``owner/name`` or ``owner/name@revision``), a Parquet, Arrow, CSV or
    JSON file, or a folder of these, of pictures, or saved by ``datasets``. A dataset that datagen pushed
    comes back as it was, with the same checksums, unless ``request`` names other columns or fewer rows.

    ``note`` gets sentences for the user, such as a newer spelling of an option. Raises InputError,
    RunFailed or OSError; what was downloaded until then is kept for the next run.
    """
    target = Path(out)
    if (Path(source) / MANIFEST).is_file():
        raise InputError(f"{source} is already a dataset folder; use it as it is.")
    if not Path(source).exists():
        refuse_missing(source)
    request = replace(request, renamed=pairs_of(request.renamed))
    is_plain = replace(request, revision=None, config=None, split=None, limits=_PLAIN.limits) == _PLAIN
    if is_plain and "/" in source and not Path(source).exists():
        try:
            return pull_back(
                source,
                target,
                revision=request.revision,
                config=request.config,
                split=request.split,
                overwrite=overwrite,
                progress=lambda done, total: progress("Receiving", done, total) if progress else None,
            )
        except NotPushed:
            pass
    return import_catalogue(source, target, request, overwrite=overwrite, progress=progress, note=note)


def name_for(source: str) -> Path:
    """The folder that a source is pulled into by default."""
    name = Path(source.partition("@")[0] if not Path(source).exists() else source).name
    stem = name.split(".")[0] if Path(source).is_file() else name
    return Path(stem or "pulled")
