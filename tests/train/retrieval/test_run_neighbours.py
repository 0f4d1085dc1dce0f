"""Runs whose prompts hold neighbours: which, how many tokens they take, and that resuming repeats them."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
import torch
from support.made_index import TEMPLATE, indexed
from support.tiny_families import FAMILIES, save_family
from support.tiny_runs import config_of, losses_of

from datagen.schemas import InputError
from datagen.schemas.title_families import title_families
from datagen.train.config import RetrievalConfig, load_config, saved_config
from datagen.train.data.run_data import prepare_data, reopen_data
from datagen.train.data.sources import NEIGHBOURS as KEY
from datagen.train.data.sources import open_source
from datagen.train.models.base import base_config, load_processor
from datagen.train.models.encoding import Encoder
from datagen.train.models.smoke import make_tiny_base
from datagen.train.retrieval.build import make_index
from datagen.train.retrieval.catalogue import load_catalogue
from datagen.train.retrieval.run_neighbours import NEIGHBOURS, retrieved_data, withheld_titles
from datagen.train.retrieval.tower import new_about, vector_maker
from datagen.train.run.finetune import train_run
from datagen.train.run.samples import encoder_for


@pytest.fixture(scope="module", autouse=True)
def _one_thread() -> Any:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory, garden_set: Path) -> Path:
    path = tmp_path_factory.mktemp("indexes") / "shop.index"
    indexed(garden_set, path)
    return path


def quiet(stage: str, done: int, total: int | None) -> None:
    """Say nothing."""


def test_rows_learn_with_neighbours_of_other_training_titles(
    garden_set: Path, other_set: Path, index: Path, tmp_path: Path
) -> None:
    config = config_of(garden_set, other_set, retrieval__index=str(index), retrieval__k=3)
    plain = prepare_data(config.data, tmp_path)
    data = retrieved_data(config, plain, tmp_path, quiet)
    recorded = pq.read_table(tmp_path / NEIGHBOURS).to_pylist()
    wanted = [len(plain.rows[0]) + len(plain.split.rows("validation")), len(plain.rows[1])]
    assert [sum(one["part"] == part for one in recorded) for part in (0, 1)] == wanted
    catalogue = load_catalogue(index)
    title_of = dict(zip(catalogue.keys, catalogue.titles, strict=True))
    held_out = {plain.held.titles()[row] for part in ("validation", "test") for row in plain.split.rows(part)}
    titles = [source.titles() for source in plain.sources if source is not None]
    for one in recorded:
        own = titles[one["part"]][one["row"]]
        near = [title_of[key] for key in one["keys"]]
        assert len(near) == 3
        family = title_families([own, *near, *held_out])
        assert not set(family[1:4].tolist()) & {int(family[0]), *family[4:].tolist()}
        source = data.sources[one["part"]]
        assert source is not None
        assert source.row(one["row"])[KEY] == tuple(one["answers"])
    assert data.held is data.sources[0]
    # Few real rows: the others of the training part are not shown either.
    few = config.model_copy(update={"data": config.data.model_copy(update={"real_rows": 10})})
    first = {plain.held.titles()[row] for row in plain.split.first_rows(10).tolist()}
    assert first.isdisjoint(withheld_titles(plain, 10))
    assert first | set(withheld_titles(plain, 10)) == set(plain.held.titles())
    (tmp_path / NEIGHBOURS).unlink()
    retrieved_data(few, plain, tmp_path, quiet)
    keys = {key for one in pq.read_table(tmp_path / NEIGHBOURS).to_pylist() for key in one["keys"]}
    assert {title_of[key] for key in keys} <= first


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
@pytest.mark.parametrize("kind", FAMILIES)
def test_lengths_count_the_neighbours_to_the_token(kind: str, tmp_path: Path, garden_set: Path) -> None:
    base = save_family(kind, tmp_path / kind)
    config = load_config(
        None, {"data.real": str(garden_set), "model.base": str(base), "retrieval.max_tokens": 90}
    )
    encode = encoder_for(config, load_processor(config), base_config(config)[1])
    source = open_source(str(garden_set), TEMPLATE)
    answers = [TEMPLATE.text(TEMPLATE.fields(source.row(at))) for at in range(6)]
    rows = [{**source.row(at), KEY: tuple(answers[:at])} for at in range(6)]
    rows[5][KEY] = ("<|end|> <image> </s>", *answers)
    found, _ = encode.lengths(rows, [(64, 64)] * 6)
    samples = [encode(row) for row in rows]
    assert found.tolist() == [len(sample["input_ids"]) for sample in samples]
    assert found[1] > found[0]
    assert all(
        int((one["labels"] >= 0).sum()) == len(encode.answer_ids(row))
        for one, row in zip(samples, rows, strict=True)
    )


def test_the_farthest_neighbours_are_left_out_first_and_as_a_whole(garden_set: Path, tmp_path: Path) -> None:
    config = config_of(garden_set)
    data = prepare_data(config.data, tmp_path)
    make_tiny_base(tmp_path / "base", data, config)
    processor = load_processor(config, tmp_path)
    said = ["Product: one", "Product: two", "Product: three"]
    tokens = [len(processor.tokenizer(text, add_special_tokens=False)["input_ids"]) for text in said]
    for shown in range(4):
        room = max(sum(tokens[:shown]), 1)
        settings = RetrievalConfig(max_tokens=room, introduction="Near:")
        encode = Encoder(processor, TEMPLATE, retrieval=settings)
        lines = [TEMPLATE.question, *(["Near:", *said[:shown]] if shown else [])]
        assert encode.question(said) == "\n".join(lines)


def test_a_resumed_run_shows_the_same_neighbours_without_the_index(
    garden_set: Path, index: Path, tmp_path: Path
) -> None:
    gone = tmp_path / "gone.index"
    shutil.copytree(index, gone)
    asked = {
        "retrieval__index": str(gone),
        "retrieval__k": 2,
        "training__steps": 2,
        "training__save_every": 1,
    }
    config = config_of(None, garden_set, **asked)
    train_run(config, tmp_path / "whole")
    assert saved_config(tmp_path / "whole").retrieval.index == str(gone)
    losses = losses_of(tmp_path / "whole")
    shutil.rmtree(tmp_path / "whole" / "checkpoints" / "step-000002")
    (tmp_path / "whole" / "summary.json").unlink()
    shutil.rmtree(gone)
    with pytest.raises(InputError, match=r"^retrieval\.k was 2"):
        train_run(
            config_of(None, garden_set, **{**asked, "retrieval__k": 3}), tmp_path / "whole", resume=True
        )
    summary = train_run(config, tmp_path / "whole", resume=True)
    assert summary.resumed_from == 1
    assert losses_of(tmp_path / "whole") == losses
    data = reopen_data(config.data, tmp_path / "whole")
    again = retrieved_data(config, data, tmp_path / "whole", quiet)
    row = int(again.rows[1][0])
    assert len(again.sources[1].row(row)[KEY]) == 2  # type: ignore[union-attr]
    (tmp_path / "whole" / NEIGHBOURS).write_bytes(b"spoilt")
    with pytest.raises(InputError, match="is not the record of a run's neighbours"):
        retrieved_data(config, data, tmp_path / "whole", quiet)


def test_a_dry_run_takes_the_longest_answers_for_pictures_that_it_cannot_see(
    garden_set: Path, other_set: Path, index: Path, tmp_path: Path
) -> None:
    config = config_of(garden_set, other_set, retrieval__index=str(index), retrieval__k=2)
    data = prepare_data(config.data, tmp_path)
    dry = retrieved_data(config, data, tmp_path, quiet, dry=True)
    catalogue = load_catalogue(index)
    said = sorted((TEMPLATE.text(fields) for fields in catalogue.fields(TEMPLATE)), key=len, reverse=True)
    real, synthetic = dry.sources
    assert real is not None
    assert synthetic is not None
    assert synthetic.neighbours(int(dry.rows[1][0])) == tuple(said[:2])
    (tmp_path / NEIGHBOURS).unlink()
    whole = retrieved_data(config, data, tmp_path, quiet)
    row = int(whole.rows[0][0])
    assert real.neighbours(row) == whole.held.neighbours(row)
    assert np.all([len(whole.held.neighbours(int(row))) == 2 for row in whole.rows[0]])


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        (
            {"smoke": False, "model.base": "BASE"},
            "was made with the vision tower of tiny, which is not that of",
        ),
        ({"retrieval.k": 61}, r"--k 61 is more than the 60 products"),
        ({"retrieval.index": "nowhere"}, "nowhere is not an index"),
    ],
)
def test_an_index_that_does_not_fit_is_refused(
    garden_set: Path, index: Path, tmp_path: Path, flags: dict[str, Any], told: str
) -> None:
    given = {"BASE": str(tmp_path / "base")}
    if "BASE" in flags.values():
        save_family("phi3_v", tmp_path / "base")
    asked = {"data.real": str(garden_set), "smoke": True, "retrieval.index": str(index), **flags}
    config = load_config(None, {name: given.get(str(value), value) for name, value in asked.items()})
    data = prepare_data(config.data, tmp_path)
    with pytest.raises(InputError, match=told):
        retrieved_data(config, data, tmp_path, quiet)


def test_a_tower_that_is_trained_cannot_find_neighbours(garden_set: Path, tmp_path: Path) -> None:
    base = save_family("phi3_v", tmp_path / "base")
    asked = {"data.real": str(garden_set), "model.base": str(base), "model.num_crops": 1}
    config = load_config(None, {**asked, "model.method": "lora"})
    maker, path = vector_maker(config), tmp_path / "shop.index"
    make_index(open_source(str(garden_set), TEMPLATE), path, new_about(config, None, maker), maker)
    data = prepare_data(config.data, tmp_path)
    lora = load_config(None, {**asked, "model.method": "lora", "retrieval.index": str(path)})
    found = retrieved_data(lora, data, tmp_path, quiet)
    assert len(found.held.neighbours(int(found.trained_rows[0]))) == 4
    (tmp_path / NEIGHBOURS).unlink()
    full = load_config(None, {**asked, "model.method": "full", "retrieval.index": str(path)})
    with pytest.raises(InputError, match=r"leave tower out of model\.train\.$"):
        retrieved_data(full, data, tmp_path, quiet)
