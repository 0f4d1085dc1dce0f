"""The official config.json loads as it is; nothing in it makes code run or chooses an attention by itself."""

import json
import math
from pathlib import Path

import pytest
from support.phi3_batches import NO_SHARED, SHARED
from transformers import AutoConfig

from datagen.schemas import InputError
from datagen.train.phi3_vision import Phi3VConfig
from datagen.train.phi3_vision.tiny import tiny_config

OFFICIAL = {
    "architectures": ["Phi3VForCausalLM"],
    "auto_map": {
        "AutoConfig": "configuration_phi3_v.Phi3VConfig",
        "AutoModelForCausalLM": "modeling_phi3_v.Phi3VForCausalLM",
    },
    "model_type": "phi3_v",
    "eos_token_id": 2,
    "rope_theta": 10000.0,
    "rope_scaling": {"type": "su", "short_factor": [1.1] * 48, "long_factor": [2.0] * 48},
    "sliding_window": 131072,
    "torch_dtype": "bfloat16",
    "_attn_implementation": "flash_attention_2",
}
"""A config.json like the official ones, of which each field was trouble to somebody."""


@pytest.fixture
def official(tmp_path: Path) -> Path:
    folder = tmp_path / "official"
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps(OFFICIAL), encoding="utf-8")
    return folder


def written(folder: Path) -> dict[str, object]:
    text = (folder / "config.json").read_text(encoding="utf-8")
    fields: dict[str, object] = json.loads(text)
    return fields


def facts(config: Phi3VConfig) -> dict[str, object]:
    return {name: value for name, value in config.to_dict().items() if name != "_name_or_path"}


def test_su_is_longrope(official: Path) -> None:
    config = Phi3VConfig.from_pretrained(official)
    assert config.rope_parameters["rope_type"] == "longrope"
    assert config.rope_parameters["long_factor"] == [2.0] * 48
    assert config.rope_parameters["original_max_position_embeddings"] == 4096
    assert config.rope_parameters["factor"] == 32


def test_flash_attention_only_if_the_caller_asks_for_it(official: Path) -> None:
    assert Phi3VConfig.from_pretrained(official)._attn_implementation is None
    asked = Phi3VConfig.from_pretrained(official, attn_implementation="eager")
    assert asked._attn_implementation == "eager"
    assert asked.vision_config._attn_implementation == "eager"


def test_no_code_is_named_after_loading_or_saving(official: Path, tmp_path: Path) -> None:
    config = AutoConfig.from_pretrained(official)
    assert type(config) is Phi3VConfig
    assert not hasattr(config, "auto_map")
    config.save_pretrained(tmp_path / "saved")
    assert (
        not {"auto_map", "_attn_implementation", "attn_implementation"} & written(tmp_path / "saved").keys()
    )


def test_round_trip(official: Path, tmp_path: Path) -> None:
    config = Phi3VConfig.from_pretrained(official)
    config.save_pretrained(tmp_path / "saved")
    again = AutoConfig.from_pretrained(tmp_path / "saved")
    assert facts(again) == facts(config)
    again.save_pretrained(tmp_path / "again")
    assert written(tmp_path / "again") == written(tmp_path / "saved")


def test_the_tower_is_vit_l_336_by_default(official: Path) -> None:
    vision = Phi3VConfig.from_pretrained(official).vision_config
    assert (vision.hidden_size, vision.num_hidden_layers, vision.intermediate_size) == (1024, 24, 4096)
    assert (vision.image_size, vision.patch_size, vision.num_attention_heads) == (336, 14, 16)
    assert (vision.hidden_act, vision.layer_norm_eps) == ("quick_gelu", 1e-5)
    assert tiny_config().vision_config.hidden_size == 32


def test_default_is_phi_3_vision() -> None:
    config = Phi3VConfig(rope_parameters=OFFICIAL["rope_scaling"])
    assert (config.hidden_size, config.intermediate_size, config.num_hidden_layers) == (3072, 8192, 32)
    assert (config.vocab_size, config.pad_token_id, config.bos_token_id) == (32064, 32000, 1)
    assert (config.tile_size, config.tile_rows, config.vision_layers) == (336, 12, 23)


