"""Dataset folders of this machine as datasets on the Hub: private, named by content, pushed once."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from huggingface_hub import HfApi

from datagen.dataset.collection import parts
from datagen.generation.cached_set import recipe_named
from datagen.hub.client import commit_of
from datagen.hub.private import private_head
from datagen.hub.push import push
from datagen.schemas import InputError
from datagen.schemas.made_sets import PREFIX, is_made
from datagen.schemas.progress import StageProgress
from datagen.train.data.local_paths import refuse_missing_folder


def on_the_hub(
    api: HfApi, account: str, name: str | None, option: str, progress: StageProgress | None
) -> str | None:
    """``owner/name@commit`` for a dataset that ``option`` names: pushed if it is a folder here.

    A name of the Hub is pinned to its commit; what is to be made, ``make:...``, is made in the job. With no
    ``progress`` nothing is sent, and a folder becomes the name that it would get. Raises InputError for a
    path that is no dataset folder.
    """
    if name is None:
        return None
    if is_made(name):
        _refuse_files(name, option)
        return name  # the job makes the same bytes
    path = Path(name)
    if not path.exists():
        refuse_missing_folder(name, "dataset")
        if path.is_absolute() or name.startswith(".") or not _is_hub_name(name):
            raise InputError(f"{option} {name} is neither a folder here nor owner/name on the Hub.")
        repo, _, revision = name.partition("@")
        return f"{repo}@{commit_of(api, repo, revision or None)}"
    if not path.is_dir():
        raise InputError(
            f"{option} {name} is a file, which a job cannot see; make a dataset folder of it with "
            f"`datagen pull {name}`, and give that."
        )
    repo = f"{account}/{hub_name(path)}-{_digest(path)}"
    if progress is None:
        return repo
    private_head(api, repo, "dataset")
    return f"{repo}@{push(path, repo, progress=progress).commit}"


def rows_here(name: str | None) -> int | None:
    """The rows of a dataset folder of this machine, or of one to make; 0 for none, None for one elsewhere."""
    if name is None:
        return 0
    if is_made(name):
        return recipe_named(name).rows
    if not Path(name).is_dir():
        return None
    return sum(part.folder.manifest.rows for part in parts(Path(name), None, None))


def _refuse_files(name: str, option: str) -> None:
    """Raises InputError for a dataset to make from files here, and for one that cannot be made."""
    recipe_named(name)
    words = [word.removeprefix("profile=") for word in name.removeprefix(PREFIX).split(",")]
    for word in words:
        if word.endswith((".yaml", ".yml")) or Path(word).is_file():
            raise InputError(
                f"{option} {name} needs the file {word}, which a job cannot see; make a folder with `datagen "
                "make`, and give that."
            )


def _is_hub_name(name: str) -> bool:
    return re.fullmatch(r"[\w.-]+/[\w.-]+(@[^\s@]+)?", name) is not None


def hub_name(path: Path) -> str:
    """A folder's name as the Hub allows it."""
    plain = re.sub(r"[^A-Za-z0-9]+", "-", path.resolve().name).strip("-")
    return plain[:60].strip("-") or "data"


def _digest(path: Path) -> str:
    """Twelve digits that any change of the data changes. Raises InputError for what is no dataset folder."""
    digest = hashlib.sha256()
    for part in parts(path, None, None):
        for shard in part.folder.manifest.shards:
            digest.update(f"{part.place} {shard.path} {shard.sha256}\n".encode())
    return digest.hexdigest()[:12]
