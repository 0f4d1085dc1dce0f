"""A small wardrobe in place of the installed one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from datagen.render import scene
from datagen.render.baked import layers
from datagen.render.composed import wardrobe
from tests.support.baked import write_wardrobe

KINDS = frozenset({"t_shirt", "trousers", "trench_coat", "field_jacket"})


@pytest.fixture(scope="session")
def wardrobe_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("baked")
    write_wardrobe(folder)
    return folder


@pytest.fixture
def small_wardrobe(wardrobe_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    index, figure, garment, folder = layers.index, layers.figure, layers.garment, wardrobe_folder
    monkeypatch.setattr(layers, "index", lambda where=folder: index(where))
    monkeypatch.setattr(layers, "figure", lambda name, where=folder: figure(name, where))
    monkeypatch.setattr(
        layers, "garment", lambda kind, cut, name, where=folder: garment(kind, cut, name, where)
    )
    monkeypatch.setattr(wardrobe, "COMPOSED", KINDS)
    scene.clear_caches()
    yield
    scene.clear_caches()
