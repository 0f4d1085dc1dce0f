"""A shard that is missing or changed is made again, byte for byte; nothing else is touched."""

from __future__ import annotations

import fcntl
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from support.sets import GARDEN, contents, edit_manifest, garden

from datagen import make
from datagen.cli import main
from datagen.dataset.export.writing import write_export
from datagen.dataset.verify import verify_folder
from datagen.generation.repair import WORK, repair
from datagen.schemas import InputError, RunFailed


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """24 rows with pictures in three shards; not to be changed."""
    return garden(tmp_path_factory.mktemp("repair") / "whole")


@pytest.fixture
def copy(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "set"))


def _shards(folder: Path) -> list[Path]:
    return sorted((folder / "data").iterdir())


def _flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def test_shards_are_made_again_byte_for_byte(whole: Path, copy: Path, tmp_path: Path) -> None:
    first, second, third = _shards(copy)
    kept = third.stat().st_mtime_ns
    first.unlink()
    _flip(second)
    rows: list[tuple[str, int, int | None]] = []
    done = repair(copy, progress=lambda *progress: rows.append(progress))
    assert (done.shards, done.rows) == ((f"data/{first.name}", f"data/{second.name}"), 20)
    assert rows[-1] == ("Making", 20, 20)
    assert contents(copy) == contents(whole)
    assert third.stat().st_mtime_ns == kept
    assert repair(copy).shards == ()


def test_a_link_in_place_of_a_shard_is_replaced_by_the_shard(whole: Path, copy: Path, tmp_path: Path) -> None:
    first = _shards(copy)[0]
    first.rename(tmp_path / "elsewhere")
    first.symlink_to(tmp_path / "elsewhere")
    repair(copy)
    assert not first.is_symlink()
    assert (tmp_path / "elsewhere").is_file()
    assert verify_folder(copy).whole


@pytest.mark.parametrize(
    ("rows", "options"),
    [
        (200, {"splits": {"train": 0.8, "test": 0.2}, "shard_rows": 60}),
        (200, {"where": ["price<500"], "shard_rows": 60}),
        (40, {"count": {"BAGS": 10}, "shard_rows": 15, "seed": 7}),
        (40, {"balance": "wearer", "shard_rows": 15}),
    ],
    ids=["splits", "where", "count", "balance"],
)
def test_every_recipe_can_be_repaired(rows: int, options: dict[str, Any], tmp_path: Path) -> None:
    folder = make(rows, tmp_path / "set", image_size=None, **options).path
    before = contents(folder)
    for path in _shards(folder)[::2]:
        path.unlink()
    assert repair(folder).shards
    assert contents(folder) == before


def test_an_imported_dataset_is_pulled_again(whole: Path, tmp_path: Path) -> None:
    write_export(whole, "csv", tmp_path / "loose")
    source = str(tmp_path / "loose" / "loose.csv")
    words = [
        "pull",
        source,
        "--schema",
        str(GARDEN["schema"]),
        "--no-images",
        "--out",
        str(tmp_path / "real"),
    ]
    assert CliRunner().invoke(main, words).exit_code == 0
    with pytest.raises(InputError, match="was imported, so its shards cannot be made again; run its"):
        repair(tmp_path / "real")


def test_nothing_is_replaced_by_other_bytes(copy: Path) -> None:
    first = _shards(copy)[0]
    first.unlink()

    def other(manifest: dict[str, Any]) -> None:
        manifest["shards"][0]["sha256"] = "0" * 64

    edit_manifest(copy, other)
    with pytest.raises(RunFailed, match="its checksum in the manifest is not that of the recipe"):
        repair(copy)
    edit_manifest(copy, lambda manifest: manifest["versions"].update(numpy="1.0"))
    with pytest.raises(RunFailed, match=r"was made with numpy 1\.0, and this is"):
        repair(copy)
    assert not first.exists()
    assert not (copy / WORK).exists()


def test_of_two_repairs_at_once_the_second_is_refused(copy: Path) -> None:
    handle = os.open(copy, os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)
    with pytest.raises(InputError, match="is being repaired by another process; wait for it"):
        repair(copy)
    os.close(handle)
    repair(copy)


def test_another_recipe_is_refused(copy: Path) -> None:
    edit_manifest(copy, lambda manifest: manifest["recipe"].update(rows=400))
    with pytest.raises(InputError, match="does not give the shards in its manifest"):
        repair(copy)
    (copy / "profile.yaml").write_text((copy / "profile.yaml").read_text().replace("tote", "clutch"))
    with pytest.raises(InputError):
        repair(copy)


def test_the_command_says_what_it_made_again(copy: Path) -> None:
    name = f"data/{_shards(copy)[1].name}"
    (copy / name).unlink()
    first = CliRunner().invoke(main, ["verify", str(copy)])
    assert first.exit_code == 1
    assert f"datagen verify {copy} --repair" in first.stdout
    done = CliRunner().invoke(main, ["verify", str(copy), "--repair"])
    assert done.exit_code == 0
    assert done.stdout.startswith(f"Made {name} again.\n{copy} has no faults: 24 rows in 3 shards.")
    again = CliRunner().invoke(main, ["verify", str(copy), "--repair"])
    assert "there was nothing to repair" in again.stdout
