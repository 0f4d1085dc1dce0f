"""How soon the training loader's workers give their first batch, and how long they take to end.

    python benchmarks/loader.py [--workers 2] [--rounds 3]

As the loader starts them, forked from a server that has loaded their modules, and spawned, as PyTorch's
loaders usually are where there is a GPU; both in turn, on the same rows. One line for each: medians, in
seconds.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from datagen.train.config import load_config
from datagen.train.data.mixture import Mixture, Order
from datagen.train.data.run_data import prepare_data
from datagen.train.models.collator import Collator
from datagen.train.models.encoding import Encoder
from datagen.train.models.smoke import training_answers
from datagen.train.phi3_vision.tiny_tokenizer import tiny_processor
from datagen.train.run.loader import Loader, StepBatches, start_worker_server

ROWS, BATCH = 64, 4


def main() -> None:
    """Print the lines."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        mixture = _mixture(Path(folder))
        start_worker_server()
        # Until the server is ready; in a run that passes while the model is loaded.
        _times(mixture, options.workers, "forkserver")
        found: dict[str, list[tuple[float, float]]] = {"forkserver": [], "spawn": []}
        for _ in range(options.rounds):
            for how, times in found.items():
                times.append(_times(mixture, options.workers, how))
    for how, times in found.items():
        first, ending = (statistics.median(each) for each in zip(*times, strict=True))
        print(f"{how}, {options.workers} workers: first batch after {first:.2f} s, ended in {ending:.2f} s")


def _mixture(folder: Path) -> Mixture:
    command = [sys.executable, "-m", "datagen", "make", "--rows", str(ROWS), "--image-size", "96x128"]
    subprocess.run([*command, "--out", str(folder / "rows"), "--quiet"], check=True)
    config = load_config(None, {"data.synthetic": str(folder / "rows"), "training.steps": 1})
    data = prepare_data(config.data, folder)
    encode = Encoder(tiny_processor(training_answers(data)), data.template)
    return Mixture(Order(*data.rows, seed=0, step=BATCH), data.sources, encode)


def _times(mixture: Mixture, workers: int, how: str) -> tuple[float, float]:
    """Seconds to the first batch, and to the end of the workers after it."""
    batches = StepBatches(len(mixture), BATCH)
    loader: Any = Loader(mixture, batches, Collator(0), workers=workers, persistent=False)
    loader.multiprocessing_context = how
    began = time.perf_counter()
    iterator = iter(loader)
    next(iterator)
    first = time.perf_counter() - began
    began = time.perf_counter()
    del iterator
    return first, time.perf_counter() - began


if __name__ == "__main__":
    main()
