"""A run as a complete model: the same logits, official names, whole weights, nothing half written."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from click.testing import CliRunner
from safetensors.torch import load_file
from support.tiny_base import TEMPLATE, encoded, tiny_base
from transformers import AutoModelForImageTextToText, AutoProcessor

from datagen.cli import main
from datagen.schemas import InputError, RunFailed
from datagen.train.config import CONFIG, load_config
from datagen.train.evaluation.generate import answers
from datagen.train.models.adapter import merge
from datagen.train.models.base import attach_lora, load_base, load_run

IDS = torch.arange(5, 60)[None]


def logits(model: Any) -> torch.Tensor:
    with torch.inference_mode():
        found: torch.Tensor = model.eval()(input_ids=IDS).logits.float()
    return found


@pytest.fixture(scope="module")
def base_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("base") / "model"
    base = tiny_base()
    base.model.save_pretrained(folder)
    base.processor.save_pretrained(folder)
    return folder


def lora_run(folder: Path, base_folder: Path, method: str = "lora", spoil: float = 1.0) -> Path:
    """A run folder with an adapter that changes what the model says, as training leaves it."""
    flags = {"data.real": "shop", "model.base": str(base_folder), "model.method": method}
    config = load_config(None, flags)
    folder.mkdir()
    config.save(folder / CONFIG)
    base = attach_lora(load_base(config), config)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        for name, weight in base.model.named_parameters():
            if "lora_B" in name:
                weight.data.normal_(0, 0.1).mul_(spoil)
    base.model.save_pretrained(folder / "best")
    base.processor.save_pretrained(folder / "best")
    return folder


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, base_folder: Path) -> Path:
    return lora_run(tmp_path_factory.mktemp("lora") / "run", base_folder)


@pytest.fixture(scope="module")
def whole(run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("merged") / "model"
    done = merge(run, out)
    assert done.parameters == sum(weight.numel() for weight in load_file(out / "model.safetensors").values())
    assert done.bytes == sum(file.stat().st_size for file in out.iterdir())
    return out


def test_the_merged_model_says_what_base_and_adapter_say(run: Path, whole: Path) -> None:
    adapted = load_run(run, "best")
    model = AutoModelForImageTextToText.from_pretrained(whole, dtype="auto")
    assert torch.allclose(logits(model), logits(adapted.model), atol=1e-4)
    assert not torch.allclose(logits(model), logits(load_run(run, "base").model), atol=0.1)
    picture = [encoded(90, 60, 0)]
    alone = tiny_base()
    alone.model, alone.processor = model, AutoProcessor.from_pretrained(whole)
    assert answers(alone, picture, TEMPLATE, max_new_tokens=8) == answers(
        adapted, picture, TEMPLATE, max_new_tokens=8
    )


def test_names_and_configuration_are_the_official_ones(whole: Path, base_folder: Path) -> None:
    assert set(load_file(whole / "model.safetensors")) == set(load_file(base_folder / "model.safetensors"))
    config = json.loads((whole / "config.json").read_text(encoding="utf-8"))
    assert config["model_type"] == "phi3_v"
    assert config["architectures"] == ["Phi3VForCausalLM"]
    assert config["rope_scaling"]["type"] == "su"
    assert not {"rope_parameters", "auto_map", "quantization_config"} & set(config)
    for name in ("preprocessor_config.json", "tokenizer.json", "tokenizer_config.json"):
        assert (whole / name).is_file()


def test_an_adapter_trained_on_4_bits_is_merged_into_whole_weights(tmp_path: Path, base_folder: Path) -> None:
    run = lora_run(tmp_path / "run", base_folder, method="qlora")
    said = answers(load_run(run), [encoded(90, 60, 0)], TEMPLATE, max_new_tokens=4)
    assert said != answers(load_run(run, "base"), [encoded(90, 60, 0)], TEMPLATE, max_new_tokens=4)
    merge(run, tmp_path / "model")
    merged, base = (load_file(folder / "model.safetensors") for folder in (tmp_path / "model", base_folder))
    assert {weight.dtype for weight in merged.values()} == {torch.float32}  # the tiny base's own
    changed = {name for name in base if not torch.equal(base[name], merged[name])}
    adapted = re.compile(r"model[.]layers[.][0-9]+[.](self_attn|mlp)[.]\w+_proj[.]weight")
    assert changed == {name for name in base if adapted.fullmatch(name)} != set()


def test_a_base_in_16_bits_stays_so_and_each_sum_is_rounded_once(tmp_path: Path, run: Path) -> None:
    half, halved = tmp_path / "half", tiny_base()
    halved.model.to(torch.bfloat16).save_pretrained(half)
    halved.processor.save_pretrained(half)
    other = lora_run(tmp_path / "run", half)
    merge(other, tmp_path / "model")
    name = "model.layers.0.mlp.down_proj.weight"
    merged, base = (load_file(folder / "model.safetensors")[name] for folder in (tmp_path / "model", half))
    adapter = load_file(other / "best" / "adapter_model.safetensors")
    pair = [adapter[f"base_model.model.{name.removesuffix('.weight')}.lora_{part}.weight"] for part in "BA"]
    assert merged.dtype == torch.bfloat16
    assert torch.equal(merged, (base.float() + 64 / 32 * pair[0] @ pair[1]).to(torch.bfloat16))


def test_runs_that_cannot_be_merged_are_refused_in_one_sentence(
    tmp_path: Path, run: Path, base_folder: Path
) -> None:
    with pytest.raises(InputError, match="no model 'step-7'"):
        merge(run, tmp_path / "model", "step-7")
    spoilt = lora_run(tmp_path / "spoilt", base_folder, spoil=float("nan"))
    with pytest.raises(RunFailed, match="not finite"):
        merge(spoilt, tmp_path / "model")
    assert not (tmp_path / "model").exists()


def test_only_a_model_is_overwritten_and_only_on_request(tmp_path: Path, run: Path, whole: Path) -> None:
    out = tmp_path / "out"
    merge(run, out)
    with pytest.raises(InputError, match="--overwrite"):
        merge(run, out)
    (out / "stale.txt").write_text("old")
    merge(run, out, overwrite=True)
    assert sorted(file.name for file in out.iterdir()) == sorted(file.name for file in whole.iterdir())
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "thesis.txt").write_text("years of work")
    with pytest.raises(InputError, match="not a model"):
        merge(run, mine, overwrite=True)
    assert (mine / "thesis.txt").exists()


@pytest.mark.parametrize(
    ("crops", "note"),
    [
        (
            "auto",
            "enlarge every picture to 16 tiles, which the model was not trained on; give them num_crops=4",
        ),
        (4, ""),
    ],
)
def test_other_programs_are_told_how_to_cut_pictures(
    crops: object, note: str, tmp_path: Path, run: Path
) -> None:
    shutil.copytree(run, tmp_path / "run")
    load_config(run / CONFIG, {"model.num_crops": crops}).save(tmp_path / "run" / CONFIG)
    told = merge(tmp_path / "run", tmp_path / "model").note
    assert note in told
    assert bool(note) is bool(told)
    shutil.rmtree(tmp_path / "model")
    shown = CliRunner().invoke(main, ["merge", str(tmp_path / "run"), "--out", str(tmp_path / "model")])
    assert " ".join(told.split()) in " ".join(shown.output.split())
