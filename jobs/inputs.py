"""What a job needs from this machine besides data, in a private repository, in a folder named by its content.

The same files are sent once. A job gets the commit and the folder, and so exactly what was sent for it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from huggingface_hub import HfApi

from datagen.hub.private import make_private, send_files

REPOSITORY = "datagen-jobs"
"""The name of the repository in the account that runs jobs."""


@dataclass(frozen=True)
class Inputs:
    """Where a job finds its files: a folder of a private dataset repository at a commit."""

    repo: str
    commit: str
    folder: str


def send_inputs(api: HfApi, account: str, files: Mapping[str, bytes]) -> Inputs:
    """Send files, by name, unless they are there already."""
    digest = hashlib.sha256()
    for name, content in sorted(files.items()):
        digest.update(f"{name}\0{len(content)}\0".encode() + content)
    folder, repo = digest.hexdigest()[:16], f"{account}/{REPOSITORY}"
    make_private(api, repo, "dataset")
    placed = {f"{folder}/{name}": content for name, content in files.items()}
    return Inputs(
        repo, send_files(api, repo, "dataset", placed, message=f"Files of a job ({folder})"), folder
    )
