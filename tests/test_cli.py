"""The command: every option, every refusal in one sentence, and every command it suggests."""

from __future__ import annotations

import copy
import errno
import json
import os
import pty
import re
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result
from hypothesis import example, given, settings
from hypothesis import strategies as st
from support.drawn import NO_FAKER, own_values
from support.sets import (
    DATAGEN,
    ENVIRONMENT,
    GARDEN,
    OPTIONS,
    children,
    contents,
    garden,
    rows_of,
    run,
    start,
    wait_for,
)

from datagen.cli import main
from datagen.commands.command import Command
from datagen.generation.maker import Maker
from datagen.generation.recipe import RecipeOptions, write_recipe
from datagen.product.profile import load_profile
from datagen.product.sampler import Sampler
from datagen.schemas import InputError

SMALL = ("make", "--rows", "24", "--image-size", "64x64", "--shard-rows", "10", *OPTIONS)
COMMANDS = ["make", "preview", "verify", "export", "push", "pull", "schema"]


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return garden(tmp_path_factory.mktemp("cli") / "small")


def _datagen(*words: object) -> Result:
    """The command in this process; what it raises besides exits is a failure of the test."""
    return CliRunner().invoke(main, [str(word) for word in words], catch_exceptions=False)


def _refused(done: Result, code: int = 2) -> str:
    """The one sentence of a refusal; click adds how the command is used, and may list the choices."""
    assert done.exit_code == code, done.output
    assert done.stdout == ""
    hints = ("Usage:", "Try '", "\t")
    told = [line for line in done.stderr.splitlines() if line and not line.startswith(hints)]
    assert len(told) == 1, done.stderr
    assert told[0].startswith("Error: ")
    assert told[0].endswith(".") or "Usage:" in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(Path.cwd().iterdir()), "nothing is left behind"
    return told[0]


# Help


@pytest.mark.parametrize("words", [["--help"], ["make", "--help"], ["pull", "--help"], ["train", "--help"]])
def test_help_loads_click_and_nothing_heavy(words: list[str]) -> None:
    code = (
        "import sys; before = set(sys.modules)\n"
        "import datagen.cli\n"
        f"try: datagen.cli.main({words})\n"
        "except SystemExit: pass\n"
        "print(*{name.partition('.')[0] for name in set(sys.modules) - before} - sys.stdlib_module_names)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=ENVIRONMENT, capture_output=True, text=True, check=True
    )
    shown, _, loaded = done.stdout.rstrip().rpartition("\n")
    assert "Usage:" in shown
    assert set(loaded.split()) - {"_distutils_hack"} == {"click", "datagen"}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_the_help_of_every_command_has_an_example(command: str, flag: str) -> None:
    done = _datagen(command, flag)
    assert done.exit_code == 0
    assert re.search(rf"Examples?:\n +datagen {command} ", done.stdout)


def test_every_command_is_listed_and_turns_errors_into_sentences() -> None:
    assert list(main.commands)[: len(COMMANDS)] == COMMANDS
    assert all(name in _datagen("--help").stdout for name in main.commands)
    assert all(isinstance(command, Command) for command in main.commands.values())
    for name in set(main.commands) - set(COMMANDS):  # the training commands have an example, too
        assert "Example" in _datagen(name, "--help").stdout


def test_make_has_an_option_for_every_option_of_a_recipe() -> None:
    names = {param.name for param in main.commands["make"].params}
    assert names >= RecipeOptions.__annotations__.keys() - {"where"} | {"conditions"}


@pytest.mark.parametrize("command", [[], *[[name] for name in main.commands]], ids=lambda words: str(*words))
@pytest.mark.parametrize("width", [80, 100])
def test_help_fits_the_terminal(command: list[str], width: int) -> None:
    shown = CliRunner().invoke(main, [*command, "--help"], terminal_width=width).stdout
    assert shown.startswith("Usage:")
    assert [line for line in shown.splitlines() if len(line) > width and "datagen" not in line] == []


def test_the_version_is_told() -> None:
    assert re.fullmatch(r"datagen, version \d+\.\d+\.\d+\n", _datagen("--version").stdout)


# Making


