"""``datagen predict``: a trained run's answers about any pictures."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import click

from datagen.train.commands.next_steps import after_prediction
from datagen.train.commands.options import (
    batch_size_option,
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


@click.command()
@run_argument
@click.argument("pictures", nargs=-1, required=True, type=click.Path(path_type=Path))
@which_option
@batch_size_option
@max_new_tokens_option
@retrieve_option
@k_option
@no_retrieval_option
@quiet_option
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="Print one JSON object per picture, one per line, as soon as it is answered.",
)
def predict(
    run: Path,
    pictures: tuple[Path, ...],
    which: str,
    batch_size: int | None,
    max_new_tokens: int,
    retrieve: Path | None,
    k: int | None,
    no_retrieval: bool,
    quiet: bool,
    as_json: bool,
) -> None:
    """Predict title, category and price from pictures.

    RUN is a folder that datagen train wrote, or a model that datagen push sent, as owner/name[@revision];
    PICTURES are JPEG, PNG and WebP files, and folders of them.
    Exits with 1 if a picture cannot be read; the others are still answered.

    \b
    Examples:
      datagen predict run photo.jpg more/*.png
      datagen predict run photos --json > answers.jsonl
      datagen predict run photo.jpg --retrieve shop.index --json
      datagen predict me/product-reader photo.jpg
    """
    from datagen.train.config import saved_config
    from datagen.train.data.picture_files import find_pictures, unreadable

    named, run = run, run_or_pulled(run, quiet=quiet or as_json)
    template = saved_config(run).data.template
    retrieval = retrieval_of(run, retrieve, k, no_retrieval)
    files = find_pictures(pictures)
    if errors := unreadable(files):  # before a model is loaded for nothing
        _show_errors(files, errors, as_json)
        raise SystemExit(1)
    from datagen.train.terminal import calm, loading

    click.get_current_context().with_resource(calm())
    with loading():
        from datagen.train.models.base import run_to_answer
    from datagen.schemas.terminal import show, show_json, show_next, stage_progress
    from datagen.train.evaluation.predict import neighbours_of_files, predictions_table
    from datagen.train.evaluation.predict import predict as predict_files

    with stage_progress(quiet=quiet or as_json, unit="pictures") as report_progress:
        base = cache(lambda: run_to_answer(run, which))
        near = neighbours_of_files(run, which, files, template, retrieval, base)
        predictions = predict_files(
            base(),
            files,
            template,
            near=near,
            retrieval=retrieval,
            batch_size=batch_size,
            max_new_tokens=max_new_tokens,
            progress=lambda done: report_progress("Answering", done, len(files)),
            found=(lambda prediction: show_json(prediction.as_json())) if as_json else None,
        )
    if not as_json:
        table = predictions_table(predictions, template)
        if table.rows:
            table.show()
        if not quiet:
            show_next(after_prediction(named, pictures[0]))
    errors = [prediction.error for prediction in predictions if prediction.error]
    if not as_json:
        for error in errors:
            show(f"Error: {error}", err=True)
    if errors:
        raise SystemExit(1)


def _show_errors(files: list[Path], errors: list[str], as_json: bool) -> None:
    from datagen.schemas.terminal import show, show_json

    for file, error in zip(files, errors, strict=True):
        if as_json:
            show_json({"picture": str(file), "fields": None, "answer": None, "error": error})
        else:
            show(f"Error: {error}", err=True)
