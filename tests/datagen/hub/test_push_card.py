"""A push merges the card of the folder with the card on the Hub."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.hub_server import Hub
from support.pushed_sets import SET, card, is_whole, nothing_was_sent
from support.sets import Run

# The official client uploads through LFS in a way that httpx2 finds old-fashioned.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")


def test_a_users_words_on_the_hub_survive(hub: Hub, run: Run, own_set: Path) -> None:
    run("push", own_set, SET)
    text = card(hub).replace("license: cc0-1.0", "license: mit\nextra_gated_prompt: Ask nicely")
    text = text.replace("- synthetic\n", "- synthetic\n- mine\n")
    hub.seed(SET, {"README.md": f"{text}\n## About the project\n\nWritten on the Hub.\n".encode()})
    with (own_set / "README.md").open("a") as file:
        file.write("\nWritten in the folder.\n")
    assert run("push", own_set, SET).exit_code == 0
    for words in ("license: mit", "Ask nicely", "- mine", "Written on the Hub.", "Written in the folder."):
        assert card(hub).count(words) == 1, words
    commit = hub.branches(SET)["main"]
    run("push", own_set, SET)
    assert hub.branches(SET)["main"] == commit


def test_yaml_changed_in_the_folder_arrives(hub: Hub, run: Run, own_set: Path) -> None:
    run("push", own_set, SET)
    path = own_set / "README.md"
    path.write_text(path.read_text().replace("license: cc0-1.0", "license: cc-by-4.0\nviewer: false"))
    run("push", own_set, SET)
    assert "license: cc-by-4.0" in card(hub)
    assert "viewer: false" in card(hub)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"---\na: [1\n---\n", "README.md, line "),
        (b"---\n- a\n---\n", "is not a mapping"),
        (b"---\na: &x [1]\nb: *x\n---\n", "aliases"),
        (b"x" * 9_000_000, "larger than any card"),
        (b"---\nlicense: my-own\n---\n", 'The Hub rejects the YAML of the card ("license" must be one of'),
    ],
)
def test_a_card_that_cannot_be_merged_is_refused(
    hub: Hub, run: Run, few_rows: Path, text: bytes, said: str
) -> None:
    hub.seed(SET, {"README.md": text})
    done = run("push", few_rows, SET)
    assert done.exit_code == 2
    assert said in done.stderr
    assert nothing_was_sent(hub)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"# Mine\n",
        b"\xff\xfe not UTF-8",
        b"---\n---\n# Mine",
        b"---\r\nlicense: mit\r\n---\r\n# Mine\r\n",
        b"---\nconfigs: 5\ndataset_info: [1, {splits: x}]\ntags: one\n---\n",
        b"---\ndataset_info: {config_name: default, splits: [{name: test, num_bytes: many}]}\n---\n",
        b"---\nconfigs: [{config_name: default, data_files: data/x.parquet}]\n---\n",
        b"<!-- datagen begin default/train : -->" * 20_000,
    ],
    ids=range(9),
)
def test_an_odd_card_is_mended(hub: Hub, run: Run, few_rows: Path, text: bytes) -> None:
    hub.seed(SET, {"README.md": text})
    done = run("push", few_rows, SET)
    assert done.exit_code == 0, done.stderr
    assert is_whole(hub, SET)
    assert "# Mine" not in text.decode(errors="replace") or "# Mine" in card(hub)
    run("push", few_rows, SET)
    assert len(hub.commits(SET)) == 3


def test_a_faulty_card_in_the_folder_is_refused(hub: Hub, run: Run, own_set: Path) -> None:
    path = own_set / "README.md"
    text = path.read_text()
    for wrong, said in (
        (text.replace("license: cc0-1.0", "license: my-own").encode(), "The Hub rejects the YAML"),
        (text.replace("license:", "license: [").encode(), "README.md, line "),
        (text.encode() + b"\xff", "not UTF-8"),
    ):
        path.write_bytes(wrong)
        done = run("push", own_set, SET)
        assert done.exit_code == 2
        assert said in done.stderr
    assert nothing_was_sent(hub)
