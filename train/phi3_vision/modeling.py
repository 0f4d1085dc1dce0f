"""Phi-3-vision and Phi-3.5-vision: transformers' own Phi-3 decoder and CLIP tower under the official names of weights.

``from_pretrained`` reads the official checkpoint as it is (592 tensors) and ``save_pretrained`` writes those names back.
Numerically it is the official code (tests/train/phi3_vision/test_golden.py). How it differs, and why:

- it runs on current transformers: cache, ``generate``, beams, sdpa and flash attention, saving, mixed batches;
- ``input_ids`` are never written to: Phi-3's code put zeros in the picture slots, so that a second pass was blind;
- positions are counted from the attention mask, whichever side is padded, so that padding changes no result;
- with ``labels`` there is a loss and no logits, unless ``logits_to_keep`` asks for them (loss.py);
- a mistake in slots or pictures is an error; the official code trained on without the picture.
"""

from __future__ import annotations

from typing import Any

import torch
import torch.distributed.tensor
from torch import nn
from transformers import Cache, GenerationConfig
from transformers import initialization as init
from transformers.modeling_outputs import BaseModelOutputWithPast, CausalLMOutputWithPast
from transformers.models.phi3.modeling_phi3 import Phi3Model, Phi3PreTrainedModel
from transformers.utils.generic import can_return_tuple

from train.phi3_vision.configuration import Phi3VConfig
from train.phi3_vision.generation import Phi3VGenerationMixin
from train.phi3_vision.image_embedding import Phi3VImageEmbedding, place_pictures
from train.phi3_vision.loss import label_loss
from train.phi3_vision.rope import Phi3VRotaryEmbedding


class Phi3VPreTrainedModel(Phi3PreTrainedModel):  # type: ignore[misc]
    config: Phi3VConfig
    config_class = Phi3VConfig  # transformers reads the annotation above, which is a mere string here
    input_modalities = ("image", "text")
    _no_split_modules = ["Phi3DecoderLayer", "CLIPEncoderLayer"]

    @torch.no_grad()
    def _init_weights(self, module: nn.Module) -> None:
        super()._init_weights(module)
        if isinstance(module, Phi3VImageEmbedding):
            for separator in (module.glb_GN, module.sub_GN):
                init.normal_(separator, std=self.config.initializer_range)


class Phi3VModel(Phi3VPreTrainedModel, Phi3Model):  # type: ignore[misc]
    """The decoder without its head; pictures stand in the slots that ``input_ids`` keep for them."""

    def __init__(self, config: Phi3VConfig) -> None:
        super().__init__(config)
        self.rotary_emb = Phi3VRotaryEmbedding(config)
        self.vision_embed_tokens = Phi3VImageEmbedding(config)
        self.post_init()

    def embed(
        self,
        input_ids: torch.Tensor,
        pixel_values: torch.Tensor | None = None,
        image_sizes: torch.Tensor | None = None,
    ) -> torch.Tensor:
        """Input embeddings (batch, length, hidden) of ``input_ids``, whose negative ids are slots for the pictures.

        Raises ``ValueError`` if slots and pictures do not fit each other.
        """
        embeddings = self.embed_tokens(input_ids.clamp(min=0))
        if pixel_values is not None and len(pixel_values):
            if image_sizes is None:
                raise ValueError(
                    "pixel_values came without image_sizes: pass both as Phi3VProcessor returned them."
                )
            features, tokens = self.vision_embed_tokens(pixel_values, image_sizes)
            return place_pictures(embeddings, input_ids, features, tokens)
        if not torch.compiler.is_compiling() and (input_ids < 0).any():
            raise ValueError(
                "The prompt has slots for a picture, but no pixel_values came with it: pass pixel_values and "
                "image_sizes as Phi3VProcessor returned them."
            )
        return self._take_part(embeddings)  # type: ignore[no-any-return]

    def _take_part(self, embeddings: torch.Tensor) -> torch.Tensor:
        """``embeddings``, into which a blank picture went with weight zero if other ranks may wait for these weights.

        A batch without pictures would give trainable weights of the picture path no gradient, which DDP takes for an
        error, and under FSDP would leave the ranks that do have pictures alone in gathering the weights.
        """
        weights = list(self.vision_embed_tokens.parameters())
        trained = torch.is_grad_enabled() and any(weight.requires_grad for weight in weights)
        sharded = any(isinstance(weight, torch.distributed.tensor.DTensor) for weight in weights)
        if not trained and not sharded:
            return embeddings
        nothing = 0 * self.vision_embed_tokens.blank().sum()
        return embeddings + nothing.to(embeddings.dtype)

    def forward(
        self,
        input_ids: torch.Tensor | None = None,
        attention_mask: torch.Tensor | None = None,
        position_ids: torch.Tensor | None = None,
        past_key_values: Cache | None = None,
        inputs_embeds: torch.Tensor | None = None,
        pixel_values: torch.Tensor | None = None,
        image_sizes: torch.Tensor | None = None,
        use_cache: bool | None = None,
        **kwargs: Any,
    ) -> BaseModelOutputWithPast:
        """Hidden states (batch, length, hidden) after the last norm; arguments as in Phi3VForConditionalGeneration."""
        if (input_ids is None) == (inputs_embeds is None):
            raise ValueError("Pass either input_ids or inputs_embeds.")
        if input_ids is not None:
            inputs_embeds = self.embed(input_ids, pixel_values, image_sizes)
        elif pixel_values is not None:
            raise ValueError(
                "inputs_embeds already hold the pictures (see Phi3VModel.embed): drop pixel_values."
            )
        assert inputs_embeds is not None
        if position_ids is None and attention_mask is not None and attention_mask.ndim == 2:
            position_ids = (attention_mask.long().cumsum(dim=-1) - 1).clamp(min=0)[
                :, -inputs_embeds.shape[1] :
            ]
        return super().forward(  # type: ignore[no-any-return]
            attention_mask=attention_mask,
            position_ids=position_ids,
            past_key_values=past_key_values,
            inputs_embeds=inputs_embeds,
            use_cache=use_cache,
            **kwargs,
        )


