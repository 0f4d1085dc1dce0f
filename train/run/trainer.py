"""transformers' ``Trainer``, adapted to the runs here.

- Batches come from our own loader (loader.py), so that a resumed run reads no sample twice.
- Before every optimiser step all processes agree that the loss is finite, and whether to stop.
- The validation loss is weighted by tokens, like the training loss, and no logits are kept.
- Checkpoints are written whole or not at all (checkpoints.py), and contain no pickled arguments.
- Architectures that would compute logits everywhere compute them from the first label on only.
"""

from __future__ import annotations

import json
import resource
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, distributed
from transformers import TrainerCallback, TrainingArguments
from transformers.trainer_callback import PrinterCallback, TrainerState

from datagen.schemas import RunFailed
from datagen.train.config import RunConfig
from datagen.train.data.mixture import LEFT_OUT, Mixture, RowSubset
from datagen.train.models.adapter import name_base
from datagen.train.models.base import Base, base_source
from datagen.train.models.collator import IGNORED, PLACES, Collator, without_padding_mask
from datagen.train.models.precision import adapter_type, cast_adapters, gpu_capability, picture_type
from datagen.train.models.trained_parts import PREFIX, add_whole_weights
from datagen.train.private_apis.trainer import TrainerHooks
from datagen.train.run.checkpoints import (
    STATE,
    aside_of,
    begin,
    finish,
    folder_of,
    prune,
    unreadable,
    write_shape,
)
from datagen.train.run.learning_rates import set_rates
from datagen.train.run.left_out import LeftOut
from datagen.train.run.loader import Loader, StepBatches, ValidationBatches
from datagen.train.run.optimiser import CopyingAdamW
from datagen.train.run.summary import Totals

BAD_BATCH = "bad_batch.json"
AnswerScorer = Callable[[int], Mapping[str, float]]
"""Called with the step of an evaluation; returns scores of generated answers."""


