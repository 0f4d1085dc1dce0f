"""What Phi-3-vision needs from ``generate`` beyond transformers' own loop.

- A sequence that grows past 4096 tokens switches to the long rope factors, so all its keys must be
  rotated again: the cache is emptied and the whole batch, pictures included, goes through the decoder
  again, each time one of its sequences grows past. (Phi-3.5's code does the same; Phi-3's continued with
  keys of both kinds.)
- Beams, and several answers to a prompt, repeat the pictures of a sample as a group.
- Picture slots are negative ids, which logits processors and stop strings cannot look up; they see ``<unk>``.

A prompt that is processed in chunks (``prefill_chunk_size``) or drafted by another model must stay below 4096
tokens.
"""

from __future__ import annotations

from typing import Any

import torch
from transformers import Cache, LogitsProcessorList, StoppingCriteriaList

from datagen.train.phi3_vision.image_embedding import pictures_per_sample
from datagen.train.private_apis.generation import GenerationHooks


class SlotSafeProcessors(LogitsProcessorList):
    """Logits processors that see picture slots as token 0, ``<unk>``."""

    def __call__(self, input_ids: Any, scores: Any, **kwargs: Any) -> Any:
        """The scores (batch, vocabulary) after applying the processors to ``scores`` and the ids so far."""
        return super().__call__(input_ids.clamp(min=0), scores, **kwargs)


class SlotSafeCriteria(StoppingCriteriaList):
    """StopSignal criteria that see picture slots as token 0, ``<unk>``."""

    def __call__(self, input_ids: Any, scores: Any, **kwargs: Any) -> Any:
        """Which sequences (batch) of the ids so far are finished."""
        return super().__call__(input_ids.clamp(min=0), scores, **kwargs)


class Phi3VGenerationMixin(GenerationHooks):
    """``GenerationMixin`` for a model whose ``model`` is a ``Phi3VModel``."""

    model: Any

    def prepare_inputs_for_generation(
        self,
        input_ids: Any,
        next_sequence_length: int | None = None,
        past_key_values: Any = None,
        attention_mask: Any = None,
        inputs_embeds: torch.Tensor | None = None,
        is_first_iteration: bool | None = False,
        position_ids: Any = None,
        **kwargs: Any,
    ) -> dict[str, Any]:
        """The inputs of the next pass: the new token, or all tokens if the cache has become invalid."""
        cached = past_key_values is not None and position_ids is not None
        if cached and self._outgrows_short_rope(past_key_values, position_ids):
            if inputs_embeds is not None:
                written = position_ids.shape[1] - inputs_embeds.shape[1]
                inputs_embeds = torch.cat([inputs_embeds, self.model.embed(input_ids[:, -written:])], dim=1)
            past_key_values.reset()
            next_sequence_length, is_first_iteration = None, True
        inputs: dict[str, Any] = super().prepare_inputs_for_generation(  # type: ignore[misc]
            input_ids,
            next_sequence_length=next_sequence_length,
            past_key_values=past_key_values,
            attention_mask=attention_mask,
            inputs_embeds=inputs_embeds,
            is_first_iteration=is_first_iteration,
            position_ids=position_ids,
            **kwargs,
        )
        return inputs

    def _outgrows_short_rope(self, past_key_values: Cache, position_ids: torch.Tensor) -> bool:
        """Whether a sequence that was short when its keys were cached becomes long with the new tokens.

        ``position_ids`` (batch, length) are those of the whole sequences.
        """
        past = int(past_key_values.get_seq_length())
        if not 0 < past < position_ids.shape[1]:
            return False
        is_long = self.model.rotary_emb.is_long
        was_short = ~is_long(position_ids[:, :past].amax(dim=-1) + 1)
        return bool((was_short & is_long(position_ids.amax(dim=-1) + 1)).any())

    def expand_pictures(self, inputs: dict[str, Any], input_ids: Any, times: int) -> dict[str, Any]:
        """Take the pictures out of ``inputs``; those of a sample are repeated as a group."""
        names = [name for name in ("pixel_values", "image_sizes") if inputs.get(name) is not None]
        pictures = {name: inputs.pop(name) for name in names}
        if times > 1 and input_ids is not None and input_ids.shape[1]:
            for name, values in pictures.items():
                groups = values.split(pictures_per_sample(input_ids, len(values)).tolist())
                pictures[name] = torch.cat([group for group in groups for _ in range(times)])
        return pictures

    def adapt_logits_processors(self, processors: LogitsProcessorList) -> LogitsProcessorList:
        """The same processors, which see picture slots as ``<unk>``."""
        return SlotSafeProcessors(processors)

    def adapt_stopping_criteria(self, criteria: StoppingCriteriaList) -> StoppingCriteriaList:
        """The same criteria, which see picture slots as ``<unk>``."""
        return SlotSafeCriteria(criteria)
