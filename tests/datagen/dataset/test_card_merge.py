"""Cards: ours is written anew, a user's words and YAML stay, whatever state the card is in."""

from __future__ import annotations

import time
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from datagen.dataset.card_merge import Card, infos, mark, merged, read_card, rows_on_card, without_blocks
from datagen.schemas import InputError


def ours(config: str = "default", split: str = "train", rows: int = 10, text: str = "ours") -> Card:
    sizes = {"name": split, "num_bytes": 100 * rows, "num_examples": rows}
    table = {"config_name": config, "splits": [sizes], "download_size": 50 * rows, "dataset_size": 100 * rows}
    where = {"split": split, "path": f"{config}/{split}/*"}
    front = {
        "license": "cc0-1.0",
        "tags": ["synthetic"],
        "configs": [{"config_name": config, "data_files": [where]}],
        "dataset_info": [table],
    }
    return Card(front, mark(f"{config}/{split}", text))


def test_a_card_reads_back_as_it_was_written() -> None:
    card = read_card(ours().text(), "README.md")
    assert card.body.strip() == ours().body
    assert card.front["license"] == "cc0-1.0"
    assert "config_name" not in card.front["dataset_info"]  # as the Hub writes a single table
    assert infos(card.front)[0]["config_name"] == "default"
    assert rows_on_card(card.front) == 10


def test_merging_twice_changes_nothing() -> None:
    once = merged(Card({"license": "mit"}, "# Mine\n\nWords."), ours())
    assert merged(once, ours()) == once
    again = read_card(once.text(), "README.md")
    assert merged(again, ours()).text() == once.text()


def test_our_block_is_replaced_where_it_stands() -> None:
    card = merged(Card({}, "above"), ours())
    card = Card(card.front, f"over\n\n{card.body}\n\nunder")
    new = merged(card, ours(text="newer"))
    assert new.body == f"over\n\n{mark('default/train', 'newer')}\n\nabove\n\nunder"
    assert without_blocks(new.body).split() == ["over", "above", "under"]


def test_a_users_yaml_stays_and_ours_fills_the_gaps() -> None:
    card = merged(Card({"license": "mit", "tags": ["mine"], "viewer": False}, ""), ours())
    assert card.front["license"] == "mit"
    assert card.front["tags"] == ["mine", "synthetic"]
    assert card.front["viewer"] is False
    assert list(card.front)[:3] == ["license", "tags", "viewer"]


def test_tables_are_kept_by_config_and_split() -> None:
    card = Card({}, "")
    for config, split in (
        ("default", "test"),
        ("real", "train"),
        ("default", "train"),
        ("default", "validation"),
        ("default", "test"),
    ):
        card = merged(card, ours(config, split))
    assert [(t["config_name"], [s["name"] for s in t["splits"]]) for t in card.front["dataset_info"]] == [
        ("default", ["train", "validation", "test"]),
        ("real", ["train"]),
    ]
    assert [[f["split"] for f in t["data_files"]] for t in card.front["configs"]] == [
        ["train", "validation", "test"],
        ["train"],
    ]
    first = card.front["dataset_info"][0]
    assert (first["dataset_size"], first["download_size"]) == (3000, 1500)
    assert rows_on_card(card.front) == 40


def test_a_users_keys_in_a_table_stay() -> None:
    old = {"config_name": "default", "default": True, "data_files": "old/*"}
    card = merged(Card({"configs": [old, "odd", {"config_name": "own", "data_files": "x"}]}, ""), ours())
    assert card.front["configs"][0]["default"] is True
    assert card.front["configs"][0]["data_files"] == [{"split": "train", "path": "default/train/*"}]
    assert card.front["configs"][1] == {"config_name": "own", "data_files": "x"}


def test_only_new_paragraphs_of_the_folder_arrive() -> None:
    card = merged(Card({}, "One.\n\nTwo."), Card({}, "One.\n\nThree.\n\nTwo."))
    assert card.body.split("\n\n") == ["Three.", "One.", "Two."]


BEGIN, _, END = mark("default/train", "x").split("\n")


@pytest.mark.parametrize(
    "body",
    [
        f"{BEGIN}\nuser",
        f"user\n{END}",
        f"{END}\nuser\n{BEGIN}",
        f"{BEGIN}\n{BEGIN}\nold\n{END}\nuser",
        f"{BEGIN}\nold\n<!-- datagen end other/train -->\nuser",
        f"{BEGIN}\nold\n{END}\nuser\n{BEGIN}\nold\n{END}",
    ],
)
def test_broken_marks_lose_no_words(body: str) -> None:
    card = Card({}, body)
    for _ in range(3):
        card = merged(card, ours())
    assert "user" in without_blocks(card.body)
    assert mark("default/train", "ours") in card.body


@given(st.text(alphabet="ab \n-<>!#", max_size=60), st.text(alphabet="ab \n-<>!#", max_size=60))
def test_words_around_our_block_stay(above: str, below: str) -> None:
    card = Card({}, f"{above}\n{mark('default/train', 'old')}\n{below}")
    new = merged(merged(card, ours()), ours(text="newest"))
    assert without_blocks(new.body).split() == f"{above}\n{below}".split()
    assert new.body.count("newest") == 1
    assert "old" not in new.body


@pytest.mark.parametrize(
    "text",
    ["", "# Mine\n", "--- no YAML", "---\nlicense: mit\n", "\ufeff---\nlicense: mit\n---\n", "---\n---\n"],
)
def test_any_text_is_a_card(text: str) -> None:
    card = read_card(text, "README.md")
    assert yaml.safe_load(merged(card, ours()).text().split("---\n")[1])["configs"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("---\n[\n---\n", "README.md, line"),
        ("---\n5\n---\n", "not a mapping"),
        ("---\na: 1\na: 2\n---\n", "appears twice"),
        ("---\na: &x [1]\nb: [*x, *x]\n---\n", "aliases"),
        ("---\na: !!python/object:os.system x\n---\n", "README.md"),
        ("x" * 2_000_001, "larger than any card"),
    ],
)
def test_a_card_that_cannot_be_read_is_refused(text: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        read_card(text, "README.md")


@pytest.mark.parametrize(
    "front",
    [
        {"configs": 5, "dataset_info": "x", "tags": "one"},
        {"dataset_info": [1, {"splits": "x"}, {"splits": [{"num_examples": True}, 3]}]},
        {"dataset_info": {"splits": [{"name": "test", "num_bytes": "many", "num_examples": -4}]}},
        {"dataset_info": {"download_size": None, "splits": [{"name": "test", "num_bytes": 10**400}]}},
        {"configs": [{"data_files": [1]}, {"config_name": ["a"]}, None]},
    ],
)
def test_odd_yaml_is_mended(front: dict[str, Any]) -> None:
    card = merged(Card(front, ""), ours())
    assert rows_on_card(card.front) >= 10
    assert read_card(card.text(), "README.md").front


def test_a_card_full_of_marks_takes_no_time() -> None:
    began = time.perf_counter()
    merged(Card({}, BEGIN * 20_000), ours())
    merged(Card({}, "<!-- datagen begin " * 100_000), ours())
    assert time.perf_counter() - began < 5
