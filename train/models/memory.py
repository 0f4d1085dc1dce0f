"""An estimate of the GPU memory of a run, from the model's shapes, before anything is loaded.

Per GPU, in bytes. A batch has B samples and n tokens with padding; the decoder has L layers of width h and
MLP width i, q and k the widths of all its query and all its key heads. A number is bfloat16 unless said
otherwise.

- Weights: 4-bit ones 4 + 8/64 + 32/(64 * 256) = 4.127 bits each with double quantisation, else 4.5 (Dettmers
  et al., "QLoRA", 2023, section 3; blocks of 64 and 256); others 2 bytes, or 4 with method full.
- Training, for each trained weight: 4 for its gradient and 2 (8-bit AdamW) or 8 (AdamW) for its moments;
  adapters come in addition, float32 or bfloat16, in which their gradients and AdamW's moments are then, too.
  Parts that are trained fully are float32, and autocast keeps a bfloat16 copy of them: 2.
- What a decoder layer saves for its backward pass, for each token: 2 norms with float32 inputs, 8 h;
  queries, keys and values before (2 q + 4 k) and after rotation (2 q + 2 k), and attention's output (2 q);
  gate, up and their product, 6 i; the inputs of its linear layers, 2 (2 h + q + i), with dropout a byte each
  more. Method full also saves the norms' float32 outputs, 8 h.
- Without checkpointing all layers save that. With it, each saves its input, 2 h (4 h with method full, whose
  residual stream is float32), and one layer at a time saves the rest.
- In flight while a layer is differentiated: gradients inside its MLP, 6 i, and for adapters on a 16-bit base
  float32 copies of its last input and of that one's gradient, 8 i.
- Logits at labels: B labels x vocabulary x 12. 4-bit weights: the largest layer in bfloat16, once.
- The vision tower's forward pass: 4 patches (2 x 2) a picture token, (4 v + 2 w) 2 bytes each for one layer,
  with width v and MLP width w. A frozen one has given that back when the decoder begins, so the larger
  counts; a trained one adds its layers' inputs.
- Gaps between blocks that torch has reserved: GAPS of what the last layer saves and has in flight.
- CUDA itself, which torch does not count: 1 GB, an assumption.

Everything but GAPS follows from the shapes. GAPS was fitted to 24 measured steps of LoRA and QLoRA (one H200,
2026-11-28, random weights at full size), of which it is within 6 %; benchmarks/memory.py has the points and
says what is left of each third of them if it is held out. Method full was never measured.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from datagen.schemas import InputError
from datagen.train.config import RunConfig, optimiser_of
from datagen.train.models.architectures import Architecture
from datagen.train.models.trained_parts import adapter_weights, whole_weights

CUDA_BYTES = 1_000_000_000
GAPS = 0.2
LABELS = 64
"""Assumed number of labels per sample."""
CARDS = (8, 12, 16, 24, 40, 48, 80, 96, 141)
"""GB of memory that graphics cards are sold with."""
ROOM = 1.1
"""Memory that must be there for what is needed, if there is a choice."""


@dataclass(frozen=True)
class MemoryEstimate:
    """Bytes of GPU memory, estimated from shapes.

    ``trained``: gradients, moments, and adapters or copies of weights. ``activations``: what is saved for the
    backward pass and in flight. ``other``: logits, a layer's weights, gaps between blocks.
    """

    weights: float
    trained: float
    activations: float
    other: float

    @property
    def reserved(self) -> float:
        """What torch reserves at its peak."""
        return self.weights + self.trained + self.activations + self.other

    @property
    def total(self) -> float:
        """Everything, with CUDA itself."""
        return self.reserved + CUDA_BYTES

    def __str__(self) -> str:
        parts = {"weights": self.weights, "training": self.trained, "activations": self.activations}
        listed = ", ".join(f"{name} {size / 1e9:.1f}" for name, size in parts.items())
        return f"about {self.total / 1e9:.1f} GB of GPU memory, estimated ({listed})"


@dataclass(frozen=True)
class _Shapes:
    """The decoder's sizes: layers, width, of its MLP, of all query heads, of all key heads; vocabulary."""

    depth: int
    width: int
    inner: int
    queries: int
    keys: int
    vocabulary: int

    def inputs(self) -> int:
        """Numbers that enter the linear layers of a decoder layer, for each token."""
        return 2 * self.width + self.queries + self.inner


