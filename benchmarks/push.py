"""Pushing a dataset with pictures to a Hub on loopback, against the client's plain upload of the same files.

    python benchmarks/push.py [--rows 3040] [--size 480x640] [--folder DIR] [--runs 3]

Both transports. Each run has a fresh Hub in a process of its own; the best run counts, since other work on
the machine can only slow one down. Whole: the command as a user types it. Sending: without the check of
the folder, which the plain upload does not have.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
PLAIN = """
import sys, time
from huggingface_hub import HfApi
began = time.perf_counter()
HfApi().create_repo("alice/set", repo_type="dataset")
HfApi().upload_folder(folder_path=sys.argv[1], repo_id="alice/set", repo_type="dataset")
print(time.perf_counter() - began)
"""
OURS = """
import sys, time
from datagen.hub.push import push
from datagen.dataset.verify import verify_folder
began = time.perf_counter()
verify_folder(sys.argv[1])
checked = time.perf_counter()
push(sys.argv[1], "alice/set")
print(time.perf_counter() - checked - (checked - began))
"""


@contextlib.contextmanager
def fresh_hub(xet: bool) -> Iterator[dict[str, str]]:
    """An empty Hub; yields the environment of a client that talks to it."""
    command = [
        sys.executable,
        "-m",
        "tests.support.hub_server",
        "--port",
        "0",
        "--quiet",
        *["--no-xet"] * (not xet),
    ]
    with tempfile.TemporaryDirectory() as home:
        hub = subprocess.Popen(
            [*command, "--folder", f"{home}/hub"], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        url = (hub.stdout.readline() if hub.stdout else "").split()[3].rstrip(",")
        client = {"HF_ENDPOINT": url, "HF_TOKEN": "hf_alice", "HF_HOME": home, "PYTHONPATH": str(ROOT)}
        client |= {"HF_HUB_DISABLE_XET": "0" if xet else "1", "HF_HUB_DISABLE_PROGRESS_BARS": "1"}
        try:
            yield {**os.environ, **client}
        finally:
            hub.terminate()
            hub.wait()


def seconds(command: list[str], xet: bool) -> tuple[float, float]:
    """The wall time of a process that uses a fresh Hub, and the time that it prints, if any."""
    with fresh_hub(xet) as environment:
        began = time.perf_counter()
        done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
        wall = time.perf_counter() - began
    printed = done.stdout.splitlines()[-1]
    return wall, float("nan") if printed.startswith("{") else float(printed)


def compare(folder: Path, xet: bool, runs: int) -> str:
    """What one transport takes: the whole command, its sending, and the plain upload."""
    python = [sys.executable]
    whole, sending, plain_whole, plain = [], [], [], []
    for _ in range(runs):
        whole.append(seconds([*python, "-m", "datagen", "push", str(folder), "alice/set", "--json"], xet)[0])
        sending.append(seconds([*python, "-c", OURS, str(folder)], xet)[1])
        process, inside = seconds([*python, "-c", PLAIN, str(folder)], xet)
        plain_whole.append(process)
        plain.append(inside)
    return (
        f"{'Xet' if xet else 'LFS'} {min(whole):.1f} s, plain upload {min(plain_whole):.1f} s "
        f"({min(whole) / min(plain_whole):.1f} x); sending {min(sending):.1f} s, plain {min(plain):.1f} s "
        f"({min(sending) / min(plain):.1f} x)"
    )


def main() -> None:
    """Print one line of figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=3040)
    parser.add_argument("--size", default="480x640")
    parser.add_argument("--folder", type=Path, help="an existing dataset instead of a new one")
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as workspace:
        folder = options.folder or Path(workspace) / "set"
        if not options.folder:
            make = ["make", "--rows", str(options.rows), "--image-size", options.size, "--out", str(folder)]
            environment = {**os.environ, "PYTHONPATH": str(ROOT)}
            subprocess.run(
                [sys.executable, "-m", "datagen", *make, "--quiet"], check=True, env=environment, cwd=ROOT
            )
        shards = json.loads((folder / "manifest.json").read_text())["shards"]
        rows, size = sum(shard["rows"] for shard in shards), sum(shard["bytes"] for shard in shards)
        figures = "; ".join(compare(folder.resolve(), xet, options.runs) for xet in (True, False))
    print(f"push: {rows:,} rows, {size / 1e6:.0f} MB in {len(shards)} shards: {figures}")


if __name__ == "__main__":
    main()
