"""The official repositories whose code older runtimes load, and the ``auto_map`` by which they find it.

transformers before 5, and programs built on it, read a Phi-3-vision with the code of Microsoft's repositories
if ``trust_remote_code`` is given. A file names that code as ``owner/name--module.Class``. None of it is
copied, and nothing here ever runs it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from transformers import PreTrainedConfig

from datagen.schemas import InputError
from datagen.train.config import PHI_3_VISION, RunConfig
from datagen.train.models.base import base_source
from datagen.train.models.loading import load_files, read_json

PHI_3_5_VISION = "microsoft/Phi-3.5-vision-instruct"
_MODEL = {
    "AutoConfig": "configuration_phi3_v.Phi3VConfig",
    "AutoModelForCausalLM": "modeling_phi3_v.Phi3VForCausalLM",
}
_PROCESSOR = {"AutoProcessor": "processing_phi3_v.Phi3VProcessor"}

OFFICIAL_CODE: dict[str, dict[str, dict[str, str]]] = {
    PHI_3_VISION: {
        "config.json": _MODEL,
        "preprocessor_config.json": {
            **_PROCESSOR,
            "AutoImageProcessor": "image_processing_phi3_v.Phi3VImageProcessor",
        },
    },
    PHI_3_5_VISION: {
        "config.json": _MODEL,
        "preprocessor_config.json": {
            **_PROCESSOR,
            "AutoImageProcessor": "processing_phi3_v.Phi3VImageProcessor",
        },
        "tokenizer_config.json": _PROCESSOR,
    },
}
"""Repository -> file of a model -> its ``auto_map`` there (from the published files)."""


def code_repository(config: RunConfig, run: Path) -> str:
    """The official repository that a run's base is, or was made from. Raises InputError for another base."""
    name, revision = base_source(config, run)
    described, _ = load_files(name, PreTrainedConfig.get_config_dict, name, revision=revision)
    for official in OFFICIAL_CODE:
        said = (name, described.get("_name_or_path"), *_named_in(described.get("auto_map")))
        if any(str(each).rpartition("/")[2] == official.rpartition("/")[2] for each in said):
            return official
    raise InputError(
        f"{config.model.base} is not one of {' and '.join(OFFICIAL_CODE)} or made from it, so there is no "
        "official code to name; leave out --remote-code."
    )


def name_remote_code(folder: Path, repository: str) -> None:
    """Write into the files of a model where the official code that reads them is."""
    for name, classes in OFFICIAL_CODE[repository].items():
        path = folder / name
        found = {kind: f"{repository}--{place}" for kind, place in classes.items()}
        content = {**read_json(path), "auto_map": found}
        path.write_text(json.dumps(content, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def _named_in(auto_map: Any) -> list[str]:
    """The repositories that an ``auto_map`` names."""
    places = auto_map.values() if isinstance(auto_map, dict) else ()
    return [place.split("--")[0] for place in places if isinstance(place, str) and "--" in place]
