"""A training run, from a configuration to an adapter, top to bottom.

    summary = train_run(load_config(Path("train/recipes/gpu-24gb.yaml"), {"data.real": "shop/"}), Path("run"))

    RUN/config.yaml         the complete configuration, flags and defaults included
    RUN/data.json, splits/  the data (data/run_data.py)
    RUN/log.jsonl           metrics of each step (log.py)
    RUN/checkpoints/        to resume from (checkpoints.py)
    RUN/best/, RUN/last/    adapter, or model with method full, with the processor
    RUN/summary.json        the results, written when the run is finished (summary.py)

``best`` is the model with the lowest loss on validation rows: their titles are never trained on, and a
mean over thousands of answer tokens distinguishes checkpoints that the scores of a hundred answers
cannot. Without validation rows it is the last model.

With several processes (``accelerate launch``, ``torchrun``) each of them runs this, and one of them writes.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import torch
from transformers import TrainingArguments

from datagen.schemas import InputError, RunFailed
from datagen.schemas.files import write_file
from datagen.schemas.terminal import stage_progress
from datagen.train.config import CONFIG, RunConfig, optimiser_of, saved_config
from datagen.train.data.run_data import DATA, RunData, prepare_data, reopen_data
from datagen.train.models.base import (
    CHECKPOINTS,
    TINY,
    Base,
    attach_lora,
    base_config,
    base_source,
    hub_commit,
    load_base,
    load_processor,
)
from datagen.train.models.encoding import Encoder
from datagen.train.models.memory import relief
from datagen.train.models.precision import adapter_type, gpu_capability, precision_note
from datagen.train.models.smoke import make_tiny_base
from datagen.train.retrieval.run_neighbours import retrieved_data
from datagen.train.run.arguments import training_arguments
from datagen.train.run.checkpoints import check_checkpoint, mend, step_of, whole_checkpoints
from datagen.train.run.left_out import count_left_out
from datagen.train.run.loader import start_worker_server
from datagen.train.run.log import RunLog
from datagen.train.run.outline import outline_of
from datagen.train.run.plan import Plan, make_plan
from datagen.train.run.row_check import checked_data
from datagen.train.run.run_folder import RunFolder, held_folder
from datagen.train.run.samples import Validation, encoder_for, mixture_of, order_of, validation_of
from datagen.train.run.shared_memory import with_fitting_workers
from datagen.train.run.stopping import StopSignal
from datagen.train.run.summary import SUMMARY, Summary, read_summary, read_totals
from datagen.train.run.tracking import Tracker, check_tracker, open_tracker
from datagen.train.run.trainer import AgreementCallback, RunTrainer

MAY_CHANGE = frozenset(
    {"log_every", "save_every", "evaluate_every", "evaluate_rows", "generate_rows", "keep", "workers"}
    | {"memory_check", "explodes_at", "patience", "gradient_checkpointing", "optimiser", "adapter_dtype"}
)
"""Settings of ``training`` that a resumed run may change, since they affect no loss, or (the last two)
are compared with the checkpoint.
"""


class RunInterrupted(RunFailed):
    """The run was stopped by a signal and saved a checkpoint. ``signal``: its number."""

    def __init__(self, sentence: str, signal: int) -> None:
        super().__init__(sentence)
        self.signal = signal


def train_run(
    config: RunConfig,
    run: Path,
    *,
    resume: bool = False,
    overwrite: bool = False,
    quiet: bool = False,
    say: Callable[[str], None] | None = None,
) -> Summary:
    """Train, and write everything to ``run``.

    ``resume`` continues from the last complete checkpoint, with the same losses as an uninterrupted run.
    ``say`` is called with the plan of the run, and with problems that do not stop it.

    Raises InputError for a run that cannot work, if possible before anything is loaded; RunFailed for a loss
    that is NaN, a lack of memory, a full disk; RunInterrupted if a signal stopped the run.
    """
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    args = training_arguments(config, run)
    check_tracker(config)
    if args.process_index > 0:
        return _run_in(RunFolder(run, kept=True), config, args, resume, True, _discard)
    with held_folder(run, resume=resume, overwrite=overwrite) as folder:
        return _run_in(folder, config, args, resume, quiet, say or _discard)


def _run_in(
    folder: RunFolder,
    config: RunConfig,
    args: TrainingArguments,
    resume: bool,
    quiet: bool,
    report: Callable[[str], None],
) -> Summary:
    """Prepare and train in a folder that the first process holds."""
    run = folder.path
    if config.training.workers:
        start_worker_server()
    config, data = _begin(config, run, args, resume=resume)
    if config.smoke:
        torch.set_num_threads(
            1
        )  # such small matrices gain nothing from several threads, and lose on a busy machine
    outline = outline_of(config, run)
    architecture = outline.architecture
    # With Phi-3-vision every weight gets a gradient from any batch; other vision towers may get none.
    tower = {"tower", "projector"} & set(config.model.train)
    args.ddp_find_unused_parameters = bool(tower) and not architecture.computes_label_loss
    processor = load_processor(config, run)
    encode = encoder_for(config, processor, architecture)
    with args.main_process_first(desc="the check of the rows"), stage_progress(quiet, "pictures") as progress:
        data = retrieved_data(config, data, run, progress)
        data = checked_data(data, encode, config.data, run, progress)
    order = order_of(config, data, args.world_size)
    plan = make_plan(config, outline, data, processor, order, args.world_size)
    plan.refuse()
    config = plan.config
    if args.process_index == 0:
        config.save(run / CONFIG)
    note = precision_note(config, gpu_capability())
    for line in [*plan.lines(), *filter(None, [note])]:
        report(line)
    config = with_fitting_workers(config, data, encode, args.world_size, report)
    base = attach_lora(load_base(config, run), config)
    validation = validation_of(config, data, encode)
    tracker = Tracker()
    if args.should_save:
        about = {"run": config.model_dump(mode="json"), "data": data.described()}
        tracker = open_tracker(config, run, about, report)
    args.max_steps, args.warmup_steps = plan.steps, round(plan.steps * config.training.warmup)
    args.eval_steps = plan.evaluate_every
    log = RunLog(run, tracker, writes=args.should_save, quiet=quiet)
    if args.process_index == 0:
        folder.training_begins()
    failed = True
    try:
        with StopSignal() as stopping:
            trainer = _trainer(
                config, base, run, args, plan, data, order, encode, validation, tracker, log, stopping
            )
            summary = _train(trainer, config, run, plan, base, resume=resume, stopping=stopping)
        failed = False
    finally:
        log.close()
        tracker.end({} if failed else summary.as_json(), failed)
    return summary


def _begin(
    config: RunConfig, run: Path, args: TrainingArguments, *, resume: bool
) -> tuple[RunConfig, RunData]:
    """The run's folder, configuration, data and tiny model: made by one process, read by the others."""
    with args.main_process_first(desc="the run's folder"):
        if args.process_index == 0:
            if resume:
                config = resumed_config(config, run)
                for name in ("best", "last"):
                    mend(run / name)
            else:
                config = _pinned(config)
            config.save(run / CONFIG)
            data = reopen_data(config.data, run) if (run / DATA).is_file() else prepare_data(config.data, run)
            if config.smoke and not (run / TINY).is_dir():
                make_tiny_base(run / TINY, data, config)
        else:
            config = saved_config(run)
            data = reopen_data(config.data, run)
    return config, data


