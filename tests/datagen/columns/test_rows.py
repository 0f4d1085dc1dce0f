"""Every column is computed from its role, and every rule between columns holds in every row."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datagen.columns.rows import RowMaker, check
from datagen.columns.rules import rules
from datagen.columns.template import fill
from datagen.product.profile import Profile
from datagen.product.sampler import Sampler
from datagen.schemas import InputError, Schema, load_schema

HOUSE = ["burberry", "garden"]


@pytest.fixture(scope="session", params=HOUSE)
def catalogue(
    request: pytest.FixtureRequest, burberry: Profile, garden_schema: Schema, garden_profile: Profile
) -> tuple[Schema, Profile]:
    if request.param == "garden":
        return garden_schema, garden_profile
    return load_schema("burberry"), burberry


@settings(max_examples=15)
@given(seed=st.integers(0, 2**64 - 1), start=st.integers(0, 20_000))
def test_every_rule_holds_in_every_row(catalogue: tuple[Schema, Profile], seed: int, start: int) -> None:
    schema, profile = catalogue
    sampler = Sampler(profile, seed)
    table = RowMaker(schema, sampler).table(sampler.products(start, start + 1500))
    for rule in rules(schema, profile):
        assert not rule.broken(table).any(), (rule.text, rule.column)
    assert all(column.null_count == 0 for column in table.columns)


def test_columns_have_the_names_types_and_order_of_the_schema(catalogue: tuple[Schema, Profile]) -> None:
    schema, profile = catalogue
    sampler = Sampler(profile, 0)
    table = RowMaker(schema, sampler).table(sampler.products(0, 10))
    types = {"string": pa.string(), "int64": pa.int64(), "float64": pa.float64()}
    expected = [(column.name, types[column.dtype]) for column in schema.columns if column.dtype != "image"]
    assert [(field.name, field.type) for field in table.schema] == expected


def test_the_built_in_catalogue_gives_seventeen_columns_and_unique_products(burberry: Profile) -> None:
    sampler = Sampler(burberry, 0)
    table = RowMaker(load_schema("burberry"), sampler).table(sampler.products(0, 3040))
    assert table.num_columns == 17
    for name in ("product_code", "itemurl"):
        assert len(table[name].unique()) == 3040
    links = [link for link in table["imageurl"].to_pylist() if link != "N.A."]
    assert len(set(links)) == len(links)
    assert 0 < 3040 - len(links) < 40


def test_missing_pictures_have_the_share_and_text_of_the_catalogue(
    garden_schema: Schema, garden_profile: Profile
) -> None:
    sampler = Sampler(garden_profile, 0)
    photos = RowMaker(garden_schema, sampler).table(sampler.products(0, 10_000))["photo"].to_pylist()
    assert np.mean([photo == "-" for photo in photos]) == pytest.approx(0.1, abs=0.015)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"schema_name": "burberry"}, "for the schema"),
        ({"rates": {}}, "USD"),
        ({"shelves": ("one level",)}, "levels"),
        ({"codes": {"suffix": "Y"}}, "must match"),
    ],
)
def test_a_profile_that_contradicts_the_schema_is_refused(
    garden_schema: Schema, garden_profile: Profile, change: dict[str, object], named: str
) -> None:
    if "codes" in change:
        change = {"codes": garden_profile.codes.model_copy(update={"suffix": "Y"})}
    if "shelves" in change:
        shelf = garden_profile.shelves[0]
        change = {"shelves": (shelf.model_copy(update={"path": shelf.path[:1]}),)}
    with pytest.raises(InputError, match=named):
        check(garden_schema, garden_profile.model_copy(update=change))


def test_codes_that_are_no_numbers_cannot_fill_a_number_column(
    garden_schema: Schema, garden_profile: Profile, tmp_path: Path
) -> None:
    text = (Path(__file__).parents[2] / "data" / "garden.yaml").read_text(encoding="utf-8")
    (tmp_path / "number.yaml").write_text(
        text.replace("role: code, dtype: string", "role: code, dtype: int64"), encoding="utf-8"
    )
    with pytest.raises(InputError, match="int64 column sku"):
        check(load_schema(tmp_path / "number.yaml"), garden_profile)


@given(
    st.lists(st.text("ab{}/", max_size=4), min_size=3, max_size=3),
    st.lists(st.text(max_size=5), min_size=1, max_size=5),
)
def test_a_template_is_filled_row_by_row(literals: list[str], values: list[str]) -> None:
    before, between, after = (text.replace("{", "").replace("}", "") for text in literals)
    template = before + "{a}" + between + "{b}" + after
    made = fill(template, {"a": pa.array(values), "b": pa.array(values[::-1])}).to_pylist()
    pairs = zip(values, values[::-1], strict=True)
    assert made == [f"{before}{a}{between}{b}{after}" for a, b in pairs]
