"""A trained vision model that turns pictures into vectors: of CLIP, SigLIP, DINOv2, ViT, ConvNeXt and others.

    model = open_vision_model("facebook/dinov2-small")
    model.features(pictures)  # float32 (pictures, width)

For a model of pictures and texts its vision tower's pooled output is taken, before any projection; for
others the mean over all positions of the last layer, since not every published file holds a pooling layer.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from transformers import AutoConfig, AutoImageProcessor, AutoModel, PreTrainedConfig

from datagen.schemas import InputError
from datagen.schemas.files import sha256
from datagen.train.data.local_paths import refuse_missing_folder
from datagen.train.models.base import hub_commit, training_device
from datagen.train.models.loading import check_sizes, check_weights, first_line, load_files, missing_model

TOWER = "vision_model"
"""The part of a model of pictures and texts that sees, as transformers calls it."""


@dataclass(frozen=True)
class VisionModel:
    """See the module. ``name``: the folder, or the name on the Hub with its commit."""

    name: str
    model: Any
    processor: Any
    device: torch.device

    def features(self, pictures: Sequence[Image.Image]) -> NDArray[np.float32]:
        """Vectors of length 1 of RGB pictures, all in one batch: float32 (pictures, width)."""
        pixels = self.processor(images=list(pictures), return_tensors="pt")["pixel_values"]
        with torch.no_grad():
            seen = self.model(pixel_values=pixels.to(self.device))
        vectors = torch.nn.functional.normalize(_pooled(seen, self.model).float(), dim=1)
        found: NDArray[np.float32] = vectors.cpu().numpy()
        return found


def open_vision_model(name: str) -> VisionModel:
    """A vision model from a folder or from the Hub, on the GPU if there is one; only safetensors are read.

    Raises InputError for what is no vision model, RunFailed if the Hub cannot be reached.
    """
    _check(name)
    config = load_files(name, AutoConfig.from_pretrained, name, trust_remote_code=False)
    processor = load_files(name, AutoImageProcessor.from_pretrained, name, trust_remote_code=False)
    whole = load_files(
        name,
        AutoModel.from_pretrained,
        name,
        config=config,
        dtype=torch.float32,
        trust_remote_code=False,
        use_safetensors=True,
    )
    device = training_device()
    model = getattr(whole, TOWER, whole).eval().to(device)
    commit = hub_commit(name, None)
    opened = VisionModel(f"{name}@{commit[:12]}" if commit else name, model, processor, device)
    try:  # a model of texts or of sounds is found out by a picture, and one that makes it of another size
        opened.features([Image.new("RGB", (64, 64))])
    except (KeyError, TypeError, ValueError, AttributeError, RuntimeError) as error:
        raise InputError(
            f"{name} is no model that turns pictures into vectors ({config.model_type}: "
            f"{first_line(error)}); give one such as CLIP, SigLIP, DINOv2 or ViT."
        ) from None
    return opened


def vision_model_digest(name: str) -> str:
    """A text that is equal for equal models: the commit on the Hub, or a SHA-256 (hex) of a folder's files.

    Nothing but a configuration is loaded. Raises InputError for what cannot be a model, RunFailed if the Hub
    cannot be reached.
    """
    _check(name)
    folder = Path(name)
    if not folder.exists():
        return f"{name}@{hub_commit(name, None)}"
    files = [path for path in sorted(folder.iterdir()) if path.suffix in (".json", ".safetensors")]
    lines = [f"{sha256(path)} {path.name}\n" for path in files]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _check(name: str) -> None:
    """Raises InputError for what is no model, or one of absurd sizes or with pickles, RunFailed."""
    refuse_missing_folder(name, "model")
    described, _ = load_files(name, PreTrainedConfig.get_config_dict, name)
    if not described:
        raise missing_model(name)
    check_sizes(described, name)
    if Path(name).exists():
        check_weights(Path(name))


def _pooled(seen: Any, model: Any) -> torch.Tensor:
    """One vector for each picture (pictures, width): see the module."""
    last: torch.Tensor = seen.last_hidden_state
    if str(model.config.model_type).endswith(TOWER):
        pooled: torch.Tensor = seen.pooler_output
        return pooled
    return last.mean(dim=1) if last.ndim == 3 else last.mean(dim=(2, 3))
