"""The model architectures that can be trained, in one table; everything that differs between them is data.

An architecture is identified by ``model_type`` in the model's config.json. Another base model is one more
entry in ``ARCHITECTURES``. transformers 5 compares the names of modules that stay unquantised with the
start (or the end) of a module's full name, so they are written in full here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any, Literal

from transformers.models.auto.modeling_auto import MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING_NAMES

from datagen.schemas import InputError
from datagen.train.chat.conversation import Chat
from datagen.train.config import AUTO, ModelConfig, Part
from datagen.train.models.encoding import chat_of
from datagen.train.phi3_vision.configuration import official_config

ATTENTION_AND_MLP = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")

PictureSize = Literal["num_crops", "max_pixels", "tiles", "patches", "grid", "fixed"]
"""How the size at which pictures are seen is set: by a number of crops, by a number of pixels (rounded to
whole tiles, as a number of tiles, or by leaving out larger grids of tiles), or not at all.
"""
PICTURE_SETTING = {
    "num_crops": "num_crops",
    "max_pixels": "max_pixels",
    "tiles": "max_pixels",
    "patches": "max_pixels",
    "grid": "max_pixels",
    "fixed": None,
}
"""The setting under ``model`` for each of them."""


@dataclass(frozen=True)
class Architecture:
    """What the parts of a model are called, and how it is used.

    ``name``: for messages. ``decoder``: the list of decoder layers in the model. ``tower``: the vision
    tower. ``projector``: the modules and single weights between tower and decoder; what of them lies inside
    the tower does not count as tower. ``targets``: the linear layers of a decoder layer that get adapters.
    ``ends``: tokens that end an answer, as far as the tokenizer has them. ``computes_label_loss``: the model
    itself computes logits at labels only. ``causal``: each token of the decoder sees all tokens before it and
    nothing else, so that padding on the right changes nothing. ``chat``: the texts around question and
    answer, or None to derive them from the processor's chat template. ``answer_type``: the ``token_type_ids``
    of answers and padding; 1 where 0 stands for a prefix in which every token sees all others.
    ``needs_picture``: the processor takes no prompt without a picture. ``global_view``: whether the tower
    gets the whole picture before its tiles or after them; None if it sees pictures in one view.
    ``mixed_types``: the tower may be float32 in a bfloat16 model, as it must be to be trained fully beside
    adapters. ``official_config``: turns a saved config.json into the form of the official one.
    """

    name: str
    ends: tuple[str, ...]
    decoder: str = "model.language_model.layers"
    tower: str = "model.vision_tower"
    projector: tuple[str, ...] = ("model.multi_modal_projector",)
    targets: tuple[str, ...] = ATTENTION_AND_MLP
    picture_size: PictureSize = "fixed"
    computes_label_loss: bool = False
    causal: bool = False
    chat: Chat | None = None
    answer_type: int = 0
    needs_picture: bool = False
    global_view: Literal["first", "last"] | None = None
    mixed_types: bool = True
    official_config: Callable[[dict[str, Any]], dict[str, Any]] | None = None

    @property
    def unquantised(self) -> tuple[str, ...]:
        """Modules that stay as they are if the decoder is quantised. (Embeddings are not linear layers.)"""
        return (self.tower, *self.projector, "lm_head")

    def part_of(self, name: str) -> Part:
        """The part that a module or weight belongs to; what is in no other part is the decoder's."""
        if any(f"{name}.".startswith(f"{place}.") for place in self.projector):
            return "projector"
        return "tower" if f"{name}.".startswith(f"{self.tower}.") else "decoder"


_IDEFICS = Architecture(
    name="SmolVLM, SmolVLM2, Idefics3",
    decoder="model.text_model.layers",
    tower="model.vision_model",
    projector=("model.connector",),
    ends=("<end_of_utterance>", "<|im_end|>", "<|endoftext|>", "</s>"),
    picture_size="tiles",
    causal=True,
    global_view="last",
)
_CHATML_ENDS = ("<|im_end|>", "<|endoftext|>")

