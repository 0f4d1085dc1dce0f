"""The configuration of a Phi-3-vision: decoder, vision tower, and how a picture becomes tokens.

The official ``config.json`` of Phi-3-vision and Phi-3.5-vision loads unchanged. It is interpreted
differently in these points:

- its rope is of type "su", which transformers calls "longrope";
- it requests flash attention in the file itself; here the caller chooses (``attn_implementation=``),
  default sdpa;
- its ``auto_map`` names code to download; it is dropped and never written back;
- it says that a sequence ends with 2, ``</s>``, which a chat model never generates; here 32007
  ``<|end|>`` and 32000 ``<|endoftext|>`` always end an answer;
- the vision tower, CLIP ViT-L/14-336, was hard-coded; here it is ``vision_config``, with the same default.
"""

from __future__ import annotations

import math
from dataclasses import field
from typing import Any, ClassVar

from transformers import CLIPVisionConfig, Phi3Config
from transformers.configuration_utils import SubConfigSpec

from datagen.schemas import InputError
from datagen.train.private_apis.loading import ATTENTION_KEY

END_OF_TURN, END_OF_TEXT = 32007, 32000  # <|end|>, <|endoftext|>
NEVER_WRITTEN = 2  # </s>

CLIP_VIT_L_14_336: dict[str, Any] = {
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


class Phi3VConfig(Phi3Config):  # type: ignore[no-untyped-call]
    """The official fields plus ``vision_config``.

    ``img_processor`` may have ``layer_idx``, the layer of the tower whose output is used (-2 if absent,
    as in the official code). ``embd_layer`` can only be the one layout that was published.

    Raises:
        InputError: The rope, the layout or the tokens of a tile are not those of this model.
    """

    model_type = "phi3_v"
    sub_configs_defaults: ClassVar[dict[str, Any]] = {
        "vision_config": SubConfigSpec(config_class=CLIPVisionConfig, init_kwargs=CLIP_VIT_L_14_336)
    }

    max_position_embeddings: int = 131072
    vision_config: Any = None  # a CLIPVisionConfig after initialisation
    img_processor: dict[str, Any] = field(default_factory=dict)
    embd_layer: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self, **kwargs: Any) -> None:
        for baked_in in ("auto_map", ATTENTION_KEY):
            kwargs.pop(baked_in, None)
        self.rope_parameters = self._longrope(kwargs.pop("rope_scaling", None) or self.rope_parameters)
        if not isinstance(self.vision_config, CLIPVisionConfig):
            self.vision_config = CLIPVisionConfig(**{**CLIP_VIT_L_14_336, **(self.vision_config or {})})
        self.img_processor = {**IMAGE_PROCESSOR, **(self.img_processor or {})}
        self.embd_layer = {**IMAGE_LAYOUT, **(self.embd_layer or {})}
        super().__post_init__(**kwargs)  # type: ignore[no-untyped-call]
        self.eos_token_id = self.stop_tokens(self.eos_token_id)
        self._check_layout()

    def stop_tokens(self, named: int | list[int] | None) -> int | list[int] | None:
        """The ids that end an answer: ``<|end|>``, ``<|endoftext|>`` and those of ``named`` except ``</s>``.

        A vocabulary too small to contain them keeps ``named``.
        """
        if self.vocab_size <= END_OF_TURN:
            return named
        also = [] if named is None else [named] if isinstance(named, int) else named
        known = (END_OF_TURN, END_OF_TEXT)
        return [*known, *(token for token in also if token not in (*known, NEVER_WRITTEN))]

    @property
    def tile_size(self) -> int:
        """Side of a tile in pixels: 336."""
        return int(self.vision_config.image_size)

    @property
    def tile_rows(self) -> int:
        """Rows and columns of tokens in a tile: 12, since 2 x 2 patches of the tower make one token."""
        return self.tile_size // int(self.vision_config.patch_size) // 2

    @property
    def vision_layers(self) -> int:
        """Number of layers of the tower that run: 23 of 24, since the second-to-last state is used."""
        return int(self.img_processor.get("layer_idx", -2)) % (int(self.vision_config.num_hidden_layers) + 1)

    def picture_tokens(self, height: int, width: int) -> int:
        """Tokens of a picture of ``height`` x ``width`` pixels after padding.

        (h w + 1) 144 + 1 + (h + 1) 12 with h, w in tiles: the tokens of the tiles and of the global view,
        one between the two, one at the end of each row.

        Raises:
            InputError: The picture is not made of whole tiles.
        """
        if height <= 0 or width <= 0 or height % self.tile_size or width % self.tile_size:
            raise InputError(
                f"A picture of {height} x {width} pixels is not made of whole tiles of {self.tile_size}; "
                "image_sizes must hold heights and widths after padding, as Phi3VProcessor returns them."
            )
        h, w = height // self.tile_size, width // self.tile_size
        return (h * w + 1) * self.tile_rows**2 + 1 + (h + 1) * self.tile_rows

    def _longrope(self, rope: Any) -> dict[str, Any]:
        known = dict(rope or {})
        kind = known.pop("type", None)
        kind = known.setdefault("rope_type", kind)
        if kind not in ("su", "longrope"):
            raise InputError(
                f"rope_scaling is of type {kind!r}, but Phi-3-vision's is 'su', alias 'longrope'."
            )
        for name in ("short_factor", "long_factor"):
            wanted = self.hidden_size // self.num_attention_heads // 2
            if not _are_positive(known.get(name), wanted):
                raise InputError(f"rope_scaling.{name} is not a list of {wanted} positive numbers.")
        if not 1 < self.original_max_position_embeddings <= self.max_position_embeddings:
            raise InputError(
                f"original_max_position_embeddings is {self.original_max_position_embeddings}, but must be "
                f"more than 1 and no more than max_position_embeddings, {self.max_position_embeddings}."
            )
        # transformers would divide the same two numbers, and warn that it has to.
        known.setdefault("factor", self.max_position_embeddings / self.original_max_position_embeddings)
        return {**known, "rope_type": "longrope"}

    def _check_layout(self) -> None:
        for name, published in IMAGE_LAYOUT.items():
            if self.embd_layer[name] != published:
                raise InputError(
                    f"embd_layer.{name} is {self.embd_layer[name]!r}, but only {published!r} was published."
                )
        feature = self.img_processor.get("type_feature", "patch")
        if feature != "patch":
            raise InputError(f"img_processor.type_feature is {feature!r}, but only 'patch' was published.")
        layers, index = int(self.vision_config.num_hidden_layers), self.img_processor.get("layer_idx", -2)
        if index not in range(-layers - 1, layers + 1):
            raise InputError(f"img_processor.layer_idx is {index!r}, but the tower has {layers} layers.")
        tokens = self.img_processor["num_img_tokens"]
        if tokens != self.tile_rows**2:
            raise InputError(
                f"img_processor.num_img_tokens is {tokens}, but a tile of {self.tile_size} pixels has "
                f"{self.tile_rows**2} tokens."
            )


def official_config(config: dict[str, Any]) -> dict[str, Any]:
    """A saved configuration in the form of the official config.json, for readers other than this one."""
    rope = config["rope_parameters"]
    kept = {name: value for name, value in config.items() if name not in ("rope_parameters", "dtype")}
    return {
        **kept,
        "architectures": ["Phi3VForCausalLM"],
        "rope_theta": rope["rope_theta"],
        "rope_scaling": {
            "type": "su",
            "short_factor": rope["short_factor"],
            "long_factor": rope["long_factor"],
        },
        "torch_dtype": config.get("dtype"),
    }


def _are_positive(numbers: Any, count: int) -> bool:
    if not isinstance(numbers, list) or len(numbers) != count:
        return False
    return all(isinstance(number, int | float) and 0 < number < math.inf for number in numbers)