class Phi3VForConditionalGeneration(Phi3VPreTrainedModel, Phi3VGenerationMixin):
    """Phi-3-vision with its language-model head."""

    KEPT_UNQUANTISED = ["model.vision_embed_tokens", "lm_head"]
    """For ``BitsAndBytesConfig(llm_int8_skip_modules=...)``: just the decoder's linear layers become 4-bit.

    transformers 5 matches these from the start of a module's full name or at its end, so "vision_embed_tokens" or
    "img_projection" alone would skip nothing; and the embedding is no linear layer and stays as it is."""

    LORA_TARGETS = ["qkv_proj", "o_proj", "gate_up_proj", "down_proj"]
    """For ``LoraConfig(target_modules=...)``: all linear layers of the decoder, none of the tower or the projector."""

    accepts_loss_kwargs = True
    _tied_weights_keys = {"lm_head.weight": "model.embed_tokens.weight"}

    def __init__(self, config: Phi3VConfig) -> None:
        super().__init__(config)
        self.model = Phi3VModel(config)
        self.vocab_size = config.vocab_size
        self.lm_head = nn.Linear(config.hidden_size, config.vocab_size, bias=False)
        self.post_init()

    @classmethod
    def from_pretrained(cls, *args: Any, **kwargs: Any) -> Any:
        """As ``PreTrainedModel.from_pretrained``; then answers end at the right tokens, and unused weights are frozen.

        (The official generation_config.json calls ``</s>`` the end; loading sets ``requires_grad`` on all weights.)
        """
        loaded = super().from_pretrained(*args, **kwargs)
        model = loaded[0] if isinstance(loaded, tuple) else loaded
        generation: GenerationConfig = model.generation_config
        generation.eos_token_id = model.config.stop_tokens(generation.eos_token_id)
        if generation.pad_token_id is None:
            generation.pad_token_id = model.config.pad_token_id
        model.model.vision_embed_tokens.freeze_unused()
        return loaded

    @can_return_tuple  # type: ignore[untyped-decorator]
    def forward(
        self,
        input_ids: torch.Tensor | None = None,
        attention_mask: torch.Tensor | None = None,
        position_ids: torch.Tensor | None = None,
        past_key_values: Cache | None = None,
        inputs_embeds: torch.Tensor | None = None,
        pixel_values: torch.Tensor | None = None,
        image_sizes: torch.Tensor | None = None,
        labels: torch.Tensor | None = None,
        use_cache: bool | None = None,
        logits_to_keep: int | torch.Tensor | None = None,
        num_items_in_batch: int | torch.Tensor | None = None,
        **kwargs: Any,
    ) -> CausalLMOutputWithPast:
        """One pass over a batch.

        - ``input_ids`` (batch, length): -n is a slot of the sample's n-th picture; or ``inputs_embeds`` in their place;
        - ``attention_mask`` (batch, length): 0 on padding, which may be on either side;
        - ``pixel_values`` (pictures, tiles + 1, 3, side, side), ``image_sizes`` (pictures, 2): the pictures of the whole
          batch, sample by sample (image_embedding.py);
        - ``labels`` (batch, length): negative where there is none. With them ``loss`` is computed (loss.py);
          ``num_items_in_batch`` is the number of labels of the whole step, if the step has several batches;
        - ``logits_to_keep``: the last so many positions, or these positions, get ``logits``; 0 is all. Default: all
          without labels, none with labels.
        """
        if labels is not None and use_cache is None:
            use_cache = False
        outputs = self.model(
            input_ids=input_ids,
            attention_mask=attention_mask,
            position_ids=position_ids,
            past_key_values=past_key_values,
            inputs_embeds=inputs_embeds,
            pixel_values=pixel_values,
            image_sizes=image_sizes,
            use_cache=use_cache,
            **kwargs,
        )
        states = outputs.last_hidden_state
        loss = None if labels is None else label_loss(states, labels, self.lm_head, num_items_in_batch)
        logits = None
        if labels is None or logits_to_keep is not None:
            keep = logits_to_keep or 0 if not isinstance(logits_to_keep, torch.Tensor) else logits_to_keep
            logits = self.lm_head(states[:, slice(-keep, None) if isinstance(keep, int) else keep])
        return CausalLMOutputWithPast(
            loss=loss,
            logits=logits,
            past_key_values=outputs.past_key_values,
            hidden_states=outputs.hidden_states,
            attentions=outputs.attentions,
        )
