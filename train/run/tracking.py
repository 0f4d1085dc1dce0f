"""Metrics of a run sent to Weights & Biases or TensorBoard. If that fails, the run continues without it.

W&B is offline unless there is a key or WANDB_MODE says otherwise; the run says which, and where it can be
seen or how to send it. All its folders are in RUN/tracking: W&B puts pictures of tables in an artifact
staging area, which would otherwise be outside the run. (``wandb sync`` needs them under the same path, so
sync before you move the run.) No key is ever read, written or logged here; W&B finds it itself.

Keys: loss, learning_rate, grad_norm, epoch, tokens/s, samples/s, peak_memory_gb; validation/loss and
validation/SCORE; validation/answers, a table of pictures with truth and prediction, and the same pictures as
validation/pictures. The configuration, the digests of the data and the versions are the run's config.
Evaluations add evaluation/NAME/SCORE: to the summary of the same W&B run, which is resumed by its id, or to
TensorBoard at the step of the evaluated model.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import netrc
import os
import re
import secrets
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from datagen.schemas import InputError
from datagen.train.config import RunConfig, saved_config
from datagen.train.data.pictures import open_picture

FOLDER = "tracking"
NAMES = {"tokens_per_second": "tokens/s", "samples_per_second": "samples/s"}
NOT_TRACKED = frozenset({"tokens", "validation_seconds"})
CAPTION_LETTERS = 300
SIDE = 512
"""Longer side of pictures in tables, in pixels."""


class SampleAnswer(NamedTuple):
    """A validation row: its picture as datasets store it, the right answer, and the model's answer."""

    picture: Any
    truth: str
    answer: str


class Tracker:
    """Receives the metrics of a run; this one discards them."""

    def log(self, line: Mapping[str, Any]) -> None:
        """Log the metrics of a step, as in log.jsonl."""

    def answers(self, step: int, answered: Sequence[SampleAnswer]) -> None:
        """Log pictures with truth and prediction."""

    def scores(self, named: Mapping[str, float], step: int | None) -> None:
        """Add scores of an evaluation of the model of a step."""

    def end(self, summary: Mapping[str, Any], failed: bool) -> None:
        """Close the tracker at the end of a run; ``failed``: whether the run did not finish."""


def check_tracker(config: RunConfig) -> None:
    """Raises InputError if the tracker of a configuration is not installed."""
    kind = config.tracking.tracker
    if kind != "none" and importlib.util.find_spec(kind) is None:
        raise InputError(f"The tracker {kind} is not installed; pip install {kind}, or use --tracker none.")


def open_tracker(
    config: RunConfig, run: Path, about: Mapping[str, Any], say: Callable[[str], None]
) -> Tracker:
    """The tracker of a run's configuration. ``about``: the config shown there.

    ``say`` is called with where the tracker's run is. If it cannot start or fails later, ``say`` is called
    once with the reason, and nothing more is tracked.
    """
    check_tracker(config)
    kind = config.tracking.tracker
    if kind == "none":
        return Tracker()
    folder = run / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    begin = _WandB if kind == "wandb" else _TensorBoard
    return FaultTolerantTracker(lambda: begin(config, folder, about, say), say)


def track_evaluation(run: Path, name: str, record: Mapping[str, Any], say: Callable[[str], None]) -> None:
    """Add the scores of the evaluation RUN/evaluation/``name`` to the tracker of the run, if it has one.

    ``record``: its scores.json. ``say``: as for :func:`open_tracker`.
    """
    config = saved_config(run)
    if config.tracking.tracker == "none":
        return
    try:
        tracker = open_tracker(config, run, {}, say)
    except InputError as error:  # it was installed where the run was trained
        say(f"The scores are not tracked: {error}")
        return
    scores = {score: found["value"] for score, found in record["scores"].items()}
    named = {f"evaluation/{name}/{score}": value for score, value in scores.items() if value is not None}
    tracker.scores(named, _step_of(run, str(record["which"])))
    tracker.end({}, failed=False)


