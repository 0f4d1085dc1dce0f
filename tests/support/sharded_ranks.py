"""What each of two processes does in the test of sharded 4-bit training, in a module that it can import."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import torch
from torch import distributed
from torch.distributed.fsdp import FSDPModule, fully_shard
from torch.distributed.tensor import DTensor

from datagen.train.config import load_config
from datagen.train.models.base import attach_lora, load_base

RANKS = 2
IDS = torch.arange(5, 25).view(2, 10)


def trained(folder: str, rows: torch.Tensor, shard: bool) -> tuple[dict[str, torch.Tensor], int]:
    """The trained weights after two steps of SGD, and how many tensors of the model are sharded."""
    flags = {
        "data.real": "shop",
        "model.base": folder,
        "model.train": ["decoder", "projector"],
        "model.lora.dropout": 0.0,
    }
    config = load_config(None, flags)
    model: Any = attach_lora(load_base(config), config).model
    if shard:
        mesh = distributed.init_device_mesh("cpu", (RANKS,))
        units = [one for one in model.modules() if type(one).__name__ == "Phi3DecoderLayer"]
        assert units
        for unit in (*units, model):
            fully_shard(unit, mesh=mesh)
        assert isinstance(model, FSDPModule)
    optimiser = torch.optim.SGD([weight for weight in model.parameters() if weight.requires_grad], lr=0.1)
    for _ in range(2):
        optimiser.zero_grad()
        model(input_ids=rows, labels=rows, use_cache=False).loss.backward()
        optimiser.step()
    sharded = sum(isinstance(weight, DTensor) for weight in model.parameters())
    found = {
        name: (weight.full_tensor() if isinstance(weight, DTensor) else weight).detach().clone()
        for name, weight in model.named_parameters()
        if weight.requires_grad
    }
    return found, sharded


def run_rank(rank: int, folder: str, meeting: str) -> None:
    torch.set_num_threads(1)
    os.environ["ACCELERATE_USE_FSDP"] = "true"
    distributed.init_process_group(
        "gloo",
        init_method=f"file://{meeting}/meeting",
        rank=rank,
        world_size=RANKS,
        timeout=timedelta(seconds=120),
    )
    weights, sharded = trained(folder, IDS[rank : rank + 1], shard=True)
    torch.save({"weights": weights, "sharded": sharded}, Path(meeting) / f"rank{rank}.pt")
    distributed.destroy_process_group()
