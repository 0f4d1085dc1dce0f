"""Small training runs for tests: in this process, or in processes of their own that can be killed.

python tests/tiny_runs.py RUN FLAGS.json [--resume]
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]

SMALL = {
    "smoke": True,
    "tracking.tracker": "none",
    "training.steps": 6,
    "training.batch_size": 4,
    "training.save_every": 3,
    "training.evaluate_every": 3,
    "training.evaluate_rows": 8,
    "training.generate_rows": 0,
}


def config_of(real: Path | None = None, synthetic: Path | None = None, **flags: Any) -> Any:
    """A run of a few steps with the tiny model; ``flags`` with __ for dots."""
    from train.run_config import load_config

    return load_config(None, flags_of(real, synthetic, **flags))


def flags_of(real: Path | None = None, synthetic: Path | None = None, **flags: Any) -> dict[str, Any]:
    """The flags of such a run."""
    data = {"data.real": real and str(real), "data.synthetic": synthetic and str(synthetic)}
    return {**SMALL, **data, **{name.replace("__", "."): value for name, value in flags.items()}}


def log_of(run: Path) -> list[dict[str, Any]]:
    """The lines of a run's log."""
    return [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]


def losses_of(run: Path) -> dict[int, float]:
    """Loss by step."""
    return {line["step"]: line["loss"] for line in log_of(run) if "loss" in line}


def start(
    run: Path, flags: dict[str, Any], *, resume: bool = False, processes: int = 1, **environment: str
) -> subprocess.Popen[str]:
    """The run in one process of its own, or in several that torchrun starts."""
    asked = run.with_name(run.name + ".flags.json")
    asked.write_text(json.dumps(flags))
    launch = [sys.executable]
    if processes > 1:
        launch += ["-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={processes}"]
    return subprocess.Popen(
        [*launch, str(Path(__file__)), str(run), str(asked), *(["--resume"] if resume else [])],
        env={
            **os.environ,
            "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}",
            "OMP_NUM_THREADS": "1",
            **environment,
        },
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )


def finished(process: subprocess.Popen[str], seconds: float = 300) -> str:
    """What a process that ended well had said."""
    said, _ = process.communicate(timeout=seconds)
    assert process.returncode == 0, said
    return said


def main(run: str, flags: str, *options: str) -> None:
    """What a process of its own does; one line says what came of it."""
    from schemas import InputError, RunFailed
    from train.finetune import train_run
    from train.run_config import load_config

    asked = json.loads(Path(flags).read_text())
    try:
        print(train_run(load_config(None, asked), Path(run), resume="--resume" in options, say=print))
    except (InputError, RunFailed) as error:
        print(f"{type(error).__name__}: {error}")
        raise SystemExit(1) from None


if __name__ == "__main__":
    main(*sys.argv[1:])
