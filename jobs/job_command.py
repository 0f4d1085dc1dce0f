"""The command of a job: uv installs what start.py needs, start.py fetches the inputs, uv installs datagen."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from datagen.jobs.inputs import Inputs

START = Path(__file__).with_name("start.py")


def job_command(
    inputs: Inputs, package: str, versions: Sequence[str], words: Sequence[str]
) -> tuple[str, ...]:
    """The words of the command.

    ``package``: the requirement of datagen. ``versions``: further requirements. ``words``: of inside.py.
    """
    client = f"huggingface_hub=={version('huggingface_hub')}"
    uv = ("uv", "run", "--no-project", "--with")
    start = ("python", "-c", START.read_text(encoding="utf-8"), inputs.repo, inputs.commit, inputs.folder)
    others = [word for requirement in versions for word in ("--with", requirement)]
    return (*uv, client, *start, *uv, package, *others, "python", "-m", "datagen.jobs.inside", *words)


def packed(name: str, extra: str) -> str:
    """The requirement for a wheel among the inputs."""
    return f"datagen{f'[{extra}]' if extra else ''} @ file://./{name}"
