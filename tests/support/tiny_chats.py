"""Tiny models of other architectures with random weights, whose chat format is read off their processor's
template.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import torch
from support.tiny_base import TEMPLATE, TinyBase
from support.tiny_families import DECODER
from transformers import (
    Gemma3Config,
    Gemma3ForConditionalGeneration,
    Gemma3ImageProcessorPil,
    Gemma3Processor,
    Idefics3Config,
    Idefics3ForConditionalGeneration,
    Idefics3ImageProcessorPil,
    Idefics3Processor,
    Qwen2_5_VLConfig,
    Qwen2_5_VLForConditionalGeneration,
    Qwen2_5_VLProcessor,
    Qwen2VLImageProcessorPil,
)

from datagen.train.models.architectures import ARCHITECTURES, chat_for, end_ids
from datagen.train.phi3_vision.tiny_tokenizer import tiny_tokenizer

QWEN_CHAT = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{% for c in m.content %}{% if c.type == 'image' %}"
    "<|vision_start|><|image_pad|><|vision_end|>{% else %}{{ c.text }}{% endif %}{% endfor %}<|im_end|>\n"
    "{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
IDEFICS_CHAT = (
    "<|im_start|>{% for m in messages %}{{ m.role | capitalize }}:{% for c in m.content %}"
    "{% if c.type == 'image' %}<image>{% else %} {{ c.text }}{% endif %}{% endfor %}<end_of_utterance>\n"
    "{% endfor %}{% if add_generation_prompt %}Assistant:{% endif %}"
)


GEMMA_CHAT = (
    "{{ bos_token }}{% for m in messages %}<start_of_turn>"
    "{{ 'model' if m.role == 'assistant' else m.role }}\n{% for c in m.content %}{% if c.type == 'image' %}"
    "<start_of_image>{% else %}{{ c.text | trim }}{% endif %}{% endfor %}<end_of_turn>\n{% endfor %}"
    "{% if add_generation_prompt %}<start_of_turn>model\n{% endif %}"
)


def qwen_base() -> Any:
    """Qwen2.5-VL. Its processor is made without its video part, which needs torchvision."""
    tokenizer = _tokenizer(
        ["<|im_start|>", "<|im_end|>", "<|vision_start|>", "<|vision_end|>", "<|image_pad|>", "<|video_pad|>"]
    )
    tokenizer.image_token, tokenizer.video_token = "<|image_pad|>", "<|video_pad|>"

    class Processor(Qwen2_5_VLProcessor):
        def check_argument_for_proper_class(self, name: str, argument: Any) -> type:
            return type(argument)

    processor = Processor(
        Qwen2VLImageProcessorPil(min_pixels=28 * 28, max_pixels=56 * 56),
        tokenizer,
        SimpleNamespace(merge_size=2, model_input_names=[]),
        chat_template=QWEN_CHAT,
    )
    ids = {
        f"{name}_token_id": tokenizer.convert_tokens_to_ids(f"<|{token}|>")
        for name, token in (("image", "image_pad"), ("video", "video_pad"), ("vision_start", "vision_start"))
    }
    rope = {"rope_type": "default", "rope_theta": 10000.0, "mrope_section": [4, 6, 6]}
    config = Qwen2_5_VLConfig(
        text_config={**DECODER, "vocab_size": len(tokenizer), "rope_parameters": rope},
        vision_config={
            "depth": 2,
            "hidden_size": 32,
            "intermediate_size": 64,
            "num_heads": 2,
            "out_hidden_size": 64,
            "fullatt_block_indexes": [1],
        },
        vision_end_token_id=tokenizer.convert_tokens_to_ids("<|vision_end|>"),
        **ids,
    )
    return _base("qwen2_5_vl", Qwen2_5_VLForConditionalGeneration, config, processor)


def idefics_base() -> Any:
    """Idefics3, the architecture of SmolVLM."""
    tiles = [f"<row_{row}_col_{column}>" for row in range(1, 5) for column in range(1, 5)]
    fixed = ["<fake_token_around_image>", "<image>", "<global-img>", "<end_of_utterance>", "<|im_start|>"]
    tokenizer = _tokenizer([*fixed, *tiles])
    images = Idefics3ImageProcessorPil(size={"longest_edge": 112}, max_image_size={"longest_edge": 56})
    processor = Idefics3Processor(images, tokenizer, image_seq_len=4, chat_template=IDEFICS_CHAT)
    pad = tokenizer.pad_token_id
    config = Idefics3Config(
        text_config={"model_type": "llama", **DECODER, "vocab_size": len(tokenizer), "pad_token_id": pad},
        vision_config={
            "hidden_size": 32,
            "intermediate_size": 64,
            "num_hidden_layers": 2,
            "num_attention_heads": 2,
            "image_size": 56,
            "patch_size": 14,
        },
        scale_factor=2,
        image_token_id=tokenizer.convert_tokens_to_ids("<image>"),
        pad_token_id=pad,
    )
    return _base("idefics3", Idefics3ForConditionalGeneration, config, processor)


def gemma_base() -> Any:
    """Gemma 3, whose tokenizer adds the start token that its chat template also writes."""
    names = {
        "boi": "<start_of_image>",
        "eoi": "<end_of_image>",
        "image": "<image_soft_token>",
        "start": "<start_of_turn>",
        "end": "<end_of_turn>",
    }
    tokenizer = _tokenizer([*names.values()])
    for name in ("boi", "eoi", "image"):
        setattr(tokenizer, f"{name}_token", names[name])
        setattr(tokenizer, f"{name}_token_id", tokenizer.convert_tokens_to_ids(names[name]))
    processor = Gemma3Processor(
        Gemma3ImageProcessorPil(size={"height": 56, "width": 56}),
        tokenizer,
        chat_template=GEMMA_CHAT,
        image_seq_length=4,
    )
    config = Gemma3Config(
        text_config={**DECODER, "head_dim": 32, "sliding_window": 64, "vocab_size": len(tokenizer)},
        vision_config={
            "hidden_size": 32,
            "intermediate_size": 64,
            "num_hidden_layers": 2,
            "num_attention_heads": 2,
            "image_size": 56,
            "patch_size": 14,
        },
        mm_tokens_per_image=4,
        boi_token_index=tokenizer.boi_token_id,
        eoi_token_index=tokenizer.eoi_token_id,
        image_token_index=tokenizer.image_token_id,
    )
    base = _base("gemma3", Gemma3ForConditionalGeneration, config, processor)
    # An untrained Gemma 3 projects every picture to zeros.
    projection = base.model.model.multi_modal_projector.mm_input_projection_weight
    projection.data.normal_(generator=torch.Generator().manual_seed(0))
    return base


def _tokenizer(special: list[str]) -> Any:
    tokenizer: Any = tiny_tokenizer([TEMPLATE.question, TEMPLATE.answer] * 4, vocab_size=400)
    tokenizer.add_special_tokens({"additional_special_tokens": special})
    return tokenizer


def _base(kind: str, model: Any, config: Any, processor: Any) -> TinyBase:
    architecture = ARCHITECTURES[kind]
    chat = chat_for(architecture, processor)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        made = model(config).eval()
    return TinyBase(made, processor, end_ids(architecture, processor, chat), chat, None)
