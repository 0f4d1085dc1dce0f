"""The files of a dataset folder other than its shards: schema, profile, manifest, contact sheet and card."""

from __future__ import annotations

from pathlib import Path

from datagen.dataset.card import card_of
from datagen.dataset.collection import DEFAULT_CONFIG, DEFAULT_SPLIT, Part
from datagen.dataset.folder import Folder
from datagen.dataset.preview import write_preview
from datagen.schemas.files import write_file
from datagen.schemas.folder import CARD, MANIFEST, PREVIEW, PROFILE, SCHEMA
from datagen.schemas.yaml_file import to_yaml

PREVIEW_COUNT, PREVIEW_AMONG = 32, 256
"""Products on the contact sheet that is kept with a dataset, and the first rows that they are taken from."""


def write_metadata(folder: Folder) -> None:
    """Write all of them into ``folder``, whose shards are in place. Raises InputError or OSError."""
    write_file(folder.path / SCHEMA, to_yaml(folder.schema))
    if folder.profile is not None:
        write_file(folder.path / PROFILE, to_yaml(folder.profile))
    write_file(folder.path / MANIFEST, folder.manifest.as_json())
    if folder.has_pictures:
        _write_preview(folder.path)
    card = card_of(Part(DEFAULT_CONFIG, DEFAULT_SPLIT, "", folder), "path/to/this/folder")
    write_file(folder.path / CARD, card.text())


def _write_preview(path: Path) -> None:
    """Write the contact sheet. What is wrong with a picture, or with many, must not fail the dataset."""
    try:
        write_preview(path, path / PREVIEW, count=PREVIEW_COUNT, among=PREVIEW_AMONG, overwrite=True)
    except OSError as error:
        if error.errno:  # of the disk; Pillow's own errors have no number
            raise
    except (ValueError, MemoryError, OverflowError):
        pass
