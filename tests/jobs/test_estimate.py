"""What a job is said to take comes from figures that were measured, and says so where there are none."""

from __future__ import annotations

import json
from pathlib import Path

import click
import pytest
from support.sets import Run

from datagen.hub.jobs import Flavour
from datagen.jobs.estimate import (
    PICTURES_PER_CORE,
    ROWS_PER_CORE,
    Duration,
    cost,
    duration,
    making_seconds,
    price,
)
from datagen.jobs.train_job import _given_split, _time_limit
from datagen.jobs.training_time import training_seconds
from datagen.schemas import InputError
from datagen.train.config import load_config

FIGURES = Path(__file__).parents[2] / "docs" / "figures.md"
L4 = Flavour("l4x1", "8 vCPU", "30 GB", "1 x L4, 24 GB", 0.8 / 60, "minute")


def test_the_rates_are_those_in_the_documentation() -> None:
    text = FIGURES.read_text(encoding="utf-8")
    assert f"{ROWS_PER_CORE:,.0f} rows/s" in text
    assert "| 3,040 rows with 480x640 pictures | 20.2 s;" in text
    assert making_seconds(3040, 480 * 640, 2) == pytest.approx(20.2)
    assert making_seconds(3040, 240 * 320, 8) == pytest.approx(20.2 / 16)
    assert making_seconds(216_000, 0, 8) == pytest.approx(1.0)
    assert round(PICTURES_PER_CORE, 1) == 75.2


@pytest.mark.parametrize(
    ("text", "seconds"), [("90m", 5400), ("2h", 7200), ("1.5h", 5400), ("45", 45), ("1d", 86400), ("30S", 30)]
)
def test_a_length_of_time_is_read(text: str, seconds: int) -> None:
    assert Duration().convert(text, None, None) == seconds


@pytest.mark.parametrize("text", ["", "0", "soon", "-1h", "1w", "1h30m", "1e9", "9" * 30])
def test_anything_else_is_no_length_of_time(text: str) -> None:
    with pytest.raises(click.BadParameter, match="write it as 90m or 2h"):
        Duration().convert(text, None, None)


def test_a_price_is_told_as_the_hub_gives_it() -> None:
    assert price(L4) == "l4x1 (1 x L4, 24 GB, 8 vCPU, 30 GB memory) at $0.80 an hour"
    assert cost(L4, 5400) == pytest.approx(1.2)
    odd = Flavour("x", "lots", "1 GB", "", 0.5, "fortnight")
    assert (cost(odd, 60), odd.cores) == (None, None)
    assert price(odd).endswith("at $0.5 per fortnight")
    assert (duration(50), duration(7260)) == ("50 s", "2 h 1 min")


def test_training_is_timed_only_where_it_was_measured() -> None:
    flags = {
        "data.real": "me/shop",
        "model.num_crops": 4,
        "training.batch_size": 8,
        "training.accumulation": 2,
    }
    config = load_config(None, {**flags, "training.steps": 100})
    assert training_seconds(config, "h200", None) == pytest.approx(1600 / 12.4)
    assert training_seconds(config, "l4x1", None) is None
    by_epochs = load_config(None, {**flags, "training.epochs": 2})
    assert training_seconds(by_epochs, "h200", 620) == pytest.approx(100)
    assert training_seconds(by_epochs, "h200", None) is None
    for other in ({"model.base": "me/other"}, {"model.method": "full"}, {"smoke": True}):
        assert training_seconds(load_config(None, {**flags, **other}), "h200", 620) is None


def test_the_time_limit_says_where_it_comes_from() -> None:
    config = load_config(None, {"data.real": "me/shop", "training.steps": 100, "training.batch_size": 4})
    limit, why = _time_limit(config, "h200")
    assert limit == 900 + 2 * round(100 * 4 * 16 / 4.8) + 1
    assert "measured on one H200 on 2026-11-28 with random weights" in why
    limit, why = _time_limit(config, "l4x1")
    assert limit == 6 * 3600
    assert "is a default, not an estimate" in why


@pytest.mark.parametrize(("digest", "fits"), [("me/shop@0123abcd", True), ("0123abcd", False)])
def test_a_split_goes_along_if_a_job_can_see_its_rows(run: Run, digest: str, fits: bool) -> None:
    other = Path("other")
    (other / "splits").mkdir(parents=True)
    (other / "data.json").write_text(json.dumps({"split": {"of": "real"}, "real": {"digest": digest}}))
    (other / "splits/split.parquet").write_bytes(b"rows")
    config = load_config(None, {"data.real": "me/shop", "data.split_from": "other"})
    if fits:
        assert _given_split(config)["split-from/splits/split.parquet"] == b"rows"
    else:
        with pytest.raises(InputError, match="train that run with --on hf-jobs too"):
            _given_split(config)
