"""Rows with a truth and an answer, made and drawn, and their scores: what tests of scores share."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from hypothesis import strategies as st

from datagen.train.chat.conversation import Fields, Template
from datagen.train.evaluation.scoring import Scores, score

TEMPLATE = Template()
CATEGORY_ONLY = Template(answer="Category: {category3_code}")
SHARES = (
    "title_exact",
    "title_token_f1",
    "title_rouge_l",
    "category_accuracy",
    "category_macro_f1",
    "price_within_20",
)

TITLES = st.lists(st.sampled_from(["Check", "check", "Wool", "Coat", "Scarf", "&"]), min_size=1, max_size=6)
ROW = st.builds(
    lambda title, category, price: fields(" ".join(title), category, price),
    TITLES,
    st.sampled_from("ABC"),
    st.one_of(st.none(), st.floats(0, 5000).map(lambda price: round(price, 2))),
)
ROWS = st.lists(st.tuples(ROW, st.one_of(st.none(), ROW), st.integers(0, 4)), min_size=1, max_size=12)
Row = tuple[Fields, Fields | None, int]


def fields(title: str = "Wool Coat", category: str = "A", price: float | None = 100.0) -> Fields:
    return {"title": title, "category3_code": category, "full_price": price}


def scored(rows: Sequence[Row], resamples: int = 20, seed: int = 0) -> Scores:
    truth, answers, title_families = zip(*rows, strict=True)
    return score(truth, answers, np.array(title_families), TEMPLATE, resamples=resamples, seed=seed)


def values(found: Scores) -> dict[str, float]:
    return {name: estimate.value for name, estimate in found.estimates.items()}


def made_rows(count: int, seed: int = 0) -> list[Row]:
    """Rows of which about half are answered right in each respect, some not at all."""
    rng = np.random.default_rng(seed)
    words = np.array(["Check", "Cotton", "Wool", "Silk", "Scarf", "Coat"])
    rows: list[Row] = []
    for _ in range(count):
        title = " ".join(rng.choice(words, 4))
        true = fields(title, "ABCD"[rng.integers(4)], float(rng.integers(50, 3000)))
        answer = fields(
            title if rng.random() < 0.5 else " ".join(rng.choice(words, 3)),
            "ABCDE"[rng.integers(5)],
            None if rng.random() < 0.1 else float(rng.integers(50, 3000)),
        )
        rows.append((true, None if rng.random() < 0.1 else answer, int(rng.integers(count // 2 + 1))))
    return rows
