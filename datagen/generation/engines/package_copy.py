"""A copy of this package, to send to the machines of a cluster, so that they run the same code."""

from __future__ import annotations

import shutil
from pathlib import Path

import datagen


def copy_package(folder: Path) -> Path:
    """Copy the package into ``folder``, and return where it is. A checkout has links, which are followed."""
    target = folder / "datagen"
    shutil.copytree(Path(str(datagen.__file__)).parent, target, ignore=shutil.ignore_patterns("__pycache__"))
    return target
