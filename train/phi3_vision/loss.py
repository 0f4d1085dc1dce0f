"""The loss, computed only at label positions.

The official code computes float32 logits at every position: batch x length x 32,064 numbers, 0.3 GB for a
picture of 2,500 tokens, although an answer has a few dozen. Here the hidden states at label positions are
selected first and go through the head in pieces; if there are several, the logits of a piece are
recomputed in the backward pass.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch.nn.functional import cross_entropy
from torch.utils.checkpoint import checkpoint

POSITIONS_AT_ONCE = 1024  # 131 MB of float32 logits with a vocabulary of 32,064


def label_loss(
    hidden_states: torch.Tensor,
    labels: torch.Tensor,
    lm_head: Callable[[torch.Tensor], torch.Tensor],
    label_count: int | torch.Tensor | None = None,
) -> torch.Tensor:
    """Cross entropy of each label, predicted from the position before it: the sum over ``label_count``.

    ``hidden_states`` (batch, length, hidden) come from the last norm. In ``labels`` (batch, length) every
    negative number means no label, not only -100, since picture slots are negative, too. ``label_count``
    is the number of labels of the whole step if it has several batches; by default of this one. A batch
    without labels has a loss of 0 that supports a backward pass, so that it can take part in a
    distributed step.
    """
    targets = labels[:, 1:].to(hidden_states.device)
    wanted = targets >= 0
    states, targets = hidden_states[:, :-1][wanted], targets[wanted]

    def piece_loss(piece: torch.Tensor, piece_targets: torch.Tensor) -> torch.Tensor:
        return cross_entropy(lm_head(piece).float(), piece_targets, reduction="sum")

    size = POSITIONS_AT_ONCE
    pieces = list(zip(torch.split(states, size), torch.split(targets, size), strict=True))
    if len(pieces) == 1:
        total = piece_loss(*pieces[0])
    else:
        total = torch.stack([checkpoint(piece_loss, *piece, use_reentrant=False) for piece in pieces]).sum()
    if isinstance(label_count, torch.Tensor):
        label_count = label_count.to(total.device)
    return total / (max(len(targets), 1) if label_count is None else label_count)
