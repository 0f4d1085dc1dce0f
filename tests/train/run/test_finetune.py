"""A run from its configuration to its adapter: what it leaves, what it learns from, and how it stops."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import torch
from support.sets import garden
from support.tiny_runs import config_of, log_of, losses_of

from datagen.schemas import InputError, RunFailed
from datagen.train.config import RunConfig, saved_config
from datagen.train.data.mixture import REAL, SYNTHETIC
from datagen.train.data.run_data import described_data
from datagen.train.data.sources import Source
from datagen.train.models.base import load_run
from datagen.train.models.collator import PLACES
from datagen.train.run import finetune
from datagen.train.run.checkpoints import whole_checkpoints
from datagen.train.run.finetune import RunInterrupted, train_run
from datagen.train.run.plan import make_plan
from datagen.train.run.summary import read_totals
from datagen.train.run.trainer import BAD_BATCH, RunTrainer

pytestmark = [
    pytest.mark.filterwarnings("ignore:.*is_gradient_checkpointing.*:FutureWarning"),
]
Steps = list[list[Any]]


@contextmanager
def spied() -> Iterator[Steps]:
    """The rows of each batch that reaches the model, in order."""
    seen: Steps = []
    real = RunTrainer.training_step

    def noting(self: RunTrainer, model: Any, inputs: Any, *rest: Any) -> torch.Tensor:
        assert inputs["pixel_values"].any()
        seen.append(list(inputs[PLACES]))
        return real(self, model, inputs, *rest)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(RunTrainer, "training_step", noting)
        yield seen


@pytest.fixture
def places() -> Iterator[Steps]:
    """What ``spied`` tells of all of a test's runs."""
    with spied() as seen:
        yield seen


