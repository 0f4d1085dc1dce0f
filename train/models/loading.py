"""Files of strangers as models: no code is run, no pickle is read, and whatever is odd is one sentence."""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import torch
from huggingface_hub import constants
from huggingface_hub.errors import GatedRepoError

from datagen.schemas import InputError, RunFailed
from datagen.schemas.text import without_secrets
from datagen.train.private_apis.disk_errors import is_disk_full

WEIGHTS, INDEX, ADAPTER = "model.safetensors", "model.safetensors.index.json", "adapter_model.safetensors"
PICKLES = {".bin", ".pt", ".pth", ".ckpt"}
MOST_INDEX_BYTES = 50_000_000
MOST_LAYERS = 500
MOST_SIZE = 100_000_000
"""Of a layer, a vocabulary, a picture. The largest published models have a fraction of either number."""
DEPTH = re.compile(r"n_layers?|depths?|.*(num|n)_(\w+_)?(layers|blocks)", re.ASCII)
"""Names of numbers of layers in a config.json."""

Loaded = TypeVar("Loaded")


def load_files(name: str, load: Callable[..., Loaded], *args: Any, **options: Any) -> Loaded:
    """Call a loader of a library; whatever it raises becomes one sentence about ``name``.

    Loaders raise errors of any kind for files that are not what they expect, such as AttributeError for a
    processor_class of "os". Raises InputError, RunFailed.
    """
    try:
        return load(*args, **options)
    except RunFailed:
        raise
    except InputError as error:  # a sentence, or a clause about a file
        if str(error).endswith("."):
            raise
        raise InputError(f"{name} cannot be loaded as a model ({first_line(error)}).") from None
    except ImportError as error:
        missing = re.search("[Tt]orchvision", str(error))
        what = (
            "torchvision; pip install torchvision"
            if missing
            else f"a package ({first_line(error)}); install it"
        )
        raise InputError(f"The processor of {name} needs {what}, then try again.") from None
    except torch.OutOfMemoryError:
        raise RunFailed(
            f"{name} does not fit into the memory of the GPU; use method qlora, or a larger GPU."
        ) from None
    except MemoryError:
        raise RunFailed(
            f"{name} does not fit into the memory of this machine; use a smaller model."
        ) from None
    except Exception as error:
        if is_disk_full(error):
            raise RunFailed(
                f"The disk is too full to download {name}; free some space and try again."
            ) from None
        if isinstance(error, GatedRepoError) or isinstance(error.__cause__, GatedRepoError):
            raise InputError(
                f"{name} is gated: accept its licence at {without_secrets(constants.ENDPOINT)}/{name}, "
                "log in with hf auth login, then try again."
            ) from None
        if isinstance(error, ConnectionError) or "couldn't connect" in str(error):
            raise RunFailed(f"{name} cannot be downloaded from the Hub; try again later.") from None
        if Path(name).exists():
            raise InputError(f"{name} cannot be loaded as a model ({first_line(error)}).") from None
        raise missing_model(name, error) from None


def missing_model(name: str, error: BaseException | None = None) -> InputError:
    """The error for a name that is neither a folder nor a model on the Hub."""
    if error is not None and "safetensors" in str(error):
        return _without_weights(name, "")
    why = f" ({first_line(error)})" if error is not None else ""
    return InputError(
        f"There is no folder {name}, and no model of that name on the Hub that your login can read{why}."
    )


def check_weights(folder: Path) -> None:
    """Raises InputError unless a folder has the weights of a model as safetensors."""
    if (folder / WEIGHTS).is_file():
        return
    if not (folder / INDEX).is_file():
        pickles = sorted(file.name for file in folder.glob("*") if file.suffix in PICKLES)
        raise _without_weights(str(folder), pickles[0] if pickles else "")
    index = read_json(folder / INDEX, MOST_INDEX_BYTES)
    shards = index.get("weight_map")
    names = set(map(str, shards.values())) if isinstance(shards, dict) else {""}
    odd = [name for name in sorted(names) if Path(name).name != name or not name.endswith(".safetensors")]
    if odd:
        raise InputError(
            f"{folder / INDEX} names {odd[0][:100]!r} as a file of weights; only safetensors in the same "
            "folder are read."
        )
    missing = [name for name in sorted(names) if not (folder / name).is_file()]
    if missing:
        raise InputError(f"{folder} lacks {missing[0]}, which is a part of its weights; copy it there.")


def check_sizes(config: Mapping[str, Any], name: str) -> None:
    """Raises InputError for a config.json of more layers, or larger ones, than any model has.

    To build such a model, even without memory for its weights, would take hours.
    """
    pending: list[Any] = [config]
    while pending:
        part = pending.pop()
        for key, value in part.items() if isinstance(part, dict) else ():
            if isinstance(value, dict):
                pending.append(value)
            most = MOST_LAYERS if DEPTH.fullmatch(str(key)) else MOST_SIZE
            if isinstance(value, (int, float)) and not value <= most:
                raise InputError(
                    f"The config.json of {name} says {str(key)[:60]} is {value:,}, more than {most:,}; give "
                    "another model."
                )


def read_json(path: Path, most_bytes: int = 10_000_000) -> dict[str, Any]:
    """The object in a JSON file. Raises InputError for anything else."""
    try:
        if path.stat().st_size > most_bytes:
            raise InputError(f"{path} has more than {most_bytes:,} bytes.")
        value = json.loads(path.read_bytes())
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror or error}).") from None
    except (ValueError, RecursionError):
        raise InputError(f"{path} is not JSON.") from None
    if not isinstance(value, dict):
        raise InputError(f"{path} holds a {type(value).__name__} where an object is expected.")
    return value


def first_line(error: BaseException) -> str:
    """The first line of an error's message, for the brackets of a sentence."""
    return (str(error).strip() or type(error).__name__).splitlines()[0][:200].rstrip(".")


def _without_weights(name: str, pickle: str) -> InputError:
    instead = f"its {pickle} is a pickle, which could run code" if pickle else "pickles are never read"
    return InputError(f"{name} has no weights as safetensors ({instead}); give a model with safetensors.")


class DeprecationFilter(warnings.catch_warnings):
    """Suppresses a warning that libraries cause by calling each other under deprecated names."""

    def __enter__(self) -> None:
        super().__enter__()
        warnings.filterwarnings("ignore", message=".*is_gradient_checkpointing.*", category=FutureWarning)
