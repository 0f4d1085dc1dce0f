"""Membership attacks on a fitted profile: whether titles that it was fitted to are likelier under it."""

from __future__ import annotations

import numpy as np
import pytest
from support.hardware_shop import Row, hardware_rows, profile_of, rows_of

from datagen.fit.products import fit_products
from datagen.product.sampler import Sampler
from datagen.report.privacy.attacks import TitleModel
from datagen.report.statistics.intervals import auc
from datagen.schemas.title_families import title_families


@pytest.fixture(scope="module")
def found() -> dict[int, float]:
    """The AUC of the attack by --min-count; members and others have no title family in common."""
    shop = hardware_rows(1600)
    family = title_families([row[2] for row in shop])
    is_member = (np.random.default_rng(0).random(family.max() + 1) < 0.5)[family]
    members = [row for row, its in zip(shop, is_member, strict=True) if its]
    others = [row for row, its in zip(shop, is_member, strict=True) if not its]
    return {least: attacked(members, others, least) for least in (1, 5)}


def attacked(members: list[Row], others: list[Row], min_count: int) -> float:
    """The AUC of telling members by the likelihood of their titles among many made ones."""
    sampler = Sampler(profile_of(fit_products(rows_of(members), min_count)), 1)
    made = TitleModel(sampler.titles.compose(sampler.products(0, 4000).phrases).to_pylist())
    titles = [row[2] for row in [*members, *others]]
    score = np.array([made.log_likelihood(title) for title in titles])
    return auc(score, np.arange(len(titles)) < len(members), title_families(titles)).value


def test_a_folded_profile_hardly_tells_who_was_fitted(found: dict[int, float]) -> None:
    assert found[5] < 0.57


def test_the_attack_finds_more_where_nothing_is_folded(found: dict[int, float]) -> None:
    assert found[1] > found[5] + 0.02
