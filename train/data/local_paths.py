"""Names that may be a path here or a name on the Hub, told apart without a surprise.

A path that is missing is never looked for on the Hub: somebody else may own that name there.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from datagen.schemas import InputError
from datagen.schemas.addresses import is_address
from datagen.schemas.made_sets import is_made


def refuse_missing_folder(name: str, what: str) -> None:
    """Raises InputError for ``folder/name`` if there is that folder here, without ``name`` in it.

    ``what``: what is looked for, "dataset" or "model". With @revision, the name is one of the Hub.
    """
    path = Path(name)
    if "@" in name or path.exists() or len(path.parts) != 2 or path.is_absolute() or not path.parent.is_dir():
        return
    raise InputError(
        f"There is no folder {name}, although there is a folder {path.parent}; give the right path, or for "
        f"the {what} of that name on the Hub {_hub_spelling(name, what)}."
    )


def recorded_place(name: str, about: Mapping[str, Any], run: Path) -> str:
    """Where a dataset that a run was started with is now.

    ``about``: its entry in data.json. A folder is looked for where it was then, then under the name that was
    given, from here and from the folder that the run is in. Raises InputError if it is gone. An address is
    asked again; what was made for the run is made again if it is gone.
    """
    if "@" in str(about.get("digest")) or is_address(name):
        return name
    then = str(about.get("path") or name)
    if is_made(name):
        return then if Path(then).exists() else name
    for place in (Path(then), Path(name), run.resolve().parent / name):
        if place.exists():
            return str(place)
    raise InputError(f"{then}, which {run} was trained on, is no longer there; put it back.")


def _hub_spelling(name: str, what: str) -> str:
    return f"give {name}@main" if what == "dataset" else "set model.revision=main as well"
