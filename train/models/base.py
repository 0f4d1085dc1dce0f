"""The model of a run: loaded as published, quantised if configured, with new or trained adapters.

    base = attach_lora(load_base(config), config)      # to train
    base = load_run(run, "best")                       # to evaluate and predict

Code from the Hub is never run: a model's type in config.json decides which of transformers' own classes reads
it.

Unlike in most recipes, ``peft.prepare_model_for_kbit_training`` is not called, since it casts everything
that is not 4-bit to float32, including vision tower and embeddings. Activation checkpointing is
non-reentrant, so that gradients reach the adapters although no input needs one, and so that LoRA works on
a CPU as on a GPU.
"""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from huggingface_hub import try_to_load_from_cache
from peft import LoraConfig, PeftModel, get_peft_model
from safetensors import SafetensorError
from transformers import (
    AutoConfig,
    AutoModelForImageTextToText,
    AutoProcessor,
    BitsAndBytesConfig,
    PreTrainedConfig,
)

import datagen.train.phi3_vision  # noqa: F401 - registers it with the Auto classes
from datagen.schemas import InputError, RunFailed
from datagen.train.chat.conversation import Chat
from datagen.train.config import RunConfig, saved_config
from datagen.train.models.architectures import (
    Architecture,
    architecture_of,
    chat_for,
    end_ids,
    set_picture_size,
    target_pattern,
)
from datagen.train.private_apis.loading import keep_weights_unpacked

TINY = "base"
"""The folder of a smoke run's tiny base model, inside the run's own."""
CHECKPOINTS = "checkpoints"
MOST_WEIGHTS_WITHOUT_GPU = 300_000_000
"""The largest model to train on a CPU; a step of a larger one takes minutes."""


@dataclass(frozen=True)
class Base:
    """A model with its processor and chat format, and where it was loaded from.

    ``num_crops``: for Phi-3-vision, None otherwise. ``commit``: of the Hub repository, None for a folder.
    """

    model: Any
    processor: Any
    architecture: Architecture
    chat: Chat
    end_ids: list[int]
    num_crops: int | None
    name: str
    commit: str | None

    @property
    def device(self) -> torch.device:
        """The device of the model."""
        return torch.device(next(self.model.parameters()).device)

    def trainable(self) -> int:
        """The number of trained weights."""
        return sum(weight.numel() for weight in self.model.parameters() if weight.requires_grad)


def training_device() -> torch.device:
    """The GPU of this process, or the CPU without one."""
    if not torch.cuda.is_available():
        return torch.device("cpu")
    return torch.device("cuda", torch.cuda.current_device())


def base_source(config: RunConfig, run: Path | None) -> tuple[str, str | None]:
    """Name and revision of the base model: of the configuration, or a smoke run's own folder."""
    if not config.smoke:
        return config.model.base, config.model.revision
    if run is None or not (run / TINY / "config.json").is_file():
        raise InputError("The tiny model of this smoke run is missing from its folder; restart the run.")
    return str(run / TINY), None


def base_config(config: RunConfig, run: Path | None = None) -> tuple[PreTrainedConfig, Architecture]:
    """The base model's configuration and architecture, without its weights. Raises InputError, RunFailed."""
    name, revision = base_source(config, run)
    described, _ = _load(name, PreTrainedConfig.get_config_dict, name, revision=revision)
    if not described:
        raise _missing_model(name)
    architecture = architecture_of(described.get("model_type"), name)
    return _load(
        name, AutoConfig.from_pretrained, name, revision=revision, trust_remote_code=False
    ), architecture


def hub_commit(name: str, revision: str | None) -> str | None:
    """The commit on the Hub of a base model whose configuration was loaded; None for a folder.

    The Hub's cache keeps every file in a folder that is named after its commit.
    """
    if Path(name).exists():
        return None
    file = try_to_load_from_cache(name, "config.json", revision=revision)
    return Path(file).parent.name if isinstance(file, str) else None


