"""Phi-3-vision and Phi-3.5-vision: transformers' own Phi-3 decoder and CLIP tower, combined.

``from_pretrained`` reads the official checkpoint unchanged, all 592 tensors, and ``save_pretrained``
writes the official names. Numerically it equals the official code
(tests/train/phi3_vision/test_golden.py).

How it differs from the official code, and why:

- it runs on current transformers: cache, ``generate``, beams, sdpa and flash attention, saving, mixed
  batches;
- ``input_ids`` are never modified; Phi-3's code put zeros into the picture slots, so a second pass saw no
  picture;
- positions are counted along the attention mask, so that padding on either side changes no result;
- with ``labels`` there is a loss and there are no logits, unless ``logits_to_keep`` asks for them (loss.py);
- slots without pictures and pictures without slots are errors; the official code did not check.
"""

from __future__ import annotations

from typing import Any, ClassVar

import torch
from torch import nn
from torch.distributed.tensor import DTensor
from transformers import Cache, GenerationConfig
from transformers import initialization as init
from transformers.modeling_outputs import BaseModelOutputWithPast, CausalLMOutputWithPast
from transformers.models.phi3.modeling_phi3 import Phi3Model, Phi3PreTrainedModel
from transformers.utils.generic import can_return_tuple

from datagen.schemas import InputError
from datagen.train.phi3_vision.configuration import Phi3VConfig
from datagen.train.phi3_vision.generation import Phi3VGenerationMixin
from datagen.train.phi3_vision.image_embedding import FROM_PROCESSOR, Phi3VImageEmbedding, place_pictures
from datagen.train.phi3_vision.loss import label_loss
from datagen.train.phi3_vision.rope import Phi3VRotaryEmbedding


class Phi3VPreTrainedModel(Phi3PreTrainedModel):  # type: ignore[no-untyped-call]
    """What the two models below have in common."""

    config: Phi3VConfig
    config_class = Phi3VConfig  # transformers reads the annotation above, which is a mere string here
    input_modalities = ["image", "text"]  # noqa: RUF012
    _no_split_modules = ["Phi3DecoderLayer", "CLIPEncoderLayer", "Phi3VImageEmbedding"]  # noqa: RUF012

    @torch.no_grad()
    def _init_weights(self, module: nn.Module) -> None:
        super()._init_weights(module)  # type: ignore[no-untyped-call]
        if isinstance(module, Phi3VImageEmbedding):
            for separator in (module.glb_GN, module.sub_GN):
                init.normal_(separator, std=self.config.initializer_range)


class Phi3VModel(Phi3VPreTrainedModel, Phi3Model):  # type: ignore[no-untyped-call]
    """The decoder without its head, and the embedding of pictures."""

    rotary_emb: Phi3VRotaryEmbedding  # type: ignore[assignment]

    def __init__(self, config: Phi3VConfig) -> None:
        super().__init__(config)
        self.rotary_emb = Phi3VRotaryEmbedding(config)
        self.vision_embed_tokens = Phi3VImageEmbedding(config)
        self.post_init()  # type: ignore[no-untyped-call]

    def embed(
        self,
        input_ids: torch.Tensor,
        pixel_values: torch.Tensor | None = None,
        image_sizes: torch.Tensor | None = None,
    ) -> torch.Tensor:
        """Embeddings (batch, length, hidden) of ``input_ids``, whose negative ids are picture slots.

        Raises:
            InputError: Slots and pictures do not match.
        """
        embeddings: torch.Tensor = self.embed_tokens(input_ids.clamp(min=0))
        if pixel_values is not None and len(pixel_values):
            if image_sizes is None:
                raise InputError(f"There are pixel_values but no image_sizes; {FROM_PROCESSOR}")
            features, tokens = self.vision_embed_tokens(pixel_values, image_sizes)
            return place_pictures(embeddings, input_ids, features, tokens)
        if not torch.compiler.is_compiling() and (input_ids < 0).any():
            raise InputError(
                f"The prompt has slots for pictures, but there are no pixel_values; {FROM_PROCESSOR}"
            )
        return self._with_all_weights(embeddings)

    def _with_all_weights(self, embeddings: torch.Tensor) -> torch.Tensor:
        """``embeddings``, plus zero times a blank picture if other ranks may wait for its weights.

        A batch without pictures gives the trained weights of the picture path no gradient, which is an
        error in DDP; and in FSDP the ranks that do have pictures would wait forever for the others to
        gather weights.
        """
        weights = list(self.vision_embed_tokens.parameters())
        trained = torch.is_grad_enabled() and any(weight.requires_grad for weight in weights)
        sharded = any(isinstance(weight, DTensor) for weight in weights)
        if not trained and not sharded:
            return embeddings
        nothing = 0 * self.vision_embed_tokens.blank().float().mean()
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
        """Hidden states (batch, length, hidden) after the last norm.

        The arguments are those of Phi3VForConditionalGeneration.
        """
        if inputs_embeds is None:
            if input_ids is None:
                raise InputError("There are neither input_ids nor inputs_embeds; pass one of them.")
            inputs_embeds = self.embed(input_ids, pixel_values, image_sizes)
        elif input_ids is not None or pixel_values is not None:
            raise InputError("inputs_embeds replace input_ids and pixel_values; pass one or the other.")
        if position_ids is None and attention_mask is not None and attention_mask.ndim == 2:
            positions = (attention_mask.long().cumsum(dim=-1) - 1).clamp(min=0)
            position_ids = positions[:, -inputs_embeds.shape[1] :]
        outputs: BaseModelOutputWithPast = super().forward(
            attention_mask=attention_mask,
            position_ids=position_ids,
            past_key_values=past_key_values,
            inputs_embeds=inputs_embeds,
            use_cache=use_cache,
            **kwargs,
        )
        return outputs


