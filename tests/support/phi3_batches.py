"""Batches for the tests of Phi-3-vision's model, made without a tokenizer or an image processor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from datagen.train.phi3_vision.configuration import Phi3VConfig

SHARED = Path(__file__).parents[3] / "shared" / "phi3_vision"
NO_SHARED = "the official configurations and golden outputs (../shared/phi3_vision) are not here"


@dataclass(frozen=True)
class Picture:
    """Noise of `h` x `w` tiles, the same for the same seed."""

    h: int = 1
    w: int = 1
    seed: int = 0

    def pixels(self, side: int) -> torch.Tensor:
        shape = (1 + self.h * self.w, 3, side, side)
        return torch.randn(shape, generator=torch.Generator().manual_seed(self.seed))


Prompt = Sequence[int | Picture]


def collate(config: Phi3VConfig, prompts: Sequence[Prompt], padding: str = "left") -> dict[str, Any]:
    """Model inputs of prompts, in which a Picture stands for its slots."""
    rows, pictures = [], []
    side = config.tile_size
    for prompt in prompts:
        row: list[int] = []
        number = 0
        for part in prompt:
            if isinstance(part, Picture):
                number += 1
                row += [-number] * config.picture_tokens(part.h * side, part.w * side)
                pictures.append(part)
            else:
                row.append(part)
        rows.append(row)
    length = max(map(len, rows))
    ids = torch.zeros((len(rows), length), dtype=torch.long)
    mask = torch.zeros_like(ids)
    for i, row in enumerate(rows):
        place = slice(length - len(row), None) if padding == "left" else slice(0, len(row))
        ids[i, place], mask[i, place] = torch.tensor(row), 1
    batch: dict[str, Any] = {"input_ids": ids, "attention_mask": mask}
    if pictures:
        most = max(picture.h * picture.w for picture in pictures)
        batch["pixel_values"] = torch.zeros((len(pictures), 1 + most, 3, side, side))
        for i, picture in enumerate(pictures):
            pixels = picture.pixels(side)
            batch["pixel_values"][i, : len(pixels)] = pixels
        batch["image_sizes"] = torch.tensor([[picture.h * side, picture.w * side] for picture in pictures])
    return batch


def answer_labels(batch: dict[str, Any], answer: int) -> torch.Tensor:
    """The last `answer` tokens of each row of a left-padded batch as labels, -100 elsewhere."""
    labels = batch["input_ids"].clone()
    labels[:, :-answer] = -100
    return labels


MIXED: list[Prompt] = [
    [1, 5, 6, Picture(1, 2, seed=1), 1, 7, 8, 9],
    [1, 10, 11, 12],
    [1, Picture(2, 1, seed=2), 1, 13, Picture(1, 1, seed=3), 1, 14, 15],
]
"""A picture, no picture, two pictures."""
