"""Datasets that are described instead of named, and made when they are opened: ``make:burberry,rows=3000``.

`train/` opens datasets and never imports the generator; the package hands over here what makes them.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from datagen.schemas.errors import InputError
from datagen.schemas.progress import StageProgress

PREFIX = "make:"

MakeSet = Callable[[str, "StageProgress | None"], Path]
"""Gives the folder of the dataset that a name describes, which is made unless it is there."""

_makers: list[MakeSet] = []


def is_made(name: object) -> bool:
    """Whether a name describes a dataset to make.

    >>> is_made("make:burberry,rows=200"), is_made("burberry-200")
    (True, False)
    """
    return str(name).startswith(PREFIX)


def hand_over(make: MakeSet) -> None:
    """Say what makes datasets."""
    _makers[:] = [make]


def made_set(name: str, progress: StageProgress | None = None) -> Path:
    """The folder of the dataset that ``name`` describes, whole. Raises InputError, RunFailed."""
    if not _makers:
        raise InputError(f"Nothing here makes {name}; make a folder with `datagen make`, and give that.")
    return _makers[0](name, progress)