def _step_of(run: Path, which: str) -> int | None:
    """The step of a model of a run, None if it is not known."""
    if which.startswith("step-"):
        return int(which.removeprefix("step-"))
    try:
        return int(json.loads((run / which / "kept.json").read_text())["step"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


class FaultTolerantTracker(Tracker):
    """A tracker that never stops the run: its first error is reported, and it is not used afterwards."""

    def __init__(self, begin: Callable[[], Tracker], warn: Callable[[str], None]) -> None:
        self._tracker = Tracker()
        self._warn = warn
        with self._guard():
            self._tracker = begin()

    def log(self, line: Mapping[str, Any]) -> None:
        """As Tracker."""
        with self._guard():
            self._tracker.log(line)

    def answers(self, step: int, answered: Sequence[SampleAnswer]) -> None:
        """As Tracker."""
        with self._guard():
            self._tracker.answers(step, answered)

    def scores(self, named: Mapping[str, float], step: int | None) -> None:
        """As Tracker."""
        with self._guard():
            self._tracker.scores(named, step)

    def end(self, summary: Mapping[str, Any], failed: bool) -> None:
        """As Tracker."""
        with self._guard():
            self._tracker.end(summary, failed)

    @contextlib.contextmanager
    def _guard(self) -> Iterator[None]:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                yield
        except Exception as error:  # trackers raise anything; a run continues without one
            self._tracker = Tracker()
            reason = _without_keys((str(error).strip() or type(error).__name__).splitlines()[0])
            self._warn(
                f"The tracker failed ({reason[:200]}); the run continues without it, and all metrics are in "
                "log.jsonl."
            )


class _WandB(Tracker):
    """Weights & Biases. A resumed run continues under the same id."""

    def __init__(
        self, config: RunConfig, folder: Path, about: Mapping[str, Any], say: Callable[[str], None]
    ) -> None:
        settings = config.tracking
        mode = None if os.environ.get("WANDB_MODE") else "online" if _has_key() else "offline"
        for name in ("DATA", "CACHE", "ARTIFACT"):
            os.environ[f"WANDB_{name}_DIR"] = str((folder / name.lower()).resolve())
        import wandb

        self._wandb: Any = wandb
        known = folder / "id"
        identity = known.read_text().strip() if known.is_file() else secrets.token_hex(4)
        self._run = wandb.init(
            project=settings.project,
            entity=settings.entity,
            name=settings.name or folder.resolve().parent.name,
            tags=list(settings.tags),
            id=identity,
            resume="allow",
            dir=str(folder.resolve()),
            config=dict(about),
            mode=mode,  # type: ignore[arg-type]
            settings=wandb.Settings(silent=True, console="off", init_timeout=30),
        )
        known.write_text(identity)
        self._run.define_metric("step")
        self._run.define_metric("*", step_metric="step")
        if self._run.offline:
            say(
                f"W&B is offline, since {_why_offline()}: the run is kept in {folder}, and "
                f"`wandb sync {self._run.settings.sync_dir}` sends it."
            )
        elif self._run.url:
            say(f"W&B shows the run at {self._run.url}.")

    def log(self, line: Mapping[str, Any]) -> None:
        self._run.log(tracked(line))

    def answers(self, step: int, answered: Sequence[SampleAnswer]) -> None:
        wandb = self._wandb
        columns = ["picture", "truth", "prediction", "right"]
        rows, pictures = [], []
        for one in answered:
            picture = open_picture(one.picture)
            picture.thumbnail((SIDE, SIDE))
            rows.append([wandb.Image(picture), one.truth, one.answer, one.truth == one.answer])
            pictures.append(wandb.Image(picture, caption=f"{one.answer[:CAPTION_LETTERS]}"))
        table = wandb.Table(columns=columns, data=rows)
        self._run.log({"step": step, "validation/answers": table, "validation/pictures": pictures})

    def scores(self, named: Mapping[str, float], step: int | None) -> None:
        self._run.summary.update(dict(named))

    def end(self, summary: Mapping[str, Any], failed: bool) -> None:
        self._run.summary.update(dict(summary))
        self._run.finish(exit_code=int(failed))


class _TensorBoard(Tracker):
    """TensorBoard: numbers, and the answers as text next to their pictures."""

    def __init__(
        self, config: RunConfig, folder: Path, about: Mapping[str, Any], say: Callable[[str], None]
    ) -> None:
        from torch.utils.tensorboard import SummaryWriter

        self._writer: Any = SummaryWriter(str(folder))
        if about:
            self._writer.add_text("config", f"```\n{about}\n```")
        say(f"TensorBoard shows the run with `tensorboard --logdir {folder}`.")

    def log(self, line: Mapping[str, Any]) -> None:
        for name, value in tracked(line).items():
            if isinstance(value, (int, float)):
                self._writer.add_scalar(name, value, line["step"])

    def answers(self, step: int, answered: Sequence[SampleAnswer]) -> None:
        import numpy as np

        for number, one in enumerate(answered):
            picture = open_picture(one.picture)
            picture.thumbnail((SIDE, SIDE))
            name = f"validation/{number}"
            self._writer.add_image(name, np.asarray(picture), step, dataformats="HWC")
            self._writer.add_text(name, f"truth: {one.truth}\n\nprediction: {one.answer}", step)

    def scores(self, named: Mapping[str, float], step: int | None) -> None:
        for name, value in named.items():
            self._writer.add_scalar(name, value, step or 0)

    def end(self, summary: Mapping[str, Any], failed: bool) -> None:
        self._writer.close()


def tracked(line: Mapping[str, Any]) -> dict[str, Any]:
    """A line of log.jsonl under the names that trackers show, without missing numbers."""
    named: dict[str, Any] = {}
    for name, value in line.items():
        if value is None or name in NOT_TRACKED:
            continue
        if name == "peak_memory":
            named["peak_memory_gb"] = value / 1e9
        else:
            named[NAMES.get(name, name.replace("validation_", "validation/", 1))] = value
    return named


def _why_offline() -> str:
    mode = os.environ.get("WANDB_MODE")
    return f"WANDB_MODE is {mode}" if mode else "there is no key (`wandb login` stores one)"


def _has_key() -> bool:
    """Whether W&B will find a key, in its environment variable or in the netrc file."""
    if os.environ.get("WANDB_API_KEY"):
        return True
    host = urlsplit(os.environ.get("WANDB_BASE_URL", "https://api.wandb.ai")).hostname or ""
    try:
        return netrc.netrc(os.environ.get("NETRC")).authenticators(host) is not None
    except (OSError, netrc.NetrcParseError):
        return False


def _without_keys(text: str) -> str:
    """A message without anything that could be a key."""
    return re.sub(r"[0-9A-Za-z_-]{32,}", "***", text)
