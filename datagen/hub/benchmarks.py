"""Scores for the Hub's leaderboards: `.eval_results/` of a model that was tested on a benchmark.

A dataset becomes a benchmark by an `eval.yaml` in which its owner says what is measured, by which framework,
on which split (huggingface.co/docs/hub/eval-results). A score has a place there only if the owner asks for
that score: where the framework is datagen, and the id of a task is the name of one of datagen's scores.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import yaml
from huggingface_hub import EvalResultEntry, HfApi, eval_result_entries_to_yaml
from huggingface_hub.errors import HfHubHTTPError

from datagen.hub.client import check_repo_id, commit_of
from datagen.hub.files import download_file, list_files
from datagen.schemas import InputError
from datagen.schemas.files import write_file
from datagen.schemas.model_folder import MODEL_RECORD, ModelFolder, SplitScores
from datagen.schemas.yaml_file import parse_yaml

BENCHMARK = "eval.yaml"
MOST_BYTES = 1_000_000
FRAMEWORK = "datagen"
RESULTS = ".eval_results/datagen.yaml"


def with_eval_results(api: HfApi, folder: ModelFolder) -> ModelFolder:
    """The same folder, with the scores that the benchmark it was tested on has tasks for."""
    tested = folder.tested
    tasks = _tasks(api, tested) if tested is not None else set()
    if tested is None or not tasks & set(tested.scores):
        return folder
    entries = [
        EvalResultEntry(
            dataset_id=tested.dataset, task_id=task, value=value, dataset_revision=tested.revision
        )
        for task, value in tested.scores.items()
        if task in tasks
    ]
    content = yaml.safe_dump(eval_result_entries_to_yaml(entries), sort_keys=False)
    (folder.path / RESULTS).parent.mkdir(exist_ok=True)
    write_file(folder.path / RESULTS, content)
    files = tuple(sorted({*folder.record.files, RESULTS}))
    record = folder.record.model_copy(update={"files": files})
    write_file(folder.path / MODEL_RECORD, record.text())
    return replace(folder, record=record)


def _tasks(api: HfApi, tested: SplitScores) -> set[str]:
    """The ids of a benchmark's tasks that datagen measures; empty for a dataset that is no benchmark."""
    try:
        repo = check_repo_id(tested.dataset)
        commit = commit_of(api, repo, None)
        files = list_files(api, repo, commit)
        if BENCHMARK not in files or files[BENCHMARK].size > MOST_BYTES:
            return set()
        content = download_file(api, repo, commit, BENCHMARK, files)
        found = parse_yaml(content.decode("utf-8", errors="replace"), BENCHMARK)
    except InputError:
        return set()
    except HfHubHTTPError as error:
        if error.response.status_code not in {401, 403, 404}:
            raise
        return set()
    if not isinstance(found, dict) or found.get("evaluation_framework") != FRAMEWORK:
        return set()
    return {str(task["id"]) for task in _listed(found.get("tasks")) if task.get("split") == tested.split}


def _listed(tasks: Any) -> list[dict[str, Any]]:
    found = tasks if isinstance(tasks, list) else []
    return [task for task in found if isinstance(task, dict) and "id" in task]
