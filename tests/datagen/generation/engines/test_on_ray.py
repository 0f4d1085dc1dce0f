"""Ray makes the same bytes as this process, and makes only what is missing."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.sets import GARDEN, contents, garden
from support.unfinished_sets import unfinished

from datagen import make
from datagen.generation.engines.machines import Machines
from datagen.generation.engines.on_ray import make_shards
from datagen.generation.make_shard import ShardWork
from datagen.generation.recipe import write_recipe
from datagen.places.folder import FolderPlace
from datagen.schemas import InputError, RunFailed

cluster_utils = pytest.importorskip(
    "ray.cluster_utils", reason="Ray is not installed (pip install 'datagen[ray]')"
)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """A cluster on this machine, of one node."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        cluster = cluster_utils.Cluster(initialize_head=True, head_node_args={"num_cpus": 2})
        yield str(cluster.address)
        cluster.shutdown()


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_cluster_makes_the_shards_that_are_missing_and_says_why_it_cannot(
    small: Path, tmp_path: Path, address: str
) -> None:
    work = unfinished(small, tmp_path / "set", shards=2)
    (work / "data" / "train-00000-of-00003.parquet").write_bytes(b"half")
    seen: list[int] = []
    result = make(
        24,
        tmp_path / "set",
        image_size=(64, 64),
        shard_rows=10,
        resume=True,
        engine="ray",
        address=address,
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
        list(make_shards(nowhere, [0], Machines(2, address), lambda rows: None))
    import ray

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ray, "__version__", "2.0.0")
        with pytest.raises(InputError, match=r"Ray cannot be used \(Version mismatch"):
            list(make_shards(nowhere, [0], Machines(2, address), lambda rows: None))


def test_without_ray_and_without_a_cluster_it_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(InputError, match=r"Nothing answers at 127.0.0.1:1 \(.*\); give the --address"):
        garden(tmp_path / "set", engine="ray", address="127.0.0.1:1")
    with pytest.raises(InputError, match="'nonsense' is not the address of a Ray cluster; give HOST:PORT"):
        garden(tmp_path / "set", engine="ray", address="nonsense")
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(InputError, match=r"needs Ray; run pip install 'datagen\[ray\]'"):
        garden(tmp_path / "set", engine="ray")
    assert not list(tmp_path.iterdir())