def test_the_summary_tells_what_was_made(small: Path) -> None:
    done = _datagen(*SMALL)
    assert done.exit_code == 0
    made = json.loads((Path("garden-24") / "manifest.json").read_text())
    table = dict(re.findall(r"│ (\S+) +│ ([^│]+?) +│", done.stdout))
    assert table.keys() == {"rows", "families", "shards", "bytes", "seconds", "rows/s"}
    assert table["rows"] == "24"
    assert table["shards"] == "3"
    assert table["families"].startswith(f"{made['families']}, ")
    assert table["bytes"].startswith(f"{sum(shard['bytes'] for shard in made['shards']):,} (")
    assert float(table["seconds"]) >= 0
    assert int(table["rows/s"].replace(",", "")) > 0
    assert contents(Path("garden-24")) == contents(small)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["set", "it's two words"])
def test_every_next_command_runs_as_printed(name: str, tmp_path: Path) -> None:
    done = _datagen(*SMALL, "--out", name)
    commands = [line.strip() for line in done.stdout.partition("Next:\n")[2].splitlines()]
    assert [shlex.split(command)[:2] for command in commands] == [
        ["datagen", "preview"], ["datagen", "verify"], ["python", "-c"],
    ]  # fmt: skip
    tools = (
        f'datagen() {{ {shlex.join(DATAGEN)} "$@"; }}; python() {{ {shlex.quote(sys.executable)} "$@"; }}\n'
    )
    environment = {**ENVIRONMENT, "HF_HOME": str(tmp_path / "home"), "HF_HUB_OFFLINE": "1"}
    for command in commands if name == "set" else commands[:1] + commands[2:]:
        ran = subprocess.run(
            ["bash", "-c", tools + command], env=environment, capture_output=True, text=True, check=False
        )
        assert ran.returncode == 0, ran.stderr
        assert ran.stdout
    assert "num_rows: 24" in ran.stdout


@pytest.mark.parametrize("name", ["a[red]b", "a*b", "a$HOME"])
def test_no_command_is_suggested_that_would_not_run(name: str) -> None:
    shown = _datagen("make", "--rows", 3, "--no-images", *OPTIONS, "--out", name).stdout
    assert f"Made {name}" in shown
    assert f"datagen verify '{name}'" in shown
    assert "load_dataset" not in shown, "datasets takes the name for a pattern"


def test_json_is_one_object_and_nothing_else() -> None:
    done = _datagen(*SMALL, "--json")
    told = json.loads(done.stdout)
    assert done.stderr == ""
    assert done.stdout.count("\n") == 1
    assert (told["path"], told["rows"], told["shards"], told["rows_made"]) == ("garden-24", 24, 3, 24)
    assert {"families", "bytes", "seconds", "rows_per_second"} <= told.keys()
    again = json.loads(_datagen(*SMALL, "--json", "--resume").stdout)
    assert again["rows_made"] == 0
    plan = json.loads(_datagen(*SMALL, "--json", "--dry-run", "--out", "other").stdout)
    assert (plan["rows"], plan["shards"], plan["out"]) == (24, 3, "other")
    verdict = json.loads(_datagen("verify", "garden-24", "--json").stdout)
    assert verdict["whole"] is True
    assert json.loads(_datagen("schema", GARDEN["schema"], "--json").stdout)["name"] == "garden"


def test_json_tells_a_refusal_on_stdout_too() -> None:
    done = _datagen(*SMALL, "--json", "--seed", -1)
    assert done.exit_code == 2
    assert "seed -1" in json.loads(done.stdout)["error"]
    assert done.stderr.count("\n") == 1


def test_json_tells_the_faults_of_a_set(small: Path) -> None:
    garden(Path("set"))
    next(Path("set/data").iterdir()).unlink()
    done = _datagen("verify", "set", "--json")
    assert done.exit_code == 1
    assert json.loads(done.stdout)["counts"] == {"the shard is missing": 1}
    plain = _datagen("verify", "set")
    assert plain.exit_code == 1
    assert "the shard is missing" in plain.stdout
    assert "set has faults:" in plain.stdout


