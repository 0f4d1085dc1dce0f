"""What others load: full runs as complete models, adapters by peft's Auto classes, code by its place."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from peft import AutoPeftModel
from safetensors.torch import load_file
from support.hub_server import Hub
from support.tiny_base import tiny_base
from transformers import AutoModelForImageTextToText
from transformers.dynamic_module_utils import get_class_from_dynamic_module

from datagen.schemas import InputError
from datagen.train.config import CONFIG, PHI_3_VISION, load_config
from datagen.train.models.adapter import merge, name_base
from datagen.train.models.base import attach_lora, load_base, load_run
from datagen.train.models.remote_code import OFFICIAL_CODE, PHI_3_5_VISION

IDS = torch.arange(5, 60)[None]


def logits(model: Any) -> torch.Tensor:
    with torch.inference_mode():
        found: torch.Tensor = model.eval()(input_ids=IDS).logits.float()
    return found


def changed(model: Any) -> Any:
    """The same model after some training."""
    with torch.random.fork_rng(), torch.no_grad():
        torch.manual_seed(1)
        for weight in model.parameters():
            weight += 0.02 * torch.randn_like(weight)
    return model


@pytest.fixture(scope="module")
def half(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A base in 16 bits, as the official ones are, in a folder with an official name."""
    folder = tmp_path_factory.mktemp("bases") / "Phi-3.5-vision-instruct"
    base = tiny_base()
    base.model.to(torch.bfloat16).save_pretrained(folder)
    base.processor.save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def full(half: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of all weights, which the trainer keeps in float32."""
    return full_run(tmp_path_factory.mktemp("full") / "run", half, **{"training.bf16": True})


def full_run(run: Path, base: Path, **flags: Any) -> Path:
    run.mkdir()
    asked = {"data.real": "shop", "model.base": str(base), "model.method": "full", **flags}
    config = load_config(None, asked)
    config.save(run / CONFIG)
    loaded = load_base(config)
    changed(loaded.model).save_pretrained(run / "best")
    loaded.processor.save_pretrained(run / "best")
    return run


def test_a_full_run_is_merged_in_the_type_of_its_base_with_official_names(
    full: Path, half: Path, tmp_path: Path
) -> None:
    done = merge(full, tmp_path / "model")
    trained = load_file(full / "best" / "model.safetensors")
    written = load_file(tmp_path / "model" / "model.safetensors")
    assert {weight.dtype for weight in trained.values()} == {torch.float32}
    assert done.dtype == "bfloat16"
    assert set(written) == set(load_file(half / "model.safetensors"))
    assert all(torch.equal(written[name], trained[name].to(torch.bfloat16)) for name in written)
    config = json.loads((tmp_path / "model" / "config.json").read_text())
    assert config["architectures"] == ["Phi3VForCausalLM"]
    assert config["rope_scaling"]["type"] == "su"
    assert "rope_parameters" not in config
    loaded = AutoModelForImageTextToText.from_pretrained(tmp_path / "model", dtype="auto")
    assert torch.equal(logits(loaded), logits(load_run(full).model))


@pytest.mark.parametrize(("bf16", "wanted"), [(True, torch.bfloat16), (False, torch.float32)])
def test_a_full_run_answers_in_the_precision_it_was_trained_in(
    half: Path, tmp_path: Path, bf16: bool, wanted: torch.dtype
) -> None:
    run = full_run(tmp_path / "run", half, **{"training.bf16": bf16})
    assert load_run(run).model.dtype == wanted


@pytest.fixture(scope="module")
def adapters(half: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    run = tmp_path_factory.mktemp("lora") / "run"
    run.mkdir()
    config = load_config(None, {"data.real": "shop", "model.base": str(half), "model.method": "lora"})
    config.save(run / CONFIG)
    base = attach_lora(load_base(config), config)
    for name, weight in base.model.named_parameters():
        if "lora_B" in name:
            weight.data.normal_(0, 0.1)
    base.model.save_pretrained(run / "best")
    base.processor.save_pretrained(run / "best")
    return run


def test_peft_loads_the_best_adapter_by_itself(adapters: Path, half: Path) -> None:
    with pytest.raises(ValueError, match="not in the import allowlist"):
        AutoPeftModel.from_pretrained(adapters / "best")
    name_base(adapters / "best", str(half), None)
    model = AutoPeftModel.from_pretrained(adapters / "best", dtype=torch.float32)
    assert torch.allclose(logits(model), logits(load_run(adapters).model.float()), atol=1e-4)


@pytest.mark.parametrize("official", OFFICIAL_CODE)
def test_remote_code_names_the_files_of_the_official_repository(
    full: Path, half: Path, tmp_path: Path, official: str
) -> None:
    base = half
    if official != PHI_3_5_VISION:  # its config.json says what it was made from
        base = tmp_path / "base"
        base.mkdir()
        for file in half.iterdir():
            (base / file.name).write_bytes(file.read_bytes())
        config = json.loads((base / "config.json").read_text())
        config["_name_or_path"] = official.split("/")[1]
        (base / "config.json").write_text(json.dumps(config))
    run = full_run(tmp_path / "run", base)
    merge(run, tmp_path / "model", remote_code=True)
    for name, classes in OFFICIAL_CODE[official].items():
        auto_map = json.loads((tmp_path / "model" / name).read_text())["auto_map"]
        assert auto_map == {kind: f"{official}--{place}" for kind, place in classes.items()}
    model = AutoModelForImageTextToText.from_pretrained(tmp_path / "model", dtype="auto")
    assert type(model).__module__ == "datagen.train.phi3_vision.modeling"  # here, no code is fetched


def test_remote_code_is_refused_for_another_base(tmp_path: Path, half: Path) -> None:
    other = tmp_path / "other"
    other.symlink_to(half)
    run = full_run(tmp_path / "run", other)
    with pytest.raises(InputError, match="no official code to name; leave out --remote-code"):
        merge(run, tmp_path / "model", remote_code=True)
    assert not (tmp_path / "model").exists()


def test_transformers_finds_code_by_such_a_name(
    full: Path, tmp_path: Path, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = "class Phi3VConfig:\n    here = True\n"
    hub.seed(PHI_3_5_VISION, {"configuration_phi3_v.py": code.encode()}, type="model")
    monkeypatch.setattr("transformers.dynamic_module_utils.HF_MODULES_CACHE", str(tmp_path / "modules"))
    monkeypatch.syspath_prepend(str(tmp_path / "modules"))
    merge(full, tmp_path / "model", remote_code=True)
    named = json.loads((tmp_path / "model" / "config.json").read_text())["auto_map"]["AutoConfig"]
    found = get_class_from_dynamic_module(named, str(tmp_path / "model"))
    assert found.here
    assert PHI_3_VISION not in named
