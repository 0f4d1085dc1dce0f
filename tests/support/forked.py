"""Processes forked from a server that has already loaded torch, so that they start at once."""

from __future__ import annotations

import multiprocessing
import os
from multiprocessing import forkserver
from pathlib import Path
from unittest.mock import patch

FORKED = multiprocessing.get_context("forkserver")


def serve() -> None:
    """Start this process's fork server, unless it is running.

    Loading starts only one thread, the allocator's, which is safe to fork.
    """
    FORKED.set_forkserver_preload(["datagen.train.run.finetune"])
    with patch.dict(os.environ, {"PYTHONPATH": str(Path(__file__).parents[2]), "OMP_NUM_THREADS": "1"}):
        forkserver.ensure_running()
