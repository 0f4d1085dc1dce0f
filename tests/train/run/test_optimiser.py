"""AdamW for adapters in bfloat16: no small step is lost, and a resumed run goes on with the same copies."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from support.tiny_runs import config_of, losses_of

from datagen.train.run.finetune import RunInterrupted, train_run
from datagen.train.run.learning_rates import set_rates
from datagen.train.run.optimiser import CopyingAdamW
from datagen.train.run.trainer import RunTrainer

BRAIN = torch.bfloat16
RATE = 1e-4


def weights() -> list[torch.Tensor]:
    torch.manual_seed(0)
    return [
        torch.nn.Parameter((torch.randn(6, 5) / 8).to(BRAIN)),
        torch.nn.Parameter(torch.zeros(4).to(BRAIN)),
    ]


def groups(of: list[torch.Tensor]) -> list[dict[str, Any]]:
    return [{"params": of[:1], "weight_decay": 0.01}, {"params": of[1:], "weight_decay": 0.0}]


def step(optimiser: Any, of: list[torch.Tensor], seed: int) -> None:
    """A step by gradients that bfloat16 can hold."""
    torch.manual_seed(seed)
    for weight in of:
        weight.grad = torch.randn(weight.shape).to(BRAIN).to(weight.dtype)
    optimiser.step()
    optimiser.zero_grad()


def test_the_weights_are_the_rounded_result_of_adamw_in_float32() -> None:
    ours = weights()
    exact: list[torch.Tensor] = [torch.nn.Parameter(weight.detach().float()) for weight in ours]
    optimiser, reference = CopyingAdamW(groups(ours), lr=RATE), torch.optim.AdamW(groups(exact), lr=RATE)
    for number in range(20):
        step(optimiser, ours, number)
        step(reference, exact, number)
    for weight, other in zip(ours, exact, strict=True):
        assert weight.dtype == BRAIN
        assert weight.grad is None
        assert torch.equal(weight, other.to(BRAIN))


def test_steps_too_small_for_bfloat16_add_up() -> None:
    """A step of 1e-4 is less than half of the 0.0039 between 1 and its neighbour below."""
    moved = []
    for kind in (CopyingAdamW, torch.optim.AdamW):
        weight = torch.nn.Parameter(torch.ones(1, dtype=BRAIN))
        optimiser = kind([{"params": [weight]}], lr=RATE, weight_decay=0.0)
        for _ in range(60):
            weight.grad = torch.ones_like(weight)
            optimiser.step()
        moved.append(1 - weight.item())
    assert moved == [pytest.approx(60 * RATE, abs=0.002), 0]


def test_a_restored_optimiser_goes_on_with_the_copies(tmp_path: Path) -> None:
    one, two = weights(), weights()
    first, second = (CopyingAdamW(groups(of), lr=RATE) for of in (one, two))
    for number in range(5):
        step(first, one, number)
    torch.save(first.state_dict(), tmp_path / "state.pt")
    second.load_state_dict(torch.load(tmp_path / "state.pt", weights_only=True))
    for number in range(5, 9):
        step(first, one, number)
        step(second, two, number)
    for weight, other in zip(one, two, strict=True):
        assert torch.equal(weight, other)


def test_a_run_with_bf16_adapters_is_resumed_with_the_same_losses(
    garden_set: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: dict[str, Any] = {
        "model__method": "qlora",
        "training__adapter_dtype": "bfloat16",
        "training__steps": 4,
        "training__batch_size": 2,
        "training__evaluate_every": 100,
        "training__save_every": 2,
        "training__learning_rate": 0.003,
    }
    config = config_of(garden_set, **asked)
    train_run(config, tmp_path / "whole")
    saved = load_file(tmp_path / "whole" / "last" / "adapter_model.safetensors")
    assert {weight.dtype for weight in saved.values()} == {BRAIN}
    with monkeypatch.context() as patch:
        real = RunTrainer.agree

        def stopping(self: RunTrainer, step: int) -> None:
            real(self, step)
            self.interrupted = step == 2

        patch.setattr(RunTrainer, "agree", stopping)
        with pytest.raises(RunInterrupted):
            train_run(config, tmp_path / "run")
    train_run(config, tmp_path / "run", resume=True)
    assert losses_of(tmp_path / "run") == losses_of(tmp_path / "whole")


def test_copies_have_the_learning_rates_of_their_weights_parts() -> None:
    """Rates are set on an optimiser's groups, which hold the copies."""
    ours = weights()
    optimiser = CopyingAdamW(groups(ours), lr=RATE)
    parts: dict[Any, Any] = {ours[0]: "tower", ours[1]: "decoder"}
    parts |= {copy: parts[weight] for weight, copy in optimiser.pairs()}
    set_rates(optimiser, parts, RATE, {"tower": 7 * RATE})
    assert [group["lr"] for group in optimiser.param_groups] == [RATE, 7 * RATE]
    before = [weight.clone() for weight in ours]
    step(optimiser, ours, 0)
    moved = [float((weight - old).abs().max().detach()) for weight, old in zip(ours, before, strict=True)]
    assert moved[0] > 2 * moved[1] > 0
