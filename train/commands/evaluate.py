"""``datagen evaluate``: a run scored by the answers that it generates about held-out pictures."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from datagen.train.commands.next_steps import after_evaluation
from datagen.train.commands.options import (
    batch_size_option,
    json_option,
    k_option,
    max_new_tokens_option,
    no_retrieval_option,
    quiet_option,
    retrieval_of,
    retrieve_option,
    run_argument,
    run_or_pulled,
    which_option,
)

if TYPE_CHECKING:
    from datagen.train.evaluation.answering import Images


@click.command()
@run_argument
@which_option
@click.option(
    "--split",
    default="test",
    show_default=True,
    metavar="NAME",
    help="Rows to score: validation or test; with --data, any of its splits.",
)
@click.option("--data", metavar="FOLDER|HUB_ID", help="Evaluate on a dataset other than the run's own.")
@click.option("--rows", type=int, metavar="N", help="Evaluate only N of the rows, drawn with the run's seed.")
@click.option(
    "--shuffle-images",
    is_flag=True,
    help="Also evaluate every row with another row's picture, and measure how much worse the scores get.",
)
@click.option("--blank-images", is_flag=True, help="Also evaluate every row with a blank picture.")
@retrieve_option
@k_option
@no_retrieval_option
@click.option(
    "--shuffle-neighbours",
    is_flag=True,
    help="Also evaluate every row with the products near to another row, and measure how much worse it gets.",
)
@click.option(
    "--against",
    type=click.Path(path_type=Path),
    metavar="RUN",
    help="Measure how much better the scores are than this run's.",
)
@click.option("--no-baselines", is_flag=True, help="Leave out the majority and nearest-picture baselines.")
@batch_size_option
@max_new_tokens_option
@quiet_option
@json_option
def evaluate(
    run: Path,
    which: str,
    split: str,
    data: str | None,
    rows: int | None,
    shuffle_images: bool,
    blank_images: bool,
    retrieve: Path | None,
    k: int | None,
    no_retrieval: bool,
    shuffle_neighbours: bool,
    against: Path | None,
    no_baselines: bool,
    batch_size: int | None,
    max_new_tokens: int,
    quiet: bool,
    as_json: bool,
) -> None:
    """Score a run on pictures that it was not trained on.

    RUN is a folder that datagen train wrote, or with --data a model that datagen push sent, as
    owner/name[@revision]. Its model answers the question about each held-out picture, and
    the answers are scored, next to two baselines that need no model. Writes RUN/evaluation/NAME: report.md,
    scores.json and predictions.parquet.

    \b
    Examples:
      datagen evaluate run
      datagen evaluate run --which base
      datagen evaluate run --shuffle-images
      datagen evaluate run --retrieve shop.index --k 4
      datagen evaluate real-and-synthetic --against real-only
      datagen evaluate run --data me/other-shop --split test
      datagen evaluate me/product-reader --data me/other-shop --split test
    """
    from datagen.train.terminal import calm, loading

    click.get_current_context().with_resource(calm())
    from datagen.schemas import InputError
    from datagen.schemas.terminal import show, show_json, show_next, stage_progress, terminal_width
    from datagen.schemas.text import count

    with loading():
        import datagen.train.models.base  # noqa: F401 - evaluate_run imports it later; load it here
        from datagen.train.evaluation.evaluate import evaluate_run
        from datagen.train.run.tracking import track_evaluation
    from datagen.train.evaluation.report import category_table, difference_table, scores_table, sentence

    others: dict[Images, bool] = {
        "shuffled": shuffle_images,
        "blank": blank_images,
        "shuffled-neighbours": shuffle_neighbours,
    }
    if sum(others.values()) > 1:
        raise InputError(
            "--shuffle-images, --blank-images and --shuffle-neighbours are evaluations of their own; give "
            "one of them."
        )
    images: Images = next((name for name, asked in others.items() if asked), "own")
    if data is None and not run.exists() and "/" in str(run):
        raise InputError("A model on the Hub comes without its data; give --data as well, or a run's folder.")
    named, run = run, run_or_pulled(run, quiet=quiet or as_json)
    against = against and run_or_pulled(against, quiet=quiet or as_json)
    asked = retrieve is not None or k is not None or no_retrieval
    retrieval = retrieval_of(run, retrieve, k, no_retrieval) if asked else None
    with stage_progress(quiet=quiet or as_json) as report_progress:
        evaluation = evaluate_run(
            run,
            which,
            split,
            images=images,
            retrieval=retrieval,
            data=data,
            against=against,
            rows=rows,
            batch_size=batch_size,
            max_new_tokens=max_new_tokens,
            baselines=not no_baselines,
            progress=report_progress,
        )
    if run == named:  # a stranger's model does not choose where scores go
        track_evaluation(run, evaluation.folder.name, evaluation.record, _say(quiet or as_json))
    if as_json:
        show_json({"folder": str(evaluation.folder), **evaluation.record})
        return
    if quiet:
        return
    record = evaluation.record
    tables = [scores_table(record, evaluation.others, terminal_width()), category_table(record, most=12)]
    for other in record["differences"].values():
        tables.insert(1, difference_table(other, record, other["differences"]))
    for table in tables:
        if table.rows:
            table.show()
    for other in record["differences"].values():
        show(sentence(record, other))
    of_rows = f"{count(record['rows'], 'row')} of the {record['data']['name']}"
    show(f"{of_rows}; full report: {evaluation.folder}/report.md")
    done = {record["label"], *(other["label"] for other in evaluation.others)}
    show_next(after_evaluation(named, done))


def _say(silent: bool) -> Callable[[str], None]:
    """Prints a line on stderr, or nothing."""
    from datagen.schemas.terminal import show

    return lambda line: None if silent else show(line, err=True)
