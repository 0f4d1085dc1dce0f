"""What a run trains: adapters in some parts of a model, all weights of others, nothing in the rest.

    prepare(model, architecture, config)   before adapters are added, and before trained ones are loaded
    save_adapter(model, folder)            adapters and the parts that are trained fully, in one file

Parts that are trained fully beside adapters are not wrapped (``modules_to_save`` of peft would copy them,
and takes neither lists of modules nor single weights). Their weights lie in the adapter's own file under the
names they have in the model; peft loads whatever is there, so that other programs read such an adapter, too.

Such weights are float32, in a model that may be bfloat16: hooks on tower and projector change the type of
what goes in and comes out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from itertools import takewhile
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from transformers.utils.generic import ModelOutput

from datagen.schemas import InputError
from datagen.schemas.files import whole_file
from datagen.train.config import Part, RunConfig
from datagen.train.models.architectures import Architecture, target_pattern
from datagen.train.models.loading import ADAPTER

PREFIX = "base_model.model."
"""Of a weight's name in an adapter's file."""


def whole_weights(model: Any, architecture: Architecture, parts: Iterable[Part]) -> dict[str, nn.Parameter]:
    """The weights, by name, of the parts that are trained fully, but for those that the model froze."""
    chosen = frozenset(parts)
    return {
        name: weight
        for name, weight in model.named_parameters()
        if architecture.part_of(name) in chosen and weight.requires_grad
    }


def adapter_layers(model: Any, architecture: Architecture, config: RunConfig) -> dict[str, nn.Linear]:
    """The linear layers, by name, that get adapters. Raises InputError for a part without any."""
    found: dict[str, nn.Linear] = {}
    if "decoder" in config.model.adapted:
        pattern = re.compile(target_pattern(architecture, model, config.model.lora.targets))
        found |= {name: module for name, module in model.named_modules() if pattern.fullmatch(name)}
    for part in config.model.adapted:
        if part == "decoder":
            continue
        inside = {
            name: module
            for name, module in model.named_modules()
            if type(module) is nn.Linear
            and architecture.part_of(name) == part
            and module.weight.requires_grad
        }
        if not inside:
            raise InputError(
                f"The {part} of {architecture.name} has no linear layers for adapters; add {part} to "
                "model.train_fully."
            )
        found |= inside
    return found


def adapter_pattern(model: Any, architecture: Architecture, config: RunConfig) -> str:
    """A pattern of the full names of all layers that get adapters. Raises like :func:`adapter_layers`."""
    layers = adapter_layers(model, architecture, config)
    patterns = []
    if "decoder" in config.model.adapted:
        patterns.append(target_pattern(architecture, model, config.model.lora.targets))
    numbers: dict[tuple[str, str], list[str]] = {}
    for name in layers:
        if architecture.part_of(name) != "decoder":
            before, number, after = re.fullmatch(r"(.*?)(?:[.]([0-9]+)[.](.*))?", name).groups()  # type: ignore[union-attr]
            numbers.setdefault((before, after or ""), []).append(number or "")
    for (before, after), several in numbers.items():
        middle = f"[.](?:{'|'.join(several)})[.]" if after else ""
        patterns.append(before.replace(".", "[.]") + middle + after.replace(".", "[.]"))
    return patterns[0] if len(patterns) == 1 else f"(?:{'|'.join(patterns)})"


def adapter_weights(model: Any, architecture: Architecture, config: RunConfig) -> int:
    """Number of adapter weights: rank x (inputs + outputs) of each layer, and its outputs with DoRA."""
    lora = config.model.lora
    return sum(
        lora.rank * (layer.in_features + layer.out_features) + layer.out_features * lora.dora
        for layer in adapter_layers(model, architecture, config).values()
    )


def trained_weights(model: Any, architecture: Architecture, config: RunConfig) -> int:
    """Number of trained weights, of adapters and of parts that are trained fully. Raises InputError."""
    _refuse_mixed_types(architecture, config)
    whole = sum(weight.numel() for weight in whole_weights(model, architecture, config.model.whole).values())
    if config.model.method == "full":
        return whole
    return whole + adapter_weights(model, architecture, config)


def prepare(model: Any, architecture: Architecture, config: RunConfig) -> list[nn.Parameter]:
    """Freeze the model except for the parts that are trained fully, and return their weights, now float32."""
    _refuse_mixed_types(architecture, config)
    whole = whole_weights(model, architecture, config.model.whole)
    model.requires_grad_(False)
    for weight in whole.values():
        weight.data = weight.data.float()
        weight.requires_grad_(True)
    others = next((weight.dtype for weight in model.parameters() if weight.dtype.itemsize == 2), None)
    if whole and others is not None:
        for name, module in called_modules(model, architecture).items():
            if architecture.part_of(name) == "decoder":
                continue  # holds tower and projector
            module.register_forward_pre_hook(_enter, with_kwargs=True)
            module.register_forward_hook(partial(_leave, others))
    return list(whole.values())


def save_adapter(model: Any, folder: Path, state: Mapping[str, Tensor] | None = None) -> None:
    """Write a peft model's adapters, then add the weights of the parts that are trained fully.

    ``state``: the weights by name where the model itself holds only a part of each (FSDP).
    """
    model.save_pretrained(folder, state_dict=state)
    add_whole_weights(model, folder, state)


def add_whole_weights(model: Any, folder: Path, state: Mapping[str, Tensor] | None = None) -> None:
    """Add the weights of fully trained parts to a peft model's file in a folder."""
    names = [
        name for name, weight in model.named_parameters() if weight.requires_grad and "lora_" not in name
    ]
    if not names:
        return
    known = dict(model.named_parameters()) if state is None else state
    file = folder / ADAPTER
    together = load_file(file) | {name: known[name].detach().cpu().contiguous() for name in names}
    with whole_file(file) as aside:
        save_file(together, aside, metadata={"format": "pt"})


