"""What is published of an evaluation, and which test rows are a benchmark's."""

from __future__ import annotations

import json
from typing import Any

import pytest

from datagen.schemas.model_folder import SplitScores
from datagen.train.publishing.scores import public_record, split_scores

COMMIT = "c" * 40
RECORD: dict[str, Any] = {
    "run": "mine",
    "data": {"name": "test part of /home/me/shop", "source": "/home/me/shop", "digest": "ab12"},
    "differences": {"/home/me/other/best": {"run": "other", "label": "best"}, "own": {"label": "best"}},
    "samples": [{"truth": "Blue Coat", "answer": "Coat"}],
    "scores": {"title_exact": {"value": 0.5}, "price_mae": {"value": None}},
}
ON_THE_HUB = SplitScores("me/shop", COMMIT, "test", {"title_exact": 0.5})


def data(digest: str, **split: Any) -> dict[str, Any]:
    return {"real": {"digest": digest}, "split": {"of": "real", **split}}


def test_a_published_evaluation_shows_no_row_and_no_path() -> None:
    public = public_record(RECORD, {})
    assert public["data"]["name"] == "test part of shop"
    assert "/home/me" not in json.dumps(public)
    assert public["samples"] == []
    assert public["differences"].keys() == {"own", "other/best"}
    on_hub = {
        **RECORD,
        "data": {"name": "test part of me/shop", "source": "me/shop", "digest": f"me/shop@{COMMIT}"},
    }
    assert public_record(on_hub, {})["data"]["source"] == "me/shop"


@pytest.mark.parametrize(
    ("about", "wanted"),
    [
        (data(f"me/shop@{COMMIT}", given={"train": 9, "test": 4}), ON_THE_HUB),
        (data(f"me/shop@{COMMIT}", test=4), None),  # a part that the run drew
        (data("ab12", given={"train": 9, "test": 4}), None),
    ],
)
def test_only_a_split_of_a_dataset_on_the_hub_can_be_a_benchmark(about: Any, wanted: Any) -> None:
    assert split_scores(about, RECORD) == wanted
    assert split_scores(about, None) is None
