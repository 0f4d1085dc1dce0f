"""Synthetic product catalogues: rows, rendered pictures, and the folders that hold them."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datagen.dataset import Made, make, stream

__all__ = ["Made", "make", "stream"]


def __getattr__(name: str) -> Any:
    """Import the library at its first use: a worker process needs only a part of it."""
    if name in __all__:
        from datagen import dataset

        return getattr(dataset, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
