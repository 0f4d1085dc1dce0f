"""A Hub with a tiny base model, and a run that trained an adapter of it: to be pushed and pulled."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from support.hub_server import Hub
from support.tiny_base import tiny_base

from datagen.train.config import CONFIG, load_config
from datagen.train.data.run_data import prepare_data
from datagen.train.models.base import attach_lora, load_base

BASE = "bob/tiny-vision"
LICENCE = "---\nlicense: mit\n---\n"


def seed_base(hub: Hub, folder: Path) -> str:
    """Put the tiny base on a Hub, with a licence; its commit."""
    base = tiny_base()
    base.model.save_pretrained(folder)
    base.processor.save_pretrained(folder)
    files = {path.name: path.read_bytes() for path in folder.iterdir()}
    return hub.seed(BASE, {**files, "README.md": LICENCE.encode()}, type="model").oid


def adapter_run(run: Path, real: str, base: str, commit: str | None, **flags: Any) -> Path:
    """A run as training leaves it: its data recorded, and an adapter that changes what the model says."""
    run.mkdir(parents=True)
    asked = {
        "data.real": real,
        "model.base": base,
        "model.revision": commit,
        "model.method": "lora",
        "model.num_crops": 1,
        **flags,
    }
    config = load_config(None, asked)
    config.save(run / CONFIG)
    prepare_data(config.data, run)
    loaded = attach_lora(load_base(config), config)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        for name, weight in loaded.model.named_parameters():
            if "lora_B" in name:
                weight.data.normal_(0, 0.1)
    loaded.model.save_pretrained(run / "best")
    loaded.processor.save_pretrained(run / "best")
    return run
