"""A training step: it sees the picture, keeps no large logits, and is the same however it is computed."""

from typing import Any

import pytest
import torch
from peft import LoraConfig, get_peft_model
from support.phi3_batches import MIXED, Picture, Prompt, answer_labels, collate
from torch.utils._python_dispatch import TorchDispatchMode

from datagen.train.phi3_vision import Phi3VForConditionalGeneration
from datagen.train.phi3_vision.tiny import tiny_config, tiny_model

# peft still asks by the old name.
pytestmark = pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing` is deprecated:FutureWarning")


def with_labels(batch: dict[str, Any], answer: int = 2) -> dict[str, Any]:
    return {**batch, "labels": answer_labels(batch, answer)}


def gradients(model: torch.nn.Module, batch: dict[str, Any]) -> dict[str, torch.Tensor]:
    model.zero_grad()
    model(**batch).loss.backward()
    return {name: weight.grad.clone() for name, weight in model.named_parameters() if weight.grad is not None}


def assert_same(found: dict[str, torch.Tensor], expected: dict[str, torch.Tensor]) -> None:
    assert found.keys() == expected.keys()
    for name, gradient in expected.items():
        torch.testing.assert_close(
            found[name], gradient, atol=2e-6, rtol=1e-4, msg=lambda m, n=name: f"{n}: {m}"
        )


def checkpointing(model: Phi3VForConditionalGeneration) -> None:
    enable = getattr(model, "activation_checkpointing_enable", None) or model.gradient_checkpointing_enable
    enable()


class Largest(TorchDispatchMode):
    """Notes the largest tensor that any operation returns."""

    def __init__(self) -> None:
        super().__init__()
        self.numbers = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        out = func(*args, **(kwargs or {}))
        for tensor in out if isinstance(out, tuple | list) else (out,):
            if isinstance(tensor, torch.Tensor):
                self.numbers = max(self.numbers, tensor.numel())
        return out


def test_no_tensor_of_batch_by_length_by_vocabulary() -> None:
    """Four samples of four crops; every other tensor of the step is smaller than the logits of all."""
    config = tiny_config(vocab_size=2000)
    model = tiny_model(config).train()
    prompts: list[Prompt] = [[1, 5, Picture(2, 2, seed=i), 1, 6, 7, 8 + i] for i in range(4)]
    batch = with_labels(collate(config, prompts))
    with Largest() as largest:
        out = model(**batch)
        out.loss.backward()
    assert out.logits is None
    assert out.past_key_values is None
    every_logit = batch["input_ids"].numel() * config.vocab_size
    assert largest.numbers < every_logit
    with Largest() as largest:
        assert model(**batch, logits_to_keep=0).logits.numel() == every_logit
    assert largest.numbers >= every_logit


def test_gradient_depends_on_the_picture() -> None:
    """The widely copied recipe for this model trains without ever seeing its pictures."""
    model = tiny_model().train()
    batch = with_labels(collate(model.config, [[1, Picture(1, 2, seed=1), 1, 7, 8, 9]]))
    seen = gradients(model, batch)
    black = gradients(model, {**batch, "pixel_values": torch.zeros_like(batch["pixel_values"])})
    for name in ("lm_head.weight", "model.layers.0.self_attn.qkv_proj.weight", "model.norm.weight"):
        assert (seen[name] - black[name]).norm() > 0.05 * seen[name].norm()
    batch["pixel_values"].requires_grad_(True)
    model(**batch).loss.backward()
    assert all(tile.abs().max() > 0 for tile in batch["pixel_values"].grad[0])


def test_every_weight_that_trains_has_a_gradient() -> None:
    model = tiny_model().train()
    for prompts in (MIXED, [MIXED[1]]):
        found = gradients(model, with_labels(collate(model.config, prompts)))
        assert found.keys() == {name for name, weight in model.named_parameters() if weight.requires_grad}
    assert all(not found[name].any() for name in found if "vision_embed_tokens" in name)


def test_a_blank_picture_that_only_takes_part_changes_nothing() -> None:
    model = tiny_model().train()
    batch = with_labels(collate(model.config, [MIXED[1]]))
    took_part = model(**batch).loss
    model.model.vision_embed_tokens.requires_grad_(False)
    assert torch.equal(model(**batch).loss, took_part)


@pytest.mark.parametrize("padding", ["left", "right"])
def test_mixed_batch_is_the_sum_of_its_samples(padding: str) -> None:
    config = tiny_config(original_max_position_embeddings=40)
    model = tiny_model(config).train()
    prompts: list[Prompt] = [*MIXED, [1, Picture(2, 2, seed=4), *range(3, 20)]]

    def labelled(some: list[Prompt]) -> dict[str, Any]:
        batch = collate(config, some, padding)
        labels = batch["input_ids"].masked_fill(batch["attention_mask"] == 0, -100)
        return {**batch, "labels": labels, "num_items_in_batch": 30}

    together = gradients(model, labelled(prompts))
    alone = [gradients(model, labelled([prompt])) for prompt in prompts]
    assert_same(together, {name: torch.stack([one[name] for one in alone]).sum(dim=0) for name in together})
    assert all(gradient.isfinite().all() for gradient in together.values())


def test_gradient_checkpointing_changes_no_gradient() -> None:
    model = tiny_model().train()
    batch = with_labels(collate(model.config, MIXED))
    expected = gradients(model, batch)
    checkpointing(model)
    layers = [*model.model.layers, *model.model.vision_embed_tokens.tower.encoder.layers]
    assert all(layer.gradient_checkpointing for layer in layers)
    assert all(not layer._gradient_checkpointing_func.keywords["use_reentrant"] for layer in layers)
    assert_same(gradients(model, batch), expected)


@pytest.mark.slow
@pytest.mark.filterwarnings(
    "ignore:The .grad attribute of a Tensor that is not a leaf:UserWarning"
)  # it looks
@pytest.mark.filterwarnings("ignore:Guards may run slower on Python:RuntimeWarning")
def test_compiled_layers_change_no_gradient() -> None:
    model = tiny_model().train()
    batch = with_labels(collate(model.config, MIXED))
    expected = gradients(model, batch)
    for layer in model.model.layers:
        layer.compile(backend="aot_eager", fullgraph=True)
    assert_same(gradients(model, batch), expected)
    assert_same(gradients(model, batch), expected)


def lora(model: Phi3VForConditionalGeneration, **options: Any) -> Any:
    torch.manual_seed(0)
    targets = Phi3VForConditionalGeneration.LORA_TARGETS
    return get_peft_model(model, LoraConfig(r=4, lora_alpha=8, target_modules=targets, **options))


def test_adapters_sit_on_the_linear_layers_of_the_decoder_alone() -> None:
    model = lora(tiny_model())
    adapted = {name.split(".lora_A")[0] for name, _ in model.named_parameters() if ".lora_A" in name}
    expected = {
        f"base_model.model.model.layers.{layer}.{part}"
        for layer in range(2)
        for part in ("self_attn.qkv_proj", "self_attn.o_proj", "mlp.gate_up_proj", "mlp.down_proj")
    }
    assert adapted == expected


def test_no_graph_is_kept_for_a_frozen_tower() -> None:
    """Checkpointing hooks make the tower's embeddings want gradients, and would run it backwards in vain."""
    model = tiny_model()
    checkpointing(model)
    adapted = lora(model).train()
    batch = collate(model.config, MIXED)
    features, _ = model.model.vision_embed_tokens(batch["pixel_values"], batch["image_sizes"])
    assert not features.requires_grad
    found = gradients(adapted, with_labels(batch))
    assert found
    assert all("lora_" in name for name in found)


def test_adapters_learn_what_only_the_picture_tells() -> None:
    """Two pictures, one prompt, two answers: without the picture the loss cannot fall below ln 2 = 0.69."""
    model = lora(tiny_model()).train()
    prompts: list[Prompt] = [[1, Picture(1, 1, seed=i), 1, 7, 8, 20 + i] for i in range(2)]
    batch = with_labels(collate(tiny_config(), prompts), answer=1)
    optimiser = torch.optim.AdamW([weight for weight in model.parameters() if weight.requires_grad], lr=0.02)
    for _ in range(20):
        optimiser.zero_grad()
        loss = model(**batch).loss
        loss.backward()
        optimiser.step()
    assert loss < 0.4  # what the frozen head allows is 0.23
    swapped = {**batch, "pixel_values": batch["pixel_values"].flip(0)}
    with torch.no_grad():
        assert model(**swapped).loss > 2
    model.eval()
    asked = collate(tiny_config(), [prompt[:-1] for prompt in prompts])
    assert model.generate(**asked, max_new_tokens=1)[:, -1].tolist() == [20, 21]
