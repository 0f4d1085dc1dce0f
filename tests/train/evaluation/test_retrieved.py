"""Evaluation and prediction with the nearest products in the prompt."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import torch
from support.made_index import TEMPLATE, indexed
from support.tiny_base import encoded
from support.tiny_run import run_folder

from datagen.schemas import InputError
from datagen.schemas.title_families import title_families
from datagen.train.config import RetrievalConfig, saved_config
from datagen.train.data.sources import open_source
from datagen.train.evaluation import generate
from datagen.train.evaluation.evaluate import Evaluation, evaluate_run
from datagen.train.evaluation.held_out import held_out
from datagen.train.evaluation.predict import neighbours_of_files, predict
from datagen.train.evaluation.predictions import read_predictions
from datagen.train.evaluation.scoring import compare
from datagen.train.models.base import load_run
from datagen.train.models.encoding import Encoder
from datagen.train.retrieval.build import make_index
from datagen.train.retrieval.catalogue import load_catalogue
from datagen.train.retrieval.tower import new_about, vector_maker


@pytest.fixture(scope="module", autouse=True)
def _one_thread() -> Any:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, garden_set: Path) -> Path:
    folder = tmp_path_factory.mktemp("retrieved") / "run"
    run_folder(folder, garden_set, **{"data.split": {"train": 0.6, "validation": 0.2, "test": 0.2}})
    return folder


@pytest.fixture(scope="module")
def index(run: Path, garden_set: Path) -> Path:
    config = saved_config(run)
    maker, path = vector_maker(config), run.parent / "shop.index"
    make_index(open_source(str(garden_set), TEMPLATE), path, new_about(config, None, maker), maker)
    return path


@pytest.fixture
def prompts(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The questions of all prompts, as they are encoded."""
    asked: list[str] = []

    class Watched(Encoder):
        def question(self, neighbours: Any) -> str:
            asked.append(super().question(neighbours))
            return asked[-1]

    monkeypatch.setattr(generate, "Encoder", Watched)
    return asked


def evaluated(run: Path, index: Path | None, **options: Any) -> Evaluation:
    settings = RetrievalConfig(index=None if index is None else str(index), k=3)
    return evaluate_run(run, "base", max_new_tokens=2, retrieval=settings, baselines=False, **options)


def test_prompts_hold_training_products_and_the_record_what_they_could_have_known(
    run: Path, index: Path, prompts: list[str]
) -> None:
    done = evaluated(run, index)
    assert done.folder.name == "base-3-neighbours"
    held = held_out(run, "test")
    catalogue = load_catalogue(index)
    at = {key: place for place, key in enumerate(catalogue.keys)}
    answers = catalogue.fields(TEMPLATE)
    titles = held.source.titles()
    rows = pq.read_table(done.folder / "predictions.parquet").to_pylist()
    right, near, asked = [], [], set()
    for row in rows:
        shown = [answers[at[key]] for key in row["neighbours"]]
        assert len(shown) == 3
        family = title_families(
            [titles[row["row"]], *(catalogue.titles[at[key]] for key in row["neighbours"])]
        )
        assert family[0] not in family[1:]
        right.append(any(one["category3_code"] == row["true_category3_code"] for one in shown))
        price = row["true_full_price"]
        near.append(any(abs(one["full_price"] - price) <= 0.2 * price for one in shown))
        lines = [TEMPLATE.question, RetrievalConfig().introduction, *map(TEMPLATE.text, shown)]
        asked.add("\n".join(lines))
    assert set(prompts) == asked
    told = {catalogue.titles[at[key]] for row in rows for key in row["neighbours"]}
    held_out_rows = [*held_out(run, "validation").rows.tolist(), *held.rows.tolist()]
    assert told.isdisjoint({titles[row] for row in held_out_rows})
    record = done.record["retrieval"]
    assert record["k"] == 3
    assert record["products"] == 60
    assert record["recall"]["category"]["value"] == pytest.approx(sum(right) / len(rows))
    assert record["recall"]["price_within_20"]["value"] == pytest.approx(sum(near) / len(rows))
    assert record["recall"]["category"]["low"] <= record["recall"]["category"]["value"]
    report = (done.folder / "report.md").read_text(encoding="utf-8")
    assert "the answers of the 3 products whose pictures are nearest, of 60 in shop.index" in report
    assert done.record["label"] == "base, 3 neighbours"


