"""What cells say together, from cells whose answers are given."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest

from datagen.train.chat.conversation import Fields, Template
from datagen.train.evaluation.predictions import Predictions
from datagen.train.study.cells import FinishedCell
from datagen.train.study.plan import MIXTURE, PERMUTED, REAL, SYNTHETIC, Cell
from datagen.train.study.plot import plot
from datagen.train.study.results import ScoreResults, plain, results_of, sentences

TEMPLATE = Template(
    answer="category: {kind}, price: {price}", title=None, category="kind", price="price", image="image"
)
ROWS, FAMILIES = 60, 30
DATA: dict[str, Any] = {
    "real": "shop",
    "synthetic": "made",
    "made_against_made": False,
    "used": 800,
    "categories_not_synthetic": [0, ROWS],
}


def finished(arm: str, real_rows: int, share: float, seed: int, right: float) -> FinishedCell:
    """A cell that knows the category of about this share of the rows, and no price but every third."""
    draw = np.random.default_rng([seed, real_rows])
    knows = draw.random(ROWS) < right
    truth: list[Fields] = [{"kind": f"k{at % 3}", "price": 10.0 if at % 2 else None} for at in range(ROWS)]
    answers: list[Fields | None] = [
        {"kind": one["kind"] if knows[at] else "no", "price": 10.0 if at % 3 == 0 else 99.0}
        for at, one in enumerate(truth)
    ]
    rows = np.arange(ROWS)
    found = Predictions(rows, rows // 2 % FAMILIES, rows, truth, [""] * ROWS, answers)
    return FinishedCell(Cell(arm, real_rows, share, seed), f"{arm}{real_rows}{seed}", found, {})


def study(mixed: float, seeds: int = 6) -> list[FinishedCell]:
    """Real rows alone at two sizes, and a mixture at the smaller."""
    return [
        one
        for seed in range(seeds)
        for one in (
            finished(REAL, 50, 0.0, seed, 0.4),
            finished(REAL, 200, 0.0, seed, 0.7),
            finished(MIXTURE, 50, 0.5, seed, mixed),
            finished(SYNTHETIC, 0, 1.0, seed, 0.3),
        )
    ]


@pytest.fixture(scope="module")
def helped() -> tuple[ScoreResults, ...]:
    return results_of(study(0.6), TEMPLATE)


def test_only_scores_whose_fields_are_answered_are_there(helped: tuple[ScoreResults, ...]) -> None:
    assert [one.name for one in helped] == ["category_accuracy", "price_within_20"]


def test_an_effect_is_the_difference_to_real_rows_alone(helped: tuple[ScoreResults, ...]) -> None:
    points = {(one.arm, one.real_rows): one.score.value for one in helped[0].points}
    effects = {(one.arm, one.real_rows): one for one in helped[0].effects}
    gain = effects[MIXTURE, 50]
    assert gain.difference.value == pytest.approx(points[MIXTURE, 50] - points[REAL, 50])
    assert gain.p == 2 / 64
    assert gain.significant
    assert gain.worth is not None
    assert 0 < gain.worth.rows < 150
    assert set(effects) == {(MIXTURE, 50), (SYNTHETIC, 50), (SYNTHETIC, 200)}
    assert not any(effect.significant for effect in helped[1].effects), "every arm has the same prices"


def test_rows_without_a_price_are_in_no_price_score(helped: tuple[ScoreResults, ...]) -> None:
    assert helped[1].points[0].score.value == pytest.approx(1 / 3)


def test_a_gain_is_said_with_its_worth(helped: tuple[ScoreResults, ...]) -> None:
    said = " ".join(sentences(helped, DATA))
    expected = "1 significant gain and 2 significant losses in 3 comparisons with real rows alone."
    assert f"Category accuracy: {expected}" in said
    assert "800 synthetic rows beside 50 real rows are worth" in said
    assert 'The largest gain is that of "real, 50 % synthetic", ' in said
    assert 'The largest loss is that of "synthetic alone", ' in said
    assert "compared with 200 real rows alone. " in said
    assert "made against made" not in said


def test_no_gain_is_said_as_plainly() -> None:
    said = sentences(results_of(study(0.4), TEMPLATE), DATA)
    assert any("no significant gain and" in one for one in said)


def test_where_every_answer_is_wrong_nothing_is_compared() -> None:
    cells = [
        finished(arm, rows, share, seed, 0.0)
        for arm, rows, share in ((REAL, 50, 0.0), (MIXTURE, 50, 0.5))
        for seed in range(6)
    ]
    results = results_of(cells, TEMPLATE)
    said = sentences(results, DATA)
    assert results[0].all_wrong
    assert said[0].startswith("Category accuracy: 0 % for every model")
    assert "Category accuracy" not in plot(results, "title")
    assert "Category accuracy" in plot(results_of(study(0.6), TEMPLATE), "title")


def test_limits_are_said() -> None:
    data = {**DATA, "made_against_made": True, "categories_not_synthetic": [7, ROWS]}
    said = " ".join(sentences(results_of(study(0.6, seeds=3), TEMPLATE), data))
    assert "it says nothing of real rows" in said
    assert "With 3 seeds no difference can be significant: the least p is 0.25." in said
    assert "7 of 60 test rows have a category that no synthetic row has." in said


def test_a_control_that_helps_as_much_is_told() -> None:
    cells = study(0.6) + [finished(PERMUTED, 50, 0.5, seed, 0.6) for seed in range(6)]
    said = " ".join(sentences(results_of(cells, TEMPLATE), DATA))
    assert "With 50 real rows, permuted answers help as much as the right ones" in said


def test_only_pairs_of_seeds_count() -> None:
    cells = [one for one in study(0.6) if one.cell.arm == REAL or one.cell.seed < 4]
    effect = next(one for one in results_of(cells, TEMPLATE)[0].effects if one.arm == MIXTURE)
    assert effect.seeds == 4
    assert effect.p == 2 / 16


def test_without_cells_there_is_nothing() -> None:
    assert [one.points for one in results_of([], TEMPLATE)] == [(), ()]


def test_the_numbers_are_json_without_nan(helped: tuple[ScoreResults, ...]) -> None:
    text = json.dumps(plain(helped), allow_nan=False)
    assert "significant" not in text
    lonely = results_of([finished(REAL, 50, 0.0, 0, 0.5)], TEMPLATE)
    assert math.isnan(lonely[0].points[0].score.low)
    assert plain(lonely)[0]["points"][0]["score"]["low"] is None
