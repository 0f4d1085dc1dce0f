"""A processor is saved and loaded unchanged, and runs no code from its folder."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import torch
from support.phi3_prompts import OFFICIAL, PROMPT, needs_official, picture
from transformers import AutoProcessor

import datagen.train.phi3_vision  # noqa: F401 (registers the processor with transformers)
from datagen.train.phi3_vision.processing import Phi3VProcessor


def test_saved_and_loaded_is_the_same(processor: Phi3VProcessor, tmp_path: Path) -> None:
    processor.save_pretrained(tmp_path / "first")
    for loaded in (
        Phi3VProcessor.from_pretrained(tmp_path / "first"),
        AutoProcessor.from_pretrained(tmp_path / "first"),
    ):
        assert type(loaded) is Phi3VProcessor
        before, after = processor(PROMPT, picture()), loaded(PROMPT, picture())
        assert all(torch.equal(before[key], after[key]) for key in before)
        assert loaded.chat_template == processor.chat_template
    loaded.save_pretrained(tmp_path / "second")
    assert json.loads((tmp_path / "first" / "processor_config.json").read_text()) == {
        "processor_class": "Phi3VProcessor"
    }
    assert {file.name for file in (tmp_path / "first").iterdir()} == {
        "tokenizer.json",
        "tokenizer_config.json",
        "preprocessor_config.json",
        "processor_config.json",
        "chat_template.jinja",
    }
    for name in (
        "tokenizer.json",
        "preprocessor_config.json",
        "processor_config.json",
        "chat_template.jinja",
    ):
        assert (tmp_path / "first" / name).read_bytes() == (tmp_path / "second" / name).read_bytes()
    assert Phi3VProcessor.from_pretrained(tmp_path / "first", num_crops=9).image_processor.num_crops == 9


def test_code_next_to_the_files_is_never_run(processor: Phi3VProcessor, tmp_path: Path) -> None:
    processor.save_pretrained(tmp_path)
    mine = f"open({str(tmp_path / 'ran')!r}, 'w')\nclass Phi3VProcessor: pass\n"
    (tmp_path / "processing_phi3_v.py").write_text(mine)
    for name in ("tokenizer_config.json", "preprocessor_config.json", "processor_config.json"):
        config = json.loads((tmp_path / name).read_text())
        kinds = ("AutoProcessor", "AutoTokenizer", "AutoImageProcessor")
        config["auto_map"] = dict.fromkeys(kinds, "processing_phi3_v.Phi3VProcessor")
        (tmp_path / name).write_text(json.dumps(config))
    for loaded in (
        Phi3VProcessor.from_pretrained(tmp_path),
        Phi3VProcessor.from_pretrained(tmp_path, trust_remote_code=True),
        AutoProcessor.from_pretrained(tmp_path),
    ):
        assert type(loaded) is Phi3VProcessor
    assert not (tmp_path / "ran").exists()
    loaded.save_pretrained(tmp_path / "again")
    assert not any("auto_map" in file.read_text() for file in (tmp_path / "again").glob("*_config.json"))


@needs_official
@pytest.mark.parametrize(("model", "num_crops"), [("phi3", 16), ("phi35", 4)])
def test_the_official_folder_loads_unchanged(tmp_path: Path, model: str, num_crops: int) -> None:
    for name in ("config", "preprocessor_config", "tokenizer", "tokenizer_config", "special_tokens_map"):
        shutil.copy(OFFICIAL / model / f"{name}.json", tmp_path)
    loaded = AutoProcessor.from_pretrained(tmp_path)
    assert type(loaded) is Phi3VProcessor
    assert loaded.image_processor.num_crops == num_crops
    assert type(AutoProcessor.from_pretrained(tmp_path, trust_remote_code=True)) is Phi3VProcessor
    loaded.save_pretrained(tmp_path / "saved")
    again = AutoProcessor.from_pretrained(tmp_path / "saved")
    before, after = loaded(PROMPT, picture()), again(PROMPT, picture())
    assert all(torch.equal(before[key], after[key]) for key in before)
    assert not any("auto_map" in file.read_text() for file in (tmp_path / "saved").glob("*_config.json"))
