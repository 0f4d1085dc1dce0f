"""The decoder's layers compiled by torch, each on its own: the first is compiled, the others are alike.

Answers are generated without, since every length of the cache would be compiled anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch


def compile_layers(model: Any, decoder: str) -> None:
    """Compile the layers in the list named ``decoder``, for any length of a batch; names of weights stay."""
    for layer in model.get_submodule(decoder):
        layer.compile(dynamic=True)


@contextmanager
def uncompiled(model: Any) -> Iterator[None]:
    """A context in which a compiled model runs as it is written."""
    if not any(module._compiled_call_impl is not None for module in model.modules()):
        yield
        return
    with torch.compiler.set_stance("force_eager"):
        yield
