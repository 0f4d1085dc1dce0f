"""Configurations: layers in their order, what is saved is what was asked, and wrong wishes are one
sentence.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from datagen.schemas import InputError
from datagen.schemas.yaml_file import parse_yaml
from datagen.train.config import (
    CONFIG,
    LEARNING_RATES,
    RECIPES,
    SMOKE,
    RunConfig,
    load_config,
    saved_config,
)
from datagen.train.settings import setting

REAL = {"data.real": "shop"}


def recipe(folder: Path, text: str) -> Path:
    path = folder / "recipe.yaml"
    path.write_text(text)
    return path


def test_flags_lie_over_the_recipe_and_the_recipe_over_defaults(tmp_path: Path) -> None:
    path = recipe(
        tmp_path, "data: {real: a}\nmodel: {num_crops: 2, lora: {rank: 8}}\ntraining: {epochs: 5}\n"
    )
    config = load_config(path, {"data.real": "b", "model.lora.alpha": 3, "data.synthetic": None})
    assert (config.data.real, config.model.num_crops, config.training.epochs) == ("b", 2, 5)
    assert (config.model.lora.rank, config.model.lora.alpha, config.model.lora.dropout) == (8, 3, 0.05)
    assert config.data.synthetic is None


def test_steps_replace_epochs_and_the_other_way_round(tmp_path: Path) -> None:
    path = recipe(tmp_path, "data: {real: a}\ntraining: {epochs: 5}\n")
    assert load_config(path, {"training.steps": 7}).training.epochs is None
    assert load_config(path).training.epochs == 5
    assert load_config(None, {**REAL, "smoke": True, "training.epochs": 1}).training.steps is None
    assert load_config(None, REAL).training.epochs == 3


@pytest.mark.parametrize("method", ["qlora", "lora", "full"])
def test_the_learning_rate_goes_with_the_method_unless_given(method: str) -> None:
    asked = {**REAL, "model.method": method}
    assert load_config(None, asked).training.learning_rate == LEARNING_RATES[method]
    assert load_config(None, {**asked, "training.learning_rate": 0.5}).training.learning_rate == 0.5


def test_a_smoke_run_has_its_own_defaults_below_all_else() -> None:
    config = load_config(None, {**REAL, "smoke": True, "training.batch_size": 3})
    assert config.model.base == "tiny"
    assert config.training.steps == SMOKE["training"]["steps"]
    assert config.training.batch_size == 3


@given(
    st.fixed_dictionaries(
        {
            "smoke": st.booleans(),
            "data.real": st.text(min_size=1, max_size=20),
            "data.seed": st.integers(0, 2**63 - 1),
            "data.real_columns": st.dictionaries(st.text(max_size=5), st.text(max_size=5), max_size=2),
            "model.lora.alpha": st.floats(0.001, 4096),
            "training.clip": st.one_of(st.none(), st.floats(1e-6, 1e6)),
            "training.learning_rate": st.floats(1e-12, 1),
            "tracking.tags": st.lists(st.sampled_from(["yes", "1", "null", "a: b"]), max_size=2),
        }
    )
)
def test_what_is_saved_is_read_back_the_same(asked: dict[str, Any]) -> None:
    config = load_config(None, asked)
    assert RunConfig.model_validate(parse_yaml(config.text(), "config.yaml")) == config


def test_a_run_keeps_its_configuration(tmp_path: Path) -> None:
    config = load_config(None, {**REAL, "smoke": True, "model.method": "lora", "training.epochs": 2})
    config.save(tmp_path / CONFIG)
    assert saved_config(tmp_path) == config
    assert list(yaml.safe_load((tmp_path / CONFIG).read_text())) == ["smoke", *SECTIONS]
    with pytest.raises(InputError, match="is not a run folder"):
        saved_config(tmp_path / "nowhere")


SECTIONS = ("data", "model", "training", "retrieval", "tracking")


@pytest.mark.parametrize(
    ("flags", "why"),
    [
        ({}, "no training data; give --real"),
        ({"data.synthetic": "a", "data.synthetic_share": 0.5}, "needs real rows; give --real"),
        ({"data.real": "a", "data.synthetic_share": 0.5}, "needs synthetic rows; give --synthetic"),
        ({"data.synthetic": "a", "data.real_rows": 5}, "^--real-rows limits the real rows"),
        ({**REAL, "training.steps": 5, "training.epochs": 3}, "epochs or steps; give one"),
        ({**REAL, "model.base": "tiny"}, "'tiny' in smoke runs and only there"),
        ({**REAL, "smoke": True, "model.base": "a/b"}, "'tiny' in smoke runs and only there"),
        ({**REAL, "model.num_crops": 4, "model.max_pixels": 10_000}, "give one"),
        ({**REAL, "model.num_crops": 17}, "^model.num_crops must be at most 16, not 17"),
        ({**REAL, "model.num_crops": "many"}, "^model.num_crops must be a whole number or auto, not 'many'"),
        ({**REAL, "training.gradient_checkpointing": "often"}, "training.gradient_checkpointing"),
        ({**REAL, "model.method": "lora", "model.quantisation": "fp4"}, "use method qlora"),
        (
            {**REAL, "model.method": "full", "model.lora.targets": ["o_proj"]},
            "has no effect with method full",
        ),
        ({**REAL, "model.loar": 1}, "There is no setting model.loar; did you mean 'lora'"),
        ({**REAL, "training.batch_size": 0}, "training.batch_size"),
        ({**REAL, "training.learning_rate": float("nan")}, "training.learning_rate"),
        ({**REAL, "data.split": {"train": 0.5, "validation": 0.1, "test": 0.1}}, "add up to 1"),
        ({**REAL, "data.template": {"answer": "no field"}}, "has no field"),
        ({**REAL, "model": 3}, "model"),
        ({**REAL, "model": 3, "model.base": "a"}, "cannot both be set"),
    ],
)
def test_invalid_options_are_refused_in_one_sentence(flags: dict[str, Any], why: str) -> None:
    with pytest.raises(InputError, match=why) as refused:
        load_config(None, flags)
    assert "\n" not in str(refused.value)
    assert str(refused.value).endswith(".")


@pytest.mark.parametrize(
    "text", ["- a\n", "3\n", "", "data: [\n", "data: {real: a, real: b}\n", "smoke: 7\n"]
)
def test_hostile_recipes_are_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(InputError, match=r"recipe\.yaml"):
        load_config(recipe(tmp_path, text))


def test_a_wrong_setting_of_a_recipe_is_named_with_its_line(tmp_path: Path) -> None:
    path = recipe(tmp_path, "data:\n  synthetic: a\ntraining:\n  epochs: 2\n  accumulatoin: 4\n")
    with pytest.raises(InputError, match=r"recipe\.yaml, line 5: "):
        load_config(path)


def test_what_is_automatic_by_default_and_what_runs_of_the_last_version_say() -> None:
    config = load_config(None, REAL)
    assert (config.model.num_crops, config.model.most_crops) == ("auto", 16)
    assert (config.training.gradient_checkpointing, config.training.evaluate_every) == (None, None)
    assert load_config(None, {**REAL, "training.gradient_checkpointing": "auto"}) == config
    for crops in (None, 4):  # null means the number in the processor's own file
        before = {"data": {"real": "a"}, "model": {"num_crops": crops}, "training": {"steps": 3}}
        assert RunConfig.model_validate(before).model.num_crops == crops
    load_config(None, {**REAL, "model.max_pixels": 10_000})


def test_settings_are_yaml() -> None:
    assert setting("training.epochs=2") == ("training.epochs", 2)
    assert setting("model.lora.targets=[a, b]") == ("model.lora.targets", ["a", "b"])
    assert load_config(None, {**REAL, **dict([setting("training.clip=null")])}).training.clip is None
    assert load_config(None, {**REAL, "training.clip": None}).training.clip == 1.0
    for wrong in ("training.epochs", "=3", "a b=3", "a..b=3", "a=[", "a=*x"):
        with pytest.raises(InputError):
            setting(wrong)


@pytest.mark.parametrize("path", sorted(RECIPES.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_recipe_loads_and_explains_its_use(path: Path) -> None:
    config = load_config(path, REAL)
    head = path.read_text().split("\n\n")[0]
    assert ("--smoke" if path.stem == "smoke" else f"--recipe {path.stem}") in head
    assert list(yaml.safe_load(path.read_text())) == [
        name for name in ("smoke", *SECTIONS) if name in yaml.safe_load(path.read_text())
    ]
    if path.stem == "smoke":
        assert config == load_config(None, {**REAL, "smoke": True})
    else:
        assert "estimated by train/models/memory.py" in path.read_text()


def test_there_is_a_recipe_for_each_size_of_card() -> None:
    assert {path.stem for path in RECIPES.glob("*.yaml")} == {
        "gpu-8gb",
        "gpu-12gb",
        "gpu-16gb",
        "gpu-24gb",
        "gpu-80gb",
        "smoke",
    }
