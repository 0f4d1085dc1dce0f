"""Rotary position embedding with two sets of frequencies: short and long (LongRoPE, which Phi-3 calls SuRoPE).

inv_freq_i = 1 / (factor_i theta^(2i/d)); cosine and sine both times sqrt(1 + ln(M/m) / ln m), with m = 4096 the length
of pre-training and M = 131072. A sequence of up to m tokens takes the short factors, a longer one the long factors.

How it differs from the official code and from transformers' own class, and why:

- both decide for the whole batch by its longest sequence; here each sequence decides for itself, by the number of its
  own tokens, so that what a sample gets does not depend on its neighbours or on padding;
- the frequencies are no buffers, so that ``model.to(torch.bfloat16)`` cannot round them and a model made on the meta
  device has nothing to fill in;
- nothing changes in place between two forward passes.
"""

from __future__ import annotations

import math

import torch
from torch import nn

from train.phi3_vision.configuration import Phi3VConfig


class Phi3VRotaryEmbedding(nn.Module):
    """Cosine and sine for positions; no parameters, no buffers."""

    def __init__(self, config: Phi3VConfig) -> None:
        super().__init__()
        rope = config.rope_parameters
        short_length, longest = config.original_max_position_embeddings, config.max_position_embeddings
        self.short_length: int = short_length
        self.attention_scaling = math.sqrt(1 + math.log(longest / short_length) / math.log(short_length))
        self._theta: float = rope["rope_theta"]
        self._factors: tuple[list[float], list[float]] = (rope["short_factor"], rope["long_factor"])
        self._known: dict[torch.device, torch.Tensor] = {}

    def _frequencies(self, device: torch.device) -> torch.Tensor:
        """Inverse frequencies, float32 of shape (2, head dimension / 2): short, long."""
        if device not in self._known:
            factors = torch.tensor(self._factors, dtype=torch.float32, device=device)
            count = factors.shape[1]
            exponents = torch.arange(0, 2 * count, 2, dtype=torch.int64, device=device).float() / (2 * count)
            self._known[device] = 1.0 / (factors * self._theta**exponents)
        return self._known[device]

    def is_long(self, lengths: torch.Tensor) -> torch.Tensor:
        """Which of the sequences of these ``lengths`` (in tokens) take the long factors."""
        return lengths > self.short_length

    @torch.no_grad()
    def forward(self, x: torch.Tensor, position_ids: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Cosine and sine, each (batch, length, head dimension) in the type of ``x``, for positions (batch, length).

        A sequence's length is its highest position plus one.
        """
        short, long = self._frequencies(x.device)
        lengths = position_ids.amax(dim=-1)[:, None, None] + 1
        frequencies = torch.where(self.is_long(lengths), long, short)
        angles = position_ids[..., None].float() * frequencies
        angles = torch.cat((angles, angles), dim=-1)
        return (angles.cos() * self.attention_scaling).to(x.dtype), (
            angles.sin() * self.attention_scaling
        ).to(x.dtype)
