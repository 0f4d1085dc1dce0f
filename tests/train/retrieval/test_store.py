"""An index that is damaged, incomplete, hostile or of something else is refused in one sentence."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import lancedb as library
import numpy as np
import pyarrow as pa
import pytest
from support.made_index import indexed, updated
from support.sets import ROOT, garden

from datagen.schemas import InputError
from datagen.train.retrieval.catalogue import load_catalogue
from datagen.train.retrieval.store import ABOUT, TABLE, held, lancedb, open_table


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("stores")
    indexed(garden(folder / "shop", 12), folder / "shop.index")
    return folder / "shop.index"


@pytest.fixture
def index(made: Path, tmp_path: Path) -> Path:
    shutil.copytree(made, tmp_path / "shop.index")
    return tmp_path / "shop.index"


def only(folder: Path, pattern: str) -> Path:
    (path,) = folder.rglob(pattern)
    return path


def link(index: Path) -> None:
    data = only(index, "*.lance/data/*.lance")
    shutil.move(data, index.parent / "elsewhere")
    data.symlink_to(index.parent / "elsewhere")


def half(index: Path) -> None:
    data = only(index, "*.lance/data/*.lance")
    data.write_bytes(data.read_bytes()[: data.stat().st_size // 2])


def pipe(index: Path) -> None:
    os.mkfifo(index / f"{TABLE}.lance" / "pipe")


def elsewhere(index: Path) -> None:
    with only(index, "*.manifest").open("ab") as file:
        file.write(b"s3://somebody/else")


FAULTS: dict[str, tuple[Callable[[Path], None], str]] = {
    "no folder": (shutil.rmtree, "is not an index; make one with datagen index SOURCE --out"),
    "no table": (lambda index: shutil.rmtree(index / f"{TABLE}.lance"), "is not an index"),
    "no data": (lambda index: only(index, "*.lance/data/*.lance").unlink(), "is damaged"),
    "half of the data": (half, "is damaged"),
    "no versions": (lambda index: shutil.rmtree(index / f"{TABLE}.lance" / "_versions"), "is damaged"),
    "an empty manifest": (lambda index: only(index, "*.manifest").write_bytes(b""), "is damaged"),
    "a link": (link, "is a link or no file"),
    "a pipe": (pipe, "is a link or no file"),
    "data elsewhere": (elsewhere, "names files elsewhere"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_damaged_index_is_one_sentence(index: Path, fault: str) -> None:
    damage, told = FAULTS[fault]
    damage(index)
    with pytest.raises(InputError) as refused:
        load_catalogue(index)
    said = str(refused.value)
    assert said.startswith(str(index))
    assert told in said
    assert said.endswith(".")
    assert len(said.splitlines()) == 1


def rewritten(index: Path, change: Callable[[pa.Table], pa.Table]) -> None:
    database = library.connect(index)
    table = change(database.open_table(TABLE).to_arrow())
    shutil.rmtree(index / f"{TABLE}.lance")
    database.create_table(TABLE, schema=table.schema).add(table)


def about(table: pa.Table, **changed: object) -> pa.Table:
    text = open_about(table)
    for name, value in changed.items():
        text = text.replace(f'"{name}":{open_value(text, name)}', f'"{name}":{value}')
    return table.replace_schema_metadata({ABOUT: text.encode()})


def open_about(table: pa.Table) -> str:
    return bytes(table.schema.metadata[ABOUT]).decode().replace("\\/", "/")


def open_value(text: str, name: str) -> str:
    return text.split(f'"{name}":')[1].split(",")[0]


@pytest.mark.parametrize(
    "change",
    [
        lambda table: table.replace_schema_metadata(None),
        lambda table: table.replace_schema_metadata({ABOUT: b"[" * 100_000}),
        lambda table: about(table, version=2),
        lambda table: about(table, width=128),
        lambda table: about(table, width=10**12),
        lambda table: table.drop_columns("picture"),
        lambda table: table.append_column("more", pa.array(range(len(table)))),
    ],
)
def test_a_table_of_something_else_is_refused(index: Path, change: Callable[[pa.Table], pa.Table]) -> None:
    rewritten(index, change)
    with pytest.raises(InputError, match=r"was not made by datagen index; make it again\.$"):
        open_table(index)


def test_an_empty_index_and_one_with_equal_row_numbers_are_refused(index: Path, tmp_path: Path) -> None:
    shutil.copytree(index, tmp_path / "b.index")
    rewritten(index, lambda table: table.slice(0, 0))
    with pytest.raises(InputError, match=r"holds no product; bring it up to date with --update\.$"):
        load_catalogue(index)
    rewritten(
        tmp_path / "b.index",
        lambda table: table.set_column(0, "row", pa.array(np.zeros(len(table), dtype=np.int64))),
    )
    with pytest.raises(InputError, match="is damaged"):
        load_catalogue(tmp_path / "b.index")


def test_one_process_changes_an_index_at_a_time(index: Path, tmp_path: Path) -> None:
    shop = garden(tmp_path / "shop", 8)
    with held(index), pytest.raises(InputError, match="Another process is changing"):
        updated(shop, index)
    assert updated(shop, index).products == 8


def test_without_the_library_one_sentence_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "lancedb", None)
    with pytest.raises(InputError, match=r"install it with pip install 'datagen\[rag\]'\.$"):
        lancedb()


def test_no_module_loads_the_library_before_it_is_needed() -> None:
    for path in (ROOT / "train").rglob("*.py"):
        assert not re.search(
            r"^\s*(import|from) (lancedb|lance)\b", path.read_text(encoding="utf-8"), re.MULTILINE
        )