def stop_at(step: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody asks the run to stop in that step."""
    real = RunTrainer.agree

    def agree(self: RunTrainer, now: int) -> None:
        self._should_stop = lambda: now >= step
        real(self, now)

    monkeypatch.setattr(RunTrainer, "agree", agree)


def test_a_run_leaves_what_it_says(garden_set: Path, tmp_path: Path) -> None:
    said: list[str] = []
    config = config_of(garden_set, training__steps=7, training__generate_rows=2)
    summary = train_run(config, tmp_path / "run", say=said.append)
    run = tmp_path / "run"
    assert {path.name for path in run.iterdir()} == {
        *(
            "config.yaml",
            "data.json",
            "splits",
            "base",
            "log.jsonl",
            "checkpoints",
            "best",
            "last",
            "summary.json",
        ),
        "tracking",
    } - {"tracking"}
    assert saved_config(run) == config
    assert {path.name for path in (run / "checkpoints").iterdir()} == {"step-000006", "step-000007"}
    assert not list(run.rglob("*.bin"))  # pickles
    steps = [line for line in log_of(run) if "loss" in line]
    assert [line["step"] for line in steps] == list(range(1, 8))
    for name in (
        "learning_rate",
        "grad_norm",
        "tokens_per_second",
        "samples_per_second",
        "peak_memory",
        "epoch",
    ):
        assert all(math.isfinite(line[name]) and line[name] >= 0 for line in steps), name
    evaluated = {line["step"]: line for line in log_of(run) if "validation_loss" in line}
    assert list(evaluated) == [3, 6, 7]
    assert "validation_title_exact" in evaluated[3]
    least = min(evaluated, key=lambda step: evaluated[step]["validation_loss"])
    assert json.loads((run / "best" / "kept.json").read_text()) == {"step": least}
    assert (summary.best_step, summary.best_loss) == (least, evaluated[least]["validation_loss"])
    assert (summary.steps, summary.samples, summary.resumed_from) == (7, 28, None)
    assert json.loads((run / "summary.json").read_text()) == summary.as_json()
    assert len(load_run(run).processor.tokenizer) > 300
    assert said[0].startswith(f"Trains {summary.trainable:,} of ")
    assert "13 for its picture" in said[1]
    assert said[2].startswith("7 steps of 4 samples (4 x 1)")
    about = described_data(run)
    assert about["real"]["rows"] == 60
    assert about["split"]["validation"] > 0
    assert len(about["real"]["digest"]) == 64


def test_the_shares_of_the_mixture_reach_the_model(
    garden_set: Path, other_set: Path, tmp_path: Path, places: Steps
) -> None:
    config = config_of(
        garden_set,
        other_set,
        data__synthetic_share=0.75,
        training__steps=30,
        training__accumulation=2,
        training__evaluate_every=100,
        training__save_every=100,
    )
    train_run(config, tmp_path / "run")
    shown = [place for batch in places for place in batch]
    assert len(shown) == 30 * 8
    count = Counter(place.part for place in shown)
    assert count[SYNTHETIC] / len(shown) == pytest.approx(0.75, abs=0.01)
    about = described_data(tmp_path / "run")
    times = Counter(place.row for place in shown if place.part == REAL)
    assert len(times) == about["real"]["training_rows"]
    assert max(times.values()) - min(times.values()) <= 1
    first = list(places)[: 2 * 6]
    for seed in (0, 1):
        places.clear()
        fewer = config.training.model_copy(update={"steps": 6})
        data = config.data.model_copy(update={"seed": seed})
        train_run(config.model_copy(update={"training": fewer, "data": data}), tmp_path / f"seed{seed}")
        assert (places == first) == (seed == 0)


def test_accumulation_is_weighted_by_tokens(garden_set: Path, tmp_path: Path) -> None:
    """Answers have different lengths, so that a mean of means would be another loss."""
    found = []
    for batch, accumulation in ((4, 1), (2, 2), (1, 4)):
        config = config_of(
            garden_set,
            training__batch_size=batch,
            training__accumulation=accumulation,
            training__evaluate_every=6,
        )
        run = tmp_path / f"{batch}"
        train_run(config, run)
        evaluated = [line["validation_loss"] for line in log_of(run) if "validation_loss" in line]
        found.append([*losses_of(run).values(), *evaluated])
    assert found[1] == pytest.approx(found[0], abs=1e-5)
    assert found[2] == pytest.approx(found[0], abs=1e-5)


def lora(garden_set: Path, **flags: Any) -> RunConfig:
    """A run in which everything is drawn that can be: order, adapters, dropout."""
    asked = {
        "model__method": "lora",
        "model__lora__dropout": 0.3,
        "training__steps": 16,
        "training__accumulation": 2,
        "training__batch_size": 2,
        "training__learning_rate": 0.003,
        "training__save_every": 100,
        **flags,
    }
    config: RunConfig = config_of(garden_set, **asked)
    return config


@pytest.fixture(scope="module")
def undisturbed(garden_set: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[int, float], Steps]:
    """Losses, and the rows of each batch, of a run that is to be had again when it is resumed."""
    run = tmp_path_factory.mktemp("undisturbed") / "run"
    with spied() as seen:
        train_run(lora(garden_set), run)
    return losses_of(run), list(seen)


@pytest.mark.parametrize("stop", [5, 12])  # in the middle of an epoch of 12 steps, and at its end
def test_a_resumed_run_has_the_losses_of_an_undisturbed_one_and_reads_no_row_twice(
    garden_set: Path,
    tmp_path: Path,
    stop: int,
    monkeypatch: pytest.MonkeyPatch,
    undisturbed: tuple[dict[int, float], Steps],
    places: Steps,
) -> None:
    losses, whole = undisturbed
    with monkeypatch.context() as patch:
        stop_at(stop, patch)
        with pytest.raises(RunInterrupted, match=f"Stopped at step {stop} of 16.*--resume"):
            train_run(lora(garden_set), tmp_path / "run")
    before = read_totals(whole_checkpoints(tmp_path / "run" / "checkpoints")[-1])
    read: list[int] = []
    real = Source.row

    def noted(self: Source, number: int) -> dict[str, Any]:
        read.append(number)
        return real(self, number)

    monkeypatch.setattr(Source, "row", noted)
    monkeypatch.setattr(finetune, "make_plan", _without_reading(make_plan, read))
    monkeypatch.setattr(RunTrainer, "_validation_loss", lambda self: 1.0)
    summary = train_run(lora(garden_set, training__evaluate_every=50), tmp_path / "run", resume=True)
    assert summary.resumed_from == stop
    assert losses_of(tmp_path / "run") == pytest.approx(losses, abs=1e-6)
    logged = [line for line in log_of(tmp_path / "run") if "loss" in line]
    assert [line["step"] for line in logged] == list(range(1, 17))
    assert (summary.samples, summary.tokens) == (16 * 4, sum(line["tokens"] for line in logged))
    assert summary.seconds > before.seconds > 0
    assert places == whole
    assert len(read) <= 4 * (16 - stop)  # a smoke run reads each row once


def _without_reading(make: Any, read: list[int]) -> Any:
    def planned(*args: Any) -> Any:
        plan = make(*args)
        read.clear()
        return plan

    return planned


def test_a_half_written_checkpoint_is_of_no_account(
    garden_set: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = tmp_path / "run"
    with monkeypatch.context() as patch:
        stop_at(4, patch)
        with pytest.raises(RunInterrupted):
            train_run(lora(garden_set), run)
    (run / "checkpoints" / ".step-000006.part").mkdir()
    (run / "checkpoints" / ".step-000006.part" / "trainer_state.json").write_text("{}")
    (run / "checkpoints" / "step-000008").mkdir()
    (run / "best").rename(run / ".best.old")  # killed while a better one got its name
    with (run / "log.jsonl").open("a") as log:
        log.write('{"step": 5, "loss": 1.0}\n{"step": 6, "lo')
    assert train_run(lora(garden_set), run, resume=True).resumed_from == 4
    assert [line["step"] for line in log_of(run) if "loss" in line] == list(range(1, 17))
    assert [path.name for path in whole_checkpoints(run / "checkpoints")] == ["step-000004", "step-000016"]
    assert not list((run / "checkpoints").glob(".*"))


def test_an_exploding_loss_stops_the_run_and_names_its_rows(
    garden_set: Path, tmp_path: Path, places: Steps
) -> None:
    config = config_of(garden_set, training__explodes_at=0.01, training__accumulation=2)
    with pytest.raises(RunFailed, match=r"loss of step 1 is .*bad_batch\.json.*--resume"):
        train_run(config, tmp_path / "run")
    told = json.loads((tmp_path / "run" / BAD_BATCH).read_text())
    rows = [[place.row for place in batch] for batch in places]
    assert [[row["row"] for row in batch["rows"]] for batch in told["batches"]] == rows
    assert told["batches"][0]["rows"][0]["data"] == str(garden_set)
    assert told["loss"] == pytest.approx(sum(batch["loss"] for batch in told["batches"]))


def test_a_nan_loss_stops_the_run_before_the_weights_are_lost(
    garden_set: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = RunTrainer.training_step

    def broken(self: RunTrainer, model: Any, inputs: Any, *rest: Any) -> torch.Tensor:
        if self.state.global_step == 4:
            inputs["pixel_values"] = torch.full_like(inputs["pixel_values"], float("nan"))
        return real(self, model, inputs, *rest)

    with monkeypatch.context() as patch:
        patch.setattr(RunTrainer, "training_step", broken)
        with pytest.raises(RunFailed, match="loss of step 5 is NaN"):
            train_run(config_of(garden_set), tmp_path / "run")
    assert json.loads((tmp_path / "run" / BAD_BATCH).read_text())["step"] == 5
    assert train_run(config_of(garden_set), tmp_path / "run", resume=True).resumed_from == 3
    assert all(math.isfinite(loss) for loss in losses_of(tmp_path / "run").values())


def test_a_lack_of_memory_says_which_option_to_change(
    garden_set: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> torch.Tensor:
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(RunTrainer, "training_step", full)
    with pytest.raises(RunFailed, match="gradient_checkpointing=true"):
        train_run(config_of(garden_set), tmp_path / "run")
    stored = config_of(garden_set, training__gradient_checkpointing=True)
    with pytest.raises(RunFailed, match="--batch-size 2 --accumulation 2, which makes the same steps"):
        train_run(stored, tmp_path / "other")


def test_a_run_resumes_only_with_its_original_settings(
    garden_set: Path, other_set: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = tmp_path / "run"
    with pytest.raises(InputError, match="is not a run"):
        train_run(config_of(garden_set), run, resume=True)
    stop_at(2, monkeypatch)
    with pytest.raises(RunInterrupted):
        train_run(config_of(garden_set), run)
    with pytest.raises(InputError, match="continue it with --resume, replace it with --overwrite"):
        train_run(config_of(garden_set), run)
    for flags, name in (
        ({"training__learning_rate": 1e-4}, "training.learning_rate was 0.003"),
        ({"training__steps": 9}, "training.steps was 6"),
        ({"model__method": "lora"}, "model.method was 'full'"),
        ({"data__seed": 4}, "data.seed was 0"),
    ):
        with pytest.raises(InputError, match=name):
            train_run(config_of(garden_set, **flags), run, resume=True)
    with pytest.raises(InputError, match=r"data\.real was"):
        train_run(config_of(other_set), run, resume=True)
    monkeypatch.undo()
    allowed = config_of(garden_set, training__evaluate_every=2, training__keep=1, tracking__project="other")
    assert train_run(allowed, run, resume=True).resumed_from == 2


def test_data_that_changed_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = garden(tmp_path / "data", 40)
    with monkeypatch.context() as patch:
        stop_at(2, patch)
        with pytest.raises(RunInterrupted):
            train_run(config_of(data), tmp_path / "run")
    garden(tmp_path / "data", 40, seed=5, overwrite=True)
    with pytest.raises(InputError, match="has changed since"):
        train_run(config_of(data), tmp_path / "run", resume=True)


def test_a_folder_that_is_not_a_run_is_never_overwritten(garden_set: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("all of it")
    for overwrite in (False, True):
        with pytest.raises(InputError, match="is not a run"):
            train_run(config_of(garden_set), tmp_path / "mine", overwrite=overwrite)
    assert (tmp_path / "mine" / "thesis.txt").read_text() == "all of it"


def test_what_needs_a_gpu_is_refused_without_one(
    garden_set: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if torch.cuda.is_available():
        pytest.skip("there is a GPU")
    for flags, why in (
        ({"training__bf16": True}, "bf16 needs a GPU"),
        ({"training__optimiser": "paged_adamw_8bit"}, "paged_adamw_8bit needs a GPU"),
    ):
        with pytest.raises(InputError, match=why):
            train_run(config_of(garden_set, **flags), tmp_path / "run")
    monkeypatch.setenv("ACCELERATE_USE_FSDP", "true")
    with pytest.raises(InputError, match="FSDP needs GPUs"):
        train_run(config_of(garden_set), tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_without_validation_rows_the_last_model_is_the_best(garden_set: Path, tmp_path: Path) -> None:
    config = config_of(garden_set, data__split={"train": 0.9, "validation": 0.0, "test": 0.1})
    summary = train_run(config, tmp_path / "run")
    assert (summary.best_loss, summary.best_step) == (None, None)
    for name in ("model.safetensors", "config.json", "tokenizer.json"):
        assert (tmp_path / "run/best" / name).read_bytes() == (tmp_path / "run/last" / name).read_bytes()


@pytest.mark.parametrize("method", ["qlora", "lora"])
def test_adapters_learn_too(garden_set: Path, tmp_path: Path, method: str) -> None:
    config = lora(
        garden_set,
        model__method=method,
        model__lora__dropout=0.0,
        training__gradient_checkpointing=True,
        training__learning_rate=0.01,
        training__evaluate_every=100,
    )
    train_run(config, tmp_path / "run")
    losses = list(losses_of(tmp_path / "run").values())
    assert sum(losses[-4:]) < 0.6 * sum(losses[:4])
    assert {path.name for path in (tmp_path / "run" / "last").iterdir()} >= {
        "adapter_config.json",
        "adapter_model.safetensors",
        "tokenizer.json",
    }
    assert not (tmp_path / "run" / "last" / "model.safetensors").exists()
    named = json.loads((tmp_path / "run" / "best" / "adapter_config.json").read_text())
    assert named["base_model_name_or_path"] == str(tmp_path / "run" / "base")
    assert named["auto_mapping"]["parent_library"] == "transformers"  # peft imports from nowhere else