def test_shuffled_neighbours_are_those_of_another_family(run: Path, index: Path) -> None:
    done = evaluated(run, index, images="shuffled-neighbours")
    own = run / "evaluation" / "base-3-neighbours"
    assert done.folder.name == "base-3-neighbours-shuffled-neighbours"
    before, after = (pq.read_table(one / "predictions.parquet").to_pylist() for one in (own, done.folder))
    mine = {row["row"]: row["neighbours"] for row in before}
    assert [row["shown"] for row in after] == [row["row"] for row in before]  # the picture stays its own
    assert sorted(map(tuple, mine.values())) == sorted(tuple(row["neighbours"]) for row in after)
    assert any(row["neighbours"] != mine[row["row"]] for row in after)
    assert "own" in done.record["differences"]
    assert "Do the neighbours matter?" in (done.folder / "report.md").read_text(encoding="utf-8")
    shuffled = evaluated(run, index, images="shuffled")
    rows = pq.read_table(shuffled.folder / "predictions.parquet").to_pylist()
    assert all(row["neighbours"] == mine[row["shown"]] for row in rows)  # they belong to the picture shown
    with pytest.raises(InputError, match=r"^--shuffle-neighbours needs neighbours to shuffle"):
        evaluated(run, None, images="shuffled-neighbours")


def test_an_evaluation_without_neighbours_is_another_one(run: Path, index: Path) -> None:
    plain = evaluated(run, None)
    assert plain.folder.name == "base"
    assert plain.record["retrieval"] is None
    assert "neighbours" not in pq.read_schema(plain.folder / "predictions.parquet").names
    assert {one["label"] for one in plain.others} >= {"base, 3 neighbours"}  # of the same rows


def test_with_neighbours_is_compared_with_without_on_the_same_rows(run: Path, index: Path) -> None:
    evaluated(run, None)
    near = evaluated(run, index)
    ((name, against),) = near.record["differences"].items()
    assert (name, against["neighbours"], against["rows"]) == ("base", 0, near.record["rows"])
    held = held_out(run, "test")
    before, now = (
        read_predictions(run / "evaluation" / folder / "predictions.parquet", TEMPLATE)[0]
        for folder in ("base", "base-3-neighbours")
    )
    found = compare(now.truth, before.fields, now.fields, held.title_families, TEMPLATE, seed=held.seed)
    assert against["differences"] == {name: one.as_json() for name, one in found.items()}
    said = (near.folder / "report.md").read_text(encoding="utf-8")
    assert "## Do the neighbours matter?" in said
    assert f"With 3 neighbours in the prompt instead of none, on {len(held.rows)} rows: category acc" in said
    back = evaluated(run, None)
    assert back.record["differences"].keys() == {"base-3-neighbours"}
    said = (back.folder / "report.md").read_text(encoding="utf-8")
    assert "With no neighbours in the prompt instead of 3, on " in said
    theirs = back.record["differences"]["base-3-neighbours"]["differences"]
    mine = against["differences"]
    assert {name: one["value"] for name, one in theirs.items()} == {
        name: None if one["value"] is None else pytest.approx(-one["value"]) for name, one in mine.items()
    }
    other = evaluated(run, index, rows=5)
    assert not other.record["differences"], "other rows are not compared"


def test_a_file_is_answered_with_its_nearest_products(
    run: Path, index: Path, garden_set: Path, tmp_path: Path, prompts: list[str]
) -> None:
    source = open_source(str(garden_set), TEMPLATE)
    files = [tmp_path / "known.jpg", tmp_path / "new.png"]
    files[0].write_bytes(source.row(7)[TEMPLATE.image]["bytes"])
    files[1].write_bytes(encoded(64, 64, 3))
    settings = RetrievalConfig(index=str(index), k=2)
    base = load_run(run, "base")
    near = neighbours_of_files(run, "base", files, TEMPLATE, settings, lambda: base)
    assert near is not None
    assert near[0][0].answer == TEMPLATE.text(TEMPLATE.fields(source.row(7)))
    found = predict(base, files, TEMPLATE, near=near, retrieval=settings, max_new_tokens=2)
    assert [one["key"] for one in found[0].as_json()["neighbours"]] == [one.key for one in near[0]]
    assert sum(near[0][0].answer in one for one in prompts) == 1
    assert neighbours_of_files(run, "base", files, TEMPLATE, RetrievalConfig(), lambda: base) is None
    plain = predict(base, files, TEMPLATE, max_new_tokens=2)
    assert "neighbours" not in plain[0].as_json()


def test_an_index_of_another_tower_is_refused(run: Path, index: Path, tmp_path: Path) -> None:
    indexed(Path(saved_config(run).data.real or ""), tmp_path / "hand.index")
    with pytest.raises(InputError, match=r"with the vision tower of tiny, which is not that of .*--base"):
        evaluated(run, tmp_path / "hand.index")
