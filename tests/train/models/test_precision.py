"""The number types of a run, for every kind of GPU, without one; and training that computes as generation."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from support.phi3_batches import MIXED, answer_labels, collate

from datagen.schemas import InputError
from datagen.train.config import load_config, optimiser_of
from datagen.train.models.base import attach_lora, load_base
from datagen.train.models.collator import without_padding_mask
from datagen.train.models.precision import (
    GENERATIONS,
    adapter_type,
    autocast_type,
    compute_type,
    generation_of,
    keep_out_of_autocast,
    picture_type,
    precision_note,
    weight_type,
)
from datagen.train.phi3_vision.tiny import tiny_config, tiny_model

HALF, BRAIN, FULL = torch.float16, torch.bfloat16, torch.float32
AMPERE, TURING, VOLTA, PASCAL, MAXWELL = (8, 0), (7, 5), (7, 0), (6, 1), (5, 2)


def asked(**flags: Any) -> Any:
    given = {name.replace("__", "."): value for name, value in flags.items()}
    return load_config(None, {"data.real": "shop", **given})


@pytest.mark.parametrize(
    ("capability", "method", "compute", "weights", "autocast"),
    [
        (None, "lora", FULL, FULL, None),
        (None, "qlora", BRAIN, BRAIN, None),
        (None, "full", FULL, FULL, None),
        ((9, 0), "qlora", BRAIN, BRAIN, BRAIN),
        (AMPERE, "lora", BRAIN, BRAIN, BRAIN),
        (AMPERE, "full", BRAIN, FULL, BRAIN),
        (TURING, "qlora", HALF, HALF, HALF),
        (TURING, "full", HALF, FULL, HALF),
        (VOLTA, "lora", HALF, HALF, HALF),
        (PASCAL, "qlora", HALF, HALF, HALF),
    ],
)
def test_types_by_gpu_and_method(
    capability: Any, method: str, compute: torch.dtype, weights: torch.dtype, autocast: torch.dtype | None
) -> None:
    config = asked(model__method=method)
    assert compute_type(config, capability) == compute
    assert weight_type(config, capability) == weights
    assert autocast_type(config, capability) == autocast
    assert adapter_type(config, capability) == FULL
    assert picture_type(config, capability) == (autocast or weights)
    assert bool(precision_note(config, capability)) == (compute == HALF)


@given(st.tuples(st.integers(1, 12), st.integers(0, 9)))
def test_newer_gpus_are_never_served_worse(capability: tuple[int, int]) -> None:
    if capability < (6, 0):
        with pytest.raises(InputError, match=r"compute capability \d+\.\d, and training needs 6\.0"):
            generation_of(capability)
    else:
        assert generation_of(capability).compute == (BRAIN if capability >= (8, 0) else HALF)
        assert generation_of(capability) in GENERATIONS


def test_bf16_that_a_gpu_would_only_emulate_is_refused() -> None:
    with pytest.raises(InputError, match=r"this one has 7\.5 \(Turing\); leave it out, and float16 is used"):
        compute_type(asked(training__bf16=True), TURING)
    with pytest.raises(InputError, match="needs a GPU, but this machine has none"):
        compute_type(asked(training__bf16=True), None)
    assert compute_type(asked(training__bf16=True), AMPERE) == BRAIN
    assert compute_type(asked(training__bf16=False, model__method="lora"), AMPERE) == FULL
    with pytest.raises(InputError, match="training needs 6.0"):
        compute_type(asked(), MAXWELL)


def test_bf16_adapters_need_a_base_of_the_same_type_and_no_autocast() -> None:
    brain = asked(training__adapter_dtype="bfloat16")
    assert adapter_type(brain, AMPERE) == BRAIN
    assert autocast_type(brain, AMPERE) is None
    assert picture_type(brain, AMPERE) == BRAIN
    for capability in (TURING, VOLTA):
        with pytest.raises(InputError, match="adapter_dtype bfloat16 needs a base in bfloat16"):
            adapter_type(brain, capability)


def test_adapters_have_fused_adamw_and_all_weights_8_bit_moments() -> None:
    assert optimiser_of(asked()) == "adamw"
    assert optimiser_of(asked(model__method="full")) == "paged_adamw_8bit"
    assert optimiser_of(asked(training__optimiser="paged_adamw_8bit")) == "paged_adamw_8bit"


@contextmanager
def autocast() -> Iterator[None]:
    with torch.autocast("cpu", BRAIN):
        yield


@pytest.fixture(scope="module")
def brain_model() -> Any:
    """A tiny frozen model in bfloat16, as under adapters on a GPU."""
    return tiny_model(tiny_config(512)).to(BRAIN).requires_grad_(False)


def test_a_frozen_tower_gives_the_features_of_generation_under_autocast(brain_model: Any) -> None:
    """Layer norms stay in float32 under CUDA's autocast, whose part a module in float32 plays here."""
    batch = collate(brain_model.config, MIXED)
    tower = brain_model.model.vision_embed_tokens
    with torch.no_grad():
        alone, _ = tower(batch["pixel_values"].to(BRAIN), batch["image_sizes"])
    keep_out_of_autocast(brain_model, ("model.vision_embed_tokens",))
    with torch.no_grad(), autocast():
        assert not _autocast_inside(tower, batch)
        trained, _ = tower(batch["pixel_values"], batch["image_sizes"])
        assert torch.is_autocast_enabled("cpu")
    assert torch.equal(trained, alone)


