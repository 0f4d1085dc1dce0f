"""The section of pictures: whether synthetic pictures can be told from real ones, and by what."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from datagen.report.fidelity.two_sample import FOLDS, folds_of
from datagen.report.figures import Figure, Section, Table
from datagen.report.pictures.distances import Neighbourhood, kid, neighbourhood, standardised
from datagen.report.pictures.features import F32, STATISTICS
from datagen.report.pictures.sets import FILE_FIGURES
from datagen.report.pictures.sides import MOST_PICTURES, Side, Sides
from datagen.report.statistics.intervals import Auc, auc, share_interval, smallest_auc
from datagen.report.thresholds import judged_auc
from datagen.schemas.keyed import F64, I64

FEWEST = 20
"""Pictures of each side; with fewer, nothing can be tested in folds."""
AUC = "two-sample AUC of pictures"

BY_HAND = (
    "Pictures are measured by hand-made features, not by a trained vision model: fifteen low-level "
    "statistics, colours and directions of edges in the cells of a grid, and the subject's colours. All "
    "pictures are brought to one size first. Such features notice backdrop, light, outline and grain more "
    "than what is shown; a drawing of the right product is told from a photo all the same."
)
BY_A_MODEL = (
    "Pictures are compared by the features of a trained vision model, {model}, which notices what is shown "
    "more than backdrop, light and grain; the statistics below are measured by hand all the same."
)


@dataclass(frozen=True)
class Compared:
    """One set of pictures against the held ones. ``score``: of the held ones, then of the others."""

    side: Side
    score: F64
    result: Auc
    neighbours: Neighbourhood


def compare_pictures(sides: Sides) -> dict[str, Compared]:
    """The synthetic pictures and each reference against the held ones."""
    return {
        "synthetic": _compared(sides.held, sides.synthetic),
        "other half": _compared(sides.held, sides.other),
        "resample": _compared(sides.held, sides.resample),
        "shuffled": _compared(sides.held, sides.shuffled),
    }


def _compared(held: Side, side: Side) -> Compared:
    first, second = (standardised(each.features, held.features) for each in (held, side))
    both = np.concatenate([held.features, side.features])
    family = np.concatenate([held.family, side.family])
    is_second = np.arange(len(family)) >= len(held)
    fold = folds_of(family)
    score = np.zeros(len(family))
    for at in range(FOLDS):
        inside = fold == at
        if inside.any() and 0 < is_second[~inside].sum() < (~inside).sum():
            score[inside] = _suspicion(both[~inside], is_second[~inside], both[inside])
    return Compared(
        side,
        score,
        auc(score, is_second, family, fold),
        neighbourhood(first, second, held.family, side.family),
    )


def _suspicion(known: F32, is_second: Any, asked: F32) -> F64:
    """How much pictures look like the second set, by ridge regression with a Gaussian kernel.

    In tests it was as sensitive as a forest of 200 trees, and 50 times as fast.
    """
    from sklearn.kernel_ridge import KernelRidge  # type: ignore[import-untyped]

    model = KernelRidge(kernel="rbf", gamma=0.5 / known.shape[1], alpha=0.3)
    target = np.where(is_second, 1.0, -1.0) - np.mean(np.where(is_second, 1.0, -1.0))
    model.fit(standardised(known, known).astype(np.float64), target)
    suspicion: F64 = model.predict(standardised(asked, known).astype(np.float64))
    return suspicion


def pictures_section(
    sides: Sides, found: dict[str, Compared], left_out: tuple[str, ...], model: str = ""
) -> Section:
    """The section, without contact sheets. ``model``: the name of the vision model, "" for none."""
    about = BY_A_MODEL.format(model=model) if model else BY_HAND
    return Section(
        "pictures",
        "Pictures",
        f"{about} {len(sides.held):,} real pictures are compared with as many of each other kind.",
        (_auc_figure(sides, found), *_distances(sides, found), _smallest(sides, found)),
        (_statistics_table(sides),),
        left_out=left_out,
        main=(AUC,),
    )


def _auc_figure(sides: Sides, found: dict[str, Compared]) -> Figure:
    result = found["synthetic"].result
    references = {name: each.result.value for name, each in found.items() if name != "synthetic"}
    about = (
        "How often a classifier (kernel ridge regression on all features, cross-validated by title family) "
        "takes a synthetic picture for more synthetic than a real one."
    )
    return judged_auc(
        AUC,
        result.value,
        result.low,
        result.high,
        references | {"chance": 0.5},
        about,
        smallest=_smallest_auc(sides, found),
        few=len(sides.held) < MOST_PICTURES,
    )


def _smallest_auc(sides: Sides, found: dict[str, Compared]) -> float:
    return smallest_auc(found["other half"].result, (len(sides.held), len(sides.other)))


def _smallest(sides: Sides, found: dict[str, Compared]) -> Figure:
    return Figure(
        "smallest AUC that could be told from chance",
        _smallest_auc(sides, found),
        about="With so many pictures, at a power of 80 %; a threshold below it would say nothing.",
    )


def _distances(sides: Sides, found: dict[str, Compared]) -> tuple[Figure, ...]:
    held = sides.held
    kids = {
        name: kid(
            standardised(held.features, held.features),
            standardised(each.side.features, held.features),
            held.family,
            each.side.family,
        )
        for name, each in found.items()
    }
    own = kids["synthetic"]
    figures = [
        Figure(
            "KID",
            own.value,
            own.low,
            own.high,
            {name: each.value for name, each in kids.items() if name != "synthetic"} | {"chance": 0.0},
            about="The kernel inception distance (arXiv 1801.01401) on these features in place of "
            "Inception's, so comparable only with reports by the same ones; 0 on average for two samples of "
            "one set.",
        )
    ]
    shares: tuple[tuple[str, Callable[[Compared], tuple[F64, I64]], str], ...] = (
        (
            "precision",
            lambda each: (each.neighbours.precise, each.side.family),
            "Share of the synthetic pictures that lie among real ones: within the distance from a real "
            "picture to its fifth nearest neighbour (arXiv 1904.06991). Low: pictures unlike any real one.",
        ),
        (
            "recall",
            lambda each: (each.neighbours.recalled, held.family),
            "Share of the real pictures that lie among synthetic ones, measured in the same way.",
        ),
        (
            "coverage",
            lambda each: (each.neighbours.covered, held.family),
            "Share of the real pictures with a synthetic one within the distance of their fifth nearest "
            "neighbour (arXiv 2002.09797). Low: kinds of pictures are missing.",
        ),
    )
    for name, part, about in shares:
        value, low, high = share_interval(*part(found["synthetic"]), sides.seed, f"picture {name}")
        references = {
            other: float(part(each)[0].mean()) for other, each in found.items() if other != "synthetic"
        }
        figures.append(Figure(name, value, low, high, references, better="higher", about=about))
    return tuple(figures)


def _statistics_table(sides: Sides) -> Table:
    """Low-level statistics side by side, those that give most away first."""
    lines = []
    columns = [(name, at, False) for at, name in enumerate(STATISTICS)]
    columns += [(f"{name} *", at, True) for at, name in enumerate(FILE_FIGURES)]
    for name, at, of_file in columns:
        held, made, other = (
            (side.files if of_file else side.statistics)[:, at].astype(np.float64)
            for side in (sides.held, sides.synthetic, sides.other)
        )
        family = np.concatenate([sides.held.family, sides.synthetic.family])
        result = auc(np.concatenate([held, made]), np.arange(len(family)) >= len(held), family)
        reference = auc(
            np.concatenate([held, other]),
            np.arange(len(held) + len(other)) >= len(held),
            np.concatenate([sides.held.family, sides.other.family]),
        )
        about = list(FILE_FIGURES.values())[at] if of_file else STATISTICS[name]
        lines.append(
            (name, float(np.median(held)), float(np.median(made)), result.value, reference.value, about)
        )
    lines.sort(key=lambda line: (-abs(line[3] - 0.5), line[0]))
    return Table(
        "Low-level statistics",
        ("statistic", "real, median", "synthetic, median", "AUC", "AUC of the other half", "what it is"),
        tuple(lines),
        "AUC: how often a synthetic picture has the larger value; 0.5 is no difference, 0 and 1 give every "
        "picture away. Those with * are of the file as it is; the classifier does not see them.",
    )
