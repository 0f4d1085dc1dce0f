"""The tiny base model of a smoke run: random weights, and a tokenizer learned from the training answers.

It knows nothing and serves only to try everything: a few minutes on a CPU, no download.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from datagen.train.config import AUTO, RunConfig
from datagen.train.data.run_data import RunData
from datagen.train.data.sources import fields_of
from datagen.train.phi3_vision.tiny import tiny_config, tiny_model
from datagen.train.phi3_vision.tiny_tokenizer import tiny_processor

VOCABULARY = 1024
MOST_ANSWERS = 2000
"""Answers from which the tokenizer is learned."""
SIZE: dict[str, Any] = {
    "hidden_size": 128,
    "intermediate_size": 256,
    "num_attention_heads": 4,
    "num_key_value_heads": 4,
    "initializer_range": 0.088,  # 1 / sqrt(hidden_size)
}


def training_answers(data: RunData) -> list[str]:
    """Answers of the first training rows of each set, for the tokenizer to learn from."""
    texts: list[str] = []
    for source, rows in zip(data.sources, data.rows, strict=True):
        if source is not None:
            known = fields_of(source, rows[:MOST_ANSWERS], data.template)
            texts += [data.template.text(fields) for fields in known]
    return texts


def make_tiny_base(folder: Path, data: RunData, config: RunConfig) -> None:
    """Write model and processor to ``folder``, whole or not at all; equal arguments give equal weights."""
    crops = config.model.most_crops if config.model.num_crops == AUTO else config.model.num_crops
    texts = [config.data.template.question, *training_answers(data)[:MOST_ANSWERS]]
    processor = tiny_processor(texts, num_crops=crops or 1, vocab_size=VOCABULARY)
    tokenizer = processor.tokenizer
    tiny = tiny_config(
        len(tokenizer), eos_token_id=processor.stop_ids, pad_token_id=tokenizer.pad_token_id, **SIZE
    )
    aside = folder.with_name(folder.name + ".part")
    shutil.rmtree(aside, ignore_errors=True)
    tiny_model(tiny, seed=config.training.seed).save_pretrained(aside)
    processor.save_pretrained(aside)
    shutil.rmtree(folder, ignore_errors=True)
    aside.rename(folder)
