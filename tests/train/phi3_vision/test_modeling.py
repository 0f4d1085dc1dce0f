"""One forward pass: what goes in is what counts, whatever it is batched and padded with; names on disk."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from support.phi3_batches import MIXED, Picture, Prompt, collate
from transformers import AutoModelForCausalLM, AutoModelForImageTextToText
from transformers.utils import is_flash_attn_2_available

from datagen.schemas import InputError
from datagen.train.phi3_vision import Phi3VForConditionalGeneration
from datagen.train.phi3_vision.tiny import tiny_config, tiny_model

LONG = 48  # the length from which on tests take the long rope factors


OFFICIAL_NAMES = {
    "lm_head.weight",
    "model.embed_tokens.weight",
    "model.layers.0.mlp.gate_up_proj.weight",
    "model.layers.1.self_attn.qkv_proj.weight",
    "model.norm.weight",
    "model.vision_embed_tokens.glb_GN",
    "model.vision_embed_tokens.img_processor.vision_model.embeddings.class_embedding",
    "model.vision_embed_tokens.img_processor.vision_model.encoder.layers.2.mlp.fc1.bias",
    "model.vision_embed_tokens.img_processor.vision_model.post_layernorm.weight",
    "model.vision_embed_tokens.img_processor.vision_model.pre_layrnorm.weight",
    "model.vision_embed_tokens.img_projection.2.bias",
    "model.vision_embed_tokens.sub_GN",
}


@pytest.fixture(scope="module")
def model() -> Phi3VForConditionalGeneration:
    return tiny_model(tiny_config(original_max_position_embeddings=LONG)).eval()


def logits(model: Phi3VForConditionalGeneration, batch: dict[str, Any]) -> torch.Tensor:
    with torch.no_grad():
        out: torch.Tensor = model(**batch).logits
    return out


def one_by_one(model: Phi3VForConditionalGeneration, prompts: list[Prompt]) -> list[torch.Tensor]:
    return [logits(model, collate(model.config, [prompt]))[0] for prompt in prompts]


@pytest.mark.parametrize("attention", ["eager", "sdpa"])
@pytest.mark.parametrize("padding", ["left", "right"])
def test_batched_is_one_by_one(padding: str, attention: str) -> None:
    model = tiny_model(tiny_config(original_max_position_embeddings=LONG)).eval()
    model.set_attn_implementation(attention)
    prompts: list[Prompt] = [*MIXED, [1, *range(3, 60)], [1, Picture(2, 2, seed=4), *range(3, 40)]]
    batch = collate(model.config, prompts, padding)
    together = logits(model, batch)
    lengths = batch["attention_mask"].sum(dim=1)
    assert (lengths > LONG).any()
    assert (lengths < LONG).any()
    for row, mask, alone in zip(together, batch["attention_mask"], one_by_one(model, prompts), strict=True):
        assert (row[mask.bool()] - alone).abs().max() < 1e-5


def test_eager_and_sdpa_agree(model: Phi3VForConditionalGeneration) -> None:
    batch = collate(model.config, MIXED)
    both = []
    for attention in ("eager", "sdpa"):
        model.set_attn_implementation(attention)
        assert model.model.vision_embed_tokens.tower.config._attn_implementation == attention
        both.append(logits(model, batch)[batch["attention_mask"].bool()])
    assert (both[0] - both[1]).abs().max() < 1e-5


def test_the_picture_matters(model: Phi3VForConditionalGeneration) -> None:
    batch = collate(model.config, [[1, 5, Picture(2, 2), 1, 7, 8]])
    seen = logits(model, batch)
    pixels = batch["pixel_values"]
    others = {
        "mirrored": pixels.flip(-1),
        "tiles in another order": pixels[:, [0, 2, 1, 3, 4]],
        "another global view": torch.cat([pixels[:, 1:2], pixels[:, 1:]], dim=1),
        "blank": torch.zeros_like(pixels),
    }
    for name, other in others.items():
        moved = (logits(model, {**batch, "pixel_values": other}) - seen).abs().max()
        assert moved > 1e-2, name


def test_only_real_tiles_run(model: Phi3VForConditionalGeneration) -> None:
    batch = collate(model.config, [[1, Picture(1, 1), 5], [1, Picture(2, 2), 5]])
    seen = logits(model, batch)
    batch["pixel_values"][0, 2:] = torch.nan
    assert torch.equal(logits(model, batch), seen)


def test_unused_weights_are_unused_and_frozen() -> None:
    model = tiny_model().eval()
    batch = collate(model.config, MIXED)
    seen = logits(model, batch)
    tower = model.model.vision_embed_tokens.tower
    unused = {
        id(weight)
        for part in (tower.encoder.layers[-1], tower.post_layernorm)
        for weight in part.parameters()
    }
    frozen = {id(weight) for weight in model.parameters() if not weight.requires_grad}
    assert frozen == unused
    with torch.no_grad():
        for part in (tower.encoder.layers[-1], tower.post_layernorm):
            for weight in part.parameters():
                weight.fill_(torch.nan)
    assert torch.equal(logits(model, batch), seen)


def test_inputs_are_not_written_to(model: Phi3VForConditionalGeneration) -> None:
    batch = collate(model.config, MIXED)
    before = {name: tensor.clone() for name, tensor in batch.items()}
    first = logits(model, batch)
    assert all(torch.equal(batch[name], tensor) for name, tensor in before.items())
    assert torch.equal(logits(model, batch), first)


def test_the_number_of_a_picture_counts_not_its_place(model: Phi3VForConditionalGeneration) -> None:
    a, b = Picture(1, 1, seed=1), Picture(1, 2, seed=2)
    straight = collate(model.config, [[1, a, 5, b, 6]])
    crossed = collate(model.config, [[1, b, 5, a, 6]])
    swapped = crossed["input_ids"].clone()
    swapped[crossed["input_ids"] == -1], swapped[crossed["input_ids"] == -2] = -2, -1
    by_number = {**straight, "input_ids": swapped}
    assert torch.equal(logits(model, by_number), logits(model, crossed))


def test_logits_only_at_requested_positions(model: Phi3VForConditionalGeneration) -> None:
    batch = collate(model.config, MIXED)
    every = logits(model, batch)
    assert torch.allclose(logits(model, {**batch, "logits_to_keep": 2}), every[:, -2:], atol=1e-6)
    positions = torch.tensor([0, 3])
    assert torch.allclose(
        logits(model, {**batch, "logits_to_keep": positions}), every[:, positions], atol=1e-6
    )
    assert torch.equal(logits(model, {**batch, "logits_to_keep": 0}), every)


def test_embeddings_in_place_of_ids(model: Phi3VForConditionalGeneration) -> None:
    batch = collate(model.config, MIXED)
    with torch.no_grad():
        embeddings = model.model.embed(batch["input_ids"], batch["pixel_values"], batch["image_sizes"])
    given = {"inputs_embeds": embeddings, "attention_mask": batch["attention_mask"]}
    assert torch.equal(logits(model, given), logits(model, batch))


def test_rounding_the_weights_does_not_round_the_rope() -> None:
    model = tiny_model().to(torch.bfloat16).eval()
    rope = tiny_model().model.rotary_emb
    positions = torch.arange(2000)[None]
    exact = rope(torch.zeros(1), positions)[0]
    rounded = model.model.rotary_emb(torch.zeros(1, dtype=torch.bfloat16), positions)[0]
    assert (rounded - exact).abs().max() < 0.01
    assert logits(model, collate(model.config, MIXED)).dtype == torch.bfloat16


def test_rope_first_used_without_gradients_still_trains() -> None:
    model = tiny_model()
    batch = collate(model.config, MIXED)
    with torch.inference_mode():
        model(**batch)
    model(**batch, labels=batch["input_ids"]).loss.backward()


def wrong(change: str) -> dict[str, Any]:
    config = tiny_config()
    batch = collate(config, [[1, Picture(1, 1, seed=1), 5], [1, 6, Picture(1, 2, seed=2), 7]])
    if change == "no pictures":
        del batch["pixel_values"], batch["image_sizes"]
    elif change == "no sizes":
        del batch["image_sizes"]
    elif change == "one picture less":
        batch["pixel_values"], batch["image_sizes"] = batch["pixel_values"][:1], batch["image_sizes"][:1]
    elif change == "one picture more":
        batch["pixel_values"] = torch.cat([batch["pixel_values"]] * 2)
        batch["image_sizes"] = torch.cat([batch["image_sizes"]] * 2)
    elif change == "cut":
        batch["input_ids"], batch["attention_mask"] = (
            batch["input_ids"][:, 8:],
            batch["attention_mask"][:, 8:],
        )
    elif change == "a number skipped":
        batch["input_ids"][0][batch["input_ids"][0] == -1] = -2
    elif change == "one number for two":
        batch = collate(config, [[1, Picture(1, 1), Picture(1, 1)], [1, Picture(1, 2), Picture(1, 2)]])
        first = (batch["input_ids"][0] == -1).nonzero()
        batch["input_ids"][0, first] = 9
    elif change == "absurd":
        batch["input_ids"][0, -1] = -(10**12) + 1
    elif change == "other sizes":
        batch["image_sizes"] = batch["image_sizes"].flip(0)
    elif change == "sizes of no tiles":
        batch["image_sizes"] = batch["image_sizes"] - 1
    elif change == "more tiles than pixels":
        batch["image_sizes"] = batch["image_sizes"] * 3
    elif change == "ids and embeddings":
        batch["inputs_embeds"] = torch.zeros((2, batch["input_ids"].shape[1], 64))
    elif change == "nothing":
        batch = {}
    return batch


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ("no pictures", "has slots for pictures, but there are no pixel_values"),
        ("no sizes", "no image_sizes"),
        ("one picture less", "refer to 2 pictures, but there are 1"),
        ("one picture more", "refer to 2 pictures, but there are 4"),
        ("absurd", "refer to 1000000000000 pictures, but there are 2"),
        ("cut", r"\[11, 11\] slots .* have \[13, 17\] tokens"),
        ("a number skipped", "refer to 3 pictures, but there are 2"),
        ("one number for two", r"\[0, 13, 17, 17\] slots .* have \[13, 13, 17, 17\] tokens"),
        ("other sizes", r"have \[17, 13\] tokens"),
        ("sizes of no tiles", "not made of whole tiles"),
        ("more tiles than pixels", "do not fit image_sizes"),
        ("ids and embeddings", "pass one or the other"),
        ("nothing", "neither input_ids nor inputs_embeds"),
    ],
)
def test_a_mistake_is_a_sentence(model: Phi3VForConditionalGeneration, change: str, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence) as caught:
        model(**wrong(change))
    assert "\n" not in str(caught.value)


def test_saved_under_official_names_and_read_back_bit_for_bit(tmp_path: Path) -> None:
    model = tiny_model()
    model.save_pretrained(tmp_path)
    saved = load_file(tmp_path / "model.safetensors")
    assert saved.keys() == model.state_dict().keys()
    assert saved.keys() > OFFICIAL_NAMES
    again, report = Phi3VForConditionalGeneration.from_pretrained(tmp_path, output_loading_info=True)
    assert not any(report.values())
    assert again.state_dict().keys() == model.state_dict().keys()
    assert all(torch.equal(tensor, again.state_dict()[name]) for name, tensor in model.state_dict().items())
    frozen = [name for name, weight in again.named_parameters() if not weight.requires_grad]
    assert frozen == [name for name, weight in model.named_parameters() if not weight.requires_grad]


@pytest.mark.parametrize("auto", [AutoModelForImageTextToText, AutoModelForCausalLM])
def test_auto_classes_take_this_code_though_the_folder_names_other(auto: Any, tmp_path: Path) -> None:
    tiny_model().save_pretrained(tmp_path)
    config = json.loads((tmp_path / "config.json").read_text(encoding="utf-8"))
    config |= {
        "architectures": ["Phi3VForCausalLM"],
        "auto_map": {
            "AutoConfig": "configuration_phi3_v.Phi3VConfig",
            "AutoModelForCausalLM": "modeling_phi3_v.Phi3VForCausalLM",
        },
        "_attn_implementation": "flash_attention_2",
    }
    (tmp_path / "config.json").write_text(json.dumps(config), encoding="utf-8")
    for name in ("configuration_phi3_v.py", "modeling_phi3_v.py"):
        (tmp_path / name).write_text("raise SystemExit('code of the folder ran')\n", encoding="utf-8")
    model = auto.from_pretrained(tmp_path)
    assert type(model) is Phi3VForConditionalGeneration
    assert model.config._attn_implementation == "sdpa"
    assert auto.from_pretrained(tmp_path, attn_implementation="eager").config._attn_implementation == "eager"


def test_a_model_of_meta_weights_has_nothing_but_parameters_to_fill_in() -> None:
    with torch.device("meta"):
        model = Phi3VForConditionalGeneration(tiny_config())
    assert {name.rsplit(".", 1)[-1] for name, _ in model.named_buffers()} == {"position_ids"}


def test_the_same_seed_gives_the_same_model() -> None:
    first, second, other = tiny_model(seed=3), tiny_model(seed=3), tiny_model(seed=4)
    assert torch.equal(first.lm_head.weight, second.lm_head.weight)
    assert torch.equal(first.model.vision_embed_tokens.glb_GN, second.model.vision_embed_tokens.glb_GN)
    assert not torch.equal(first.lm_head.weight, other.lm_head.weight)


def test_flash_attention_is_possible_in_decoder_and_tower(model: Phi3VForConditionalGeneration) -> None:
    assert model._supports_flash_attn
    assert model.model.vision_embed_tokens.tower._supports_flash_attn
    if not is_flash_attn_2_available():
        with pytest.raises(ImportError, match="installed"):
            model.set_attn_implementation("flash_attention_2")
