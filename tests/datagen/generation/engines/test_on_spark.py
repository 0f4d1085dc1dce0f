"""Spark makes the same bytes as this process, and makes only what is missing."""

from __future__ import annotations

import errno
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from support.sets import GARDEN, contents, garden
from support.unfinished_sets import unfinished

from datagen import make
from datagen.generation.engines.machines import Machines
from datagen.generation.engines.on_spark import make_shards
from datagen.generation.make_shard import ShardWork
from datagen.generation.recipe import write_recipe
from datagen.places.folder import FolderPlace
from datagen.places.object_store import StorePlace
from datagen.schemas import InputError, RunFailed

pytest.importorskip("pyspark", reason="PySpark is not installed (pip install 'datagen[spark]')")


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.skipif(not shutil.which("java"), reason="Java is not installed")
def test_spark_makes_the_shards_that_are_missing_and_says_why_it_cannot(small: Path, tmp_path: Path) -> None:
    from pyspark.sql import SparkSession

    # One Java process for both runs: this session is used, and stays.
    session = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false").getOrCreate()
    try:
        unfinished(small, tmp_path / "set", shards=1)
        seen: list[int] = []
        result = make(
            24,
            tmp_path / "set",
            image_size=(64, 64),
            shard_rows=10,
            resume=True,
            engine="spark",
            progress=seen.append,
            **GARDEN,
        )
        assert contents(result.path) == contents(small)
        assert result.rows_made == 14
        assert seen[0] == 10
        assert seen[-1] == 24

        recipe = write_recipe(24, image_size=None, shard_rows=10, **GARDEN)
        nowhere = ShardWork(recipe, tuple(recipe.shards()), FolderPlace(tmp_path / "no"), {})
        with pytest.raises(RunFailed, match="has no folder"):
            list(make_shards(nowhere, [0], Machines(2), lambda rows: None))
        refused = replace(nowhere, place=StorePlace("ftp://bucket/set"))
        with pytest.raises(InputError, match="begins with ftp://"):
            list(make_shards(refused, [0], Machines(2), lambda rows: None))
        unwritable = replace(nowhere, place=FolderPlace(Path("/proc")))
        with pytest.raises(OSError, match="/proc/") as caught:
            list(make_shards(unwritable, [0], Machines(2), lambda rows: None))
        assert caught.value.errno == errno.ENOENT
    finally:
        session.stop()


def test_without_spark_java_or_a_cluster_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match=r"Nothing answers at spark://127.0.0.1:1 \("):
        garden(tmp_path / "set", engine="spark", address="spark://127.0.0.1:1")
    with monkeypatch.context() as patched:
        patched.setenv("PATH", str(tmp_path))
        patched.delenv("JAVA_HOME", raising=False)
        with pytest.raises(InputError, match="Spark needs Java, and none is found; install a Java runtime"):
            garden(tmp_path / "set", engine="spark")
    monkeypatch.setitem(sys.modules, "pyspark", None)
    monkeypatch.setitem(sys.modules, "pyspark.sql", None)
    monkeypatch.setitem(sys.modules, "pyspark.errors", None)
    with pytest.raises(InputError, match=r"needs PySpark; run pip install 'datagen\[spark\]'"):
        garden(tmp_path / "set", engine="spark")
    assert not list(tmp_path.iterdir())