ARCHITECTURES: dict[str, Architecture] = {
    "phi3_v": Architecture(
        name="Phi-3-vision, Phi-3.5-vision",
        decoder="model.layers",
        tower="model.vision_embed_tokens.img_processor",
        projector=tuple(f"model.vision_embed_tokens.{it}" for it in ("img_projection", "glb_GN", "sub_GN")),
        targets=("qkv_proj", "o_proj", "gate_up_proj", "down_proj"),
        ends=("<|end|>", "<|endoftext|>"),
        picture_size="num_crops",
        computes_label_loss=True,
        causal=True,
        global_view="first",
        chat=Chat(),
        official_config=official_config,
    ),
    "qwen3_vl": Architecture(
        name="Qwen3-VL",
        tower="model.visual",
        projector=("model.visual.merger", "model.visual.deepstack_merger_list"),
        ends=_CHATML_ENDS,
        picture_size="max_pixels",
        causal=True,
    ),
    "qwen2_5_vl": Architecture(
        name="Qwen2.5-VL",
        tower="model.visual",
        projector=("model.visual.merger",),
        ends=_CHATML_ENDS,
        picture_size="max_pixels",
        causal=True,
    ),
    "gemma3": Architecture(name="Gemma 3", ends=("<end_of_turn>", "<eos>")),
    "internvl": Architecture(
        name="InternVL", ends=_CHATML_ENDS, picture_size="patches", causal=True, global_view="last"
    ),
    "llava_onevision": Architecture(
        name="LLaVA-OneVision",
        projector=("model.multi_modal_projector", "model.image_newline"),
        ends=_CHATML_ENDS,
        picture_size="grid",
        causal=True,
        global_view="first",
    ),
    "smolvlm": replace(_IDEFICS, mixed_types=False),
    "idefics3": _IDEFICS,
    # No chat: its processor writes pictures, <bos>, the question and a line break, in this order, and that is
    # the prefix of the published recipe (big_vision, configs/proj/paligemma).
    "paligemma": Architecture(
        name="PaliGemma",
        ends=("<eos>",),
        chat=Chat(before="", picture="<image>", after="", end="<eos>"),
        answer_type=1,
        needs_picture=True,
    ),
}
"""``model_type`` -> architecture."""


def architecture_of(model_type: object, base: str) -> Architecture:
    """The architecture of a ``model_type``. Raises InputError that names the supported ones nearest to it."""
    if model_type not in ARCHITECTURES:
        found = str(model_type)[:60]
        near = get_close_matches(found, ARCHITECTURES, n=3, cutoff=0.5)
        named = ", ".join(f"{kind} ({ARCHITECTURES[kind].name})" for kind in near or ARCHITECTURES)
        if found in MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING_NAMES:
            what = "which transformers can load, but which cannot be trained here"
        else:
            what = "which is not supported"
        raise InputError(
            f"{base} is a model of type {found!r}, {what}; {'the nearest ' * bool(near)}supported: {named}."
        )
    return ARCHITECTURES[str(model_type)]


def target_pattern(architecture: Architecture, model: Any, targets: Sequence[str] | None) -> str:
    """A pattern of the full names of all linear layers that get adapters: in the decoder and nowhere else.

    (A list of short names would also match layers of the vision tower that have the same names.) Raises
    InputError if the decoder has no layer with one of the names in ``targets``.
    """
    inside = [name for name, _ in model.named_modules() if name.startswith(architecture.decoder + ".")]
    short_names = {name.rpartition(".")[2] for name in inside}
    chosen = tuple(targets or architecture.targets)
    unknown = [target for target in chosen if target not in short_names]
    if unknown:
        raise InputError(
            f"The decoder has no layer called {unknown[0]!r}; for model.lora.targets use "
            f"{', '.join(architecture.targets)}."
        )
    decoder = architecture.decoder.replace(".", "[.]")
    return rf"{decoder}[.][0-9]+[.](?:[a-z_]+[.])?(?:{'|'.join(chosen)})"


