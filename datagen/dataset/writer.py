"""The one writer of dataset folders: a dataset is OUT.partial until it is whole, and OUT from then on.

OUT.partial/begun.json   what the dataset is written from, so that the same command can resume
OUT.partial/.lock        held by the run that is writing
OUT.old                  the dataset that is being replaced, until the new one has its name

If there was a dataset at OUT, there is a whole one at OUT or OUT.old at any moment, and after a kill the next
run finishes or undoes the last steps. Only what this tool made is ever replaced or removed.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import shutil
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from datagen.dataset.collection import parts
from datagen.schemas import InputError, RunFailed
from datagen.schemas.files import write_file
from datagen.schemas.folder import CARD, MANIFEST, Manifest, partial, read_manifest

LOCK, BEGUN = ".lock", "begun.json"
_NOTES = frozenset({LOCK, BEGUN})
_EMPTY = frozenset({LOCK, f"{BEGUN}.part"})
"""Files that a run may have left if it was killed before it wrote begun.json."""

_DOWNLOADS = ".cache"
"""The Hub client's notes. Version 0.1 wrote no begun.json when it pulled a pushed dataset, but left these."""

Record = dict[str, dict[str, Any]]
"""What decides a dataset's bytes: ``versions`` and ``recipe`` where it is made, ``pull`` where it is not."""


@dataclass(frozen=True)
class Job:
    """What a dataset is written from, and when an unfinished folder is kept.

    ``exact``: OUT.partial is only resumed with the record it was started with, since its shards hold the rows
    of that record. Otherwise any pull may take it over for what it has downloaded.
    ``costly``: patterns of files that took long to get. OUT.partial without any is removed when the input
    turns out to be wrong and, if ``exact``, after KeyboardInterrupt.
    """

    record: Record
    exact: bool
    costly: tuple[str, ...]


@dataclass(frozen=True)
class Unfinished:
    """OUT.partial, held by this run.

    ``complete``: an earlier run of the same job was killed when only :meth:`finish` was left to do.
    """

    out: Path
    path: Path
    complete: bool
    _begun: dict[str, Any]

    def finish(self, files: Iterable[str]) -> None:
        """Keep ``files`` (paths within the folder), remove the rest, and give the folder its name.

        A dataset that had the name is removed last. Raises InputError where something else has it by now.
        """
        refuse_existing(self.out, overwrite=self._begun["overwrite"])
        replaces = self.out.exists() and any(self.out.iterdir())
        _write_begun(self.path, {**self._begun, "whole": True, "replaces": replaces})
        _remove_all_but(self.path, {*files, *_NOTES})
        if replaces:
            self.out.rename(_old(self.out))
        self.path.rename(self.out)
        _clear_up(self.out)


def versions(more: Sequence[str] = ()) -> dict[str, str]:
    """The packages whose versions decide the bytes, besides the recipe."""
    return {name: version(name) for name in ("datagen", "numpy", "pillow", "pyarrow", *more)}


def refuse_existing(out: Path, *, overwrite: bool) -> None:
    """Raises InputError where ``out`` exists and may not be replaced."""
    _settle(out)
    _refuse_existing(out, overwrite=overwrite)


def _refuse_existing(out: Path, *, overwrite: bool) -> None:
    if not out.exists() and not out.is_symlink():
        return
    if out.is_dir() and not out.is_symlink() and not any(out.iterdir()):
        return
    if not overwrite:
        raise InputError(f"{out} already exists; give --overwrite to replace it, or another --out.")
    if not _is_ours(out):
        raise InputError(
            f"{out} is not a dataset of this tool and will not be overwritten; give another --out."
        )
    if _old(out).exists():
        raise InputError(f"{_old(out)} already exists; remove it or give another --out.")


def finished_before(out: Path, job: Job) -> Manifest | None:
    """The manifest of ``out`` where an earlier run of the job finished it; None where it is still to be made.

    Raises InputError where ``out`` is something else.
    """
    _settle(out)
    return _finished_before(out, job)