class RunTrainer(TrainerHooks):
    """``run``: the run's folder. ``scorer``: scores generated answers, or None for the loss alone.

    ``should_stop``: whether this process received a signal to stop; called before every step. ``shape``: what
    must be equal to resume from a checkpoint. ``names``: of the real and the synthetic dataset.
    """

    def __init__(
        self,
        config: RunConfig,
        base: Base,
        run: Path,
        args: TrainingArguments,
        mixture: Mixture,
        validation: RowSubset | None,
        *,
        callbacks: list[TrainerCallback],
        scorer: AnswerScorer | None,
        should_stop: Callable[[], bool],
        shape: dict[str, Any],
        names: tuple[str, str],
    ) -> None:
        before = vars(base.model.config).get("use_cache")
        super().__init__(
            base.model, args, train_dataset=mixture, eval_dataset=validation, callbacks=callbacks
        )
        vars(base.model.config).pop("use_cache", None)  # of what transformers sets, which would be saved
        if before is not None:
            base.model.config.use_cache = before
        self.remove_callback(PrinterCallback)
        self.interrupted = False
        self.best_step = 0
        self.seen = {"tokens": 0, "labels": 0, "samples": 0}
        self.used = Totals()  # up to the checkpoint that the run continues from
        self._config, self._base, self._run = config, base, run
        self.shape = shape
        self._scorer, self._should_stop = scorer, should_stop
        self._names = names
        self._left_out = LeftOut(run, names)
        self._collate = Collator(
            base.processor.tokenizer.pad_token_id,
            places=True,
            floats=picture_type(config, gpu_capability()),
            answer_type=base.architecture.answer_type,
        )
        text = base.model.config.get_text_config()
        self._longest_unmasked = getattr(text, "original_max_position_embeddings", None)
        self._step: list[tuple[Tensor, list[Any]]] = []
        self._began = self._clock = time.monotonic()
        self._counted = dict(self.seen)

    def get_train_dataloader(self) -> Loader:
        """The loader of this process. ``skip_first_batches`` makes another one that starts later."""
        mixture: Any = self.train_dataset
        batches = StepBatches(
            len(mixture), self._config.training.batch_size, self.args.process_index, self.args.world_size
        )
        return Loader(mixture, batches, self._collate, workers=self._config.training.workers)

    def get_optimizer_cls_and_kwargs(  # type: ignore[override]  # static there
        self, args: TrainingArguments, model: Any = None
    ) -> tuple[Any, Any]:
        """The optimiser and its options: one that keeps float32 copies if adapters are in bfloat16."""
        kind, options = super().get_optimizer_cls_and_kwargs(args, model)
        brain = adapter_type(self._config, gpu_capability()) == torch.bfloat16
        copying = brain and issubclass(kind, torch.optim.AdamW)
        return (CopyingAdamW if copying else kind), options

    def compute_loss(self, model: Any, inputs: Any, *args: Any, **options: Any) -> Any:
        """The loss, with logits only as far as there are labels."""
        if not self._base.architecture.computes_label_loss:
            inputs = from_first_label(inputs)
        return super().compute_loss(model, {**inputs, "use_cache": False}, *args, **options)

    def training_step(self, model: Any, inputs: dict[str, Any], num_items_in_batch: Any = None) -> Tensor:
        """One batch forward and backward; ``agree`` checks its loss before the optimiser step."""
        places = inputs.pop(PLACES)
        self._left_out.add(inputs.pop(LEFT_OUT))
        self.seen["tokens"] += int(inputs["attention_mask"].sum())
        self.seen["labels"] += int((inputs["labels"] != IGNORED).sum())
        self.seen["samples"] += len(places)
        loss: Tensor = super().training_step(model, self._unmasked(inputs), num_items_in_batch)
        self._step.append((loss, places))
        return loss

    def _unmasked(self, batch: dict[str, Any]) -> dict[str, Any]:
        """The batch without a padding mask that changes nothing."""
        causal = self._base.architecture.causal
        return without_padding_mask(batch, self._longest_unmasked) if causal else batch

    def agree(self, step: int) -> None:
        """Before an optimiser step: stop if the loss is NaN or explodes, or if any process got a signal.

        Raises RunFailed on all processes, with the weights from before the step.
        """
        loss = torch.stack([loss for loss, _ in self._step]).sum()
        stop = torch.tensor(float(self._should_stop()), device=loss.device)
        mine = torch.stack([loss.float(), stop]).unsqueeze(0)
        everywhere = self.accelerator.gather(mine) if self.args.world_size > 1 else mine
        mean, stop_anywhere = float(everywhere[:, 0].mean()), bool(everywhere[:, 1].any())
        places = [(float(loss), rows) for loss, rows in self._step]
        self._step = []
        self.interrupted = self.interrupted or stop_anywhere
        if mean == mean and mean <= self._config.training.explodes_at:
            return
        self._save_bad_batch(step, mean, places)
        what = "is NaN" if mean != mean else f"is {mean:,.0f}"
        raise RunFailed(
            f"The loss of step {step} {what}; {self._run / BAD_BATCH} lists the rows of its batches; check "
            "them, lower --learning-rate or raise training.warmup, then --resume from the last checkpoint."
        )

    def _save_bad_batch(self, step: int, loss: float, places: list[tuple[float, list[Any]]]) -> None:
        batches = [
            {
                "loss": None if part != part else part,
                "rows": [{"data": self._names[place.part], "row": place.row} for place in rows],
            }
            for part, rows in places
        ]
        every: list[Any] = [batches]
        if self.args.world_size > 1:
            every = [None] * self.args.world_size
            distributed.all_gather_object(every, batches)
        if self.args.should_save:
            report = {
                "step": step,
                "loss": None if loss != loss else loss,
                "batches": [batch for mine in every for batch in mine],
            }
            (self._run / BAD_BATCH).write_text(json.dumps(report, indent=1), encoding="utf-8")

    def evaluate(self, *_: Any, **__: Any) -> dict[str, float]:
        """The loss of validation rows, and scores of the answers to some of them."""
        began = time.monotonic()
        metrics = {"eval_loss": self._validation_loss()}
        if self._scorer is not None:
            metrics |= {f"eval_{name}": value for name, value in self._scorer(self.state.global_step).items()}
            self.accelerator.wait_for_everyone()
        metrics["eval_seconds"] = time.monotonic() - began
        self.state.log_history.append({**metrics, "step": self.state.global_step})
        self.control = self.callback_handler.on_evaluate(self.args, self.state, self.control, metrics)
        self._clock += metrics["eval_seconds"]  # does not count towards the speed of training
        return metrics

    def out_of_patience(self) -> bool:
        """Whether the last ``training.patience`` evaluations had no lower validation loss than one before."""
        losses = [line["eval_loss"] for line in self.state.log_history if "eval_loss" in line]
        patience = self._config.training.patience
        if patience is None or not losses:
            return False
        return len(losses) - 1 - losses.index(min(losses)) >= patience

    def gave_up(self, checkpoint: Path) -> bool:
        """Whether a checkpoint is the last of a run that was out of patience."""
        with self.reading(str(checkpoint)):
            self.state = TrainerState.load_from_json(str(checkpoint / STATE))
        return self.out_of_patience()

    def _validation_loss(self) -> float:
        """Mean over all answer tokens of the validation rows, distributed over the processes."""
        rows: Any = self.eval_dataset
        ranks = self.args.world_size
        batches = ValidationBatches(len(rows), self.args.eval_batch_size, self.args.process_index, ranks)
        workers = min(self._config.training.workers, len(batches))
        total = torch.zeros(2, dtype=torch.float64)
        model = self.model_wrapped
        model.eval()
        loader = Loader(rows, batches, self._collate, workers=workers, persistent=False)
        for number, batch in enumerate(loader):
            del batch[PLACES]
            self._left_out.add(batch.pop(LEFT_OUT))
            labels = int((batch["labels"] != IGNORED).sum())
            with torch.no_grad():
                inputs = self.to_device(self._unmasked(batch))
                loss = self.compute_loss(model, {**inputs, "num_items_in_batch": 1})
            if batches.counts(number):
                total += torch.tensor([float(loss), labels], dtype=torch.float64)
        model.train()
        if ranks > 1:
            total = self.accelerator.reduce(total.to(self.args.device), "sum").cpu()
        return float(total[0] / total[1])

    def log(self, logs: dict[str, float], start_time: float | None = None) -> None:
        """Add speed and memory of all processes to the metrics of a step."""
        if "loss" in logs:
            now, counted = time.monotonic(), dict(self.seen)
            seconds = max(now - self._clock, 1e-9)
            names = tuple(counted)
            done = torch.tensor(
                [counted[name] - self._counted[name] for name in names], device=self.args.device
            )
            if self.args.world_size > 1:
                done = self.accelerator.reduce(done, "sum")
            speed = dict(zip(names, done.tolist(), strict=True))
            logs |= {
                "tokens": speed["tokens"],
                "tokens_per_second": speed["tokens"] / seconds,
                "samples_per_second": speed["samples"] / seconds,
                "peak_memory": peak_memory(),
            }
            self._clock, self._counted = now, counted
        super().log(logs, start_time)

    @contextmanager
    def reading(self, checkpoint: str) -> Iterator[None]:
        """Whatever a library raises for a damaged checkpoint becomes one sentence. Raises InputError."""
        try:
            yield
        except torch.OutOfMemoryError:
            raise
        except Exception as error:
            raise unreadable(Path(checkpoint), error) from None

    def write_best_model(self) -> None:
        """Keep the model with the lowest validation loss as RUN/best."""
        self.keep_model("best")

    def keep_model(self, name: str) -> None:
        """Write the model, or its adapter, and the processor to RUN/``name``, replacing an old one."""
        path = self._run / name
        with self._writing(path):
            self.write_weights(aside_of(path))
            if self.args.should_save:
                self._base.processor.save_pretrained(aside_of(path))
                if self._config.model.method != "full":
                    name_base(aside_of(path), base_source(self._config, self._run)[0], self._base.commit)
                (aside_of(path) / "kept.json").write_text(json.dumps({"step": self.state.global_step}))

    def weights_loaded(self) -> None:
        """Give adapters their type again: peft loads those in bfloat16 as float32."""
        cast_adapters(self.model, self._config)

    def weights_written(self, folder: Path, state: Mapping[str, Any] | None) -> None:
        """Add the parts that are trained fully to an adapter's file."""
        if self._config.model.method != "full":
            add_whole_weights(self._base.model, folder, state)

    def optimiser_made(self, optimiser: Any) -> None:
        """Give each part of the model its learning rate."""
        model: Any = self.model
        parts = {
            weight: self._base.architecture.part_of(name.removeprefix("module.").removeprefix(PREFIX))
            for name, weight in model.named_parameters()
        }
        if isinstance(optimiser, CopyingAdamW):
            parts |= {copy: parts[weight] for weight, copy in optimiser.pairs() if weight in parts}
        training = self._config.training
        set_rates(optimiser, parts, training.learning_rate, training.learning_rates)

    def load_checkpoint(self, checkpoint: Path) -> None:
        """Load weights and state of a checkpoint, without training."""
        self.load_weights(checkpoint)
        with self.reading(str(checkpoint)):
            self.state = TrainerState.load_from_json(str(checkpoint / STATE))

    def totals(self) -> Totals:
        """What the run has used so far, of all processes; called by all of them."""
        done = torch.tensor([*self.seen.values(), peak_memory()], device=self.args.device)
        if self.args.world_size > 1:
            done = self.accelerator.gather(done[None]).T.contiguous()
            done = torch.cat([done[:-1].sum(dim=1), done[-1:].max(dim=1).values])
        tokens, labels, samples, peak = done.tolist()
        return Totals(
            seconds=self.used.seconds + time.monotonic() - self._began,
            tokens=self.used.tokens + tokens,
            labels=self.used.labels + labels,
            samples=self.used.samples + samples,
            peak_memory=max(self.used.peak_memory, peak),
        )

    def write_checkpoint(self) -> None:
        """Write a checkpoint of the current step, whole or not at all."""
        self.store_flos()
        used = self.totals()
        path = folder_of(Path(self.args.output_dir or "."), self.state.global_step)
        with self._writing(path):
            self.write_weights(aside_of(path))
            self.write_training_state(aside_of(path))
            if self.args.should_save:
                write_shape(aside_of(path), self.shape)
                used.save(aside_of(path))
                self.state.save_to_json(str(aside_of(path) / STATE))
        if self.args.should_save:
            prune(path.parent, self._config.training.keep)

    @contextmanager
    def _writing(self, path: Path) -> Iterator[None]:
        """Write a folder aside and rename it at the end, or remove what there is of it after an error."""
        if self.args.should_save:
            begin(path)
        self.accelerator.wait_for_everyone()
        try:
            yield
        except BaseException:
            shutil.rmtree(aside_of(path), ignore_errors=True)
            raise
        self.accelerator.wait_for_everyone()
        if self.args.should_save:
            (aside_of(path) / "training_args.bin").unlink(missing_ok=True)  # a pickle
            finish(path)
        self.accelerator.wait_for_everyone()


