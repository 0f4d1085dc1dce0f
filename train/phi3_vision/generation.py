"""What generating with Phi-3-vision needs beyond transformers' own loop.

- A sequence that grows past 4096 tokens takes the long rope factors, so all its keys must be rotated anew: the cache is
  emptied once and the whole sequence, pictures included, goes through the decoder again (as Phi-3.5's code does; Phi-3's
  code went on with keys of both kinds). In a batch this happens once for each sequence that grows past the limit.
- Beams and several answers per prompt repeat each sample's pictures as a group.
- Picture slots are negative ids, which logits processors cannot look up: they see ``<unk>`` there.
"""

from __future__ import annotations

from typing import Any

import torch
from transformers import Cache, LogitsProcessorList
from transformers.generation import GenerationMixin


class SlotsUnknown(LogitsProcessorList):  # type: ignore[misc]
    """Logits processors that are shown picture slots as token 0, ``<unk>``."""

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor, **kwargs: Any) -> torch.Tensor:
        return super().__call__(input_ids.clamp(min=0), scores, **kwargs)  # type: ignore[no-any-return]


class Phi3VGenerationMixin(GenerationMixin):  # type: ignore[misc]
    """``GenerationMixin`` for a model with ``self.model.rotary_emb`` and ``self.model.embed`` of Phi-3-vision."""

    def prepare_inputs_for_generation(
        self,
        input_ids: torch.Tensor,
        next_sequence_length: int | None = None,
        past_key_values: Cache | None = None,
        attention_mask: torch.Tensor | None = None,
        inputs_embeds: torch.Tensor | None = None,
        is_first_iteration: bool | None = False,
        position_ids: torch.Tensor | None = None,
        **kwargs: Any,
    ) -> dict[str, Any]:
        if past_key_values is not None and self._outgrew_short_rope(past_key_values, position_ids):
            if inputs_embeds is not None:
                written = position_ids.shape[1] - inputs_embeds.shape[1]  # type: ignore[union-attr]
                inputs_embeds = torch.cat([inputs_embeds, self.model.embed(input_ids[:, -written:])], dim=1)
            past_key_values.reset()
            next_sequence_length, is_first_iteration = None, True
        return super().prepare_inputs_for_generation(  # type: ignore[no-any-return]
            input_ids,
            next_sequence_length=next_sequence_length,
            past_key_values=past_key_values,
            attention_mask=attention_mask,
            inputs_embeds=inputs_embeds,
            is_first_iteration=is_first_iteration,
            position_ids=position_ids,
            **kwargs,
        )

    def _outgrew_short_rope(self, past_key_values: Cache, position_ids: torch.Tensor | None) -> bool:
        """Whether the cache holds keys of a sequence that was short and is long with the tokens to come."""
        past = int(past_key_values.get_seq_length())
        if not past or position_ids is None or position_ids.shape[1] <= past:
            return False
        rope = self.model.rotary_emb
        was_long = rope.is_long(position_ids[:, :past].amax(dim=-1) + 1)
        is_long = rope.is_long(position_ids.amax(dim=-1) + 1)
        return bool((is_long & ~was_long).any())

    def _expand_inputs_for_generation(
        self,
        expand_size: int = 1,
        is_encoder_decoder: bool = False,
        input_ids: torch.Tensor | None = None,
        **model_kwargs: Any,
    ) -> tuple[torch.Tensor, dict[str, Any]]:
        pictures = {name: model_kwargs.pop(name, None) for name in ("pixel_values", "image_sizes")}
        if input_ids is not None and input_ids.shape[1] and expand_size > 1:
            per_sample = (-input_ids.amin(dim=1)).clamp(min=0).tolist()
            for name, values in pictures.items():
                if values is not None and sum(per_sample) == len(values):
                    groups = values.split(per_sample)
                    pictures[name] = torch.cat([group for group in groups for _ in range(expand_size)])
        input_ids, model_kwargs = super()._expand_inputs_for_generation(
            expand_size=expand_size,
            is_encoder_decoder=is_encoder_decoder,
            input_ids=input_ids,
            **model_kwargs,
        )
        return input_ids, {**model_kwargs, **{name: v for name, v in pictures.items() if v is not None}}

    def _get_logits_processor(self, *args: Any, **kwargs: Any) -> LogitsProcessorList:
        return SlotsUnknown(super()._get_logits_processor(*args, **kwargs))