def test_quiet_prints_nothing() -> None:
    for words in (
        [*SMALL, "--out", "set"],
        ["verify", "set"],
        ["preview", "set"],
        ["export", "set", "--to", "csv"],
        [*SMALL, "--out", "set", "--resume"],
        [*SMALL, "--dry-run", "--out", "other"],
    ):
        done = _datagen(*words, "--quiet")
        assert (done.exit_code, done.stdout, done.stderr) == (0, "", ""), words
    assert sorted(path.name for path in Path.cwd().iterdir()) == ["set", "set-csv", "set-preview.jpg"]


def test_piped_progress_is_plain_lines_on_stderr() -> None:
    done = _datagen(*SMALL, "--out", "set")
    assert re.fullmatch(r"Making: 24 of 24 rows, [\d,.]+ rows/s\n", done.stderr)
    for words, verb in ((["verify", "set"], "Checking"), (["export", "set", "--to", "csv"], "Exporting")):
        done = _datagen(*words)
        found = re.fullmatch(rf"{verb}: 24 of 24 rows, ([\d,.]+) rows/s\n", done.stderr)
        assert found, done.stderr
        assert found[1] != "0"
        assert "\x1b" not in done.stdout + done.stderr


def test_on_a_terminal_there_is_a_bar() -> None:
    ours, theirs = pty.openpty()
    words = [*DATAGEN, *SMALL, "--out", "set"]
    environment = {**ENVIRONMENT, "TERM": "xterm"}
    with subprocess.Popen(words, stderr=theirs, stdout=subprocess.PIPE, env=environment) as process:
        os.close(theirs)
        shown = b""
        while True:
            try:
                shown += os.read(ours, 4096)
            except OSError as error:
                assert error.errno == errno.EIO
                break
        out = process.stdout.read() if process.stdout else b""
    os.close(ours)
    assert process.returncode == 0
    assert "━" in shown.decode()
    assert b"24 of 24 rows" in shown
    assert b"\x1b" not in out


def test_a_dry_run_checks_everything_and_writes_nothing() -> None:
    done = _datagen(*SMALL, "--dry-run")
    assert done.exit_code == 0
    assert "Would make" in done.stdout
    assert "garden-24" in done.stdout
    assert "64 x 64" in done.stdout
    assert not list(Path.cwd().iterdir())
    assert "seed" in _refused(_datagen(*SMALL, "--dry-run", "--seed", -1))


def test_only_the_wanted_categories_are_made() -> None:
    words = ["make", "--rows", 60, "--no-images", *OPTIONS, "-q", "-o", "set"]
    assert _datagen(*words, "--where", "subgroup=Hats", "--where", "subgroup=Bags").exit_code == 0
    assert {row["subgroup"] for row in rows_of(Path("set"))} == {"Hats", "Bags"}


def test_resuming_what_is_finished_says_so(small: Path) -> None:
    _datagen(*SMALL, "--out", "set")
    before = contents(Path("set"))
    done = _datagen(*SMALL, "--out", "set", "--resume")
    assert done.exit_code == 0
    assert "nothing was missing" in done.stdout
    assert contents(Path("set")) == before == contents(small)


def test_what_is_there_is_refused_and_untouched(small: Path) -> None:
    before = contents(small)
    done = _datagen(*SMALL, "--out", small)
    assert "already exists" in _refused(done)
    assert "differs in seed 0, not 1" in _refused(_datagen(*SMALL, "--out", small, "--resume", "--seed", 1))
    assert "contradict" in _refused(_datagen(*SMALL, "--out", small, "--resume", "--overwrite"))
    assert contents(small) == before


# Wrong input

