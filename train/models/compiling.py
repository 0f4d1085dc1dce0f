"""The decoder's layers compiled by torch, each on its own: the first is compiled, the others are alike.

Answers are generated without, since every length of the cache would be compiled again.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch

from datagen.train.private_apis.compiled import is_compiled


def compile_layers(model: Any, decoder: str, backend: str = "inductor") -> None:
    """Compile the layers in the list named ``decoder``, for any length of a batch; names of weights stay."""
    for layer in model.get_submodule(decoder):
        layer.compile(dynamic=True, backend=backend)


@contextmanager
def uncompiled(model: Any) -> Iterator[None]:
    """A context in which a compiled model runs as it is written."""
    if not is_compiled(model):
        yield
        return
    with torch.compiler.set_stance("force_eager"):
        yield
