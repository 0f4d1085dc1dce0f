"""An estimate of the GPU memory of a run, from the model's shapes, before anything is loaded.

Per GPU, in bytes, with B samples a batch of T tokens, L decoder layers of width h and MLP width i:

- weights: 4-bit ones 4 + 8/64 + 32/(64 * 256) = 4.127 bits each with double quantisation, else 4.5 (Dettmers
  et al., "QLoRA", 2023, section 3; blocks of 64 and 256); others 2 or 4 bytes;
- trained weights: 4 for the gradient and 2 (8-bit AdamW) or 8 (AdamW) for its moments; adapters are
  float32 in addition;
- activations of a decoder layer: B T (12 h + 4 i) 2 for what its backward pass needs, and with adapters
  B T (3 h + i) 4 for their float32 inputs; of all layers, or with checkpointing of one, plus L B T h 2;
- the vision tower: B p 4 patches (2 x 2 a token, p picture tokens), (4 v + 2 w) 2 bytes each for one layer,
  with width v and MLP width w; with all weights trained also its layers' inputs;
- logits at labels: B labels x vocabulary x 12;
- the largest 4-bit layer in bfloat16, once; 1 GB for CUDA itself, and 5 % on top for gaps between blocks.

The formula was derived, not fitted; where a GPU was at hand, benchmarks/results says how far it is off.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from datagen.schemas import InputError
from datagen.train.config import RunConfig, optimiser_of
from datagen.train.models.architectures import Architecture

CUDA_BYTES = 1_000_000_000
BETWEEN_BLOCKS = 1.05
LABELS = 64
"""Assumed number of labels per sample."""


@dataclass(frozen=True)
class MemoryEstimate:
    """Bytes of GPU memory, estimated from shapes; ``trained``: gradients, moments and adapters."""

    weights: float
    trained: float
    activations: float
    other: float

    @property
    def total(self) -> float:
        """Everything, including the gaps between blocks."""
        return (self.weights + self.trained + self.activations + self.other) * BETWEEN_BLOCKS

    def __str__(self) -> str:
        parts = {"weights": self.weights, "training": self.trained, "activations": self.activations}
        listed = ", ".join(f"{name} {size / 1e9:.1f}" for name, size in parts.items())
        return f"about {self.total / 1e9:.1f} GB of GPU memory, estimated ({listed})"


def estimate(
    skeleton: Any, architecture: Architecture, config: RunConfig, tokens: int, picture_tokens: int
) -> MemoryEstimate:
    """The memory of a run whose longest sample has ``tokens`` tokens, ``picture_tokens`` of them its
    picture's.

    ``skeleton``: the model without memory for its weights (``base.skeleton``).
    """
    model, training = config.model, config.training
    text, vision = skeleton.config.get_text_config(), getattr(skeleton.config, "vision_config", None)
    full, quantised = model.method == "full", model.method == "qlora"
    layers = decoder_layers(skeleton, architecture)
    in_decoder = sum(module.weight.numel() for _, module in layers)
    every = sum(weight.numel() for weight in skeleton.parameters())
    bits = 4.127 if model.double_quantisation else 4.5
    weights = every * (4.0 if full else 2.0)
    if quantised:
        weights = in_decoder * bits / 8 + (every - in_decoder) * 2
    adapters = adapter_weights(skeleton, architecture, config)
    moments = 8 if optimiser_of(config) == "adamw" else 2
    trained = every * (4.0 + moments) if full else adapters * (8.0 + moments)
    batch, width, inner = training.batch_size, text.hidden_size, text.intermediate_size
    layer = batch * tokens * (12 * width + 4 * inner) * 2
    layer += 0 if full else batch * tokens * (3 * width + inner) * 4
    depth = text.num_hidden_layers
    activations = (
        layer + depth * batch * tokens * width * 2 if training.gradient_checkpointing else depth * layer
    )
    activations += _tower(vision, batch * picture_tokens * 4, full)
    logits = batch * LABELS * text.vocab_size * 12
    largest = max((module.weight.numel() for _, module in layers), default=0) * 2 if quantised else 0
    return MemoryEstimate(weights, trained, activations, logits + largest + CUDA_BYTES)


def decoder_layers(model: Any, architecture: Architecture) -> list[tuple[str, nn.Linear]]:
    """The decoder's linear layers with their names: the ones that become 4-bit."""
    return [
        (name, module)
        for name, module in model.named_modules()
        if isinstance(module, nn.Linear) and name.startswith(architecture.decoder + ".")
    ]


def adapter_weights(model: Any, architecture: Architecture, config: RunConfig) -> int:
    """Number of adapter weights: rank x (inputs + outputs) for each layer that gets an adapter."""
    targets = tuple(config.model.lora.targets or architecture.targets)
    return sum(
        config.model.lora.rank * (layer.in_features + layer.out_features)
        for name, layer in decoder_layers(model, architecture)
        if name.rpartition(".")[2] in targets
    )


def refuse_too_large(needed: MemoryEstimate, config: RunConfig) -> None:
    """Raises InputError that names the option to change if the GPU has less memory than needed."""
    if not torch.cuda.is_available() or not config.training.memory_check:
        return
    available = torch.cuda.get_device_properties(torch.cuda.current_device()).total_memory
    if needed.total > available:
        raise InputError(
            f"This run needs {needed}, and the GPU has {available / 1e9:.1f} GB; {relief(config)}, "
            "or try anyway with --set training.memory_check=false."
        )


def relief(config: RunConfig) -> str:
    """The option to change first if memory is short."""
    training, model = config.training, config.model
    if training.batch_size > 1:
        less = max(training.batch_size // 2, 1)
        more = training.accumulation * training.batch_size // less
        return f"use --batch-size {less} --accumulation {more}, which makes the same steps"
    if not training.gradient_checkpointing:
        return "set training.gradient_checkpointing=true"
    if model.method != "qlora":
        return f"use --method {'lora' if model.method == 'full' else 'qlora'}"
    if model.num_crops is None or model.num_crops > 1:
        return "lower --num-crops (or model.max_pixels)"
    return "lower --lora-rank, or use a larger GPU"


def _tower(vision: Any, patches: int, trained: bool) -> float:
    """Bytes of the vision tower's activations: of one layer, and if trained of all layers' inputs."""
    width = int(getattr(vision, "hidden_size", 0) or 0)
    inner = int(getattr(vision, "intermediate_size", 0) or 4 * width)
    depth = int(getattr(vision, "num_hidden_layers", None) or getattr(vision, "depth", None) or 24)
    return patches * (4 * width + 2 * inner) * 2 + (depth * patches * width * 2 if trained else 0)