def load_base(config: RunConfig, run: Path | None = None) -> Base:
    """Load the base model of a configuration; with method qlora its decoder's linear layers become 4-bit.

    ``run``: the run's folder, which holds the tiny model of a smoke run. Raises InputError for a model
    that is not supported or needs a GPU that is not available, RunFailed if the Hub cannot be reached.
    """
    name, revision = base_source(config, run)
    described, architecture = base_config(config, run)
    processor = load_processor(config, run)
    refuse_without_gpu(described, config)
    quantised = config.model.method == "qlora"
    model = _load_model(
        name,
        config=described,
        revision=revision,
        dtype=weight_type(config),
        quantization_config=_four_bits(config, architecture) if quantised else None,
    )
    if quantised:
        keep_weights_unpacked(model)
    return _base(model, processor, architecture, name, config)


def load_processor(config: RunConfig, run: Path | None = None) -> Any:
    """The base model's processor, set to the configured picture size. Raises like :func:`load_base`."""
    name, revision = base_source(config, run)
    _, architecture = base_config(config, run)
    processor = _load(name, AutoProcessor.from_pretrained, name, revision=revision, trust_remote_code=False)
    set_picture_size(architecture, processor, config.model.num_crops, config.model.max_pixels)
    return processor


def attach_lora(base: Base, config: RunConfig) -> Base:
    """The same model, prepared for training by the configured method: with adapters, or all weights.

    The adapters depend on ``training.seed`` alone; they are float32, and the frozen base keeps its type.
    """
    model, settings = base.model, config.model.lora
    if config.model.method != "full":
        options = LoraConfig(
            r=settings.rank,
            lora_alpha=settings.alpha,  # type: ignore[arg-type]
            lora_dropout=settings.dropout,
            target_modules=target_pattern(base.architecture, model, settings.targets),
            revision=base.commit,
        )
        model.requires_grad_(False)
        with torch.random.fork_rng(devices=[]), _WarningFilter():
            torch.manual_seed(config.training.seed)
            model = get_peft_model(model, options)
    if config.training.gradient_checkpointing:
        _checkpoint_activations(base.model)
    model.train()
    return replace(base, model=model)


def load_run(run: Path, which: str = "best") -> Base:
    """A run's model for evaluation: ``best``, ``last``, ``base`` (before training) or ``step-000123``.

    Raises InputError if the run has no such model.
    """
    config = saved_config(run)
    if which == "base":
        return _evaluating(load_base(config, run))
    folder = run / which if which in ("best", "last") else run / CHECKPOINTS / which
    if not (folder / "config.json").is_file() and not (folder / "adapter_config.json").is_file():
        raise InputError(f"{run} has no model {which!r}; available: {', '.join(_models(run)) or 'none yet'}.")
    if config.model.method == "full":
        name, _ = base_source(config, run)
        described, architecture = base_config(config, run)
        processor = load_processor(config, run)
        model = _load_model(str(folder), config=described, dtype=weight_type(config))
        return _evaluating(_base(model, processor, architecture, name, config))
    base = load_base(config, run)
    try:
        with _WarningFilter():
            model = PeftModel.from_pretrained(base.model, str(folder))
    except (OSError, ValueError, RuntimeError, KeyError, SafetensorError) as error:
        raise InputError(f"The adapter in {folder} cannot be loaded ({_first_line(error)}).") from None
    return _evaluating(replace(base, model=model))


def weight_type(config: RunConfig) -> torch.dtype:
    """The type of the base's weights: bfloat16 if they are frozen on a GPU or quantised, else float32.

    With method full, weights are trained in float32, under bfloat16 autocast on a GPU: with the 8 significant
    bits of bfloat16, small optimiser steps would be rounded away.
    """
    frozen_on_gpu = (
        config.model.method == "lora" and torch.cuda.is_available() and config.training.bf16 is not False
    )
    return torch.bfloat16 if config.model.method == "qlora" or frozen_on_gpu else torch.float32


def skeleton(described: PreTrainedConfig) -> Any:
    """The model without memory for its weights, for counting and inspection."""
    with torch.device("meta"):
        model = AutoModelForImageTextToText.from_config(described)  # type: ignore[no-untyped-call]
    freeze_unused = getattr(getattr(model.model, "vision_embed_tokens", None), "freeze_unused", None)
    if freeze_unused is not None:
        freeze_unused()
    return model


