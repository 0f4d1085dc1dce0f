"""The sections of a report that are about rows."""

from __future__ import annotations

import numpy as np

from datagen.report.fidelity.giveaway import giveaway
from datagen.report.fidelity.section import fidelity, two_sample_tests
from datagen.report.fidelity.two_sample import scikit_learn_is_there
from datagen.report.figures import Section
from datagen.report.privacy.section import privacy
from datagen.report.sets.rows import RowSet, compare
from datagen.report.statistics.single_thread import single_thread
from datagen.report.usefulness.of_rows import usefulness


def row_sections(
    real: RowSet, synthetic: RowSet, seed: int = 0, holdout: RowSet | None = None
) -> list[Section]:
    """Fidelity, giveaways, usefulness and privacy of synthetic rows; the same bytes for the same input.

    ``holdout``: real rows that the synthetic ones were not fitted to, while ``real`` are those they were.
    Raises InputError where the sets have no rows, or no column in common, or scikit-learn is missing.
    """
    scikit_learn_is_there()
    # Columns of numbers may hold any: what overflows becomes infinite, and is left out where it matters.
    with single_thread(), np.errstate(all="ignore"):
        sets = compare(real, synthetic, seed, holdout)
        tested = two_sample_tests(sets)
        return [fidelity(sets, tested), giveaway(tested, seed), usefulness(sets), privacy(sets)]
