"""What the tests of dataset folders share: small datasets, the real command, and faults put into a folder."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from click.testing import Result

from datagen import make
from datagen.schemas.folder import read_manifest

ROOT = Path(__file__).parents[2]
DATA = ROOT / "tests" / "data"
GARDEN = {"schema": DATA / "garden.yaml", "profile": DATA / "garden.profile.yaml"}
"""The other catalogue: its schema and profile share no name with the first."""
DATAGEN = (sys.executable, "-m", "datagen")
Run = Callable[..., Result]
"""The command, called in this process: takes its arguments, returns its result."""
OPTIONS = ("--schema", str(GARDEN["schema"]), "--profile", str(GARDEN["profile"]))
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}


def garden(out: Path, rows: int = 24, **options: Any) -> Path:
    """A small garden dataset in ``out``; by default pictures of 64 x 64 and ten rows per shard."""
    return make(rows, out, **{**GARDEN, "image_size": (64, 64), "shard_rows": 10, **options}).path


def start(
    *arguments: object, cwd: Path, environment: dict[str, str] | None = None, **options: Any
) -> subprocess.Popen[str]:
    """The real command in its own process group, as a shell starts it."""
    return subprocess.Popen(
        [*DATAGEN, *map(str, arguments)],
        cwd=cwd,
        env={**ENVIRONMENT, **(environment or {})},
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        **options,
    )


def run(*arguments: object, cwd: Path, **options: Any) -> subprocess.CompletedProcess[str]:
    """The real command, run to its end."""
    with start(*arguments, cwd=cwd, **options) as process:
        out, err = process.communicate(timeout=90)
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def wait_for(condition: Callable[[], bool], seconds: float = 60) -> None:
    """Wait until ``condition()`` is true; fails after ``seconds``."""
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, f"not true within {seconds:g} s"
        time.sleep(0.01)


def children(process: subprocess.Popen[str], called: str = "") -> list[int]:
    """The processes that a process started, those with ``called`` in their command line."""
    listed = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    return [int(pid) for pid in listed if called in Path(f"/proc/{pid}/cmdline").read_text()]


def contents(folder: Path) -> dict[str, bytes]:
    """Every file of a folder, hidden ones too, and its bytes."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def rows_of(folder: Path) -> list[dict[str, Any]]:
    """The rows of a dataset, in order."""
    rows: list[dict[str, Any]] = []
    for path in sorted((folder / "data").iterdir()):
        rows += pq.read_table(path).to_pylist()
    return rows


def edit_manifest(folder: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """Change the manifest in place."""
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    change(manifest)
    path.write_text(json.dumps(manifest), encoding="utf-8")


def replace_shard(folder: Path, at: int, table: pa.Table) -> None:
    """Rewrite a shard and its manifest entry: a fault that checksums cannot reveal."""
    path = folder / read_manifest(folder).shards[at].path
    pq.write_table(table, path)

    def update_entry(manifest: dict[str, Any]) -> None:
        entry = manifest["shards"][at]
        entry["bytes"] = path.stat().st_size
        entry["sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()

    edit_manifest(folder, update_entry)


def change_cell(folder: Path, row: int, column: str, value: object, shard_rows: int = 10) -> None:
    """Put ``value`` into one cell of a dataset; ``row`` counts over all shards."""
    at, within = divmod(row, shard_rows)
    table = pq.read_table(sorted((folder / "data").iterdir())[at])
    rows = table.to_pylist()
    rows[within][column] = value
    replace_shard(folder, at, pa.Table.from_pylist(rows, schema=table.schema))
