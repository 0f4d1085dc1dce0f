"""Rope: the published frequencies, and each sequence by its own length."""

import math

import pytest
import torch
from transformers.models.phi3.modeling_phi3 import Phi3RotaryEmbedding

from datagen.train.phi3_vision.rope import Phi3VRotaryEmbedding
from datagen.train.phi3_vision.tiny import tiny_config

CONFIG = tiny_config(original_max_position_embeddings=100, max_position_embeddings=3200)


@pytest.mark.parametrize("length", [1, 99, 100, 101, 3200])
def test_one_sequence_as_transformers_does_it(length: int) -> None:
    positions = torch.arange(length)[None]
    mine = Phi3VRotaryEmbedding(CONFIG)(torch.zeros(1), positions)
    theirs = Phi3RotaryEmbedding(CONFIG)(torch.zeros(1), positions)
    for one, other in zip(mine, theirs, strict=True):
        assert torch.equal(one, other)


def test_scale_of_the_official_model() -> None:
    config = tiny_config(original_max_position_embeddings=4096, max_position_embeddings=131072)
    assert Phi3VRotaryEmbedding(config).attention_scaling == pytest.approx(1.1902380714, abs=1e-10)
    assert math.isclose(CONFIG.rope_parameters["factor"], 32)


def test_each_sequence_by_its_own_length() -> None:
    rope = Phi3VRotaryEmbedding(CONFIG)
    short, long = torch.arange(120).clamp(max=99), torch.arange(120)
    together = rope(torch.zeros(1), torch.stack([short, long]))
    for row, positions in enumerate((short, long)):
        for mixed, alone in zip(together, rope(torch.zeros(1), positions[None]), strict=True):
            assert torch.equal(mixed[row], alone[0])
    assert not torch.equal(together[0][0, :100], together[0][1, :100])
