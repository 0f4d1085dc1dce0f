"""The families of models that can be trained, in one table; what differs between them is data.

A family is told by ``model_type`` in the model's config.json. transformers 5 compares the names of modules
that stay unquantised with the start of a module's full name (or its end), so they are written in full.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from datagen.schemas import InputError
from datagen.train.chat.conversation import Chat
from datagen.train.models.encoding import chat_of

ATTENTION_AND_MLP = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")


@dataclass(frozen=True)
class Family:
    """What a family of models calls its parts.

    ``name``: for a person. ``decoder``: the list of decoder layers in the model. ``targets``: linear layers
    of a decoder layer that adapters are put on. ``kept``: modules that stay unquantised: vision tower,
    projector, output layer (embeddings are no linear layers, and always stay). ``ends``: tokens that end an
    answer, those that the tokenizer has. ``picture_size``: the option that says how large pictures are seen.
    ``finds_labels``: the model itself computes logits only where there are labels. ``chat``: the texts around
    question and answer, or None to read them off the processor.
    """

    name: str
    decoder: str
    targets: tuple[str, ...]
    kept: tuple[str, ...]
    ends: tuple[str, ...]
    picture_size: str = "max_pixels"
    finds_labels: bool = False
    chat: Chat | None = None


_IDEFICS = Family(
    name="SmolVLM, Idefics3",
    decoder="model.text_model.layers",
    targets=ATTENTION_AND_MLP,
    kept=("model.vision_model", "model.connector", "lm_head"),
    ends=("<end_of_utterance>", "<|im_end|>", "<|endoftext|>", "</s>"),
)

FAMILIES: dict[str, Family] = {
    "phi3_v": Family(
        name="Phi-3-vision, Phi-3.5-vision",
        decoder="model.layers",
        targets=("qkv_proj", "o_proj", "gate_up_proj", "down_proj"),
        kept=("model.vision_embed_tokens", "lm_head"),
        ends=("<|end|>", "<|endoftext|>"),
        picture_size="num_crops",
        finds_labels=True,
        chat=Chat(),
    ),
    "qwen2_5_vl": Family(
        name="Qwen2.5-VL",
        decoder="model.language_model.layers",
        targets=ATTENTION_AND_MLP,
        kept=("model.visual", "lm_head"),
        ends=("<|im_end|>", "<|endoftext|>"),
    ),
    "smolvlm": _IDEFICS,
    "idefics3": _IDEFICS,
}


def family_of(model_type: object, base: str) -> Family:
    """The family of a ``model_type``. Raises InputError listing the known ones."""
    if model_type not in FAMILIES:
        known = ", ".join(f"{kind} ({family.name})" for kind, family in FAMILIES.items())
        raise InputError(
            f"{base} is a model of type {str(model_type)[:60]!r}, which is not known here; known: {known}."
        )
    return FAMILIES[str(model_type)]


def target_pattern(family: Family, model: Any, wanted: Sequence[str] | None) -> str:
    """A pattern of the full names of all linear layers that get adapters: in the decoder and nowhere else.

    (A list of last names would also find layers of the vision tower that happen to be called the same.)
    Raises InputError where the decoder has no layer of a wanted name.
    """
    inside = [name for name, _ in model.named_modules() if name.startswith(family.decoder + ".")]
    last = {name.rpartition(".")[2] for name in inside}
    targets = tuple(wanted or family.targets)
    unknown = [target for target in targets if target not in last]
    if unknown:
        raise InputError(
            f"The decoder has no layer called {unknown[0]!r}; for model.lora.targets take "
            f"{', '.join(family.targets)}."
        )
    return rf"{family.decoder.replace('.', '[.]')}[.][0-9]+[.](?:[a-z_]+[.])?(?:{'|'.join(targets)})"


def chat_for(family: Family, processor: Any) -> Chat:
    """The texts around a question and an answer. Raises InputError where the processor's template is of no
    use.
    """
    return family.chat or chat_of(processor)


def end_ids(family: Family, processor: Any, chat: Chat) -> list[int]:
    """The tokens that end an answer: what the chat writes after one, and what else the tokenizer ends
    with.
    """
    tokenizer = processor.tokenizer
    known = tokenizer.get_vocab()
    ids = tokenizer(chat.end, add_special_tokens=False)["input_ids"][:1]
    ids += [known[token] for token in family.ends if token in known]
    return list(dict.fromkeys(ids))


def set_picture_size(family: Family, processor: Any, num_crops: int | None, max_pixels: int | None) -> None:
    """How large the processor makes pictures. Raises InputError where that option is another family's."""
    given = {"num_crops": num_crops, "max_pixels": max_pixels}
    wrong = next(
        (name for name, value in given.items() if value is not None and name != family.picture_size), None
    )
    if wrong is not None:
        raise InputError(
            f"model.{wrong} is of no use to {family.name}; give model.{family.picture_size} instead."
        )
    images = processor.image_processor
    if num_crops is not None:
        images.num_crops = num_crops
    if max_pixels is None:
        return
    size = dict(images.size)
    if getattr(images, "max_image_size", None):  # SmolVLM cuts a picture into tiles of this edge
        tile = int(dict(images.max_image_size)["longest_edge"])
        edge = max(int(max_pixels**0.5) // tile, 1) * tile
        images.size = {"longest_edge": edge}
    else:
        least = int(size.get("shortest_edge") or 1)
        if least > max_pixels:
            size["shortest_edge"] = max_pixels
        images.size = {**size, "longest_edge": max_pixels}
