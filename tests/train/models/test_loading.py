"""Models of strangers: only safetensors are weights, and whatever else is odd is refused in one sentence."""

from __future__ import annotations

import json
import pickle
import shutil
import time
from pathlib import Path
from typing import Any

import pytest
import torch
from support.tiny_base import tiny_base

from datagen.schemas import InputError
from datagen.train.config import CONFIG, load_config
from datagen.train.models.base import base_config, load_base, load_processor, load_run, skeleton
from datagen.train.models.loading import INDEX, WEIGHTS, check_sizes, check_weights

RAN: list[str] = []


class Trap:
    """A pickle that would run code."""

    def __reduce__(self) -> Any:
        return RAN.append, ("ran",)


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("base") / "model"
    base = tiny_base()
    base.model.save_pretrained(folder)
    base.processor.save_pretrained(folder)
    return folder


@pytest.fixture
def model(saved: Path, tmp_path: Path) -> Path:
    return shutil.copytree(saved, tmp_path / "model")


def of(model: Path, method: str = "lora") -> Any:
    return load_config(None, {"data.real": "shop", "model.base": str(model), "model.method": method})


def refused(load: Any, *args: Any) -> str:
    with pytest.raises(InputError) as caught:
        load(*args)
    sentence = str(caught.value)
    assert "\n" not in sentence
    assert sentence.endswith(".")
    assert RAN == []
    return sentence


@pytest.mark.parametrize("name", ["pytorch_model.bin", "model.pt"])
def test_pickles_are_not_weights(model: Path, name: str) -> None:
    (model / WEIGHTS).unlink()
    (model / name).write_bytes(pickle.dumps(Trap()))
    assert f"its {name} is a pickle, which could run code" in refused(load_base, of(model))


def test_an_index_of_weights_names_safetensors_of_its_folder(model: Path) -> None:
    (model / WEIGHTS).rename(model / "part.safetensors")
    for shards, why in (
        ({"a": "pytorch_model.bin"}, "'pytorch_model.bin' as a file of weights"),
        ({"a": "../part.safetensors"}, "only safetensors in the same folder"),
        ({"a": "other.safetensors"}, "lacks other.safetensors"),
        ("part.safetensors", "'' as a file"),
    ):
        (model / INDEX).write_text(json.dumps({"weight_map": shards}))
        assert why in refused(base_config, of(model))
    (model / INDEX).write_text(json.dumps({"weight_map": {"a": "part.safetensors"}}))
    check_weights(model)


@pytest.mark.parametrize("which", ["best", "step-000003"])
@pytest.mark.parametrize("method", ["lora", "full"])
def test_a_run_with_pickled_weights_is_refused(model: Path, tmp_path: Path, method: str, which: str) -> None:
    run = tmp_path / "run"
    folder = run / which if which == "best" else run / "checkpoints" / which
    shutil.copytree(model, folder)
    (folder / WEIGHTS).unlink()
    of(model, method).save(run / CONFIG)
    for name in ("adapter_model.bin", "pytorch_model.bin"):
        (folder / name).write_bytes(pickle.dumps(Trap()))
    (folder / "adapter_config.json").write_text("[]")
    assert "pickle" in refused(load_run, run, which)


ODD = ["[]", "3", '{"a": ' * 5_000, "not json", '{"processor_class": "os"}', '{"model_type": "phi3_v"}']


@pytest.mark.parametrize("text", ODD, ids=["list", "number", "nested", "text", "os", "empty"])
def test_odd_json_in_a_model_is_one_sentence(model: Path, text: str) -> None:
    for name in ("config.json", "preprocessor_config.json", "processor_config.json", "tokenizer_config.json"):
        before = (model / name).read_bytes() if (model / name).is_file() else None
        (model / name).write_text(text)
        try:
            skeleton(base_config(of(model))[0])
            load_processor(of(model))
        except InputError as error:
            assert "\n" not in str(error)
            assert str(error).endswith(".")
        (model / name).unlink()
        if before is not None:
            (model / name).write_bytes(before)


@pytest.mark.parametrize(
    "odd",
    [
        {"num_hidden_layers": 10**9},
        {"hidden_size": 10**12},
        {"num_hidden_layers": float("inf")},
        {"img_processor": {"depth": 10**9}},
    ],
    ids=str,
)
def test_absurd_sizes_are_refused_before_anything_is_built(model: Path, odd: dict[str, Any]) -> None:
    config = json.loads((model / "config.json").read_text())
    (model / "config.json").write_text(json.dumps({**config, **odd}))
    began = time.monotonic()
    assert "more than" in refused(base_config, of(model))
    assert time.monotonic() - began < 5


def test_sizes_of_published_models_are_not_absurd() -> None:
    check_sizes({"num_hidden_layers": 126, "hidden_size": 16_384, "vocab_size": 262_208}, "large")
    check_sizes({"max_position_embeddings": 10_485_760, "text_config": {"num_layers": 62}}, "long")
    with pytest.raises(InputError, match="num_layers is 501, more than 500"):
        check_sizes({"text_config": {"num_layers": 501}}, "deep")


@pytest.mark.parametrize(
    "text", ["[]", '{"peft_type": "X"}', '{"megatron_core": "os", "megatron_config": {}}']
)
def test_what_is_next_to_an_adapter_is_not_read(model: Path, tmp_path: Path, text: str) -> None:
    from datagen.train.models.base import attach_lora

    run, config = tmp_path / "run", of(model)
    run.mkdir()
    config.save(run / CONFIG)
    base = attach_lora(load_base(config), config)
    base.model.save_pretrained(run / "best")
    (run / "best" / "adapter_config.json").write_text(text)
    loaded = load_run(run, "best").model.state_dict()
    wanted = base.model.state_dict()
    assert loaded.keys() == wanted.keys()
    assert all(torch.equal(loaded[name], wanted[name]) for name in wanted if "lora_" in name)
