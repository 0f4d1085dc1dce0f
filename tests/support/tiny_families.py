"""A tiny model of every family with random weights and its real processor, saved as they would be published.

The processors read pictures with Pillow where torchvision is missing. Chat templates have the form of the
official ones, which are not part of transformers; PaliGemma has none.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import transformers as hf
from transformers.models.got_ocr2 import GotOcr2ImageProcessorPil
from transformers.models.idefics3 import Idefics3ImageProcessorPil
from transformers.models.llava_onevision import LlavaOnevisionImageProcessorPil
from transformers.models.qwen2_vl import Qwen2VLImageProcessorPil
from transformers.models.siglip import SiglipImageProcessorPil
from transformers.models.smolvlm import SmolVLMImageProcessorPil

from datagen.train.phi3_vision.image_processing import Phi3VImageProcessor
from datagen.train.phi3_vision.tiny import tiny_config
from datagen.train.phi3_vision.tiny_tokenizer import tiny_processor, tiny_tokenizer
from datagen.train.private_apis.processors import without_videos

TEXTS = ["What is shown in this image?", "Product: Garden Fork, Category: TOOLS, Full Price: 450.0"] * 4
"""What tokenizers are learned from."""
SIDE = 56
"""Of a tile, in pixels; four patches."""
DECODER: dict[str, Any] = {
    "hidden_size": 64,
    "intermediate_size": 96,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "num_key_value_heads": 2,
    "bos_token_id": None,
    "eos_token_id": None,
}
TOWER: dict[str, Any] = {
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_attention_heads": 2,
    "num_hidden_layers": 2,
    "image_size": SIDE,
    "patch_size": 14,
}
SIGLIP = {**TOWER, "model_type": "siglip_vision_model", "vision_use_head": False}
ROPE = {"rope_type": "default", "rope_theta": 10000.0, "mrope_section": [4, 6, 6]}
QWEN = {"hidden_size": 32, "intermediate_size": 64, "depth": 2, "num_heads": 2, "out_hidden_size": 64}


def chat_template(start: str, end: str, picture: str, *, first: str = "", model: str = "assistant") -> str:
    """A chat template: ``start`` role, pictures and texts, ``end`` for every turn."""
    role = f"{{{{ '{model}' if m.role == 'assistant' else m.role }}}}"
    content = f"{{% if c.type == 'image' %}}{picture}{{% else %}}{{{{ c.text }}}}{{% endif %}}"
    turn = f"{start}{role}\n{{% for c in m.content %}}{content}{{% endfor %}}{end}\n"
    after = f"{{% if add_generation_prompt %}}{start}{model}\n{{% endif %}}"
    return f"{first}{{% for m in messages %}}{turn}{{% endfor %}}{after}"


CHATML = ("<|im_start|>", "<|im_end|>")


def tokenizer_of(texts: Sequence[str], special: Sequence[str], named: dict[str, str] | None = None) -> Any:
    """A tokenizer with special tokens; ``named``: those that are attributes, too, such as image_token."""
    plain: Any = tiny_tokenizer(texts, 400)
    made: Any = hf.PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=plain.backend_tokenizer,
        **{f"{role}_token": getattr(plain, f"{role}_token") for role in ("bos", "eos", "pad", "unk")},
        padding_side="right",
        extra_special_tokens=named or {},
        clean_up_tokenization_spaces=False,
    )
    made.add_special_tokens({"additional_special_tokens": list(special)})
    return made


def id_of(tokenizer: Any, token: str) -> int:
    number = tokenizer.convert_tokens_to_ids(token)
    assert number != tokenizer.unk_token_id
    return int(number)


@dataclass(frozen=True)
class Tiny:
    """Makes a family's configuration and processor from texts; ``linears``: of a decoder layer."""

    make: Callable[[Sequence[str]], tuple[Any, Any]]
    linears: tuple[str, ...] = (
        *(f"self_attn.{name}_proj" for name in "qkvo"),
        *(f"mlp.{name}_proj" for name in ("gate", "up", "down")),
    )


def _phi(texts: Sequence[str]) -> tuple[Any, Any]:
    processor = tiny_processor(texts, vocab_size=400)
    tokenizer = processor.tokenizer
    return (
        tiny_config(len(tokenizer), eos_token_id=processor.stop_ids, pad_token_id=tokenizer.pad_token_id),
        processor,
    )


