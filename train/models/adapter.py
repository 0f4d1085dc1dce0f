"""An adapter merged into its base model: a standalone model with the names of the official checkpoint.

Adapters are never merged into 4-bit weights: the sum would be rounded to 4 bits again, and the adapter's
small changes would be lost. The base is loaded again, unquantised, and each sum is computed in float32
and rounded once.
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
from datagen.train.models.architectures import ARCHITECTURES
from datagen.train.models.base import base_config, base_source, load_adapter, lora_options, processor_of
from datagen.train.models.loading import ADAPTER, load_files, read_json
from datagen.train.models.trained_parts import whole_weights
from datagen.train.private_apis.disk_errors import is_disk_full

CONFIG = "config.json"
SHARD = "5GB"
"""Maximum file size, as in the official checkpoint."""


@dataclass(frozen=True)
class MergeResult:
    """A merged model on disk: where it is, what it was made from, its number of weights and bytes."""

    path: str
    run: str
    which: str
    base: str
    dtype: str
    parameters: int
    bytes: int

    def as_json(self) -> dict[str, Any]:
        """Values for JSON."""
        return asdict(self)


def merge(run: Path, out: Path, which: str = "best", *, overwrite: bool = False) -> MergeResult:
    """Write ``out``: the run's base model with the adapter ``which`` merged in, and its processor.

    It loads like the base, here and wherever the official checkpoint does. Written under a temporary name and
    renamed. Raises InputError for a run without an adapter, a base that is only available in 4 bits, or an
    ``out`` that exists; RunFailed if a sum is not finite or the disk is full.
    """
    config = saved_config(run)
    if config.model.method == "full":
        raise InputError(
            f"{run} was trained with --method full, so {run / which} is a complete model already."
        )
    adapter = adapter_folder(run, which)
    _refuse_out(out, overwrite)
    described, architecture = base_config(config, run)
    base, options, whole = _unquantised_base(config, run)
    model = with_adapter(base, adapter, options, whole)
    processor: Any = processor_of(str(adapter), config, described, architecture)
    aside = out.with_name(f".{out.name}.part")
    try:
        if aside.exists():
            shutil.rmtree(aside)
        model.save_pretrained(aside, max_shard_size=SHARD)
        processor.save_pretrained(aside)
        write_official_config(aside / CONFIG)
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
    )


def adapter_folder(run: Path, which: str) -> Path:
    """The folder of an adapter of a run. Raises InputError."""
    for folder in (run / which, run / "checkpoints" / which):
        if (folder / ADAPTER).is_file():
            return folder
    raise InputError(f"{run} has no adapter {which!r}; give best, last or the name of a checkpoint.")


def _unquantised_base(config: RunConfig, run: Path) -> tuple[Any, LoraConfig, list[str]]:
    """The base model on the CPU, in its stored type, the adapters that were trained on it, and the names of
    the weights that were trained fully.
    """
    name, revision = base_source(config, run)
    described, architecture = base_config(config, run)
    if getattr(described, "quantization_config", None) is not None:
        raise InputError(
            f"{name} is stored quantised, and adapters can be merged only into an unquantised base."
        )
    model: Any = load_files(
        name,
        AutoModelForImageTextToText.from_pretrained,
        name,
        config=described,
        revision=revision,
        dtype="auto",
        trust_remote_code=False,
        use_safetensors=True,
    )
    whole = list(whole_weights(model, architecture, config.model.whole))
    return model, lora_options(model, architecture, config), whole


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
