"""The folder that `datagen push RUN` sends: the model, its processor, how it was trained, what it scored.

Nothing of the machine goes along: no path, no name of a folder above a dataset's own, no account of a
tracker; and no row: of the evaluations only figures.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any, Literal

from datagen.schemas import InputError
from datagen.schemas.files import write_file
from datagen.schemas.model_folder import MODEL_RECORD, ModelFolder, ModelRecord
from datagen.train.config import CONFIG, RunConfig, TrackingConfig, saved_config
from datagen.train.data.run_data import described_data
from datagen.train.models.adapter import ADAPTER_CONFIG, merge, name_base
from datagen.train.models.architectures import chat_for
from datagen.train.models.base import base_config, model_folder, processor_of
from datagen.train.models.loading import ADAPTER
from datagen.train.publishing.card import About, body, front_matter
from datagen.train.publishing.scores import published_scores, split_scores

SCORES = "scores"
"""The folder with the scores."""


def write_model(run: Path, out: Path, repo: str, which: str = "best", *, merged: bool = False) -> ModelFolder:
    """Write the empty folder ``out`` for the repository ``repo``.

    It has the run's adapter; with ``merged``, or where all weights were trained, a complete model. Raises
    InputError for a run that has no such model yet, or an adapter whose base is on no Hub; RunFailed if the
    disk is full.
    """
    config = saved_config(run)
    complete = merged or config.model.method == "full"
    base, revision = hub_base(config)
    weights = _finished(run, which, config)
    if not complete and base is None:
        raise InputError(
            f"{run} has an adapter of {config.model.base}, which is on no Hub, so nobody else could use it; "
            "give --merged to push a complete model."
        )
    described, architecture = base_config(config, run)
    processor: Any = processor_of(str(weights), config, described, architecture)
    if complete:
        merge(run, out, which, overwrite=True)
    else:
        out.mkdir(parents=True, exist_ok=True)
        for name in (ADAPTER, ADAPTER_CONFIG):
            shutil.copyfile(weights / name, out / name)
        name_base(out, str(base), revision)
        processor.save_pretrained(out)
    names = data_names(run)
    write_file(out / CONFIG, public_config(config, names).text())
    scores = published_scores(run, which, names)
    (out / SCORES).mkdir()
    for name, scored in scores.items():
        write_file(out / SCORES / f"{name}.json", json.dumps(scored, indent=1, ensure_ascii=False) + "\n")
    about = About(
        repo=repo,
        config=config,
        complete=complete,
        base=base,
        revision=revision,
        data=described_data(run),
        names=names,
        scores=list(scores.values()),
        prompt=chat_for(architecture, processor).prompt(config.data.template.question),
        model_type=str(described.model_type),
    )
    files = sorted(path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file())
    kind: Literal["model", "adapter"] = "model" if complete else "adapter"
    record = ModelRecord(kind=kind, base=base, revision=revision, files=tuple(files))
    write_file(out / MODEL_RECORD, record.text())
    tested = split_scores(about.data, scores.get(which))
    return ModelFolder(out, record, front_matter(about), body(about), tested, _confidential(run, config))


def _confidential(run: Path, config: RunConfig) -> str:
    """Why a run must not be published; empty if it may be."""
    if not config.smoke:
        return ""
    return (
        f"{run} is a trial run (--smoke), whose tokenizer holds words of the rows that it was trained on; "
        "push it to a private repository, with --private."
    )


def hub_base(config: RunConfig) -> tuple[str | None, str | None]:
    """The base model on the Hub and its commit; None for the model of a smoke run, or a folder."""
    if config.smoke or Path(config.model.base).exists() or Path(config.model.base).is_absolute():
        return None, None
    return config.model.base, config.model.revision


def data_names(run: Path) -> dict[str, str]:
    """The names of a run's datasets, as it was given them -> as others may see them.

    A dataset on the Hub keeps its name, a folder is called by the last part of its path.
    """
    about = described_data(run)
    entries = [about[part] for part in ("real", "synthetic") if about.get(part)]
    return {
        str(entry.get("name")): str(entry.get("name"))
        if "@" in str(entry.get("digest"))
        else Path(str(entry.get("name"))).resolve().name
        for entry in entries
    }


def public_config(config: RunConfig, names: dict[str, str]) -> RunConfig:
    """A run's configuration for others: the same training, with nothing of its machine and its trackers."""
    data = config.data
    public = {
        part: names.get(name, Path(name).name) if name is not None else None
        for part, name in (("real", data.real), ("synthetic", data.synthetic))
    }
    base, _ = hub_base(config)
    index = {"index": Path(config.retrieval.index).name} if config.retrieval.index is not None else {}
    model = {} if base is not None or config.smoke else {"base": Path(config.model.base).name}
    return config.model_copy(
        update={
            "data": data.model_copy(update={**public, "split_from": None}),
            "model": config.model.model_copy(update=model),
            "retrieval": config.retrieval.model_copy(update=index),
            "tracking": TrackingConfig(),
        }
    )


def _finished(run: Path, which: str, config: RunConfig) -> Path:
    """The folder of a run's weights. Raises InputError, for a run that has not finished in its own words."""
    if which == "best" and not (run / "best").is_dir():
        raise InputError(
            f"{run} has no finished model yet; continue it with datagen train --resume --out {run}, or give "
            "--which CHECKPOINT."
        )
    return model_folder(run, which, config)
