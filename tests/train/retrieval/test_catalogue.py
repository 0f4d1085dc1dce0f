"""Neighbours in an index: whose titles are left out, what is refused, and what a query may be."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.made_index import TEMPLATE, indexed, source_of
from support.sets import garden
from support.tiny_base import encoded

from datagen.schemas import InputError
from datagen.schemas.title_families import title_families
from datagen.train.chat.conversation import Template
from datagen.train.retrieval.catalogue import Catalogue, load_catalogue
from datagen.train.retrieval.search import NONE
from datagen.train.retrieval.vectors import hand_made


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Catalogue]:
    folder = tmp_path_factory.mktemp("catalogues")
    shop = garden(folder / "shop", 40)
    indexed(shop, folder / "shop.index")
    return shop, load_catalogue(folder / "shop.index")


def refused(picture: Any) -> Any:
    raise AssertionError("the picture is in the index")


def test_pictures_of_the_index_are_not_seen_again(made: tuple[Path, Catalogue]) -> None:
    shop, catalogue = made
    source = source_of(shop)
    pictures = [source.row(at)[TEMPLATE.image] for at in range(40)]
    found = catalogue.queries(pictures, refused)
    assert np.array_equal(found, catalogue.vectors)
    assert catalogue.nearest(found, 1)[:, 0].tolist() == [
        catalogue.of_picture[digest] for digest in catalogue.picture_digests
    ]
    other = encoded(80, 60, 1)
    found = catalogue.queries([other, b"no picture", {"bytes": None, "path": None}], hand_made)
    assert np.array_equal(found[0], hand_made(other))
    assert np.isnan(found[1:]).all()
    assert (catalogue.nearest(found, 2)[1:] == NONE).all()


def test_no_neighbour_has_the_title_of_the_query_or_a_withheld_one(made: tuple[Path, Catalogue]) -> None:
    _, catalogue = made
    withheld = [catalogue.titles[0], (catalogue.titles[1] or "").upper()]
    found = catalogue.nearest(catalogue.vectors, 5, catalogue.titles, withheld)
    family = title_families(catalogue.titles)
    for at, near in enumerate(found.tolist()):
        mine = [place for place in near if place != NONE]
        assert len(mine) == len(set(mine)) == 5
        assert not {int(family[at]), int(family[0]), int(family[1])} & {int(family[place]) for place in mine}


def test_more_neighbours_than_products_are_refused(made: tuple[Path, Catalogue]) -> None:
    _, catalogue = made
    with pytest.raises(InputError, match=r"^--k 41 is more than the 40 products of .*; give fewer\.$"):
        catalogue.nearest(catalogue.vectors[:1], 41)
    assert sorted(catalogue.nearest(catalogue.vectors[:1], 40)[0].tolist()) == list(range(40))


def test_an_index_of_nothing_but_withheld_titles_is_refused(made: tuple[Path, Catalogue]) -> None:
    _, catalogue = made
    with pytest.raises(InputError, match=r"so none can be shown; index products to learn from as well\.$"):
        catalogue.nearest(catalogue.vectors[:1], 1, [None], catalogue.titles)


def test_a_vector_of_another_size_is_refused(made: tuple[Path, Catalogue]) -> None:
    _, catalogue = made
    with pytest.raises(InputError, match=r"holds vectors of 256 numbers, and the model makes 64; index"):
        catalogue.queries([encoded(8, 8, 0)], lambda picture: np.zeros(64, np.float32))


def test_answers_are_said_in_the_template_of_the_run(made: tuple[Path, Catalogue]) -> None:
    _, catalogue = made
    mine = Template(answer="{title} for {full_price:.2f}", category=None)
    said = [mine.text(fields) for fields in catalogue.fields(mine)]
    assert said[0] == f"{catalogue.titles[0]} for {catalogue.answers[0]['full_price']:.2f}"
    other = Template(answer="{title} of {colour}", category=None, price=None)
    with pytest.raises(InputError, match="has no field 'colour'"):
        catalogue.fields(other)
