"""Pictures from silhouettes alone, whatever kinds are composed from baked layers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from datagen.render import scene
from datagen.render.composed import packshots, wardrobe


@pytest.fixture(scope="module")
def silhouettes() -> Iterator[None]:
    """For tests of silhouettes, drawn through the scene."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(wardrobe, "COMPOSED", frozenset())
        patch.setattr(packshots, "COMPOSED", frozenset())
        patch.setattr(packshots, "GARMENTS", frozenset())
        scene.clear_caches()
        yield
    scene.clear_caches()
