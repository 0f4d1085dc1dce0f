"""This installation of datagen as a wheel, so that a job runs the same code, and the versions beside it.

The wheel is put together from the installed files: no build tool, no network, and the same bytes every time.
No package index is asked, since a name there may be somebody else's.
"""

from __future__ import annotations

import base64
import hashlib
import io
import os
import re
import zipfile
from importlib.metadata import PackageNotFoundError, distribution, requires, version
from pathlib import Path

import datagen
from datagen.schemas import InputError

NAME = "datagen"
_BEGINNING = (1980, 1, 1, 0, 0, 0)
"""The date of every file in the wheel: the earliest that a zip file can say."""

_COMPRESSED = ".layers"
"""The ending of files that hold compressed data already. They are nearly all of the wheel: compressing them
again takes most of the time and saves a thousandth."""


def wheel() -> tuple[str, bytes]:
    """The name and the bytes of a wheel of this installation. Raises InputError where it has no metadata."""
    try:
        about = distribution(NAME)
    except PackageNotFoundError:
        raise InputError(
            "datagen runs from its sources here and is not installed; install it (pip install -e .), or give "
            "--package with a requirement that a job can install."
        ) from None
    stem = f"{NAME}-{about.version}"
    info = f"{stem}.dist-info"
    files = _package_files()
    files[f"{info}/METADATA"] = (about.read_text("METADATA") or about.read_text("PKG-INFO") or "").encode()
    files[f"{info}/WHEEL"] = (
        b"Wheel-Version: 1.0\nGenerator: datagen\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    )
    files[f"{info}/entry_points.txt"] = f"[console_scripts]\n{NAME} = datagen.__main__:main\n".encode()
    record = f"{info}/RECORD"
    lines = [f"{name},sha256={_digest(content)},{len(content)}" for name, content in files.items()]
    files[record] = "\n".join([*lines, f"{record},,", ""]).encode()
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for name, content in files.items():
            how = zipfile.ZIP_STORED if name.endswith(_COMPRESSED) else zipfile.ZIP_DEFLATED
            archive.writestr(zipfile.ZipInfo(name, _BEGINNING), content, how)
    return f"{stem}-py3-none-any.whl", written.getvalue()


def _package_files() -> dict[str, bytes]:
    """Every file of the package by its path in the wheel; a checkout has links, which are followed."""
    root = Path(str(datagen.__file__)).parent
    files = {}
    for folder, folders, names in os.walk(root, followlinks=True):
        folders[:] = sorted(name for name in folders if name != "__pycache__" and not name.startswith("."))
        for name in sorted(names):
            path = Path(folder) / name
            if path.suffix != ".pyc" and not name.startswith("."):
                files[path.relative_to(root.parent).as_posix()] = path.read_bytes()
    return files


def _digest(content: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()


def pins(extra: str) -> list[str]:
    """What datagen needs, with ``extra`` where it is not empty, each in the version that is installed here.

    What is not installed here is left to the ranges in the package's own metadata.
    """
    pinned = []
    for requirement in requires(NAME) or []:
        name = re.match(r"[A-Za-z0-9._-]+", requirement)
        of = re.search(r"extra\s*==\s*['\"]([^'\"]+)['\"]", requirement)
        if name is None or (of and of[1] != extra):
            continue
        try:
            found = version(name[0]).partition("+")[0]  # +cpu and the like are of this machine
        except PackageNotFoundError:
            continue
        pinned.append(f"{name[0]}=={found}")
    return sorted(set(pinned))