def estimate(
    skeleton: Any,
    architecture: Architecture,
    config: RunConfig,
    tokens: int,
    picture_tokens: int,
    *,
    checkpointing: bool,
) -> MemoryEstimate:
    """The memory of a run whose longest sample has ``tokens`` tokens, ``picture_tokens`` of them its
    picture's.

    ``skeleton``: the model without memory for its weights (``base.skeleton``).
    """
    model, training = config.model, config.training
    full, quantised = model.method == "full", model.method == "qlora"
    weights = _weights(skeleton, architecture, config)
    adapters = 0 if full else adapter_weights(skeleton, architecture, config)
    whole = sum(one.numel() for one in whole_weights(skeleton, architecture, model.whole).values())
    size = 2 if training.adapter_dtype == "bfloat16" else 4
    fused = optimiser_of(config) == "adamw"
    trained = whole * (4.0 + (8 if fused else 2) + 2) + adapters * (2.0 * size + (2 * size if fused else 2))
    sizes = _shapes(skeleton.config)
    batch, width, inner = training.batch_size, sizes.width, sizes.inner
    dropout = 1 if not full and model.lora.dropout else 0
    layer = (
        batch
        * tokens
        * (
            (16 if full else 8) * width
            + 6 * sizes.queries
            + 6 * sizes.keys
            + 6 * inner
            + (2 + dropout) * sizes.inputs()
        )
    )
    in_flight = batch * tokens * (14 if model.method == "lora" else 6) * inner
    inputs = batch * tokens * width * (4 if full else 2)
    saved = sizes.depth * inputs + layer if checkpointing else sizes.depth * layer
    seen = "tower" in model.train
    tower = _tower(getattr(skeleton.config, "vision_config", None), batch * picture_tokens * 4, seen)
    activations = saved + in_flight + tower if seen else max(saved + in_flight, tower)
    logits = batch * LABELS * sizes.vocabulary * 12
    layers = decoder_layers(skeleton, architecture)
    largest = max((module.weight.numel() for _, module in layers), default=0) * 2 if quantised else 0
    return MemoryEstimate(weights, trained, activations, logits + largest + GAPS * (layer + in_flight))


def answer_bytes(config: Any, tokens: int, new_tokens: int, *, adapters: bool) -> float:
    """Memory that torch reserves to answer a picture, beside the weights, in a model of this configuration.

    ``tokens``: of the prompt. ``adapters``: whether any are unmerged. Keys and values take 4 k L
    bytes a token, for Phi-3-vision 393 KB; the prompt's forward pass has gate, up and their product in
    flight, with adapters in float32 as well. With the weights, within 4 % of the six batches that were
    measured (1, 8 and 32 pictures, merged and not).
    """
    sizes = _shapes(config)
    kept = (tokens + new_tokens) * 4 * sizes.keys * sizes.depth
    prompt = tokens * (8 * sizes.width + (18 if adapters else 6) * sizes.inner)
    return (kept + prompt) * (1 + GAPS)


def _weights(skeleton: Any, architecture: Architecture, config: RunConfig) -> float:
    """Bytes of the base's weights."""
    every: int = sum(weight.numel() for weight in skeleton.parameters())
    if config.model.method != "qlora":
        return every * (4.0 if config.model.method == "full" else 2.0)
    in_decoder = sum(module.weight.numel() for _, module in decoder_layers(skeleton, architecture))
    bits = 4.127 if config.model.double_quantisation else 4.5
    return in_decoder * bits / 8 + (every - in_decoder) * 2


def _shapes(config: Any) -> _Shapes:
    text = config.get_text_config()
    heads = text.num_attention_heads
    of_a_head = getattr(text, "head_dim", None) or text.hidden_size // heads
    key_heads = getattr(text, "num_key_value_heads", None) or heads
    return _Shapes(
        depth=text.num_hidden_layers,
        width=text.hidden_size,
        inner=text.intermediate_size,
        queries=heads * of_a_head,
        keys=key_heads * of_a_head,
        vocabulary=text.vocab_size,
    )


def decoder_layers(model: Any, architecture: Architecture) -> list[tuple[str, nn.Linear]]:
    """The decoder's linear layers with their names: the ones that become 4-bit."""
    return [
        (name, module)
        for name, module in model.named_modules()
        if isinstance(module, nn.Linear) and name.startswith(architecture.decoder + ".")
    ]


def fits(needed: MemoryEstimate, available: float) -> bool:
    """Whether a card with ``available`` bytes has the memory, and some room."""
    return needed.total * ROOM <= available


def gpu_memory() -> int | None:
    """Bytes of memory of this process's GPU; None without one."""
    if not torch.cuda.is_available():
        return None
    return int(torch.cuda.get_device_properties(torch.cuda.current_device()).total_memory)


def refuse_too_large(needed: MemoryEstimate, config: RunConfig) -> None:
    """Raises InputError that names the option to change if the GPU has less memory than needed."""
    available = gpu_memory()
    if available is None or not config.training.memory_check:
        return
    if needed.total > available:
        raise InputError(
            f"This run needs {needed}, and the GPU has {available / 1e9:.1f} GB; {relief(config)}, "
            "or try anyway with --set training.memory_check=false."
        )


def relief(config: RunConfig) -> str:
    """The option to change first if memory is short."""
    training, model = config.training, config.model
    if training.gradient_checkpointing is False:
        return "set training.gradient_checkpointing=true"
    if training.batch_size > 1:
        less = max(training.batch_size // 2, 1)
        more = training.accumulation * training.batch_size // less
        return f"use --batch-size {less} --accumulation {more}, which makes the same steps"
    if model.method != "qlora":
        return f"use --method {'lora' if model.method == 'full' else 'qlora'}"
    if model.num_crops != 1:
        return "lower --num-crops (or model.max_pixels)"
    return "lower --lora-rank, or use a larger GPU"


def _tower(vision: Any, patches: int, trained: bool) -> float:
    """Bytes of the vision tower's activations: of one layer, and if trained of all layers' inputs."""
    width = int(getattr(vision, "hidden_size", 0) or 0)
    inner = int(getattr(vision, "intermediate_size", 0) or 4 * width)
    depth = int(getattr(vision, "num_hidden_layers", None) or getattr(vision, "depth", None) or 24)
    return patches * (4 * width + 2 * inner) * 2 + (depth * patches * width * 4 if trained else 0)