def _refuse_mixed_types(architecture: Architecture, config: RunConfig) -> None:
    if "tower" in config.model.whole and config.model.method != "full" and not architecture.mixed_types:
        raise InputError(
            f"The tower of {architecture.name} cannot be trained fully beside adapters; take it out of "
            "model.train_fully, so that it gets adapters, or use method full."
        )


def refuse_missing_weights(names: Iterable[str], file: Path) -> None:
    """Raises InputError if an adapter's file lacks weights of a part that was trained fully."""
    with safe_open(file, framework="pt") as opened:
        there = set(opened.keys())
    missing = next((name for name in names if PREFIX + name not in there), None)
    if missing is not None:
        raise InputError(f"{file} lacks {missing}, which its run trained; give another checkpoint.")


def called_modules(model: Any, architecture: Architecture) -> dict[str, nn.Module]:
    """The modules, by name, that are called to enter tower and projector, and the one that holds both."""
    found: dict[str, nn.Module] = {}
    modules = dict(model.named_modules())
    places = (architecture.tower, *architecture.projector)
    for name in (_common(places), *places):
        module = modules.get(name)  # None for a single weight
        if isinstance(module, (nn.ModuleList, nn.ModuleDict)):
            found |= {f"{name}.{key}": inside for key, inside in module.named_children()}
        elif module is not None:
            found[name] = module
    return found


def _common(names: Sequence[str]) -> str:
    """The longest name that all names begin with."""
    columns = zip(*(name.split(".") for name in names), strict=False)
    return ".".join(column[0] for column in takewhile(lambda column: len(set(column)) == 1, columns))


def _enter(module: nn.Module, args: Any, kwargs: Any) -> tuple[Any, Any]:
    kind = next(module.parameters()).dtype
    return _cast(args, kind), _cast(kwargs, kind)


def _leave(kind: torch.dtype, module: nn.Module, args: Any, output: Any) -> Any:
    return _cast(output, kind)


def _cast(value: Any, kind: torch.dtype) -> Any:
    """Floating tensors of another type, in whatever they lie in."""
    if isinstance(value, Tensor):
        return value.to(kind) if value.is_floating_point() else value
    if isinstance(value, ModelOutput):
        return type(value)(**{name: _cast(one, kind) for name, one in value.items()})
    if isinstance(value, dict):
        return {name: _cast(one, kind) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(_cast(one, kind) for one in value)
    return value
