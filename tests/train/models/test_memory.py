"""The estimate of GPU memory against what was measured, and the comments of recipes against the estimate."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from benchmarks.memory import MEASURED, estimated, full_size
from datagen.schemas import InputError
from datagen.train.config import RECIPES, load_config
from datagen.train.models import memory
from datagen.train.models.architectures import ARCHITECTURES
from datagen.train.models.memory import answer_bytes, estimate, fits, refuse_too_large
from datagen.train.models.trained_parts import adapter_weights
from datagen.train.phi3_vision.image_processing import Phi3VImageProcessor

PHI = ARCHITECTURES["phi3_v"]
ANSWERED = [(8, False, 12.87), (32, False, 25.85), (1, False, 9.053)]
ANSWERED += [(8, True, 12.24), (32, True, 23.03), (1, True, 8.789)]
"""Batch, merged, GB reserved: 40 new tokens after prompts of 770, LoRA, in the same hour."""
TEXT = 100
"""Tokens of question and answer in the comments of recipes."""


@pytest.fixture(scope="module")
def phi() -> Any:
    return full_size()


def asked(**flags: Any) -> Any:
    given = {name.replace("__", "."): value for name, value in flags.items()}
    return load_config(None, {"data.real": "shop", **given})


@pytest.mark.parametrize("point", MEASURED, ids=lambda point: "-".join(map(str, point[:6])))
def test_the_estimate_is_within_a_tenth_of_what_was_measured(phi: Any, point: Any) -> None:
    needed = estimated(phi, point)
    assert needed.reserved / 1e9 == pytest.approx(point.reserved, rel=0.1)
    assert needed.total == needed.reserved + memory.CUDA_BYTES


@pytest.mark.parametrize(("batch", "merged", "measured"), ANSWERED)
def test_answers_take_what_was_measured(phi: Any, batch: int, merged: bool, measured: float) -> None:
    config = asked(model__method="lora")
    weights = estimate(phi, PHI, config, 770, 700, checkpointing=True).weights
    adapters = 0 if merged else 4 * adapter_weights(phi, PHI, config)
    needed = weights + adapters + batch * answer_bytes(phi.config, 770, 40, adapters=not merged)
    assert needed / 1e9 == pytest.approx(measured, rel=0.05)


def test_full_training_counts_copies_of_all_weights(phi: Any) -> None:
    needed = estimate(phi, PHI, asked(model__method="full"), 2753, 2653, checkpointing=True)
    assert needed.weights == 4 * sum(weight.numel() for weight in phi.parameters())
    trained = sum(weight.numel() for weight in phi.parameters() if weight.requires_grad)
    assert needed.trained == (4 + 2 + 2) * trained  # gradients, 8-bit moments, bfloat16 copies
    assert "estimated" in str(needed)


def test_the_terms_follow_the_shapes(phi: Any) -> None:
    config = asked(model__method="qlora")
    one = estimate(phi, PHI, config, 1000, 900, checkpointing=True)
    assert 2.8e9 < one.weights < 3.0e9  # 4.127 bits for the decoder's linear layers, 16 for the rest
    more = estimate(phi, PHI, asked(training__batch_size=8), 1000, 900, checkpointing=True)
    assert more.activations == pytest.approx(8 * one.activations)
    assert more.weights + more.trained == one.weights + one.trained
    stored = estimate(phi, PHI, config, 1000, 900, checkpointing=False)
    assert stored.activations > 10 * one.activations
    bare = estimate(phi, PHI, asked(model__double_quantisation=False), 1000, 900, checkpointing=True)
    assert bare.weights > one.weights


@pytest.mark.parametrize("recipe", sorted(RECIPES.glob("gpu-*gb.yaml")), ids=lambda path: path.stem)
def test_recipes_fit_their_card_and_say_what_they_take(phi: Any, recipe: Path) -> None:
    config = load_config(recipe, {"data.real": "shop"})
    pictures = Phi3VImageProcessor().most_image_tokens(config.model.most_crops)
    needed = estimate(phi, PHI, config, pictures + TEXT, pictures, checkpointing=True)
    text = recipe.read_text()
    said = re.search(r"Memory: about ([0-9.]+) GB for the largest picture", text)
    assert said is not None
    assert float(said[1]) == pytest.approx(needed.total / 1e9, abs=0.05)
    assert f"{pictures:,} tokens per picture" in text
    size = int(recipe.stem.removeprefix("gpu-").removesuffix("gb"))
    assert needed.total < size * 1e9
    assert config.model.num_crops == "auto"
    assert (config.training.gradient_checkpointing, config.training.evaluate_every) == (None, None)
    for tokens, measured in re.findall(r"crops, ([0-9,]+) tokens: ([0-9.]+) GB", text):
        of = (config.model.method, config.training.batch_size, int(tokens.replace(",", "")))
        assert config.model.lora.rank == 32
        assert float(measured) in [
            round(gigabytes, 1) for *point, _, _, _, gigabytes in MEASURED if tuple(point) == of
        ]


def test_what_the_80_gb_recipe_says_about_other_ways(phi: Any) -> None:
    recipe = RECIPES / "gpu-80gb.yaml"
    text, config = recipe.read_text(), load_config(recipe, {"data.real": "shop"})
    stored = estimate(phi, PHI, config, 808, 757, checkpointing=False)
    assert f"take about {stored.total / 1e9:.0f} GB" in text
    flags = {"model.method": "full", "training.batch_size": 4}
    full = estimate(
        phi, PHI, load_config(recipe, {"data.real": "x", **flags}), 2753, 2653, checkpointing=True
    )
    assert f"take about {full.total / 1e9:.0f} GB, estimated, never run" in text


def test_a_run_that_is_too_large_is_refused_with_what_to_change(
    phi: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = asked(training__batch_size=8, training__gradient_checkpointing=True)
    needed = estimate(phi, PHI, config, 2753, 2653, checkpointing=True)
    refuse_too_large(needed, config) if not torch.cuda.is_available() else None
    monkeypatch.setattr(memory, "gpu_memory", lambda: 8_000_000_000)
    with pytest.raises(InputError, match=r"the GPU has 8\.0 GB; use --batch-size 4 --accumulation 32"):
        refuse_too_large(needed, config)
    refuse_too_large(needed, asked(training__memory_check=False))
    assert not fits(needed, needed.total)
    assert fits(replace(needed, activations=0.0), needed.total)
