"""Prices follow what is visible, keep the quantiles of their law, and end on the ladder."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datagen.product.price_law import Band
from datagen.product.prices import Ladder
from datagen.product.product import Products
from datagen.product.profile import Profile, load_profile
from datagen.product.sampler import Sampler
from datagen.product.titles import SLOTS

ROWS = 40_000


@pytest.fixture(scope="module")
def made() -> tuple[Sampler, Products]:
    sampler = Sampler(load_profile("burberry"), 0)
    return sampler, sampler.products(0, ROWS)


BANDS = st.lists(
    st.tuples(
        st.integers(1, 50),
        st.sampled_from([1, 5, 10, 50, 100]),
        st.lists(st.integers(0, 99), min_size=1, max_size=4, unique=True),
    ),
    min_size=1,
    max_size=3,
)


@settings(max_examples=100)
@given(BANDS, st.lists(st.floats(1, 5000), min_size=1, max_size=20), st.floats(0, 1, exclude_max=True))
def test_every_price_moves_to_a_legal_one(
    parts: list[tuple[int, int, list[int]]], prices: list[float], u: float
) -> None:
    below, bands = 0, []
    for width, step, endings in parts:
        below += width * 100
        bands.append(Band(below=below, step=step, endings={ending % step: 1.0 for ending in endings}))
    ladder = Ladder(tuple(bands), (1, below))
    if not len(ladder.prices):
        return
    assert (np.diff(ladder.prices) > 0).all()
    moved = ladder.move(np.array(prices), 0.05, np.full(len(prices), u))
    assert np.isin(moved, ladder.prices).all()
    for price in ladder.prices:
        band = next(band for band in bands if price < band.below or price == below)
        assert price % band.step in band.endings


def test_a_legal_price_alone_in_reach_is_kept() -> None:
    ladder = Ladder((Band(below=10_000, step=100, endings={50: 1, 90: 1}),), (1, 10_000))
    price = np.array([150.0, 2490.0])
    assert ladder.move(price, 1e-4, np.array([0.0, 0.999])).tolist() == [150, 2490]


def test_endings_get_their_shares() -> None:
    ladder = Ladder((Band(below=10_000, step=100, endings={50: 3, 90: 1}),), (1, 10_000))
    rng = np.random.Generator(np.random.Philox(1))
    moved = ladder.move(rng.uniform(1000, 9000, 20_000), 0.05, rng.random(20_000))
    assert (moved % 100 == 50).mean() == pytest.approx(0.75, abs=0.03)


def test_members_of_a_family_have_one_price_and_one_title(made: tuple[Sampler, Products]) -> None:
    _, products = made
    leader = np.searchsorted(products.row, products.family)
    assert (products.full == products.full[leader]).all()
    for slot in SLOTS:
        assert (products.phrases[slot] == products.phrases[slot][leader]).all()


def test_what_is_visible_explains_most_of_the_price_within_a_kind(made: tuple[Sampler, Products]) -> None:
    sampler, products = made
    effects = sum(
        np.array([word.effect if word else 0.0 for word in slot.words])[products.phrases[name]]
        for name, slot in sampler.titles.slots.items()
    )
    shelves = sampler.profile.shelves
    adults = np.array([shelf.path[0] != "KIDS" and shelf.wearer != "baby" for shelf in shelves])
    measured = []
    for at, name in enumerate(sampler.profile.kinds):
        mine = (products.kind == at) & adults[products.shelf]
        # A kind whose words cost nothing has nothing to explain.
        if mine.sum() > 200 and np.std(effects[mine]) > 0.05:
            ranks = [np.argsort(np.argsort(values[mine])) for values in (effects, products.full)]
            measured.append((np.corrcoef(*ranks)[0, 1], name))
    assert len(measured) > 20
    assert np.median([correlation for correlation, _ in measured]) > 0.65
    assert min(measured)[0] > 0.3, min(measured)


def test_without_noise_two_products_alike_cost_the_same_but_for_the_ending(garden_profile: Profile) -> None:
    prices = garden_profile.prices.model_copy(update={"noise": 0.0, "near": 1e-6})
    sampler = Sampler(garden_profile.model_copy(update={"prices": prices}), 0)
    products = sampler.products(0, 4000)
    look = np.stack([products.phrases[slot] for slot in SLOTS] + [products.kind, products.shelf])
    _, alike = np.unique(look, axis=1, return_inverse=True)
    for group in range(alike.max() + 1):
        assert len(set(products.full[alike == group])) == 1


def test_discounts_have_the_share_and_the_cuts_of_the_profile(garden_profile: Profile) -> None:
    products = Sampler(garden_profile, 0).products(0, 20_000)
    cut = products.paid < products.full
    assert cut.mean() == pytest.approx(0.25, abs=0.03)
    assert (products.paid <= products.full).all()
    assert (products.paid > 0).all()
    dear = cut & (products.full > 200)
    off = 1 - products.paid[dear] / products.full[dear]
    assert set(np.round(off, 2)) == {0.2, 0.5}
    assert (np.round(off, 2) == 0.2).mean() == pytest.approx(2 / 3, abs=0.06)


def test_a_child_pays_its_share(garden_profile: Profile) -> None:
    sampler = Sampler(garden_profile, 0)
    products = sampler.products(0, 40_000)
    paths = [shelf.path for shelf in garden_profile.shelves]
    adult = np.median(products.full[products.shelf == paths.index(("Wear", "Coats"))])
    child = np.median(products.full[products.shelf == paths.index(("Wear", "Small coats"))])
    assert child / adult == pytest.approx(0.5, abs=0.1)


def test_products_of_one_title_and_kind_cost_the_same_where_the_title_decides() -> None:
    profile = load_profile("burberry")
    prices = profile.prices.model_copy(update={"by_title": 1.0})
    sampler = Sampler(profile.model_copy(update={"prices": prices}), 5)
    products = sampler.products(0, ROWS)
    several = _prices_of_titles(sampler, products)
    assert len(several) > 100
    # A few texts can be said by two words of a slot, whose effects may differ.
    assert np.mean([len(each) == 1 for each in several]) > 0.97


def test_a_share_of_titles_comes_at_several_prices_and_a_title_costs_the_same_on_another_seed() -> None:
    profile = load_profile("burberry")
    several = _prices_of_titles(*((sampler := Sampler(profile, 5)), sampler.products(0, ROWS)))
    assert 0.2 < np.mean([len(each) > 1 for each in several]) < 0.95
    other = Sampler(profile, 6)
    both = _by_title(sampler, sampler.products(0, 4096)), _by_title(other, other.products(0, 4096))
    shared = both[0].keys() & both[1].keys()
    assert len(shared) > 100
    assert np.mean([bool(both[0][title] & both[1][title]) for title in shared]) > 0.6


def _by_title(sampler: Sampler, products: Products) -> dict[tuple[int, str, str], set[float]]:
    """The prices of each kind, wearer and title."""
    titles = sampler.titles.compose(products.phrases).to_pylist()
    wearers = [sampler.profile.wearer(sampler.profile.shelves[shelf]) for shelf in products.shelf]
    prices: dict[tuple[int, str, str], set[float]] = {}
    for kind, wearer, title, price in zip(products.kind, wearers, titles, products.full, strict=True):
        prices.setdefault((int(kind), wearer, title), set()).add(float(price))
    return prices


def _prices_of_titles(sampler: Sampler, products: Products) -> list[set[float]]:
    """The prices of each kind, wearer and title that several products of a stretch have."""
    led = products.take(np.flatnonzero(products.leads))
    counts: dict[tuple[int, str, str], int] = {}
    titles = sampler.titles.compose(led.phrases).to_pylist()
    wearers = [sampler.profile.wearer(sampler.profile.shelves[shelf]) for shelf in led.shelf]
    for kind, wearer, title in zip(led.kind, wearers, titles, strict=True):
        counts[int(kind), wearer, title] = counts.get((int(kind), wearer, title), 0) + 1
    return [prices for key, prices in _by_title(sampler, products).items() if counts.get(key, 0) > 1]
