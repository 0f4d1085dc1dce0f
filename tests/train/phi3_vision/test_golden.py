"""The port is the official code, whose logits were recorded on weights that a formula gives (shared/)."""

import hashlib
import io
import json
import os
from functools import cache
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from support.phi3_batches import NO_SHARED, SHARED
from torch import nn

from datagen.train.phi3_vision import Phi3VConfig, Phi3VForConditionalGeneration, Phi3VProcessor

pytestmark = pytest.mark.skipif(not SHARED.exists(), reason=NO_SHARED)

SEARCH = pytest.mark.skipif(
    not os.environ.get("DATAGEN_SEARCH"),
    reason="40 s of the vision tower each, which is the same in both versions; the texts have both decoders, "
    "and test_image_processing.py compares the pixels of all four (DATAGEN_SEARCH=1 runs them)",
)
AGREEMENT = 2e-5  # on logits whose standard deviation is 1; a mirrored picture moves them by 0.15
SMALL = {
    "hidden_size": 192,
    "intermediate_size": 256,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "num_key_value_heads": 2,
}
"""The decoder of the golden outputs; the vision tower is the full one."""


def weight(key: str, shape: tuple[int, ...]) -> torch.Tensor:
    """The formula of shared/phi3_vision/README.md, by the official name of a weight."""
    seed = int.from_bytes(hashlib.blake2b(key.encode(), digest_size=8).digest(), "little")
    x = np.random.Generator(np.random.Philox(key=seed)).standard_normal(size=shape, dtype=np.float32)
    if key.endswith("_GN"):
        x = 0.5 * x
    elif len(shape) == 1:
        x = 1 + 0.1 * x if key.endswith("weight") else 0.1 * x
    elif any(part in key for part in ("embed_tokens.weight", "class_embedding", "position_embedding")):
        x = 0.5 * x
    else:
        x = x / np.float32(np.sqrt(np.prod(shape[1:])))
    return torch.from_numpy(np.asarray(x, dtype=np.float32))


@cache
def official_weights() -> dict[str, torch.Tensor]:
    with torch.device("meta"):
        model = Phi3VForConditionalGeneration(Phi3VConfig.from_pretrained(SHARED / "phi3", **SMALL))
    return {name: weight(name, tuple(tensor.shape)) for name, tensor in model.state_dict().items()}


@cache
def golden_model(version: str) -> Phi3VForConditionalGeneration:
    model, report = Phi3VForConditionalGeneration.from_pretrained(
        None,
        config=Phi3VConfig.from_pretrained(SHARED / version, **SMALL),
        state_dict=official_weights(),
        dtype=torch.float32,
        output_loading_info=True,
    )
    assert not report["missing_keys"]
    assert not report["unexpected_keys"]
    assert isinstance(model, Phi3VForConditionalGeneration)
    return model


@cache
def golden(version: str) -> dict[str, np.ndarray[Any, Any]]:
    with np.load(SHARED / version / "golden.npz", allow_pickle=False) as arrays:
        return dict(arrays)


@cache
def embeddings(version: str, case: str) -> torch.Tensor:
    """Prompt and picture through processor and vision tower, which is nearly all of the work of a case.

    The tower takes the faster attention; test_modeling.py compares the two.
    """
    recorded = golden(version)
    picture = Image.open(io.BytesIO(recorded[f"{case}.image_png"].tobytes()))
    inputs = Phi3VProcessor.from_pretrained(SHARED / version)(
        text=str(recorded[f"{case}.prompt"]), images=picture, num_crops=4, return_tensors="pt"
    )
    assert inputs["input_ids"].tolist() == recorded[f"{case}.input_ids"].tolist()
    model = golden_model(version)
    model.set_attn_implementation("sdpa")
    with torch.no_grad():
        return model.model.embed(inputs["input_ids"], inputs["pixel_values"], inputs["image_sizes"])


@pytest.mark.slow
@pytest.mark.parametrize("attention", ["eager", "sdpa"])
@pytest.mark.parametrize(
    ("version", "case"),
    [
        ("phi3", "wide"),
        pytest.param("phi35", "tall", marks=SEARCH),
        pytest.param("phi3", "tall", marks=SEARCH),
        pytest.param("phi3", "square", marks=SEARCH),
    ],
)
def test_pictures(version: str, case: str, attention: str) -> None:
    prompt = embeddings(version, case)
    model, recorded = golden_model(version), golden(version)
    model.set_attn_implementation(attention)
    with torch.no_grad():
        logits = model(inputs_embeds=prompt).logits[0]
    last = torch.from_numpy(recorded[f"{case}.logits_last4"])
    assert (logits[-4:] - last).abs().max() <= AGREEMENT
    assert logits.argmax(dim=-1).tolist() == recorded[f"{case}.logits_argmax"].tolist()


@pytest.mark.slow
@pytest.mark.parametrize("attention", ["eager", "sdpa"])
@pytest.mark.parametrize(("version", "case"), [("phi3", "text64"), ("phi3", "text4097"), ("phi35", "text64")])
def test_texts_short_and_long(version: str, case: str, attention: str) -> None:
    model, recorded = golden_model(version), golden(version)
    model.set_attn_implementation(attention)
    ids = torch.from_numpy(recorded[f"{case}.input_ids"]).long()
    with torch.no_grad():
        logits = model(input_ids=ids, logits_to_keep=1).logits[0]
    assert (logits - torch.from_numpy(recorded[f"{case}.logits_last1"])).abs().max() <= AGREEMENT


def test_the_names_of_the_full_model_are_those_of_the_official_index() -> None:
    text = (SHARED / "phi3" / "model.safetensors.index.json").read_text(encoding="utf-8")
    index = json.loads(text)
    with torch.device("meta"):
        model = Phi3VForConditionalGeneration(Phi3VConfig.from_pretrained(SHARED / "phi3"))
    assert len(model.state_dict()) == 592
    assert model.state_dict().keys() == index["weight_map"].keys()
    assert sum(parameter.numel() for parameter in model.parameters()) * 2 == index["metadata"]["total_size"]
    linears = [name for name, module in model.model.layers.named_modules() if isinstance(module, nn.Linear)]
    assert len(linears) == 4 * 32
