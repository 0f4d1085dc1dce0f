"""A run pushed to the Hub and used by its name there: the same answers, by every way that its card names."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import yaml
from support.hub_server import Hub
from support.pushed_runs import BASE
from support.tiny_runs import config_of

from datagen.train.chat.conversation import Template
from datagen.train.data.sources import open_source
from datagen.train.publishing.pulled import run_folder
from datagen.train.run.finetune import train_run

# The official client uploads through LFS in a way that httpx2 finds old-fashioned.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")

REPOS = {"adapter": "alice/reader", "merged": "alice/merged-reader"}
FEW = ("--max-new-tokens", 8)


@pytest.fixture(scope="module", autouse=True)
def pushed(one_hub: Hub, trained: Path, call: Any) -> None:
    """The run on the Hub, as an adapter and merged."""
    for kind, repo in REPOS.items():
        done = call("push", trained, repo, *["--merged"] * (kind == "merged"))
        assert done.exit_code == 0, done.output
    assert [path.name for path in trained.parent.iterdir()] == [trained.name]  # nothing is left beside it


def told(call: Any, run: object, photo: Path) -> Any:
    done = call("predict", run, photo, "--json", *FEW)
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def card_of(hub: Hub, repo: str) -> str:
    return hub.read(repo, "README.md", type="model").decode()


@pytest.mark.parametrize("kind", REPOS)
def test_pulled_by_name_it_gives_the_same_answers(
    one_hub: Hub, trained: Path, photo: Path, call: Any, kind: str
) -> None:
    here = told(call, trained, photo)
    assert here["answer"]
    assert here["answer"] != told_by_base(call, trained, photo)
    assert told(call, REPOS[kind], photo) == here
    one_hub.log.clear()
    commit = one_hub.branches(REPOS[kind], "model")["main"]
    assert told(call, f"{REPOS[kind]}@{commit}", photo) == here
    fetched = [entry for entry in one_hub.requests("resolve") if REPOS[kind] in entry.path]
    assert not fetched  # once is enough


def told_by_base(call: Any, run: Path, photo: Path) -> Any:
    return json.loads(call("predict", run, photo, "--which", "base", "--json", *FEW).stdout)["answer"]


@pytest.mark.parametrize("kind", REPOS)
def test_the_program_on_the_card_says_what_predict_says(
    one_hub: Hub,
    trained: Path,
    photo: Path,
    call: Any,
    kind: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = re.search(r"```python\n(.*?)\n```", card_of(one_hub, REPOS[kind]), re.DOTALL)
    assert found is not None
    assert len(found[1].partition("\n\n")[2].splitlines()) == 6
    monkeypatch.chdir(photo.parent)
    program = found[1].replace("max_new_tokens=128", "max_new_tokens=8")
    exec(compile(program, "card", "exec"), {})  # noqa: S102 - to see that it runs
    assert capsys.readouterr().out.strip() == told(call, trained, photo)["answer"]


def test_it_is_evaluated_on_other_data_but_not_on_its_own(call: Any, garden_set: Path) -> None:
    done = call("evaluate", REPOS["adapter"])
    assert done.exit_code == 2
    assert "comes without its data; give --data" in done.stderr
    words = ("--data", garden_set, "--split", "train", "--rows", 3, "--json", *FEW)
    record = json.loads(call("evaluate", REPOS["adapter"], *words).stdout)
    assert (record["rows"], record["baselines"], record["data"]["training_rows"]) == (3, {}, 0)


def test_a_pulled_adapter_is_merged_like_a_run_of_here(call: Any, tmp_path: Path, photo: Path) -> None:
    done = call("merge", REPOS["adapter"], "--out", tmp_path / "model")
    assert done.exit_code == 0, done.output
    assert (tmp_path / "model" / "model.safetensors").is_file()


def test_a_complete_model_has_no_base_to_compare_with(call: Any, photo: Path) -> None:
    done = call("predict", REPOS["merged"], photo, "--which", "base")
    assert done.exit_code == 2
    assert "is a complete model, without the base it was made from" in done.stderr


# What is pushed


@pytest.mark.parametrize(("kind", "relation", "library"), [
    ("adapter", "adapter", "peft"), ("merged", "finetune", "transformers"),
])  # fmt: skip
def test_the_card_says_what_it_is_and_how_good(
    one_hub: Hub, garden_set: Path, kind: str, relation: str, library: str
) -> None:
    card = card_of(one_hub, REPOS[kind])
    front = yaml.safe_load(card.split("---")[1])
    assert (front["base_model"], front["base_model_relation"]) == (BASE, relation)
    assert (front["library_name"], front["pipeline_tag"], front["license"]) == (
        library,
        "image-text-to-text",
        "mit",
    )
    metrics = {each["type"]: each["value"] for each in front["model-index"][0]["results"][0]["metrics"]}
    scores = json.loads(one_hub.read(REPOS[kind], "scores/best.json", type="model"))["scores"]
    assert metrics["title_exact"] == scores["title_exact"]["value"]
    digest = json.loads((garden_set / "manifest.json").read_text())["shards"][0]["sha256"]
    for words in (
        f"of `{BASE}` at commit `{one_hub.branches(BASE, 'model')['main'][:12]}`",
        "| `garden` | real | 48 of 60 | 100 % |",
        "| title exact |",
        "majority",
        "nearest",
        "95 % bootstrap intervals",
        "## Limits",
        f"That of its base, `{BASE}`: `mit`.",
    ):
        assert words in card
    assert digest not in card  # of a shard, not of the set


def test_what_the_picture_is_worth_stands_on_the_card_once_it_was_measured(
    one_hub: Hub, trained: Path, call: Any
) -> None:
    assert "What the picture is worth was not measured" in card_of(one_hub, REPOS["adapter"])
    call("evaluate", trained, "--shuffle-images", *FEW)
    assert call("push", trained, REPOS["adapter"]).exit_code == 0
    card = card_of(one_hub, REPOS["adapter"])
    assert "**What the picture is worth.** With shuffled pictures, " in card
    assert "not measured" not in card
    assert "has everything already" in call("push", trained, REPOS["adapter"]).output


@pytest.mark.parametrize("kind", REPOS)
def test_nothing_of_this_machine_and_no_row_is_pushed(
    one_hub: Hub, trained: Path, garden_set: Path, kind: str
) -> None:
    titles = {
        row["label"]
        for path in sorted((garden_set / "data").iterdir())
        for row in pq.read_table(path, columns=["label"]).to_pylist()
    }
    unwanted = [
        str(trained.parent),
        str(garden_set.parent),
        one_hub.token("alice"),
        str(Path.home()),
        *titles,
    ]
    names = set(one_hub.files(REPOS[kind], type="model"))
    assert {"scores/best.json", "config.yaml", "tokenizer.json", "preprocessor_config.json"} <= names
    for name in names:
        content = one_hub.read(REPOS[kind], name, type="model")
        for text in unwanted:
            assert text.encode() not in content, (name, text)


# What is refused


def test_an_adapter_of_a_local_base_is_pushed_merged_only(
    one_hub: Hub, trained: Path, garden_set: Path, call: Any, tmp_path: Path
) -> None:
    from support.pushed_runs import adapter_run

    base = run_folder(REPOS["merged"]) / "best"
    run = adapter_run(tmp_path / "local", str(garden_set), str(base), None)
    done = call("push", run, "alice/local")
    assert done.exit_code == 2
    assert "which is on no Hub, so nobody else could use it; give --merged" in done.stderr
    assert call("push", run, "alice/local", "--merged").exit_code == 0
    front = yaml.safe_load(card_of(one_hub, "alice/local").split("---")[1])
    assert "base_model" not in front
    for name in one_hub.files("alice/local", type="model"):
        assert str(base).encode() not in one_hub.read("alice/local", name, type="model")
    done = call("push", run, REPOS["adapter"], "--merged")
    assert f"already holds an adapter of {BASE}, and this one is of a base that is on no Hub" in done.stderr


def test_a_run_without_a_finished_model_is_refused(
    one_hub: Hub, trained: Path, call: Any, tmp_path: Path
) -> None:
    (tmp_path / "begun").mkdir()
    (tmp_path / "begun" / "config.yaml").write_bytes((trained / "config.yaml").read_bytes())
    done = call("push", tmp_path / "begun", "alice/begun")
    assert done.exit_code == 2
    assert "has no finished model yet; continue it with datagen train --resume" in done.stderr
    assert "alice/begun" not in one_hub.repos("model")
    assert [path.name for path in tmp_path.iterdir()] == ["begun"]


def test_a_trial_run_whose_tokenizer_holds_words_of_the_rows_stays_private(
    one_hub: Hub, garden_set: Path, call: Any, tmp_path: Path
) -> None:
    run = tmp_path / "try"
    train_run(config_of(garden_set, training__steps=1, training__evaluate_every=None), run, quiet=True)
    titles = open_source(str(garden_set), Template()).titles()
    learned = json.loads((run / "best" / "tokenizer.json").read_text())["model"]["vocab"]
    words = {word for title in titles for word in str(title).split() if len(word) > 3}
    assert words & {token.strip("\u2581") for token in learned}  # what must not be published
    one_hub.seed("alice/open", {"README.md": b"Mine."}, type="model")
    for place in (["alice/try", "--public"], ["alice/open"]):
        for more in ([], ["--dry-run"]):
            done = call("push", run, *place, *more)
            assert done.exit_code == 2
            assert "holds words of the rows that it was trained on; push it to a private" in done.stderr
    assert "alice/try" not in one_hub.repos("model")
    assert call("push", run, "alice/try").exit_code == 0
    assert "so keep it private" in card_of(one_hub, "alice/try")
