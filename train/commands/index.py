"""``datagen index``: a catalogue whose pictures are vectors, to find products near to another picture."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from datagen.train.commands.options import json_option, quiet_option


@click.command()
@click.argument("source", metavar="FOLDER|HUB_ID")
@click.option(
    "--base",
    metavar="FOLDER|HUB_ID|RUN",
    help="Model whose vision tower sees the pictures; tiny for smoke runs.  [default: Phi-3-vision]",
)
@click.option(
    "--recipe", metavar="FILE|NAME", help="Take the model, its picture size and the answer from here."
)
@click.option("--num-crops", metavar="N|auto", help="Tiles per picture: 1 to 16, or auto.  [default: auto]")
@click.option(
    "--out",
    "-o",
    type=click.Path(path_type=Path),
    default=Path("shop.index"),
    show_default=True,
    help="Index folder to write.",
)
@click.option("--split", metavar="NAME", help="Index only this split.  [default: train, validation and test]")
@click.option(
    "--update", is_flag=True, help="Make an existing index agree: add, replace and remove what has changed."
)
@click.option(
    "--keep", is_flag=True, help="With --update, keep the products that the catalogue no longer has."
)
@click.option("--overwrite", is_flag=True, help="Replace an existing index by a new one.")
@quiet_option
@json_option
def index(
    source: str,
    base: str | None,
    recipe: str | None,
    num_crops: str | None,
    out: Path,
    split: str | None,
    update: bool,
    keep: bool,
    overwrite: bool,
    quiet: bool,
    as_json: bool,
) -> None:
    """Index a catalogue, to answer with its products in view.

    Writes a LanceDB table with every product's answer, picture and vector. evaluate, predict and train take
    it with --retrieve: the products whose pictures are nearest then stand in the prompt.

    \b
    Examples:
      datagen index shop --out shop.index
      datagen index shop --base my-run --out shop.index
      datagen index shop --out shop.index --update
      datagen index made-200 --base tiny --out made.index
    """
    from datagen.schemas import InputError

    if update and (base is not None or recipe is not None or num_crops is not None or overwrite):
        raise InputError(
            "--update keeps the model of the index; leave out --base, --recipe, --num-crops and "
            "--overwrite, or make a new index."
        )
    if keep and not update:
        raise InputError("--keep belongs to --update; give both.")
    from datagen.train.retrieval.store import lancedb

    lancedb()
    from datagen.train.terminal import calm, loading, stdout_to_stderr

    click.get_current_context().with_resource(calm())
    from datagen.schemas.terminal import show_json, show_next, show_table, stage_progress

    with loading():
        from datagen.train.commands.train import recipe_file
        from datagen.train.data.sources import open_source
        from datagen.train.retrieval.build import make_index, update_index
        from datagen.train.retrieval.store import open_table
        from datagen.train.retrieval.tower import base_to_index, maker_of_index, new_about, vector_maker

    with stdout_to_stderr(), stage_progress(quiet=quiet or as_json) as progress:
        if update:
            about = open_table(out).about
            rows = open_source(source, about.template, split=split, columns=about.columns)
            done = update_index(rows, out, maker_of_index(about, out), keep=keep, progress=progress)
        else:
            crops = int(num_crops) if num_crops is not None and num_crops.isdecimal() else num_crops
            config, run = base_to_index(base, source, recipe_file(recipe), crops)
            rows = open_source(source, config.data.template, split=split, columns=config.data.real_columns)
            maker = vector_maker(config, run)
            done = make_index(
                rows, out, new_about(config, run, maker), maker, overwrite=overwrite, progress=progress
            )
    if as_json:
        show_json({"out": str(out), **asdict(done)})
    elif not quiet:
        lines = {"products": f"{done.products:,}"}
        if update:
            names = ("added", "replaced", "removed", "kept")
            lines |= {name: f"{getattr(done, name):,}" for name in names}
        lines["pictures read"] = f"{done.seen:,}"
        if done.left_out:
            lines["left out"] = f"{done.left_out:,}, without a picture that can be read or without an answer"
        show_table(f"{'Updated' if update else 'Indexed'} {out}", lines.items())
        show_next([f"datagen evaluate RUN --retrieve {out}"])
