"""The model of a run: loaded as it is published, quantised if asked, with adapters to train or trained ones.

    base = attach_lora(load_base(config), config)      # to train
    base = load_run(run, "best")                       # to evaluate and predict

Code from the Hub is never run: a model's type in config.json decides which of transformers' own classes reads
it.

What is unlike the usual recipe: ``peft.prepare_model_for_kbit_training`` is not called, since it casts all
that is not 4-bit to float32, vision tower and embeddings included. Checkpointing is non-reentrant, so that
gradients flow to adapters though no input needs one, and LoRA on a CPU takes the same way as on a GPU.
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

import datagen.train.phi3_vision  # noqa: F401 - the Auto classes know it from here on
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
"""The folder in a smoke run's own that its tiny base model lies in."""
CHECKPOINTS = "checkpoints"
MOST_WEIGHTS_WITHOUT_GPU = 300_000_000
"""Of a model that is trained on a CPU; a step of a larger one takes minutes."""


@dataclass(frozen=True)
class Base:
    """A model, what goes before and after it, and what it was loaded from.

    ``num_crops``: of Phi-3-vision, None elsewhere. ``commit``: of the Hub repository, None for a folder.
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
        """Where the model is."""
        return torch.device(next(self.model.parameters()).device)

    def trainable(self) -> int:
        """Weights that are trained."""
        return sum(weight.numel() for weight in self.model.parameters() if weight.requires_grad)


def training_device() -> torch.device:
    """The GPU of this process, or the CPU where there is none."""
    if not torch.cuda.is_available():
        return torch.device("cpu")
    return torch.device("cuda", torch.cuda.current_device())


def base_source(config: RunConfig, run: Path | None) -> tuple[str, str | None]:
    """Name and revision that the base is loaded from: a smoke run's own folder, or what the configuration
    says.
    """
    if not config.smoke:
        return config.model.base, config.model.revision
    if run is None or not (run / TINY / "config.json").is_file():
        raise InputError(
            "A smoke run's tiny model lies in its run folder, and is not there; start the run anew."
        )
    return str(run / TINY), None


def base_config(config: RunConfig, run: Path | None = None) -> tuple[PreTrainedConfig, Architecture]:
    """The base model's configuration and architecture, without its weights. Raises InputError, RunFailed."""
    name, revision = base_source(config, run)
    described, _ = _fetched(name, PreTrainedConfig.get_config_dict, name, revision=revision)
    if not described:
        raise _not_there(name)
    architecture = architecture_of(described.get("model_type"), name)
    return _fetched(
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
    """The base model of a configuration, freshly loaded; with method qlora its decoder's linear layers are
    4-bit.

    ``run``: the run's folder, in which the tiny model of a smoke run lies. Raises InputError for what is no
    model that is known here, or needs a GPU where there is none; RunFailed where the Hub cannot be reached.
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
    """The base model's processor, with pictures of the size that is asked for. Raises as load_base."""
    name, revision = base_source(config, run)
    _, architecture = base_config(config, run)
    processor = _fetched(
        name, AutoProcessor.from_pretrained, name, revision=revision, trust_remote_code=False
    )
    set_picture_size(architecture, processor, config.model.num_crops, config.model.max_pixels)
    return processor


def attach_lora(base: Base, config: RunConfig) -> Base:
    """The same model, ready to be trained by the configuration's method: with adapters, or all of its
    weights.

    The adapters depend on ``training.seed`` alone; they are float32, the frozen base keeps its type.
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
    """A run's model for evaluation: ``best``, ``last``, ``base`` (before training) or a checkpoint,
    ``step-000123``.

    Raises InputError where the run has no such model.
    """
    config = saved_config(run)
    if which == "base":
        return _evaluating(load_base(config, run))
    folder = run / which if which in ("best", "last") else run / CHECKPOINTS / which
    if not (folder / "config.json").is_file() and not (folder / "adapter_config.json").is_file():
        raise InputError(f"{run} has no model {which!r}; it has {', '.join(_models(run)) or 'none yet'}.")
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
    """The type of the base's weights: bfloat16 where they are frozen on a GPU or quantised, else float32.

    All weights are trained in float32, under bfloat16 autocast on a GPU: bfloat16 has 8 bits, in which small
    steps of an optimiser vanish.
    """
    frozen_on_gpu = (
        config.model.method == "lora" and torch.cuda.is_available() and config.training.bf16 is not False
    )
    return torch.bfloat16 if config.model.method == "qlora" or frozen_on_gpu else torch.float32


def skeleton(described: PreTrainedConfig) -> Any:
    """The model without memory for its weights, to count and to look at."""
    with torch.device("meta"):
        model = AutoModelForImageTextToText.from_config(described)  # type: ignore[no-untyped-call]
    freeze_unused = getattr(getattr(model.model, "vision_embed_tokens", None), "freeze_unused", None)
    if freeze_unused is not None:
        freeze_unused()
    return model


def refuse_without_gpu(described: PreTrainedConfig, config: RunConfig) -> None:
    """Raises InputError for a full-size model on a machine without a GPU, before anything is fetched."""
    if torch.cuda.is_available():
        return
    weights = sum(weight.numel() for weight in skeleton(described).parameters())
    if weights > MOST_WEIGHTS_WITHOUT_GPU:
        raise InputError(
            f"{config.model.base} has {weights / 1e9:.1f} billion weights and needs a GPU, and there is "
            "none here; "
            "try everything out with --smoke, or take a machine with a GPU."
        )


def _load_model(name: str, **options: Any) -> Any:
    device = training_device()
    with _WarningFilter():
        return _fetched(
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
    enable()  # non-reentrant, which is transformers' own default


def _evaluating(base: Base) -> Base:
    base.model.eval()
    base.model.requires_grad_(False)
    return base


def _models(run: Path) -> list[str]:
    """What of a run can be loaded, besides its base."""
    folders = [run / "best", run / "last", *sorted((run / CHECKPOINTS).glob("step-*"))]
    return [folder.name for folder in folders if list(folder.glob("*config.json"))]


def _fetched(name: str, load: Any, *args: Any, **options: Any) -> Any:
    """What a loader of transformers gives; what it raises as one sentence."""
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
            f"{name} does not fit into the memory of the GPU; take method qlora, or a larger GPU."
        ) from None
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, SafetensorError) as error:
        if isinstance(error, ConnectionError) or "couldn't connect" in str(error):
            raise RunFailed(
                f"{name} cannot be fetched from the Hub; try again when it can be reached."
            ) from None
        if Path(name).exists():
            raise InputError(f"{name} cannot be loaded as a model ({_first_line(error)}).") from None
        raise _not_there(name, error) from None


def _not_there(name: str, error: BaseException | None = None) -> InputError:
    why = f" ({_first_line(error)})" if error is not None else ""
    return InputError(
        f"There is no folder {name}, and no model of that name on the Hub that your login may read{why}."
    )


def _first_line(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0][:200]


class _WarningFilter(warnings.catch_warnings):
    """Without the warnings of libraries that ask each other by old names."""

    def __enter__(self) -> None:
        super().__enter__()
        warnings.filterwarnings("ignore", message=".*is_gradient_checkpointing.*", category=FutureWarning)
