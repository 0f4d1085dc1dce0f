"""Adapters merged to generate: rounded once, and without a trace afterwards."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from peft import LoraConfig, get_peft_model
from support.phi3_batches import MIXED, collate

from datagen.train.models.merging import merge_adapters, merged_adapters
from datagen.train.phi3_vision import Phi3VForConditionalGeneration
from datagen.train.phi3_vision.tiny import tiny_config, tiny_model

BRAIN = torch.bfloat16


def adapted(dtype: torch.dtype = BRAIN) -> Any:
    """A tiny model in training, with adapters that change what it says."""
    model = tiny_model(tiny_config(512)).to(dtype).requires_grad_(False)
    torch.manual_seed(1)
    options = LoraConfig(r=4, lora_dropout=0.1, target_modules=Phi3VForConditionalGeneration.LORA_TARGETS)
    model = get_peft_model(model, options)
    for name, weight in model.named_parameters():
        if "lora_B" in name:
            weight.data = torch.randn_like(weight) / 20
    return model.train()


def weights_of(model: Any) -> dict[str, tuple[int, torch.Tensor]]:
    return {name: (weight.data_ptr(), weight.clone()) for name, weight in model.state_dict().items()}


def logits(model: Any) -> torch.Tensor:
    batch = collate(model.config, MIXED)
    with torch.no_grad():
        found: torch.Tensor = model(**{**batch, "pixel_values": batch["pixel_values"].to(model.dtype)}).logits
    return found


def test_training_goes_on_with_the_very_weights_it_had() -> None:
    model = adapted()
    before, said = weights_of(model), logits(model.eval())
    model.train()
    optimiser = torch.optim.AdamW([weight for weight in model.parameters() if weight.requires_grad])
    with merged_adapters(model):
        layer = model.base_model.model.model.layers[0].mlp.down_proj
        delta = layer.get_delta_weight("default")
        own = before["base_model.model.model.layers.0.mlp.down_proj.base_layer.weight"][1]
        assert layer.merged
        assert torch.equal(layer.get_base_layer().weight, (own.float() + delta.float()).to(BRAIN))
        assert layer.get_base_layer().weight.dtype == BRAIN
    after = weights_of(model)
    assert after.keys() == before.keys()
    for name, (place, weight) in before.items():
        assert after[name][0] == place, name
        assert torch.equal(after[name][1], weight), name
    assert model.training
    assert torch.equal(logits(model.eval()), said)
    assert all(group["params"] for group in optimiser.param_groups)


def test_an_error_while_merged_leaves_no_trace_either() -> None:
    model = adapted()
    before = weights_of(model)
    with pytest.raises(ZeroDivisionError), merged_adapters(model):
        raise ZeroDivisionError
    assert {name: place for name, (place, _) in weights_of(model).items()} == {
        name: place for name, (place, _) in before.items()
    }


def test_what_is_merged_for_good_says_the_same_up_to_rounding() -> None:
    model = adapted().eval()
    before = logits(model)
    base = logits(tiny_model(tiny_config(512)).to(BRAIN))
    merge_adapters(model)
    with merged_adapters(model):  # nothing is left to merge
        after = logits(model)
    assert (after - before).abs().max() < 0.1 * (base - before).abs().max()


def test_adapters_on_a_float32_base_are_left_as_they_are() -> None:
    model = adapted(torch.float32)
    with merged_adapters(model):
        assert not model.base_model.model.model.layers[0].mlp.down_proj.merged
