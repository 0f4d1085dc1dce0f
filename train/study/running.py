"""The cells of a study, run and stored one by one, here or wherever a ``Spread`` runs them.

Cells that are finished are kept; one that fails is noted, and the study goes on.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing
from pathlib import Path

from datagen.schemas import RunFailed
from datagen.schemas.progress import StageProgress
from datagen.train.study.cells import clear, is_finished, store, store_failure
from datagen.train.study.plan import Cell, part_of
from datagen.train.study.study import Study
from datagen.train.study.work import CellResult, Spread, answered, reason, result_of, work_of

PROGRESS = "Training and testing models"


def run_cells(
    study: Study, only: tuple[int, int] | None, progress: StageProgress, spread: Spread | None = None
) -> None:
    """Run the cells that are not finished, of part ``only[0]`` of ``only[1]``.

    ``spread``: runs them elsewhere, several at a time; here, one after the other, if None. Raises RunFailed,
    and what ``spread`` raises.
    """
    mine = part_of(study.cells, only)
    todo = [cell for cell in mine if not is_finished(study.folder_of(cell))]
    for cell in set(mine) - set(todo):
        clear(study.folder_of(cell))
    if not todo:
        return
    study.features.prepare()
    truth = answered(study, study.data.test.tolist())
    done = len(mine) - len(todo)
    progress(PROGRESS, done, len(mine))
    with closing(_results(study, todo, spread)) as results:
        for result in results:
            cell = todo[result.number]
            folder = study.folder_of(cell)
            if result.answers is None:
                _note(folder, cell, result.error)
            else:
                families = study.data.title_family[study.data.test]
                template = study.learner.template
                try:
                    store(
                        folder, cell, study.shared, template, truth, result.answers, study.data.test, families
                    )
                except Exception as error:
                    _note(folder, cell, reason(error))
            done += 1
            progress(PROGRESS, done, len(mine))


def _results(study: Study, todo: list[Cell], spread: Spread | None) -> Generator[CellResult, None, None]:
    if spread is None:
        return (result_of(study, number, cell) for number, cell in enumerate(todo))
    return spread(work_of(study, todo), range(len(todo)))


def _note(folder: Path, cell: Cell, why: str) -> None:
    try:
        store_failure(folder, cell, why)
    except OSError as full:
        raise RunFailed(
            f"{folder} cannot be written ({full.strerror or full}); finished cells are kept, so run the same "
            "command again."
        ) from None
