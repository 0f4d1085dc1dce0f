"""Linear models of fixed features: their fits against what they must be, and their answers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from datagen.train.config import load_config
from datagen.train.study.learners.probe import Probe, logistic, ridge
from datagen.train.study.plan import Asked
from datagen.train.study.running import run_cells
from datagen.train.study.study import open_cells

DRAW = np.random.default_rng(0)
FEATURES = DRAW.normal(size=(400, 5))
EQUAL = np.full(400, 1 / 400)


def with_one(features: np.ndarray) -> np.ndarray:
    return np.concatenate([features, np.ones((len(features), 1))], axis=1)


def test_ridge_finds_a_line_and_leaves_out_what_it_does_not_know() -> None:
    values = FEATURES @ [1.0, -2.0, 0.5, 0.0, 0.0] + 3
    values[::7] = np.nan
    found = ridge(FEATURES, values, EQUAL)
    assert found == pytest.approx([1, -2, 0.5, 0, 0, 3], abs=0.06)
    nothing = ridge(FEATURES, np.full(400, np.nan), EQUAL, np.arange(6.0))
    assert nothing.tolist() == list(range(6))


def test_models_are_drawn_towards_their_start() -> None:
    few, values = FEATURES[:3], np.array([1.0, 2.0, 3.0])
    start = np.array([9.0, 9.0, 9.0, 9.0, 9.0, 0.0])
    near, far = (ridge(few, values, EQUAL[:3], each) for each in (start, None))
    assert np.abs(near[:5] - 9).mean() < np.abs(far[:5] - 9).mean()


def test_logistic_regression_separates_classes_and_weights_matter() -> None:
    labels = FEATURES[:, :3].argmax(1).astype(np.int64)
    found = logistic(FEATURES, labels, 3, EQUAL)
    assert ((with_one(FEATURES) @ found).argmax(1) == labels).mean() > 0.9
    only_zero = np.where(labels == 0, EQUAL, 0.0)
    assert ((with_one(FEATURES) @ logistic(FEATURES, labels, 3, only_zero)).argmax(1) == 0).all()
    again = logistic(FEATURES, labels, 3, EQUAL)
    assert (again == found).all()


def test_a_probe_answers_title_category_and_price(garden_set: Path, other_set: Path, tmp_path: Path) -> None:
    config = load_config(None, {"data.real": str(other_set), "data.synthetic": str(garden_set)})
    asked = Asked(real_rows=(40,), shares=(0, 0.5, 1), then_real=True, seeds=2)
    study = open_cells(asked, config.data, Probe, tmp_path, lambda *_: None)
    some = replace(study, cells=tuple(cell for cell in study.cells if cell.seed == 0))
    run_cells(some, None, lambda *_: None)
    assert not some.failures()
    found = {one.cell.arm: one for one in some.finished()}
    assert {"title_exact", "category_accuracy", "price_within_20"} <= set(found["real"].scores)
    data, template = study.data, study.learner.template
    titles = {fields[template.title] for fields in data.real.fields if template.title is not None}
    for fields in found["real"].predictions.fields:
        assert fields is not None
        assert template.title is not None
        assert fields[template.title] in titles
    right = {arm: one.scores["category_accuracy"] for arm, one in found.items()}
    assert right["mixture"] > right["permuted"] > right["majority"], "it reads categories off pictures"
