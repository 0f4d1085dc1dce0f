"""A trained vision model as both wings see it: `train/` opens it, `datagen report` compares by it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image


class PictureModel(Protocol):
    """Turns pictures into numbers. ``name``: what it is, for a page."""

    @property
    def name(self) -> str:
        """See the class."""
        ...

    def features(self, pictures: Sequence[Image.Image]) -> NDArray[np.float32]:
        """The features of RGB pictures of any size: float32 (pictures, features)."""
        ...


class OpenPictureModel(Protocol):
    """Opens a vision model: a folder, or the name of one on the Hub. Raises InputError, RunFailed."""

    def __call__(self, name: str) -> PictureModel:
        """See the class."""
        ...
