"""Workers of the loader in little shared memory: fewer of them, and never a run that waits for ever."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.tiny_runs import config_of, log_of

from datagen.train.run import shared_memory
from datagen.train.run.finetune import train_run
from datagen.train.run.shared_memory import free_shared_memory, workers_that_fit


@given(st.integers(0, 16), st.integers(0, 10**9), st.integers(0, 10**11), st.integers(1, 8))
def test_as_many_workers_as_fit_and_no_more(wanted: int, size: int, free: int, processes: int) -> None:
    found = workers_that_fit(wanted, size, free, processes)
    assert 0 <= found <= wanted
    if found:
        assert (4 * found + 2) * size * processes <= 0.9 * free
    if found < wanted:
        assert (4 * (found + 1) + 2) * size * processes > 0.9 * free


def test_this_machine_has_shared_memory() -> None:
    free = free_shared_memory()
    assert (free is None) is not shared_memory.SHARED.is_dir()


def test_a_run_in_little_shared_memory_says_so_and_has_the_same_losses(
    garden_set: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    losses = []
    for free, told in ((10**12, False), (20_000, True)):
        monkeypatch.setattr(shared_memory, "free_shared_memory", lambda free=free: free)
        said: list[str] = []
        run = tmp_path / str(free)
        config = config_of(garden_set, training__steps=2, training__workers=1, training__evaluate_every=None)
        train_run(config, run, say=said.append, quiet=True)
        assert any("none will be used, which may be slower. Give it more" in line for line in said) is told
        losses.append([line["loss"] for line in log_of(run) if "loss" in line])
    assert losses[0] == losses[1]
