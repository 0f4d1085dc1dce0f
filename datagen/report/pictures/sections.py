"""The sections of a report that are about pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from datagen.report.figures import Section
from datagen.report.pictures.sets import PictureSet, read_pictures
from datagen.report.pictures.sheets import Folders, contact_sheets
from datagen.report.pictures.sides import Sides, sides, wanted_numbers
from datagen.report.pictures.told_apart import FEWEST, compare_pictures, pictures_section
from datagen.report.sets.rows import Comparison
from datagen.report.sets.source import Source
from datagen.report.statistics.single_thread import single_thread
from datagen.report.usefulness.of_pictures import use_section
from datagen.schemas.keyed import I64
from datagen.schemas.picture_model import PictureModel
from datagen.schemas.progress import StageProgress
from datagen.schemas.text import count

PICTURES, USE = ("pictures", "Pictures"), ("picture-use", "Usefulness of the pictures")
"""Name and title of each section."""


def picture_sections(
    sets: Comparison,
    real: Source,
    synthetic: Source,
    holdout: Source | None,
    progress: StageProgress,
    model: PictureModel | None = None,
) -> list[Section]:
    """Both sections, or why there is nothing in them. Raises InputError where a shard cannot be read."""
    found = _measured(sets, real, synthetic, holdout, progress, model)
    if isinstance(found, str):
        return [Section(name, title, not_computed=found) for name, title in (PICTURES, USE)]
    both, left_out = found
    with single_thread():
        progress("Comparing pictures", 0, None)
        compared = compare_pictures(both)
        section = pictures_section(both, compared, tuple(left_out), model.name if model else "")
        sheets = contact_sheets(
            both, compared["synthetic"], Folders((holdout or real).folder, synthetic.folder)
        )
        return [replace(section, sheets=sheets), use_section(both, by_hand=model is None)]


def _measured(
    sets: Comparison,
    real: Source,
    synthetic: Source,
    holdout: Source | None,
    progress: StageProgress,
    model: PictureModel | None,
) -> tuple[Sides, list[str]] | str:
    """The pictures of both halves of the real rows and of the synthetic ones, and what was left out."""
    for folder in (real, synthetic, *([holdout] if holdout else [])):
        if not folder.folder.has_pictures:
            return f"{folder.name} has no pictures"
    numbers = wanted_numbers(sets)
    if (few := min(map(len, numbers))) < FEWEST:
        return _too_few(few)
    folders = (real, holdout or real, synthetic)
    total = sum(map(len, numbers))
    read: list[PictureSet] = []
    done = 0
    for folder, wanted in zip(folders, numbers, strict=True):
        before = done
        pictures = read_pictures(
            folder.folder,
            wanted,
            partial(_tell, progress, before, total),
            model,
        )
        if isinstance(pictures, str):
            return f"{folder.name} {pictures}"
        read.append(pictures)
        done += len(wanted)
    both = sides(sets, read[0], read[1], read[2])
    if len(both.held) < FEWEST:
        return _too_few(len(both.held))
    return both, _left_out(folders, numbers, read)


def _too_few(pictures: int) -> str:
    return f"it takes {FEWEST} pictures in each half of the real set and in the synthetic one, not {pictures}"


def _tell(progress: StageProgress, before: int, total: int, done: int) -> None:
    progress("Reading pictures", before + done, total)


def _left_out(folders: Sequence[Source], numbers: Sequence[I64], read: Sequence[PictureSet]) -> list[str]:
    """What was not looked at: pictures that cannot be decoded, and how many stand for all."""
    sentences = []
    unreadable: dict[str, int] = {}
    for folder, pictures in zip(folders, read, strict=True):
        unreadable[folder.name] = unreadable.get(folder.name, 0) + pictures.unreadable
    for name, damaged in unreadable.items():
        if damaged:
            sentences.append(f"{name}: {count(damaged, 'picture')} that cannot be decoded.")
    looked_at = {folder.name: 0 for folder in folders}
    for folder, wanted in zip(folders, numbers, strict=True):
        looked_at[folder.name] += len(wanted)
    for folder in folders:
        name, rows = folder.name, folder.folder.manifest.rows
        if looked_at.get(name, rows) < rows:
            sentences.append(
                f"{name}: {looked_at.pop(name):,} of its {rows:,} pictures stand for all of them."
            )
    return sentences
