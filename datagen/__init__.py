"""Synthetic product catalogues: rows, rendered pictures, and the folders that hold them.

>>> import datagen
>>> datagen.make(100, "catalogue")  # doctest: +SKIP
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from datagen.schemas.errors import InputError, RunFailed
from datagen.schemas.made_sets import hand_over

if TYPE_CHECKING:
    from datagen.catalogue.importing import ImportRequest, ImportResult
    from datagen.catalogue.pull import pull
    from datagen.generation.made import MakeResult
    from datagen.generation.make import as_iterable, make, stream
    from datagen.generation.row_stream import RowStream
    from datagen.hub.attempt import PushResult
    from datagen.hub.pull_back import PullResult
    from datagen.hub.push import push

    __version__: str

__all__ = [
    "ImportRequest",
    "ImportResult",
    "InputError",
    "MakeResult",
    "PullResult",
    "PushResult",
    "RowStream",
    "RunFailed",
    "__version__",
    "as_iterable",
    "make",
    "pull",
    "push",
    "stream",
]

_MODULES = {
    "ImportRequest": "datagen.catalogue.importing",
    "ImportResult": "datagen.catalogue.importing",
    "MakeResult": "datagen.generation.made",
    "PullResult": "datagen.hub.pull_back",
    "PushResult": "datagen.hub.attempt",
    "RowStream": "datagen.generation.row_stream",
    "as_iterable": "datagen.generation.make",
    "make": "datagen.generation.make",
    "pull": "datagen.catalogue.pull",
    "push": "datagen.hub.push",
    "stream": "datagen.generation.make",
}
"""The module of each name; imported at first use, since a worker process needs only a part of the library."""


hand_over(lambda name, progress: import_module("datagen.generation.cached_set").cached_set(name, progress))


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        return version("datagen")
    if name in _MODULES:
        return getattr(import_module(_MODULES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
