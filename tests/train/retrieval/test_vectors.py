"""Vectors of every family's tower and hand-made ones, and when two towers count as equal."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from support.tiny_base import encoded
from support.tiny_families import FAMILIES, save_family

from datagen.schemas import InputError
from datagen.train.config import load_config
from datagen.train.data.picture_features import F32
from datagen.train.data.pictures import open_picture
from datagen.train.models.architectures import ARCHITECTURES
from datagen.train.models.base import load_base
from datagen.train.models.encoding import Encoder
from datagen.train.retrieval.vectors import TowerVectors, hand_made, tower_digest

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
PICTURES = [encoded(60, 60, 0), encoded(100, 56, 1), encoded(56, 130, 2)]


def of_family(kind: str, folder: Path, **flags: Any) -> TowerVectors:
    base = save_family(kind, folder / kind)
    config = load_config(
        None, {"data.real": "shop", "model.base": str(base), "model.method": "lora", **flags}
    )
    return TowerVectors(load_base(config), config)


@pytest.mark.parametrize("kind", FAMILIES)
def test_every_family_has_vectors_of_its_tower(kind: str, tmp_path: Path) -> None:
    vectors = of_family(kind, tmp_path)
    found = np.stack([vectors(picture) for picture in PICTURES])
    assert found.dtype == np.float32
    assert found.shape == (3, 64 if ARCHITECTURES[kind].global_view is not None else 32)
    assert np.allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)
    assert np.linalg.norm(found[0] - found[1]) > 1e-3
    assert np.array_equal(vectors(PICTURES[2]), found[2])
    with pytest.raises(InputError, match=r"^cannot be read"):
        vectors(b"no picture")


def test_a_vector_is_the_mean_of_the_global_view_beside_that_of_the_tiles(tmp_path: Path) -> None:
    vectors = of_family("phi3_v", tmp_path, **{"model.num_crops": 4})
    base = vectors._base
    embedding = base.model.model.vision_embed_tokens
    encode = Encoder(base.processor, vectors._encode.template, answers=False, options={"num_crops": 4})
    sample = encode({encode.template.image: PICTURES[2]})
    height, width = (int(number) for number in sample["image_sizes"][0])
    tiles = height * width // embedding.config.tile_size**2
    assert tiles > 1
    with torch.no_grad():
        features = (
            embedding.features(sample["pixel_values"][0][: 1 + tiles].to(base.model.dtype)).float().numpy()
        )
    halves: list[F32] = [features[0].mean(axis=0), features[1:].mean(axis=(0, 1))]
    expected = np.concatenate([half / np.linalg.norm(half) for half in halves]) / np.sqrt(2)
    assert np.allclose(vectors(PICTURES[2]), expected, atol=2e-3)


def test_hand_made_vectors_are_near_for_like_pictures() -> None:
    found = [hand_made(picture) for picture in (PICTURES[0], PICTURES[0], encoded(60, 60, 0, "JPEG"))]
    assert found[0].shape == (256,)
    assert np.array_equal(found[0], found[1])
    assert np.linalg.norm(found[0]) == pytest.approx(1)
    assert np.linalg.norm(found[0] - found[2]) < np.linalg.norm(found[0] - hand_made(_flat()))


def _flat() -> bytes:
    import io

    from PIL import Image

    file = io.BytesIO()
    Image.new("RGB", (60, 60), "red").save(file, "PNG")
    assert open_picture(file.getvalue()).size == (60, 60)
    return file.getvalue()


def test_towers_are_equal_if_their_weights_are(tmp_path: Path) -> None:
    first = save_family("phi3_v", tmp_path / "first")
    config = load_config(None, {"data.real": "shop", "model.base": str(first)})
    shutil.copytree(first, tmp_path / "copy")
    same = load_config(None, {"data.real": "shop", "model.base": str(tmp_path / "copy")})
    assert tower_digest(config, None, "base", None) == tower_digest(same, None, "base", None)
    (weights,) = (tmp_path / "copy").glob("*.safetensors")
    weights.write_bytes(weights.read_bytes()[:-1] + b"\1")
    assert tower_digest(config, None, "base", None) != tower_digest(same, None, "base", None)
    hub = load_config(None, {"data.real": "shop"})
    assert tower_digest(hub, None, "best", "c0ffee").endswith("@c0ffee")
    # A run that trains its tower has one of its own; one that does not shares its base's.
    run = tmp_path / "run"
    shutil.copytree(first, run / "best")
    trained = load_config(None, {"data.real": "shop", "model.base": str(first), "model.method": "full"})
    assert tower_digest(trained, run, "best", None) == tower_digest(config, None, "base", None)
    (run / "best" / weights.name).write_bytes(b"other")
    assert tower_digest(trained, run, "best", None) != tower_digest(config, None, "base", None)
    assert tower_digest(config, run, "best", None) == tower_digest(config, None, "base", None)
