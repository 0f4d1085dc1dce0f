"""Small vision models of several makes, with random weights."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
import transformers

SMALL: dict[str, Any] = {
    "hidden_size": 16,
    "intermediate_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "image_size": 32,
    "patch_size": 8,
}
TEXT: dict[str, Any] = {**SMALL, "vocab_size": 30, "bos_token_id": 0, "eos_token_id": 1, "pad_token_id": 1}
MODELS = {
    "clip": lambda: transformers.CLIPModel(
        transformers.CLIPConfig(text_config=TEXT, vision_config=SMALL, projection_dim=8)  # type: ignore[arg-type]
    ),
    "siglip": lambda: transformers.SiglipModel(
        transformers.SiglipConfig(text_config=TEXT, vision_config=SMALL)  # type: ignore[arg-type]
    ),
    "dinov2": lambda: transformers.Dinov2Model(transformers.Dinov2Config(**SMALL)),
    "vit": lambda: transformers.ViTModel(transformers.ViTConfig(**SMALL), add_pooling_layer=False),
    "convnext": lambda: transformers.ConvNextModel(
        transformers.ConvNextConfig(hidden_sizes=[8, 16], depths=[1, 1], num_stages=2)
    ),
}
PROCESSORS = {
    "clip": transformers.CLIPImageProcessorPil,
    "siglip": transformers.SiglipImageProcessorPil,
    "dinov2": transformers.BitImageProcessorPil,
    "vit": transformers.ViTImageProcessorPil,
    "convnext": transformers.ConvNextImageProcessorPil,
}
SIZES = {"convnext": {"shortest_edge": 32}}


def write_vision_model(folder: Path, make: str) -> Path:
    """A small vision model with random weights."""
    torch.manual_seed(3)
    MODELS[make]().save_pretrained(folder)
    size = SIZES.get(make, {"height": 32, "width": 32})
    PROCESSORS[make](size=size, crop_size={"height": 32, "width": 32}).save_pretrained(folder)
    return folder
