"""``datagen study`` on a cluster (--engine ray) or in jobs (--on hf-jobs): the same models and page."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click

from datagen.jobs.commands.options import callback_of
from datagen.train.commands.study import CNN, PROBE
from datagen.train.commands.study import study as study_here

if TYPE_CHECKING:
    from datagen.train.study.work import CellResult

ENGINES = ("local", "ray")
ENGINE_OPTIONS = [
    click.Option(
        ["--engine"],
        type=click.Choice(ENGINES),
        default="local",
        show_default=True,
        help="Where to train: on this machine, or on a cluster of ray; does not change the result.",
    ),
    click.Option(
        ["--address"],
        metavar="HOST:PORT",
        help="A running cluster of that engine.  [default: one is started on this machine]",
    ),
]


def on_an_engine(engine: str, address: str | None, **given: Any) -> None:
    """The study, its models trained by an engine."""
    from datagen.schemas import InputError

    if engine == "local":
        if address is not None:
            raise InputError("--address is about a cluster; give --engine ray as well, or leave it out.")
        callback_of(study_here)(**given)
        return
    from datagen.generation.engines import all_cores
    from datagen.generation.engines.machines import Machines

    machines = Machines(given["workers"] or all_cores(), address)
    on_a_gpu = given["learner"] not in (CNN, PROBE)
    callback_of(study_here)(**given, spread=_on_ray(machines, on_a_gpu))


def _on_ray(
    machines: Any, on_a_gpu: bool
) -> Callable[[Callable[[int], CellResult], Sequence[int]], Iterator[CellResult]]:
    """What gives the cells of a study to Ray; one whose every machine was lost has failed."""
    from datagen.generation.engines.on_ray import results
    from datagen.train.study.work import CellResult

    def lost(number: int, why: str) -> CellResult:
        return CellResult(number, None, f"The Ray cluster lost every process that trained it ({why}).")

    def spread(work: Callable[[int], CellResult], numbers: Sequence[int]) -> Iterator[CellResult]:
        return results(work, numbers, machines, lost, on_a_gpu=on_a_gpu)

    return spread


on_engines = copy.copy(study_here)
on_engines.params = [*study_here.params, *ENGINE_OPTIONS]
on_engines.callback = on_an_engine
study = on_engines
