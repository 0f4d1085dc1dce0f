"""What stands in for `uv` where jobs run: `uv run` with this Python, and with what is installed beside it.

A wheel that is given as a file is unpacked and imported from there. Of any other requirement it is checked
that it is installed, in the version that was asked for.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
import urllib.request
import zipfile
from importlib.metadata import PackageNotFoundError, entry_points, version
from pathlib import Path

FLAGS = {"--no-project", "--quiet", "-q", "--isolated"}
VALUES = {"--with", "--python", "-p"}


def main(words: list[str]) -> None:
    """Replace this process by the command."""
    if not words or words[0] != "run":
        sys.exit(f"uv: only `uv run` is known here, not {words[:1]}")
    rest, requirements = words[1:], []
    while rest and rest[0].startswith("-"):
        option = rest.pop(0)
        if option in VALUES:
            value = rest.pop(0)
            if option == "--with":
                requirements.append(value)
        elif option not in FLAGS:
            sys.exit(f"uv: {option} is not known here")
    script = _script(rest[0])
    if script is not None:
        requirements += _header(script)
    folders = [folder for each in requirements if (folder := _provided(each)) is not None]
    if folders:
        os.environ["PYTHONPATH"] = os.pathsep.join(folders)
        sys.path[:0] = folders
    os.execv(sys.executable, [sys.executable, *_command(rest, script)])  # noqa: S606


def _script(word: str) -> Path | None:
    """The Python file that the first word names, here or at an address."""
    if word.startswith(("http://", "https://")):
        file = Path(tempfile.mkdtemp()) / "script.py"
        with urllib.request.urlopen(word) as answer:  # noqa: S310 - http, as checked above
            file.write_bytes(answer.read())
        return file
    return Path(word) if word.endswith(".py") else None


def _header(script: Path) -> list[str]:
    """The requirements in a script's header (PEP 723), one to a line or all in one."""
    header = re.search(r"^# /// script\n(?P<lines>(?:#.*\n)+?)# ///$", script.read_text(), re.MULTILINE)
    listed = re.search(r"dependencies = \[(.*?)\]", header["lines"], re.DOTALL) if header else None
    return re.findall(r'"([^"]+)"', listed[1]) if listed else []


def _provided(requirement: str) -> str | None:
    """The folder that a wheel was unpacked to; None for what is installed. Ends the process otherwise."""
    file = requirement.partition(" @ file://")[2]
    if file:
        folder = tempfile.mkdtemp(prefix="wheel-")
        with zipfile.ZipFile(file) as wheel:
            wheel.extractall(folder)
        return folder
    match = re.match(r"([A-Za-z0-9._-]+)(?:\[[^]]*\])?(?:==(\S+))?", requirement)
    try:
        installed = version(match[1]).partition("+")[0] if match else ""
    except PackageNotFoundError:
        sys.exit(f"uv: {requirement} was not found in the package registry")
    if match and match[2] and match[2] != installed:
        sys.exit(f"uv: {requirement} was asked for, and {installed} is what there is here")
    return None


def _command(rest: list[str], script: Path | None) -> list[str]:
    """The arguments of Python for a script, for `python ...`, or for a program that a package brings."""
    if script is not None:
        return [str(script), *rest[1:]]
    if rest[0] == "python":
        return rest[1:]
    for found in entry_points(group="console_scripts", name=rest[0]):
        start = f"import sys; from {found.module} import {found.attr} as main; sys.exit(main())"
        return ["-c", start, *rest[1:]]
    sys.exit(f"uv: there is no program {rest[0]}")


if __name__ == "__main__":
    main(sys.argv[1:])
