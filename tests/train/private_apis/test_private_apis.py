"""Private interfaces that the code relies on: each test fails when a library moves one of them."""

from __future__ import annotations

import ast
import inspect
import json
import pickle
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bitsandbytes
import pytest
import torch
from PIL import Image
from support.tiny_families import FAMILIES, TEXTS, save_family
from transformers import (
    AutoConfig,
    AutoProcessor,
    Gemma3Processor,
    Idefics3Processor,
    PreTrainedConfig,
    PreTrainedModel,
    Qwen2_5_VLProcessor,
    Qwen3VLProcessor,
    Trainer,
)
from transformers.generation.utils import GenerationMixin
from transformers.models.auto.processing_auto import PROCESSOR_MAPPING
from transformers.models.auto.video_processing_auto import VIDEO_PROCESSOR_MAPPING_NAMES
from transformers.utils import is_torchvision_available

from datagen.train.private_apis.compiled import is_compiled
from datagen.train.private_apis.loading import ATTENTION_KEY, count_picture_tokens, keep_weights_unpacked
from datagen.train.private_apis.processors import CLASSES, load_processor
from datagen.train.private_apis.tensors import copy_all

ROOT = Path(__file__).parents[3]


def parameters(function: Callable[..., Any]) -> list[str]:
    return list(inspect.signature(function).parameters)


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        (Trainer._save_checkpoint, ["self", "model", "trial"]),
        (Trainer._determine_best_metric, ["self", "metrics", "trial"]),
        (Trainer._save_optimizer_and_scheduler, ["self", "output_dir"]),
        (Trainer._save_scaler, ["self", "output_dir"]),
        (Trainer._save_rng_state, ["self", "output_dir"]),
        (Trainer._load_from_checkpoint, ["self", "resume_from_checkpoint", "model"]),
        (Trainer._load_optimizer_and_scheduler, ["self", "checkpoint"]),
        (Trainer._load_rng_state, ["self", "checkpoint"]),
        (Trainer._prepare_inputs, ["self", "inputs"]),
        (Trainer.save_model, ["self", "output_dir", "_internal_call"]),
    ],
)
def test_trainer_has_the_methods_with_these_arguments(
    method: Callable[..., Any], expected: list[str]
) -> None:
    assert parameters(method) == expected


@pytest.mark.parametrize(
    "name",
    [
        "_save_checkpoint",
        "_determine_best_metric",
        "_prepare_inputs",
        "_load_from_checkpoint",
        "_load_optimizer_and_scheduler",
        "_load_rng_state",
    ],
)
def test_trainer_calls_the_methods_that_are_overridden(name: str) -> None:
    assert f"self.{name}(" in inspect.getsource(Trainer)


def test_generation_has_the_methods_with_these_arguments() -> None:
    expand = parameters(GenerationMixin._expand_inputs_for_generation)
    assert expand == ["self", "expand_size", "is_encoder_decoder", "input_ids", "model_kwargs"]
    source = inspect.getsource(GenerationMixin.generate)
    for name in ("_expand_inputs_for_generation", "_get_logits_processor", "_get_stopping_criteria"):
        assert f"self.{name}(" in source


def test_models_are_described_by_these_names() -> None:
    assert {"_init_weights", "_no_split_modules", "_tied_weights_keys"} <= set(dir(PreTrainedModel))


@pytest.mark.parametrize("processor", [Gemma3Processor, Idefics3Processor, Qwen2_5_VLProcessor])
def test_processors_count_the_tokens_of_a_picture(processor: Any) -> None:
    assert parameters(processor._get_num_multimodal_tokens)[:2] == ["self", "image_sizes"]


def test_a_count_of_tokens_is_that_of_the_processor() -> None:
    class Processor:
        def _get_num_multimodal_tokens(self, image_sizes: list[tuple[int, int]], **options: int) -> Any:
            assert image_sizes == [(3, 5)]
            return {"num_image_tokens": [7 * options["times"]]}

    assert count_picture_tokens(Processor(), (5, 3), times=2) == 14


def test_a_processor_that_cannot_count_gives_none() -> None:
    assert count_picture_tokens(object(), (5, 3)) is None


def test_a_configuration_reads_the_attention_key() -> None:
    assert PreTrainedConfig(**{ATTENTION_KEY: "eager"})._attn_implementation == "eager"  # type: ignore[arg-type]


def test_weights_of_4_bits_stay_unpacked() -> None:
    layer: Any = bitsandbytes.nn.Linear4bit(64, 64)
    layer.support_avx512bf16_for_cpu = True
    keep_weights_unpacked(torch.nn.Sequential(layer))
    assert layer.support_avx512bf16_for_cpu is False
    assert hasattr(bitsandbytes.nn.Linear4bit(64, 64), "support_avx512bf16_for_cpu")


def test_many_tensors_are_copied_and_rounded() -> None:
    sources = [torch.tensor([1.0, 2.001]), torch.tensor([[3.0]])]
    targets = [torch.zeros(2, dtype=torch.bfloat16), torch.zeros(1, 1)]
    copy_all(targets, sources)
    assert targets[0].tolist() == [1.0, 2.0]
    assert targets[1].tolist() == [[3.0]]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # torch's own, when its compiler is imported