def resumed_config(config: RunConfig, run: Path) -> RunConfig:
    """The configuration to resume with. Raises InputError if it would change the losses."""
    before = saved_config(run)
    config = _with_absolute_base(_with_absolute_index(config))
    if config.model.revision is None:
        config = _with_revision(config, before.model.revision)
    if config.training.gradient_checkpointing is None:
        decided = {"gradient_checkpointing": before.training.gradient_checkpointing}
        config = config.model_copy(update={"training": config.training.model_copy(update=decided)})
    then, now = before.model_dump(mode="json"), config.model_dump(mode="json")
    for section in ("smoke", "data", "model", "training", "retrieval"):
        old, new = then[section], now[section]
        if section == "smoke":
            old, new = {"smoke": old}, {"smoke": new}
        changed = [name for name in old if old[name] != new[name] and name not in MAY_CHANGE]
        if changed:
            name = f"{section}.{changed[0]}" if section != "smoke" else "smoke"
            raise InputError(
                f"{name} was {old[changed[0]]!r} when {run} was started and is {new[changed[0]]!r} now; "
                "resume with the old value, or start a new run."
            )
    return config


def _train(
    trainer: RunTrainer,
    config: RunConfig,
    run: Path,
    plan: Plan,
    base: Base,
    *,
    resume: bool,
    stopping: StopSignal,
) -> Summary:
    checkpoints = whole_checkpoints(run / CHECKPOINTS) if resume else []
    start = checkpoints[-1] if checkpoints else None
    if start is not None:
        # Earlier versions had another default on a GPU, which their checkpoints do not name.
        changed = config.training.optimiser == "auto" and trainer.args.n_gpu
        check_checkpoint(start, trainer.shape, unnamed="paged_adamw_8bit" if changed else None)
        trainer.used = read_totals(start)
    try:
        if start is not None and (step_of(start) >= plan.steps or trainer.gave_up(start)):
            trainer.load_checkpoint(
                start
            )  # killed after its last step, or finished: repeat only what follows
        else:
            trainer.train(resume_from_checkpoint=str(start) if start is not None else None)
    except torch.OutOfMemoryError:
        raise RunFailed(
            f"The GPU does not have enough memory for this run; {relief(config)}, then restart it."
        ) from None
    except RuntimeError as error:
        if "DataLoader worker" not in str(error):
            raise
        raise RunFailed(
            "A process that loads samples was stopped, perhaps for a lack of memory; give it "
            "more (in Docker also /dev/shm, by --shm-size=8g), or --resume with --set training.workers=0."
        ) from None
    except InputError as error:  # for an unreadable row; workers of the loader add their own traceback
        raise InputError(
            str(error).strip().splitlines()[-1].removeprefix(f"{InputError.__module__}.InputError: ")
        ) from None
    step = trainer.state.global_step
    if trainer.interrupted and step < plan.steps:
        raise RunInterrupted(
            f"Stopped at step {step:,} of {plan.steps:,} with a checkpoint; continue with --resume.",
            stopping.signal or 15,
        )
    trainer.keep_model("last")
    if not (run / "best").is_dir() and trainer.args.should_save:
        shutil.copytree(run / "last", run / "best")
    before = read_summary(run) if resume else None
    if before is not None and before["steps"] == step:
        known = Summary(**{one.name: before[one.name] for one in fields(Summary)})
        return replace(known, resumed_from=step)  # nothing is added to what the file says
    losses = [line["loss"] for line in trainer.state.log_history if "loss" in line]
    used = trainer.totals()
    checks, streamed = plan.data.checks, count_left_out(run)
    excluded = checks.counts() if checks is not None else {}
    summary = Summary(
        run=str(run),
        steps=step,
        samples=step * plan.samples_per_step,
        tokens=used.tokens,
        loss=losses[-1] if losses else None,
        best_loss=trainer.state.best_metric,
        best_step=trainer.state.best_global_step,
        trainable=base.trainable(),
        seconds=used.seconds,
        peak_memory=used.peak_memory,
        resumed_from=step_of(start) if start is not None else None,
        stopped_early=step < plan.steps,
        excluded={**excluded, "streamed": streamed} if streamed else excluded,
    )
    if trainer.args.should_save:
        write_file(run / SUMMARY, json.dumps(summary.as_json(), indent=1) + "\n")
    return summary


