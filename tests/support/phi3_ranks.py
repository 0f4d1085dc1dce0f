"""What each of two processes does in the tests of distributed training, in a module that it can import."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import torch
from support.phi3_batches import MIXED, Prompt, answer_labels, collate
from torch import distributed
from torch.distributed.fsdp import FSDPModule, fully_shard
from torch.distributed.tensor import DTensor
from torch.nn.parallel import DistributedDataParallel

from datagen.train.phi3_vision import Phi3VForConditionalGeneration
from datagen.train.phi3_vision.tiny import tiny_config, tiny_model

RANKS = 2
STEPS: list[list[list[Prompt]]] = [
    [[MIXED[0], MIXED[2]], [MIXED[1], [1, 20, 21, 22, 23]]],
    [[[1, 30, 31, 32]], [MIXED[2]]],
]
"""Prompts by step and rank: at each step one rank has pictures and the other has none."""


def labelled(prompts: list[Prompt]) -> dict[str, Any]:
    batch = collate(tiny_config(), prompts)
    return {**batch, "labels": answer_labels(batch, 2)}


def whole(tensor: torch.Tensor) -> torch.Tensor:
    return (tensor.full_tensor() if isinstance(tensor, DTensor) else tensor).detach().clone()


def train(model: Any, rank: int) -> dict[str, torch.Tensor]:
    """Two steps of SGD; the weights after them."""
    optimiser = torch.optim.SGD([weight for weight in model.parameters() if weight.requires_grad], lr=0.1)
    for step in STEPS:
        optimiser.zero_grad()
        model(**labelled(step[rank])).loss.backward()
        optimiser.step()
    return {name.removeprefix("module."): whole(weight) for name, weight in model.named_parameters()}


def sharded(model: Phi3VForConditionalGeneration) -> Any:
    mesh = distributed.init_device_mesh("cpu", (RANKS,))
    units = [module for module in model.modules() if type(module).__name__ in model._no_split_modules]
    for unit in (*reversed(units), model):
        fully_shard(unit, mesh=mesh)
    assert isinstance(model, FSDPModule)
    return model


def run_rank(rank: int, folder: str) -> None:
    torch.set_num_threads(1)
    distributed.init_process_group(
        "gloo",
        init_method=f"file://{folder}/meeting",
        rank=rank,
        world_size=RANKS,
        timeout=timedelta(seconds=120),
    )
    results = {"ddp": train(DistributedDataParallel(tiny_model().train()), rank)}
    model = sharded(tiny_model().train())
    results["fsdp"] = train(model, rank)
    model.model.vision_embed_tokens.requires_grad_(False)
    results["fsdp, frozen tower"] = train(model, rank)
    batch = collate(tiny_config(), STEPS[0][rank])
    model.eval()
    written = model.generate(**batch, max_new_tokens=4 + rank, min_new_tokens=4 + rank, synced_gpus=True)
    torch.save({"weights": results, "written": written}, Path(folder) / f"rank{rank}.pt")
    distributed.destroy_process_group()
