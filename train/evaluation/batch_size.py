"""How many pictures are answered at once: as many as fit into the free memory of the GPU.

(On a GPU this has not been tried; a batch that does not fit after all is halved, see generate.py.)
"""

from __future__ import annotations

from typing import Any

import torch

from datagen.train.models.memory import answer_bytes
from datagen.train.models.merging import has_unmerged_adapters

ON_CPU = 8
MOST = 64
"""Beyond this, a batch waits for its longest answer more than it gains."""
USED = 0.8
"""Share of the free memory to use; other programs may need some of it meanwhile."""


def batch_size_for(model: Any, tokens: int, max_new_tokens: int) -> int:
    """Pictures per batch for prompts of up to ``tokens`` tokens, on a GPU."""
    device = next(model.parameters()).device
    free = torch.cuda.mem_get_info(device)[0]
    free += torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
    adapters = has_unmerged_adapters(model)
    return fitting(free, answer_bytes(model.config, tokens, max_new_tokens, adapters=adapters))


def fitting(free: float, sample: float) -> int:
    """Samples of ``sample`` bytes that fit into ``free`` bytes: from 1 to MOST."""
    return max(1, min(MOST, int(free * USED / sample)))