def _qwen(config: Any, processor: Any, vision: dict[str, Any], **rope: Any) -> Callable[..., tuple[Any, Any]]:
    def make(texts: Sequence[str]) -> tuple[Any, Any]:
        names = ("vision_start", "vision_end", "image_pad", "video_pad")
        tokenizer = tokenizer_of(texts, [*CHATML, *(f"<|{name}|>" for name in names)])
        picture = "<|vision_start|><|image_pad|><|vision_end|>"
        images = Qwen2VLImageProcessorPil(
            min_pixels=28 * 28, max_pixels=SIDE * SIDE, patch_size=14, merge_size=2, temporal_patch_size=2
        )
        made = without_videos(processor)(images, tokenizer, chat_template=chat_template(*CHATML, picture))
        start, end, image, video = (id_of(tokenizer, f"<|{name}|>") for name in names)
        text = {**DECODER, "vocab_size": len(tokenizer), "rope_parameters": {**ROPE, **rope}, "head_dim": 32}
        ids = {"image_token_id": image, "video_token_id": video}
        around = {"vision_start_token_id": start, "vision_end_token_id": end}
        return config(text_config=text, vision_config={**QWEN, **vision}, **ids, **around), made

    return make


def _gemma(texts: Sequence[str]) -> tuple[Any, Any]:
    """Gemma 3, whose tokenizer adds the start token that its chat template also writes."""
    named = {
        "boi_token": "<start_of_image>",
        "eoi_token": "<end_of_image>",
        "image_token": "<image_soft_token>",
    }
    tokenizer = tokenizer_of(texts, ["<start_of_turn>", "<end_of_turn>"], named)
    chat = chat_template(
        "<start_of_turn>", "<end_of_turn>", "<start_of_image>", first="{{ bos_token }}", model="model"
    )
    images = hf.Gemma3ImageProcessorPil(size={"height": SIDE, "width": SIDE})
    processor = hf.Gemma3Processor(images, tokenizer, chat_template=chat, image_seq_length=4)
    config = hf.Gemma3Config(
        text_config={**DECODER, "head_dim": 32, "sliding_window": 64, "vocab_size": len(tokenizer)},
        vision_config=SIGLIP,
        mm_tokens_per_image=4,
        boi_token_index=tokenizer.boi_token_id,
        eoi_token_index=tokenizer.eoi_token_id,
        image_token_index=tokenizer.image_token_id,
    )
    return config, processor


def _internvl(texts: Sequence[str]) -> tuple[Any, Any]:
    named = {
        "start_image_token": "<img>",
        "end_image_token": "</img>",
        "context_image_token": "<IMG_CONTEXT>",
        "video_token": "<video>",
    }
    tokenizer = tokenizer_of(texts, CHATML, named)
    images = GotOcr2ImageProcessorPil(
        size={"height": SIDE, "width": SIDE}, crop_to_patches=True, max_patches=2
    )
    processor = without_videos(hf.InternVLProcessor)(
        images, tokenizer, image_seq_length=4, chat_template=chat_template(*CHATML, "<IMG_CONTEXT>\n")
    )
    config = hf.InternVLConfig(
        text_config={**DECODER, "model_type": "qwen2", "vocab_size": len(tokenizer)},
        vision_config={**TOWER, "image_size": [SIDE, SIDE], "patch_size": [14, 14]},
        image_token_id=tokenizer.context_image_token_id,
        image_seq_length=4,
    )
    return config, processor


def _llava(texts: Sequence[str]) -> tuple[Any, Any]:
    tokenizer = tokenizer_of(texts, [*CHATML, "<image>", "<video>"])
    grids = [[SIDE, SIDE], [SIDE, 2 * SIDE], [2 * SIDE, SIDE], [2 * SIDE, 2 * SIDE]]
    images = LlavaOnevisionImageProcessorPil(
        size={"height": SIDE, "width": SIDE}, image_grid_pinpoints=grids, do_pad=True
    )
    processor = without_videos(hf.LlavaOnevisionProcessor)(
        images,
        tokenizer,
        num_image_tokens=16,
        vision_feature_select_strategy="full",
        chat_template=chat_template(*CHATML, "<image>\n"),
    )
    config = hf.LlavaOnevisionConfig(
        text_config={**DECODER, "model_type": "qwen2", "vocab_size": len(tokenizer)},
        vision_config=SIGLIP,
        image_grid_pinpoints=grids,
        image_token_index=id_of(tokenizer, "<image>"),
        video_token_index=id_of(tokenizer, "<video>"),
    )
    return config, processor


