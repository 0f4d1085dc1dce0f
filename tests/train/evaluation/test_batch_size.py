"""How many pictures are answered at once."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.phi3_batches import NO_SHARED, SHARED
from support.tiny_architectures import config_of

from datagen.train.evaluation.batch_size import MOST, fitting, sample_bytes, token_bytes
from datagen.train.phi3_vision.configuration import Phi3VConfig


@pytest.mark.skipif(not SHARED.is_dir(), reason=NO_SHARED)
def test_a_token_of_phi_3_vision_keeps_393_kb() -> None:
    (file, *_) = sorted(SHARED.glob("**/config.json"))
    config = Phi3VConfig(**json.loads(file.read_text()))
    assert token_bytes(config) == 2 * 32 * 3072 * 2
    sample = sample_bytes(config, 830, 128)
    assert 0.4e9 < sample < 0.6e9
    assert fitting(12e9, sample) == int(12e9 * 0.8 / sample) > 15


@pytest.mark.parametrize("kind", ["phi3_v", "qwen2_5_vl", "gemma3", "smolvlm"])
def test_every_architecture_has_keys_and_values(kind: str) -> None:
    text = config_of(kind).get_text_config()
    assert token_bytes(config_of(kind), 4) == 2 * token_bytes(config_of(kind), 2) > 0
    assert token_bytes(config_of(kind)) >= 2 * 2 * text.num_hidden_layers * text.num_key_value_heads


@given(st.floats(0, 1e12), st.floats(1, 1e12))
def test_batches_hold_one_to_most_samples_and_leave_memory_free(free: float, sample: float) -> None:
    size = fitting(free, sample)
    assert 1 <= size <= MOST
    assert size == 1 or size * sample < free
