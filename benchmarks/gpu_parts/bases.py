"""Bases of random weights, written as the Hub would hold them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from datagen.train.phi3_vision.configuration import Phi3VConfig
from datagen.train.phi3_vision.modeling import Phi3VForConditionalGeneration
from datagen.train.phi3_vision.tiny_tokenizer import tiny_processor

FULL: dict[str, Any] = {
    # config.json of microsoft/Phi-3-vision-128k-instruct (MIT); the tower is the default of Phi3VConfig.
    "vocab_size": 32_064,
    "hidden_size": 3072,
    "intermediate_size": 8192,
    "num_hidden_layers": 32,
    "num_attention_heads": 32,
    "num_key_value_heads": 32,
    "max_position_embeddings": 131_072,
    "original_max_position_embeddings": 4096,
}
SMALL: dict[str, Any] = {
    **FULL,
    "hidden_size": 768,
    "intermediate_size": 2048,
    "num_hidden_layers": 8,
    "num_attention_heads": 8,
    "num_key_value_heads": 8,
    "initializer_range": 0.036,  # 1 / sqrt(hidden_size), so that it can learn from nothing
    "vision_config": {
        "hidden_size": 384,
        "intermediate_size": 1024,
        "num_hidden_layers": 5,
        "num_attention_heads": 6,
        "image_size": 336,
        "patch_size": 14,
    },
    "img_processor": {"image_dim_out": 384},
}
TINY: dict[str, Any] = {
    **SMALL,
    "vocab_size": 1024,
    "hidden_size": 128,
    "intermediate_size": 256,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 4,
    "initializer_range": 0.088,
    "vision_config": {
        "hidden_size": 32,
        "intermediate_size": 64,
        "num_hidden_layers": 3,
        "num_attention_heads": 2,
        "image_size": 56,
        "patch_size": 14,
    },
    "img_processor": {"image_dim_out": 32, "num_img_tokens": 4},
}
VOCABULARY = 1024
"""Tokens of our own tokenizer; the others of the official vocabulary stay unused."""


def write_base(folder: Path, size: dict[str, Any], texts: list[str], dtype: torch.dtype) -> int:
    """Write a base and its processor to ``folder``; returns its number of weights."""
    tower = size.get("vision_config", {}).get("image_size", 336)
    processor = tiny_processor(texts, image_size=tower, num_crops=16, vocab_size=VOCABULARY)
    tokenizer = processor.tokenizer
    half = size["hidden_size"] // size["num_attention_heads"] // 2
    rope = {
        "rope_type": "longrope",
        "rope_theta": 10_000.0,
        "short_factor": [1.0] * half,
        "long_factor": [1.0 + number for number in range(half)],
    }
    config = Phi3VConfig(
        **size,
        rope_parameters=rope,
        bos_token_id=1,
        eos_token_id=processor.stop_ids,
        pad_token_id=tokenizer.pad_token_id,
    )
    device = "cuda" if torch.cuda.is_available() else "cpu"
    torch.manual_seed(0)
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        with torch.device(device):
            model = Phi3VForConditionalGeneration(config)
    finally:
        torch.set_default_dtype(before)
    model.save_pretrained(folder)
    processor.save_pretrained(folder)
    return sum(weight.numel() for weight in model.parameters())
