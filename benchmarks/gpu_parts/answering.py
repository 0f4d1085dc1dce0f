"""How long it takes to answer a test part of 304 rows, by an adapter on a 16-bit and on a 4-bit base."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import torch

from gpu_parts.isolated import isolated
from gpu_parts.place import Place

ROWS, NEW_TOKENS, SECONDS = 304, 40, 60


def answers(place: Place) -> None:
    """Answer pictures at 4 crops with adapters that were trained for no step."""
    for method in ("lora", "qlora"):
        place.record("answers", "answered", method=method, **isolated(SECONDS, _answered, place, method))


def _answered(place: Place, method: str) -> dict[str, Any]:
    from datagen.train.chat.conversation import Template
    from datagen.train.data.sources import open_source
    from datagen.train.evaluation.generate import answers as generated
    from datagen.train.evaluation.held_out import RowPictures
    from datagen.train.models.base import attach_lora, load_base
    from datagen.train.models.merging import merge_adapters

    rows, new = (2, 2) if place.tiny else (ROWS, NEW_TOKENS)
    config = place.config(
        model__method=method,
        model__num_crops=1 if place.tiny else 4,
        training__steps=1,
        training__batch_size=1,
    )
    base = attach_lora(load_base(config), config)
    base.model.eval()
    merge_adapters(base.model)  # as evaluate does, where that makes answers faster
    base.end_ids[:] = []  # random weights may end an answer at once; every one shall have all its tokens
    template = Template()
    pictures = RowPictures(open_source(str(place.rows), template), np.arange(rows), template)
    generated(base, pictures[:2], template, max_new_tokens=2)
    began = time.monotonic()
    generated(base, pictures, template, max_new_tokens=new)
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    seconds = time.monotonic() - began
    peak = {"reserved_gb": torch.cuda.max_memory_reserved() / 1e9} if torch.cuda.is_available() else {}
    return {"rows": rows, "new_tokens": new, "seconds": seconds, "rows_per_second": rows / seconds, **peak}
