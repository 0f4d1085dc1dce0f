"""The arguments of transformers' Trainer for a run, and what this machine cannot do."""

from __future__ import annotations

import os
from pathlib import Path

import torch
from transformers import TrainingArguments

from datagen.schemas import InputError
from datagen.train.config import RunConfig, optimiser_of
from datagen.train.models.base import CHECKPOINTS
from datagen.train.models.precision import adapter_type, autocast_type, gpu_capability

OPTIMISERS = {"adamw": "adamw_torch_fused", "paged_adamw_8bit": "paged_adamw_8bit"}
"""Setting -> transformers' name of it on a GPU."""


def training_arguments(config: RunConfig, run: Path) -> TrainingArguments:
    """The arguments of the Trainer; lengths follow once the data are known. Raises InputError."""
    training, on_gpu = config.training, torch.cuda.is_available()
    if training.optimiser == "paged_adamw_8bit" and not on_gpu:
        raise InputError(
            "training.optimiser paged_adamw_8bit needs a GPU, but this machine has none; use auto."
        )
    if os.environ.get("ACCELERATE_USE_FSDP", "").lower() == "true":
        _refuse_sharding(config, on_gpu)
    capability = gpu_capability()
    autocast = autocast_type(config, capability)
    adapter_type(config, capability)
    held_out = config.data.split.validation > 0
    return TrainingArguments(
        output_dir=str(run / CHECKPOINTS),
        use_cpu=not on_gpu,
        per_device_train_batch_size=training.batch_size,
        per_device_eval_batch_size=training.batch_size,
        gradient_accumulation_steps=training.accumulation,
        learning_rate=training.learning_rate,
        lr_scheduler_type=training.schedule if training.schedule != "constant" else "constant_with_warmup",
        max_grad_norm=training.clip or 0.0,
        weight_decay=training.weight_decay,
        bf16=autocast == torch.bfloat16,
        fp16=autocast == torch.float16,
        optim=OPTIMISERS[optimiser_of(config)] if on_gpu else "adamw_torch",
        logging_steps=training.log_every,
        logging_nan_inf_filter=False,
        save_strategy="steps",
        save_steps=training.save_every,
        eval_strategy="steps" if held_out else "no",
        eval_steps=training.evaluate_every if held_out else None,
        metric_for_best_model="loss" if held_out else None,
        greater_is_better=False if held_out else None,
        prediction_loss_only=True,
        remove_unused_columns=False,
        ddp_find_unused_parameters=False,
        seed=training.seed,
        data_seed=training.seed,
        report_to="none",
        disable_tqdm=True,
        log_level="error",
        max_steps=1,
    )


def _refuse_sharding(config: RunConfig, on_gpu: bool) -> None:
    """Raises InputError for runs that FSDP cannot shard."""
    if not on_gpu:
        raise InputError("FSDP needs GPUs; start the processes without it.")
    if config.model.method == "qlora":
        raise InputError("FSDP cannot shard 4-bit weights here; use --method lora, or start without FSDP.")
    if os.environ.get("FSDP_STATE_DICT_TYPE", "") != "FULL_STATE_DICT":
        raise InputError(
            "FSDP must save complete models; set fsdp_state_dict_type: FULL_STATE_DICT in accelerate's "
            "configuration."
        )