def test_a_part_that_was_compiled_in_place_is_known() -> None:
    model = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.Linear(2, 2))
    assert not is_compiled(model)
    model[1].compile()
    assert is_compiled(model)


def test_private_names_of_libraries_are_used_in_one_place() -> None:
    """Attributes with an underscore of anything but the object itself, and of ``super()``."""
    described = {"_init_weights", "_no_split_modules", "_tied_weights_keys"}  # how a model is written
    for path in sorted((ROOT / "train").rglob("*.py")):
        if path.parent.name == "private_apis":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and re.match(r"_[a-z]", node.attr):
                own = isinstance(node.value, ast.Name) and node.value.id in {"self", "cls"}
                assert own or node.attr in described, f"{path}:{node.lineno} {node.attr}"
            if isinstance(node, ast.keyword) and node.arg:
                assert not re.match(r"_[a-z]", node.arg), f"{path}:{node.value.lineno} {node.arg}"


def test_a_processor_without_videos_has_its_name_and_reads_pictures(tmp_path: Path) -> None:
    folder = save_family("qwen3_vl", tmp_path / "model")
    processor = load_processor(str(folder), AutoConfig.from_pretrained(folder))
    assert isinstance(processor, Qwen3VLProcessor)
    assert type(processor).__name__ == "Qwen3VLProcessor"
    assert hasattr(processor.video_processor, "num_frames")
    saved = (folder / "processor_config.json").read_text()
    assert '"processor_class": "Qwen3VLProcessor"' in saved
    assert "video_processor" not in saved


@pytest.mark.parametrize("file", ["video_preprocessor_config.json", "preprocessor_config.json"])
def test_what_a_model_says_of_videos_is_written_again(tmp_path: Path, file: str) -> None:
    folder = save_family("qwen3_vl", tmp_path / "model")
    pictures = json.loads((folder / "processor_config.json").read_text())["image_processor"]
    (folder / "preprocessor_config.json").write_text(json.dumps(pictures))
    (folder / file).write_text(json.dumps({**pictures, "fps": 3}))
    described = AutoConfig.from_pretrained(folder)
    load_processor(str(folder), described).save_pretrained(tmp_path / "again")  # as beside an adapter
    written = json.loads((tmp_path / "again" / "processor_config.json").read_text())["video_processor"]
    assert written["fps"] == 3
    assert written["video_processor_type"] == "Qwen3VLVideoProcessor"
    assert "image_processor_type" not in written
    if is_torchvision_available():  # so that transformers by itself finds all of its parts
        auto: Any = AutoProcessor
        assert auto.from_pretrained(tmp_path / "again").video_processor.fps == 3


@pytest.mark.parametrize("kind", FAMILIES)
def test_every_processor_can_be_sent_to_a_worker(kind: str, tmp_path: Path) -> None:
    folder = save_family(kind, tmp_path / "model")
    processor = load_processor(str(folder), AutoConfig.from_pretrained(folder))
    sent = pickle.loads(pickle.dumps(processor))  # noqa: S301 - as multiprocessing does
    assert type(sent).__name__ == type(processor).__name__
    picture = Image.new("RGB", (90, 60), (200, 40, 40))
    one, other = (each.image_processor(picture, return_tensors="pt") for each in (processor, sent))
    assert torch.equal(one["pixel_values"], other["pixel_values"])


@pytest.mark.skipif(not is_torchvision_available(), reason="torchvision is not installed")
@pytest.mark.parametrize("kind", [kind for kind in FAMILIES if kind != "phi3_v"])
def test_torchvision_and_pillow_read_the_same_to_a_step_of_a_byte(kind: str, tmp_path: Path) -> None:
    folder = save_family(kind, tmp_path / "model")
    with_pillow = FAMILIES[kind].make(TEXTS)[1].image_processor
    with_torchvision = load_processor(str(folder), AutoConfig.from_pretrained(folder)).image_processor
    assert type(with_torchvision).__name__ + "Pil" == type(with_pillow).__name__
    noise = torch.randint(256, (96, 64, 3), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    picture = Image.fromarray(noise.numpy()).resize((128, 192))
    one, other = (
        each(picture, return_tensors="pt")["pixel_values"] for each in (with_pillow, with_torchvision)
    )
    assert (one - other).abs().max() <= 1.05 / 255 / min(with_pillow.image_std)


@pytest.mark.skipif(not is_torchvision_available(), reason="torchvision is not installed")
@pytest.mark.parametrize("kind", FAMILIES)
def test_the_classes_of_the_parts_for_videos_are_transformers_own(kind: str, tmp_path: Path) -> None:
    described = AutoConfig.from_pretrained(save_family(kind, tmp_path / "model"))
    processor: Any = PROCESSOR_MAPPING.get(type(described), None)
    theirs = VIDEO_PROCESSOR_MAPPING_NAMES.get(described.model_type)
    assert CLASSES.get(processor.__name__) == (theirs and theirs["torchvision"])
