"""How many pictures are answered at once: as many as fit into the free memory of the GPU.

A sample keeps the keys and values of its prompt and its answer in every decoder layer: for Phi-3-vision 2 x
32 layers x 3,072 numbers x 2 bytes = 393 KB a token. While the prompt is read, the activations of one layer
come on top. (On a GPU the estimate has not been compared with what generation takes; a batch that does not
fit after all is halved, see generate.py.)
"""

from __future__ import annotations

from typing import Any

import torch

ON_CPU = 8
MOST = 64
"""Beyond this, a batch waits for its longest answer more than it gains."""
USED = 0.8
"""Share of the free memory to use: the rest is for gaps between blocks."""


def batch_size_for(model: Any, tokens: int, max_new_tokens: int) -> int:
    """Pictures per batch for prompts of up to ``tokens`` tokens, on a GPU."""
    device = next(model.parameters()).device
    free = torch.cuda.mem_get_info(device)[0]
    free += torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
    return fitting(free, sample_bytes(model.config, tokens, max_new_tokens))


def fitting(free: float, sample: float) -> int:
    """Samples of ``sample`` bytes that fit into ``free`` bytes: from 1 to MOST."""
    return max(1, min(MOST, int(free * USED / sample)))


def sample_bytes(config: Any, tokens: int, max_new_tokens: int, number: int = 2) -> int:
    """Memory of a sample, with numbers of ``number`` bytes."""
    text = config.get_text_config()
    width, inner = text.hidden_size, text.intermediate_size
    return (tokens + max_new_tokens) * token_bytes(config, number) + tokens * (
        12 * width + 4 * inner
    ) * number


def token_bytes(config: Any, number: int = 2) -> int:
    """Memory of the keys and values of a token in all layers."""
    text = config.get_text_config()
    heads = getattr(text, "num_key_value_heads", None) or text.num_attention_heads
    size = getattr(text, "head_dim", None) or text.hidden_size // text.num_attention_heads
    return int(2 * text.num_hidden_layers * heads * size * number)
