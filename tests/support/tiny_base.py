"""A tiny Phi-3-vision with random weights, ready to answer, and test pictures of many sizes."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image

import datagen.train.phi3_vision  # noqa: F401 (registers the model with transformers)
from datagen.train.chat.conversation import Chat, Template
from datagen.train.phi3_vision.tiny import tiny_config, tiny_model
from datagen.train.phi3_vision.tiny_tokenizer import tiny_processor

TEMPLATE = Template()


@dataclass
class TinyBase:
    """The parts of a loaded model that generating answers needs."""

    model: Any
    processor: Any
    end_ids: list[int]
    chat: Chat = Chat()  # noqa: RUF009 (frozen)
    num_crops: int | None = 4


def tiny_base() -> Any:
    processor = tiny_processor([TEMPLATE.question, TEMPLATE.answer] * 4, vocab_size=400)
    tokenizer = processor.tokenizer
    config = tiny_config(len(tokenizer), eos_token_id=processor.stop_ids, pad_token_id=tokenizer.pad_token_id)
    return TinyBase(tiny_model(config), processor, processor.stop_ids)


def encoded(width: int, height: int, seed: int, kind: str = "PNG") -> bytes:
    noise = np.random.default_rng(seed).integers(0, 255, (height, width, 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(noise).save(file, kind)
    return file.getvalue()


def pictures(count: int) -> list[dict[str, Any]]:
    sizes = np.random.default_rng(0).integers(30, 200, (count, 2)).tolist()
    return [{"bytes": encoded(width, height, at), "path": None} for at, (width, height) in enumerate(sizes)]
