"""Compiled layers compute what the layers do, under the same names, and generation runs without them."""

from __future__ import annotations

import os
import shutil

import pytest
import torch
from support.phi3_batches import MIXED, collate
from torch._dynamo.utils import counters

from datagen.train.models.compiling import compile_layers, uncompiled
from datagen.train.phi3_vision.tiny import tiny_config, tiny_model

COMPILER = shutil.which("c++") or shutil.which("g++")
IN_EARNEST = pytest.mark.skipif(
    not (COMPILER and os.environ.get("DATAGEN_SEARCH")),
    reason="40 s of a C++ compiler, which the rehearsal of benchmarks/gpu.py runs as well; aot_eager traces "
    "the same graphs, forward and backward (DATAGEN_SEARCH=1 compiles them)",
)


@pytest.mark.filterwarnings("ignore")  # of the compiler, about torch itself
@pytest.mark.parametrize("backend", ["aot_eager", pytest.param("inductor", marks=IN_EARNEST)])
def test_compiled_layers_give_the_same_loss_and_gradients(backend: str) -> None:
    plain, model = tiny_model(tiny_config(512)), tiny_model(tiny_config(512))
    names = list(model.state_dict())
    compile_layers(model, "model.layers", backend)
    assert list(model.state_dict()) == names
    batch = collate(model.config, MIXED, padding="right")
    batch["labels"] = batch["input_ids"].where(batch["attention_mask"].bool(), torch.tensor(-100))
    del batch["attention_mask"]
    before = counters["stats"]["unique_graphs"]
    losses = [one(**batch).loss for one in (model, plain)]
    assert counters["stats"]["unique_graphs"] > before
    for loss in losses:
        loss.backward()
    torch.testing.assert_close(losses[0], losses[1])
    for (name, weight), (_, other) in zip(model.named_parameters(), plain.named_parameters(), strict=True):
        if other.grad is not None:
            torch.testing.assert_close(weight.grad, other.grad, atol=1e-5, rtol=1e-4, msg=name)
    compiled = counters["stats"]["unique_graphs"]
    text = {"input_ids": torch.arange(1, 8)[None]}
    with torch.no_grad(), uncompiled(model):
        torch.testing.assert_close(model(**text).logits, plain(**text).logits)
    assert counters["stats"]["unique_graphs"] == compiled


def test_a_model_that_is_not_compiled_is_left_alone() -> None:
    model = tiny_model(tiny_config(512))
    with uncompiled(model):
        assert all(module._compiled_call_impl is None for module in model.modules())
