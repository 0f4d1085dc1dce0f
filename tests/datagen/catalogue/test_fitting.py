"""The schema that real rows really keep."""

from __future__ import annotations

import pyarrow as pa

from datagen.catalogue.fitting import Facts, fitted, narrowed
from datagen.schemas import Schema, load_schema
from datagen.schemas.schema import Category, Code, Constant, Link, Other

BURBERRY = load_schema("burberry")


def facts_of(schema: Schema, **columns: list[str | int | float]) -> Facts:
    facts = Facts(schema)
    facts.add(pa.table(columns))
    return facts


def test_a_column_that_is_not_there_is_left_out_and_levels_close_up() -> None:
    there = {"category1_code", "category3_code", "title", "full_price_eur"}
    schema = narrowed(BURBERRY, there, pictures=False)
    assert [(column.name, column.level) for column in schema.of(Category)] == [
        ("category1_code", 1),
        ("category3_code", 2),
    ]
    assert isinstance(schema.columns[-1], Other)  # converts a price that is not there
    assert {column.name for column in schema.columns} == there
    assert narrowed(BURBERRY, there, pictures=True).columns[-1].role == "image"


def test_a_sister_catalogue_keeps_its_own_country() -> None:
    schema = narrowed(BURBERRY, {"country_code", "title"}, pictures=False)
    kept, changes = fitted(schema, facts_of(schema, country_code=["SGP", "SGP"], title=["a", "b"]))
    assert kept.of(Constant)[0].value == "SGP"
    assert changes == {"country_code": "is always SGP, not USA"}
    kept, changes = fitted(schema, facts_of(schema, country_code=["SGP", "USA"], title=["a", "b"]))
    assert not kept.of(Constant)
    assert changes == {"country_code": "has several values, not only USA"}
    kept, changes = fitted(schema, facts_of(schema, country_code=["USA", "USA"], title=["a", "b"]))
    assert kept == schema
    assert not changes


def test_codes_are_text_where_many_are_no_numbers_and_faults_where_few_are() -> None:
    schema = narrowed(BURBERRY, {"product_code", "title"}, pictures=False)
    good, titles = [f"80{at:05d}1" for at in range(40)], ["Bag"] * 40
    for odd, dtype in ((0, "int64"), (4, "int64"), (5, "string"), (40, "string")):
        codes = [f"M{at}" for at in range(odd)] + good[odd:]
        kept, changes = fitted(schema, facts_of(schema, product_code=codes, title=titles))
        code = kept.one(Code)
        assert code is not None
        assert code.dtype == dtype
        assert code.pattern == (".+" if odd else schema.of(Code)[0].pattern)
        assert ("is text" in changes.get("product_code", "")) == (dtype == "string")
    leading, _ = fitted(schema, facts_of(schema, product_code=["007", "008"], title=titles[:2]))
    assert leading.of(Code)[0].dtype == "string"  # a number would lose the zeros


def test_links_of_another_form_are_any_value() -> None:
    schema = narrowed(BURBERRY, {"itemurl", "title", "product_code"}, pictures=False)
    columns = {"title": ["Bag & Co", "Hat"], "product_code": ["80000011", "80000021"]}
    good = ["https://us.burberry.com/bag-co-p80000011", "https://us.burberry.com/hat-p80000021"]
    kept, changes = fitted(schema, facts_of(schema, **columns, itemurl=good))
    assert kept.of(Link)
    assert not changes
    kept, changes = fitted(schema, facts_of(schema, **columns, itemurl=[good[0], "https://x/y"]))
    assert not kept.of(Link)
    assert changes["itemurl"].endswith("in 1 rows")


def test_facts_do_not_depend_on_how_rows_come() -> None:
    schema = narrowed(BURBERRY, {"country_code", "product_code", "title"}, pictures=False)
    table = pa.table(
        {"country_code": ["A", "A", "B"], "product_code": ["80000011", "x", "y"], "title": ["a", "b", "c"]}
    )
    whole, pieces = Facts(schema), Facts(schema)
    whole.add(table)
    for at in range(3):
        pieces.add(table.slice(at, 1))
    assert fitted(schema, whole) == fitted(schema, pieces)
