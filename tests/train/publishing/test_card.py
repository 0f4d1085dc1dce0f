"""The card of a model says what its user must know."""

from __future__ import annotations

from typing import Any

import pytest

from datagen.train.config import load_config
from datagen.train.publishing.card import About, body
from datagen.train.publishing.model_folder import public_config


def card(model_type: str, num_crops: Any) -> str:
    config = load_config(None, {"data.real": "shop", "model.num_crops": num_crops})
    return body(About("me/reader", config, False, "b/base", None, {}, {}, [], "What is it?", model_type))


@pytest.mark.parametrize(
    ("model_type", "num_crops", "warns"),
    [("phi3_v", "auto", True), ("phi3_v", 4, False), ("gemma3", "auto", False)],
)
def test_pictures_that_other_runtimes_would_enlarge_are_a_limit(
    model_type: str, num_crops: Any, warns: bool
) -> None:
    assert ("enlarge every picture to 16 tiles" in card(model_type, num_crops)) is warns


def test_an_index_that_a_run_was_trained_with_is_a_limit() -> None:
    asked = {"data.real": "shop", "retrieval.index": "/home/me/shop.index", "retrieval.k": 1}
    config = load_config(None, asked)
    told = body(About("me/reader", config, False, "b/base", None, {}, {}, [], "What is it?", "phi3_v"))
    assert "the answers of the 1 product nearest to each picture" in told
    assert "--retrieve" not in card("phi3_v", 4)
    public = public_config(config, {})
    assert public.retrieval.index == "shop.index"
