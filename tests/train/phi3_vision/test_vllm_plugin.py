"""What vLLM finds of this package: an entry point to load, and a processor with the names that it calls."""

from __future__ import annotations

import subprocess
import sys
from configparser import ConfigParser
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
import torch
from PIL import Image
from support.sets import ENVIRONMENT

from datagen.train.phi3_vision.tiny_tokenizer import tiny_processor

ROOT = Path(__file__).parents[3]
TEXTS = ["What is shown in this image?"] * 4


def entry_point() -> EntryPoint:
    config = ConfigParser()
    config.read(ROOT / "setup.cfg")
    name, _, value = config["options.entry_points"]["vllm.general_plugins"].strip().partition(" = ")
    return EntryPoint(name, value, "vllm.general_plugins")


def test_the_entry_point_registers_configuration_and_processor(tmp_path: Path) -> None:
    """In a process that has not imported the package; more than once, as vLLM's processes do."""
    tiny_processor(TEXTS).save_pretrained(tmp_path)
    program = (
        "from importlib.metadata import EntryPoint\n"
        "from transformers import AutoConfig\n"
        f"plugin = EntryPoint{(entry_point().name, entry_point().value, entry_point().group)}.load()\n"
        "plugin(); plugin()\n"
        "from transformers import AutoProcessor\n"
        "print(type(AutoConfig.for_model('phi3_v', rope_scaling={'type': 'su', 'short_factor': [1.0] * 48,"
        " 'long_factor': [1.0] * 48})).__name__)\n"
        f"print(type(AutoProcessor.from_pretrained({str(tmp_path)!r})).__name__)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], env=ENVIRONMENT, capture_output=True, text=True)
    assert done.stdout.split() == ["Phi3VConfig", "Phi3VProcessor"], done.stderr[-2000:]


@pytest.mark.parametrize("auto_crops", [True, False])
@pytest.mark.parametrize("size", [(64, 80), (640, 480), (30, 900)])
def test_the_processor_counts_the_tokens_of_a_picture_as_vllm_asks(
    size: tuple[int, int], auto_crops: bool
) -> None:
    processor = tiny_processor(TEXTS, num_crops=16)
    processor.image_processor.auto_crops = auto_crops
    assert processor.img_tokens[:3] == ["<|image_1|>", "<|image_2|>", "<|image_3|>"]
    ids = processor([processor.img_tokens[0]], [[Image.new("RGB", size)]])["input_ids"]
    width, height = size
    counted = processor.calc_num_image_tokens_from_image_size(width=width, height=height)
    assert int(torch.sum(ids < 0)) == counted
