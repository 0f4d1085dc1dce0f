"""A run as a standalone model with the names of the official checkpoint: its adapter merged into the base, or
the weights that it trained.

Adapters are never merged into 4-bit weights: the sum would be rounded to 4 bits again, and the adapter's
small changes would be lost. The base is loaded again, unquantised, and each sum is computed in float32
and rounded once. The result has the type in which the base is stored, bfloat16 for the official ones.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig
from peft.tuners.tuners_utils import BaseTunerLayer
from transformers import AutoModelForImageTextToText

from datagen.schemas import InputError, RunFailed
from datagen.train.config import RunConfig, saved_config
from datagen.train.models.architectures import ARCHITECTURES, elsewhere
from datagen.train.models.base import (
    base_config,
    base_source,
    load_adapter,
    lora_options,
    model_folder,
    processor_of,
)
from datagen.train.models.loading import check_weights, load_files, read_json
from datagen.train.models.remote_code import code_repository, name_remote_code
from datagen.train.models.trained_parts import whole_weights
from datagen.train.private_apis.disk_errors import is_disk_full

CONFIG, ADAPTER_CONFIG = "config.json", "adapter_config.json"
SHARD = "5GB"
"""Maximum file size, as in the official checkpoint."""


@dataclass(frozen=True)
class MergeResult:
    """A merged model on disk: where it is, what it was made from, its number of weights and bytes.

    ``note``: what other programs should be told about its pictures; empty if nothing.
    """

    path: str
    run: str
    which: str
    base: str
    dtype: str
    parameters: int
    bytes: int
    note: str = ""

    def as_json(self) -> dict[str, Any]:
        """Values for JSON."""
        return asdict(self)


def merge(
    run: Path, out: Path, which: str = "best", *, remote_code: bool = False, overwrite: bool = False
) -> MergeResult:
    """Write ``out``: a complete model, the run's base with the weights ``which``, and its processor.

    It loads like the base, here and wherever the official checkpoint does. With ``remote_code`` it names the
    code of the official repository, for runtimes that load it from there. Written under a temporary name and
    renamed. Raises InputError for weights that the run does not have, a base that is only available in 4
    bits or has no official code, or an ``out`` that exists; RunFailed if a sum is not finite or the disk is
    full.
    """
    config = saved_config(run)
    folder = model_folder(run, which, config)
    code = code_repository(config, run) if remote_code else None
    _refuse_out(out, overwrite)
    described, architecture = base_config(config, run)
    model = (
        _trained_whole(folder, config, run) if config.model.method == "full" else _merged(folder, config, run)
    )
    processor: Any = processor_of(str(folder), config, described, architecture)
    aside = out.with_name(f".{out.name}.part")
    try:
        if aside.exists():
            shutil.rmtree(aside)
        model.save_pretrained(aside, max_shard_size=SHARD)
        processor.save_pretrained(aside)
        write_official_config(aside / CONFIG)
        if code is not None:
            name_remote_code(aside, code)
        size = sum(file.stat().st_size for file in aside.iterdir())
        if out.exists():
            shutil.rmtree(out)
        aside.rename(out)
    except Exception as error:  # safetensors reports a full disk in its own way
        shutil.rmtree(aside, ignore_errors=True)
        if is_disk_full(error):
            raise RunFailed(f"The disk is too full for {out}; free some space and try again.") from None
        if isinstance(error, OSError):
            raise RunFailed(f"{out} cannot be written ({error.strerror or error}).") from None
        raise
    return MergeResult(
        path=str(out),
        run=str(run),
        which=which,
        base=config.model.base,
        dtype=str(model.dtype).removeprefix("torch."),
        parameters=sum(weight.numel() for weight in model.parameters()),
        bytes=size,
        note=elsewhere(architecture, config.model),
    )


def _merged(folder: Path, config: RunConfig, run: Path) -> Any:
    """The base model on the CPU, in its stored type, with the adapter in ``folder`` added to its weights."""
    name, revision = base_source(config, run)
    described, architecture = base_config(config, run)
    if getattr(described, "quantization_config", None) is not None:
        raise InputError(
            f"{name} is stored quantised, and adapters can be merged only into an unquantised base."
        )
    model = _on_cpu(name, config=described, revision=revision, dtype="auto")
    whole = list(whole_weights(model, architecture, config.model.whole))
    return with_adapter(model, folder, lora_options(model, architecture, config), whole)


def _trained_whole(folder: Path, config: RunConfig, run: Path) -> Any:
    """The model in ``folder``, whose weights were all trained, on the CPU and in the type of its base."""
    described, _ = base_config(config, run)
    check_weights(folder)
    return _on_cpu(str(folder), config=described, dtype=described.dtype or torch.bfloat16)


def _on_cpu(name: str, **options: Any) -> Any:
    return load_files(
        name,
        AutoModelForImageTextToText.from_pretrained,
        name,
        trust_remote_code=False,
        use_safetensors=True,
        **options,
    )


def with_adapter(model: Any, adapter: Path, options: LoraConfig, whole: Sequence[str] = ()) -> Any:
    """``model`` with the adapter added to its weights, which keep their type. Raises RunFailed for NaN."""
    adapted = load_adapter(model, adapter, options, whole)
    with torch.no_grad():
        for layer in adapted.modules():
            if not isinstance(layer, BaseTunerLayer):
                continue
            weights = layer.get_base_layer()
            kept: torch.dtype = weights.weight.dtype  # type: ignore[assignment]
            weights.float()
            try:
                layer.merge(safe_merge=True)
            except ValueError:
                raise RunFailed(
                    f"{adapter} contains weights that are not finite; use another checkpoint."
                ) from None
            weights.to(kept)
    return adapted.unload()


def name_base(folder: Path, base: str, commit: str | None) -> None:
    """Have the adapter_config.json in a folder name its base in a way that peft's Auto classes understand.

    peft writes the module of the model's class there, and refuses to import one that is not a part of
    transformers. For Phi-3-vision, import :mod:`datagen.train.phi3_vision` before loading: its base is of a
    type that transformers does not know.
    """
    path = folder / ADAPTER_CONFIG
    mapping = {"base_model_class": AutoModelForImageTextToText.__name__, "parent_library": "transformers"}
    config = {**read_json(path), "auto_mapping": mapping, "base_model_name_or_path": base, "revision": commit}
    path.write_text(json.dumps(config, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def write_official_config(path: Path) -> None:
    """Rewrite a saved config.json in the form of the official one, if the architecture has such a form."""
    config = read_json(path)
    architecture = ARCHITECTURES.get(str(config.get("model_type")))
    if architecture is not None and architecture.official_config is not None:
        config = architecture.official_config(config)
        path.write_text(json.dumps(config, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def _refuse_out(out: Path, overwrite: bool) -> None:
    if not out.exists() or (out.is_dir() and not any(out.iterdir())):
        return
    if not overwrite:
        raise InputError(f"{out} already exists; give --overwrite to replace it, or another --out.")
    if out.is_symlink() or not (out / CONFIG).is_file() or not list(out.glob("*.safetensors")):
        raise InputError(f"{out} is not a model, so it will not be overwritten; give another --out.")
