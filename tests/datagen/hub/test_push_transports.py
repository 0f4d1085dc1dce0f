"""Pushing through LFS and Xet storage: the real command and the official libraries in their own processes."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from support.command import invoke
from support.hub_clients import run_client, talk_to
from support.hub_server import Hub
from support.pushed_sets import SET, nothing_was_sent, shards
from support.sets import contents, garden, rows_of
from support.sets import run as run_command

# The official client uploads through LFS in a way that httpx2 finds old-fashioned.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")


LOADED = """
    import hashlib, io, json
    from datasets import Image, load_dataset

    whole = load_dataset("alice/set", split="train", revision="v1")
    whole = whole.cast_column("picture", Image(decode=False))
    streamed = load_dataset("alice/set", split="train", streaming=True)
    first = next(iter(streamed))
    print(json.dumps({
        "codes": whole["sku"][:],
        "pictures": [hashlib.sha256(row["picture"]["bytes"]).hexdigest() for row in whole],
        "streamed": [row["sku"] for row in streamed],
        "size": first["picture"].size,
    }))
"""


@pytest.mark.slow
@pytest.mark.parametrize("xet", [True, False], ids=["xet", "lfs"])
def test_both_transports_there_and_back(tmp_path: Path, whole_set: Path, xet: bool) -> None:
    with Hub(tmp_path / "hub", xet=xet) as hub:
        faults = []
        if xet:
            faults = [hub.faults.add(route, status=503) for route in ("xet_write", "xorb", "shard", "commit")]
        environment = hub.environment("alice")
        done = run_command("push", whole_set, SET, "--tag", "v1", cwd=tmp_path, environment=environment)
        assert done.returncode == 0, done.stderr
        assert all(fault.hits for fault in faults)
        assert bool(hub.requests("xorb")) == xet != bool(hub.requests("put"))
        hub.log.clear()
        done = run_command("push", whole_set, SET, "--json", cwd=tmp_path, environment=environment)
        assert json.loads(done.stdout)["sent"] == 0
        assert nothing_was_sent(hub)
        loaded = run_client(hub, LOADED, tmp_path / "client")
        rows = rows_of(whole_set)
        assert loaded["codes"] == loaded["streamed"] == [row["sku"] for row in rows]
        assert loaded["pictures"] == [hashlib.sha256(row["picture"]["bytes"]).hexdigest() for row in rows]
        assert loaded["size"] == [64, 64]
        done = run_command("pull", f"{SET}@v1", "--out", "back", cwd=tmp_path, environment=environment)
        assert done.returncode == 0, done.stderr
        here, back = contents(whole_set), contents(tmp_path / "back")
        assert here.pop("README.md").decode().count("load_dataset(") == 1
        assert f'load_dataset("{SET}", split="train")' in back.pop("README.md").decode()
        assert here == back


@pytest.mark.slow
def test_xet_storage_that_stays_away_is_one_sentence(tmp_path: Path, few_rows: Path) -> None:
    with Hub(tmp_path / "hub") as hub:
        hub.faults.add("xet_write", times=10**6, status=403)
        done = run_command("push", few_rows, SET, cwd=tmp_path, environment=hub.environment("alice"))
        assert done.returncode in {1, 2}
        assert "Traceback" not in done.stderr
        assert len([line for line in done.stderr.splitlines() if line.startswith("Error: ")]) == 1
        assert shards(hub) == []


@pytest.mark.slow
def test_mixtures_load_by_config_and_split(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for seed, place in enumerate(("real", "synthetic", "mixed/train", "mixed/validation", "mixed/test")):
        garden(tmp_path / "mixture" / place, 4 + seed, seed=seed, image_size=None)
    code = """
        import json
        from datasets import get_dataset_config_names, load_dataset
        names = get_dataset_config_names("alice/set")
        sets = {name: load_dataset("alice/set", name) for name in names}
        print(json.dumps({name: {s: len(rows) for s, rows in of.items()} for name, of in sets.items()}))
    """
    with Hub(tmp_path / "hub", xet=False) as hub:
        talk_to(hub, tmp_path / "cache", monkeypatch)
        done = invoke("push", tmp_path / "mixture", SET)
        assert done.exit_code == 0, done.stderr
        assert run_client(hub, code, tmp_path / "client") == {
            "mixed": {"train": 6, "validation": 7, "test": 8},
            "real": {"train": 4},
            "synthetic": {"train": 5},
        }
        more = garden(tmp_path / "more", 9, seed=9, image_size=None)
        for words in (["--config", "real", "--split", "test"], ["--config", "extra", "--split", "dev"]):
            done = invoke("push", more, SET, *words)
            assert done.exit_code == 0, done.stderr
        loaded = run_client(hub, code, tmp_path / "second")
        assert loaded["real"] == {"train": 4, "test": 9}
        assert loaded["extra"] == {"dev": 9}
        assert loaded["mixed"] == {"train": 6, "validation": 7, "test": 8}
        done = invoke("pull", SET, "--out", tmp_path / "back")
        assert done.exit_code == 0, done.stderr
        hub.log.clear()
        done = invoke("push", tmp_path / "back", SET, "--json")
        assert done.exit_code == 0, done.stderr
        assert json.loads(done.stdout)["sent"] == 0
