"""A report from beginning to end: sets are read and compared, and what was found is put together."""

from __future__ import annotations

from datagen.dataset.writer import versions
from datagen.report.document import Report, Side
from datagen.report.fidelity.two_sample import scikit_learn_is_there
from datagen.report.pictures.sections import picture_sections
from datagen.report.sections import row_sections
from datagen.report.sets.rows import MOST_ROWS, RowSet, compare, read_folder
from datagen.report.sets.source import Source
from datagen.schemas import InputError
from datagen.schemas.picture_model import PictureModel
from datagen.schemas.progress import StageProgress


def report_on(
    real: Source,
    synthetic: Source,
    *,
    holdout: Source | None = None,
    seed: int = 0,
    most: int = MOST_ROWS,
    pictures: bool = True,
    model: PictureModel | None = None,
    command: str = "",
    progress: StageProgress | None = None,
) -> Report:
    """Compare synthetic rows and pictures with real ones; the same sets and seed give the same report.

    ``holdout``: real rows that the synthetic ones were not learned from, while ``real`` are those they may
    have been. ``most``: rows of each set that are read. ``pictures``: whether they are looked at, and by
    what vision ``model``; without one they are measured by hand.
    ``command``: what the user typed, for the page. Raises InputError where the sets cannot be read or have no
    column in common, or scikit-learn is missing.
    """
    tell = progress or (lambda stage, done, total: None)
    if not 1 <= most <= MOST_ROWS:
        raise InputError(f"A report compares 1 to {MOST_ROWS:,} rows of each set, not {most:,}.")
    scikit_learn_is_there()
    sources = [real, synthetic, *([holdout] if holdout else [])]
    total = sum(min(most, source.folder.manifest.rows) for source in sources)
    rows: list[RowSet] = []
    for source in sources:
        tell("Reading rows", sum(len(each.table) for each in rows), total)
        rows.append(read_folder(source.folder, seed, most, source.name))
    tell("Comparing rows", 0, None)
    held_out = rows[2] if holdout else None
    sets = compare(rows[0], rows[1], seed, held_out)
    sections = row_sections(rows[0], rows[1], seed, held_out)
    if pictures:
        sections += picture_sections(sets, real, synthetic, holdout, tell, model)
    sides = [_side(source, each) for source, each in zip(sources, rows, strict=True)]
    return Report(
        sides[0],
        sides[1],
        sides[2] if holdout else None,
        seed,
        command,
        versions(("scikit-learn",)),
        tuple(sections),
        tuple(sentence for source in sources for sentence in source.left_out),
    )


def _side(source: Source, rows: RowSet) -> Side:
    return Side(source.name, source.folder.manifest.rows, len(rows.table), source.sha256)
