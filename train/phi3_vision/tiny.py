"""A Phi-3-vision of 180,000 weights, for tests and for trying a training run without a download.

Its configuration determines its pictures: a tile is 56 pixels wide and has 4 tokens, so a picture of one
tile takes 13 tokens.
"""

from __future__ import annotations

from typing import Any

import torch

from datagen.train.phi3_vision.configuration import END_OF_TEXT, Phi3VConfig
from datagen.train.phi3_vision.modeling import Phi3VForConditionalGeneration


def tiny_config(vocab_size: int = 320, **changes: Any) -> Phi3VConfig:
    """Two decoder layers of width 64 and three tower layers of width 32, with ``changes`` applied.

    With a vocabulary smaller than Phi-3's, padding is 0 and the end is 2 unless ``changes`` say
    otherwise: pass ``eos_token_id`` and ``pad_token_id`` of its tokenizer.
    """
    fields: dict[str, Any] = {
        "vocab_size": vocab_size,
        "hidden_size": 64,
        "intermediate_size": 128,  # whole blocks of 64, as 4-bit weights on a CPU must be
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "num_key_value_heads": 2,
        "max_position_embeddings": 16384,
        "original_max_position_embeddings": 1024,
        "initializer_range": 0.125,  # 1 / sqrt(hidden_size): activations neither vanish nor grow
        "bos_token_id": 1,
        "eos_token_id": 2,
        "pad_token_id": END_OF_TEXT if vocab_size > END_OF_TEXT else 0,
        "rope_parameters": {
            "rope_type": "longrope",
            "rope_theta": 10000.0,
            "short_factor": [1.0 + i / 16 for i in range(16)],
            "long_factor": [1.0 + i for i in range(16)],
        },
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
    return Phi3VConfig(**{**fields, **changes})


def tiny_model(config: Phi3VConfig | None = None, *, seed: int = 0) -> Phi3VForConditionalGeneration:
    """A model of ``config``, or of ``tiny_config()``, with float32 weights that depend on ``seed`` alone."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return Phi3VForConditionalGeneration(config if config is not None else tiny_config())
