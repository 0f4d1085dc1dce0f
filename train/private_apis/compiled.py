"""What a module's own ``compile`` leaves behind, which torch tells in no public way."""

from __future__ import annotations

from torch import nn


def is_compiled(model: nn.Module) -> bool:
    """Whether any part of a model was compiled in place."""
    return any(module._compiled_call_impl is not None for module in model.modules())
