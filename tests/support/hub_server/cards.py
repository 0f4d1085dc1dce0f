"""The YAML front matter of a README.md: read it, and refuse what the Hub refuses."""

from __future__ import annotations

import re
from collections.abc import Hashable
from typing import Any

import yaml

FRONT_MATTER = re.compile(r"^\s*---[\r\n]+([\S\s]*?)[\r\n]+---(\r\n|\n|$)")
CARD_DOCS = "https://huggingface.co/docs/hub/datasets-cards"
LICENSES = frozenset(  # the identifiers of https://huggingface.co/docs/hub/repositories-licenses
    """
    apache-2.0 mit openrail bigscience-openrail-m creativeml-openrail-m bigscience-bloom-rail-1.0
    bigcode-openrail-m afl-3.0 artistic-2.0 bsl-1.0 bsd bsd-2-clause bsd-3-clause bsd-3-clause-clear c-uda cc
    cc0-1.0 cc-by-2.0 cc-by-2.5 cc-by-3.0 cc-by-4.0 cc-by-sa-3.0 cc-by-sa-4.0 cc-by-nc-2.0 cc-by-nc-3.0
    cc-by-nc-4.0 cc-by-nd-4.0 cc-by-nc-nd-3.0 cc-by-nc-nd-4.0 cc-by-nc-sa-2.0 cc-by-nc-sa-3.0 cc-by-nc-sa-4.0
    cdla-sharing-1.0 cdla-permissive-1.0 cdla-permissive-2.0 wtfpl ecl-2.0 epl-1.0 epl-2.0 etalab-2.0 eupl-1.1
    eupl-1.2 agpl-3.0 gfdl gpl gpl-2.0 gpl-3.0 lgpl lgpl-2.1 lgpl-3.0 isc intel-research h-research lppl-1.3c
    ms-pl mpl-2.0 odc-by odbl openmdw-1.0 openrail++ osl-3.0 postgresql ofl-1.1 ncsa unlicense zlib pddl
    lgpl-lr deepfloyd-if-license fair-noncommercial-research-license llama2 llama3 llama3.1 llama3.2 llama3.3
    llama4 gemma apple-ascl apple-amlr unknown other
    """.split()  # noqa: SIM905 - words read better
)
RELATIONS = ("adapter", "merge", "quantized", "finetune")
SIZES = frozenset(
    """
    n<1K 1K<n<10K 10K<n<100K 100K<n<1M 1M<n<10M 10M<n<100M 100M<n<1B 1B<n<10B 10B<n<100B 100B<n<1T n>1T
    """.split()  # noqa: SIM905
)


