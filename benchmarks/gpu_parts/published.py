"""The published recipe, rebuilt: the settings of Microsoft's own script for fine-tuning Phi-3-vision.

Facts from finetune_hf_trainer_docvqa.py (Phi-3CookBook, code/04.Finetuning/vision_finetuning, MIT), for one
GPU: a sample a forward pass, 16 accumulated; bfloat16 with autocast; checkpointing of all layers; plain AdamW
(0.9, 0.95, 1e-7); adapters of rank 64 without dropout on decoder, head, tower and projector (on decoder and
head with its ``--freeze_vision_model``); no padding mask; four loader workers that prefetch two batches;
4-bit weights without double quantisation. Attention is sdpa, as in our runs. The model, its weights, the rows
and the pictures' crops are ours, so that only the recipe differs.
"""

from __future__ import annotations

import statistics
import time
from typing import Any

import torch

from gpu_parts.isolated import isolated
from gpu_parts.measured import WARM, memory, trained
from gpu_parts.place import Place

DECODER = ("qkv_proj", "o_proj", "down_proj", "gate_up_proj", "lm_head")
TOWER = ("q_proj", "k_proj", "v_proj", "out_proj", "fc1", "fc2", "img_projection.0", "img_projection.2")
ACCUMULATION, TIMED, RANK, SECONDS = 16, 2, 64, 45


def published(place: Place) -> None:
    """Samples a second of the published recipe and of the preset for large cards, on the same rows."""
    crops = 1 if place.tiny else 16
    for frozen in (True,) if place.tiny else (True, False):
        found = isolated(SECONDS, _published, place, crops, frozen)
        place.record("published", "theirs", crops=crops, vision_frozen=frozen, **found)
    flags: dict[str, Any] = {
        "model__num_crops": crops,
        "model__lora__rank": RANK,
        "model__lora__alpha": 2.0 * RANK,
    }
    config = place.config(
        model__method="lora",
        training__batch_size=2 if place.tiny else 8,
        training__accumulation=1 if place.tiny else 2,
        training__steps=2 if place.tiny else WARM + TIMED,
        training__save_every=10**6,
        training__workers=0 if place.tiny else 4,
        data__split__validation=0.0,
        data__split__train=0.9,
        data__split__test=0.1,
        **flags,
    )
    place.record("published", "ours", **isolated(SECONDS, trained, place, config, "ours"))


def _published(place: Place, crops: int, frozen: bool) -> dict[str, Any]:
    from peft import LoraConfig, get_peft_model
    from torch.utils.data import DataLoader

    from datagen.train.models.base import load_base

    config = place.config(
        model__method="lora", model__num_crops=crops, training__steps=1, training__batch_size=1
    )
    base = load_base(config)
    options = LoraConfig(
        r=RANK,
        lora_alpha=2 * RANK,
        target_modules=[*DECODER, *(() if frozen else TOWER)],
        init_lora_weights="gaussian",
    )
    base.model.requires_grad_(False)
    model = get_peft_model(base.model, options)
    base.model.gradient_checkpointing_enable()
    base.model.enable_input_require_grads()
    model.train()
    trained_weights = [weight for weight in model.parameters() if weight.requires_grad]
    optimiser = torch.optim.AdamW(trained_weights, lr=4e-5, betas=(0.9, 0.95), eps=1e-7, weight_decay=0.01)
    workers: dict[str, Any] = {} if place.tiny else {"num_workers": 4, "prefetch_factor": 2}
    rows: Any = _Rows(place, config, base)
    loader = DataLoader(rows, collate_fn=_alone, pin_memory=torch.cuda.is_available(), **workers)
    accumulation, timed = (2, 1) if place.tiny else (ACCUMULATION, TIMED)
    times, batches = [], iter(loader)
    for step in range(timed + 1):
        began = time.perf_counter()
        for _ in range(accumulation):
            batch = {name: value.to(base.device) for name, value in next(batches).items()}
            with torch.autocast(base.device.type, torch.bfloat16, enabled=base.device.type == "cuda"):
                loss = model(**batch, use_cache=False).loss / accumulation
            loss.backward()
        torch.nn.utils.clip_grad_norm_(trained_weights, 1.0)
        optimiser.step()
        optimiser.zero_grad()
        if torch.cuda.is_available():
            torch.cuda.synchronize()
        if step:
            times.append(time.perf_counter() - began)
    seconds = statistics.median(times)
    return {
        "trainable": sum(weight.numel() for weight in trained_weights),
        "seconds_per_step": seconds,
        "samples_per_second": accumulation / seconds,
        **memory(0.0),
    }


class _Rows:
    """The made rows, encoded one at a time."""

    def __init__(self, place: Place, config: Any, base: Any) -> None:
        from datagen.train.data.sources import open_source
        from datagen.train.run.samples import encoder_for

        self._source = open_source(str(place.rows), config.data.template)
        self._encode = encoder_for(config, base.processor, base.architecture)

    def __len__(self) -> int:
        return len(self._source)

    def __getitem__(self, number: int) -> dict[str, Any]:
        return self._encode(self._source.row(number))


def _alone(samples: list[dict[str, Any]]) -> dict[str, Any]:
    """A batch of one sample, without a mask."""
    (sample,) = samples
    tokens = {name: sample[name].unsqueeze(0) for name in ("input_ids", "labels")}
    return {**tokens, "pixel_values": sample["pixel_values"], "image_sizes": sample["image_sizes"]}
