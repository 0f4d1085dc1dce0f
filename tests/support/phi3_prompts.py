"""Prompts and pictures for the Phi-3-vision processor, and where its official files are."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

OFFICIAL = Path(__file__).parents[3] / "shared" / "phi3_vision"
needs_official = pytest.mark.skipif(not OFFICIAL.is_dir(), reason=f"no official files at {OFFICIAL}")
WORDS = ["What is shown in this image?", "Title: a wool scarf, price 450.00", "", "ü", "a  b"]
PROMPT = "<|user|>\n<|image_1|>\nWhat is shown?<|end|>\n<|assistant|>\n"


def picture(width: int = 60, height: int = 40) -> Image.Image:
    return Image.new("RGB", (width, height), (width % 256, height % 256, 90))