def chat_for(architecture: Architecture, processor: Any) -> Chat:
    """The texts around a question and an answer. Raises InputError for an unusable chat template."""
    return architecture.chat or chat_of(processor)


def end_ids(architecture: Architecture, processor: Any, chat: Chat) -> list[int]:
    """The tokens that end an answer: what the chat appends to one, and the tokenizer's other end tokens."""
    tokenizer = processor.tokenizer
    known = tokenizer.get_vocab()
    ids = tokenizer(chat.end, add_special_tokens=False)["input_ids"][:1]
    ids += [known[token] for token in architecture.ends if token in known]
    return list(dict.fromkeys(ids))


def set_picture_size(architecture: Architecture, processor: Any, model: ModelConfig) -> None:
    """Set how large the processor makes pictures. Raises InputError for a setting of other architectures."""
    auto = model.num_crops == AUTO
    num_crops, max_pixels = None if model.num_crops == AUTO else model.num_crops, model.max_pixels
    setting = PICTURE_SETTING[architecture.picture_size]
    given = {"num_crops": num_crops, "max_pixels": max_pixels}
    wrong = next((name for name, value in given.items() if value is not None and name != setting), None)
    if wrong is not None:
        remedy = f"set model.{setting} instead" if setting else "its picture size is fixed, so leave it out"
        raise InputError(f"model.{wrong} does not apply to {architecture.name}; {remedy}.")
    images = processor.image_processor
    if setting == "num_crops":
        images.auto_crops = auto
        images.num_crops = model.most_crops if auto else images.num_crops
    if num_crops is not None:
        images.num_crops = num_crops
    if max_pixels is not None:
        _LIMITS[architecture.picture_size](images, max_pixels)


def elsewhere(architecture: Architecture, model: ModelConfig) -> str:
    """What programs with the official processor do with pictures, and what to tell them; empty if the same.

    With ``num_crops`` k x k they cut a picture of k tiles along its longer side as training did, unless it is
    long: from 3:1 on with 4, 2:1 with 9, 5:3 with 16.
    """
    if architecture.picture_size != "num_crops" or model.num_crops != AUTO or model.most_crops == 1:
        return ""
    most = model.most_crops
    return (
        f"Programs that ignore auto_crops enlarge every picture to {most} tiles, which the model was not "
        f"trained on; give them num_crops={min(4, most)} for pictures of up to 672 pixels, 1 for up to 336."
    )


def _limit_pixels(images: Any, most: int) -> None:
    size = dict(images.size)
    if int(size.get("shortest_edge") or 1) > most:
        size["shortest_edge"] = most
    images.size = {**size, "longest_edge": most}  # numbers of pixels, in spite of the names


def _limit_edge(images: Any, most: int) -> None:
    tile = int(dict(images.max_image_size)["longest_edge"])
    images.size = {"longest_edge": max(int(most**0.5) // tile, 1) * tile}


def _limit_patches(images: Any, most: int) -> None:
    size = dict(images.size)
    images.max_patches = max(most // (int(size["height"]) * int(size["width"])), 1)
    images.min_patches = min(int(images.min_patches), images.max_patches)


def _limit_grid(images: Any, most: int) -> None:
    grids = [list(map(int, grid)) for grid in images.image_grid_pinpoints]
    smallest = min(grids, key=lambda grid: grid[0] * grid[1])
    images.image_grid_pinpoints = [grid for grid in grids if grid[0] * grid[1] <= most] or [smallest]


_LIMITS: Mapping[PictureSize, Callable[[Any, int], None]] = {
    "max_pixels": _limit_pixels,
    "tiles": _limit_edge,
    "patches": _limit_patches,
    "grid": _limit_grid,
}
"""Sets the most pixels at which an image processor presents a picture."""


def fixed_crops(processor: Any, architecture: Architecture) -> int | None:
    """The number of crops to which every picture is enlarged; None if a picture's own pixels decide."""
    images = processor.image_processor
    if architecture.picture_size != "num_crops" or images.auto_crops:
        return None
    return int(images.num_crops)
