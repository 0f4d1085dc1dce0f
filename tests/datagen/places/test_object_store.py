"""A dataset in an object store: the bytes of the one in a folder, whole or not there, resumed by its records.

The store is a real S3 server on loopback.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.places import PLAIN, ROWS, contents_of_copy, killed_after_two_shards, stored
from support.sets import GARDEN, OPTIONS, Run, contents, garden

from datagen import make
from datagen.dataset.verify import verify_folder
from datagen.generation.recipe import write_recipe
from datagen.places.object_store import NOTES, StorePlace
from datagen.schemas import InputError, RunFailed
from datagen.schemas.addresses import local_copy

moto = pytest.importorskip("moto.server", reason="moto is not installed (pip install 'moto[server]' s3fs)")
s3fs = pytest.importorskip("s3fs", reason="s3fs is not installed (pip install s3fs)")
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The address of an S3 server with one bucket."""
    running = moto.ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    running.start()
    host, port = running.get_host_and_port()
    yield f"http://{host}:{port}"
    running.stop()


@pytest.fixture
def bucket(server: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[str]:
    """An empty bucket, as ``s3://NAME``."""
    for name in [each for each in os.environ if each.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_ENDPOINT_URL", server)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    s3fs.S3FileSystem.clear_instance_cache()
    system = s3fs.S3FileSystem(use_listings_cache=False)
    system.mkdir("shelf")
    yield "s3://shelf"
    system.rm("shelf", recursive=True)
    s3fs.S3FileSystem.clear_instance_cache()


def _stored(address: str) -> dict[str, bytes]:
    return stored(address, s3fs.S3FileSystem(use_listings_cache=False))


def test_it_has_the_bytes_of_a_folder_and_is_read_like_one(
    small: Path, bucket: str, tmp_path: Path, run: Run
) -> None:
    made = make(24, f"{bucket}/set", **ROWS)
    assert made.where == made.as_json()["path"] == f"{bucket}/set"
    assert _stored(f"{bucket}/set") == contents(small)
    assert contents_of_copy(f"{bucket}/set/") == contents(small)

    assert run("verify", f"{bucket}/set").exit_code == 0
    sheet = tmp_path / "sheet.jpg"
    assert run("preview", f"{bucket}/set", "--out", str(sheet)).exit_code == 0
    assert sheet.is_file()
    shard = "data/train-00001-of-00003.parquet"
    StorePlace(f"{bucket}/set").write(shard, "damaged")
    assert not verify_folder(local_copy(f"{bucket}/set")).whole
    assert "works on folders of this machine" in run("verify", f"{bucket}/set", "--repair").stderr


def test_killed_after_any_shard_it_makes_the_others_and_is_not_there_before_its_end(
    small: Path, bucket: str
) -> None:
    killed_after_two_shards(f"{bucket}/set", StorePlace)
    with pytest.raises(InputError, match=r"no finished dataset at s3://shelf/set: .*--resume"):
        local_copy(f"{bucket}/set")
    with pytest.raises(InputError, match="is not finished; give --resume to continue it"):
        make(24, f"{bucket}/set", **ROWS)
    with pytest.raises(InputError, match=r"was started with other settings \(seed 0, not 1\)"):
        make(24, f"{bucket}/set", seed=1, resume=True, **ROWS)
    made = make(24, f"{bucket}/set", resume=True, **ROWS)
    assert made.rows_made == 4
    assert _stored(f"{bucket}/set") == contents(small)
    assert make(24, f"{bucket}/set", resume=True, **ROWS).rows_made == 0


def test_what_is_there_already_is_replaced_only_when_asked(bucket: str, tmp_path: Path) -> None:
    make(24, f"{bucket}/set", **PLAIN)
    with pytest.raises(InputError, match="already exists; give --overwrite"):
        make(24, f"{bucket}/set", **PLAIN)
    with pytest.raises(InputError, match=r"differs in seed 0, not 1; give --overwrite"):
        make(24, f"{bucket}/set", seed=1, resume=True, **PLAIN)
    make(12, f"{bucket}/set", overwrite=True, **PLAIN)
    assert _stored(f"{bucket}/set") == contents(garden(tmp_path / "set", 12, image_size=None))
    StorePlace(f"{bucket}/other").write("mine.txt", "kept")
    with pytest.raises(InputError, match=r"holds files that this tool did not write \(mine.txt\)"):
        make(12, f"{bucket}/other", overwrite=True, **PLAIN)
    assert StorePlace(f"{bucket}/other").files() == ["mine.txt"]
    StorePlace(f"{bucket}/odd").write("manifest.json", "{}")
    with pytest.raises(InputError, match="odd"):
        make(12, f"{bucket}/odd", overwrite=True, **PLAIN)


def test_the_command_says_where_it_is_and_how_to_load_it(bucket: str, run: Run) -> None:
    words = ("make", "--rows", "12", "--no-images", *OPTIONS, "--out", f"{bucket}/set")
    done = run(*words)
    assert done.exit_code == 0
    said = " ".join(done.stdout.split())
    assert f"Made {bucket}/set" in said
    assert f"datagen verify {bucket}/set" in said
    assert "data_files='s3://shelf/set/data/*.parquet'" in said
    assert "--dry-run checks a folder" in run(*words, "--dry-run").stderr


def test_a_record_of_another_size_or_of_nothing_is_not_believed(bucket: str) -> None:
    shard = write_recipe(24, image_size=None, shard_rows=10, **GARDEN).shards()[0]
    place = StorePlace(f"{bucket}/set", frozenset({f"{NOTES}/{shard.name}.json"}))
    assert place.written(shard) is None
    for note in (
        "[]",
        "no JSON",
        '{"path": "x"}',
        '{"path": 1, "sha256": 2, "bytes": 3, "rows": 4, "families": 5}',
    ):
        place.write(f"{NOTES}/{shard.name}.json", note)
        assert place.written(shard) is None


def test_a_store_that_refuses_is_said_in_one_sentence(
    bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: Run
) -> None:
    with pytest.raises(InputError, match=r"s3://nowhere/set cannot be used \(.*\); does the bucket exist\?"):
        make(12, "s3://nowhere/set", **PLAIN)
    with pytest.raises(InputError, match=r"ftp://x/y begins with ftp://, and only s3://, gs://, hf://"):
        make(12, "ftp://x/y", **PLAIN)
    with pytest.raises(InputError, match=r"names no place for a dataset; give s3://BUCKET/PREFIX"):
        make(12, "s3://shelf", **PLAIN)

    async def refuses(*arguments: Any, **options: Any) -> None:
        raise PermissionError("Access Denied")

    with monkeypatch.context() as patched:
        patched.setattr(s3fs.S3FileSystem, "_pipe_file", refuses)
        s3fs.S3FileSystem.clear_instance_cache()
        with pytest.raises(InputError, match=r"refuses access \(Access Denied\); give credentials"):
            make(12, f"{bucket}/set", **PLAIN)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    s3fs.S3FileSystem.clear_instance_cache()
    monkeypatch.setattr(s3fs.S3FileSystem, "retries", 1)
    done = run("make", "--rows", "12", "--no-images", *OPTIONS, "--out", f"{bucket}/set")
    assert done.exit_code == 1
    assert done.stderr.count("\n") == 1
    assert not list(tmp_path.glob("s3*"))
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    s3fs.S3FileSystem.clear_instance_cache()
    with pytest.raises((InputError, RunFailed), match="redentials"):
        make(12, f"{bucket}/set", **PLAIN)
