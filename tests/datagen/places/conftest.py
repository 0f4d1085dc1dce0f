"""A small dataset that the tests compare with and copy."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.sets import garden


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What an undisturbed run makes of 24 rows with pictures in three shards; not to be changed."""
    return garden(tmp_path_factory.mktemp("dataset") / "small")
