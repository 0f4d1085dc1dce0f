"""The data files that a dataset's card names, checked before anything looks for them.

``datasets`` takes the patterns of the card (the YAML at the head of README.md) and of .huggingface.yaml as
they are: it would fetch an address, list the whole disk for ``/**``, and read other repositories. Whoever
wrote the card may name only files inside the folder or repository.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from huggingface_hub.repocard import REGEX_YAML_BLOCK

from datagen.schemas import InputError
from datagen.schemas.yaml_file import parse_yaml

CARD, SETTINGS = "README.md", ".huggingface.yaml"
"""The files in which ``datasets`` looks for patterns of data files."""
MOST_BYTES = 20_000_000


def check_named_files(card: Path | None, settings: Path | None, name: str) -> None:
    """Raises InputError if a dataset's card or settings name data files outside the dataset.

    ``card``, ``settings``: the files, None if the dataset has none. ``name``: of the dataset, for messages.
    """
    for path, read in ((card, _card_metadata), (settings, parse_yaml)):
        if path is None:
            continue
        file = f"The {CARD if path is card else SETTINGS} of {name}"
        for pattern in _patterns(read(_text(path, file), file)):
            if not inside(pattern):
                raise InputError(
                    f"{file} refers to files outside it ({str(pattern)[:100]!r}); remove those references."
                )


def inside(pattern: object) -> bool:
    """Whether a pattern can match only files below the folder that it is relative to.

    >>> inside("data/train-*.parquet"), inside("../x.csv"), inside("http://host/x.csv"), inside("/**")
    (True, False, False, False)
    """
    if not isinstance(pattern, str) or "::" in pattern or "\\" in pattern or pattern.startswith("~"):
        return False
    try:
        scheme = urlsplit(pattern).scheme
    except ValueError:
        return False
    path = PurePosixPath(pattern)
    return not scheme and "://" not in pattern and not path.is_absolute() and ".." not in path.parts


def _text(path: Path, file: str) -> str:
    try:
        if not path.is_file():
            raise InputError(f"{file} is not a file; remove it.")
        if path.stat().st_size > MOST_BYTES:
            raise InputError(f"{file} has more than {MOST_BYTES:,} bytes; shorten it.")
        with path.open(encoding="utf-8-sig", newline="") as opened:  # as datasets reads it
            return opened.read()
    except UnicodeDecodeError:
        raise InputError(f"{file} is not UTF-8 text.") from None
    except OSError as error:
        raise InputError(f"{file} cannot be read ({error.strerror or error}).") from None


def _card_metadata(text: str, file: str) -> Any:
    block = REGEX_YAML_BLOCK.search(text)
    return parse_yaml(block[2], file) if block else None


def _patterns(metadata: Any) -> Iterator[object]:
    """Every pattern, and every folder that patterns are relative to."""
    configs = metadata.get("configs") if isinstance(metadata, dict) else None
    for config in configs if isinstance(configs, list) else []:
        if not isinstance(config, dict):
            continue
        if config.get("data_dir") is not None:
            yield config["data_dir"]
        files = config.get("data_files")
        for file in files if isinstance(files, list) else [] if files is None else [files]:
            paths = file.get("path") if isinstance(file, dict) else file
            yield from paths if isinstance(paths, list) else [paths]
