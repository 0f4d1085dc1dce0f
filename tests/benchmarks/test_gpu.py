"""The benchmark of a GPU: a rehearsal of all its parts on a CPU, and its reading of findings."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks.gpu_parts.judge import judge

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, str(ROOT / "benchmarks" / "gpu.py")]
FINDINGS = {
    "machine": {"rows made", "small base", "full base", "versions", "ceilings"},
    "presets": {"trained", "evaluated"},
    "resume": {"compared"},
    "overfit": {"learned", "answers"},
    "steps": {"step"},
    "published": {"theirs", "ours"},
    "answers": {"answered"},
    "full": {"step"},
    "compile": {"step"},
}
"""The findings of each part."""


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, timeout=300)


@pytest.mark.slow
def test_every_part_runs_on_a_cpu_and_finds_something(tmp_path: Path) -> None:
    out = tmp_path / "found.jsonl"
    done = run("--tiny", "--seconds", "280", "--out", str(out))
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    lines = [json.loads(text) for text in out.read_text().splitlines()]
    assert not [line for line in lines if "error" in line]
    for part, names in FINDINGS.items():
        assert names <= {line["name"] for line in lines if line["part"] == part}, part
    resumed = next(line for line in lines if line["part"] == "resume")
    assert resumed["resumed_difference"] < 1e-4
    assert resumed["steps"] == 4
    assert "means nothing" in done.stdout


STEP = {"part": "steps", "name": "step", "crops": 4, "batch": 8, "waiting": 0.01}
MEMORY = {"estimated_gb": 9.0, "reserved_gb": 8.0, "cuda_itself_gb": 1.0}


@pytest.mark.parametrize(
    ("findings", "says", "code"),
    [
        (
            [{**STEP, "method": "lora", "ms": 100.0}, {**STEP, "method": "qlora", "ms": 104.0}],
            "1.04  met\n",
            0,
        ),
        (
            [{**STEP, "method": "lora", "ms": 100.0}, {**STEP, "method": "qlora", "ms": 144.0}],
            "1.44  missed",
            1,
        ),
        ([{**STEP, "method": "lora", "ms": 100.0, **MEMORY}], "<= 0.1          0  met\n", 0),
        ([{**STEP, "method": "lora", "ms": 1.0, **MEMORY, "estimated_gb": 10.8}], "0.2  missed", 1),
        ([{"part": "full", "name": "step", "error": "RunFailed: no memory"}], "failed: full: step", 1),
        ([], "not measured", 0),
        (
            [{"part": "full", "name": "skipped", "why": "no time left"}],
            "skipped: full: no time left; give",
            0,
        ),
    ],
)
def test_the_table_says_what_is_met(
    findings: list[dict[str, Any]], says: str, code: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "found.jsonl"
    out.write_text("".join(json.dumps(line) + "\n" for line in findings))
    assert judge(out) == code
    assert says in capsys.readouterr().out


def test_the_command_ends_with_the_code_of_its_table(tmp_path: Path) -> None:
    out = tmp_path / "found.jsonl"
    out.write_text(json.dumps({"part": "full", "name": "step", "error": "RunFailed: no memory"}) + "\n")
    done = run("--judge", str(out))
    assert "failed: full: step" in done.stdout
    assert done.returncode == 1, done.stderr


def test_the_findings_of_several_commands_make_one_table(tmp_path: Path) -> None:
    files = []
    for method, ms in (("lora", 100.0), ("qlora", 104.0)):
        files.append(tmp_path / f"{method}.jsonl")
        files[-1].write_text(json.dumps({**STEP, "method": method, "ms": ms}) + "\n")
    assert "1.04  met\n" not in run("--judge", str(files[0])).stdout
    assert "1.04  met\n" in run("--judge", *map(str, files)).stdout


def test_an_unknown_part_is_refused() -> None:
    done = run("--parts", "steps,sleep")
    assert done.returncode == 2
    assert "no such part: sleep" in done.stderr