class _Loader(yaml.SafeLoader):
    """YAML as the Hub reads it: a key that appears twice is an error."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for key in keys:
            if keys.count(key) > 1:
                raise yaml.constructor.ConstructorError(
                    None, None, f"duplicated mapping key: {key}", node.start_mark
                )
        return super().construct_mapping(node, deep)


def read_card(text: str) -> dict[str, Any] | None:
    """Return the front matter of a README.md, None without one; yaml.YAMLError if it cannot be read."""
    match = FRONT_MATTER.match(text)
    if match is None:
        return None
    loader = _Loader(match[1])
    try:
        data = loader.get_single_data()
    finally:
        loader.dispose()
    if not isinstance(data, dict):
        raise yaml.YAMLError("the metadata must be a mapping of keys to values")
    return data


def check_card(text: str, repo_type: str) -> tuple[list[str], list[str]]:
    """Return the errors and the warnings that the Hub has for a README.md."""
    try:
        card = read_card(text)
    except yaml.YAMLError as error:
        return [f"YAML metadata cannot be read: {error}"], []
    if card is None:
        return [], [f"empty or missing yaml metadata in repo card ({CARD_DOCS})"]

    errors = []
    for key in ("license", "language", "size_categories", "source_datasets", "annotations_creators"):
        if key in card and not _is_text_or_texts(card[key]):
            errors.append(f'"{key}" must be a string or a list of strings')
    for key in ("tags", "task_categories", "task_ids"):
        if key in card and not _is_texts(card[key]):
            errors.append(f'"{key}" must be an array of strings')
    for key in ("pretty_name", "license_name", "license_link", "viewer_title"):
        if key in card and not isinstance(card[key], str):
            errors.append(f'"{key}" must be a string')
    for license_ in _texts(card.get("license")):
        if license_ not in LICENSES:
            errors.append(f'"license" must be one of the identifiers of {CARD_DOCS}: {license_!r} is none')
    for size in _texts(card.get("size_categories")):
        if size not in SIZES:
            errors.append(f'"size_categories" must be one of {", ".join(sorted(SIZES))}: {size!r} is none')
    if repo_type == "dataset":
        errors += _check_configs(card.get("configs", []))
        info = card.get("dataset_info", {})
        if not isinstance(info, dict) and not (
            isinstance(info, list) and all(isinstance(i, dict) for i in info)
        ):
            errors.append('"dataset_info" must be an object or an array of objects')
    if repo_type == "model":
        errors += _check_model(card)
    return errors, []


def _check_model(card: dict[str, Any]) -> list[str]:
    """What the Hub refuses on the card of a model (github.com/huggingface/hub-docs, modelcard.md)."""
    errors = [
        f'"{key}" must be a string or a list of strings'
        for key in ("base_model", "datasets")
        if key in card and not _is_text_or_texts(card[key])
    ]
    errors += [
        f'"{key}" must be a string'
        for key in ("library_name", "pipeline_tag", "base_model_relation")
        if key in card and not isinstance(card[key], str)
    ]
    if card.get("base_model_relation", "adapter") not in RELATIONS:
        errors.append(f'"base_model_relation" must be one of {", ".join(RELATIONS)}')
    index = card.get("model-index", [])
    if not isinstance(index, list) or not all(isinstance(model, dict) for model in index):
        return [*errors, '"model-index" must be an array of objects']
    for model in index:
        for result in model.get("results") or [None]:
            if not isinstance(model.get("name"), str) or not _is_result(result):
                errors.append('"model-index" needs name, task.type, dataset.type, dataset.name and metrics')
    return errors


def _is_result(result: Any) -> bool:
    """Whether an entry of model-index has what must be there."""
    try:
        metrics = result["metrics"]
        texts = [result["task"]["type"], result["dataset"]["type"], result["dataset"]["name"]]
        texts += [metric["type"] for metric in metrics]
        return all(isinstance(text, str) for text in texts) and all("value" in metric for metric in metrics)
    except (TypeError, KeyError):
        return False


def _check_configs(configs: object) -> list[str]:
    if not isinstance(configs, list):
        return ['"configs" must be an array']
    errors = []
    for number, config in enumerate(configs):
        where = f'"configs[{number}]'
        if not isinstance(config, dict):
            errors.append(f'{where}" must be an object')
            continue
        if not isinstance(config.get("config_name"), str):
            errors.append(f'{where}.config_name" must be a string')
        files = config.get("data_files", [])
        if _is_text_or_texts(files):
            continue
        if not isinstance(files, list):
            errors.append(f'{where}.data_files" must be a string or an array')
            continue
        for entry in files:
            if not (isinstance(entry, dict) and isinstance(entry.get("split"), str)):
                errors.append(f'{where}.data_files" must name a split and a path in each entry')
            elif not _is_text_or_texts(entry.get("path")):
                errors.append(f'{where}.data_files.path" must be a string or an array of strings')
    return errors


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _is_text_or_texts(value: object) -> bool:
    return isinstance(value, str) or _is_texts(value)


def _texts(value: object) -> list[str]:
    """Return the strings of a value: one, a list, or a wrong type (which is refused elsewhere)."""
    if isinstance(value, str):
        return [value]
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def card_tags(card: dict[str, Any]) -> list[str]:
    """Return the tags that the Hub lists for a repo: `license:mit`, `language:en`, free tags as they are."""
    relation = card.get("base_model_relation")
    tags = [f"base_model:{relation}:{value}" for value in _texts(card.get("base_model")) if relation]
    tags += [f"base_model:{value}" for value in _texts(card.get("base_model"))]
    tags += [f"dataset:{value}" for value in _texts(card.get("datasets"))]
    for key in (
        "task_categories",
        "task_ids",
        "annotations_creators",
        "source_datasets",
        "language",
        "license",
    ):
        tags += [f"{key}:{value}" for value in _texts(card.get(key))]
    tags += [f"size_categories:{value}" for value in _texts(card.get("size_categories"))]
    return [*tags, *_texts(card.get("tags"))]