def _autocast_inside(tower: Any, batch: Any) -> bool:
    seen = []
    hook = tower.img_projection.register_forward_pre_hook(
        lambda *_: seen.append(torch.is_autocast_enabled("cpu"))
    )
    tower(batch["pixel_values"], batch["image_sizes"])
    hook.remove()
    return any(seen)


def test_a_trained_tower_stays_under_autocast() -> None:
    model = tiny_model(tiny_config(512))
    keep_out_of_autocast(model, ("model.vision_embed_tokens",))
    with autocast():
        assert _autocast_inside(model.model.vision_embed_tokens, collate(model.config, MIXED))


@pytest.mark.parametrize("kind", ["bfloat16", "float32"])
def test_pictures_cross_processes_in_a_type_that_gives_the_same_loss(kind: str) -> None:
    """Bit for bit: what a worker rounds, the tower would round as its first step."""
    own = getattr(torch, kind)
    model = tiny_model(tiny_config(512)).to(own)
    batch = collate(model.config, MIXED, padding="right")
    batch["labels"] = answer_labels(batch, 2)
    sent = {**batch, "pixel_values": batch["pixel_values"].to(own)}
    with torch.no_grad():
        assert torch.equal(model(**sent).loss, model(**batch).loss)


def test_a_model_without_padding_mask_has_the_same_loss() -> None:
    model = tiny_model(tiny_config(512))
    batch = collate(model.config, MIXED, padding="right")
    batch["labels"] = batch["input_ids"].where(batch["attention_mask"].bool(), torch.tensor(-100))
    short = model.config.original_max_position_embeddings
    bare = without_padding_mask(batch, short)
    assert "attention_mask" not in bare
    assert not batch["attention_mask"].all()
    seen: list[Any] = []
    layer = model.model.layers[0].self_attn
    hook = layer.register_forward_pre_hook(
        lambda _, args, options: seen.append(options.get("attention_mask")), with_kwargs=True
    )
    with torch.no_grad():
        assert torch.equal(model(**bare).loss, model(**batch).loss)
    hook.remove()
    assert seen[0] is None  # so that torch may choose its causal kernel
    assert seen[1] is not None


def test_bf16_adapters_are_attached_to_a_bf16_base(tmp_path: Path) -> None:
    from support.tiny_architectures import save_phi

    folder = save_phi(tmp_path / "phi")
    config = asked(model__base=str(folder), model__method="qlora", training__adapter_dtype="bfloat16")
    base = attach_lora(load_base(config), config)
    trained = {weight.dtype for weight in base.model.parameters() if weight.requires_grad}
    assert trained == {BRAIN}
    plain = asked(model__base=str(folder), model__method="qlora")
    assert {w.dtype for w in attach_lora(load_base(plain), plain).model.parameters() if w.requires_grad} == {
        FULL
    }
