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

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from huggingface_hub import try_to_load_from_cache
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import (
    AutoConfig,
    AutoModelForImageTextToText,
    AutoProcessor,
    BitsAndBytesConfig,
    PreTrainedConfig,
)

import datagen.train.phi3_vision  # noqa: F401 - registers it with the Auto classes
from datagen.schemas import InputError
from datagen.train.chat.conversation import Chat
from datagen.train.config import RunConfig, saved_config
from datagen.train.data.local_paths import refuse_missing_folder
from datagen.train.models.architectures import (
    Architecture,
    architecture_of,
    chat_for,
    end_ids,
    set_picture_size,
    target_pattern,
)
from datagen.train.models.compiling import compile_layers
from datagen.train.models.loading import (
    ADAPTER,
    INDEX,
    WEIGHTS,
    DeprecationFilter,
    check_sizes,
    check_weights,
    first_line,
    load_files,
    missing_model,
)
from datagen.train.models.merging import merge_adapters
from datagen.train.models.precision import (
    adapter_type,
    answering_type,
    gpu_capability,
    keep_out_of_autocast,
    weight_type,
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
    if revision is None:
        refuse_missing_folder(name, "model")
    described, _ = load_files(name, PreTrainedConfig.get_config_dict, name, revision=revision)
    if not described:
        raise missing_model(name)
    architecture = architecture_of(described.get("model_type"), name)
    check_sizes(described, name)
    if described.get("transformers_weights") is not None:
        raise InputError(
            f"The config.json of {name} names other weights (transformers_weights); remove that."
        )
    if Path(name).exists():
        check_weights(Path(name))
    return load_files(
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
        dtype=weight_type(config, gpu_capability()),
        quantization_config=_four_bits(config, architecture) if quantised else None,
    )
    if quantised:
        keep_weights_unpacked(model)
    return _base(model, processor, architecture, name, config)


def load_processor(config: RunConfig, run: Path | None = None) -> Any:
    """The base model's processor, set to the configured picture size. Raises like :func:`load_base`."""
    name, revision = base_source(config, run)
    _, architecture = base_config(config, run)
    return processor_of(name, config, architecture, revision)


def processor_of(
    name: str, config: RunConfig, architecture: Architecture, revision: str | None = None
) -> Any:
    """The processor in a folder or on the Hub, set to the configured picture size. Raises like load_base."""
    processor: Any = load_files(
        name, AutoProcessor.from_pretrained, name, revision=revision, trust_remote_code=False
    )
    if not hasattr(processor, "image_processor") or not hasattr(processor, "tokenizer"):
        raise InputError(f"{name} has no processor of pictures and texts; copy it from the original model.")
    set_picture_size(architecture, processor, config.model.num_crops, config.model.max_pixels)
    return processor


def attach_lora(base: Base, config: RunConfig) -> Base:
    """The same model, prepared for training by the configured method: with adapters, or all weights.

    The adapters depend on ``training.seed`` alone; the frozen base keeps its type. Parts outside the decoder
    that are frozen compute as in generation, whatever the type of the adapters (``precision.py``).
    """
    model = base.model
    if config.model.method != "full":
        options = lora_options(model, base.architecture, config, base.commit)
        model.requires_grad_(False)
        with torch.random.fork_rng(devices=[]), DeprecationFilter():
            torch.manual_seed(config.training.seed)
            model = get_peft_model(model, options)
        own = adapter_type(config, gpu_capability())
        for weight in (weight for weight in model.parameters() if weight.requires_grad):
            weight.data = weight.data.to(own)
        keep_out_of_autocast(base.model, tuple(set(base.architecture.unquantised) - {"lm_head"}))
    if config.training.gradient_checkpointing:
        _checkpoint_activations(base.model)
    if config.training.compile:
        compile_layers(base.model, base.architecture.decoder)
    model.train()
    return replace(base, model=model)


def lora_options(
    model: Any, architecture: Architecture, config: RunConfig, commit: str | None = None
) -> LoraConfig:
    """The adapters of a configuration.

    They are loaded with these options too. The adapter_config.json next to them is for other programs: it may
    name modules to import and models to fetch, so it is not read here.
    """
    settings = config.model.lora
    return LoraConfig(
        r=settings.rank,
        lora_alpha=settings.alpha,  # type: ignore[arg-type]
        lora_dropout=settings.dropout,
        target_modules=target_pattern(architecture, model, settings.targets),
        revision=commit,
    )


def load_adapter(model: Any, folder: Path, options: LoraConfig) -> Any:
    """``model`` with the adapters in a folder. Raises InputError."""
    if not (folder / ADAPTER).is_file():
        raise InputError(f"{folder} has no {ADAPTER}, and pickles are never read; give another checkpoint.")
    try:
        with DeprecationFilter():
            return PeftModel.from_pretrained(model, str(folder), config=options)
    except Exception as error:  # peft passes on whatever its readers raise
        raise InputError(f"The adapter in {folder} cannot be loaded ({first_line(error)}).") from None


def load_run(run: Path, which: str = "best") -> Base:
    """A run's model for evaluation: ``best``, ``last``, ``base`` (before training) or ``step-000123``.

    Raises InputError if the run has no such model.
    """
    config = saved_config(run)
    if which == "base":
        return _evaluating(load_base(config, run))
    folder = model_folder(run, which, config)
    if config.model.method == "full":
        name, _ = base_source(config, run)
        described, architecture = base_config(config, run)
        processor = load_processor(config, run)
        check_weights(folder)
        dtype = answering_type(config, gpu_capability())
        model = _load_model(str(folder), config=described, dtype=dtype)
        return _evaluating(_base(model, processor, architecture, name, config))
    base = load_base(config, run)
    options = lora_options(base.model, base.architecture, config, base.commit)
    return _evaluating(replace(base, model=load_adapter(base.model, folder, options)))


def run_to_answer(run: Path, which: str = "best") -> Base:
    """:func:`load_run`, with adapters merged for good where that makes answers faster (``merging.py``)."""
    base = load_run(run, which)
    merge_adapters(base.model)
    return base


def model_folder(run: Path, which: str, config: RunConfig) -> Path:
    """The folder of a run's weights: best, last or a checkpoint. Raises InputError if there are none."""
    folder = run / which if which in ("best", "last") else run / CHECKPOINTS / which
    weights = (WEIGHTS, INDEX) if config.model.method == "full" else (ADAPTER,)
    if not any((folder / name).is_file() for name in weights):
        if any(folder.glob("*.bin")):
            raise InputError(
                f"{folder} has no {weights[0]}, and pickles are never read; give another checkpoint."
            )
        raise InputError(f"{run} has no model {which!r}; available: {', '.join(_models(run)) or 'none yet'}.")
    return folder


def skeleton(described: PreTrainedConfig) -> Any:
    """The model without memory for its weights, for counting and inspection. Raises InputError."""
    with torch.device("meta"):
        model: Any = load_files(
            described.name_or_path or "The base model", AutoModelForImageTextToText.from_config, described
        )
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
    with DeprecationFilter():
        return load_files(
            name,
            AutoModelForImageTextToText.from_pretrained,
            name,
            trust_remote_code=False,
            use_safetensors=True,
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
        bnb_4bit_compute_dtype=weight_type(config, gpu_capability()),
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
