"""Batches of each process: together they are the order, whatever their number and wherever they begin."""

from __future__ import annotations

import numpy as np
import pytest
from accelerate import skip_first_batches
from hypothesis import given
from hypothesis import strategies as st

from datagen.train.data.mixture import Mixture, Order
from datagen.train.run.loader import Loader, StepBatches


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


class Rows:
    name = "rows"

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
    import torch

    order = Order(np.arange(8), np.arange(0), seed=0, step=4)
    loader = Loader(Mixture(order, (Rows(), None), dict), StepBatches(8, 4), list, workers=0)
    torch.manual_seed(3)
    before = torch.get_rng_state()
    list(loader)
    assert torch.equal(before, torch.get_rng_state())
