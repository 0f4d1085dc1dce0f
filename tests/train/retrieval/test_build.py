"""An index agrees with its dataset after whatever was changed and whenever a process was killed."""

from __future__ import annotations

import os
import shutil
import signal
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support.forked import FORKED
from support.made_index import TEMPLATE, hand, indexed, pictures, products, rows, source_of, updated
from support.sets import garden, replace_shard, rows_of

from datagen.schemas import InputError
from datagen.train.config import load_config
from datagen.train.data.picture_features import F32
from datagen.train.data.sources import open_source
from datagen.train.retrieval import build
from datagen.train.retrieval.build import Changes, make_index
from datagen.train.retrieval.store import part_of
from datagen.train.retrieval.tower import new_about
from datagen.train.retrieval.vectors import PictureVector, hand_made


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return garden(tmp_path_factory.mktemp("shops") / "shop", 24)


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return garden(tmp_path_factory.mktemp("shops") / "other", 20, seed=5)


@pytest.fixture
def changed(shop: Path, tmp_path: Path) -> Path:
    """The shop with another price, another picture, and one product less."""
    folder = tmp_path / "changed"
    shutil.copytree(shop, folder, ignore=shutil.ignore_patterns("README.md"))
    table = pq.read_table(sorted((folder / "data").iterdir())[0])
    some = table.to_pylist()
    price = source_of(shop).columns["full_price"]
    some[1][price] += 5.0
    some[2]["picture"] = some[5]["picture"]
    replace_shard(folder, 0, pa.Table.from_pylist(some[:-1], schema=table.schema))
    return folder


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


class Counting:
    """Hand-made vectors, counted; the process is killed at one of them."""

    def __init__(self, die: int | None = None) -> None:
        self.count, self.die = 0, die

    def __call__(self) -> PictureVector:
        return self.made

    def made(self, picture: Any) -> F32:
        if self.count == self.die:
            os.kill(os.getpid(), signal.SIGKILL)
        self.count += 1
        return hand_made(picture)


def test_an_index_holds_every_product_with_its_picture(shop: Path, tmp_path: Path) -> None:
    done = indexed(shop, tmp_path / "shop.index")
    assert done == Changes(products=24, added=24, replaced=0, removed=0, kept=0, seen=24, left_out=0)
    assert sorted(names(tmp_path)) == ["shop.index"]
    found, source = products(tmp_path / "shop.index"), source_of(shop)
    assert list(found) == source.codes()
    assert len(list((tmp_path / "shop.index" / "products.lance" / "data").iterdir())) == 1
    assert rows(tmp_path / "shop.index") == list(range(24))
    seen = pictures(tmp_path / "shop.index")
    for number, (key, values) in enumerate(found.items()):
        row = source.row(number)
        assert seen[key] == row[TEMPLATE.image]["bytes"]
        assert values[0] == source.titles()[number]
        assert dict(values[1]) == TEMPLATE.fields(row)
        assert np.array_equal(np.array(values[3:], np.float32), hand_made(row[TEMPLATE.image]))


def test_an_update_leaves_what_a_new_index_would_hold(
    shop: Path, other: Path, changed: Path, tmp_path: Path
) -> None:
    path, counting = tmp_path / "shop.index", Counting()
    indexed(shop, path)
    before = dict(zip(products(path), rows(path), strict=True))
    done = updated(changed, path, counting)
    # The other price and the other picture; the picture is one that the index has, so nothing is seen twice.
    assert done == Changes(products=23, added=0, replaced=2, removed=1, kept=21, seen=1, left_out=0)
    assert counting.count == 1
    indexed(changed, tmp_path / "new.index")
    assert products(path) == products(tmp_path / "new.index")
    assert dict(zip(products(path), rows(path), strict=True)).items() <= before.items()
    assert updated(changed, path, Counting(die=0)) == replace(done, replaced=0, removed=0, kept=23, seen=0)
    done = updated(other, path, keep=True)
    codes = set(source_of(other).codes() or ()) - set(source_of(changed).codes() or ())
    assert done.added == len(codes)
    assert done.removed == 0
    assert rows(path)[-len(codes) :] == list(range(24, 24 + len(codes)))
    assert len(products(path)) == 23 + len(codes)
    updated(other, path)
    indexed(other, tmp_path / "other.index")
    assert products(path).items() == products(tmp_path / "other.index").items()


