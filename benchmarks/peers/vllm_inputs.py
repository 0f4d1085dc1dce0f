"""What vLLM's own Phi-3-vision makes of a prompt and pictures, beside what this repository's processor does.

    python benchmarks/peers/vllm_inputs.py FOLDER

FOLDER: a complete model as ``datagen merge`` writes it, with the official tokenizer; weights are not read. It
runs without a GPU, in an environment of its own that has vLLM and datagen[train]. The plugin by which vLLM
finds configuration and processor is loaded as vLLM loads it, from the entry points of the installed datagen.
Exits with 1 if a token or a pixel differs.
"""

from __future__ import annotations

import os
import sys
from importlib.metadata import version

os.environ.update(VLLM_LOGGING_LEVEL="ERROR", HF_HUB_OFFLINE="1")

import torch
from PIL import Image
from transformers import AutoProcessor
from vllm.config import ModelConfig
from vllm.multimodal import MULTIMODAL_REGISTRY
from vllm.plugins import load_general_plugins

SLOT = 32_044
"""The token by which vLLM marks the place of a picture; here they are the negative number of the picture."""
CASES = {
    "one": ("<|user|>\n<|image_1|>\nWhat is shown in this image?<|end|>\n<|assistant|>\n", [(640, 480)]),
    "small, as trained": ("<|user|>\n<|image_1|>What is it?<|end|><|assistant|>\n", [(64, 80)]),
    "two": ("<|user|>\n<|image_1|>\n<|image_2|>\nWhat?<|end|>\n<|assistant|>\n", [(480, 640), (900, 120)]),
}


def main() -> int:
    """Compare every case; returns the exit code."""
    load_general_plugins()
    folder = sys.argv[1]
    config = ModelConfig(model=folder, dtype="float32", max_model_len=8192, limit_mm_per_prompt={"image": 2})
    theirs = MULTIMODAL_REGISTRY.create_processor(config)
    ours = AutoProcessor.from_pretrained(folder)
    print(f"vLLM {version('vllm')}, transformers {version('transformers')}, {config.architectures[0]}")
    different = 0
    for name, (prompt, sizes) in CASES.items():
        pictures = [Image.effect_noise(size, 60).convert("RGB") for size in sizes]
        items = theirs.info.parse_mm_data({"image": pictures})
        found = theirs(prompt, mm_items=items, hf_processor_mm_kwargs={})
        wanted = ours([prompt], [pictures])
        ids = torch.where(wanted["input_ids"][0] < 0, SLOT, wanted["input_ids"][0])
        same_ids = found["prompt_token_ids"] == ids.tolist()
        tiles = [one.get_data()["pixel_values"] for one in found["mm_kwargs"]["image"]]
        same_tiles = all(
            torch.equal(one, other[: len(one)])
            for one, other in zip(tiles, wanted["pixel_values"], strict=True)
        )
        print(
            f"{name}: {len(ids)} tokens {'equal' if same_ids else 'DIFFERENT'}, "
            f"{sum(map(len, tiles))} tiles {'equal' if same_tiles else 'DIFFERENT'}"
        )
        different += not (same_ids and same_tiles)
    return int(different > 0)


if __name__ == "__main__":
    sys.exit(main())