def _finished_before(out: Path, job: Job) -> Manifest | None:
    if _replaces_when_resumed(out) or not (out.exists() or out.is_symlink()):
        return None
    if out.is_dir() and not out.is_symlink() and not any(out.iterdir()):
        return None
    if out.is_symlink() or not (out / MANIFEST).is_file():
        raise InputError(f"{out} exists and is not a dataset of this tool; give another --out.")
    manifest = read_manifest(out)
    recipe = manifest.recipe.model_dump(mode="json", by_alias=True) if manifest.recipe else None
    difference = difference_of(job.record, {"versions": manifest.versions, "recipe": recipe})
    if difference:
        raise InputError(f"{out} is finished and differs in {difference}; give --overwrite to replace it.")
    return manifest


def check_writing(out: Path, job: Job, size: int, *, resume: bool, overwrite: bool) -> None:
    """Raises what :func:`writing` would raise, and changes nothing; ``size``: the bytes that will be written.

    Raises RunFailed where the disk has less than ``size`` free, besides what an unfinished run has written.
    """
    overwrite = overwrite or (job.exact and resume and _replaces_when_resumed(out))
    if resume and not overwrite and _finished_before(out, job):
        return
    _refuse_existing(out, overwrite=overwrite)
    work = partial(out)
    _refuse_partial(out, job, resume=resume, overwrite=overwrite)
    if (work / LOCK).is_file():
        with _locked(work):
            pass
    folder = next(each for each in (work, *work.absolute().parents) if os.path.lexists(each))
    if not folder.is_dir():
        raise _unusable(out, os.strerror(errno.ENOTDIR))
    _refuse_closed(out, folder)
    written = sum(path.stat().st_size for path in work.rglob("*") if path.is_file())
    free = shutil.disk_usage(folder).free
    if size - written > free:
        raise RunFailed(
            f"{out} will take about {size:,} bytes, and its disk has {free:,} left; "
            "free some, or give another --out."
        )


def _refuse_closed(out: Path, folder: Path) -> None:
    """Raises InputError where no file can be created in a folder; a file without a name tries it."""
    if not os.access(folder, os.W_OK | os.X_OK):
        raise _unusable(out, os.strerror(errno.EACCES))
    try:
        os.close(os.open(folder, os.O_RDWR | getattr(os, "O_TMPFILE", os.O_DIRECTORY)))
    except OSError as error:
        if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOENT}:
            raise _unusable(out, error.strerror) from None
        # Others, such as EOPNOTSUPP, only say that the disk has no files without a name.


def _unusable(out: Path, why: str | None) -> InputError:
    return InputError(f"The folder {out} cannot be made ({why}); give another --out.")


@contextmanager
def writing(out: Path, job: Job, *, resume: bool, overwrite: bool) -> Iterator[Unfinished]:
    """Hold OUT.partial, new or as an earlier run left it, while a dataset is written into it.

    ``resume`` keeps what is in it; without, it is emptied, which needs ``overwrite``, as does replacing an
    existing ``out``. Raises InputError where something else exists there or another run holds the folder,
    and OSError.
    """
    overwrite = overwrite or (job.exact and resume and _replaces_when_resumed(out))
    refuse_existing(out, overwrite=overwrite)
    work = partial(out)
    _refuse_partial(out, job, resume=resume, overwrite=overwrite)
    try:
        work.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EIO}:
            raise
        raise _unusable(out, error.strerror) from None
    with _locked(work):
        # Again, since nobody else can change it from here on.
        _refuse_partial(out, job, resume=resume, overwrite=overwrite)
        if not resume:
            _remove_all_but(work, _NOTES)
        before = _read_begun(work) or {}
        complete = resume and before.get("whole") is True and not difference_of(job.record, before)
        begun = {**job.record, "overwrite": overwrite, "whole": complete}
        _write_begun(work, begun)
        try:
            yield Unfinished(out, work, complete, begun)
        except (InputError, KeyboardInterrupt) as error:
            kept = any(any(work.glob(pattern)) for pattern in job.costly)
            if not kept and (job.exact or isinstance(error, InputError)):
                shutil.rmtree(work)
            raise