def _idefics(config: Any, processor: Any, images: Any, *videos: None) -> Callable[..., tuple[Any, Any]]:
    def make(texts: Sequence[str]) -> tuple[Any, Any]:
        tiles = [f"<row_{row}_col_{column}>" for row in range(1, 5) for column in range(1, 5)]
        special = [
            "<fake_token_around_image>",
            "<image>",
            "<global-img>",
            "<end_of_utterance>",
            "<|im_start|>",
        ]
        tokenizer = tokenizer_of(texts, [*special, *tiles])
        chat = chat_template("", "<end_of_utterance>", "<image>", first="<|im_start|>")
        sizes = {"size": {"longest_edge": 2 * SIDE}, "max_image_size": {"longest_edge": SIDE}}
        made = processor(images(**sizes), tokenizer, *videos, image_seq_len=4, chat_template=chat)
        pad = tokenizer.pad_token_id
        return config(
            text_config={
                **DECODER,
                "model_type": "llama",
                "vocab_size": len(tokenizer),
                "pad_token_id": pad,
            },
            vision_config=TOWER,
            scale_factor=2,
            image_token_id=id_of(tokenizer, "<image>"),
            pad_token_id=pad,
        ), made

    return make


def _paligemma(texts: Sequence[str]) -> tuple[Any, Any]:
    tokenizer = tokenizer_of(texts, ["<eos>", "<image>"])
    images = SiglipImageProcessorPil(size={"height": SIDE, "width": SIDE})
    images.image_seq_length = 16
    processor = hf.PaliGemmaProcessor(images, tokenizer)
    config = hf.PaliGemmaConfig(
        text_config={**DECODER, "model_type": "gemma", "head_dim": 32, "vocab_size": len(tokenizer)},
        vision_config={**SIGLIP, "projection_dim": 64},
        projection_dim=64,
        image_token_index=id_of(tokenizer, "<image>"),
    )
    return config, processor


FAMILIES: dict[str, Tiny] = {
    "phi3_v": Tiny(_phi, ("self_attn.qkv_proj", "self_attn.o_proj", "mlp.gate_up_proj", "mlp.down_proj")),
    "qwen3_vl": Tiny(
        _qwen(
            hf.Qwen3VLConfig,
            hf.Qwen3VLProcessor,
            {"deepstack_visual_indexes": [0], "num_position_embeddings": 16, "patch_size": 14},
            mrope_interleaved=True,
        )
    ),
    "qwen2_5_vl": Tiny(
        _qwen(hf.Qwen2_5_VLConfig, hf.Qwen2_5_VLProcessor, {"fullatt_block_indexes": [1]}),
    ),
    "gemma3": Tiny(_gemma),
    "internvl": Tiny(_internvl),
    "llava_onevision": Tiny(_llava),
    "smolvlm": Tiny(
        _idefics(hf.SmolVLMConfig, without_videos(hf.SmolVLMProcessor), SmolVLMImageProcessorPil, None)
    ),
    "idefics3": Tiny(_idefics(hf.Idefics3Config, hf.Idefics3Processor, Idefics3ImageProcessorPil)),
    "paligemma": Tiny(_paligemma),
}
"""``model_type`` -> its tiny model."""


def config_of(kind: str) -> Any:
    """A family's tiny configuration."""
    return FAMILIES[kind].make(TEXTS)[0]


def save_family(kind: str, folder: Path, texts: Sequence[str] = TEXTS) -> Path:
    """Save a family's tiny model and processor; equal calls give equal weights."""
    config, processor = FAMILIES[kind].make(texts)
    model: Any = hf.AutoModelForImageTextToText
    with torch.random.fork_rng():
        torch.manual_seed(0)
        made = model.from_config(config)
        for name, weight in made.named_parameters():
            if not weight.any():  # Gemma 3 and separators start at zero, as nothing that was trained does
                weight.data.normal_(std=0.1)
            if "lambda_" in name:
                weight.data.fill_(1.0)
    made.save_pretrained(folder)
    processor.save_pretrained(folder)
    return folder


def save_full_size(folder: Path) -> Path:
    """What a plan reads of Phi-3-vision at its full size: everything but the weights."""
    save_family("phi3_v", folder)
    factors = [1.0] * 48
    rope = {"type": "su", "short_factor": factors, "long_factor": factors}
    full = {"model_type": "phi3_v", "rope_scaling": rope, "original_max_position_embeddings": 4096}
    (folder / "config.json").write_text(json.dumps(full))
    Phi3VImageProcessor().save_pretrained(folder)
    return folder
