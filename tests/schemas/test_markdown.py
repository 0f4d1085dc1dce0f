"""No value of a card becomes more than text: read by a real Markdown parser, and merged again and again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token
from support.sets import change_cell, garden

from datagen.dataset.card import card_of
from datagen.dataset.card_merge import Card, mark, merged, read_card
from datagen.dataset.collection import parts
from datagen.schemas.markdown import bar, code, escape, table

PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
HOSTILE = [
    "<script>alert(1)</script>",
    "<!-- datagen end default/train -->",
    "x\n<!-- datagen end default/train -->\n# mine",
    "![p](http://evil.example/x.png)",
    "[l](javascript:alert(1)) <http://evil.example> &lt;b&gt;",
    "a | b \\| c \\",
    "`code` ``more` \\`",
    "# heading\n- list",
    "\x1b]0;title\x07\u202egnp.exe",
    "*a* __b__ ~~c~~ $x$",
    " ",
    "",
    "]: http://evil.example",
]
values = st.one_of(st.text(max_size=40), st.text("|\\`<>!-[]()*_# \n", max_size=20), st.sampled_from(HOSTILE))


def _all(tokens: list[Token] | None) -> Iterator[Token]:
    for token in tokens or []:
        yield token
        yield from _all(token.children)


def _kinds(markdown: str) -> set[str]:
    return {token.type for token in _all(PARSER.parse(markdown))}


def _text(markdown: str) -> str:
    return "".join(
        token.content for token in _all(PARSER.parse(markdown)) if not token.children and token.content
    )


NOT_FROM_VALUES = {"html_block", "html_inline", "link_open", "image", "heading_open", "s_open", "hardbreak"}


@pytest.mark.parametrize("write", [escape, code])
@given(text=values, other=values)
@example(text="a\\", other="|")
@example(text="<!-- datagen end a -->", other="`")
def test_values_stay_in_their_cells(write: Callable[[str], str], text: str, other: str) -> None:
    lines = table(["a", "b", "c"], [(write(text), "1", write(other)), (write(other), write(text), "2")])
    tokens = PARSER.parse(lines)
    assert not _kinds(lines) & NOT_FROM_VALUES
    assert [token.type for token in tokens].count("tr_open") == 3
    assert [token.type for token in tokens].count("td_open") == 6
    cells = [after.content for token, after in pairwise(tokens) if token.type == "td_open"]
    assert cells[1] == "1"
    assert cells[5] == "2"


@given(st.text(st.characters(codec="ascii", min_codepoint=33, max_codepoint=126), min_size=1, max_size=60))
@example("https://a.example/x_(1)")
@example("www.a.example")
@example("a@b.example")
def test_what_is_shown_is_the_value(text: str) -> None:
    assert _text(f"x {escape(text)} x") == f"x {text} x"
    assert _text(f"x {code(text)} x") == f"x {text} x"


def test_plain_addresses_do_not_become_links() -> None:
    for address in ("https://a.example", "www.a.example", "WWW.a.example", "me@a.example"):
        for sign in ("://", "www.", "WWW.", "@"):
            assert sign not in escape(address)
        assert code(address) == f"`{address}`"


def test_long_values_are_cut_and_missing_ones_said() -> None:
    assert code("x" * 10**6) == "`" + "x" * 119 + "…`"
    assert len(code("\x1b" * 10**6)) <= 122
    assert [code(None), code(""), code(True), code(1.5)] == ["*missing*", "*empty*", "`true`", "`1.5`"]


def test_bars_are_as_long_as_their_share() -> None:
    assert [bar(share, 4) for share in (0, 1e-9, 0.5, 1)] == ["", "▏", "██", "████"]


@pytest.fixture(scope="module")
def hostile_set(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dataset with hostile values in a category and in the titles."""
    folder = garden(
        tmp_path_factory.mktemp("hostile") / "set", rows=len(HOSTILE), image_size=None, shard_rows=50
    )
    for row, value in enumerate(HOSTILE):
        change_cell(folder, row, "group", value, shard_rows=50)
        change_cell(folder, row, "label", value, shard_rows=50)
    return folder


def test_a_card_of_hostile_values_holds_text_only(hostile_set: Path) -> None:
    card = card_of(parts(hostile_set)[0], "me/set")
    kinds = [token.type for token in _all(PARSER.parse(card.body))]
    assert kinds.count("html_block") == 2, "the marks"
    assert not {"html_inline", "link_open", "image"} & set(kinds)
    titles = [
        token.content for token in PARSER.parse(card.body) if token.type == "inline" and token.level == 1
    ]
    assert "mine" not in titles
    for line in card.body.splitlines():
        assert line.isprintable()
    read = read_card(card.text(), "README.md")
    assert read.front["pretty_name"] == card.front["pretty_name"]


def test_a_card_of_hostile_values_merges_again_and_again(hostile_set: Path) -> None:
    card = card_of(parts(hostile_set)[0], "me/set")
    mine = Card({"license": "mit"}, f"My own words.\n\n{card.body}\n\nAnd below.")
    once = merged(mine, card)
    assert merged(once, card) == once
    assert merged(read_card(once.text(), "x"), card).body.strip() == once.body.strip()
    assert once.body == mine.body
    assert once.body.count(mark("default/train", "").split("\n")[0]) == 1
