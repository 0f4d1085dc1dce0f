from __future__ import annotations

import pickle
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datagen.schemas import InputError
from datagen.train.chat.conversation import Template
from datagen.train.data.mixture import REAL, SYNTHETIC, Mixture, Order, Place, RowSubset
from datagen.train.data.sources import open_source


def rows(count: int, first: int = 0) -> np.ndarray:
    return np.arange(first, first + count, dtype=np.int64)


def epoch_of(order: Order, epoch: int = 0) -> list[Place]:
    return [order.at(epoch, position) for position in range(order.length)]


def of(part: int, epoch: list[Place]) -> list[int]:
    return [place.row for place in epoch if place.part == part]


@pytest.mark.parametrize("share", [0.0, 0.1, 0.333, 0.5, 0.75, 0.9, 1.0])
@pytest.mark.parametrize(("real", "synthetic"), [(731, 5000), (200, 100), (1, 40)])
def test_the_share_is_kept_in_every_epoch_and_every_hundred_samples(
    share: float, real: int, synthetic: int
) -> None:
    order = Order(rows(real), rows(synthetic), seed=7, share=share)
    for number in (0, 1, 5):
        epoch = epoch_of(order, number)
        drawn = np.array([place.part == SYNTHETIC for place in epoch])
        assert abs(drawn.sum() - share * len(epoch)) <= 0.5
        for start in range(0, max(len(epoch) - 100, 0), 13):
            assert abs(drawn[start : start + 100].mean() - share) <= 0.12


def test_an_epoch_shows_every_real_row_once_and_continues_through_synthetic_ones() -> None:
    order = Order(rows(100), rows(230), seed=1, share=0.5)
    assert (order.length, order.counts, order.share, order.repeats[0]) == (200, (100, 100), 0.5, 1.0)
    epochs = [epoch_of(order, number) for number in range(3)]
    for epoch in epochs:
        assert sorted(of(REAL, epoch)) == list(range(100))
    dealt = [row for epoch in epochs for row in of(SYNTHETIC, epoch)]
    assert sorted(dealt[:230]) == list(range(230))


def test_a_small_set_is_repeated_evenly() -> None:
    order = Order(rows(90), rows(20), seed=1, share=0.5)
    shown = Counter(of(SYNTHETIC, epoch_of(order)))
    assert set(shown) == set(range(20))
    assert set(shown.values()) == {4, 5}


def test_one_set_alone_and_both_without_a_share() -> None:
    assert sorted(epoch_of(Order(rows(9), rows(0), seed=0))) == [(REAL, row) for row in range(9)]
    assert sorted(epoch_of(Order(rows(0), rows(9), seed=0))) == [(SYNTHETIC, row) for row in range(9)]
    both = epoch_of(Order(rows(9), rows(30), seed=0))
    assert len(set(both)) == len(both) == 39


def test_every_epoch_has_another_order_and_every_seed_too() -> None:
    order = Order(rows(50), rows(50), seed=0)
    epochs = [epoch_of(order, number) for number in range(4)]
    assert len({tuple(epoch) for epoch in epochs}) == 4
    assert epoch_of(Order(rows(50), rows(50), seed=1)) != epochs[0]
    assert epoch_of(Order(rows(50), rows(50), seed=0)) == epochs[0]


def test_the_order_is_pinned() -> None:
    """A run that is resumed with a later version must go on with the same samples."""
    order = Order(rows(5), rows(5), seed=42, share=0.4)
    assert [tuple(order.at(3, position)) for position in range(order.length)] == [
        (0, 1),
        (1, 1),
        (0, 2),
        (0, 4),
        (0, 3),
        (1, 4),
        (1, 0),
        (0, 0),
    ]


