"""The house keeps its plan: rooms, directions of imports, and no catalogue's words in the code."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from datagen.product.profile import Profile
from datagen.schemas import DEFAULT_SCHEMA, load_schema

ROOT = Path(__file__).parents[1]
WINGS = ("schemas", "datagen", "train", "jobs")
CODE = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for wing in WINGS
    for path in sorted((ROOT / wing).rglob("*.py"))
    if not path.is_symlink()
}
"""Module by its place in the repository, such as ``train.models.base`` -> its file."""

WING_MAY_IMPORT: dict[str, set[str]] = {
    "schemas": set(),
    "datagen": {"schemas"},
    "train": {"schemas"},
    "jobs": {"schemas", "datagen", "train"},
}

ROOM_MAY_IMPORT: dict[str, dict[str, set[str]]] = {
    "schemas": {},
    "datagen": {
        "arrow": set(),
        "library_messages": set(),
        "product": {"arrow"},
        "columns": {"arrow", "product"},
        "render": {"product", "columns"},
        "dataset": {"arrow", "library_messages", "product", "columns", "render"},
        "places": {"dataset", "hub"},
        "generation": {"arrow", "product", "columns", "render", "dataset", "hub", "places"},
        "hub": {"library_messages", "dataset"},
        "photos": {"library_messages"},
        "readers": {"arrow", "library_messages", "dataset", "hub"},
        "catalogue": {"arrow", "columns", "dataset", "hub", "photos", "readers"},
        "fit": {"arrow", "product", "columns", "dataset"},
        "report": {"arrow", "product", "columns", "dataset"},
        "faker_provider": {"product", "generation"},
        "inspection": {"arrow", "product", "columns", "render", "dataset", "generation"},
        "commands": {
            "columns",
            "dataset",
            "generation",
            "inspection",
            "fit",
            "report",
            "hub",
            "photos",
            "readers",
            "catalogue",
        },
    },
    "train": {
        "terminal": set(),
        "chat": set(),
        "settings": set(),
        "config": {"chat", "settings"},
        "data": {"chat", "config"},
        "private_apis": set(),
        "phi3_vision": {"private_apis", "data"},
        "models": {"private_apis", "chat", "config", "data", "phi3_vision"},
        "retrieval": {"chat", "config", "data", "models"},
        "evaluation": {"terminal", "chat", "config", "data", "models", "retrieval"},
        "run": {
            "terminal",
            "private_apis",
            "chat",
            "config",
            "data",
            "models",
            "retrieval",
            "evaluation",
        },
        "study": {"chat", "config", "data", "models", "evaluation", "run"},
        "publishing": {"private_apis", "chat", "config", "data", "models", "evaluation"},
        "commands": {
            "terminal",
            "chat",
            "settings",
            "config",
            "data",
            "models",
            "retrieval",
            "evaluation",
            "study",
            "run",
            "publishing",
        },
    },
    "jobs": {
        "package": set(),
        "inputs": set(),
        "start": set(),
        "job_command": {"inputs"},
        "local_data": set(),
        "run_repository": set(),
        "estimate": set(),
        "following": {"package", "inputs", "job_command", "estimate"},
        "training_time": set(),
        "train_job": {"local_data", "run_repository", "estimate", "training_time", "following"},
        "make_job": {"estimate", "following"},
        "study_repository": set(),
        "study_job": {"local_data", "study_repository", "estimate", "following"},
        "inside": {"run_repository", "study_repository"},
        "commands": {
            "estimate",
            "following",
            "run_repository",
            "study_repository",
            "train_job",
            "make_job",
            "study_job",
        },
    },
}
"""Room -> the rooms of the same wing that it may import from; a new room needs a line here."""


def _imported(path: Path) -> Iterator[str]:
    """What a file imports, inside of functions and under TYPE_CHECKING too, as modules of CODE."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        for name in names:
            parts = name.split(".")
            if parts[0] == "datagen" and len(parts) > 1 and parts[1] in {"schemas", "train", "jobs", "cli"}:
                parts = parts[1:]
            while len(parts) > 1 and ".".join(parts) not in CODE and parts[0] in WINGS:
                parts = parts[:-1]
            yield ".".join(parts)


IMPORTS = {module: set(_imported(path)) for module, path in CODE.items()}


def _room(module: str) -> tuple[str, str]:
    """Wing and room: ``train.models.base`` is in the room ``models`` of ``train``."""
    wing, *rest = module.split(".")
    return wing, rest[0] if rest else ""


