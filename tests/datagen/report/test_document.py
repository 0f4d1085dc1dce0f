"""A report as JSON: every number, exact enough, and the same bytes for the same report."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
from support.report import REFERENCES, passing, sample_report

from datagen.report.document import plain, without_real_rows
from datagen.report.figures import Figure, Section
from datagen.schemas.folder import REPORT_FORMAT


def test_every_number_is_in_the_json_with_interval_references_and_threshold() -> None:
    text = sample_report().as_json()
    report = json.loads(text)
    assert report["format"] == REPORT_FORMAT
    figure = report["sections"][0]["figures"][0]
    assert figure["value"] == 0.678
    assert (figure["low"], figure["high"]) == (0.66, 0.7)
    assert figure["references"] == REFERENCES
    assert (figure["threshold"], figure["better"], figure["verdict"]) == (0.65, "lower", "fail")
    assert report["sections"][0]["tables"][0]["rows"] == [["Parka", 1290.5], ["other", None]]
    assert report["sections"][3]["not_computed"] == "the real set has no Parka"
    assert (report["judged"], report["passed"]) == (3, 2)
    assert text == sample_report().as_json()


def test_what_is_no_number_is_null_and_numbers_of_numpy_are_numbers() -> None:
    assert plain(float("nan")) is None
    assert plain(float("inf")) is None
    assert json.dumps(plain(np.float32(0.1))) == "0.1"
    assert json.dumps(plain(1 / 3)) == "0.333333"
    figure = Figure("x", float("nan"), references={"chance": float("inf")})
    report = replace(sample_report(), sections=(Section("x", "X", figures=(figure,)),))
    assert json.loads(report.as_json())["sections"][0]["figures"][0]["references"] == {"chance": None}


def test_a_report_to_publish_says_so_and_what_it_leaves_out() -> None:
    report = json.loads(without_real_rows(sample_report()).as_json())
    assert report["shows_real_rows"] is False
    assert "real Parka" not in json.dumps(report)
    assert [table["title"] for table in report["sections"][0]["tables"]] == ["Prices Parka"]
    assert "Uncovered Parka" in report["sections"][0]["left_out"][-1]


def test_judged_and_passed_are_counted_over_all_sections() -> None:
    assert len(sample_report().judged) == 3
    assert len(sample_report().passed) == 2
    assert len(passing(sample_report()).passed) == 3
