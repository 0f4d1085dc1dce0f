"""The commands of README and docs are ones that there are, with options that they have."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest

from datagen.cli import main
from datagen.generation.cached_set import recipe_named
from datagen.schemas.made_sets import is_made

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
MADE_HERE = re.compile(r"make:burberry[^\s`]*")


def commands(page: Path) -> list[str]:
    """The lines of a page's shell blocks that call datagen, continued ones joined."""
    blocks = re.findall(r"^```(?:bash|sh|console)\n(.*?)^```", page.read_text("utf-8"), re.M | re.S)
    lines = "".join(blocks).replace("\\\n", " ").splitlines()
    return [line.strip() for line in lines if line.strip().startswith("datagen ")]


@pytest.mark.parametrize("line", [pytest.param(line, id=line) for page in PAGES for line in commands(page)])
def test_a_documented_command_has_its_options(line: str) -> None:
    words = shlex.split(line.partition(" > ")[0], comments=True)
    command: click.Command = main
    context = click.Context(main, **main.context_settings)  # with -h, which commands remember
    while isinstance(command, click.Group):
        name = words.pop(1)
        found = command.get_command(context, name)
        assert found is not None, f"there is no command {name}"
        command, context = found, click.Context(found, parent=context)
    if "--help" not in words:
        command.make_parser(context).parse_args(words[1:])


@pytest.mark.parametrize("page", [pytest.param(page, id=page.name) for page in PAGES])
def test_documented_descriptions_of_datasets_can_be_made(page: Path) -> None:
    for name in MADE_HERE.findall(page.read_text("utf-8")):
        assert is_made(name)
        assert recipe_named(name).rows > 0


def test_a_wrong_option_would_be_seen() -> None:
    with pytest.raises(click.NoSuchOption, match="--sed"):
        test_a_documented_command_has_its_options("datagen make --rows 10 --sed 1")
    assert any("--synthetic make:burberry" in line for line in commands(ROOT / "docs" / "training.md"))
