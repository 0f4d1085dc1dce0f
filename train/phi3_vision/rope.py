"""Rotary position embedding with two sets of frequencies, short and long: LongRoPE, Phi-3's SuRoPE.

inv_freq_i = 1 / (factor_i theta^(2i/d)); cosine and sine both times sqrt(1 + ln(M/m) / ln m), where m =
4096 is the length of pre-training and M = 131072. A sequence of up to m tokens uses the short factors, a
longer one the long factors.

How it differs from the official code and from transformers' own class, and why:

- both decide for the whole batch by its longest sequence; here each sequence decides for itself, by its own
  number of tokens, so that results depend neither on other samples nor on padding;
- the frequencies are not buffers, so that ``model.to(torch.bfloat16)`` cannot round them, and a model made on
  the meta device has nothing to initialise;
- nothing changes in place from one forward pass to the next.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import nn

from datagen.train.phi3_vision.configuration import Phi3VConfig


class Phi3VRotaryEmbedding(nn.Module):
    """Cosine and sine for positions; no parameters, no buffers."""

    def __init__(self, config: Phi3VConfig) -> None:
        super().__init__()
        rope: Any = config.rope_parameters
        self.short_length = config.original_max_position_embeddings
        stretch = config.max_position_embeddings / self.short_length
        self.attention_scaling = math.sqrt(1 + math.log(stretch) / math.log(self.short_length))
        self._theta: float = rope["rope_theta"]
        self._factors: tuple[list[float], list[float]] = (rope["short_factor"], rope["long_factor"])
        self._known: dict[torch.device, torch.Tensor] = {}

    def is_long(self, lengths: torch.Tensor) -> torch.Tensor:
        """Which sequences, of these ``lengths`` in tokens, use the long factors."""
        return lengths > self.short_length

    @torch.no_grad()
    def forward(self, x: torch.Tensor, position_ids: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Cosine and sine, each (batch, length, width of a head), of ``position_ids`` (batch, length).

        They are of the type of ``x``. A sequence's length is its highest position plus one.
        """
        short, long = self._frequencies(x.device)
        lengths = position_ids.amax(dim=-1)[:, None, None] + 1
        angles = position_ids[..., None].float() * torch.where(self.is_long(lengths), long, short)
        angles = torch.cat((angles, angles), dim=-1)
        scale = self.attention_scaling
        return (angles.cos() * scale).to(x.dtype), (angles.sin() * scale).to(x.dtype)

    def _frequencies(self, device: torch.device) -> torch.Tensor:
        """Inverse frequencies, float32 (2, half the width of a head): short, long."""
        if device not in self._known:
            factors = torch.tensor(self._factors, dtype=torch.float32, device=device)
            half = factors.shape[1]
            exponents = torch.arange(half, dtype=torch.float32, device=device) * 2 / (2 * half)
            self._known[device] = 1.0 / (factors * self._theta**exponents)
        return self._known[device]
