"""The commands to try after others, as a user would type them."""

from __future__ import annotations

import shlex
from pathlib import Path


def after_training(run: Path, *, merge: bool) -> list[str]:
    """What a trained run is for; ``merge``: whether it has an adapter."""
    folder = shlex.quote(str(run))
    return [
        f"datagen evaluate {folder}",
        f"datagen evaluate {folder} --shuffle-images",
        f"datagen predict {folder} photo.jpg",
        *_merge(run, merge),
    ]


def after_evaluation(run: Path, *, merge: bool, shuffled: bool) -> list[str]:
    """What follows when the scores are known; ``shuffled``: whether shuffled pictures were scored already."""
    folder = shlex.quote(str(run))
    return [
        *[f"datagen evaluate {folder} --shuffle-images"] * (not shuffled),
        f"datagen predict {folder} photo.jpg",
        *_merge(run, merge),
    ]


def _merge(run: Path, merge: bool) -> list[str]:
    folder, out = shlex.quote(str(run)), shlex.quote(f"{run}-merged")
    return [f"datagen merge {folder} --out {out}"] * merge
