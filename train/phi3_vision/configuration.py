"""What a Phi-3-vision is made of: the decoder's numbers, the vision tower's, and how a picture becomes tokens.

The official ``config.json`` of Phi-3-vision and Phi-3.5-vision loads as it is. Differences to the official code:

- it calls its rope "su"; transformers calls the same thing "longrope";
- it asks for flash attention in the file itself; here the caller decides (``attn_implementation=``), sdpa by default;
- its ``auto_map`` names code to download; it is dropped, and never written back;
- it says the end of a sequence is 2, ``</s>``, which a chat model never writes: 32007 ``<|end|>`` and 32000
  ``<|endoftext|>`` always end an answer here;
- the vision tower (CLIP ViT-L/14-336) was hard coded; here it is ``vision_config``, and the same when absent.
"""

from __future__ import annotations

from typing import Any, ClassVar

from transformers import CLIPVisionConfig, Phi3Config
from transformers.configuration_utils import SubConfigSpec

END_OF_TURN, END_OF_TEXT = 32007, 32000  # <|end|>, <|endoftext|>
UNUSED_END = 2  # </s>: what the official config.json calls the end

CLIP_VIT_L_14_336: dict[str, int] = {
    "hidden_size": 1024,
    "intermediate_size": 4096,
    "projection_dim": 768,
    "num_hidden_layers": 24,
    "num_attention_heads": 16,
    "image_size": 336,
    "patch_size": 14,
}
IMAGE_PROCESSOR: dict[str, Any] = {
    "name": "clip_vision_model",
    "model_name": "openai/clip-vit-large-patch14-336",
    "image_dim_out": 1024,
    "num_img_tokens": 144,
}
IMAGE_LAYOUT: dict[str, Any] = {
    "embedding_cls": "image",
    "hd_transform_order": "sub_glb",
    "projection_cls": "mlp",
    "use_hd_transform": True,
    "with_learnable_separator": True,
}


class Phi3VConfig(Phi3Config):  # type: ignore[misc]
    """The official fields, and ``vision_config`` beside them.

    ``img_processor`` may carry ``layer_idx`` (the layer of the tower whose output is used, -2 if absent, as in the
    official code); ``embd_layer`` may say nothing but the one layout that was ever published. Anything else raises
    ``ValueError`` in one sentence.
    """

    model_type = "phi3_v"
    sub_configs_defaults: ClassVar[dict[str, Any]] = {
        "vision_config": SubConfigSpec(config_class=CLIPVisionConfig, init_kwargs=CLIP_VIT_L_14_336)
    }

    max_position_embeddings: int = 131072
    vision_config: CLIPVisionConfig | dict[str, Any] | None = None
    img_processor: dict[str, Any] | None = None
    embd_layer: dict[str, Any] | None = None

    def __post_init__(self, **kwargs: Any) -> None:
        for baked_in in ("auto_map", "_attn_implementation"):
            kwargs.pop(baked_in, None)
        rope = kwargs.pop("rope_scaling", None) or self.rope_parameters
        if isinstance(rope, dict):
            self.rope_parameters = self._longrope(dict(rope))
        if not isinstance(self.vision_config, CLIPVisionConfig):
            self.vision_config = CLIPVisionConfig(**{**CLIP_VIT_L_14_336, **(self.vision_config or {})})
        self.img_processor = {**IMAGE_PROCESSOR, **(self.img_processor or {})}
        self.embd_layer = {**IMAGE_LAYOUT, **(self.embd_layer or {})}
        super().__post_init__(**kwargs)
        self.eos_token_id = self.stop_tokens(self.eos_token_id)
        self._check_image_layout()

    def _longrope(self, rope: dict[str, Any]) -> dict[str, Any]:
        kind = rope.pop("type", None)
        kind = rope.setdefault("rope_type", kind)
        if kind not in ("su", "longrope"):
            raise ValueError(f"The rope is of type {kind!r}, but Phi-3-vision has 'su', which is 'longrope'.")
        # The ratio that transformers would compute from the same two numbers, and warn about having to.
        rope.setdefault("factor", self.max_position_embeddings / self.original_max_position_embeddings)
        return {**rope, "rope_type": "longrope"}

    def stop_tokens(self, named: int | list[int] | None) -> int | list[int] | None:
        """The ids that end an answer: ``<|end|>``, ``<|endoftext|>``, and what else is ``named``, but not ``</s>``.

        A vocabulary that has no such tokens (``tiny_config``) keeps what is named.
        """
        if self.vocab_size <= END_OF_TURN:
            return named
        others = [] if named is None else [named] if isinstance(named, int) else named
        return [
            END_OF_TURN,
            END_OF_TEXT,
            *(i for i in others if i not in (END_OF_TURN, END_OF_TEXT, UNUSED_END)),
        ]

    @property
    def tile_size(self) -> int:
        """Side of a tile in pixels: 336."""
        return int(self.vision_config.image_size)  # type: ignore[union-attr,arg-type]

    @property
    def tile_rows(self) -> int:
        """Rows (and columns) of tokens in a tile: 12, since each 2 x 2 patches of the tower become one token."""
        return self.tile_size // int(self.vision_config.patch_size) // 2  # type: ignore[union-attr,arg-type]

    @property
    def vision_layers(self) -> int:
        """How many of the tower's layers are run: 23 of 24, as in the official code (``layer_idx`` -2)."""
        hidden_states = int(self.vision_config.num_hidden_layers) + 1  # type: ignore[union-attr]
        index = self.img_processor.get("layer_idx", -2)  # type: ignore[union-attr]
        return int(index) % hidden_states

    def picture_tokens(self, height: int, width: int) -> int:
        """Tokens of a picture padded to ``height`` x ``width`` pixels, multiples of the tile's side.

        (h w + 1) 144 + 1 + (h + 1) 12 with h, w in tiles: the tokens of all tiles and of the global view, one between
        the two, one at each end of row.
        """
        if height <= 0 or width <= 0 or height % self.tile_size or width % self.tile_size:
            raise ValueError(
                f"A picture of {height} x {width} pixels is not made of whole tiles of {self.tile_size}: "
                "image_sizes must hold (height, width) after padding, as Phi3VProcessor returns them."
            )
        h, w = height // self.tile_size, width // self.tile_size
        return (h * w + 1) * self.tile_rows**2 + 1 + (h + 1) * self.tile_rows

    def _check_image_layout(self) -> None:
        layout, processor = self.embd_layer, self.img_processor
        assert layout is not None and processor is not None
        for name, published in IMAGE_LAYOUT.items():
            if layout[name] != published:
                raise ValueError(
                    f"embd_layer.{name} is {layout[name]!r}, but only {published!r} was ever published."
                )
        if processor.get("type_feature", "patch") != "patch":
            raise ValueError(
                f"img_processor.type_feature is {processor['type_feature']!r}, but must be 'patch'."
            )
        if processor["num_img_tokens"] != self.tile_rows**2:
            raise ValueError(
                f"img_processor.num_img_tokens is {processor['num_img_tokens']}, but a tile of {self.tile_size} pixels "
                f"has {self.tile_rows**2} tokens."
            )
