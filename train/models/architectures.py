"""The model architectures that can be trained, in one table; everything that differs between them is data.

An architecture is identified by ``model_type`` in the model's config.json. Another base model is one more
entry in ``ARCHITECTURES``. transformers 5 compares the names of modules that stay unquantised with the
start (or the end) of a module's full name, so they are written in full here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from datagen.schemas import InputError
from datagen.train.chat.conversation import Chat
from datagen.train.models.encoding import chat_of
from datagen.train.phi3_vision.configuration import official_config

ATTENTION_AND_MLP = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")

PictureSize = Literal["num_crops", "max_pixels", "tiles", "fixed"]
"""How the size at which pictures are seen is set: by a number of crops, by a number of pixels, by a number of
pixels that is rounded to whole tiles, or not at all.
"""
PICTURE_SETTING = {"num_crops": "num_crops", "max_pixels": "max_pixels", "tiles": "max_pixels", "fixed": None}
"""The setting under ``model`` for each of them."""


@dataclass(frozen=True)
class Architecture:
    """What the parts of a model are called, and how it is used.

    ``name``: for messages. ``decoder``: the list of decoder layers in the model. ``targets``: the linear
    layers of a decoder layer that get adapters. ``unquantised``: modules that stay so with method qlora:
    vision tower, projector, output layer (embeddings are not linear layers and always stay). ``ends``:
    tokens that end an answer, as far as the tokenizer has them. ``computes_label_loss``: the model itself
    computes logits at labels only. ``causal``: each token of the decoder sees all tokens before it and
    nothing else, so that padding on the right changes nothing. ``chat``: the texts around question and
    answer, or None to derive them from the processor's chat template. ``official_config``: turns a saved
    config.json into the form of the official one.
    """

    name: str
    decoder: str
    targets: tuple[str, ...]
    unquantised: tuple[str, ...]
    ends: tuple[str, ...]
    picture_size: PictureSize = "max_pixels"
    computes_label_loss: bool = False
    causal: bool = False
    chat: Chat | None = None
    official_config: Callable[[dict[str, Any]], dict[str, Any]] | None = None


_IDEFICS = Architecture(
    name="SmolVLM, Idefics3",
    decoder="model.text_model.layers",
    targets=ATTENTION_AND_MLP,
    unquantised=("model.vision_model", "model.connector", "lm_head"),
    ends=("<end_of_utterance>", "<|im_end|>", "<|endoftext|>", "</s>"),
    picture_size="tiles",
    causal=True,
)

ARCHITECTURES: dict[str, Architecture] = {
    "phi3_v": Architecture(
        name="Phi-3-vision, Phi-3.5-vision",
        decoder="model.layers",
        targets=("qkv_proj", "o_proj", "gate_up_proj", "down_proj"),
        unquantised=("model.vision_embed_tokens", "lm_head"),
        ends=("<|end|>", "<|endoftext|>"),
        picture_size="num_crops",
        computes_label_loss=True,
        causal=True,
        chat=Chat(),
        official_config=official_config,
    ),
    "qwen2_5_vl": Architecture(
        name="Qwen2.5-VL",
        decoder="model.language_model.layers",
        targets=ATTENTION_AND_MLP,
        unquantised=("model.visual", "lm_head"),
        ends=("<|im_end|>", "<|endoftext|>"),
        causal=True,
    ),
    "gemma3": Architecture(
        name="Gemma 3",
        decoder="model.language_model.layers",
        targets=ATTENTION_AND_MLP,
        unquantised=("model.vision_tower", "model.multi_modal_projector", "lm_head"),
        ends=("<end_of_turn>", "<eos>"),
        picture_size="fixed",
    ),
    "smolvlm": _IDEFICS,
    "idefics3": _IDEFICS,
}
"""``model_type`` -> architecture."""


def architecture_of(model_type: object, base: str) -> Architecture:
    """The architecture of a ``model_type``. Raises InputError with the list of supported ones."""
    if model_type not in ARCHITECTURES:
        known = ", ".join(f"{kind} ({architecture.name})" for kind, architecture in ARCHITECTURES.items())
        raise InputError(
            f"{base} is a model of type {str(model_type)[:60]!r}, which is not supported; supported: {known}."
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


def set_picture_size(
    architecture: Architecture, processor: Any, num_crops: int | None, max_pixels: int | None
) -> None:
    """Set how large the processor makes pictures. Raises InputError for a setting of other architectures."""
    setting = PICTURE_SETTING[architecture.picture_size]
    given = {"num_crops": num_crops, "max_pixels": max_pixels}
    wrong = next((name for name, value in given.items() if value is not None and name != setting), None)
    if wrong is not None:
        remedy = f"set model.{setting} instead" if setting else "its picture size is fixed, so leave it out"
        raise InputError(f"model.{wrong} does not apply to {architecture.name}; {remedy}.")
    images = processor.image_processor
    if num_crops is not None:
        images.num_crops = num_crops
    if max_pixels is None:
        return
    if architecture.picture_size == "tiles":
        tile = int(dict(images.max_image_size)["longest_edge"])
        images.size = {"longest_edge": max(int(max_pixels**0.5) // tile, 1) * tile}
        return
    size = dict(images.size)
    if int(size.get("shortest_edge") or 1) > max_pixels:
        size["shortest_edge"] = max_pixels
    images.size = {**size, "longest_edge": max_pixels}
