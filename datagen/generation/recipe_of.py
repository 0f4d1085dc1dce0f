"""The recipe that a dataset on disk was made from."""

from __future__ import annotations

from datagen.dataset.folder import Folder
from datagen.generation.recipe import Recipe
from datagen.schemas import InputError
from datagen.schemas.schema import schema_digest

ANY_QUALITY = 90
"""Of the pictures of a recipe that makes none."""


def recipe_of(folder: Folder) -> Recipe:
    """The recipe, from the manifest, the schema and the profile of a folder.

    Raises InputError where the dataset was not made, or its schema or profile were changed since.
    """
    record = folder.manifest.recipe
    if record is None or folder.profile is None:
        raise InputError(f"{folder.path} was imported, not made; only made datasets have a recipe.")
    if (
        record.table.sha256 != schema_digest(folder.schema)
        or record.profile.sha256 != folder.profile.digest()
    ):
        raise InputError(
            f"The schema or the profile of {folder.path} was changed after it was made; run datagen verify."
        )
    return Recipe(
        schema=folder.schema,
        profile=folder.profile,
        rows=record.rows,
        seed=record.seed,
        image_size=record.image_size,
        jpeg_quality=record.jpeg_quality or ANY_QUALITY,
        shard_rows=record.shard_rows,
        attributes=bool(record.attributes),
        masks=bool(record.masks),
        keypoints=bool(record.keypoints),
        normals=bool(record.normals),
        depth=bool(record.depth),
        where=dict(record.where or {}),
        parts=dict(record.parts or {}),
        balance=record.balance,
        splits=tuple((record.splits or {}).items()),
        like=record.like,
    )
