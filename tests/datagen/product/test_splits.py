"""A title is in one split, whatever the seed and the number of rows; wrong shares are refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datagen.arrow import texts
from datagen.product.profile import Profile
from datagen.product.sampler import Sampler
from datagen.product.splits import MOST_SPLITS, TitleSplits, checked_shares
from datagen.schemas import InputError
from datagen.schemas.title_families import title_families

THREE = {"train": 0.8, "validation": 0.1, "test": 0.1}


@pytest.mark.parametrize("seed", [0, 7])
def test_splits_have_about_their_share_of_the_rows(burberry: Profile, seed: int) -> None:
    sampler = Sampler(burberry, seed)
    titles = sampler.titles.compose(sampler.products(0, 4096).phrases)
    numbers = TitleSplits(burberry, THREE).of(titles)
    for number, share in enumerate(THREE.values()):
        assert (numbers == number).mean() == pytest.approx(share, abs=0.03)
    found = title_families(titles.to_pylist())
    assert len(set(zip(found.tolist(), numbers.tolist(), strict=True))) == len(set(found.tolist()))


def test_titles_that_give_each_other_away_are_in_one_split(burberry: Profile) -> None:
    splits = TitleSplits(burberry, {"a": 0.5, "b": 0.5})
    for one, other in (
        ("Check and Leather Key Charm", "Check Leather Key Charm"),
        ("Short Nylon Cotton Trench Coat", "Short Cotton Nylon Trench Coat"),
    ):
        first, second = splits.of(texts([one, other]))
        assert first == second


@given(
    st.dictionaries(
        st.sampled_from(["train", "test", "validation", "a", "B2"]), st.integers(1, 9), min_size=1
    )
)
def test_the_order_of_the_shares_changes_nothing(weights: dict[str, int]) -> None:
    total = sum(weights.values())
    shares = {name: weight / total for name, weight in weights.items()}
    there = checked_shares(dict(reversed(shares.items())))
    assert list(checked_shares(shares).items()) == list(there.items())
    usual = [name for name in there if name in THREE]
    assert list(there)[: len(usual)] == [name for name in THREE if name in usual]


def test_a_smaller_share_of_the_last_split_moves_no_title_of_the_first(burberry: Profile) -> None:
    sampler = Sampler(burberry, 0)
    titles = sampler.titles.compose(sampler.products(0, 500).phrases)
    two, three = TitleSplits(burberry, {"train": 0.8, "test": 0.2}), TitleSplits(burberry, THREE)
    assert ((two.of(titles) == 0) == (three.of(titles) == 0)).all()


@pytest.mark.parametrize(
    ("shares", "said"),
    [
        ({}, "not 0"),
        ({"a": 0.4, "b": 0.5}, "add up to 0.9"),
        ({"a": 1.5, "b": -0.5}, "cannot have the share 1.5"),
        ({"a": float("nan"), "b": 1.0}, "cannot have the share nan"),
        ({"a": 0.0, "b": 1.0}, "cannot have the share 0"),
        ({"a-b": 1.0}, "'a-b' is not a name for a split"),
        ({"../a": 1.0}, "is not a name for a split"),
        ({"": 1.0}, "is not a name for a split"),
        ({"a\n": 1.0}, "is not a name for a split"),
        ({"all": 1.0}, "not 'all'"),
        ({"x" * 41: 1.0}, "up to 40 letters"),
        ({"Test": 0.5, "test": 0.5}, "Test and test differ only in case"),
        ({f"s{at}": 1 / 17 for at in range(MOST_SPLITS + 1)}, "not 17"),
    ],
)
def test_wrong_shares_are_refused(shares: dict[str, float], said: str) -> None:
    with pytest.raises(InputError) as refused:
        checked_shares(shares)
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)
