"""Catalogues whose pictures come by address, and catalogues on the Hub: taken in, killed, gone on with."""

from __future__ import annotations

import json
import os
import random
import signal
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support.command import invoke
from support.hub_server import Hub
from support.photo_server import PhotoServer
from support.sets import contents, garden, rows_of, run, start

from datagen.dataset.verify import verify_folder

BAD = ["status/404/{}", "html/{}", "cut/{}", "gif/{}", "loop/{}"]


def shop(path: Path, addresses: list[str]) -> Path:
    """A shop's Parquet file with a row for each address."""
    table = pa.table(
        {
            "title": [f"Check Hat {at}" for at in range(len(addresses))],
            "product_code": pa.array([10_000_001 + 10 * at for at in range(len(addresses))]),
            "full_price": [450.0] * len(addresses),
            "imageurl": addresses,
        }
    )
    pq.write_table(table, path)
    return path


def test_pictures_come_by_address_and_failures_are_rows(tmp_path: Path) -> None:
    with PhotoServer() as server:
        paths = [f"good/{at}" for at in range(40)]
        for at, form in enumerate(BAD):
            paths[3 + 7 * at] = form.format(at)
        addresses = [server.url(path) for path in paths]
        addresses[1] = "N.A."
        addresses[2] = "ftp://example.com/a.jpg"
        source = shop(tmp_path / "shop.parquet", addresses)
        done = invoke("pull", source, "--out", tmp_path / "out", "--allow-private", "--json")
        assert done.exit_code == 0, done.stderr
        told = json.loads(done.stdout)
        assert (told["rows"], told["rejected"], told["pictures"]) == (33, 7, "links")
        assert all(
            server.count(path) == 1 for path in paths if path.startswith("good") and path not in paths[1:3]
        )
    kept = rows_of(tmp_path / "out")
    assert [row["product_code"] for row in kept] == [
        10_000_001 + 10 * at for at in range(40) if at not in {1, 2} and paths[at].startswith("good")
    ]
    rejected = {
        row["row"]: row["reason"] for row in pq.read_table(tmp_path / "out" / "rejected.parquet").to_pylist()
    }
    assert rejected[1] == "is missing"
    assert rejected[3] == "HTTP 404"
    assert "HTML" in rejected[10]
    assert sorted(rejected) == [1, 2, 3, 10, 17, 24, 31]
    assert verify_folder(tmp_path / "out").whole


def test_private_addresses_are_refused_unasked(tmp_path: Path) -> None:
    with PhotoServer() as server:
        source = shop(tmp_path / "shop.parquet", [server.url("good/1"), server.url("good/2")])
        done = invoke("pull", source, "--out", tmp_path / "out")
        assert done.exit_code == 2
        assert (
            "None of the 2 rows of shop.parquet can be used: 2 x image the address is private" in done.stderr
        )
        assert not server.requests
        assert not (tmp_path / "out").exists()


def test_a_cache_keeps_pictures_for_the_next_pull(tmp_path: Path) -> None:
    with PhotoServer() as server:
        source = shop(tmp_path / "shop.parquet", [server.url(f"good/{at}") for at in range(5)])
        words = ("pull", source, "--allow-private", "--cache", tmp_path / "cache", "--quiet")
        for out in ("a", "b"):
            assert invoke(*words, "--out", tmp_path / out).exit_code == 0
        assert len(server.requests) == 5
    assert contents(tmp_path / "a") == contents(tmp_path / "b")


@pytest.mark.slow
def test_killed_at_any_moment_it_goes_on(tmp_path: Path) -> None:
    """SIGKILL again and again; what had arrived is not fetched again, and the folder is the same."""
    with PhotoServer(latency=0.02) as server:
        paths = [f"good/{at}" if at % 20 else f"status/404/{at}" for at in range(160)]
        source = shop(tmp_path / "shop.parquet", [server.url(path) for path in paths])
        words = ("pull", source, "--allow-private", "--quiet", "--connections", 4, "--per-host", 4)
        assert run(*words, "--out", "whole", cwd=tmp_path).returncode == 0
        server.web.requests.clear()
        rng, kills = random.Random(5), 0
        while not (tmp_path / "out").exists():
            process = start(*words, "--out", "out", cwd=tmp_path)
            until = len(server.requests) + rng.randint(1, 60)
            while process.poll() is None and len(server.requests) < until:
                time.sleep(0.005)
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                kills += 1
            said = process.communicate()[1]
            assert process.returncode in {0, -signal.SIGKILL}, said
        assert kills >= 2
        again = sum(server.count(path) - 1 for path in paths)
        assert 0 <= again <= 2 * 4 * kills  # only what was on its way or being looked at when it was killed
    assert contents(tmp_path / "out") == contents(tmp_path / "whole")


# Sets of the Hub


@pytest.fixture
def hub(tmp_path: Path) -> Hub:
    return Hub(tmp_path / "hub")


def test_any_set_of_the_hub_is_taken_in(tmp_path: Path, hub: Hub) -> None:
    source = shop(tmp_path / "shop.parquet", ["N.A."] * 6)
    with hub:
        card = b"---\nlicense: unknown\n---\n# Prices\n"
        hub.seed(
            "dbq/Shop.Prices",
            {"data/train-00000-of-00001-ab.parquet": source.read_bytes(), "README.md": card},
        )
        environment = hub.environment("alice")
        words = ("pull", "dbq/Shop.Prices", "--no-images", "--json")
        done = run(*words, cwd=tmp_path, environment=environment)
        assert done.returncode == 0, done.stderr
        told = json.loads(done.stdout)
        assert (told["rows"], told["path"], told["source"]) == (6, "Shop.Prices", "dbq/Shop.Prices")
        manifest = json.loads((tmp_path / "Shop.Prices" / "manifest.json").read_text())
        assert manifest["origin"]["commit"] == hub.branches("dbq/Shop.Prices")["main"]
        assert manifest["origin"]["split"] == "train"
        done = run(
            "pull", "dbq/Shop.Prices", "--split", "test", "--out", "x", cwd=tmp_path, environment=environment
        )
        assert done.returncode == 2
        assert "train" in done.stderr
        done = run("pull", "dbq/None", "--out", "x", cwd=tmp_path, environment=environment)
        assert done.returncode == 2
        assert done.stderr.count("\n") == 1


def test_what_was_taken_in_can_be_pushed_and_pulled_back(tmp_path: Path, hub: Hub) -> None:
    garden(tmp_path / "made", 5)
    schema = Path(__file__).parents[2] / "data" / "garden.yaml"
    words = ("pull", tmp_path / "made" / "data", "--schema", schema, "--out", tmp_path / "own", "--quiet")
    assert invoke(*words).exit_code == 0
    with hub:
        for words in (
            ("push", "own", "alice/own", "--quiet"),
            ("pull", "alice/own", "--out", "back", "--quiet"),
            ("pull", "alice/own", "--schema", schema, "--limit", 2, "--out", "two", "--quiet"),
        ):
            done = run(*words, cwd=tmp_path, environment=hub.environment("alice"))
            assert done.returncode == 0, done.stderr
    assert invoke("verify", tmp_path / "back").exit_code == 0
    own, back = contents(tmp_path / "own"), contents(tmp_path / "back")
    own.pop("README.md"), back.pop("README.md")
    assert own == back
    assert len(rows_of(tmp_path / "two")) == 2
