"""A run whose files may not grow beyond a size: it meets the same errors as on a full disk."""

from __future__ import annotations

import os
import resource
from pathlib import Path
from typing import Any

MOST_BYTES = 200_000
"""Less than the weights of the tiny model, more than every other file of its run."""


def train_on_a_full_disk(said: Path, run: Path, flags: dict[str, Any], moment: str) -> None:
    """Train, with files limited from the start or from the second checkpoint on; ``said`` gets the error."""
    from datagen.train.config import load_config
    from datagen.train.run.finetune import train_run
    from datagen.train.run.trainer import RunTrainer

    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    if moment == "before":
        _limit()
    else:
        write = RunTrainer.write_checkpoint

        def limited(self: RunTrainer) -> None:
            if self.state.global_step > 2:
                _limit()
            write(self)

        RunTrainer.write_checkpoint = limited  # type: ignore[method-assign]
    try:
        train_run(load_config(None, flags), run)
    except Exception as error:
        said.write_text(f"{type(error).__name__}: {error}")


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (MOST_BYTES, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))
