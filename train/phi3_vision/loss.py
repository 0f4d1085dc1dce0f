"""The loss, computed where there are labels and nowhere else.

The official code turns every position into float32 logits: batch x length x 32,064 numbers, 0.3 GB for a
picture of 2,500 tokens, although an answer has some dozens. Here the hidden states at label positions are
picked first, and go through the head in pieces; the logits of a piece are made anew in the backward pass
if there are several.
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
    negative number is no label, not -100 alone: picture slots are negative too. ``label_count`` is the
    number of labels of the whole step if it has several batches; if not given, of this one. A batch
    without labels has loss 0, through which a backward pass can go, so that it takes part in a
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
