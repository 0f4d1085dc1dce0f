"""Two processes, one with pictures in its batch and the other without, train as one process would."""

from pathlib import Path
from typing import Any

import pytest
import torch
from support.phi3_batches import collate
from support.phi3_ranks import RANKS, STEPS, labelled, run_rank
from torch import multiprocessing

from datagen.train.phi3_vision import Phi3VForConditionalGeneration
from datagen.train.phi3_vision.tiny import tiny_config, tiny_model

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def ranks(_server: None, tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    folder = tmp_path_factory.mktemp("ranks")
    multiprocessing.start_processes(run_rank, (str(folder),), nprocs=RANKS, start_method="forkserver")
    return [torch.load(Path(folder) / f"rank{rank}.pt", weights_only=True) for rank in range(RANKS)]


def train_alone(model: Phi3VForConditionalGeneration) -> dict[str, torch.Tensor]:
    optimiser = torch.optim.SGD([weight for weight in model.parameters() if weight.requires_grad], lr=0.1)
    for step in STEPS:
        optimiser.zero_grad()
        for prompts in step:
            (model(**labelled(prompts)).loss / RANKS).backward()
        optimiser.step()
    return {name: weight.detach().clone() for name, weight in model.named_parameters()}


def assert_same(found: dict[str, torch.Tensor], expected: dict[str, torch.Tensor]) -> None:
    assert found.keys() == expected.keys()
    for name, weight in expected.items():
        torch.testing.assert_close(found[name], weight, atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("way", ["ddp", "fsdp"])
def test_weights_after_two_steps(ranks: list[dict[str, Any]], way: str) -> None:
    expected = train_alone(tiny_model().train())
    start = dict(tiny_model().named_parameters())
    moved = [name for name, weight in start.items() if not torch.equal(weight, expected[name])]
    assert any("vision_embed_tokens" in name for name in moved)
    for rank in ranks:
        assert_same(rank["weights"][way], expected)


def test_a_frozen_tower_under_fsdp_and_then_generating(ranks: list[dict[str, Any]]) -> None:
    model = tiny_model().train()
    train_alone(model)
    model.model.vision_embed_tokens.requires_grad_(False)
    expected = train_alone(model)
    model.eval()
    for number, rank in enumerate(ranks):
        assert_same(rank["weights"]["fsdp, frozen tower"], expected)
        batch = collate(tiny_config(), STEPS[0][number])
        new = 4 + number
        assert torch.equal(rank["written"], model.generate(**batch, max_new_tokens=new, min_new_tokens=new))