def test_rows_without_a_picture_are_left_out_and_without_codes_contents_are_keys(
    shop: Path, tmp_path: Path
) -> None:
    some = rows_of(shop)
    some[3]["picture"] = {"bytes": b"no picture", "path": None}
    some[4]["picture"] = None
    some += some[:1]
    schema = pq.read_schema(next((shop / "data").iterdir()))
    pq.write_table(pa.Table.from_pylist(some, schema=schema), tmp_path / "a.parquet")
    path = tmp_path / "a.index"

    columns = source_of(shop).columns
    source = open_source(str(tmp_path / "a.parquet"), TEMPLATE, columns=columns)
    config = load_config(None, {"data.real": "a", "smoke": True})
    done = make_index(source, path, new_about(config, None, hand), hand)
    assert (done.products, done.left_out) == (23, 2)
    keys = list(products(path))
    assert keys[-1] == f"{keys[0]}-2"


def test_two_rows_of_one_code_are_refused(shop: Path, tmp_path: Path) -> None:
    twice = tmp_path / "twice"
    shutil.copytree(shop, twice, ignore=shutil.ignore_patterns("README.md"))
    table = pq.read_table(sorted((twice / "data").iterdir())[0])
    replace_shard(twice, 0, pa.concat_tables([table, table.slice(0, 1)]))
    with pytest.raises(InputError, match=r"has two rows with the code '.*'; remove one of them\.$"):
        indexed(twice, tmp_path / "a.index")
    assert names(tmp_path) == ["twice"]


def test_an_existing_index_is_only_replaced_on_demand(shop: Path, other: Path, tmp_path: Path) -> None:
    path = tmp_path / "shop.index"
    indexed(shop, path)
    with pytest.raises(InputError, match="already exists; bring it up to date with --update"):
        indexed(other, path)
    indexed(other, path, overwrite=True)
    assert len(products(path)) == 20
    shutil.copytree(path, tmp_path / "shop.index.old")  # a copy of the user's, which nobody touches
    shutil.copytree(path, tmp_path / "shop.index.part")
    updated(other, path)
    assert sorted(names(tmp_path)) == ["shop.index", "shop.index.old", "shop.index.part"]
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "a.txt").write_text("mine")
    with pytest.raises(InputError, match=r"is not an index \(a.txt\)"):
        indexed(other, tmp_path / "notes", overwrite=True)
    assert (tmp_path / "notes" / "a.txt").read_text() == "mine"


def _child(folder: Path, path: Path, die: int) -> None:
    """Make an index, or change it, and die at a picture."""
    build.BATCH = 4
    call: Any = updated if path.exists() else indexed
    call(folder, path, Counting(die))


def killed(folder: Path, path: Path, die: int) -> None:
    process = FORKED.Process(target=_child, args=(folder, path, die))
    process.start()
    process.join(300)
    assert process.exitcode == -signal.SIGKILL


@pytest.mark.slow
@pytest.mark.usefixtures("_server")
def test_a_new_index_that_is_killed_is_continued(shop: Path, tmp_path: Path) -> None:
    path, counting = tmp_path / "shop.index", Counting()
    killed(shop, path, die=10)
    assert not path.exists()
    assert part_of(path).is_dir()
    done = indexed(shop, path, counting)
    assert counting.count == done.seen == 24 - 8  # two whole batches of four are kept
    indexed(shop, tmp_path / "new.index")
    assert products(path) == products(tmp_path / "new.index")
    assert sorted(names(tmp_path)) == ["new.index", "shop.index"]


@pytest.mark.slow
@pytest.mark.usefixtures("_server")
def test_an_index_is_whole_if_a_change_of_it_is_killed(shop: Path, other: Path, tmp_path: Path) -> None:
    path = tmp_path / "shop.index"
    indexed(shop, path)
    before = products(path)
    killed(other, path, die=9)
    assert products(path) == before
    updated(other, path)
    assert len(products(path)) == 20


@pytest.mark.parametrize("at", [0, 1, 2])
def test_a_replacement_that_is_killed_is_undone_or_finished(
    shop: Path, other: Path, tmp_path: Path, at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "shop.index"
    indexed(shop, path)
    before = products(path)
    step = [0]

    def here(*_: Any, **__: Any) -> None:
        step[0] += 1
        if step[0] > at:
            raise KeyboardInterrupt  # nothing is done after it, as after a kill

    with monkeypatch.context() as patch:
        for owner, name in ((Path, "rename"), (shutil, "rmtree")):
            done = getattr(owner, name)

            def watched(*given: Any, done: Any = done, **options: Any) -> Any:
                if str(given[0]).endswith((".index", ".index.part", ".index.old")):
                    here()
                return done(*given, **options)

            patch.setattr(owner, name, watched)
        with pytest.raises(KeyboardInterrupt):
            indexed(other, path, overwrite=True)
    # Before the old one is moved aside, when no index has the name, and when the old one is still there.
    assert len(products(path)) == (20 if at == 2 else 24)
    assert at == 2 or products(path) == before
    indexed(other, path, overwrite=True)
    assert len(products(path)) == 20
    assert sorted(names(tmp_path)) == ["shop.index"]