def refuse_without_gpu(described: PreTrainedConfig, config: RunConfig) -> None:
    """Raises InputError for a full-size model without a GPU, before anything is downloaded."""
    if torch.cuda.is_available():
        return
    weights = sum(weight.numel() for weight in skeleton(described).parameters())
    if weights > MOST_WEIGHTS_WITHOUT_GPU:
        raise InputError(
            f"{config.model.base} has {weights / 1e9:.1f} billion weights and needs a GPU, but this machine "
            "has none; use a machine with a GPU, or try everything with --smoke."
        )


def _load_model(name: str, **options: Any) -> Any:
    device = training_device()
    with _WarningFilter():
        return _load(
            name,
            AutoModelForImageTextToText.from_pretrained,
            name,
            trust_remote_code=False,
            attn_implementation="sdpa",
            device_map={"": device},
            **{key: value for key, value in options.items() if value is not None},
        )


def _base(model: Any, processor: Any, architecture: Architecture, name: str, config: RunConfig) -> Base:
    chat = chat_for(architecture, processor)
    return Base(
        model=model,
        processor=processor,
        architecture=architecture,
        chat=chat,
        end_ids=end_ids(architecture, processor, chat),
        num_crops=processor.image_processor.num_crops if architecture.picture_size == "num_crops" else None,
        name=name if not config.smoke else config.model.base,
        commit=hub_commit(name, config.model.revision),
    )


def _four_bits(config: RunConfig, architecture: Architecture) -> BitsAndBytesConfig:
    return BitsAndBytesConfig(  # type: ignore[no-untyped-call]
        load_in_4bit=True,
        bnb_4bit_quant_type=config.model.quantisation,
        bnb_4bit_use_double_quant=config.model.double_quantisation,
        bnb_4bit_compute_dtype=torch.bfloat16,
        llm_int8_skip_modules=list(architecture.unquantised),
    )


def _checkpoint_activations(model: Any) -> None:
    enable = getattr(model, "activation_checkpointing_enable", None) or model.gradient_checkpointing_enable
    enable()  # non-reentrant, the default of transformers


def _evaluating(base: Base) -> Base:
    base.model.eval()
    base.model.requires_grad_(False)
    return base


def _models(run: Path) -> list[str]:
    """The models of a run that can be loaded, apart from its base."""
    folders = [run / "best", run / "last", *sorted((run / CHECKPOINTS).glob("step-*"))]
    return [folder.name for folder in folders if list(folder.glob("*config.json"))]


def _load(name: str, load: Any, *args: Any, **options: Any) -> Any:
    """Call a loader of transformers; its exceptions become one sentence."""
    try:
        return load(*args, **options)
    except (InputError, RunFailed):
        raise
    except ImportError as error:
        missing = re.search("[Tt]orchvision", str(error))
        what = (
            "torchvision; pip install torchvision"
            if missing
            else f"a package ({_first_line(error)}); install it"
        )
        raise InputError(f"The processor of {name} needs {what}, then try again.") from None
    except torch.OutOfMemoryError:
        raise RunFailed(
            f"{name} does not fit into the memory of the GPU; use method qlora, or a larger GPU."
        ) from None
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, SafetensorError) as error:
        if isinstance(error, ConnectionError) or "couldn't connect" in str(error):
            raise RunFailed(f"{name} cannot be downloaded from the Hub; try again later.") from None
        if Path(name).exists():
            raise InputError(f"{name} cannot be loaded as a model ({_first_line(error)}).") from None
        raise _missing_model(name, error) from None


def _missing_model(name: str, error: BaseException | None = None) -> InputError:
    why = f" ({_first_line(error)})" if error is not None else ""
    return InputError(
        f"There is no folder {name}, and no model of that name on the Hub that your login can read{why}."
    )


def _first_line(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0][:200]


class _WarningFilter(warnings.catch_warnings):
    """Suppresses a warning that libraries cause by calling each other under deprecated names."""

    def __enter__(self) -> None:
        super().__enter__()
        warnings.filterwarnings("ignore", message=".*is_gradient_checkpointing.*", category=FutureWarning)
