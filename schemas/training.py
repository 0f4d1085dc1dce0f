"""What commands of `datagen/` ask of `train/`, which they don't import: the group hands it over."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:  # these import pydantic and NumPy, for which `datagen --help` would wait
    from datagen.schemas.model_folder import WriteModel
    from datagen.schemas.picture_model import OpenPictureModel


class Training(NamedTuple):
    """The object of the click context: for ``push`` of a run, and for ``report --vision-model``."""

    write_model: WriteModel
    open_picture_model: OpenPictureModel
