"""AdamW for weights in bfloat16, which keeps float32 copies of them.

bfloat16 has 8 significant bits: near 0.02 its neighbours are 0.00012 apart, so that the small steps of a late
schedule would be rounded away. The step is taken on the copies, and the weights are their rounded values.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor


class CopyingAdamW(torch.optim.AdamW):
    """AdamW (fused on a GPU) on float32 copies of ``params``; the copies are part of its state."""

    def __init__(self, params: Any, **options: Any) -> None:
        given = [dict(group) for group in params]
        self._weights: list[Tensor] = [weight for group in given for weight in group["params"]]
        for group in given:
            group["params"] = [weight.detach().float().clone() for weight in group["params"]]
        super().__init__(given, **options)
        self._copies: list[Tensor] = [copy for group in self.param_groups for copy in group["params"]]

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients of the weights."""
        for weight in self._weights:
            if set_to_none:
                weight.grad = None
            elif weight.grad is not None:
                weight.grad.zero_()

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> float | None:  # type: ignore[override]
        """Take a step on the copies, by the weights' gradients, and round the result into the weights."""
        for weight, copy in zip(self._weights, self._copies, strict=True):
            copy.grad = None if weight.grad is None else weight.grad.float()
        loss = super().step(closure)
        for copy in self._copies:
            copy.grad = None
        torch._foreach_copy_(self._weights, self._copies)
        return loss

    def state_dict(self) -> dict[str, Any]:
        """AdamW's state, and the copies."""
        return {**super().state_dict(), "copies": list(self._copies)}

    @torch.no_grad()
    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Restore what :meth:`state_dict` returned; the weights become the copies' rounded values."""
        super().load_state_dict({name: value for name, value in state_dict.items() if name != "copies"})
        for copy, saved in zip(self._copies, state_dict["copies"], strict=True):
            copy.copy_(saved)
        torch._foreach_copy_(self._weights, self._copies)
