"""Synthetic product catalogues: rows, rendered pictures, and the folders that hold them."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from datagen.schemas.errors import InputError, RunFailed

if TYPE_CHECKING:
    from datagen.catalogue.pull import pull
    from datagen.generation.make import make, stream
    from datagen.hub.push import push

    __version__: str

__all__ = ["InputError", "RunFailed", "__version__", "make", "pull", "push", "stream"]

_PLACES = {
    "make": "datagen.generation.make",
    "stream": "datagen.generation.make",
    "pull": "datagen.catalogue.pull",
    "push": "datagen.hub.push",
}
"""Where each function is; imported at its first use, since a worker needs only a part of the library."""


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        return version("datagen")
    if name in _PLACES:
        return getattr(import_module(_PLACES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
