"""Every family of models, with its real processor: what is quantised and trained, that the picture matters,
that it learns its rows, answers a batch as it answers one, and comes back from a file as it was.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import torch
from bitsandbytes.nn import Linear4bit
from PIL import Image, ImageDraw
from support.tiny_families import FAMILIES, save_family

from datagen.schemas import InputError
from datagen.train.config import CONFIG, load_config
from datagen.train.evaluation.generate import answers
from datagen.train.models.adapter import merge
from datagen.train.models.architectures import ARCHITECTURES, PICTURE_SETTING
from datagen.train.models.base import Base, attach_lora, base_config, load_base, load_run, skeleton
from datagen.train.models.collator import Collator
from datagen.train.models.memory import decoder_layers
from datagen.train.models.trained_parts import adapter_layers, save_adapter, trained_weights
from datagen.train.run.samples import encoder_for
from datagen.train.run.trainer import from_first_label

pytestmark = [
    pytest.mark.filterwarnings("ignore:.*is_gradient_checkpointing.*:FutureWarning"),
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),  # PaliGemma's processor
]

TEMPLATE = {"question": "What is it?", "answer": "Name: {name}", "image": "image"}
NAMES = ("Red Coat", "Blue Hat with a brim", "Green Scarf", "Black Boots for rain")
COLOURS = ("red", "blue", "green", "black")
SIZES = ((60, 60), (100, 56), (56, 100), (80, 90))


def drawn(at: int) -> bytes:
    picture = Image.new("RGB", SIZES[at], "white")
    ImageDraw.Draw(picture).rectangle((10, 10, 44, 44), fill=COLOURS[at])
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


ROWS = [{"name": NAMES[at], "image": {"bytes": drawn(at), "path": None}} for at in range(4)]
PICTURES = [row["image"] for row in ROWS]


class Family(NamedTuple):
    kind: str
    folder: Path

    def config(self, **flags: Any) -> Any:
        given = {name.replace("__", "."): value for name, value in flags.items()}
        base = {"data.real": "shop", "data.template": TEMPLATE, "model.base": str(self.folder)}
        return load_config(None, {**base, "model.lora.rank": 4, **given})

    def linears(self) -> set[str]:
        decoder = ARCHITECTURES[self.kind].decoder
        return {f"{decoder}.{layer}.{name}" for layer in range(2) for name in FAMILIES[self.kind].linears}


@pytest.fixture(scope="module", params=FAMILIES)
def family(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Family:
    folder = tmp_path_factory.mktemp("families") / request.param
    return Family(
        request.param, save_family(request.param, folder, [TEMPLATE["question"], *NAMES, "Name:"] * 4)
    )


def batch(base: Base, config: Any, rows: list[Any] = ROWS) -> dict[str, torch.Tensor]:
    encode = encoder_for(config, base.processor, base.architecture)
    samples = [encode(row) for row in rows]
    kind = base.model.get_input_embeddings().weight.dtype
    pad = base.processor.tokenizer.pad_token_id
    made = Collator(pad, answer_type=base.architecture.answer_type)(samples)
    return {name: one.to(kind) if one.is_floating_point() else one for name, one in made.items()}


def logits(base: Base, config: Any, rows: list[Any] = ROWS) -> torch.Tensor:
    shown = {name: one for name, one in batch(base, config, rows).items() if name != "labels"}
    with torch.no_grad():
        found: torch.Tensor = base.model.eval()(**shown).logits
    return found


@pytest.fixture(scope="module")
def learned(family: Family) -> tuple[Base, Any]:
    """The model with all its weights trained on four rows."""
    config = family.config(model__method="full", training__gradient_checkpointing=False)
    base = attach_lora(load_base(config), config)
    shown = batch(base, config)
    shown = shown if base.architecture.computes_label_loss else from_first_label(shown)
    optimiser = torch.optim.AdamW(base.model.parameters(), lr=3e-3, fused=True)
    for _ in range(150):
        optimiser.zero_grad()
        loss = base.model(**shown, use_cache=False).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(base.model.parameters(), 1.0)
        optimiser.step()
        if loss.item() < 0.03:
            break
    base.model.eval()
    return base, config


def test_it_learns_its_rows_from_the_pictures_alone(learned: tuple[Base, Any]) -> None:
    """The question is the same everywhere, so only the picture can tell one answer from another."""
    base, config = learned
    found = answers(base, PICTURES, config.data.template, batch_size=4, max_new_tokens=24)
    assert found == [f"Name: {name}" for name in NAMES]


def test_a_batch_is_answered_like_each_of_its_pictures(learned: tuple[Base, Any]) -> None:
    base, config = learned
    swapped = PICTURES[::-1]
    alone = answers(base, swapped, config.data.template, batch_size=1, max_new_tokens=24)
    assert alone == [f"Name: {name}" for name in NAMES[::-1]]


def test_padding_changes_no_loss_and_no_answer_sees_what_follows(family: Family) -> None:
    config = family.config(model__method="lora")
    base = load_base(config)
    base.model.eval()
    with torch.no_grad():
        parts = [batch(base, config, [row]) for row in ROWS]
        labels = [int((part["labels"] != -100).sum()) for part in parts]
        alone = sum(float(base.model(**part).loss) * count for part, count in zip(parts, labels, strict=True))
        together = batch(base, config)
        assert together["input_ids"].shape[1] > min(part["input_ids"].shape[1] for part in parts)
        assert float(base.model(**together).loss) * sum(labels) == pytest.approx(alone, rel=1e-4)
        cut = together if base.architecture.computes_label_loss else from_first_label(together)
        assert float(base.model(**cut).loss) * sum(labels) == pytest.approx(alone, rel=1e-4)
        shown = {name: one for name, one in parts[0].items() if name != "labels"}
        ids = shown["input_ids"]
        other = {**shown, "input_ids": torch.cat([ids[:, :-2], ids[:, -2:] - 1], dim=1)}
        before = slice(0, ids.shape[1] - 2)
        assert torch.allclose(
            base.model(**other).logits[:, before], base.model(**shown).logits[:, before], atol=1e-5
        )


def test_a_prompt_has_one_start_token_and_one_picture(family: Family) -> None:
    config = family.config(model__method="lora")
    base = load_base(config)
    encode = encoder_for(config, base.processor, base.architecture)
    start = base.processor.tokenizer.bos_token_id
    ids = encode(ROWS[0])["input_ids"]
    twice = family.kind == "phi3_v"  # as its published tokenizer and processor do
    assert int((ids == start).sum()) == 1 + twice
    counted, pictures = encode.lengths(ROWS, SIZES)
    assert counted.tolist() == [len(encode(row)["input_ids"]) for row in ROWS]
    assert all(0 < own < whole for own, whole in zip(pictures, counted, strict=True))


def test_a_lower_limit_of_pixels_gives_fewer_tokens_and_the_model_agrees(family: Family) -> None:
    setting = PICTURE_SETTING[ARCHITECTURES[family.kind].picture_size]
    if setting is None:
        with pytest.raises(InputError, match="its picture size is fixed, so leave it out"):
            load_base(family.config(model__method="lora", model__max_pixels=56 * 56))
        return
    found = []
    for least in (True, False):
        value = (
            {"num_crops": 1, "max_pixels": 28 * 56} if least else {"num_crops": 4, "max_pixels": 112 * 112}
        )
        config = family.config(model__method="lora", **{f"model__{setting}": value[setting]})
        base = load_base(config)
        found.append(len(batch(base, config, ROWS[3:])["input_ids"][0]))
        assert bool(logits(base, config, ROWS[3:]).isfinite().all())
    assert found[0] < found[1]


def test_the_decoders_linear_layers_become_4_bit_and_nothing_else(family: Family) -> None:
    config = family.config()
    model = load_base(config).model
    found = {name for name, module in model.named_modules() if isinstance(module, Linear4bit)}
    assert found == family.linears()
    described = skeleton(base_config(config)[0])
    architecture = ARCHITECTURES[family.kind]
    assert {name for name, _ in decoder_layers(described, architecture)} == found
    assert set(adapter_layers(described, architecture, config)) == found
    for name, module in model.named_modules():
        for which, weight in module.named_parameters(recurse=False):
            four_bit = name in found and which == "weight"
            assert weight.dtype == (torch.uint8 if four_bit else torch.bfloat16), name
            if four_bit:
                assert weight.quant_type == "nf4"
                assert weight.quant_state.nested  # double quantisation
                assert module.compute_dtype == torch.bfloat16


def changed(base: Base, before: dict[str, torch.Tensor]) -> set[str]:
    """The parts of which weights differ from before."""
    parts = set()
    for name, weight in base.model.named_parameters():
        if not torch.equal(weight, before[name]):
            parts.add(base.architecture.part_of(name.removeprefix("base_model.model.")))
    return parts


ASKED = {
    "decoder": {"train": ["decoder"]},
    "projector": {"train": ["decoder", "projector"]},
    "tower with adapters": {"train": ["tower", "decoder"]},
    "all, fully": {"train": ["decoder", "projector", "tower"], "train_fully": ["projector", "tower"]},
}


@pytest.mark.parametrize("asked", ASKED.values(), ids=ASKED)
def test_a_step_changes_the_named_parts_alone_and_they_come_back_from_a_file(
    family: Family, asked: dict[str, Any], tmp_path: Path
) -> None:
    flags = {f"model__{name}": value for name, value in asked.items()}
    config = family.config(model__lora__dropout=0.0, training__gradient_checkpointing=True, **flags)
    config.save(tmp_path / CONFIG)
    if family.kind == "smolvlm" and "tower" in config.model.whole:
        with pytest.raises(InputError, match="take it out of model.train_fully"):
            attach_lora(load_base(config), config)
        return
    base = attach_lora(load_base(config), config)
    assert base.trainable() == trained_weights(skeleton(base.model.config), base.architecture, config)
    trained = [weight for weight in base.model.parameters() if weight.requires_grad]
    assert {weight.dtype for weight in trained} == {torch.float32}
    before = {name: weight.detach().clone() for name, weight in base.model.named_parameters()}
    optimiser = torch.optim.AdamW(trained, lr=1e-2)
    for _ in range(2):  # half of an adapter has no gradient until the other half is not zero
        base.model(**batch(base, config), use_cache=False).loss.backward()
        optimiser.step()
    assert changed(base, before) == set(asked["train"])
    save_adapter(base.model, tmp_path / "best")
    again = load_run(tmp_path)
    assert torch.equal(logits(again, config), logits(base, config))
    assert not torch.equal(logits(load_run(tmp_path, "base"), config), logits(base, config))
    if set(config.model.whole) and family.kind in ("phi3_v", "qwen3_vl"):
        base.processor.save_pretrained(tmp_path / "best")
        merge(tmp_path, tmp_path / "merged")
        named = load_run(tmp_path, "base").architecture.projector[0]
        from safetensors.torch import load_file

        merged, plain = (load_file(at / "model.safetensors") for at in (tmp_path / "merged", family.folder))
        assert merged.keys() == plain.keys()
        assert any(not torch.equal(merged[name], plain[name]) for name in merged if name.startswith(named))
