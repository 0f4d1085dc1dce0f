"""An adapter merged into its base model: a model of its own, under the names of the official checkpoint.

Weights of 4 bits are never merged into: the sum would be rounded to 4 bits again, and the adapter's small
changes with it. The base is loaded anew, unquantised, and each sum is made in float32 and rounded once.
"""

from __future__ import annotations

import json
import shutil
import warnings
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from peft import PeftModel
from peft.tuners.tuners_utils import BaseTunerLayer
from transformers import AutoModelForImageTextToText, AutoProcessor

from datagen.schemas import InputError, RunFailed
from datagen.train.config import RunConfig, saved_config
from datagen.train.models.architectures import ARCHITECTURES
from datagen.train.models.base import base_config, base_source

CONFIG = "config.json"
SHARD = "5GB"
"""The official checkpoint's size of a file."""


@dataclass(frozen=True)
class MergeResult:
    """A model that was written: where, of what, its weights and bytes."""

    path: str
    run: str
    which: str
    base: str
    dtype: str
    parameters: int
    bytes: int

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


def merge(run: Path, out: Path, which: str = "best", *, overwrite: bool = False) -> MergeResult:
    """Write ``out``: the run's base model with the adapter ``which`` merged in, and its processor.

    It loads like the base does, here and wherever the official checkpoint does. Written aside and renamed.
    Raises InputError for a run without an adapter, a base that is only there in 4 bits, or an ``out`` that is
    in the way; RunFailed where the sum is not finite or there is no room.
    """
    config = saved_config(run)
    if config.model.method == "full":
        raise InputError(f"{run} was trained with --method full: {run / which} is a whole model already.")
    adapter = adapter_folder(run, which)
    _refuse_out(out, overwrite)
    model = merged(_unquantised_base(config, run), adapter)
    processor = AutoProcessor.from_pretrained(adapter, trust_remote_code=False)  # type: ignore[no-untyped-call]
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
    except OSError as error:
        raise RunFailed(f"{out} cannot be written ({error.strerror or error}).") from None
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
    """Where an adapter of a run lies. Raises InputError."""
    for folder in (run / which, run / "checkpoints" / which):
        if (folder / "adapter_config.json").is_file():
            return folder
    raise InputError(f"{run} has no adapter {which!r}; it may be best, last, or the name of a checkpoint.")


def _unquantised_base(config: RunConfig, run: Path) -> Any:
    """The base model on the CPU, in the type in which it is stored."""
    name, revision = base_source(config, run)
    described, _ = base_config(config, run)
    if getattr(described, "quantization_config", None) is not None:
        raise InputError(f"{name} is stored quantised; only an unquantised base can be merged into.")
    try:
        return AutoModelForImageTextToText.from_pretrained(
            name, config=described, revision=revision, dtype="auto", trust_remote_code=False
        )
    except ConnectionError:
        raise RunFailed(f"{name} cannot be fetched from the Hub; try again.") from None
    except (OSError, ValueError, RuntimeError) as error:
        why = (str(error).strip() or type(error).__name__).splitlines()[0][:200]
        raise InputError(f"{name} cannot be loaded as a model ({why}).") from None


def merged(model: Any, adapter: Path) -> Any:
    """``model`` with the adapter in its weights, whose type stays. Raises RunFailed for NaN and infinity."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*is_gradient_checkpointing", category=FutureWarning)
        adapted = PeftModel.from_pretrained(model, str(adapter))
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
                    f"{adapter} holds weights that are not finite; take another checkpoint."
                ) from None
            weights.to(kept)
    return adapted.unload()


def write_official_config(path: Path) -> None:
    """Rewrite a saved config.json in the form of the official one, if the architecture has such a form."""
    config = json.loads(path.read_text(encoding="utf-8"))
    architecture = ARCHITECTURES.get(config.get("model_type"))
    if architecture is not None and architecture.official_config is not None:
        config = architecture.official_config(config)
        path.write_text(json.dumps(config, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def _refuse_out(out: Path, overwrite: bool) -> None:
    if not out.exists() or (out.is_dir() and not any(out.iterdir())):
        return
    if not overwrite:
        raise InputError(f"{out} is already there; give --overwrite to replace it, or another --out.")
    if out.is_symlink() or not (out / CONFIG).is_file() or not list(out.glob("*.safetensors")):
        raise InputError(f"{out} is not a model; it will not be overwritten.")
