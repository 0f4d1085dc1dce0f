"""What the driver asks of the Hub for a dataset in a repository: commits of 50 shards, and one of all."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

from push import fresh_hub

from engine_parts.runs import LONGEST

CHILD = """
import json, sys, time
from datagen import make
from datagen.hub.client import connect
from datagen.hub.files import list_files
from datagen.places.hub_repository import HubPlace

took = {"publish": 0.0, "collect": 0.0, "finish": 0.0}

def timed(name):
    call = getattr(HubPlace, name)
    def measured(*arguments):
        began = time.perf_counter()
        try:
            return call(*arguments)
        finally:
            took[name] += time.perf_counter() - began
    setattr(HubPlace, name, measured)

for name in list(took):
    timed(name)
shards = int(sys.argv[1])
make(20 * shards, "hf://datasets/alice/set", image_size=None, shard_rows=20, workers=1)
began = time.perf_counter()
files = list_files(connect(), "alice/set", connect().repo_info("alice/set", repo_type="dataset").sha)
took["list"] = time.perf_counter() - began
print(json.dumps(took))
"""


def commits() -> None:
    """Seconds for 100 and for 1,000 shards, on a Hub on loopback that stores by Xet, and for each more."""
    few, many = _seconds(100), _seconds(1000)
    each = {name: (many[name] - few[name]) / 900 for name in many}
    committing = each["collect"] + each["finish"]
    print(
        f"commits: Hub on loopback, 1,000 shards: {many['publish']:.1f} s to send them one by one, "
        f"{many['collect']:.1f} s for 20 commits of 50, {many['finish']:.1f} s for one that copies them all, "
        f"{many['list']:.1f} s to list them; a shard beyond 100 takes {1e3 * each['publish']:.1f} ms to "
        f"send, {1e3 * committing:.2f} ms to commit, {1e3 * each['list']:.2f} ms to list",
        flush=True,
    )


def _seconds(shards: int) -> dict[str, float]:
    with fresh_hub(xet=True) as environment:
        done = subprocess.run(
            [sys.executable, "-c", CHILD, str(shards)],
            env=environment,
            capture_output=True,
            text=True,
            timeout=LONGEST,
        )
    if done.returncode:
        sys.exit(f"make failed: {done.stderr[-1500:]}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return {name: float(value) for name, value in found.items()}
