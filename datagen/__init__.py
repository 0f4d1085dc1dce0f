"""Synthetic product catalogues: rows, rendered pictures, and the folders that hold them."""

from datagen.dataset import Made, make, stream

__all__ = ["Made", "make", "stream"]
