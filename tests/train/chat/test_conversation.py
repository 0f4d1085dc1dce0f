from __future__ import annotations

import math
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from datagen.schemas import InputError
from datagen.schemas.yaml_file import parse_yaml, validate
from datagen.train.chat.answers import parse
from datagen.train.chat.conversation import Chat, Template

ROW = {
    "title": "Check Cotton Shirt",
    "category3_code": "SHIRTS",
    "full_price": 450.0,
    "image": {"bytes": b""},
}
TEMPLATES = [
    Template(),
    Template(answer="{title}"),
    Template(answer="{category3_code} | {title} | {full_price:,.2f} USD | {brand}"),
    Template(answer="Price ${full_price:.0f} for {title} in {category3_code}"),
    Template(answer="{title} -- {full_price}", missing="none"),
    Template(missing="-"),
    Template(answer="This is {title}, it costs {full_price}."),
    Template(
        answer="Name: {name}\nCosts: {cost:.2f}\nKind: {kind}\n", title="name", price="cost", category="kind"
    ),
    Template(answer="{{{title}}}; {full_price}!"),
]
PIECES = [
    *(
        "<|end|>",
        "<|e",
        "nd|>",
        "</s>",
        "<s>",
        "<|image_1|>",
        "\n",
        "\u2028",
        "\x00",
        " ",
        "--",
        "-",
        "|",
        "; ",
        "}",
    ),
    *(
        ", Category: ",
        "Full Price: ",
        "for",
        "N.A.",
        "450.0",
        "1,000",
        "USD",
        "{title}",
        "Bag",
        ".",
        ",",
        ":",
        "none",
    ),
]
HOSTILE = st.one_of(st.text(max_size=60), st.lists(st.sampled_from(PIECES), max_size=8).map("".join))
VALUES = st.one_of(HOSTILE, st.none(), st.integers(), st.floats())


def test_the_default_is_the_published_recipe_to_the_letter() -> None:
    template, chat = Template(), Chat()
    assert (
        chat.prompt(template.question)
        == "<|user|>\n<|image_1|>What is shown in this image?<|end|><|assistant|>\n"
    )
    assert (
        template.text(template.fields(ROW)) + chat.end
        == "Product: Check Cotton Shirt, Category: SHIRTS, Full Price: 450.0<|end|>"
    )
    assert chat.prompt("Why?", picture=False) == "<|user|>\nWhy?<|end|><|assistant|>\n"


@given(
    st.sampled_from(TEMPLATES),
    st.fixed_dictionaries(
        dict.fromkeys(["title", "category3_code", "full_price", "brand", "name", "cost", "kind"], VALUES)
    ),
)
def test_the_answer_of_any_row_parses_back_to_its_fields(template: Template, row: dict[str, Any]) -> None:
    fields = template.fields(row)
    text = template.text(fields)
    assert parse(text, template) == fields
    assert parse(f" {text}<|end|> and so on", template) == fields
    assert template.fields(fields) == fields


@given(st.sampled_from(TEMPLATES), HOSTILE)
def test_no_value_holds_a_special_token(template: Template, title: str) -> None:
    text = template.text(template.fields({"title": title, "name": title}))
    for token in ("<|end|>", "</s>", "<s>", "<|image_1|>"):
        assert token not in text


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (450.0, 450.0),
        (450, 450.0),
        (2490.123456789, 2490.123457),
        ("2,490.00", 2490.0),
        ("USD 2 490", None),
        ("$2'490", 2490.0),
        ("2.490,50", 2490.5),
        ("N.A.", None),
        ("", None),
        (None, None),
        (math.nan, None),
        (math.inf, None),
        (1e300, None),
        ([], None),
    ],
)
def test_prices_are_numbers_or_missing(value: object, told: float | None) -> None:
    assert Template().fields({**ROW, "full_price": value})["full_price"] == told


@pytest.mark.parametrize("value", [None, "", "  ", math.nan, "<|end|>", "N.A."])
def test_an_absent_value_is_written_as_missing(value: object) -> None:
    assert Template().fields({**ROW, "category3_code": value})["category3_code"] == "N.A."


def test_words_are_not_torn_where_a_separator_is_a_word() -> None:
    template = Template(answer="{title} for {full_price}")
    assert template.fields({"title": "Comfort Coat for Formal Days"})["title"] == "Comfort Coat Formal Days"


def test_long_values_are_cut() -> None:
    assert len(template_title("x" * 1_000_000)) == 1000
    assert len(template_title("<|e" * 100_000 + "nd|>" * 100_000)) <= 1000


def template_title(title: str) -> str:
    value = Template().fields({"title": title})["title"]
    assert isinstance(value, str)
    return value


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ("{title.__class__}", "is not a valid field"),
        ("{title[0]}", "is not a valid field"),
        ("{title!r}", "is not a valid field"),
        ("{}", "is not a valid field"),
        ("{0}", "is not a valid field"),
        ("{title:>1000000000}", "is not a valid field"),
        ("{title:{width}}", "is not a valid field"),
        ("{title", "is not a valid template"),
        ("Product", "has no field"),
        ("{title} {full_price}", "separated by whitespace alone"),
        ("{title}, {title}", "twice"),
        ("{title}<|end|>", "special token"),
        ("1{full_price}", "part of the number"),
        ("{full_price}.{title}", "part of the number"),
        ("{full_price}0 for {title}", "part of the number"),
        ("{image}: {title}", "is the picture"),
        ("{title}. {full_price}", "cannot be distinguished from"),
    ],
)
def test_an_invalid_template_is_refused(answer: str, why: str) -> None:
    with pytest.raises(InputError, match=why):
        validate(Template, {"answer": answer}, "run.yaml")


@pytest.mark.parametrize(
    "value", [{"title": "label"}, {"missing": "0"}, {"missing": ""}, {"format": "x"}, {"answer": 3}]
)
def test_wrong_options_are_refused_with_their_name(value: dict[str, Any]) -> None:
    with pytest.raises(InputError, match=r"^run.yaml: (?:the )?\w+(?: |: )"):
        validate(Template, value, "run.yaml")


def test_roles_follow_the_answer() -> None:
    assert (Template(answer="{title}").category, Template(answer="{title}").price) == (None, None)
    other = Template(answer="{label}: {list_eur:.2f}", title="label", price="list_eur")
    assert other.columns == ("label", "list_eur", "image")
    assert other.numbers == {"list_eur"}


def test_a_template_is_plain_yaml() -> None:
    template = TEMPLATES[7]
    again = validate(Template, parse_yaml(yaml.safe_dump(template.model_dump()), "x"), "x")
    assert again == template
    assert again.fields({"name": "a", "cost": 3, "kind": "b"}) == {"name": "a", "cost": 3.0, "kind": "b"}
