"""Does a run learn on this machine, does it need its pictures, and is a killed one the same when resumed?"""

from __future__ import annotations

import os
import shutil
import signal
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from datagen.train.config import RunConfig
from datagen.train.run.finetune import train_run
from datagen.train.run.log import LOG, read_log
from gpu_parts.isolated import isolated
from gpu_parts.place import LEARNED_ROWS, Place

SECONDS = 50


def resume(place: Place) -> None:
    """Losses of a run that is killed and resumed, of the same run left alone, and of the latter repeated."""
    last = 4 if place.tiny else 12
    for method in ("qlora",) if place.tiny else ("qlora", "full"):
        config = _small(place, method, last, save_every=last // 4)
        paths = {name: place.folder / f"resume-{method}-{name}" for name in ("alone", "again", "killed")}
        found = isolated(SECONDS, _losses, config, paths["alone"], "alone")
        found |= isolated(SECONDS, _losses, config, paths["again"], "again")
        died = _killed(config, paths["killed"], after=last // 2)
        found |= isolated(SECONDS, _losses, config, paths["killed"], "killed", True)
        if "error" in found:
            place.record("resume", "compared", method=method, **found)
            continue
        place.record(
            "resume",
            "compared",
            method=method,
            killed_after_step=died,
            resumed_difference=_difference(found["alone"], found["killed"]),
            repeated_difference=_difference(found["alone"], found["again"]),
            steps=len(found["killed"]),
        )
        for path in paths.values():
            shutil.rmtree(path, ignore_errors=True)


def overfit(place: Place) -> None:
    """Exact answers to rows a small model has learned by heart, with their own, blank and wrong pictures."""
    count = 6 if place.tiny else 240
    config = _small(place, "full", count, save_every=10**6, learning_rate=5e-4)
    run = place.folder / "overfit"
    began = time.monotonic()
    found = isolated(SECONDS, _losses, config, run, "losses")
    if "error" in found:
        place.record("overfit", "learned", **found)
        return
    losses = list(found["losses"].values())
    place.record(
        "overfit", "learned", steps=count, first=losses[0], last=losses[-1], seconds=time.monotonic() - began
    )
    for images in ("own", "blank", "shuffled"):
        place.record("overfit", "answers", images=images, **isolated(SECONDS, _exact, place, run, images))


def _small(
    place: Place, method: str, count: int, *, save_every: int, learning_rate: float = 3e-4
) -> RunConfig:
    return place.config(
        model__base=place.small_base,
        model__method=method,
        model__num_crops=1,
        data__real=str(place.rows),
        data__real_rows=LEARNED_ROWS,
        data__split__train=0.8,
        data__split__validation=0.0,
        data__split__test=0.2,
        data__group_by_length=False,
        training__steps=count,
        training__batch_size=8,
        training__accumulation=1,
        training__save_every=save_every,
        training__learning_rate=learning_rate,
        training__gradient_checkpointing=False,
        training__workers=0,
    )


def _losses(config: RunConfig, run: Path, name: str, resume: bool = False) -> dict[str, dict[str, float]]:
    """The losses of a run by step, under ``name``."""
    train_run(config, run, resume=resume, overwrite=not resume, quiet=True)
    return {name: {str(line["step"]): line["loss"] for line in read_log(run / LOG) if "loss" in line}}


def _killed(config: RunConfig, run: Path, *, after: int) -> int:
    """Start a run and kill it once its log has a step; returns the last step that it logged."""
    child = os.fork()
    if child == 0:
        os.setsid()
        try:
            train_run(config, run, overwrite=True, quiet=True)
        finally:
            os._exit(0)
    end = time.monotonic() + SECONDS
    step = 0
    while step < after and time.monotonic() < end and os.waitpid(child, os.WNOHANG)[0] == 0:
        logs = [path for path in (run / LOG, *run.parent.glob(f"{run.name}*/{LOG}")) if path.is_file()]
        step = max((line["step"] for path in logs for line in read_log(path)), default=0)
        time.sleep(0.002)
    with suppress(ProcessLookupError, ChildProcessError):  # which ended before it could be killed
        os.killpg(child, signal.SIGKILL)
        os.waitpid(child, 0)
    return step


def _difference(one: dict[str, float], other: dict[str, float]) -> float:
    if one.keys() != other.keys():
        return float("inf")
    return max(abs(one[step] - other[step]) for step in one)


def _exact(place: Place, run: Path, images: Any) -> dict[str, Any]:
    from datagen.train.evaluation.answering import predict_rows
    from datagen.train.evaluation.held_out import held_out
    from datagen.train.evaluation.kept_answers import KeptAnswers
    from datagen.train.models.base import run_to_answer

    began = time.monotonic()
    held = held_out(run, "train")
    with KeptAnswers(run / f"{images}.jsonl", {}) as kept:
        found = predict_rows(
            lambda: run_to_answer(run, "last"),
            held,
            images=images,
            batch_size=None,
            max_new_tokens=4 if place.tiny else 64,
            kept=kept,
        )
    right = sum(
        held.template.text(truth) == text for truth, text in zip(found.truth, found.answers, strict=True)
    )
    return {"rows": len(found.answers), "exact": right, "seconds": time.monotonic() - began}
