"""A run folder whose model has memorised its own test rows, made in seconds for tests of evaluation.

It is made without the training loop: config, data, and a tiny model fitted to the test rows.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from support.tiny_base import TEMPLATE

from datagen.train.chat.conversation import Template
from datagen.train.config import CONFIG, load_config
from datagen.train.data.run_data import RunData, prepare_data
from datagen.train.models.collator import Collator
from datagen.train.models.encoding import Encoder
from datagen.train.phi3_vision.tiny import tiny_config, tiny_model
from datagen.train.phi3_vision.tiny_tokenizer import tiny_processor

STEPS = 170


def run_folder(folder: Path, real: Path, seed: int = 0, **flags: Any) -> RunData:
    """A run as it is when it starts, with its base model in the folder ``base-model``."""
    folder.mkdir(parents=True)
    base = folder / "base-model"
    asked = {
        "data.real": str(real),
        "data.seed": seed,
        "model.base": str(base),
        "model.method": "full",
        "model.num_crops": 1,
        **flags,
    }
    config = load_config(None, asked)
    config.save(folder / CONFIG)
    data = prepare_data(config.data, folder)
    texts = [TEMPLATE.question, *(answer_of(data, row) for row in range(len(data.held)))]
    processor = tiny_processor(texts, num_crops=1, vocab_size=600)
    tokens = {"eos_token_id": processor.stop_ids, "pad_token_id": processor.tokenizer.pad_token_id}
    save(base, tiny_model(tiny_config(len(processor.tokenizer), **tokens)), processor)
    return data


def answer_of(data: RunData, row: int) -> str:
    template: Template = data.template
    return template.text(template.fields(data.held.row(row)))


def overfit(folder: Path, data: RunData, part: str = "test", steps: int = STEPS) -> None:
    """Fit the base model to a part's rows, and save it as the run's best: 20 rows in about 10 seconds."""
    from datagen.train.models.base import load_run

    base = load_run(folder, "base")
    encode = Encoder(base.processor, data.template, base.chat)
    rows = data.split.rows(part).tolist()
    batch = Collator(base.processor.tokenizer.pad_token_id)([encode(data.held.row(row)) for row in rows])
    model = base.model.requires_grad_(True).train()
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # for a model this small, more are slower, on a busy machine by far
    optimiser = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=0.0)
    for _ in range(steps):
        loss = model(**batch).loss
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
    torch.set_num_threads(threads)
    save(folder / "best", model, base.processor)


def save(folder: Path, model: Any, processor: Any) -> None:
    model.save_pretrained(folder)
    processor.save_pretrained(folder)
