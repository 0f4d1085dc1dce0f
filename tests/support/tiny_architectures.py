"""Tiny models with random weights of every architecture that can be trained, saved as they would be
published.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from tokenizers import AddedToken
from transformers import (
    AutoModelForImageTextToText,
    Gemma3Config,
    Idefics3Config,
    Idefics3Processor,
    Qwen2_5_VLConfig,
    SmolVLMConfig,
)
from transformers.models.idefics3 import Idefics3ImageProcessorPil

from datagen.train.phi3_vision.image_processing import Phi3VImageProcessor
from datagen.train.phi3_vision.tiny import tiny_config
from datagen.train.phi3_vision.tiny_tokenizer import tiny_processor, tiny_tokenizer

TEXTS = ["What is shown in this image?", "Product: Garden Fork, Category: TOOLS, Full Price: 450.0"] * 4
TEXT: dict[str, Any] = {
    "hidden_size": 64,
    "intermediate_size": 128,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "num_key_value_heads": 2,
    "vocab_size": 512,
    "pad_token_id": 0,
    "bos_token_id": 1,
    "eos_token_id": 2,
}
VISION: dict[str, Any] = {
    "hidden_size": 64,
    "intermediate_size": 128,
    "num_attention_heads": 2,
    "num_hidden_layers": 2,
}
IDEFICS: dict[str, Any] = {
    "text_config": {"model_type": "llama", **TEXT},
    "vision_config": {**VISION, "image_size": 56, "patch_size": 14},
    "scale_factor": 2,
    "pad_token_id": 0,
}
SMOL_CHAT = (
    "<|im_start|>{% for m in messages %}{{ m.role | capitalize }}"
    "{% if m.content[0].type == 'image' %}:{% else %}: {% endif %}"
    "{% for c in m.content %}{% if c.type == 'image' %}<image>{% else %}{{ c.text }}{% endif %}{% endfor %}"
    "<end_of_utterance>\n{% endfor %}{% if add_generation_prompt %}Assistant:{% endif %}"
)


def config_of(model_type: str) -> Any:
    """A tiny configuration of an architecture."""
    if model_type == "phi3_v":
        return tiny_config(512)
    if model_type == "qwen2_5_vl":
        rope = {"rope_type": "default", "rope_theta": 10000.0, "mrope_section": [4, 6, 6]}
        vision = {"depth": 2, "num_heads": 2, "out_hidden_size": 64, "fullatt_block_indexes": [1]}
        return Qwen2_5_VLConfig(
            text_config={**TEXT, "rope_parameters": rope},
            vision_config={"hidden_size": 64, "intermediate_size": 128, **vision},
            image_token_id=500,
            video_token_id=501,
            vision_start_token_id=502,
            vision_end_token_id=503,
        )
    if model_type == "gemma3":
        return Gemma3Config(
            text_config={**TEXT, "head_dim": 32, "sliding_window": 64},
            vision_config={**VISION, "image_size": 56, "patch_size": 14},
            mm_tokens_per_image=4,
            boi_token_index=498,
            eoi_token_index=499,
            image_token_index=500,
        )
    return (SmolVLMConfig if model_type == "smolvlm" else Idefics3Config)(**IDEFICS, image_token_id=500)


def save_model(model_type: str, folder: Path) -> Path:
    """A tiny model of an architecture, without a processor."""
    torch.manual_seed(0)
    model: Any = AutoModelForImageTextToText
    model.from_config(config_of(model_type)).save_pretrained(folder)
    return folder


def save_phi(folder: Path) -> Path:
    """A tiny Phi-3-vision with its processor."""
    save_model("phi3_v", folder)
    tiny_processor(TEXTS, vocab_size=512).save_pretrained(folder)
    return folder


def save_full_size(folder: Path) -> Path:
    """What a plan reads of Phi-3-vision at its full size: everything but the weights."""
    save_phi(folder)
    factors = [1.0] * 48
    rope = {"type": "su", "short_factor": factors, "long_factor": factors}
    full = {"model_type": "phi3_v", "rope_scaling": rope, "original_max_position_embeddings": 4096}
    (folder / "config.json").write_text(json.dumps(full))
    Phi3VImageProcessor().save_pretrained(folder)
    return folder


def save_idefics(folder: Path) -> Path:
    """A tiny Idefics3 with its processor, which needs no torchvision."""
    tokenizer = tiny_tokenizer(TEXTS, 400)
    names = ("<image>", "<fake_token_around_image>", "<global-img>", "<end_of_utterance>", "<|im_start|>")
    tokenizer.add_special_tokens(
        {"additional_special_tokens": [AddedToken(name, special=True, normalized=False) for name in names]}
    )
    tokenizer.chat_template = SMOL_CHAT
    images = Idefics3ImageProcessorPil(
        size={"longest_edge": 56}, max_image_size={"longest_edge": 56}, do_image_splitting=False
    )
    processor = Idefics3Processor(images, tokenizer, image_seq_len=4, chat_template=SMOL_CHAT)
    processor.save_pretrained(folder)
    torch.manual_seed(0)
    image: Any = tokenizer.convert_tokens_to_ids("<image>")
    config = Idefics3Config(**IDEFICS, image_token_id=image)
    model: Any = AutoModelForImageTextToText
    model.from_config(config).save_pretrained(folder)
    return folder
