"""Batches of each process: together they are the order, whatever their number and wherever they begin."""

from __future__ import annotations

import os
import pickle
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from accelerate import skip_first_batches
from hypothesis import given
from hypothesis import strategies as st
from support.sets import ROOT
from support.tiny_runs import config_of

from datagen.train.data.mixture import Mixture, Order
from datagen.train.data.run_data import prepare_data
from datagen.train.models.collator import PLACES, Collator
from datagen.train.models.encoding import Encoder
from datagen.train.models.smoke import training_answers
from datagen.train.phi3_vision.tiny_tokenizer import tiny_processor
from datagen.train.run.loader import WORKER_MODULES, Loader, StepBatches, ValidationBatches


@given(st.integers(1, 5), st.integers(1, 4), st.integers(1, 6), st.integers(0, 3))
def test_all_processes_together_see_every_sample_once(size: int, ranks: int, steps: int, epoch: int) -> None:
    length = size * ranks * steps
    batches = []
    for rank in range(ranks):
        mine = StepBatches(length, size, rank, ranks)
        mine.set_epoch(epoch)
        assert len(mine) == steps
        batches.append(list(mine))
    # Step by step the processes hold what one process of a larger batch would.
    whole = StepBatches(length, size * ranks)
    whole.set_epoch(epoch)
    together = [[number for rank in batches for number in rank[step]] for step in range(steps)]
    assert together == list(whole)


@given(st.integers(1, 40), st.integers(1, 5), st.integers(1, 4))
def test_validation_counts_every_row_once_in_as_many_batches_for_each_process(
    length: int, size: int, ranks: int
) -> None:
    counted = []
    for rank in range(ranks):
        batches = ValidationBatches(length, size, rank, ranks)
        mine = list(batches)
        assert len(mine) == len(batches) == -(-length // (size * ranks))
        assert all(batch and len(batch) <= size for batch in mine)
        counted += [row for number, batch in enumerate(mine) if batches.counts(number) for row in batch]
    assert sorted(counted) == list(range(length))


class Rows:
    name = "rows"
    remote = False

    def __init__(self) -> None:
        self.read: list[int] = []

    def row(self, number: int) -> dict[str, int]:
        self.read.append(number)
        return {"row": number}


@pytest.mark.parametrize("skipped", [1, 3])
def test_a_loader_that_begins_later_reads_nothing_before(skipped: int) -> None:
    rows = Rows()
    order = Order(np.arange(20), np.arange(0), seed=0, step=4)
    mixture = Mixture(order, (rows, None), lambda row: row["row"])
    loader = Loader(mixture, StepBatches(20, 4), list, workers=0)
    loader.set_epoch(1)
    whole = list(loader)
    assert [number for batch in whole for number in batch] == [order.at(1, at).row for at in range(20)]
    rows.read.clear()
    later = skip_first_batches(loader, skipped)
    assert list(later) == whole[skipped:]
    assert len(rows.read) == 20 - 4 * skipped


def test_a_loader_draws_nothing_from_the_runs_own_numbers() -> None:
    order = Order(np.arange(8), np.arange(0), seed=0, step=4)
    loader = Loader(Mixture(order, (Rows(), None), dict), StepBatches(8, 4), list, workers=0)
    torch.manual_seed(3)
    before = torch.get_rng_state()
    list(loader)
    assert torch.equal(before, torch.get_rng_state())


@pytest.fixture(scope="module")
def mixture(garden_set: Path, tmp_path_factory: pytest.TempPathFactory) -> Mixture:
    """Samples of real rows by the tiny model's processor, as a run's loader gets them."""
    data = prepare_data(config_of(garden_set).data, tmp_path_factory.mktemp("loader"))
    encode = Encoder(tiny_processor(training_answers(data), num_crops=1), data.template)
    order = Order(*data.rows, seed=0, step=4)
    return Mixture(order, data.sources, encode)


@pytest.mark.usefixtures("_server")
def test_workers_outlive_ctrl_c_and_end_in_order_when_the_loader_is_closed_early(
    mixture: Mixture, capfd: pytest.CaptureFixture[str]
) -> None:
    loader = Loader(mixture, StepBatches(len(mixture), 4), Collator(0, places=True), workers=2)
    batches: Any = iter(loader)
    first = next(batches)
    workers = list(batches._workers)
    second = next(batches)  # of the other worker, so that both have begun
    for worker in workers:
        os.kill(worker.pid, signal.SIGINT)  # as a terminal does to every process of a command
    rest = [second, next(batches)]
    assert all(worker.is_alive() for worker in workers)
    batches._shutdown_workers()
    assert [worker.exitcode for worker in workers] == [0, 0]
    assert not re.search("terminate|Abort|Traceback|killed", capfd.readouterr().err)
    alone = Loader(mixture, StepBatches(len(mixture), 4), Collator(0, places=True), workers=0)
    for mine, theirs in zip([first, *rest], alone, strict=False):
        assert mine[PLACES] == theirs[PLACES]
        for name in ("input_ids", "labels", "pixel_values"):
            assert torch.equal(mine[name], theirs[name])


WORKER = """
import importlib, pickle, sys
for module in sys.argv[2].split():
    importlib.import_module(module)
before = set(sys.modules)
mixture = pickle.loads(open(sys.argv[1], "rb").read())
mixture[0]
print(*(set(sys.modules) - before), "|", *before)
"""


def test_what_a_worker_needs_is_loaded_before_it_is_forked(mixture: Mixture, tmp_path: Path) -> None:
    (tmp_path / "mixture").write_bytes(pickle.dumps(mixture))
    ended = subprocess.run(
        [sys.executable, "-c", WORKER, str(tmp_path / "mixture"), " ".join(WORKER_MODULES)],
        env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    more, loaded = (set(names.split()) for names in ended.stdout.split("|"))
    assert not {name.split(".")[0] for name in more} & {"torch", "transformers", "pandas", "accelerate"}
    assert len(more) < 50, sorted(more)
    assert "datagen.train.phi3_vision.processing" in loaded
    assert not {"peft", "bitsandbytes", "transformers.trainer", "datagen.train.models.base"} & loaded
