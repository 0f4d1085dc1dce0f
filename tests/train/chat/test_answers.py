from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datagen.train.chat.answers import parse
from datagen.train.chat.conversation import Template

RIGHT = {"title": "Check Bag", "category3_code": "BAGS", "full_price": 2490.5}


@pytest.mark.parametrize(
    "text",
    [
        "Product: Check Bag, Category: BAGS, Full Price: 2490.5<|end|>",
        "Product: Check Bag, Category: BAGS, Full Price: 2490.5",
        " Product:Check  Bag ,Category :\nBAGS,Full Price:2,490.50\n",
        "<s> product: Check Bag, category: BAGS, full price: $2490.5<|end|><|endoftext|>",
        "A bag. Product: Check Bag, Category: BAGS, Full Price: USD 2'490.50 or so, 3 of them.",
        "Product: Check Bag, Category: BAGS, Full Price: 2.490,50 EUR<|end|>Product: X, Full Price: 1",
        "Product: Check Bag, Category: BAGS, Full Price: 2490.5</s>",
    ],
)
def test_an_answer_is_read_however_it_is_spaced(text: str) -> None:
    assert parse(text, Template()) == RIGHT


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<|end|>",
        "A check bag.",
        "Product: Check Bag, Category: BAGS",
        "Product: Check Bag, Category: BAGS, Full Price:",
        "Product: Check Bag, Category: BAGS, Full Price: cheap",
        "Product: Check Bag, Category: BAGS, Full Price: 1.2.3",
        "Product: Check Bag, Category: BAGS, Full Price: 12,34",
        "Product: Check Bag, Category: BAGS, Full Price: 1e5",
        "Product: Check Bag, Category: BAGS, Full Price: " + "9" * 400,
        "Category: BAGS, Product: Check Bag, Full Price: 5",
        "Product: Check Bag<|end|>, Category: BAGS, Full Price: 5",
    ],
)
def test_an_answer_without_every_field_is_none(text: str) -> None:
    assert parse(text, Template()) is None


def test_a_price_may_be_said_to_be_missing() -> None:
    assert parse("Product: A, Category: B, Full Price: n.a.", Template()) == {
        "title": "A",
        "category3_code": "B",
        "full_price": None,
    }


def test_the_rest_of_the_line_is_the_last_text() -> None:
    template = Template(answer="{full_price}: {title}")
    assert parse("5: A  bag\nand more", template) == {"full_price": 5.0, "title": "A bag"}
    assert parse("-3.5: A bag", Template(answer="{full_price}: {title}", missing="-")) == {
        "full_price": -3.5,
        "title": "A bag",
    }


@given(st.text(max_size=200))
def test_any_text_is_an_answer_or_none(text: str) -> None:
    for template in (Template(), Template(answer="{title}"), Template(answer="{full_price} for {title}")):
        fields = parse(text, template)
        assert fields is None or set(fields) == {told.field for told in template.answer_fields}


def test_endless_answers_are_read_in_no_time() -> None:
    for text in (
        "Product: " * 100_000,
        ", Category:" * 100_000,
        "1," * 500_000,
        "<|" * 500_000,
        " " * 1_000_000,
    ):
        assert parse(text, Template()) is None
