"""4-bit weights sharded over two processes (FSDP2, gloo) train as they do in one."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from support.sharded_ranks import IDS, RANKS, run_rank, trained
from support.tiny_families import save_family
from torch import multiprocessing

pytestmark = pytest.mark.slow


@pytest.mark.usefixtures("_server")
def test_sharded_4_bit_weights_train_as_whole_ones_do(tmp_path: Path) -> None:
    folder = str(save_family("phi3_v", tmp_path / "model", ["What is shown in this image?"] * 4))
    multiprocessing.start_processes(
        run_rank, (folder, str(tmp_path)), nprocs=RANKS, start_method="forkserver"
    )
    ranks = [torch.load(tmp_path / f"rank{rank}.pt", weights_only=True) for rank in range(RANKS)]
    expected, sharded = trained(folder, IDS, shard=False)
    assert sharded == 0
    for rank in ranks:
        assert rank["sharded"] > len(expected)  # the frozen 4-bit ones, too
        assert rank["weights"].keys() == expected.keys()
        for name, weight in expected.items():
            torch.testing.assert_close(rank["weights"][name], weight, atol=2e-3, rtol=2e-2)
