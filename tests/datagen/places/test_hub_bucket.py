"""A dataset in a storage bucket of the Hub: the bytes of a folder, no commits, resumed by its records.

The Hub is the one on loopback, with Xet storage, since buckets have no other.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from huggingface_hub import constants
from support.hub_clients import run_client, talk_to
from support.hub_server import Hub
from support.places import PLAIN, ROWS, killed_after_two_shards
from support.sets import Run, contents, garden

from datagen import make
from datagen.dataset.verify import verify_folder
from datagen.places.hub_bucket import BucketPlace, bucket_place
from datagen.schemas import InputError, RunFailed
from datagen.schemas.addresses import local_copy

BUCKET, ADDRESS = "alice/shelf", "hf://buckets/alice/shelf/sets/garden"
LOADED = """
    import datasets, json
    rows = datasets.load_dataset(
        "parquet", data_files="hf://buckets/alice/shelf/sets/garden/data/*.parquet", split="train"
    )
    print(json.dumps({"rows": len(rows), "size": rows[0]["picture"].size}))
"""


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """A Hub with Xet storage for the client of this process, as alice; waits take no time."""
    with Hub(tmp_path / "hub") as hub:
        talk_to(hub, tmp_path / "hub-cache", monkeypatch)
        monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", False)
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
        yield hub


def _there(hub: Hub) -> dict[str, bytes]:
    prefix = "sets/garden/"
    return {
        path[len(prefix) :]: content
        for path, content in hub.bucket(BUCKET).items()
        if path.startswith(prefix)
    }


def test_it_has_the_bytes_of_a_folder_and_is_read_like_one(
    hub: Hub, small: Path, tmp_path: Path, run: Run
) -> None:
    made = make(24, ADDRESS, **ROWS)
    assert (made.where, made.rows_made) == (ADDRESS, 24)
    assert _there(hub) == contents(small)
    assert hub.buckets.all[BUCKET].private
    assert not hub.requests("commit")
    # One for each file, a shard with its record in one, one that begins and one that removes the records.
    assert len(hub.requests("bucket_batch")) == len(contents(small)) + 2
    assert verify_folder(local_copy(ADDRESS)).whole
    assert run("verify", ADDRESS).exit_code == 0
    assert run_client(hub, LOADED, tmp_path / "client") == {"rows": 24, "size": [64, 64]}

    BucketPlace(BUCKET, "sets/garden").write("data/train-00001-of-00003.parquet", "damaged")
    assert not verify_folder(local_copy(ADDRESS)).whole


def test_killed_after_any_shard_it_makes_the_others_and_is_not_there_before_its_end(
    hub: Hub, small: Path
) -> None:
    killed_after_two_shards(ADDRESS, BucketPlace)
    with pytest.raises(InputError, match=r"no finished dataset at hf://buckets/.*--resume"):
        local_copy(ADDRESS)
    with pytest.raises(InputError, match="is not finished; give --resume to continue it"):
        make(24, ADDRESS, **ROWS)
    with pytest.raises(InputError, match=r"was started with other settings \(seed 0, not 1\)"):
        make(24, ADDRESS, seed=1, resume=True, **ROWS)
    place = bucket_place(ADDRESS)
    for note in ("[]", "no JSON", json.dumps({"path": 1, "sha256": 2, "bytes": 3, "rows": 4, "families": 5})):
        place.write(".datagen/data/other.json", note)
        assert len(place.resumed().kept) == 2
    hub.tree_page = 2
    assert make(24, ADDRESS, resume=True, **ROWS).rows_made == 4
    assert _there(hub) == contents(small)
    assert make(24, ADDRESS, resume=True, **ROWS).rows_made == 0


def test_what_is_there_already_is_replaced_only_when_asked(hub: Hub, tmp_path: Path) -> None:
    make(24, ADDRESS, **PLAIN)
    with pytest.raises(InputError, match="already exists; give --overwrite"):
        make(24, ADDRESS, **PLAIN)
    make(12, ADDRESS, overwrite=True, **PLAIN)
    assert _there(hub) == contents(garden(tmp_path / "set", 12, image_size=None))
    beside = bucket_place("hf://buckets/alice/shelf/sets/garden-2")
    beside.write("mine.txt", "kept")
    with pytest.raises(InputError, match=r"holds files that this tool did not write \(mine.txt\)"):
        make(12, beside.address, overwrite=True, **PLAIN)
    assert beside.files() == ["mine.txt"]
    assert "mine.txt" not in bucket_place(ADDRESS).files()


def test_a_bucket_that_refuses_is_said_in_one_sentence(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match="may not write to bob"):
        make(12, "hf://buckets/bob/shelf/set", **PLAIN)
    for address in ("hf://buckets/alice/shelf", "hf://buckets/alice/shelf/../x", "hf://buckets/alice"):
        with pytest.raises(
            InputError, match="names no place for a dataset; give hf://buckets/OWNER/NAME/PREF"
        ):
            make(12, address, **PLAIN)
    with pytest.raises(InputError, match="names no place for a dataset; give hf://buckets/OWNER/NAME/PREFIX"):
        local_copy("hf://buckets/alice/shelf")
    with pytest.raises(InputError, match=r"cannot be used|no finished dataset"):
        local_copy("hf://buckets/alice/nowhere/set")
    hub.faults.add("bucket_batch", times=99, status=403)
    with pytest.raises(InputError, match=r"The Hub denied this operation on hf://buckets/.* \(403\)"):
        make(12, ADDRESS, **PLAIN)
    hub.faults.clear()
    bucket_place(ADDRESS).ready()
    failed = {"failed": [{"path": "sets/garden/x", "error": "over quota"}]}
    hub.faults.add("bucket_batch", times=99, body=json.dumps(failed))
    with pytest.raises(RunFailed, match=r"did not take sets/garden/x \(over quota\); run the same command"):
        make(12, ADDRESS, overwrite=True, **PLAIN)
    hub.faults.clear()
    bucket_place(ADDRESS).write("a file", "some")
    hub.tree_page = 0
    with pytest.raises(RunFailed, match=r"a list with over 10 empty pages"):
        bucket_place(ADDRESS).files()
    hub.tree_page = 1000
    with monkeypatch.context() as patched:
        patched.setenv("HF_TOKEN", hub.token("alice", "read"))
        with pytest.raises(InputError, match="read-only"):
            make(12, ADDRESS, overwrite=True, **PLAIN)