MAKE = ["make", "--no-images", *OPTIONS]
WRONG: list[tuple[list[object], str]] = [
    (["make"], "--rows"),
    (["mak"], "No such command 'mak'"),
    (["make", "--row", 3], "No such option"),
    (["make", "--rows", 3, "spare"], "unexpected extra argument"),
    ([*MAKE, "--rows", -3], "-3 rows"),
    ([*MAKE, "--rows", 0], "0 rows"),
    ([*MAKE, "--rows", "many"], "'many' is not a valid integer"),
    ([*MAKE, "--rows", "1.5"], "'1.5' is not a valid integer"),
    ([*MAKE, "--rows", 10**6], "at most 72,"),
    ([*MAKE, "--rows", 10**30], "at most 72,"),
    ([*MAKE, "--rows", 3, "--seed", -1], "seed -1"),
    ([*MAKE, "--rows", 3, "--seed", 2**64], "seed 18446744073709551616"),
    ([*MAKE, "--rows", 3, "--workers", 0], "--workers is 0; give at least 1 worker"),
    ([*MAKE, "--rows", 3, "--workers", -2], "--workers is -2"),
    ([*MAKE, "--rows", 3, "--shard-rows", 0], "0 rows"),
    ([*MAKE, "--rows", 3, "--jpeg-quality", 0], "quality 0"),
    ([*MAKE, "--rows", 3, "--jpeg-quality", 101], "quality 101"),
    ([*SMALL, "--image-size", "0x0"], "0x0"),
    ([*SMALL, "--image-size", "64x63"], "64x63"),
    ([*SMALL, "--image-size", "20000x20000"], "20000x20000"),
    ([*SMALL, "--image-size", "abc"], "'abc' is not a picture size"),
    ([*SMALL, "--image-size", "64"], "'64' is not a picture size"),
    ([*SMALL, "--image-size", "-64x64"], "'-64x64' is not a picture size"),
    ([*SMALL, "--image-size", "9999999999x64"], "is not a picture size"),
    ([*MAKE, "--rows", 3, "--where", "group"], "'group' is not CATEGORY=VALUE"),
    ([*MAKE, "--rows", 3, "--where", "=Wear"], "is not CATEGORY=VALUE"),
    ([*MAKE, "--rows", 3, "--where", "group="], "is not CATEGORY=VALUE"),
    ([*MAKE, "--rows", 3, "--where", "grupp=Wear"], "did you mean 'group'"),
    ([*MAKE, "--rows", 3, "--where", "label=Hat"], "is not a category column"),
    ([*MAKE, "--rows", 3, "--where", "subgroup=Hat"], "did you mean 'Hats'"),
    ([*MAKE, "--rows", 3, "--where", "group=Carry", "--where", "subgroup=Hats"], "No shelf"),
    (["make", "--rows", 3, "--schema", "burbery"], "did you mean 'burberry'"),
    (["make", "--rows", 3, "--profile", "burbery"], "did you mean 'burberry'"),
    (["make", "--rows", 3, "--profile", GARDEN["profile"]], "for the schema 'garden'"),
    (
        ["make", "--rows", 3, "--schema", GARDEN["schema"], "--profile", "burberry"],
        "for the schema 'burberry'",
    ),
    (["make", "--rows", 3, "--schema", "nowhere.yaml"], "nowhere.yaml"),
    (["make", "--rows", 3, "--schema", "/"], "'/'"),
    (["make", "--rows", 3, "--schema", ""], "schema"),
    ([*MAKE, "--rows", 3, "--out", "."], "is not a name"),
    ([*MAKE, "--rows", 3, "--out", "/"], "is not a name"),
    ([*MAKE, "--rows", 3, "--out", ""], "is not a name"),
    ([*MAKE, "--rows", 3, "--out", "/etc"], "already exists"),
    ([*MAKE, "--rows", 3, "--out", "/etc", "--overwrite"], "not be overwritten"),
    ([*MAKE, "--rows", 3, "--out", "/etc/passwd/set"], "/etc/passwd/set"),
    ([*MAKE, "--rows", 3, "--resume", "--overwrite"], "contradict"),
    (["preview", "nowhere"], "no dataset folder nowhere"),
    (["preview", "."], "no manifest.json"),
    (["preview", "/"], "no manifest.json"),
    (["preview"], "either a dataset or a --grid"),
    (["verify", "nowhere"], "no dataset folder nowhere"),
    (["verify", "."], "no manifest.json"),
    (["export", "nowhere", "--to", "csv"], "no dataset folder nowhere"),
    (["export", ".", "--to", "csv"], "no manifest.json"),
    (["export", "nowhere"], "--to"),
    (["export", "nowhere", "--to", "tar"], "'tar'"),
    (["schema", "burbery"], "did you mean 'burberry'"),
]


