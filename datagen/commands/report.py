"""``datagen report``: how close a synthetic catalogue is to a real one, how useful and how safe."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

from datagen.commands.command import Command, training
from datagen.commands.completion import BuiltInOrFile, DatasetFolder
from datagen.commands.options import json_option, out_option, overwrite_option, quiet_option, sibling

if TYPE_CHECKING:
    from datagen.report.document import Report
    from datagen.report.sets.source import Source
    from datagen.schemas.progress import StageProgress


LEAST = 5
"""The fewest rows of a value that a learned schema may name, as of ``datagen profile``."""


@click.command(cls=Command)
@click.option("--real", required=True, type=DatasetFolder(), metavar="SET", help="Real rows.")
@click.option("--synthetic", required=True, type=DatasetFolder(), metavar="SET", help="Synthetic rows.")
@click.option(
    "--holdout",
    type=DatasetFolder(),
    metavar="SET",
    help="Real rows that the synthetic ones were not learned from; --real are those they were.",
)
@out_option("Page to write, .html; the numbers go beside it, .json.", "SYNTHETIC-report.html")
@click.option(
    "--schema",
    type=BuiltInOrFile(".yaml"),
    metavar="NAME|FILE",
    help="Columns of a SET that is not a dataset folder.  [default: the other set's, or the real rows']",
)
@click.option(
    "--rows", type=int, default=100_000, show_default=True, metavar="N", help="Most rows of each set to read."
)
@click.option("--seed", type=int, default=0, show_default=True, help="Number that all drawing begins with.")
@click.option("--no-images", is_flag=True, help="Compare rows only.")
@click.option(
    "--vision-model",
    metavar="MODEL",
    help="Compare pictures by a trained vision model: a folder, or a name on the Hub, such as "
    "facebook/dinov2-small; needs datagen[train].  [default: features made by hand]",
)
@click.option(
    "--without-real-rows",
    is_flag=True,
    help="Show no title, price or photo of the real sets: for a page to publish.",
)
@click.option(
    "--fail-under",
    type=click.FloatRange(0, 100),
    metavar="PERCENT",
    help="Exit with 1 if fewer of the judged figures pass; 100 asks for all of them.",
)
@overwrite_option("page")
@quiet_option
@json_option
def report(
    real: Path,
    synthetic: Path,
    holdout: Path | None,
    out: Path | None,
    schema: str | None,
    rows: int,
    seed: int,
    no_images: bool,
    vision_model: str | None,
    without_real_rows: bool,
    fail_under: float | None,
    overwrite: bool,
    quiet: bool,
    as_json: bool,
) -> None:
    """Report how close synthetic rows and pictures are to real ones.

    One page says whether they can be told apart and by what, what a model learns from them, and whether they
    leak real rows, each figure beside what real rows score themselves. SET is a dataset folder, or anything
    that datagen pull reads. A page that is written into a synthetic dataset folder as report.html is pushed
    with it.

    \b
    Examples:
      datagen report --real shop --synthetic burberry-3040 -o report.html
      datagen report --real seen.csv --holdout unseen.csv --synthetic made --fail-under 100
    """
    import tempfile

    from datagen.report.document import without_real_rows as published
    from datagen.report.fidelity.two_sample import scikit_learn_is_there
    from datagen.report.page.write import refuse_existing, write_report
    from datagen.report.report import report_on
    from datagen.schemas import InputError
    from datagen.schemas.terminal import show_json, stage_progress

    if vision_model and no_images:
        raise InputError("--vision-model is for pictures, and --no-images leaves them out; give one of them.")
    scikit_learn_is_there()
    target = out or sibling(synthetic, "report.html")
    refuse_existing(target, overwrite=overwrite)
    model = training().open_picture_model(vision_model) if vision_model else None
    given = [("--real", real), ("--synthetic", synthetic), *([("--holdout", holdout)] if holdout else [])]
    with (
        tempfile.TemporaryDirectory(prefix="datagen-report-") as work,
        stage_progress(quiet=quiet or as_json) as progress,
    ):
        sources = _opened([path for _, path in given], schema, Path(work), not no_images, progress)
        found = report_on(
            sources[0],
            sources[1],
            holdout=sources[2] if holdout else None,
            seed=seed,
            most=rows,
            pictures=not no_images,
            model=model,
            command=_command(given, schema, rows, seed, no_images, vision_model, without_real_rows),
            progress=progress,
        )
    found = published(found) if without_real_rows else found
    size = write_report(found, target)
    if as_json:
        show_json(found.as_plain())
    elif not quiet:
        _show(found, target, size)
    if fail_under is not None:
        _fail(found, fail_under)


def _opened(
    paths: list[Path], schema: str | None, work: Path, pictures: bool, progress: StageProgress
) -> list[Source]:
    """The sets as dataset folders; those that are none are pulled into ``work``."""
    from datagen.dataset.folder import open_folder
    from datagen.report.sets.source import Source
    from datagen.schemas.folder import MANIFEST, SCHEMA

    folders = {path: Source(str(path), open_folder(path)) for path in paths if (path / MANIFEST).is_file()}
    columns = schema or next((str(path / SCHEMA) for path in folders), None)
    columns = columns or _columns_of(str(paths[0]), work, progress)
    pictures = pictures and all(source.folder.has_pictures for source in folders.values())
    for at, path in enumerate(paths):
        if path not in folders:
            folders[path] = _pulled(str(path), work / str(at), columns, pictures, progress)
    return [folders[path] for path in paths]


def _columns_of(real: str, work: Path, progress: StageProgress) -> str:
    """The schema to read files by: the built-in one if the real rows have its columns, or else one that is
    learned from them."""
    from datagen.commands.learning import learn
    from datagen.fit.written import schema_text
    from datagen.readers import open_source
    from datagen.schemas import DEFAULT_SCHEMA, load_schema

    built_in = load_schema(DEFAULT_SCHEMA)
    own = {column.name for column in built_in.columns if column.role != "image"}
    if own <= set(open_source(real, work=work / "columns").columns):
        return DEFAULT_SCHEMA
    learned = learn(real, None, progress=progress, min_count=LEAST)
    path = work / "learned.schema.yaml"
    path.write_text(schema_text(learned.fitted, learned.source), encoding="utf-8")
    return str(path)


def _pulled(source: str, out: Path, schema: str, pictures: bool, progress: StageProgress) -> Source:
    """A set that datagen pull reads, and what of it could not be used."""
    from datagen.catalogue.importing import ImportRequest, ImportResult
    from datagen.catalogue.pull import pull
    from datagen.dataset.folder import open_folder
    from datagen.report.sets.source import Source
    from datagen.schemas import InputError
    from datagen.schemas.text import count

    request = ImportRequest(schema=schema, pictures=pictures)
    try:
        result = pull(source, out, request, progress=progress)
    except InputError as error:
        if source in str(error):
            raise
        message = f"{source}: {error} (--map is an option of datagen pull; give the folder that it writes.)"
        raise InputError(message) from error
    left_out = []
    if isinstance(result, ImportResult):
        why = "; ".join(f"{rows:,} x {reason}" for reason, rows in result.reasons.items())
        if result.rejected:
            left_out.append(f"{source}: {count(result.rejected, 'row')} of {result.rows_read:,} ({why}).")
        if result.unread:
            left_out.append(f"{source}: {count(len(result.unread), 'part')} that could not be read.")
        if result.unused:
            left_out.append(f"{source}: columns that the schema does not have: {', '.join(result.unused)}.")
    return Source(source, open_folder(out), tuple(left_out))


def _command(
    given: list[tuple[str, Path]],
    schema: str | None,
    rows: int,
    seed: int,
    no_images: bool,
    vision_model: str | None,
    without_real_rows: bool,
) -> str:
    """The command that gives the same report, wherever it is written."""
    words = ["datagen", "report", *(word for option, path in given for word in (option, str(path)))]
    words += ["--schema", schema] if schema else []
    words += ["--rows", str(rows), "--seed", str(seed)] + ["--no-images"] * no_images
    words += ["--vision-model", vision_model] if vision_model else []
    return shlex.join(words + ["--without-real-rows"] * without_real_rows)


def _show(found: Report, target: Path, size: int) -> None:
    from datagen.report.figures import REFERENCES
    from datagen.report.page.wording import SIGNS, interval, number, wanted
    from datagen.schemas import terminal

    lines = []
    for section in found.sections:
        first = section.headline
        if first is None or first.value is None:
            reason = section.not_computed or (first.not_computed if first else "")
            of = f"{first.name}: " if first and not section.not_computed else ""
            why = f"{of}not computed, because {reason}" if reason else ""
            lines.append((section.title, SIGNS[section.verdict], why, "", "", "", ""))
            continue
        others = "\n".join(
            f"{name} {number(first.references[name])}" for name in REFERENCES if name in first.references
        )
        lines.append(
            (
                section.title,
                SIGNS[section.verdict],
                first.name,
                number(first.value),
                interval(first),
                wanted(first),
                others,
            )
        )
    headings = ("section", "verdict", "headline", "value", "95 %", "wanted", "beside it")
    title = f"{found.synthetic.name} against {found.real.name}"
    terminal.show_table(title, lines, headings, right_aligned=(3, 4))
    numbers = target.with_suffix(".json")
    terminal.show(f"Wrote {target} ({terminal.size(size)}), to be opened in a browser, and {numbers}.")


def _fail(found: Report, fail_under: float) -> None:
    """Exit with 1 where too few figures pass, or none could be judged."""
    from datagen.schemas.terminal import show
    from datagen.schemas.text import count

    judged, passed = len(found.judged), len(found.passed)
    if judged and 100 * passed / judged >= fail_under:
        return
    failed = ", ".join(figure.name for figure in found.judged if figure.verdict == "fail")
    told = (
        f"{passed} of {count(judged, 'judged figure')} pass (failed: {failed})"
        if judged
        else "nothing was judged"
    )
    show(f"Error: {told}, and --fail-under asks for {fail_under:g} %.", err=True)
    raise SystemExit(1)