class AgreementCallback(TrainerCallback):
    """Makes the processes agree before every step, and stops the run with a checkpoint after a signal."""

    trainer: RunTrainer

    def on_pre_optimizer_step(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Check the loss before the weights change."""
        self.trainer.agree(state.global_step + 1)

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Save and stop after a signal."""
        if self.trainer.interrupted and state.global_step < state.max_steps:
            control.should_save = control.should_training_stop = True
            control.should_evaluate = False

    def on_evaluate(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Save and stop if evaluations have not got better for long enough."""
        if self.trainer.out_of_patience():
            control.should_save = control.should_training_stop = True


def from_first_label(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Inputs for architectures that compute logits everywhere, limited to positions that predict labels.

    A label is predicted at the position before it, so the position before the first label is the first to
    keep.
    """
    labels = inputs["labels"]
    some = (labels != IGNORED).any(dim=0).nonzero()
    first = int(some[0]) if len(some) else labels.shape[1] - 1
    keep = labels.shape[1] - max(first - 1, 0)
    return {**inputs, "labels": labels[:, -keep:], "logits_to_keep": keep}


def peak_memory() -> int:
    """Peak memory of this process in bytes: on its GPU, or resident without one."""
    if torch.cuda.is_available():
        return int(torch.cuda.max_memory_allocated())
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