@pytest.mark.parametrize(("words", "named"), WRONG, ids=range(len(WRONG)))
def test_wrong_input_is_refused_in_one_sentence(words: list[object], named: str) -> None:
    assert named in _refused(_datagen(*words))


def test_a_defect_is_told_by_its_traceback_only_with_debug() -> None:
    with pytest.raises(InputError):
        _datagen("--debug", *MAKE, "--rows", 0)


# Other commands


def test_a_set_is_previewed_exported_and_verified_from_within(monkeypatch: pytest.MonkeyPatch) -> None:
    garden(Path("set"))
    monkeypatch.chdir("set")
    for words in (["verify", "."], ["preview", ".", "--count", 4], ["export", ".", "--to", "imagefolder"]):
        done = _datagen(*words)
        assert done.exit_code == 0, done.output
        assert done.stdout.strip()
    assert sorted(path.name for path in Path("..").iterdir()) == ["set", "set-imagefolder", "set-preview.jpg"]


def test_an_export_is_replaced_only_when_asked() -> None:
    garden(Path("set"), rows=3)
    assert _datagen("export", "set/", "--to", "csv").exit_code == 0
    assert _datagen("export", "set/", "--to", "csv").exit_code == 2
    assert _datagen("export", "set/", "--to", "csv", "--overwrite").exit_code == 0
    assert sorted(path.name for path in Path.cwd().iterdir()) == ["set", "set-csv"]


def test_the_columns_of_a_schema_are_shown() -> None:
    shown = _datagen("schema", GARDEN["schema"]).stdout
    for word in (
        "sku",
        "now_usd",
        "converted_price",
        r"G\d{5}X",
        "https://garden.example/{code}/{slug}.html",
    ):
        assert word in shown
    assert len(re.findall(r"^│ +\d+ │", _datagen("schema").stdout, re.MULTILINE)) == 18


def test_a_pipe_that_closes_early_is_no_error() -> None:
    command = f"{shlex.join(DATAGEN)} schema burberry | head -1"
    done = subprocess.run(
        ["bash", "-c", command], env=ENVIRONMENT, capture_output=True, text=True, check=True
    )
    assert "Traceback" not in done.stderr
    assert len(done.stdout.splitlines()) == 1


# Ctrl-C


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return garden(tmp_path_factory.mktemp("cli") / "undisturbed", rows=200)


def _interrupted(words: list[str], moment: str, out: Path) -> subprocess.CompletedProcess[str]:
    """Ctrl-C as a terminal gives it: to the whole process group, at a moment of the run."""
    work = out.with_name(out.name + ".partial")
    process = start(*words, cwd=Path.cwd())
    if moment == "workers start":
        wait_for(lambda: bool(children(process, "spawn_main")))
        time.sleep(0.2)  # in the midst of their imports
    else:
        wait_for(lambda: len(list(work.glob("data/*.parquet"))) >= 2)
    os.killpg(process.pid, signal.SIGINT)
    stdout, err = process.communicate(timeout=60)
    return subprocess.CompletedProcess(words, process.returncode, stdout, err)


@pytest.mark.slow
@pytest.mark.parametrize("moment", ["workers start", "replacing"])
def test_ctrl_c_tells_how_to_go_on_and_that_command_does(moment: str, undisturbed: Path) -> None:
    size = ["--rows", "200", "--image-size", "64x64", "--shard-rows", "10"]
    words = ["make", *size, "--workers", "2", *OPTIONS, "--out", "it's a set"]
    out = Path.cwd() / "it's a set"
    if moment == "replacing":
        garden(out, rows=3, image_size=None)
        words.insert(1, "--overwrite")
    old = contents(out)
    done = _interrupted(words, moment, out)
    assert done.returncode == 130, done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    told = [line for line in done.stderr.splitlines() if line and not line.startswith("Making: ")]
    assert told[0] == "Interrupted. Every finished shard is kept; resume with:"
    assert len(told) == 2
    assert contents(out) == old
    command = shlex.split(told[1])
    assert command == ["datagen", *[word for word in words if word != "--overwrite"], "--resume"]
    ran = run(*command[1:], cwd=Path.cwd())
    assert ran.returncode == 0, ran.stderr
    assert contents(out) == contents(undisturbed)
    assert [path.name for path in Path.cwd().iterdir()] == ["it's a set"]


