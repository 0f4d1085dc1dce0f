"""The ``datagen`` command: the group, and the list of its commands.

Everything heavy is imported inside the commands: ``datagen --help`` loads little more than click.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from datagen.commands.command import Command, Group
from datagen.commands.describe import describe
from datagen.commands.diff import diff
from datagen.commands.explain import explain
from datagen.commands.export import export
from datagen.commands.gallery import gallery
from datagen.commands.init import init
from datagen.commands.preview import preview
from datagen.commands.profile import profile
from datagen.commands.pull import pull
from datagen.commands.push import push
from datagen.commands.report import report
from datagen.commands.schema import schema
from datagen.commands.verify import verify
from datagen.jobs.commands import jobs, make, study, train
from datagen.schemas.training import Training
from datagen.train.commands import COMMANDS as TRAINING

if TYPE_CHECKING:
    from datagen.schemas.model_folder import ModelFolder
    from datagen.schemas.picture_model import PictureModel

COMMANDS: tuple[click.Command, ...] = (
    make,
    describe,
    preview,
    gallery,
    verify,
    diff,
    explain,
    report,
    export,
    pull,
    push,
    profile,
    schema,
    init,
    *[{train.name: train, study.name: study}.get(each.name, each) for each in TRAINING],
    jobs,
)


def write_model(run: Path, out: Path, repo: str, which: str, *, merged: bool) -> ModelFolder:
    """Write what ``push`` sends of a run."""
    from datagen.train.publishing.model_folder import write_model
    from datagen.train.terminal import calm, loading

    with calm(), loading():
        return write_model(run, out, repo, which, merged=merged)


def open_picture_model(name: str) -> PictureModel:
    """Open the vision model by which ``report`` compares pictures."""
    from datagen.train.models.vision_model import open_vision_model
    from datagen.train.terminal import calm, loading

    with calm(), loading():
        return open_vision_model(name)


@click.group(
    cls=Group,
    context_settings={
        "help_option_names": ["-h", "--help"],
        "max_content_width": 100,
        "obj": Training(write_model, open_picture_model),
    },
)
@click.version_option(package_name="datagen", prog_name="datagen")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def main(debug: bool) -> None:
    """Make synthetic product catalogues, import real ones, and train models on both.

    \b
    Examples:
      datagen make --rows 3040
      datagen preview burberry-3040
      datagen train --synthetic burberry-3040 --smoke
    """


for command in COMMANDS:
    main.add_command(Command.of(command))

if __name__ == "__main__":
    main()