def _trainer(
    config: RunConfig,
    base: Base,
    run: Path,
    args: TrainingArguments,
    plan: Plan,
    data: RunData,
    order: Any,
    encode: Encoder,
    validation: Validation | None,
    tracker: Tracker,
    log: RunLog,
    stopping: StopSignal,
) -> RunTrainer:
    agreement = AgreementCallback()
    scorer = None
    if validation is not None and config.training.generate_rows and not plan.sharded:
        scorer = validation.scorer(base, config, tracker, writes=args.should_save)
    names = tuple(source.name if source is not None else "" for source in data.sources)
    trainer = RunTrainer(
        config,
        base,
        run,
        args,
        mixture_of(config, data, order, encode),
        validation.samples if validation is not None else None,
        callbacks=[agreement, log],
        scorer=scorer,
        should_stop=lambda: stopping.received,
        shape={**plan.shape(), **_state_shape(config, args)},
        names=(names[0], names[1]),
    )
    agreement.trainer = trainer
    return trainer


def _state_shape(config: RunConfig, args: TrainingArguments) -> dict[str, str]:
    """What must be equal for the state of the optimiser to be of use."""
    adapters = str(adapter_type(config, gpu_capability())).removeprefix("torch.")
    return {"optimiser": optimiser_of(config) if args.n_gpu else "adamw", "adapter_dtype": adapters}


def _pinned(config: RunConfig) -> RunConfig:
    """With the commit of a base model from the Hub or the absolute path of a folder, for later commands."""
    config = _with_absolute_index(config)
    if config.smoke or Path(config.model.base).exists():
        return _with_absolute_base(config)
    name, revision = base_source(config, None)
    base_config(config)
    return _with_revision(config, hub_commit(name, revision) or revision)


def _with_absolute_base(config: RunConfig) -> RunConfig:
    """A folder's name would mean another folder, or a model on the Hub, where a later command is given."""
    path = Path(config.model.base)
    if config.smoke or path.is_absolute() or not path.exists():
        return config
    base = {"base": str(path.resolve())}
    return config.model_copy(update={"model": config.model.model_copy(update=base)})


def _with_absolute_index(config: RunConfig) -> RunConfig:
    if config.retrieval.index is None:
        return config
    index = {"index": str(Path(config.retrieval.index).resolve())}
    return config.model_copy(update={"retrieval": config.retrieval.model_copy(update=index)})


def _with_revision(config: RunConfig, revision: str | None) -> RunConfig:
    return config.model_copy(update={"model": config.model.model_copy(update={"revision": revision})})


def _discard(_: str) -> None:
    """Report nothing."""
