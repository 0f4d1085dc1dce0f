"""The loss, computed where there are labels and nowhere else.

The official code turns every position into float32 logits: batch x length x 32064 numbers, 0.3 GB for one picture of
2,500 tokens, although an answer has a few dozen tokens. Here the hidden states at label positions are picked first,
and go through the language-model head in pieces whose logits are made again in the backward pass when there are several.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch.nn.functional import cross_entropy
from torch.utils.checkpoint import checkpoint

POSITIONS_AT_ONCE = 1024  # their float32 logits take 131 MB with 32,064 tokens


def label_loss(
    hidden_states: torch.Tensor,
    labels: torch.Tensor,
    lm_head: Callable[[torch.Tensor], torch.Tensor],
    label_count: int | torch.Tensor | None = None,
) -> torch.Tensor:
    """Cross entropy of predicting each label from the position before it, summed and divided by ``label_count``.

    ``hidden_states`` (batch, length, hidden) after the last norm; ``labels`` (batch, length), where every negative
    number, not only -100, is no label: picture slots have negative ids. ``label_count`` is the number of labels of the
    whole step when it is spread over several batches; of this batch if not given. A batch without labels has loss 0,
    which can be gone backwards through, so that it takes part in a distributed step.
    """
    targets = labels[:, 1:].to(hidden_states.device)
    wanted = targets >= 0
    states, targets = hidden_states[:, :-1][wanted], targets[wanted]

    def piece_loss(piece: torch.Tensor, piece_targets: torch.Tensor) -> torch.Tensor:
        return cross_entropy(lm_head(piece).float(), piece_targets, reduction="sum")

    pieces = list(zip(states.split(POSITIONS_AT_ONCE), targets.split(POSITIONS_AT_ONCE), strict=True))
    if len(pieces) == 1:
        total = piece_loss(*pieces[0])
    else:
        total = torch.stack([checkpoint(piece_loss, *piece, use_reentrant=False) for piece in pieces]).sum()
    return total / (max(len(targets), 1) if label_count is None else label_count)
