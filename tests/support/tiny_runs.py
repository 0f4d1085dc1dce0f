"""Small training runs for tests: in this process, or in separate processes that can be killed.

A separate process is forked from a server that has loaded torch (``Forked``), which saves
five seconds of imports; ``torchrun`` starts several as a user does:

torchrun tests/tiny_runs.py RUN FLAGS.json [--resume]
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

from support.forked import FORKED

ROOT = Path(__file__).parents[2]

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
    from datagen.train.config import load_config

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


class Forked:
    """The run in its own process and process group, with the interface of what ``torchrun`` returns."""

    def __init__(
        self,
        run: Path,
        flags: dict[str, Any],
        *,
        resume: bool = False,
        environment: dict[str, str] | None = None,
    ) -> None:
        self._said = run.with_name(f"{run.name}.said{(environment or {}).get('RANK', '')}")
        words = [str(run), str(_written(flags, run)), *["--resume"] * resume]
        self._process = FORKED.Process(target=_forked, args=(self._said, environment or {}, *words))
        self._process.start()

    @property
    def pid(self) -> int:
        """The id of the process and of its group."""
        assert self._process.pid is not None
        return self._process.pid

    @property
    def returncode(self) -> int | None:
        """The exit code: minus the signal if it was killed, None while it runs."""
        return self._process.exitcode

    def poll(self) -> int | None:
        """The exit code, or None while it runs."""
        return self.returncode

    def communicate(self, timeout: float | None = None) -> tuple[str, None]:
        """Wait for its end and return its output."""
        self._process.join(timeout)
        assert self.returncode is not None, f"still running after {timeout} seconds"
        return self._said.read_text(), None


def forked_ranks(
    run: Path,
    flags: dict[str, Any],
    count: int,
    environment: dict[str, str] | None = None,
    *,
    resume: bool = False,
) -> list[Forked]:
    """Several processes that share a run."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        meeting = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(free.getsockname()[1])}
    shared = {**meeting, "WORLD_SIZE": str(count), **(environment or {})}
    ranks = [{**shared, "RANK": str(rank), "LOCAL_RANK": str(rank)} for rank in range(count)]
    return [Forked(run, flags, environment=rank, resume=resume) for rank in ranks]


def _forked(said: Path, environment: dict[str, str], *words: str) -> None:
    os.setsid()
    os.environ.update(environment)
    to = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(to, 1), os.dup2(to, 2)
    main(*words)


def torchrun(run: Path, flags: dict[str, Any], processes: int, *options: str) -> subprocess.Popen[str]:
    """The run in several processes that torchrun starts."""
    launch = [sys.executable, "-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={processes}"]
    launch += [f"--log-dir={run.parent / 'ranks'}"]
    return subprocess.Popen(
        [*launch, str(Path(__file__)), str(run), str(_written(flags, run)), *options],
        env={
            **os.environ,
            "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}",
            "OMP_NUM_THREADS": "1",
        },
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )


def _written(flags: dict[str, Any], run: Path) -> Path:
    asked = run.with_name(run.name + ".flags.json")
    draft = run.with_name(run.name + ".flags.part")
    draft.write_text(json.dumps(flags))
    draft.replace(asked)  # whole at any moment: the first of several processes may be reading it already
    return asked


def finished(process: subprocess.Popen[str] | Forked, seconds: float = 300) -> str:
    """The output of a process, which must have succeeded."""
    said, _ = process.communicate(timeout=seconds)
    assert process.returncode == 0, said
    return said


def main(run: str, flags: str, *options: str) -> None:
    """What each process runs; one line reports the result."""
    from datagen.schemas import InputError, RunFailed
    from datagen.train.config import load_config
    from datagen.train.terminal import loading

    with loading():
        from datagen.train.run.finetune import train_run
    if os.environ.get("ACCELERATE_USE_FSDP"):
        from support.sharded_runs import shard_on_cpu

        shard_on_cpu()
    asked = json.loads(Path(flags).read_text())
    try:
        print(train_run(load_config(None, asked), Path(run), resume="--resume" in options, say=print))
    except (InputError, RunFailed) as error:
        print(f"{type(error).__name__}: {error}")
        raise SystemExit(1) from None


if __name__ == "__main__":
    main(*sys.argv[1:])
