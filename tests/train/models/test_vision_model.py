"""Vision models of several makes turn pictures into vectors; anything else is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
import transformers
from PIL import Image
from support.vision_models import MODELS, write_vision_model

from datagen.schemas import InputError
from datagen.train.models.vision_model import open_vision_model


def pictures(count: int) -> list[Image.Image]:
    draw = np.random.default_rng(5)
    return [
        Image.fromarray(draw.integers(0, 255, (40 + at, 60, 3), dtype=np.uint8), "RGB") for at in range(count)
    ]


@pytest.mark.parametrize("make", MODELS)
def test_pictures_become_vectors_that_depend_on_them(make: str, tmp_path: Path) -> None:
    model = open_vision_model(str(write_vision_model(tmp_path / make, make)))
    seen = model.features(pictures(3))
    assert seen.shape == (3, 16)
    assert seen.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(seen, axis=1), 1, rtol=1e-5)
    assert np.abs(seen[0] - seen[1]).max() > 1e-4
    np.testing.assert_allclose(model.features(pictures(1)), seen[:1], atol=1e-5)
    assert model.name == str(tmp_path / make)


def test_the_tower_of_a_model_of_pictures_and_texts_is_taken_before_its_projection(tmp_path: Path) -> None:
    folder = write_vision_model(tmp_path / "clip", "clip")
    picture = pictures(1)
    whole = transformers.CLIPModel.from_pretrained(folder).eval()
    pixels = transformers.CLIPImageProcessorPil.from_pretrained(folder)(images=picture, return_tensors="pt")
    with torch.no_grad():
        pooled = whole.vision_model(pixel_values=pixels["pixel_values"]).pooler_output
    expected = torch.nn.functional.normalize(pooled, dim=1).numpy()
    np.testing.assert_allclose(open_vision_model(str(folder)).features(picture), expected, atol=1e-6)


def test_what_is_no_vision_model_is_one_sentence(tmp_path: Path) -> None:
    text = tmp_path / "text"
    words = transformers.BertConfig(
        vocab_size=20, hidden_size=8, num_hidden_layers=1, num_attention_heads=1, intermediate_size=8
    )
    transformers.BertModel(words).save_pretrained(text)
    with pytest.raises(InputError, match="cannot be loaded as a model"):
        open_vision_model(str(text))
    transformers.ViTImageProcessorPil().save_pretrained(text)
    with pytest.raises(InputError, match=r"is no model that turns pictures into vectors \(bert: "):
        open_vision_model(str(text))
    pickled = tmp_path / "pickled"
    pickled.mkdir()
    (pickled / "config.json").write_text('{"model_type": "vit"}')
    (pickled / "pytorch_model.bin").write_bytes(b"\x80\x04")
    with pytest.raises(InputError, match="safetensors"):
        open_vision_model(str(pickled))
    with pytest.raises(InputError, match="There is no folder"):
        open_vision_model(str(tmp_path / "absent"))
