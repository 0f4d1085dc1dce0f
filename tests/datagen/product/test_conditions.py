"""Conditions are read whatever their spelling, and every product that is sampled satisfies them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from support.sets import GARDEN

from datagen.product.acceptance import Acceptance
from datagen.product.blocks import Blocks, Tables
from datagen.product.conditions import Where, read_where, restrict
from datagen.product.profile import Profile
from datagen.product.sampler import Sampler
from datagen.product.selection import Selection
from datagen.schemas import InputError, load_schema

SCHEMA = load_schema(GARDEN["schema"])

VALUES = {
    "group": ["Wear", "Carry"],
    "subgroup": ["Hats", "Coats", "Small coats", "Bags"],
    "kind": ["trench_coat", "cap", "bucket_hat", "tote", "lipstick"],
    "wearer": ["woman", "child", "man"],
    "size": ["regular", "long", "mini"],
    "detail": ["none", "belted"],
    "pattern": ["solid", "check"],
    "material": ["gabardine", "cotton", "cashmere", "pique", "leather", "alligator", "metal"],
    "colourway": ["honey", "black", "navy", "moss"],
}
"""What the products of the garden shop can be."""


@st.composite
def conditions(draw: st.DrawFn) -> dict[str, list[str]]:
    """Some values of some names, in any order; few products may satisfy them."""
    names = draw(
        st.lists(st.sampled_from([*VALUES, "now_eur", "list_eur"]), min_size=1, max_size=3, unique=True)
    )
    return {
        name: draw(st.lists(st.sampled_from(VALUES[name]), min_size=1, max_size=3, unique=True))
        if name in VALUES
        else [draw(st.sampled_from(["<", "<=", ">", ">="])) + str(draw(st.integers(5, 1500)))]
        for name in names
    }


def _sampler(profile: Profile, where: Where, seed: int = 3) -> Sampler:
    wanted = read_where(where, SCHEMA, profile)
    return Sampler(restrict(profile, wanted), seed, Selection(wanted))


@pytest.mark.parametrize(
    "text",
    ["subgroup=Small coats", "subgroup=small coats", "Subgroup = SMALL_COATS ", "SUBGROUP=small-coats"],
)
def test_spelling_does_not_matter(garden_profile: Profile, text: str) -> None:
    assert read_where(text, SCHEMA, garden_profile).texts == {"subgroup": ["Small coats"]}


@pytest.mark.parametrize(
    ("where", "texts"),
    [
        (["kind=trench coat,TOTE"], {"kind": ["trench_coat", "tote"]}),
        (["kind=tote", "kind=trench-coat"], {"kind": ["trench_coat", "tote"]}),
        ({"kind": ["tote", "Trench Coat"]}, {"kind": ["trench_coat", "tote"]}),
        ({"kind": "tote"}, {"kind": ["tote"]}),
        ("price<500", {"price": ["<500"]}),
        ("now_eur >= 20.50", {"now_eur": [">=20.5"]}),
        ("price=20..50", {"price": [">=20", "<=50"]}),
        (["price>5", "material=leather", "price<=50"], {"material": ["leather"], "price": [">5", "<=50"]}),
        ({"list_eur": [">5", "<50"]}, {"list_eur": [">5", "<50"]}),
        ({"price": 30}, {"price": ["=30"]}),
        (None, {}),
        ((), {}),
    ],
)
def test_conditions_have_one_spelling(
    garden_profile: Profile, where: Where, texts: dict[str, list[str]]
) -> None:
    read = read_where(where, SCHEMA, garden_profile)
    assert read.texts == texts
    assert read_where(texts, SCHEMA, garden_profile) == read


def test_a_comma_may_be_part_of_a_value(garden_profile: Profile) -> None:
    shelves = garden_profile.shelves
    comma = shelves[0].model_copy(update={"path": ("Wear", "Hats, Caps")})
    profile = garden_profile.model_copy(update={"shelves": (comma, *shelves[1:])})
    for where in ("subgroup=hats, caps", {"subgroup": ["Hats, Caps"]}):
        assert read_where(where, SCHEMA, profile).levels == {2: frozenset({"Hats, Caps"})}


@pytest.mark.parametrize(
    ("where", "named"),
    [
        ("group", "'group' is not a condition: write NAME=VALUE"),
        ("", "'' is not a condition"),
        ("=Wear", "is not a condition"),
        ("group=", "is not a condition"),
        ("grupp=Wear", "did you mean 'group'"),
        ("label=Hat", "cannot be selected by 'label', which is composed of what the product is; known: colo"),
        ("now usd<5", "cannot be selected by 'now_usd', which follows from a price; known: "),
        ("on_sale=1", "cannot be selected by 'on_sale', which follows from the prices; known: "),
        ("shop=Garden", "cannot be selected by 'shop', which is the same in every row; known: "),
        ("subgroup=Hat", "did you mean 'Hats'"),
        ("kind=Trench Cot", "did you mean 'trench_coat'"),
        ("material=lether", "did you mean 'leather'"),
        ("material=silk", "No material 'silk'"),
        ("kind<5", "kind cannot be compared by <"),
        ("price<cheap", "The price 'cheap' is not a number"),
        ("price<<5", "is not a number"),
        ("price=5..many", "is not a number"),
        ("group=Carry,Wer", "did you mean 'Wear'"),
    ],
)
def test_wrong_conditions_are_refused_in_one_sentence(
    garden_profile: Profile, where: str, named: str
) -> None:
    with pytest.raises(InputError) as refused:
        read_where(where, SCHEMA, garden_profile)
    assert named in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "where", [{"kind": "cap", "wearer": "man"}, {"kind": "cap", "material": "alligator"}]
)
def test_conditions_that_nothing_can_satisfy_are_refused(garden_profile: Profile, where: Where) -> None:
    with pytest.raises(InputError, match=r"has no product that matches kind=cap and (wearer|material)"):
        restrict(garden_profile, read_where(where, SCHEMA, garden_profile))


@settings(max_examples=30, deadline=None)
@given(conditions())
@example({"colourway": ["black", "navy"], "group": ["Carry"]})
@example({"material": ["gabardine"], "now_eur": ["<200"]})
@example({"kind": ["lipstick"], "colourway": ["honey"]})
def test_every_product_satisfies_the_conditions(garden_profile: Profile, where: dict[str, list[str]]) -> None:
    wanted = read_where(where, SCHEMA, garden_profile)
    try:
        profile = restrict(garden_profile, wanted)
    except InputError:
        return
    tables = Tables(profile)
    if Blocks(tables, 0, 4096, Acceptance(wanted, profile, tables.titles)).share() < 0.02:
        return
    sampler = Sampler(profile, 3, Selection(wanted))
    products = sampler.products(0, 300)
    for at, product in enumerate(sampler.each(products)):
        shelf = sampler.profile.shelves[products.shelf[at]]
        kind = list(sampler.profile.kinds)[products.kind[at]]
        shown = {
            "group": shelf.path[0],
            "subgroup": shelf.path[1],
            "kind": kind,
            "colourway": product.colourway.name,
            "now_eur": products.paid[at],
            "list_eur": products.full[at],
        }
        for name, values in where.items():
            value = shown.get(name) or getattr(product, name)
            if name.endswith("eur"):
                assert eval(f"{value}{values[0]}")  # noqa: S307 - a comparison of two numbers
            else:
                assert value in values
    assert len(set(products.number)) == 300


def test_products_keep_their_shares_of_one_another(garden_profile: Profile) -> None:
    """What is selected has the mix that it has in the whole catalogue."""
    whole = Sampler(garden_profile, 3).products(0, 60_000)
    dear = whole.take(np.flatnonzero(whole.paid >= 300))
    only = _sampler(garden_profile, "price>=300", seed=4).products(0, 30_000)
    shelves, kinds = len(garden_profile.shelves), len(garden_profile.kinds)
    for name, most in (("shelf", shelves), ("kind", kinds)):
        expected = np.bincount(getattr(dear, name), minlength=most) / len(dear)
        found = np.bincount(getattr(only, name), minlength=most) / len(only)
        assert np.abs(expected - found).max() < 0.02
    assert abs(np.log(dear.paid).mean() - np.log(only.paid).mean()) < 0.03
    assert abs(dear.leads.mean() - only.leads.mean()) < 0.02


def test_a_product_that_satisfies_the_conditions_already_is_not_another(garden_profile: Profile) -> None:
    """Conditions on prices and looks replace the products that do not satisfy them, and no other."""
    plain = Sampler(garden_profile, 3).products(0, 2000)
    wanted = read_where("price<200", SCHEMA, garden_profile)
    chosen = Sampler(garden_profile, 3, Selection(wanted)).products(0, 2000)
    before = plain.leads & (plain.paid < 200)
    same = chosen.paid[before] == plain.paid[before]
    assert same.all()
    assert (chosen.paid < 200).all()
    assert (plain.paid >= 200).any()


def test_families_stay_whole(garden_profile: Profile) -> None:
    products = _sampler(garden_profile, ["price<200", "pattern=check"]).products(0, 4096)
    order = np.argsort(products.family, kind="stable")
    family, title = products.family[order], products.phrases["noun"][order]
    same = family[1:] == family[:-1]
    assert same.mean() > 0.05
    for values in (products.paid, products.full, products.kind, products.cut, products.shelf):
        ordered = values[order]
        assert (ordered[1:][same] == ordered[:-1][same]).all()
    assert (title[1:][same] == title[:-1][same]).all()
    assert (products.colourway[order][1:][same] != products.colourway[order][:-1][same]).all()


def test_too_few_attempts_take_the_first_product_of_the_family_again(
    garden_profile: Profile, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where a kind has no families, each row is drawn by itself; one that finds nothing still satisfies."""
    kinds = {name: kind.model_copy(update={"families": False}) for name, kind in garden_profile.kinds.items()}
    profile = garden_profile.model_copy(update={"kinds": kinds})
    wanted = read_where("price<100", SCHEMA, profile)
    sampler = Sampler(profile, 3, Selection(wanted))
    blocks = sampler._parts[0]
    first = type(blocks)._first_accepted

    def none_by_itself(self: Any, draw: Any, rows: Any, place: Any = None) -> Any:
        found, missed = first(self, draw, rows, place)
        return found, missed | (place is not None)

    monkeypatch.setattr(type(blocks), "_first_accepted", none_by_itself)
    products = sampler.products(0, 4096)
    assert products.leads.all()
    assert (products.paid < 100).all()
