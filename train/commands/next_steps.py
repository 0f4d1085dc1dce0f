"""The commands to try after others, as a user would type them."""

from __future__ import annotations

import shlex
from pathlib import Path


def after_training(run: Path) -> list[str]:
    """What a trained run is for."""
    folder = shlex.quote(str(run))
    return [
        f"datagen evaluate {folder}",
        f"datagen evaluate {folder} --shuffle-images",
        f"datagen predict {folder} photo.jpg",
        *_published(run),
    ]


def after_evaluation(run: Path, done: set[str]) -> list[str]:
    """The evaluations that the table lacks, and uses of the run; ``done``: the labels of the evaluations.

    A model on the Hub is only asked further questions: it comes without its data, and is pushed already.
    """
    if not run.exists():
        return [f"datagen predict {shlex.quote(str(run))} photo.jpg"]
    folder = shlex.quote(str(run))
    return [
        *[f"datagen evaluate {folder} --which base"] * ("base" not in done),
        *[f"datagen evaluate {folder} --shuffle-images"]
        * (not any(label.endswith("shuffled pictures") for label in done)),
        f"datagen predict {folder} photo.jpg",
        *_published(run),
    ]


def after_prediction(run: Path, picture: Path) -> list[str]:
    """What to try after a look at some answers."""
    folder, first = shlex.quote(str(run)), shlex.quote(str(picture))
    evaluate = f"datagen evaluate {folder}" + " --data FOLDER" * (not run.exists())
    return [f"datagen predict {folder} {first} --json > answers.jsonl", evaluate]


def _published(run: Path) -> list[str]:
    folder, out = shlex.quote(str(run)), shlex.quote(f"{run}-merged")
    return [f"datagen push {folder} OWNER/NAME", f"datagen merge {folder} --out {out}"]
