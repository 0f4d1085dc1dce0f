"""Private methods of ``transformers.Trainer`` under public names.

``Trainer`` has no public hook to write a checkpoint in another way, to hear of a new best model, or to save
and load only a part of a checkpoint. The names and arguments are those of transformers 5.23.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from transformers import Trainer


class TrainerHooks(Trainer):
    """A ``Trainer`` that subclasses adapt by its public methods alone."""

    @abstractmethod
    def write_checkpoint(self) -> None:
        """Called to write a checkpoint of the current step."""

    @abstractmethod
    def write_best_model(self) -> None:
        """Called when an evaluation was the best so far."""

    @abstractmethod
    def reading(self, checkpoint: str) -> AbstractContextManager[None]:
        """Surrounds the reading of a checkpoint's weights and state, whose errors may be of any kind."""

    @abstractmethod
    def weights_loaded(self) -> None:
        """Called when the weights of a checkpoint have been loaded."""

    @abstractmethod
    def weights_written(self, folder: Path, state: Mapping[str, Any] | None) -> None:
        """Called after a model or an adapter was saved; ``state``: its weights where they were gathered."""

    @abstractmethod
    def optimiser_made(self, optimiser: Any) -> None:
        """Called with a new optimiser, before its first step and before it has a schedule."""

    def create_optimizer(self, model: Any = None) -> Any:
        """The optimiser; see :meth:`optimiser_made`."""
        new = self.optimizer is None
        optimiser = super().create_optimizer(model)
        if new:
            self.optimiser_made(optimiser)
        return optimiser

    def write_weights(self, folder: Path) -> None:
        """Save the model, or its adapter, without pushing it to the Hub."""
        self.save_model(str(folder), _internal_call=True)

    def write_training_state(self, folder: Path) -> None:
        """Save optimiser, schedule, gradient scaler and random number generators."""
        self._save_optimizer_and_scheduler(str(folder))
        self._save_scaler(str(folder))
        self._save_rng_state(str(folder))

    def load_weights(self, checkpoint: Path) -> None:
        """Load the weights of a checkpoint and nothing else."""
        self._load_from_checkpoint(str(checkpoint))

    def to_device(self, batch: dict[str, Any]) -> dict[str, Any]:
        """The tensors of a batch on the device and in the types of training."""
        return self._prepare_inputs(batch)

    def _load_from_checkpoint(self, resume_from_checkpoint: str, model: Any = None) -> None:
        with self.reading(resume_from_checkpoint):
            super()._load_from_checkpoint(resume_from_checkpoint, model)
            self.weights_loaded()

    def _load_optimizer_and_scheduler(self, checkpoint: str | None) -> None:
        with self.reading(checkpoint or ""):
            super()._load_optimizer_and_scheduler(checkpoint)

    def _load_rng_state(self, checkpoint: str | None) -> None:
        with self.reading(checkpoint or ""):
            super()._load_rng_state(checkpoint)

    def _save(self, output_dir: str | None = None, state_dict: dict[str, Any] | None = None) -> None:
        super()._save(output_dir, state_dict)
        if self.args.should_save:
            self.weights_written(Path(output_dir or str(self.args.output_dir)), state_dict)

    def _save_checkpoint(self, model: Any, trial: Any) -> None:
        self.write_checkpoint()

    def _determine_best_metric(self, metrics: dict[str, float], trial: Any) -> bool:
        best = bool(super()._determine_best_metric(metrics, trial))
        if best:
            self.write_best_model()
        return best
