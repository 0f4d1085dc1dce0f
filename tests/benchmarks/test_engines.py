"""The benchmark of engines: what it works out on paper is what the documentation says."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_table_of_a_hundred_machines_follows_the_measured_rates() -> None:
    command = [sys.executable, str(ROOT / "benchmarks" / "engines.py"), "--only", "model"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=True)
    told = (ROOT / "docs" / "scale.md").read_text(encoding="utf-8")
    first, *lines = done.stdout.splitlines()
    table = [line for line in lines if line.startswith("|")]
    assert len(table) > 2
    assert "\n".join(table) in told, "copy the table that the part model prints into docs/scale.md"
    each = first.partition("; ")[2]
    assert each.endswith(" ms of a core a picture")
    assert each.removesuffix(" a picture") in told
