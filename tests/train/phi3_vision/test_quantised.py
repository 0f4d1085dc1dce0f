"""4-bit weights: the decoder's linear layers and no other become NF4, and adapters on them learn."""

from pathlib import Path
from typing import Any

import pytest
import torch
from bitsandbytes.nn import Linear4bit
from peft import LoraConfig, PeftModel, get_peft_model
from support.phi3_batches import MIXED, Picture, Prompt, answer_labels, collate
from transformers import BitsAndBytesConfig

from datagen.train.phi3_vision import Phi3VForConditionalGeneration
from datagen.train.phi3_vision.tiny import tiny_config, tiny_model

pytestmark = [
    # peft still asks by the old name.
    pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing` is deprecated:FutureWarning"),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tiny")
    tiny_model().to(torch.bfloat16).save_pretrained(path)
    return path


def quantised(folder: Path, kept: list[str]) -> Phi3VForConditionalGeneration:
    model = Phi3VForConditionalGeneration.from_pretrained(
        folder,
        quantization_config=BitsAndBytesConfig(
            load_in_4bit=True,
            bnb_4bit_quant_type="nf4",
            bnb_4bit_use_double_quant=True,
            bnb_4bit_compute_dtype=torch.bfloat16,
            llm_int8_skip_modules=kept,
        ),
    )
    assert isinstance(model, Phi3VForConditionalGeneration)
    return model


def four_bit(model: torch.nn.Module) -> set[str]:
    return {name for name, module in model.named_modules() if isinstance(module, Linear4bit)}


@pytest.fixture
def model(folder: Path) -> Phi3VForConditionalGeneration:
    return quantised(folder, Phi3VForConditionalGeneration.KEPT_UNQUANTISED)


def test_just_the_linear_layers_of_the_decoder(model: Phi3VForConditionalGeneration) -> None:
    assert four_bit(model) == {
        f"model.layers.{layer}.{part}"
        for layer in range(2)
        for part in ("self_attn.qkv_proj", "self_attn.o_proj", "mlp.gate_up_proj", "mlp.down_proj")
    }
    others = {
        weight.dtype
        for name, weight in model.named_parameters()
        if not any(name.startswith(layer) for layer in four_bit(model))
    }
    assert others == {torch.bfloat16}


def test_names_without_their_beginning_keep_nothing(folder: Path) -> None:
    """Why KEPT_UNQUANTISED says model.vision_embed_tokens in full."""
    assert any("vision_model" in name for name in four_bit(quantised(folder, ["vision_embed_tokens"])))


def test_quantised_is_near_to_what_it_was(model: Phi3VForConditionalGeneration) -> None:
    batch = collate(model.config, MIXED)
    exact = tiny_model().to(torch.bfloat16).eval()
    mask = batch["attention_mask"].bool()
    with torch.no_grad():
        seen, expected = (one(**batch).logits[mask].float() for one in (model, exact))
    assert torch.cosine_similarity(seen, expected, dim=-1).mean() > 0.95
    assert model.generate(**batch, max_new_tokens=3).shape[1] <= batch["input_ids"].shape[1] + 3


@pytest.mark.parametrize("checkpointing", [False, True])
def test_adapters_learn_over_four_bits(
    model: Phi3VForConditionalGeneration, checkpointing: bool, folder: Path, tmp_path: Path
) -> None:
    if checkpointing:
        enable = getattr(model, "activation_checkpointing_enable", model.gradient_checkpointing_enable)
        enable()
    torch.manual_seed(0)
    options = LoraConfig(r=4, lora_alpha=8, target_modules=model.LORA_TARGETS)
    adapted: Any = get_peft_model(model, options)
    adapted.train()
    prompts: list[Prompt] = [[1, Picture(1, 1, seed=i), 1, 7, 8, 20 + i] for i in range(2)]
    batch = collate(tiny_config(), prompts)
    batch["labels"] = answer_labels(batch, 1)
    trained = {name: weight for name, weight in adapted.named_parameters() if weight.requires_grad}
    assert all("lora_" in name for name in trained)
    optimiser = torch.optim.AdamW(trained.values(), lr=0.02)
    for _ in range(20):
        optimiser.zero_grad()
        loss = adapted(**batch).loss
        loss.backward()
        optimiser.step()
    assert loss < 0.5
    adapted.eval().save_pretrained(tmp_path)
    again = PeftModel.from_pretrained(
        quantised(folder, Phi3VForConditionalGeneration.KEPT_UNQUANTISED), str(tmp_path)
    ).eval()
    asked = collate(tiny_config(), [prompt[:-1] for prompt in prompts])
    assert again.generate(**asked, max_new_tokens=1)[:, -1].tolist() == [20, 21]