# Files that somebody else wrote


def _recipe_or_refusal(path: Path, which: str, others: Mapping[str, Path] = GARDEN) -> None:
    """A recipe that can be made, or one sentence: nothing else may come of a file."""
    try:
        if which == "profile":  # what loading accepts can be sampled, whatever the recipe says
            Sampler(load_profile(path), 0).products(0, 3)
        recipe = write_recipe(3, image_size=None, **{**others, which: path})
        Maker(recipe).piece(0, 3)
    except InputError as refused:
        assert "\n" not in str(refused)
        assert len(str(refused)) < 3000


@given(
    content=st.binary(max_size=300) | st.text(max_size=300).map(str.encode),
    which=st.sampled_from(["schema", "profile"]),
)
def test_any_bytes_as_a_file_are_a_recipe_or_a_sentence(
    content: bytes, which: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    path.write_bytes(content)
    _recipe_or_refusal(path, which)


def _leaves(value: Any, place: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [place] if place else []
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        found += _leaves(inner, (*place, key))
    return found


def _at(plain: Any, place: tuple[Any, ...]) -> Any:
    for key in place:
        plain = plain[key]
    return plain


FILES = own_values(NO_FAKER)
PLACES = [(which, place) for which, plain in FILES.items() for place in _leaves(plain)]
NUMBERS = [
    (which, place)
    for which, place in PLACES
    if isinstance(_at(FILES[which], place), int | float) and which == "profile"
]
STRANGE = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=12),
    st.sampled_from(
        [
            0,
            -1,
            1e308,
            10**400,
            10**9,
            [],
            {},
            "",
            "(?=a)",
            r"\d",
            "(",
            "{slug}",
            "{{}}",
            "a\nb",
            "\0",
            "é" * 200,
            [[0, 10**14]],
            {"a": 1},
            {1: 2},
            float("nan"),
        ]
    ),
    st.lists(st.integers(), max_size=3),
    st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=5), max_size=3),
)


@pytest.mark.slow
@given(where=st.sampled_from(PLACES), value=STRANGE)
@settings(max_examples=120)
def test_any_value_in_any_field_is_a_recipe_or_a_sentence(
    where: tuple[str, tuple[Any, ...]], value: object, tmp_path_factory: pytest.TempPathFactory
) -> None:
    _with_value(where, value, tmp_path_factory.getbasetemp())


# A ladder without a price within the bounds once passed the profile's checks and stopped the run.
@pytest.mark.slow
@example(where=("profile", ("prices", "ladders", "whole", 0, "below")), factor=1e-5)
@example(where=("profile", ("prices", "bounds", 1)), factor=1e-3)
@given(
    where=st.sampled_from(NUMBERS),
    factor=st.sampled_from([-1, 0, 1e-5, 1e-3, 0.1, 0.5, 2, 10, 1e3, 1e5, 1e9]),
)
@settings(max_examples=120)
def test_any_number_of_a_profile_of_another_size_is_a_recipe_or_a_sentence(
    where: tuple[str, tuple[Any, ...]], factor: float, tmp_path_factory: pytest.TempPathFactory
) -> None:
    number = _at(FILES["profile"], where[1])
    scaled = number * factor
    _with_value(
        where,
        int(scaled) if isinstance(number, int) and scaled % 1 == 0 else scaled,
        tmp_path_factory.getbasetemp(),
    )


def _with_value(where: tuple[str, tuple[Any, ...]], value: object, folder: Path) -> None:
    """One value of a file replaced: it is a recipe, or one sentence."""
    which, (*above, last) = where
    plain = copy.deepcopy(FILES)
    _at(plain[which], tuple(above))[last] = value
    paths = {name: folder / f"strange-{name}.yaml" for name in plain}
    for name, path in paths.items():
        path.write_text(yaml.safe_dump(plain[name], allow_unicode=False, sort_keys=False), encoding="utf-8")
    _recipe_or_refusal(paths[which], which, paths)