@pytest.mark.parametrize(
    ("tiles", "tokens"),
    [
        ((1, 1), 313),
        ((2, 2), 757),
        ((4, 4), 2509),
        ((3, 4), 1921),
        ((4, 3), 1933),
        ((3, 5), 2353),
        ((16, 1), 2653),
    ],
)
def test_tokens_of_a_picture(tiles: tuple[int, int], tokens: int) -> None:
    config = Phi3VConfig(rope_parameters=OFFICIAL["rope_scaling"])
    assert config.picture_tokens(336 * tiles[0], 336 * tiles[1]) == tokens


@pytest.mark.parametrize("size", [(0, 336), (336, 335), (-336, 336)])
def test_a_picture_that_is_not_made_of_whole_tiles(size: tuple[int, int]) -> None:
    config = Phi3VConfig(rope_parameters=OFFICIAL["rope_scaling"])
    with pytest.raises(InputError, match="not made of whole tiles of 336"):
        config.picture_tokens(*size)


@pytest.mark.parametrize("named", [2, None, 32000, 32007, [2, 32000], [32000, 32007]])
def test_answers_end_at_end_of_turn_regardless_of_the_file(named: int | list[int] | None) -> None:
    config = Phi3VConfig(eos_token_id=named, rope_parameters=OFFICIAL["rope_scaling"])
    assert config.eos_token_id == [32007, 32000]


def test_another_end_token_is_kept_with_the_two() -> None:
    config = Phi3VConfig(eos_token_id=[2, 32001], rope_parameters=OFFICIAL["rope_scaling"])
    assert config.eos_token_id == [32007, 32000, 32001]
    assert tiny_config(eos_token_id=[3, 4]).eos_token_id == [3, 4]


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"embd_layer": {"hd_transform_order": "glb_sub"}}, "only 'sub_glb' was published"),
        ({"embd_layer": {"use_hd_transform": False}}, "only True was published"),
        ({"img_processor": {"type_feature": "cls_patch"}}, "only 'patch' was published"),
        ({"img_processor": {"num_img_tokens": 144}}, "a tile of 56 pixels has 4 tokens"),
        ({"rope_parameters": None}, "rope_scaling is of type None"),
        ({"rope_parameters": {"type": "yarn"}}, "rope_scaling is of type 'yarn'"),
        (
            {"rope_parameters": {"type": "su", "short_factor": [1.0]}},
            "short_factor is not a list of 16 positive",
        ),
        (
            {"rope_parameters": {"type": "su", "short_factor": [1] * 16, "long_factor": [math.nan] * 16}},
            "long_factor is not a list of 16 positive numbers",
        ),
        ({"original_max_position_embeddings": 1}, "must be more than 1 and no more than"),
        ({"original_max_position_embeddings": 99999}, "no more than max_position_embeddings, 16384"),
        (
            {"img_processor": {"num_img_tokens": 4, "layer_idx": 4}},
            "layer_idx is 4, but the tower has 3 layers",
        ),
    ],
)
def test_what_this_model_does_not_have(fields: dict[str, object], sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        tiny_config(**fields)


@pytest.mark.parametrize(("version", "window"), [("phi3", 131072), ("phi35", 262144)])
def test_the_official_files(version: str, window: int, tmp_path: Path) -> None:
    if not SHARED.exists():
        pytest.skip(NO_SHARED)
    config = AutoConfig.from_pretrained(SHARED / version)
    file = written(SHARED / version)
    assert type(config) is Phi3VConfig
    assert config.sliding_window == window
    rope, official = config.rope_parameters, file["rope_scaling"]
    assert isinstance(official, dict)
    assert rope["short_factor"] == official["short_factor"]
    assert rope["long_factor"] == official["long_factor"]
    assert config.embd_layer == file["embd_layer"]
    assert config.img_processor == file["img_processor"]
    assert config.eos_token_id == [32007, 32000]
    config.save_pretrained(tmp_path)
    assert facts(AutoConfig.from_pretrained(tmp_path)) == facts(config)
