"""Reports tell what the figures say, in words that a table can hold."""

from __future__ import annotations

from typing import Any

import pytest
from markdown_it import MarkdownIt
from support.scored_rows import made_rows, scored

from datagen.train.evaluation.report import (
    category_table,
    difference,
    estimate,
    markdown,
    report,
    scores_table,
    sentence,
    value_text,
    verdict,
)
from datagen.train.evaluation.scores import BY_NAME
from datagen.train.evaluation.scores import SCORES as TABLE
from datagen.train.terminal import Table


def spread(
    value: float | None, low: float | None = None, high: float | None = None
) -> dict[str, float | None]:
    return {"value": value, "low": value if low is None else low, "high": value if high is None else high}


SCORES = {
    "unparsable": spread(0.0),
    "title_exact": spread(0.5, 0.4, 0.6),
    "price_mae": spread(120.0, 99.0, 150.0),
}
CATEGORY = {"rows": 3, "title_exact": 0.5, "recall": 1.0, "precision": None, "price_within_20": 0.25}


def record(**changes: Any) -> dict[str, Any]:
    return {
        "label": "best",
        "run": "mine",
        "which": "best",
        "images": "own",
        "data": {"name": "test part of shop", "unreadable": 0, "training_rows": 80, "known_titles": 0},
        "generation": {"max_new_tokens": 64},
        "rows": 10,
        "families": 8,
        "prices": 10,
        "priced": 9,
        "scores": SCORES,
        "by_category": [{"category": "A|B", **CATEGORY}],
        "baselines": {"majority": {"scores": SCORES}},
        "differences": {},
        "samples": [{"truth": "Product: Cap", "answer": "Product: <|x|> a|b"}],
        **changes,
    }


def test_a_score_has_its_interval_and_a_missing_one_a_dash() -> None:
    assert estimate(BY_NAME["title_exact"], SCORES["title_exact"]) == "50.0 % (40.0 to 60.0)"
    assert estimate(BY_NAME["price_mae"], SCORES["price_mae"]) == "120 (99.00 to 150)"
    assert estimate(BY_NAME["price_median_ape"], spread(None)) == "–"
    assert estimate(BY_NAME["price_spearman"], {"value": 0.22, "low": None, "high": None}) == "0.22"
    assert value_text(BY_NAME["price_spearman"], -0.256) == "-0.26"
    assert value_text(BY_NAME["price_median_ape"], 11.8984) == "1,189.8 %"


@pytest.mark.parametrize(
    ("name", "low", "high", "told"),
    [
        ("title_exact", 0.1, 0.2, "better"),
        ("title_exact", -0.2, -0.1, "worse"),
        ("price_mae", 1.0, 2.0, "worse"),
        ("unparsable", -0.2, -0.1, "better"),
        ("title_exact", -0.1, 0.1, "unclear"),
        ("title_exact", 0.0, 0.0, "the same"),
        ("title_exact", None, None, "–"),
    ],
)
def test_better_and_worse_only_where_the_interval_does_not_hold_0(
    name: str, low: float | None, high: float | None, told: str
) -> None:
    assert verdict(BY_NAME[name], {"value": 0.0, "low": low, "high": high}) == told


def test_differences_of_shares_are_points() -> None:
    assert difference(BY_NAME["title_exact"], spread(-0.1, -0.2, 0.05)) == "-10.0 points (-20.0 to +5.0)"
    assert difference(BY_NAME["price_mae"], spread(12.0, -3.0, 200.0)) == "+12.00 (-3.00 to +200)"


def test_each_other_evaluation_is_a_column() -> None:
    table = scores_table(record(), [record(label="base", which="base")])
    assert table.headings == ["", "best", "base", "majority"]
    assert [len(row) for row in table.rows] == [4, 4, 4]
    assert table.figures == 3


def test_a_narrow_terminal_gets_the_scores_without_intervals() -> None:
    table = scores_table(record(), [record(label="base", which="base")], most_letters=80)
    assert table.title == "Scores (intervals in report.md)"
    assert table.rows[1] == ["title exact", "50.0 %", "50.0 %", "50.0 %"]
    assert scores_table(record(), [], most_letters=90).title == "Scores"


def test_a_long_table_of_categories_is_cut_with_a_notice() -> None:
    many = record(by_category=[{"category": str(at), **CATEGORY} for at in range(9)])
    table = category_table(many, most=4)
    assert len(table.rows) == 4
    assert "5 more in scores.json" in table.title
    assert table.rows[0] == ["0", "3", "50.0 %", "100.0 %", "–", "25.0 %"]


def test_a_clear_fall_and_an_unclear_one_are_worded_differently() -> None:
    against = {"label": "best", "run": "mine", "rows": 10, "scores": SCORES}
    falls = {**against, "differences": {"title_exact": spread(-0.3, -0.4, -0.2)}}
    unclear = {**against, "differences": {"title_exact": spread(-0.1, -0.3, 0.1)}}
    wrong = record(images="shuffled", label="best, shuffled pictures")
    assert (
        sentence(wrong, falls) == "With shuffled pictures, title exact falls by 30.0 points (20.0 to 40.0)."
    )
    assert "does not clearly fall: -10.0 points" in sentence(wrong, unclear)
    assert sentence(record(), unclear).startswith("Compared with mine, on 10 rows: title exact -10.0 points")


def test_nothing_that_was_said_breaks_the_table() -> None:
    text = report(record(), [])
    assert "Product: &lt;&#124;x&#124;&gt; a&#124;b" in text
    assert "| A&#124;B | 3 |" in text
    assert "--which base" in text
    assert "--which base" not in report(record(), [record(which="base")])
    assert markdown(Table("", ["a", "b"], [["1\n2", "3"]], 1)).endswith("| --- | ---: |\n| 1 2 | 3 |")


def test_a_name_or_an_answer_is_only_text() -> None:
    hostile = "![x](http://evil.example) <img src=x> [l](javascript:x) <!-- y -->"
    said = {"run": hostile, "label": hostile, "data": {**record()["data"], "name": hostile}}
    text = report(record(**said, samples=[{"truth": hostile, "answer": hostile}]), [])
    tokens = [
        token
        for line in MarkdownIt("commonmark").enable("table").parse(text)
        for token in line.children or []
    ]
    assert {token.type for token in tokens} <= {"text", "text_special", "softbreak", "code_inline"}


def test_left_out_rows_and_known_titles_are_reported() -> None:
    data = {"name": "x", "unreadable": 2, "training_rows": 80, "known_titles": 7}
    text = report(record(data=data), [])
    assert "2 rows are left out because their pictures cannot be read." in text
    assert "Warning: the titles of 7 of these rows occur in the training rows." in text


def test_everything_that_is_scored_has_one_entry_and_is_in_the_tables() -> None:
    found = scored(made_rows(30), resamples=2).as_json()
    by_category = {name for one in found["by_category"] for name in one} - {"category", "rows"}
    assert set(found["scores"]) | by_category == set(BY_NAME)
    assert len(BY_NAME) == len(TABLE)
    labels = {row[0] for row in scores_table(record(scores=found["scores"])).rows}
    assert labels == {BY_NAME[name].label for name in found["scores"]}


def test_leading_scores_are_those_where_higher_is_better() -> None:
    leading = [one for one in TABLE if one.lead]
    assert leading
    assert not any(one.lower_is_better for one in leading)


def test_an_older_evaluation_without_a_score_gets_a_dash() -> None:
    older = record(scores={"unparsable": spread(0.0)})
    assert scores_table(record(), [older]).rows[1][2] == "–"
