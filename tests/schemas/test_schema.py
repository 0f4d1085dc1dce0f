"""The built-in schema matches the real dataset, and the error for a bad schema names the field."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datagen.schemas import InputError, Schema, load_schema
from datagen.schemas.schema import Category, Code, Constant, ConvertedPrice, Image
from datagen.schemas.yaml_file import parse_yaml, validate

# The Hub viewer's columns of DBQ/Burberry.Product.prices.United.States, in order.
REAL = [
    ("website_name", "string"),
    ("competence_date", "string"),
    ("country_code", "string"),
    ("currency_code", "string"),
    ("brand", "string"),
    ("category1_code", "string"),
    ("category2_code", "string"),
    ("category3_code", "string"),
    ("product_code", "int64"),
    ("title", "string"),
    ("itemurl", "string"),
    ("imageurl", "string"),
    ("full_price", "float64"),
    ("price", "float64"),
    ("full_price_eur", "float64"),
    ("price_eur", "float64"),
    ("flg_discount", "int64"),
]

TINY: dict[str, Any] = {
    "name": "tiny",
    "columns": [
        {"name": "kind", "role": "category", "level": 1},
        {"name": "code", "role": "code"},
        {"name": "title", "role": "title"},
        {"name": "page", "role": "link", "template": "https://x.example/{slug}-{code}"},
        {"name": "cost", "role": "price", "which": "full"},
        {"name": "cost_eur", "role": "converted_price", "source": "cost", "currency": "EUR"},
    ],
}


def test_the_real_columns_are_in_order_followed_by_the_picture() -> None:
    columns = load_schema("burberry").columns
    assert [(column.name, column.dtype) for column in columns[:-1]] == REAL
    assert isinstance(columns[-1], Image)


def test_the_constants_are_those_of_the_real_set() -> None:
    values = {column.name: column.value for column in load_schema("burberry").of(Constant)}
    assert values == {
        "website_name": "Burberry",
        "competence_date": "2023-11-17",
        "country_code": "USA",
        "currency_code": "USD",
        "brand": "BURBERRY",
    }


def test_every_column_has_a_rule_and_a_description() -> None:
    for column in load_schema("burberry").columns:
        assert column.rule
        assert column.about


def test_columns_are_found_by_role() -> None:
    schema = load_schema("burberry")
    assert [column.level for column in schema.of(Category)] == [1, 2, 3]
    assert schema.one(Code) is not None
    paid = schema.price("paid")
    assert paid is not None
    assert paid.name == "price"
    assert [column.source for column in schema.of(ConvertedPrice)] == ["full_price", "price"]


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda s: s.update(extra=1), "extra"),
        (lambda s: s.pop("columns"), "columns"),
        (lambda s: s.update(name="Not A Name"), "name"),
        (lambda s: s["columns"][0].update(role="shelf"), "columns.0"),
        (lambda s: s["columns"][0].update(level=2), "levels"),
        (lambda s: s["columns"][1].update(pattern="("), "columns.1.code"),
        (lambda s: s["columns"][1].update(pattern=r"(?=a)."), "is not an expression of RE2"),
        (lambda s: s["columns"][1].update(pattern=r"(.)\1"), "is not an expression of RE2"),
        (lambda s: s["columns"][1].update(pattern="a{5000}"), "is not an expression of RE2"),
        (lambda s: s["columns"][1].update(dtype="float64"), "columns.1.code"),
        (lambda s: s["columns"][2].update(name="code"), "'code'"),
        (lambda s: s["columns"][2].update(name="a\nb"), "one line"),
        (lambda s: s["columns"][3].update(template="https://x/{brand}"), "columns.3.link"),
        (lambda s: s["columns"][3].update(template="https://x/{slug!r}"), "columns.3.link"),
        (lambda s: s["columns"][3].update(template="https://x/{slug"), "columns.3.link"),
        (lambda s: s["columns"][3].update(template="https://x/"), "columns.3.link"),
        (lambda s: s["columns"][4].update(which="list"), "columns.4.price.which"),
        (lambda s: s["columns"][5].update(source="title"), "title"),
        (lambda s: s["columns"].append({"name": "t2", "role": "title"}), "title"),
        (
            lambda s: s["columns"].append({"name": "c", "role": "constant", "dtype": "int64", "value": "x"}),
            "6",
        ),
        (
            lambda s: s["columns"].append({"name": "c", "role": "constant", "dtype": "int64", "value": True}),
            "6",
        ),
    ],
)
def test_a_bad_schema_is_refused_by_the_name_of_its_field(change: Any, named: str) -> None:
    value = copy.deepcopy(TINY)
    validate(Schema, value, "tiny.yaml")
    change(value)
    with pytest.raises(InputError) as refused:
        validate(Schema, value, "tiny.yaml")
    assert named in str(refused.value)
    assert str(refused.value).startswith("tiny.yaml: ")
    assert "\n" not in str(refused.value)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=200)
@given(st.data())
def test_a_schema_with_any_part_replaced_is_valid_or_refused_in_one_sentence(data: st.DataObject) -> None:
    value = copy.deepcopy(TINY)
    target: Any = value
    while True:
        keys = list(target) if isinstance(target, dict) else list(range(len(target)))
        key = data.draw(st.sampled_from(keys))
        if not isinstance(target[key], dict | list) or not target[key] or data.draw(st.booleans()):
            target[key] = data.draw(_JSON)
            break
        target = target[key]
    try:
        validate(Schema, parse_yaml(json.dumps(value), "f"), "f")
    except InputError as error:
        assert "\n" not in str(error)


def test_a_schema_that_is_too_wide_is_refused() -> None:
    columns = "".join(f"  - {{name: c{at}, role: other}}\n" for at in range(2_001))
    with pytest.raises(InputError, match="at most 2000 entries"):
        validate(Schema, parse_yaml(f"name: wide\ncolumns:\n{columns}", "wide.yaml"), "wide.yaml")
