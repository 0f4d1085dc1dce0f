"""The implementation of attention: torch's own, or a package's."""

from __future__ import annotations

import torch
from transformers.utils.import_utils import is_flash_attn_2_available

from datagen.schemas import InputError
from datagen.train.config import RunConfig


def attention(config: RunConfig) -> str:
    """transformers' name of the configured implementation. Raises InputError for one is lacking."""
    asked = config.model.attention
    if asked == "flash_attention_2" and not (torch.cuda.is_available() and is_flash_attn_2_available()):
        lacks = "the package flash-attn" if torch.cuda.is_available() else "a GPU"
        raise InputError(
            f"model.attention flash_attention_2 needs {lacks}, which this machine lacks; set it to auto."
        )
    return "sdpa" if asked == "auto" else asked