def _refuse_partial(out: Path, job: Job, *, resume: bool, overwrite: bool) -> None:
    """Raises InputError where OUT.partial is not this tool's, or must not be used for this job."""
    work = partial(out)
    if work.is_symlink() or (work.exists() and not work.is_dir()):
        raise InputError(f"{work} already exists and is not a folder; remove it or give another --out.")
    if not work.exists() or all(path.name in _EMPTY for path in work.iterdir()):
        return
    begun = _read_begun(work) or _read_json(
        work / MANIFEST
    )  # version 0.1 removed begun.json a step too early
    if not job.exact:
        if not ({"pull", "origin"} & set(begun or {}) or (work / _DOWNLOADS).is_dir()):
            raise InputError(f"{work} is not from a pull; finish or remove it, or give another --out.")
        return
    if begun is None:
        raise InputError(f"{work} is not an unfinished dataset; remove it or give another --out.")
    if resume:
        difference = difference_of(job.record, begun)
        if difference:
            raise InputError(
                f"{work} was started with other settings ({difference}); give the same ones, or --overwrite."
            )
    elif not overwrite:
        raise InputError(
            f"{out} is not finished; give --resume to continue it, or --overwrite to start again."
        )


def _read_begun(folder: Path) -> dict[str, Any] | None:
    """The record that a folder was started with; None where it is unknown."""
    return _read_json(folder / BEGUN)


def _read_json(path: Path) -> dict[str, Any] | None:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _write_begun(folder: Path, begun: dict[str, Any]) -> None:
    write_file(folder / BEGUN, json.dumps(begun, indent=2) + "\n")


def _replaces_when_resumed(out: Path) -> bool:
    """Whether OUT.partial was started with ``overwrite``, which need not be given again to resume it."""
    return bool((_read_begun(partial(out)) or {}).get("overwrite"))


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold a folder for this process; the system releases it however the process ends."""
    with ExitStack() as stack:
        try:
            file = stack.enter_context((folder / LOCK).open("a"))
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            held = os.path.samestat(os.fstat(file.fileno()), (folder / LOCK).stat())
        except (BlockingIOError, FileNotFoundError):  # another run holds it, or has just finished it
            held = False
        if not held:
            raise InputError(f"Another run is writing {folder} now; wait for it or give another --out.")
        yield


def _settle(out: Path) -> None:
    """Finish or undo a replacement whose run was killed between two steps."""
    work, old = partial(out), _old(out)
    if not out.is_symlink() and (_read_begun(out) or {}).get("whole"):
        with _locked(out):
            _clear_up(out)
    elif old.is_dir() and not out.exists() and (_read_begun(work) or {}).get("replaces"):
        with _locked(work):
            old.rename(out)


def _clear_up(out: Path) -> None:
    """Remove what a dataset does not need once it has its name; begun.json last, so that this can resume."""
    if (_read_begun(out) or {}).get("replaces") and _old(out).exists():
        shutil.rmtree(_old(out))
    (out / LOCK).unlink(missing_ok=True)
    (out / BEGUN).unlink(missing_ok=True)


def _old(out: Path) -> Path:
    """Where the dataset that is being replaced is kept until the new one has its name."""
    return out.with_name(out.name + ".old")


def _remove_all_but(folder: Path, files: Collection[str]) -> None:
    """Remove everything in a folder except some files, given by their paths within it."""
    kept = {folder / name for name in files}
    ways = {parent for path in kept for parent in path.parents}
    for path in folder.iterdir():
        if path in kept:
            continue
        if path in ways and path.is_dir() and not path.is_symlink():
            inside = [other.relative_to(path).as_posix() for other in kept if path in other.parents]
            _remove_all_but(path, inside)
        elif path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


def difference_of(record: Record, other: dict[str, Any]) -> str:
    """The first thing in which another record differs, as "rows 10, not 20"; empty where nothing does."""
    for part, values in record.items():
        theirs = other.get(part)
        for name, value in values.items():
            their_value = theirs.get(name) if isinstance(theirs, dict) else None
            if their_value != value:
                return f"{name.replace('_', ' ')} {_short(their_value)}, not {_short(value)}"
    return ""


def _short(value: object) -> str:
    if isinstance(value, dict) and "sha256" in value:
        return str(value.get("name", "")) + " " + str(value.get("sha256", ""))[:12]
    return str(value)


def _is_ours(out: Path) -> bool:
    """Whether this tool made ``out``: a dataset, or datasets by config and split and nothing else.

    A manifest alone does not say so: other things are called manifest.json, too.
    """
    if out.is_symlink() or not out.is_dir():
        return False
    try:
        if (out / MANIFEST).is_file():
            read_manifest(out)
            return True
        known = {part.folder.path.relative_to(out).parts[0] for part in parts(out)}
    except InputError:
        return False
    return {path.name for path in out.iterdir()} <= {*known, CARD}