@given(
    st.integers(0, 60),
    st.integers(0, 60),
    st.one_of(st.none(), st.floats(0, 0.97)),
    st.integers(1, 9),
    st.integers(0, 3),
    st.integers(0, 2**64 - 1),
)
def test_any_position_is_known_without_the_ones_before(
    real: int, synthetic: int, share: float | None, step: int, epoch: int, seed: int
) -> None:
    try:
        order = Order(rows(real), rows(synthetic, 100), seed=seed, share=share, step=step)
    except InputError:
        assert not (real and synthetic)
        return
    whole = epoch_of(order, epoch)
    assert len(whole) % step == 0
    assert all(0 <= row < real for row in of(REAL, whole))
    assert all(100 <= row < 100 + synthetic for row in of(SYNTHETIC, whole))
    if order.counts[REAL]:
        assert set(of(REAL, whole)) == set(range(real))
    for position in (order.length - 1, order.length // 2, 0):
        again = Order(rows(real), rows(synthetic, 100), seed=seed, share=share, step=step)
        assert again.at(epoch, position) == whole[position]


def test_a_resumed_run_and_every_rank_see_the_same_stream() -> None:
    def fresh() -> Order:
        return Order(rows(3000), rows(9000), seed=3, share=0.6, step=8)

    whole = epoch_of(fresh(), 2)
    resumed = fresh()
    assert [resumed.at(2, position) for position in range(2500, resumed.length)] == whole[2500:]
    ranks = [[fresh().at(2, p) for p in range(rank, 200, 2)] for rank in (0, 1)]
    assert [place for pair in zip(*ranks, strict=True) for place in pair] == whole[:200]


def test_a_step_holds_samples_of_like_length_and_the_order_stays_random() -> None:
    lengths = (
        np.random.default_rng(0).integers(100, 2500, 4000),
        np.random.default_rng(1).integers(100, 2500, 4000),
    )
    plain = Order(rows(4000), rows(4000), seed=0, step=8)
    alike = Order(rows(4000), rows(4000), seed=0, step=8, lengths=lengths)
    assert sorted(epoch_of(plain)) == sorted(epoch_of(alike))

    def padded(order: Order) -> float:
        tokens = np.array([lengths[place.part][place.row] for place in epoch_of(order)]).reshape(-1, 8)
        return float(tokens.max(axis=1).sum() * 8 / tokens.sum())

    assert padded(plain) > 1.6
    assert padded(alike) < 1.1
    means = (
        np.array([lengths[place.part][place.row] for place in epoch_of(alike)]).reshape(-1, 8).mean(axis=1)
    )
    halves = means[: len(means) // 2].mean(), means[len(means) // 2 :].mean()
    assert halves[0] == pytest.approx(halves[1], rel=0.05)
    assert abs(np.corrcoef(means[:-1], means[1:])[0, 1]) < 0.15
    assert epoch_of(alike, 0) != epoch_of(alike, 1)


def test_a_streamed_set_is_read_a_few_row_groups_at_a_time() -> None:
    bounds = np.arange(0, 10_001, 20, dtype=np.int64)
    used = rows(10_000)[rows(10_000) % 7 != 0]
    order = Order(rows(0), used, seed=0, bounds=(None, bounds))
    epoch = of(SYNTHETIC, epoch_of(order))
    assert sorted(epoch) == used.tolist()
    groups = np.array(epoch) // 20
    for start in range(0, len(groups) - 100, 50):
        assert len(set(groups[start : start + 100])) <= 32
    read = sum(1 for at in range(len(groups)) if groups[at] not in set(groups[max(at - 400, 0) : at]))
    assert read < 1.2 * 500
    assert of(SYNTHETIC, epoch_of(order, 1)) != epoch


@pytest.mark.parametrize(
    ("real", "synthetic", "options", "why"),
    [
        (0, 0, {}, "no training data"),
        (5, 5, {"share": 1.5}, "give a number between 0 and 1"),
        (5, 5, {"share": -0.1}, "give a number between 0 and 1"),
        (5, 5, {"share": float("nan")}, "give a number between 0 and 1"),
        (5, 0, {"share": 0.5}, "needs synthetic rows"),
        (0, 5, {"share": 0.5}, "needs real rows"),
        (5, 5, {"samples": 0}, "at least one"),
        (5, 5, {"step": 0}, "at least one"),
    ],
)
def test_impossible_mixtures_are_refused(
    real: int, synthetic: int, options: dict[str, Any], why: str
) -> None:
    with pytest.raises(InputError, match=why):
        Order(rows(real), rows(synthetic), seed=0, **options)


def test_an_epoch_may_be_given_a_length() -> None:
    order = Order(rows(50), rows(5), seed=0, share=0.25, samples=99, step=10)
    assert (order.length, order.counts) == (100, (75, 25))
    assert set(of(REAL, epoch_of(order))) == set(range(50))
    with pytest.raises(IndexError):
        order.at(0, 100)


def test_a_million_rows_are_ordered_in_no_time() -> None:
    order = Order(rows(3000), rows(1_000_000), seed=0, share=0.5)
    assert order.at(900, 5999).part in (REAL, SYNTHETIC)


@pytest.mark.parametrize("stream", [False, True])
def test_a_loader_gets_the_rows_of_the_order(garden_set: Path, other_set: Path, stream: bool) -> None:
    from torch.utils.data import DataLoader

    real = open_source(str(garden_set), Template())
    synthetic = open_source(str(other_set), Template(), stream=stream)
    order = Order(rows(60), rows(200), seed=0, share=0.5, step=4, bounds=(real.bounds, synthetic.bounds))
    mixture = Mixture(
        order, (real, synthetic), lambda row: {"title": row["title"], "bytes": row["image"]["bytes"]}
    )
    for epoch in (0, 1):
        numbers = range(epoch * len(mixture), (epoch + 1) * len(mixture))
        loader = DataLoader(mixture, batch_size=4, sampler=numbers, collate_fn=list)
        samples = [sample for batch in loader for sample in batch]
        assert [sample["place"] for sample in samples] == epoch_of(order, epoch)
        for sample in samples[::17]:
            part, row = sample["place"]
            assert sample["title"] == (real, synthetic)[part].row(row)["title"]
    again = pickle.loads(pickle.dumps(order))  # noqa: S301 - as workers of a loader get it
    assert epoch_of(again) == epoch_of(order)


def test_a_row_subset_keeps_its_order(garden_set: Path) -> None:
    source = open_source(str(garden_set), Template())
    chosen = RowSubset(source, [5, 3, 9], lambda row: {"title": row["title"]})
    assert [sample["place"].row for sample in (chosen[at] for at in range(len(chosen)))] == [5, 3, 9]
    assert chosen[1]["title"] == source.row(3)["title"]
    with pytest.raises(InputError, match="no synthetic dataset"):
        Mixture(Order(rows(0), rows(1), seed=0), (source, None), dict)[0]
