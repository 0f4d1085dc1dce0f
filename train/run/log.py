"""The output of a run in progress: log.jsonl, the tracker, and a progress bar or plain lines."""

from __future__ import annotations

import json
import math
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TextIO

from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from transformers import TrainerCallback

from datagen.schemas.files import write_file
from datagen.schemas.terminal import show, show_above, transient_bar
from datagen.train.run.tracking import Tracker

LOG = "log.jsonl"
SECONDS_BETWEEN_LINES = 5.0
STEPS_BEFORE_ESTIMATE = 3
NOT_LOGGED = frozenset({"total_flos", "train_loss", "train_runtime"})


class RunLog(TrainerCallback):
    """Writes RUN/log.jsonl, feeds the tracker, and shows progress on stderr unless ``quiet``.

    Each line of the log is one JSON object with its step; numbers that JSON cannot express are null. A
    resumed run first removes the lines of steps that it repeats.
    """

    def __init__(self, run: Path, tracker: Tracker, *, writes: bool, quiet: bool) -> None:
        self._path, self._tracker, self._writes = run / LOG, tracker, writes
        self._file: TextIO | None = None
        self._display: _Bar | _Lines | None = None
        self._quiet = quiet
        self._done, self._began = 0, 0.0

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Open the log at the first step."""
        self._done, self._began = 0, time.monotonic()
        if not self._writes:
            return
        keep_until(self._path, state.global_step)
        self._file = self._path.open("a", encoding="utf-8")
        if not self._quiet:
            display = _Bar if sys.stderr.isatty() else _Lines
            self._display = display(state.global_step, state.max_steps)

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """After the first steps, estimate how long the run takes."""
        if self._display is None:
            return
        self._done += 1
        if self._done == STEPS_BEFORE_ESTIMATE and state.global_step < state.max_steps:
            each = (time.monotonic() - self._began) / self._done
            left = each * (state.max_steps - state.global_step)
            self._display.say(
                f"{each:,.2f} s per step so far: about {duration(left)} left for {state.max_steps:,} steps, "
                "not counting evaluations."
            )

    def on_log(self, args: Any, state: Any, control: Any, **others: Any) -> None:
        """Write a step's metrics."""
        logs: Mapping[str, Any] = others["logs"]
        if "loss" not in logs:
            return
        if self._display is not None:
            self._display.update(state.global_step, logs["loss"])
        self._write({"step": state.global_step, **logs})

    def on_evaluate(self, args: Any, state: Any, control: Any, **others: Any) -> None:
        """Write an evaluation's metrics, as ``validation_loss`` and so on."""
        metrics: Mapping[str, Any] = others["metrics"]
        found = {f"validation_{name.removeprefix('eval_')}": value for name, value in metrics.items()}
        self._write({"step": state.global_step, "epoch": state.epoch, **found})
        if self._display is not None:
            self._display.say(f"Step {state.global_step:,}: validation loss {metrics['eval_loss']:.4f}")

    def on_train_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Close the log."""
        self.close()

    def close(self) -> None:
        """Close the log and remove the bar; may be called twice."""
        if self._display is not None:
            self._display.close()
        if self._file is not None:
            self._file.close()
        self._display = self._file = None

    def _write(self, line: Mapping[str, Any]) -> None:
        if self._file is None:
            return
        plain = {
            name: None if isinstance(value, float) and not math.isfinite(value) else value
            for name, value in line.items()
            if name not in NOT_LOGGED
        }
        self._file.write(json.dumps(plain) + "\n")
        self._file.flush()
        self._tracker.log(plain)


def duration(seconds: float) -> str:
    """Seconds as text."""
    minutes = seconds / 60
    if minutes < 2:
        return f"{seconds:,.0f} s"
    return f"{minutes:,.0f} min" if minutes < 120 else f"{minutes / 60:,.1f} h"


def keep_until(path: Path, step: int) -> None:
    """Remove lines of later steps, and an unfinished last line, from a log."""
    if not path.is_file():
        return
    kept = [line for line in read_log(path) if line["step"] <= step]
    write_file(path, "".join(json.dumps(line) + "\n" for line in kept))


def read_log(path: Path) -> list[dict[str, Any]]:
    """The lines of a log, without malformed ones."""
    lines = []
    for text in path.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            line = json.loads(text)
        except (ValueError, RecursionError):
            continue
        if isinstance(line, dict) and isinstance(line.get("step"), int):
            lines.append(line)
    return lines


class _Bar:
    """A bar on a terminal, with the last loss and the time left."""

    def __init__(self, done: int, total: int) -> None:
        self._progress = transient_bar(
            TextColumn("Training"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[loss]}"),
            TimeRemainingColumn(),
            TextColumn("left"),
        )
        self._task = self._progress.add_task("", total=total, completed=done, loss="")
        self._progress.start()

    def update(self, step: int, loss: float) -> None:
        """Show the number of steps done and the loss."""
        self._progress.update(self._task, completed=step, loss=f"loss {loss:.4f}")

    def say(self, line: str) -> None:
        """Print a line above the bar."""
        show_above(self._progress, line)

    def close(self) -> None:
        """Remove the bar."""
        self._progress.stop()


class _Lines:
    """A plain line every few seconds, if stderr is not a terminal."""

    def __init__(self, done: int, total: int) -> None:
        self._from, self._total = done, total
        self._began = self._last = time.monotonic()

    def update(self, step: int, loss: float) -> None:
        """Show the number of steps done and the loss."""
        now = time.monotonic()
        if now - self._last < SECONDS_BETWEEN_LINES and step < self._total:
            return
        self._last = now
        left = (self._total - step) * (now - self._began) / max(step - self._from, 1)
        rest = f", {duration(left)} left" if step < self._total else ""
        self.say(f"Training: step {step:,} of {self._total:,}, loss {loss:.4f}{rest}")

    def say(self, line: str) -> None:
        """Print a line."""
        show(line, err=True)

    def close(self) -> None:
        """Nothing to remove."""
