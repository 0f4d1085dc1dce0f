"""Base models: what becomes 4-bit, what is trained, what comes back from a run, and what is refused."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from bitsandbytes.nn import Linear4bit
from support.tiny_base import encoded
from support.tiny_families import TEXTS, save_family, save_full_size
from transformers import BitsAndBytesConfig

from datagen.schemas import InputError
from datagen.train.config import CONFIG, load_config
from datagen.train.data.mixture import RowSubset
from datagen.train.data.sources import open_source
from datagen.train.evaluation.generate import answers
from datagen.train.models.architectures import ARCHITECTURES, target_pattern
from datagen.train.models.base import (
    Base,
    attach_lora,
    base_config,
    hub_commit,
    load_base,
    load_processor,
    load_run,
    skeleton,
)
from datagen.train.models.collator import PLACES, Collator
from datagen.train.models.encoding import Encoder
from datagen.train.models.trained_parts import adapter_weights
from datagen.train.run.samples import encoder_for, picture_options
from datagen.train.run.trainer import from_first_label
from datagen.train.settings import NULL

pytestmark = [
    pytest.mark.filterwarnings("ignore:.*is_gradient_checkpointing.*:FutureWarning"),  # peft asks by it
]


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    root = tmp_path_factory.mktemp("models")
    kinds = {"phi": "phi3_v", "idefics": "idefics3"}
    return {name: save_family(kind, root / name, TEXTS) for name, kind in kinds.items()}


def asked(folder: Path, **flags: Any) -> Any:
    given = {name.replace("__", "."): value for name, value in flags.items()}
    return load_config(None, {"data.real": "shop", "model.base": str(folder), **given})


def four_bit(model: Any) -> set[str]:
    return {name for name, module in model.named_modules() if isinstance(module, Linear4bit)}


def test_only_layers_of_the_decoder_are_targets(folders: dict[str, Path]) -> None:
    model = skeleton(base_config(asked(folders["idefics"]))[0])
    with pytest.raises(InputError, match="no layer called 'fc1'.*use "):
        target_pattern(ARCHITECTURES["idefics3"], model, ["o_proj", "fc1"])


def test_a_base_from_the_hub_is_pinned_to_its_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commit = "0123456789" * 4
    repo = tmp_path / "models--me--model"
    for path, text in ((repo / "refs" / "main", commit), (repo / "snapshots" / commit / "config.json", "{}")):
        path.parent.mkdir(parents=True)
        path.write_text(text)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    assert hub_commit("me/model", None) == hub_commit("me/model", commit) == commit
    assert hub_commit("me/other", None) is None
    assert hub_commit(str(repo), None) is None


@pytest.mark.parametrize("method", ["qlora", "lora", "full"])
def test_what_is_trained_is_what_the_method_says(folders: dict[str, Path], method: str) -> None:
    config = asked(folders["phi"], model__method=method, model__lora__rank=4)
    base = attach_lora(load_base(config), config)
    trained = {name: weight for name, weight in base.model.named_parameters() if weight.requires_grad}
    assert {weight.dtype for weight in trained.values()} == {torch.float32}
    assert base.model.training
    if method == "full":
        assert not four_bit(base.model)
        assert any("vision_embed_tokens" in name for name in trained)
        return
    assert all(".lora_" in name and ".model.layers." in name for name in trained)
    assert base.trainable() == adapter_weights(skeleton(base.model.config), base.architecture, config)
    frozen = {weight.dtype for weight in base.model.parameters() if not weight.requires_grad}
    assert frozen == ({torch.uint8, torch.bfloat16} if method == "qlora" else {torch.float32})


def test_adapters_depend_on_the_seed_and_on_nothing_else(folders: dict[str, Path]) -> None:
    def adapters(seed: int, noise: int) -> torch.Tensor:
        torch.manual_seed(noise)
        config = asked(folders["phi"], model__method="lora", training__seed=seed)
        model = attach_lora(load_base(config), config).model
        return torch.cat([weight.flatten() for weight in model.parameters() if weight.requires_grad])

    assert torch.equal(adapters(1, 2), adapters(1, 3))
    assert not torch.equal(adapters(1, 2), adapters(2, 2))


@pytest.fixture
def batch(folders: dict[str, Path], garden_set: Path) -> Any:
    def of(base: Base) -> dict[str, torch.Tensor]:
        config = asked(folders["phi"])
        source = open_source(str(garden_set), config.data.template)
        options = picture_options(base.processor, base.architecture)
        encode = Encoder(base.processor, config.data.template, base.chat, options=options)
        rows = RowSubset(source, [0, 1, 2], encode)
        made = Collator(base.processor.tokenizer.pad_token_id)([rows[at] for at in range(3)])
        return {name: value for name, value in made.items() if name != PLACES}

    return of


@pytest.mark.parametrize("method", ["qlora", "lora"])
def test_checkpointing_gives_adapters_the_same_gradients(
    folders: dict[str, Path], batch: Any, method: str
) -> None:
    """Non-reentrant: gradients come through though no input asks for one."""
    found = []
    for checkpointing in (False, True):
        config = asked(
            folders["phi"],
            model__method=method,
            model__lora__dropout=0.0,
            training__gradient_checkpointing=checkpointing,
        )
        base = attach_lora(load_base(config), config)
        torch.manual_seed(0)
        for name, weight in base.model.named_parameters():
            if "lora_B" in name:  # which is zero at first
                weight.data.normal_(std=0.1)
        base.model(**batch(base), use_cache=False).loss.backward()
        layers = base.model.get_base_model().model.layers
        assert all(layer.gradient_checkpointing is checkpointing for layer in layers)
        found.append({name: weight.grad for name, weight in base.model.named_parameters()})
    assert sum(gradient is not None and bool(gradient.any()) for gradient in found[0].values()) == 16
    for name, gradient in found[0].items():
        assert gradient is None or torch.allclose(gradient, found[1][name], rtol=1e-3, atol=1e-6), name


def test_an_evaluation_takes_no_gradient_from_4_bit_layers(folders: dict[str, Path], batch: Any) -> None:
    """On a CPU with AVX512-BF16 bitsandbytes repacks such weights, and what is packed gives no gradient."""
    gradients = []
    for evaluated in (False, True):
        config = asked(folders["phi"], model__method="qlora", model__lora__dropout=0.0)
        base = attach_lora(load_base(config), config)
        for name, weight in base.model.named_parameters():
            if "lora_B" in name:  # which is zero at first
                weight.data.fill_(0.01)
        if evaluated:
            base.model.eval()
            with torch.no_grad():
                base.model(**batch(base))
            base.model.train()
        base.model(**batch(base), use_cache=False).loss.backward()
        named = base.model.named_parameters()
        gradients.append({name: weight.grad for name, weight in named if weight.grad is not None})
    assert gradients[0].keys() == gradients[1].keys()
    for name, gradient in gradients[0].items():
        assert gradient.any(), name
        assert torch.equal(gradient, gradients[1][name]), name


@pytest.mark.parametrize("method", ["qlora", "lora", "full"])
def test_a_saved_run_answers_with_the_same_logits(
    folders: dict[str, Path], batch: Any, method: str, tmp_path: Path
) -> None:
    config = asked(folders["phi"], model__method=method, model__num_crops=2)
    config.save(tmp_path / CONFIG)
    base = attach_lora(load_base(config), config)
    torch.manual_seed(0)
    for weight in base.model.parameters():
        if weight.requires_grad:
            weight.data += torch.randn_like(weight) * 0.05
    base.model.eval()
    base.model.save_pretrained(tmp_path / "best")
    again = load_run(tmp_path, "best")
    assert again.num_crops == base.num_crops == 2
    assert not again.model.training
    shown = batch(again)
    shown.pop("labels")
    with torch.no_grad():
        assert torch.equal(again.model(**shown).logits, base.model(**shown).logits)
        plain = load_run(tmp_path, "base").model(**shown).logits
    assert not torch.allclose(plain, base.model(**shown).logits)


def test_a_missing_model_is_refused_with_the_available_ones(folders: dict[str, Path], tmp_path: Path) -> None:
    config = asked(folders["phi"], model__method="lora")
    config.save(tmp_path / CONFIG)
    with pytest.raises(InputError, match="no model 'best'; available: none yet"):
        load_run(tmp_path)
    attach_lora(load_base(config), config).model.save_pretrained(tmp_path / "checkpoints" / "step-000003")
    with pytest.raises(InputError, match="no model 'last'; available: step-000003"):
        load_run(tmp_path, "last")
    assert load_run(tmp_path, "step-000003").model.peft_config
    with pytest.raises(InputError, match="no model"):
        load_run(tmp_path, "../best")
    (tmp_path / "checkpoints/step-000003/adapter_model.safetensors").write_bytes(b"nothing")
    with pytest.raises(InputError, match="cannot be loaded"):
        load_run(tmp_path, "step-000003")


def test_another_family_learns_from_the_first_label_on(folders: dict[str, Path], batch: Any) -> None:
    """Idefics3 computes logits everywhere unless told; the loss is the same with those that count."""
    config = asked(folders["idefics"], model__method="lora", model__max_pixels=56 * 56)
    base = attach_lora(load_base(config), config)
    assert base.num_crops is None
    assert base.processor.tokenizer.decode(base.end_ids[0]) == "<end_of_utterance>"
    base.model.eval()
    whole = batch(base)
    cut = from_first_label(whole)
    assert cut["logits_to_keep"] < whole["labels"].shape[1] - 4
    found, every = base.model(**cut), base.model(**whole)
    assert found.logits.shape[1] == cut["logits_to_keep"]
    assert torch.allclose(found.loss, every.loss, atol=1e-6)


def test_pictures_have_the_configured_size(folders: dict[str, Path]) -> None:
    assert load_processor(asked(folders["phi"], model__num_crops=3)).image_processor.num_crops == 3
    auto = load_processor(asked(folders["phi"])).image_processor
    assert (auto.auto_crops, auto.num_crops) == (True, 16)
    assert load_processor(asked(folders["phi"], model__most_crops=4)).image_processor.num_crops == 4
    own = load_config(None, {"data.real": "shop", "model.base": str(folders["phi"]), "model.num_crops": NULL})
    images = load_processor(own).image_processor
    assert (images.auto_crops, images.num_crops) == (False, 4)
    for pixels, edge in ((60 * 60, 56), (120 * 120, 112)):
        images = load_processor(asked(folders["idefics"], model__max_pixels=pixels)).image_processor
        assert images.size["longest_edge"] == edge
    with pytest.raises(InputError, match="set model.max_pixels instead"):
        load_processor(asked(folders["idefics"], model__num_crops=3))
    with pytest.raises(InputError, match="set model.num_crops instead"):
        load_processor(asked(folders["phi"], model__max_pixels=10_000))


def test_training_and_answers_see_the_same_automatic_crops(
    folders: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = asked(folders["phi"], model__method="full")
    config.save(tmp_path / CONFIG)
    base = load_run(tmp_path, "base")
    assert base.num_crops is None
    encode = encoder_for(config, load_processor(config), base.architecture)
    pictures = [
        {"bytes": encoded(width, height, 1), "path": None} for width, height in ((50, 40), (160, 100))
    ]
    rows = [{encode.template.image: picture, "title": "A"} for picture in pictures]
    trained = [encode(row)["pixel_values"] for row in rows]
    assert [len(tiles[0]) for tiles in trained] == [2, 7]  # 1 and 3 x 2 of the tiny model's 56 pixels
    answered: list[torch.Tensor] = []

    def generate(_: Any, samples: list[Any], *__: Any) -> list[str]:
        answered.extend(sample["pixel_values"] for sample in samples)
        return [""] * len(samples)

    monkeypatch.setattr("datagen.train.evaluation.generate._generate", generate)
    answers(base, pictures, encode.template, batch_size=1)
    assert all(torch.equal(one, other) for one, other in zip(trained[::-1], answered, strict=True))


def test_the_encoder_of_a_run_takes_the_models_own_chat(folders: dict[str, Path]) -> None:
    config = asked(folders["idefics"])
    encode = encoder_for(config, load_processor(config), ARCHITECTURES["idefics3"])
    assert encode.chat.picture == "<image>"
    config = asked(folders["phi"], data__max_length=77)
    encode = encoder_for(config, load_processor(config), ARCHITECTURES["phi3_v"])
    assert (encode.chat.picture, encode.max_length) == ("<|image_1|>", 77)


def test_a_full_size_model_without_a_gpu_is_refused_before_it_is_loaded(tmp_path: Path) -> None:
    if torch.cuda.is_available():
        pytest.skip("there is a GPU")
    folder = save_full_size(tmp_path / "full")
    with pytest.raises(InputError, match=r"4\.1 billion weights and needs a GPU.*--smoke"):
        load_base(asked(folder))


def test_unusable_models_are_refused_in_one_sentence(folders: dict[str, Path], tmp_path: Path) -> None:
    odd = tmp_path / "odd"
    odd.mkdir()
    (odd / "config.json").write_text(json.dumps({"model_type": "gpt2"}))
    with pytest.raises(InputError, match=r"type 'gpt2'.*supported: phi3_v \(Phi-3-vision"):
        load_base(asked(odd))
    broken = shutil.copytree(folders["phi"], tmp_path / "broken")
    (broken / "model.safetensors").write_bytes(b"\xff" * 100)
    with pytest.raises(InputError, match="cannot be loaded as a model"):
        load_base(asked(broken, model__method="full"))
    for missing in (tmp_path / "nowhere", tmp_path):
        with pytest.raises(InputError, match="There is no folder"):
            load_base(asked(missing))
    with pytest.raises(InputError, match="restart the run"):
        load_base(load_config(None, {"data.real": "shop", "smoke": True}), tmp_path)


def test_code_next_to_a_model_is_not_run(folders: dict[str, Path], tmp_path: Path) -> None:
    folder = shutil.copytree(folders["phi"], tmp_path / "phi")
    told = json.loads((folder / "config.json").read_text())
    told["auto_map"] = {
        "AutoConfig": "code.Config",
        "AutoModelForImageTextToText": "code.Model",
        "AutoProcessor": "code.Processor",
    }
    (folder / "config.json").write_text(json.dumps(told))
    (folder / "code.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\n")
    load_base(asked(folder))
    assert not (tmp_path / "ran").exists()


def test_quantisation_is_as_configured(folders: dict[str, Path]) -> None:
    config = asked(folders["phi"], model__quantisation="fp4", model__double_quantisation=False)
    settings = load_base(config).model.config.quantization_config
    assert isinstance(settings, BitsAndBytesConfig)
    assert (settings.bnb_4bit_quant_type, settings.bnb_4bit_use_double_quant) == ("fp4", False)
