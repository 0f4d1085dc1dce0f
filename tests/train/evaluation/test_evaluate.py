"""Evaluation of a run that knows its test rows by heart: all figures can be recomputed."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
import torch
from support.tiny_run import overfit, run_folder

from datagen.schemas import InputError
from datagen.train.chat.answers import parse
from datagen.train.config import saved_config
from datagen.train.evaluation import generate
from datagen.train.evaluation.evaluate import Evaluation, evaluate_run, weights_digest
from datagen.train.evaluation.held_out import held_out
from datagen.train.evaluation.kept_answers import KeptAnswers, answers_file
from datagen.train.evaluation.predictions import read_predictions
from datagen.train.evaluation.records import read_record
from datagen.train.evaluation.scoring import compare, score

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", autouse=True)
def _one_thread() -> Any:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, other_set: Path) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "learned"
    overfit(folder, run_folder(folder, other_set))
    return folder


@pytest.fixture(scope="module")
def blind(tmp_path_factory: pytest.TempPathFactory, run: Path) -> Path:
    """A run of the same data whose best model is not trained at all."""
    folder = tmp_path_factory.mktemp("runs") / "blind"
    shutil.copytree(run, folder, ignore=shutil.ignore_patterns("evaluation", "best"))
    shutil.copytree(folder / "base-model", folder / "best")
    return folder


@pytest.fixture(scope="module")
def own(run: Path) -> Evaluation:
    told: list[tuple[str, int, int]] = []
    done = evaluate_run(run, progress=lambda *what: told.append(what), max_new_tokens=64)
    assert ("Answering", 20, 20) in told
    assert {what for what, _, _ in told} == {
        "Answering",
        "Reading training pictures",
        "Reading held-out pictures",
    }
    return done


@pytest.fixture(scope="module")
def shuffled(run: Path, own: Evaluation) -> Evaluation:
    return evaluate_run(run, images="shuffled", max_new_tokens=64)


def test_every_test_row_is_answered_and_kept(run: Path, own: Evaluation) -> None:
    held = held_out(run, "test")
    rows = pq.read_table(own.folder / "predictions.parquet").to_pylist()
    assert [row["row"] for row in rows] == held.rows.tolist()
    assert [row["shown"] for row in rows] == held.rows.tolist()
    template = saved_config(run).data.template
    for row, truth in zip(rows, held.truth(), strict=True):
        assert {name: row[f"true_{name}"] for name in truth} == truth
        assert parse(row["answer"], template) == {name: row[f"said_{name}"] for name in truth}
        assert row["title_right"] == (row["true_title"] == row["said_title"])
        near = abs(row["said_full_price"] - row["true_full_price"]) <= 0.2 * row["true_full_price"]
        assert row["price_near"] == near
    assert sum(row["title_right"] for row in rows) >= 18


def test_scores_are_those_of_the_predictions(run: Path, own: Evaluation) -> None:
    template = saved_config(run).data.template
    found, _ = read_predictions(own.folder / "predictions.parquet", template)
    again = score(found.truth, found.fields, found.title_families, template, seed=0).as_json()
    record = json.loads((own.folder / "scores.json").read_text(encoding="utf-8"))
    assert {key: record[key] for key in again} == json.loads(json.dumps(again))
    assert record["rows"] == 20
    assert record["scores"]["title_exact"]["value"] >= 0.9


def test_wrong_pictures_spoil_what_was_learned_by_heart(own: Evaluation, shuffled: Evaluation) -> None:
    rows = pq.read_table(shuffled.folder / "predictions.parquet").to_pylist()
    assert sorted(row["shown"] for row in rows) == sorted(row["row"] for row in rows)
    family = {row["row"]: row["family"] for row in rows}
    assert all(family[row["shown"]] != row["family"] for row in rows)
    difference = shuffled.record["differences"]["own"]["differences"]["title_exact"]
    assert difference["high"] < -0.5
    before, after = (one.record["scores"]["title_exact"]["value"] for one in (own, shuffled))
    assert difference["value"] == pytest.approx(after - before)
    assert "title exact falls by" in (shuffled.folder / "report.md").read_text(encoding="utf-8")


def test_the_evaluation_with_own_pictures_is_taken_where_it_is_there(
    run: Path, own: Evaluation, shuffled: Evaluation
) -> None:
    assert shuffled.others[0] == json.loads((own.folder / "scores.json").read_text(encoding="utf-8"))
    stamp = (own.folder / "predictions.parquet").stat().st_mtime_ns
    again = evaluate_run(run, images="shuffled", max_new_tokens=64)
    assert (own.folder / "predictions.parquet").stat().st_mtime_ns == stamp
    assert again.record == shuffled.record
    (own.folder / "predictions.parquet").write_bytes(b"spoilt")
    assert evaluate_run(run, images="shuffled", max_new_tokens=64).record == shuffled.record
    assert pq.read_metadata(own.folder / "predictions.parquet").num_rows == 20


def test_blank_pictures_spoil_it_too(run: Path, own: Evaluation) -> None:
    blank = evaluate_run(run, images="blank", max_new_tokens=64)
    assert blank.record["scores"]["title_exact"]["value"] < 0.5
    assert set(pq.read_table(blank.folder / "predictions.parquet")["shown"].to_pylist()) == {-1}
    assert blank.folder.name == "best-blank"


def test_baselines_and_the_base_model_share_a_table(run: Path, own: Evaluation) -> None:
    base = evaluate_run(run, "base", max_new_tokens=12)
    assert base.record["scores"]["unparsable"]["value"] > 0.5
    assert base.record["baselines"] == own.record["baselines"]
    for name in ("base", "best"):
        report = (run / "evaluation" / name / "report.md").read_text(encoding="utf-8")
        heading = next(line for line in report.splitlines() if line.startswith("|  |"))
        cells = [cell.strip() for cell in heading.strip("|").split("|")]
        assert {"best", "base", "majority", "nearest"} <= set(cells)
        assert "--which base" not in report


def test_two_runs_are_compared_on_the_same_rows(run: Path, blind: Path, own: Evaluation) -> None:
    before = evaluate_run(blind, max_new_tokens=64).record
    done = evaluate_run(run, against=blind, max_new_tokens=64)
    kept = json.loads((blind / "evaluation" / "best" / "scores.json").read_text(encoding="utf-8"))
    assert kept == json.loads(json.dumps(before))
    against = done.record["differences"]["blind/best"]
    template = saved_config(run).data.template
    ours, theirs = (
        read_predictions(folder / "evaluation" / "best" / "predictions.parquet", template)[0]
        for folder in (run, blind)
    )
    assert np.array_equal(ours.rows, theirs.rows)
    found = compare(ours.truth, theirs.fields, ours.fields, ours.title_families, template, seed=0)
    assert against["differences"] == {name: one.as_json() for name, one in found.items()}
    assert against["differences"]["title_exact"]["low"] > 0.5
    report = (done.folder / "report.md").read_text(encoding="utf-8")
    assert "## learned against blind" in report
    assert "Compared with blind, on 20 rows: category accuracy +" in report


def test_a_run_that_was_trained_on_these_rows_is_not_compared(
    run: Path, tmp_path: Path, other_set: Path
) -> None:
    run_folder(tmp_path / "other", other_set, seed=5)
    with pytest.raises(InputError, match="was trained on .* of these 20 rows"):
        evaluate_run(run, against=tmp_path / "other")


def test_other_data_are_evaluated_and_known_titles_reported(
    run: Path, garden_set: Path, other_set: Path
) -> None:
    done = evaluate_run(run, data=str(garden_set), split="train", rows=12, max_new_tokens=64)
    assert done.record["rows"] == 12
    assert done.record["data"]["source"] == str(garden_set)
    assert done.folder.name.startswith("best-on-")
    assert "Warning: the titles of" in (done.folder / "report.md").read_text(encoding="utf-8")
    assert done.others == []


def test_fewer_rows_are_drawn_by_the_seed(run: Path) -> None:
    one, other = (held_out(run, "test").first(7) for _ in range(2))
    assert one.rows.tolist() == other.rows.tolist() == sorted(one.rows.tolist())
    assert len(one.rows) == 7
    assert one.key == other.key != held_out(run, "test").key
    assert held_out(run, "test").first(100).key == held_out(run, "test").key


def test_rows_without_a_picture_are_left_out_and_counted(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from datagen.train.data.sources import Source

    real, gone = Source.row, int(held_out(run, "test").rows[3])

    def row(self: Source, number: int) -> dict[str, Any]:
        found = real(self, number)
        return {**found, "image": {"bytes": b"broken", "path": None}} if number == gone else found

    folder = tmp_path / "run"
    shutil.copytree(run, folder, ignore=shutil.ignore_patterns("evaluation"))
    monkeypatch.setattr(Source, "row", row)
    done = evaluate_run(folder, images="shuffled", max_new_tokens=4)
    assert done.record["rows"] == 19
    own = json.loads((folder / "evaluation" / "best" / "scores.json").read_text(encoding="utf-8"))
    assert own["data"]["unreadable"] == 1
    rows = pq.read_table(done.folder / "predictions.parquet")
    assert gone not in rows["row"].to_pylist() + rows["shown"].to_pylist()


def test_an_evaluation_that_was_killed_goes_on_from_its_answers(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "run"
    shutil.copytree(run, folder, ignore=shutil.ignore_patterns("evaluation"))
    options: dict[str, Any] = {"rows": 9, "batch_size": 2, "max_new_tokens": 40, "baselines": False}
    whole = evaluate_run(folder, **options)
    predicted = (whole.folder / "predictions.parquet").read_bytes()
    shutil.rmtree(folder / "evaluation")
    asked: list[int] = []
    real = generate._generate

    def counted(base: Any, samples: list[Any], most: int) -> list[str]:
        if len(asked) == 2:
            raise KeyboardInterrupt
        asked.append(len(samples))
        return real(base, samples, most)

    monkeypatch.setattr(generate, "_generate", counted)
    with pytest.raises(KeyboardInterrupt):
        evaluate_run(folder, **options)
    kept = answers_file(folder, "best-9-rows")
    assert len(kept.read_text().splitlines()) == 1 + 4
    assert [path.name for path in (folder / "evaluation").iterdir()] == [kept.name]
    with kept.open("a") as file:
        file.write('{"row": 3, "answ')  # killed while it was written
    monkeypatch.setattr(generate, "_generate", lambda *given: asked.append(-len(given[1])) or real(*given))
    again = evaluate_run(folder, **options)
    assert sum(asked[2:]) == -(9 - 4)
    assert again.record == whole.record
    assert (again.folder / "predictions.parquet").read_bytes() == predicted
    assert not kept.exists()


def test_answers_of_other_weights_or_options_are_not_used(tmp_path: Path) -> None:
    path, of = tmp_path / "answers", {"weights": "a", "max_new_tokens": 4}
    with KeptAnswers(path, of) as kept:
        kept.add(7, "Product: A\nB")
        kept.add(9, None)
    with KeptAnswers(path, of) as kept:
        assert kept.answers == {7: "Product: A\nB", 9: None}
        kept.add(11, "C")
    for other in ({**of, "weights": "b"}, {**of, "max_new_tokens": 5}):
        copy = path.with_name("copy")
        shutil.copy(path, copy)
        with KeptAnswers(copy, other) as kept:
            assert kept.answers == {}
    for text in ("", "{", "[]\n", json.dumps(of) + '\n{"row": "x", "answer": "y"}\n{"row": 3}\n[3]\n'):
        path.write_text(text)
        with KeptAnswers(path, of) as kept:
            assert kept.answers == {}


def test_data_that_changed_are_refused(run: Path, tmp_path: Path, other_set: Path) -> None:
    folder = tmp_path / "run"
    shop = tmp_path / "shop"
    shutil.copytree(other_set, shop)
    run_folder(folder, shop)
    manifest = json.loads((shop / "manifest.json").read_text(encoding="utf-8"))
    manifest["shards"][0]["sha256"] = "0" * 64
    (shop / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(InputError, match="has changed since"):
        evaluate_run(folder)


def test_invalid_options_are_refused_in_one_sentence(run: Path, tmp_path: Path) -> None:
    for wish in (
        {"which": "step-9"},
        {"split": "holdout"},
        {"rows": 0},
        {"against": run},
        {"data": str(tmp_path / "none")},
        {"max_new_tokens": 0},
    ):
        with pytest.raises(InputError):
            evaluate_run(run, **wish)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="is not a run folder"):
        evaluate_run(tmp_path)


def test_weights_are_distinguished_by_their_bytes(run: Path, blind: Path) -> None:
    assert weights_digest(run, "best") != weights_digest(blind, "best")
    assert weights_digest(run, "base") == "base"


def test_an_odd_record_of_another_evaluation_is_left_out(run: Path, tmp_path: Path) -> None:
    whole = evaluate_run(run, rows=3, max_new_tokens=4, baselines=False).record
    path = tmp_path / "scores.json"
    path.write_text(json.dumps(whole), encoding="utf-8")
    assert read_record(path) == whole
    texts = ["[]", "3", "{", "[" * 5_000, json.dumps({"data": {"key": whole["data"]["key"]}})]
    texts += [json.dumps({**whole, name: 3}) for name in ("scores", "data", "by_category")]
    texts += [json.dumps({**whole, name: [[]]}) for name in ("data", "by_category")]
    for text in texts:
        path.write_text(text, encoding="utf-8")
        assert read_record(path) is None, text[:80]
