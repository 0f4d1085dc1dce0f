"""A picture as a vector: what a model's own vision tower sees, or hand-made features for the tiny model.

Of the tower, the mean over the patches of the global view stands beside the mean over those of all tiles,
each half of the same length, so that the whole and its details count alike. Of models that see a picture in
one view (``Architecture.global_view`` is None), the mean over that stands alone. Vectors have length 1.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch

from datagen.schemas import InputError
from datagen.schemas.files import sha256
from datagen.train.chat.conversation import Template
from datagen.train.config import RunConfig
from datagen.train.data.picture_features import COLOURS, EDGES, F32, picture_features
from datagen.train.models.base import Base, load_processor, model_folder
from datagen.train.models.collator import Collator
from datagen.train.models.encoding import Encoder

Kind = Literal["tower", "hand-made"]
TINY = "tiny"
"""The base of smoke runs (train/recipes/smoke.yaml), which has no weights before a run makes them."""
PictureVector = Callable[[Any], F32]
"""Picture as a dataset stores it -> float32 (n,). Raises InputError, a predicate to follow its name."""


def kind_of(config: RunConfig) -> Kind:
    """What vectors are made of with the base model of a configuration."""
    return "hand-made" if config.smoke or config.model.base == TINY else "tower"


def tower_digest(config: RunConfig, run: Path | None, which: str, commit: str | None) -> str:
    """A text that is equal for equal vision towers.

    It is the commit of a base on the Hub, or a digest of the weights: those of a folder, or those that a run
    has trained if it trains the tower. Raises InputError.
    """
    if kind_of(config) == "hand-made":
        return "hand-made"
    if run is not None and which != "base" and "tower" in config.model.train:
        return _weights(model_folder(run, which, config))
    base = Path(config.model.base)
    return _weights(base) if base.is_dir() else f"{config.model.base}@{commit or config.model.revision}"


def _weights(folder: Path) -> str:
    files = sorted(folder.glob("*.safetensors"))
    if not files:
        raise InputError(f"{folder} has no weights (*.safetensors); give another base.")
    lines = [f"{sha256(path)} {path.name}\n" for path in files]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def hand_made(picture: Any) -> F32:
    """Colours, cells and edges: float32 (256,), each third of the same length.

    Histograms are compared by their square roots (the Hellinger distance), since a few shades would outweigh
    everything else otherwise.
    """
    features = picture_features(picture).astype(np.float64)
    thirds = [
        np.sqrt(features[:COLOURS]),
        features[COLOURS:-EDGES],
        np.sqrt(features[-EDGES:]),
    ]
    return _joined(thirds)


class TowerVectors:
    """Vectors of pictures by the vision tower of ``base``: a call returns float32 (n,).

    ``config``: of the size at which pictures are seen; it may differ from that at which they are answered.
    """

    def __init__(self, base: Base, config: RunConfig, run: Path | None = None) -> None:
        processor = load_processor(config, run)
        images = processor.image_processor
        fixed = base.architecture.picture_size == "num_crops" and not images.auto_crops
        self._base = base
        self._encode = Encoder(
            processor,
            Template(),
            base.chat,
            answers=False,
            options={"num_crops": int(images.num_crops)} if fixed else {},
        )
        self._collate = Collator(processor.tokenizer.pad_token_id)

    def __call__(self, picture: Any) -> F32:
        """The vector of a picture. Raises InputError, a predicate to follow its name."""
        try:
            sample = self._encode({self._encode.template.image: picture})
        except InputError as error:
            raise InputError(str(error).removeprefix("its picture ")) from None
        weights = self._base.model.get_input_embeddings().weight
        inputs = {
            name: value.to(weights.device, weights.dtype if value.is_floating_point() else value.dtype)
            for name, value in self._collate([sample]).items()
        }
        with torch.inference_mode():
            views = _views(self._base, inputs).float().cpu().numpy().astype(np.float64)
        place = self._base.architecture.global_view
        if place is None:
            return _joined([views.mean(axis=0)])
        whole, tiles = (views[0], views[1:]) if place == "first" else (views[-1], views[:-1])
        return _joined([whole, tiles.mean(axis=0) if len(tiles) else whole])


def _views(base: Base, inputs: dict[str, Any]) -> torch.Tensor:
    """The mean features (views, width) of each view of the one picture in a batch."""
    model = getattr(base.model, "get_base_model", lambda: base.model)()
    embedding = getattr(model.model, "vision_embed_tokens", None)
    if embedding is not None:
        (height, width), side = inputs["image_sizes"][0].tolist(), embedding.config.tile_size
        tiles = inputs["pixel_values"][0][: 1 + height // side * (width // side)]
        views: torch.Tensor = embedding.features(tiles)
        return views.mean(dim=1)
    # Every family calls its tower with arguments of its own; so its forward pass is run up to there.
    hook = model.get_submodule(base.architecture.tower).register_forward_hook(_stop)
    try:
        model(**inputs)
    except _Seen as seen:
        features = seen.features
    else:
        raise InputError(f"The vision tower of {base.name} was not asked; its vectors are not supported.")
    finally:
        hook.remove()
    return features.mean(dim=1) if features.ndim == 3 else features.mean(dim=0, keepdim=True)


class _Seen(Exception):
    """No error: it carries what was looked for out of a forward pass."""

    def __init__(self, features: torch.Tensor) -> None:
        super().__init__()
        self.features = features


def _stop(module: Any, inputs: Any, output: Any) -> None:
    features = getattr(output, "last_hidden_state", None)
    raise _Seen(features if features is not None else output[0] if isinstance(output, tuple) else output)


def _joined(parts: list[Any]) -> F32:
    """Vectors of the same length one after the other, together of length 1; a part of zeros stays so."""
    scaled = [part / max(float(np.linalg.norm(part)), 1e-12) for part in parts]
    whole = np.concatenate(scaled) / len(scaled) ** 0.5
    return np.ascontiguousarray(whole, dtype=np.float32)
