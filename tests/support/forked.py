"""Processes that are forked from a server which has loaded torch and its company: they start at once."""

from __future__ import annotations

import multiprocessing
import os
from multiprocessing import forkserver
from pathlib import Path
from unittest.mock import patch

FORKED = multiprocessing.get_context("forkserver")


def serve() -> None:
    """Start the server of this process, unless it is there.

    Loading starts no thread but one of the allocator, which knows of forks.
    """
    FORKED.set_forkserver_preload(["datagen.train.run.finetune"])
    with patch.dict(os.environ, {"PYTHONPATH": str(Path(__file__).parents[2]), "OMP_NUM_THREADS": "1"}):
        forkserver.ensure_running()
