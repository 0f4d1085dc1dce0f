"""Samples of any length, with or without pictures, combined into a batch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import pad

from datagen.schemas import InputError
from datagen.train.data.mixture import LEFT_OUT

IGNORED = -100
"""The label of a position that is not learned, as in torch's cross entropy."""

PLACES = "places"
"""Key of a batch under which it lists the rows that it holds."""

KEPT = frozenset({"place", LEFT_OUT})
"""Keys of a sample that are no tensors."""

Sample = dict[str, Any]
"""1-D tensors over a sample's tokens, and tensors of its picture with a first dimension of 1."""


class Collator:
    """Combines samples into a batch: ``collator(samples)``.

    Tokens are padded on the ``side`` where nothing is learned or generated: right to train, left to generate.
    Pictures of any number of tiles are concatenated, padded with zeros that the model ignores; samples
    without a picture add none. With ``places``, the batch lists its rows under PLACES, and those that they
    replace under LEFT_OUT, in lists that must be removed before the model gets the batch.
    Floating-point tensors become ``floats``: in bfloat16 a picture of 17 tiles takes 11.5 MB, in float32 23
    MB, on its way from a worker. ``answer_type``: the ``token_type_ids`` of padding on the right, where
    nothing may be taken for a prefix.
    """

    def __init__(
        self,
        pad_id: int,
        *,
        side: str = "right",
        multiple: int = 1,
        places: bool = False,
        answer_type: int = 0,
        floats: torch.dtype = torch.float32,
    ) -> None:
        if side not in ("left", "right"):
            raise InputError(f"Samples are padded on the left or the right, not {side!r}.")
        self._fill = {"input_ids": pad_id, "labels": IGNORED, "token_type_ids": answer_type}
        self._left = side == "left"
        self._multiple = multiple
        self._places = places
        self._floats = floats

    def __call__(self, samples: Sequence[Sample]) -> dict[str, Any]:
        """The batch of some samples."""
        lengths = [len(sample["input_ids"]) for sample in samples]
        longest = -(-max(lengths) // self._multiple) * self._multiple
        batch: dict[str, Any] = {}
        for name in dict.fromkeys(name for sample in samples for name in sample if name not in KEPT):
            having = [
                (sample, length) for sample, length in zip(samples, lengths, strict=True) if name in sample
            ]
            if all(is_sequence(sample, name, length) for sample, length in having):
                batch[name] = self._tokens(name, samples, lengths, longest)
            else:
                batch[name] = _stack([self._cast(sample[name]) for sample, _ in having])
        if self._places:
            batch[PLACES] = [sample["place"] for sample in samples]
            batch[LEFT_OUT] = [row for sample in samples for row in sample.get(LEFT_OUT, ())]
        return batch

    def _cast(self, value: Tensor) -> Tensor:
        return value.to(self._floats) if value.is_floating_point() else value

    def _tokens(self, name: str, samples: Sequence[Sample], lengths: Sequence[int], longest: int) -> Tensor:
        fill = self._fill.get(name, 0)
        rows = []
        for sample, length in zip(samples, lengths, strict=True):
            value = sample.get(name)
            value = torch.full((length,), fill) if value is None else value
            room = longest - length
            rows.append(pad(value, (room, 0) if self._left else (0, room), value=fill))
        return torch.stack(rows)


def without_padding_mask(batch: dict[str, Any], longest: int | None = None) -> dict[str, Any]:
    """The batch without its attention mask if that changes no result at a label, else the batch itself.

    For decoders in which a token sees all tokens before it and nothing else, padding on the right is seen by
    padding alone; and without a mask, torch's attention may choose its fastest kernel. ``longest``: the
    longest batch for which positions of padding change nothing (Phi-3's rope factors depend on the last
    position), None for any.
    """
    mask = batch.get("attention_mask")
    if mask is None or mask.ndim != 2:
        return batch
    padded_right = bool((mask[:, :-1] >= mask[:, 1:]).all()) and bool(mask[:, 0].all())
    short = longest is None or mask.shape[1] <= longest or bool(mask.all())
    if not padded_right or not short:
        return batch
    return {name: value for name, value in batch.items() if name != "attention_mask"}


def _stack(tensors: Sequence[Tensor]) -> Tensor:
    """Tensors concatenated, each padded with zeros to the largest in every other dimension."""
    largest = [max(sizes) for sizes in zip(*(tensor.shape[1:] for tensor in tensors), strict=True)]
    filled = []
    for tensor in tensors:
        room = [more for want, has in zip(largest, tensor.shape[1:], strict=True) for more in (want - has, 0)]
        filled.append(pad(tensor, room[::-1]) if any(room) else tensor)
    return torch.cat(filled)


def is_sequence(sample: Sample, name: str, length: int) -> bool:
    """Whether a sample's tensor has one value for each of its tokens."""
    value = sample[name]
    return isinstance(value, Tensor) and value.ndim == 1 and len(value) == length