class Phi3VForConditionalGeneration(Phi3VPreTrainedModel, Phi3VGenerationMixin):  # type: ignore[no-untyped-call]
    """Phi-3-vision with its language-model head.

    ``KEPT_UNQUANTISED`` is for ``BitsAndBytesConfig(llm_int8_skip_modules=...)``: with it only the linear
    layers of the decoder become 4-bit. (transformers 5 compares such names with the start and the end of
    a module's full name, so that ``vision_embed_tokens`` alone would keep nothing.) ``LORA_TARGETS`` is
    for ``LoraConfig(target_modules=...)``: the same layers.
    """

    KEPT_UNQUANTISED: ClassVar[list[str]] = ["model.vision_embed_tokens", "lm_head"]
    LORA_TARGETS: ClassVar[list[str]] = ["qkv_proj", "o_proj", "gate_up_proj", "down_proj"]

    accepts_loss_kwargs = True
    _tied_weights_keys = {"lm_head.weight": "model.embed_tokens.weight"}  # noqa: RUF012

    def __init__(self, config: Phi3VConfig) -> None:
        super().__init__(config)
        self.model = Phi3VModel(config)
        self.vocab_size = config.vocab_size
        self.lm_head = nn.Linear(config.hidden_size, config.vocab_size, bias=False)
        self.post_init()  # type: ignore[no-untyped-call]

    @classmethod
    def from_pretrained(cls, *args: Any, **kwargs: Any) -> Any:
        """Like ``PreTrainedModel.from_pretrained``, with the right end tokens and unused weights frozen.

        (The official generation_config.json ends at ``</s>``; loading makes all weights trainable.)
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

        - ``input_ids`` (batch, length): -n is a slot of the sample's n-th picture. Or ``inputs_embeds``, as
          ``Phi3VModel.embed`` makes them.
        - ``attention_mask`` (batch, length): 0 on padding, which may be on either side.
        - ``pixel_values`` (pictures, tiles + 1, 3, side, side) and ``image_sizes`` (pictures, 2): the
          pictures of the whole batch, sample by sample (image_embedding.py).
        - ``labels`` (batch, length), negative where there is none, give a ``loss`` (loss.py).
          ``num_items_in_batch`` is the number of labels of the whole step if it has several batches.
        - ``logits_to_keep``: ``logits`` for that many last positions, 0 for all, or for the given
          positions. By default for all positions without labels, and for none with labels.

        Raises:
            InputError: Slots and pictures do not match.
        """
        if labels is not None and use_cache is None:
            use_cache = False
        if labels is None and logits_to_keep is None:
            logits_to_keep = 0
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
        loss = logits = None
        if labels is not None:
            loss = label_loss(states, labels, self.lm_head, num_items_in_batch)
        if logits_to_keep is not None:
            kept = slice(-logits_to_keep, None) if isinstance(logits_to_keep, int) else logits_to_keep
            logits = self.lm_head(states[:, kept])
        return CausalLMOutputWithPast(
            loss=loss,
            logits=logits,
            past_key_values=outputs.past_key_values,
            hidden_states=outputs.hidden_states,
            attentions=outputs.attentions,
        )
