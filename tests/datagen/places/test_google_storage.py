"""A dataset in Google's storage: the bytes of the one in a folder, resumed by its records.

The store is an emulator on loopback, which gcsfs talks to as to the real one.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.places import PLAIN, ROWS, contents_of_copy, killed_after_two_shards, stored
from support.sets import Run, contents, garden

from datagen import make
from datagen.dataset.verify import verify_folder
from datagen.places.object_store import StorePlace
from datagen.schemas import InputError
from datagen.schemas.addresses import local_copy

# Before it is imported: it would ask Google for the kind of each bucket, with credentials.
os.environ.setdefault("GCSFS_EXPERIMENTAL_ZB_HNS_SUPPORT", "false")
emulator = pytest.importorskip(
    "gcp_storage_emulator.server", reason="the emulator is not installed (pip install 'datagen[clusters]')"
)
gcsfs = pytest.importorskip("gcsfs", reason="gcsfs is not installed (pip install gcsfs)")
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[str]:
    """An empty bucket, as ``gs://NAME``."""
    server = emulator.create_server("127.0.0.1", 0, in_memory=True, default_bucket="shelf")
    server.start()
    listener = server._api._httpd
    listener.handle_error = lambda *_: None  # the emulator answers some requests twice, to nobody
    port = listener.server_address[1]
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", f"http://127.0.0.1:{port}")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    gcsfs.GCSFileSystem.clear_instance_cache()
    yield "gs://shelf"
    gcsfs.GCSFileSystem.clear_instance_cache()
    server.stop()


def _stored(address: str) -> dict[str, bytes]:
    return stored(address, gcsfs.GCSFileSystem(use_listings_cache=False))


def test_it_has_the_bytes_of_a_folder_and_is_read_like_one(small: Path, bucket: str, run: Run) -> None:
    assert make(24, f"{bucket}/set", **ROWS).where == f"{bucket}/set"
    assert _stored(f"{bucket}/set") == contents(small)
    assert contents_of_copy(f"{bucket}/set/") == contents(small)
    assert run("verify", f"{bucket}/set").exit_code == 0
    StorePlace(f"{bucket}/set").write("data/train-00001-of-00003.parquet", "damaged")
    assert not verify_folder(local_copy(f"{bucket}/set")).whole


def test_killed_after_a_shard_it_makes_the_others_and_replaces_only_when_asked(
    small: Path, bucket: str, tmp_path: Path
) -> None:
    killed_after_two_shards(f"{bucket}/set", StorePlace)
    with pytest.raises(InputError, match=r"no finished dataset at gs://shelf/set: .*--resume"):
        local_copy(f"{bucket}/set")
    assert make(24, f"{bucket}/set", resume=True, **ROWS).rows_made == 4
    assert _stored(f"{bucket}/set") == contents(small)
    with pytest.raises(InputError, match="already exists; give --overwrite"):
        make(12, f"{bucket}/set", **ROWS)
    make(12, f"{bucket}/set", overwrite=True, **ROWS)
    assert _stored(f"{bucket}/set") == contents(garden(tmp_path / "twelve", 12))


def test_a_bucket_that_is_not_there_is_one_sentence(bucket: str) -> None:
    with pytest.raises(InputError, match=r"gs://nowhere/set cannot be used \(.*\); does the bucket exist\?"):
        make(12, "gs://nowhere/set", **PLAIN)
    with pytest.raises(InputError, match=r"names no place for a dataset; give gs://BUCKET/PREFIX"):
        make(12, "gs://shelf", **PLAIN)
