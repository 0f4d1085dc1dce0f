"""Small indexes by hand-made vectors, and what they hold."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from datagen.train.chat.conversation import Template
from datagen.train.config import load_config
from datagen.train.data.sources import Source, open_source
from datagen.train.retrieval.build import Changes, make_index, update_index
from datagen.train.retrieval.catalogue import load_catalogue
from datagen.train.retrieval.store import open_table
from datagen.train.retrieval.tower import new_about
from datagen.train.retrieval.vectors import PictureVector, hand_made

TEMPLATE = Template()


def source_of(folder: Path) -> Source:
    return open_source(str(folder), TEMPLATE, split=None)


def hand() -> PictureVector:
    return hand_made


def indexed(folder: Path, path: Path, vector: Any = hand, **options: Any) -> Changes:
    """An index of a dataset, as of a smoke run."""
    config = load_config(None, {"data.real": str(folder), "smoke": True})
    return make_index(source_of(folder), path, new_about(config, None, hand), vector, **options)


def updated(folder: Path, path: Path, vector: Any = hand, **options: Any) -> Changes:
    return update_index(source_of(folder), path, vector, **options)


def products(path: Path) -> dict[str, tuple[Any, ...]]:
    """Key -> title, answer, digests and vector: everything but the row number and the picture's bytes."""
    found = load_catalogue(path)
    return {
        key: (
            found.titles[at],
            tuple(found.answers[at].items()),
            found.picture_digests[at],
            *found.vectors[at],
        )
        for at, key in enumerate(found.keys)
    }


def pictures(path: Path) -> dict[str, bytes]:
    table = open_table(path).columns(["row", "key", "picture"])
    return dict(zip(table.column("key").to_pylist(), table.column("picture").to_pylist(), strict=True))


def rows(path: Path) -> list[int]:
    found: list[int] = np.asarray(load_catalogue(path).rows).tolist()
    return found
