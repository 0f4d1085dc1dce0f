"""Datasets that are not on this machine: their addresses, errors in words, and copies to read from."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from datagen.schemas.errors import InputError, RunFailed
from datagen.schemas.files import read_file, write_file
from datagen.schemas.folder import MANIFEST, MOST_MANIFEST_BYTES, read_manifest

SCHEMES = {"s3": "s3fs", "gs": "gcsfs", "hf": "huggingface_hub"}
"""How an address may begin, and the package that fsspec needs for it."""

COPIED = "copied.json"
"""In a copy: what the store said of each file when it was copied, so that changed ones are copied again."""

MOST_CHARACTERS = 300


def is_address(name: object) -> bool:
    """Whether a name is an address and not a path.

    >>> is_address("s3://bucket/prefix"), is_address("catalogue")
    (True, False)
    """
    return re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", str(name)) is not None


def open_store(address: str) -> tuple[Any, str]:
    """The file system of an address, and the path in it. Raises InputError; nothing is connected yet."""
    import fsspec  # type: ignore[import-untyped]

    scheme, _, rest = address.partition("://")
    if scheme not in SCHEMES:
        known = ", ".join(f"{each}://" for each in SCHEMES)
        raise InputError(f"{address} begins with {scheme}://, and only {known} are read and written.")
    if not re.fullmatch(r"[^/].*/[^/]+/?", rest) or ".." in rest.split("/"):
        raise InputError(f"{address} names no place for a dataset; give {scheme}://BUCKET/PREFIX.")
    if rest.startswith("buckets/") and scheme == "hf" and rest.rstrip("/").count("/") < 3:
        raise InputError(f"{address} names no place for a dataset; give hf://buckets/OWNER/NAME/PREFIX.")
    # The Hub's keeps its listings whatever it is told, so that an older one may not know of new files.
    fresh = {"skip_instance_cache": True} if scheme == "hf" else {}
    try:
        system, path = fsspec.url_to_fs(address.rstrip("/"), use_listings_cache=False, **fresh)
    except ImportError:
        raise InputError(
            f"{address} needs {SCHEMES[scheme]}, which is not installed; run pip install {SCHEMES[scheme]}."
        ) from None
    return system, str(path)


@contextmanager
def store_errors(address: str) -> Iterator[None]:
    """Say in one sentence what a store refuses, whatever its client raises: InputError or RunFailed."""
    try:
        yield
    except (InputError, RunFailed, KeyboardInterrupt):
        raise
    except PermissionError as error:
        raise InputError(
            f"{address} refuses access ({_words(error)}); give credentials that may read and write there."
        ) from None
    except FileNotFoundError as error:
        raise InputError(f"{address} cannot be used ({_words(error)}); does the bucket exist?") from None
    except Exception as error:  # every store's client has errors of its own
        status = getattr(getattr(error, "response", None), "status_code", None)
        if status in (401, 403):
            raise InputError(
                f"{address} refuses access ({status}); give credentials that may read and write there."
            ) from None
        if "credentials" in str(error).lower() or "credentials" in type(error).__name__.lower():
            raise InputError(
                f"There are no credentials for {address} ({_words(error)}); set them for its client."
            ) from None
        raise RunFailed(f"{address} failed ({_words(error)}); run the same command again.") from None


def _words(error: Exception) -> str:
    return (" ".join(str(error).split()) or type(error).__name__)[:MOST_CHARACTERS]


def cache() -> Path:
    """The folder of this user for what can be had again."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "datagen"


def local_copy(address: str) -> Path:
    """A folder with the dataset of an address, complete and as it is now; files that did not change are kept.

    Raises InputError where there is no finished dataset, and as :func:`store_errors`.
    """
    system, root = open_store(address)
    key = hashlib.sha256(address.rstrip("/").encode()).hexdigest()[:16]
    name = re.sub(r"[^A-Za-z0-9._-]", "-", root.rpartition("/")[2])
    folder = cache() / "copies" / key / name
    with store_errors(address):
        try:
            about = system.info(f"{root}/{MANIFEST}")
        except FileNotFoundError:
            raise InputError(
                f"There is no finished dataset at {address}: it has no {MANIFEST}; if datagen make was "
                "interrupted there, run it again with --resume."
            ) from None
        if about["size"] > MOST_MANIFEST_BYTES:
            raise InputError(f"{address}/{MANIFEST} is larger than any manifest.")
        copied = _copied(folder)
        _fetch(system, root, MANIFEST, folder, copied)
        for name in read_manifest(folder).files:
            _fetch(system, root, name, folder, copied)
    return folder


def _copied(folder: Path) -> dict[str, str]:
    try:
        found = json.loads(read_file(folder / COPIED, 100_000_000))
    except (OSError, ValueError, InputError):
        return {}
    return found if isinstance(found, dict) else {}


def _fetch(system: Any, root: str, name: str, folder: Path, copied: dict[str, str]) -> None:
    """Copy a file unless the copy has it unchanged; one that the store has lost is removed from the copy."""
    target = folder / name
    try:
        stamp = str(system.checksum(f"{root}/{name}"))
    except FileNotFoundError:
        target.unlink(missing_ok=True)
        return
    if copied.get(name) == stamp and target.is_file():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    aside = target.with_name(target.name + ".part")
    system.get_file(f"{root}/{name}", str(aside))
    aside.replace(target)
    copied[name] = stamp
    write_file(folder / COPIED, json.dumps(copied, indent=1) + "\n")
