"""The commands as a user has them: a whole small run through the command line, and what each refuses."""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from click.testing import CliRunner, Result
from support.sets import DATAGEN, ENVIRONMENT, garden
from support.tiny_base import encoded
from support.tiny_run import overfit, run_folder

from datagen.cli import main
from datagen.train.commands import COMMANDS
from datagen.train.commands.merge import _next as after_merge
from datagen.train.commands.next_steps import after_evaluation, after_prediction, after_training
from datagen.train.commands.train import FLAGS
from datagen.train.config import RECIPES, load_config
from datagen.train.terminal import loading


@pytest.fixture(scope="module", autouse=True)
def _one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def call(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, garden_set: Path) -> Path:
    folder = tmp_path_factory.mktemp("commands") / "run"
    overfit(folder, run_folder(folder, garden_set), steps=100)
    return folder


@pytest.fixture(scope="module")
def plain_set(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Rows without pictures."""
    return garden(tmp_path_factory.mktemp("commands") / "plain", 8, image_size=None)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: str(command.name))
def test_help_describes_every_option_and_has_an_example(command: Any) -> None:
    done = call(command.name, "--help")
    assert done.exit_code == 0
    assert f"datagen {command.name} " in done.output
    assert all(
        getattr(parameter, "help", None) or parameter.param_type_name == "argument"
        for parameter in command.params
    )


def test_the_help_of_train_lists_the_built_in_recipes() -> None:
    said = call("train", "--help").output
    assert all(recipe.stem in said for recipe in RECIPES.glob("*.yaml"))


def test_help_loads_nothing_heavy() -> None:
    code = "import sys, cli; print(sorted({'torch', 'transformers', 'rich', 'numpy'} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=ENVIRONMENT, check=True
    )
    assert done.stdout.strip() == "[]"


def test_each_command_says_what_to_type_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    run = Path("my run")
    run.mkdir()
    assert after_evaluation(run, {"best"})[:3] == [
        "datagen evaluate 'my run' --which base",
        "datagen evaluate 'my run' --shuffle-images",
        "datagen predict 'my run' photo.jpg",
    ]
    done = {"best", "base", "best, shuffled pictures"}
    assert after_evaluation(run, done)[0] == "datagen predict 'my run' photo.jpg"
    assert after_prediction(run, Path("a.jpg"))[0] == "datagen predict 'my run' a.jpg --json > answers.jsonl"
    assert after_evaluation(Path("me/model"), set()) == ["datagen predict me/model photo.jpg"]
    assert after_evaluation(run, set())[-2:] == after_training(run)[-2:]
    assert after_merge("my model")[0] == "datagen train --base 'my model' --real FOLDER"


def test_garbage_collection_is_enabled_again_after_loading() -> None:
    with loading():
        assert not gc.isenabled()
    assert gc.isenabled()


def test_every_option_of_train_is_a_setting() -> None:
    known = load_config(None, {"data.real": "shop"}).model_dump()
    for name in FLAGS.values():
        value: Any = known
        for part in name.split("."):
            value = value[part]


@pytest.mark.slow
def test_predict_shows_a_table_or_json_and_exits_with_1_for_a_fault(run: Path, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.png", tmp_path / "bad.jpg"
    good.write_bytes(encoded(64, 64, 0))
    bad.write_text("no picture")
    done = call("predict", run, good)
    assert done.exit_code == 0
    assert {"picture", "title", "category", "price"} <= set(done.output.replace("┃", " ").split())
    done = call("predict", run, bad, tmp_path, "--json")
    assert done.exit_code == 1
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert [one["picture"] for one in told] == [str(bad), str(bad), str(good)]
    assert told[0]["error"].startswith(f"{bad} is not a JPEG")
    assert told[2]["error"] is None
    assert set(told[2]) == {"picture", "fields", "answer", "error"}


@pytest.mark.slow
def test_evaluate_shows_tables_or_json(run: Path) -> None:
    done = call("evaluate", run, "--shuffle-images", "--max-new-tokens", 40)
    assert done.exit_code == 0, done.output
    for word in ("majority", "nearest", "best, shuffled pictures", "With shuffled pictures", "report.md"):
        assert word in done.output
    done = call("evaluate", run, "--json", "--no-baselines", "--max-new-tokens", 40)
    told = json.loads(done.stdout)
    assert told["folder"] == str(run / "evaluation" / "best")
    assert told["baselines"] == {}
    assert json.loads((run / "evaluation" / "best" / "scores.json").read_text(encoding="utf-8")) == {
        key: value for key, value in told.items() if key != "folder"
    }
    assert call("evaluate", run, "--quiet", "--max-new-tokens", 40).output == ""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["evaluate", "RUN", "--shuffle-images", "--blank-images"], "give one of them"),
        (["evaluate", "RUN", "--which", "step-7"], "step-7"),
        (["evaluate", "RUN", "--split", "holdout"], "give validation or test"),
        (["evaluate", "RUN", "--split", "train"], "give --split validation or test"),
        (["evaluate", "RUN", "--data", "SET"], "its splits are train; give --split train"),
        (["evaluate", "no-run"], "is not a run folder"),
        (["predict", "no-run", "a.jpg"], "is not a run folder"),
        (["merge", "RUN", "--out", "model", "--which", "step-7"], "no model 'step-7'"),
        (["train", "--smoke"], "no training data"),
        (["train", "--real", "SET", "--recipe", "gpu-9000gb"], "nor built in"),
        (["train", "--real", "SET", "--resume", "--overwrite"], "--resume"),
        (["train", "--real", "SET", "--set", "training.pace=1"], "training.pace"),
        (["train", "--real", "SET", "--epochs", "1", "--steps", "5"], "one of them"),
        (["train", "--real", "SET", "--smoke", "--out", "RUN"], "already"),
    ],
)
def test_invalid_commands_are_refused_in_one_sentence(
    run: Path, garden_set: Path, words: list[str], told: str
) -> None:
    names = {"RUN": run, "SET": garden_set}
    done = call(*(names.get(word, word) for word in words))
    assert done.exit_code == 2, done.output
    assert done.stderr.count("Error:") == 1
    assert told in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_a_dry_run_prints_the_plan_and_writes_nothing(garden_set: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    done = call("train", "--synthetic", garden_set, "--smoke", "--dry-run", "--out", out)
    assert done.exit_code == 0, done.output
    assert "240 steps" in done.output
    done = call("train", "--synthetic", garden_set, "--smoke", "--dry-run", "--steps", 7, "--json")
    told = json.loads(done.stdout)
    assert told["steps"] == 7
    assert told["config"]["training"]["steps"] == 7
    assert 0 < told["trainable"] <= told["weights"]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_train_evaluate_and_predict_through_the_command_line(garden_set: Path, tmp_path: Path) -> None:
    words = ["--steps", "25", "--set", "training.evaluate_every=25", "--set", "training.generate_rows=2"]
    trained = subprocess.run(
        [*DATAGEN, "train", "--synthetic", str(garden_set), "--smoke", *words, "--out", "run", "--json"],
        cwd=tmp_path,
        env={
            **ENVIRONMENT,
            "OMP_NUM_THREADS": "1",
            "HF_DATASETS_CACHE": str(tmp_path / "cache"),
            "HF_HUB_OFFLINE": "1",
            "WANDB_MODE": "offline",  # about which transformers prints a line
        },
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert trained.returncode == 0, trained.stdout + trained.stderr
    assert json.loads(trained.stdout)["steps"] == 25
    log = [
        json.loads(line) for line in (tmp_path / "run" / "log.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    losses = [line["loss"] for line in log if line.get("loss") is not None]
    assert losses[-1] < losses[0] / 2
    # The other two answer in this process, which has loaded torch already.
    told = call("evaluate", tmp_path / "run", "--max-new-tokens", 64)
    assert told.exit_code == 0, told.output
    assert " rows of the test part of " in " ".join(told.stdout.split())
    assert "datagen predict" in told.stdout.split("Next:")[1]
    record = json.loads(
        (tmp_path / "run" / "evaluation" / "best" / "scores.json").read_text(encoding="utf-8")
    )
    assert 0 < record["rows"] < 12
    assert set(record["baselines"]) == {"majority", "nearest"}
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(encoded(96, 128, 0, "JPEG"))
    answer = json.loads(call("predict", tmp_path / "run", photo, "--json").stdout)
    assert answer["picture"] == str(photo)
    assert answer["error"] is None


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["--synthetic", "nope"], "There is no folder or file nope"),
        (["--synthetic", "PLAIN"], "has no column 'picture' for the picture; its columns are"),
        (
            ["--synthetic", "SET", "--num-crops", "17"],
            "--num-crops must be at most 16, not 17.",
        ),
        (["--synthetic", "SET", "--smoke", "--tracker", "tensorboard"], "tensorboard is not installed"),
        (["--synthetic", "SET", "--epochs", "-1"], "--epochs must be greater than 0, not -1.0."),
        (["--real", "SET", "--synthetic-share", "0.5"], "A synthetic share of 0.5 needs synthetic rows"),
    ],
)
@pytest.mark.parametrize("dry", [[], ["--dry-run"]])
def test_a_refused_run_leaves_nothing_and_a_dry_run_refuses_the_same(
    garden_set: Path, plain_set: Path, tmp_path: Path, words: list[str], why: str, dry: list[str]
) -> None:
    names = {"SET": garden_set, "PLAIN": plain_set}
    out = tmp_path / "new" / "run"
    given = [names.get(word, word) for word in words]
    done = call("train", *given, "--smoke", "--out", out, "--json", *dry)
    assert done.exit_code == 2, done.output
    assert why in json.loads(done.stdout)["error"]
    assert done.stderr.count("Error: ") == 1
    assert list(tmp_path.iterdir()) == []


def test_a_dry_run_checks_the_output_folder(garden_set: Path, run: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for out, why in (
        (run, "already exists; continue"),
        (tmp_path, "is not a run"),
        (tmp_path / "file", "is a file"),
    ):
        done = call("train", "--synthetic", garden_set, "--smoke", "--dry-run", "--out", out)
        assert done.exit_code == 2
        assert why in done.stderr


def test_ctrl_c_before_the_first_checkpoint_promises_nothing(
    garden_set: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("datagen.train.run.finetune.load_base", interrupt)
    done = call("train", "--synthetic", garden_set, "--smoke", "--out", tmp_path / "run", "--json")
    assert done.exit_code == 130
    assert "nothing to resume" in json.loads(done.stdout)["error"]
    assert "--resume" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_resume_starts_what_has_no_run_yet(garden_set: Path, tmp_path: Path) -> None:
    done = call("train", "--out", tmp_path / "run", "--resume")
    assert done.exit_code == 2
    assert f"There is no run in {tmp_path / 'run'} to resume" in done.stderr
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / ".lock").touch()  # what a kill in the first moments leaves
    words = ["train", "--synthetic", garden_set, "--smoke", "--steps", 1, "--out", tmp_path / "run", "-q"]
    assert call(*words, "--resume").exit_code == 0
    assert call(*words, "--resume").exit_code == 0
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "notes.txt").touch()
    done = call(*words[:-2], tmp_path / "other", "-q", "--resume")
    assert "is not a run" in done.stderr


def test_a_run_that_is_stopped_prints_one_document_of_json(
    garden_set: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from datagen.train.run.finetune import RunInterrupted

    def stop(*_: Any, **__: Any) -> None:
        print("a library prints")
        raise RunInterrupted("Stopped at step 3 of 9.", 15)

    monkeypatch.setattr("datagen.train.run.finetune.train_run", stop)
    done = call("train", "--synthetic", garden_set, "--smoke", "--out", tmp_path / "run", "--json")
    assert done.exit_code == 128 + 15
    assert json.loads(done.stdout) == {"error": "Stopped at step 3 of 9."}
    assert "a library prints" in done.stderr


def test_the_former_name_of_recipe_is_understood(garden_set: Path, tmp_path: Path) -> None:
    assert "--config" not in call("train", "--help").output
    done = call("train", "--config", "gpu-9000gb", "--synthetic", garden_set, "--out", tmp_path / "run")
    assert done.exit_code == 2
    assert done.stderr.splitlines()[0] == "--config is now called --recipe."
    assert "--recipe gpu-9000gb is neither a file nor built in" in done.stderr


def test_files_are_checked_before_a_model_is_loaded(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("datagen.train.models.base.load_run", None)
    done = call("predict", run, tmp_path / "nope.jpg")
    assert done.exit_code == 1
    assert done.stderr == f"Error: {tmp_path}/nope.jpg cannot be opened (No such file or directory).\n"
    done = call("predict", run, tmp_path / "nope.jpg", "--json")
    assert json.loads(done.stdout)["error"] in done.stdout


def test_commands_after_training_offer_to_push_and_to_merge() -> None:
    ways_out = ["datagen push 'my run' OWNER/NAME", "datagen merge 'my run' --out 'my run-merged'"]
    assert after_training(Path("my run"))[-2:] == ways_out


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: str(command.name))
def test_the_list_of_commands_shows_the_whole_first_line(command: Any) -> None:
    line = next(line for line in call("--help").output.splitlines() if line.startswith(f"  {command.name} "))
    assert not line.endswith("...")
    assert len(line) <= 80


def test_a_torchvision_for_another_torch_is_one_sentence(garden_set: Path, tmp_path: Path) -> None:
    """As its wheels of the package index are beside the CPU build of torch."""
    (tmp_path / "torchvision").mkdir()
    (tmp_path / "torchvision" / "__init__.py").write_text(
        "raise RuntimeError('operator torchvision::nms does not exist')\n"
    )
    (tmp_path / "torchvision-0.28.0.dist-info").mkdir()
    (tmp_path / "torchvision-0.28.0.dist-info" / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: torchvision\nVersion: 0.28.0\n"
    )
    words = ["train", "--real", str(garden_set), "--smoke", "--out", str(tmp_path / "run")]
    path = os.pathsep.join([str(tmp_path), *filter(None, [ENVIRONMENT.get("PYTHONPATH")])])
    done = subprocess.run(
        [*DATAGEN, *words], env={**ENVIRONMENT, "PYTHONPATH": path}, capture_output=True, text=True
    )
    assert done.returncode == 2
    assert f"torchvision 0.28.0 does not fit torch {torch.__version__}; install" in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "run").exists()
