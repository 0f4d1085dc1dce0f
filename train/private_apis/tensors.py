"""Copying many tensors by one launch on the GPU, as torch's own optimisers do."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor


def copy_all(targets: Sequence[Tensor], sources: Sequence[Tensor]) -> None:
    """Copy each source into its target, rounding to the target's type."""
    torch._foreach_copy_(list(targets), list(sources))