@pytest.mark.parametrize("module", CODE)
def test_imports_run_one_way(module: str) -> None:
    wing, room = _room(module)
    for other in IMPORTS[module]:
        theirs, their_room = _room(other)
        assert theirs not in {"tests", "support"}
        assert theirs != "cli" or room == "__main__"
        if theirs in WINGS and theirs != wing:
            assert theirs in WING_MAY_IMPORT[wing], f"{module} imports {other}"
        rooms = ROOM_MAY_IMPORT[wing]
        if theirs == wing and room in rooms and their_room and their_room != room:
            assert their_room in rooms[room], f"{module} imports {other}"
    if wing != "train":
        assert not IMPORTS[module] & {"torch", "transformers"}


@pytest.mark.parametrize("wing", WINGS)
def test_every_room_is_on_the_plan(wing: str) -> None:
    rooms = {_room(module)[1] for module in CODE if module.startswith(f"{wing}.")} - {"__main__"}
    assert wing == "schemas" or rooms == set(ROOM_MAY_IMPORT[wing])


def test_no_import_comes_back_to_where_it_began() -> None:
    # The front door is left out: it imports each function at its first use.
    graph = {
        module: IMPORTS[module] & CODE.keys() - {module, "datagen"} for module in CODE if module != "datagen"
    }
    while leaves := [module for module, others in graph.items() if not others & graph.keys()]:
        for module in leaves:
            del graph[module]
    assert not graph, f"these import each other in a circle, or what is in one: {sorted(graph)}"


@pytest.mark.parametrize(
    ("wing", "most"), [("datagen", 8), ("datagen/fit", 11), ("datagen/report", 6), ("train", 6), ("jobs", 15)]
)
def test_few_files_lie_flat_in_a_wing(wing: str, most: int) -> None:
    assert len(list((ROOT / wing).glob("*.py"))) <= most


# Column names and words that are also plain English say nothing about a catalogue; others would be a leak.
PLAIN = {"title", "price", "image", "brand", "Note"}


# A help text shows its examples on the built-in catalogue.
MAY_SHOW_EXAMPLES = ("datagen.commands", "train.commands", "jobs.commands")
KNOWS_NO_CATALOGUE = [module for module in CODE if not module.startswith(("schemas", *MAY_SHOW_EXAMPLES))]


@pytest.mark.parametrize("module", KNOWS_NO_CATALOGUE)
def test_the_code_knows_no_column_and_no_brand(module: str, burberry: Profile) -> None:
    columns = {column.name for column in load_schema(DEFAULT_SCHEMA).columns} - PLAIN
    text = CODE[module].read_text(encoding="utf-8")
    assert not set(re.findall(r"[A-Za-z0-9_]+", text)) & columns
    lines = {phrase for word in burberry.words["line"].values() for phrase in word.say} - PLAIN
    for word in [*lines, "burberry", "Prorsum", "Thomas Bear", "EKD"]:
        assert not re.search(rf"\b{re.escape(word)}\b", text, re.IGNORECASE if word == "burberry" else 0), (
            word
        )


MAY_WRITE_TO_A_TERMINAL = "schemas.terminal"
WRITERS = {"print", "pprint", "Console", "click.echo", "click.secho", "click.prompt", "click.confirm"}
WRITERS |= {f"sys.{stream}.{call}" for stream in ("stdout", "stderr") for call in ("write", "writelines")}


@pytest.mark.parametrize("module", sorted(CODE.keys() - {MAY_WRITE_TO_A_TERMINAL}))
def test_only_one_module_writes_to_a_terminal(module: str) -> None:
    tree = ast.parse(CODE[module].read_text(encoding="utf-8"))
    # Names count without a call too: partial(click.echo, err=True) writes as well.
    names = {ast.unparse(node) for node in ast.walk(tree) if isinstance(node, (ast.Name, ast.Attribute))}
    assert not names & WRITERS, f"use the functions of {MAY_WRITE_TO_A_TERMINAL}"


def test_no_file_is_longer_than_can_be_read() -> None:
    folders = [*WINGS, "tests", "benchmarks"]
    files = [*ROOT.glob("*.py"), *(path for folder in folders for path in (ROOT / folder).rglob("*.py"))]
    assert Path(__file__) in files
    for path in files:
        assert len(path.read_text(encoding="utf-8").splitlines()) <= 400, path


def test_the_core_needs_no_torch() -> None:
    setup = (ROOT / "setup.cfg").read_text(encoding="utf-8")
    core = setup.split("install_requires =")[1].split("\n[")[0]
    assert "torch" not in core
    assert "transformers" not in core


def _loaded(code: str) -> set[str]:
    """The modules that are loaded after some code."""
    code += "\nimport sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    return set(done.stdout.split())


def test_importing_the_library_loads_neither_torch_nor_datasets() -> None:
    assert not _loaded("import datagen") & {"torch", "datasets", "sklearn", "ray", "numpy", "pyarrow"}


def test_a_pull_loads_nothing_that_makes_rows() -> None:
    loaded = _loaded("import datagen; datagen.pull")
    product = {"titles", "prices", "codes", "sampler"}
    assert not loaded & {f"datagen.product.{name}" for name in product}
