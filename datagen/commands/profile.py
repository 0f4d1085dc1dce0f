"""``datagen profile``: a schema and a profile learned from the rows of a catalogue."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

from datagen.commands.command import Command
from datagen.commands.completion import BuiltInOrFile
from datagen.commands.options import Bytes, json_option, out_option, overwrite_option, quiet_option

if TYPE_CHECKING:
    from datagen.commands.learning import Learned


@click.command(cls=Command)
@click.argument("source")
@out_option("Profile to write; the schema goes beside it.", "the source's name + .profile.yaml")
@click.option(
    "--schema",
    type=BuiltInOrFile(".yaml"),
    metavar="NAME|FILE",
    help="Fit only a profile, for these columns: a built-in schema, or a YAML file.",
)
@click.option(
    "--min-count",
    type=int,
    default=5,
    show_default=True,
    metavar="N",
    help="Leave out values that fewer products have.",
)
@click.option(
    "--fold-names",
    is_flag=True,
    help="Leave out rare names too, such as those of small brands, rather than make up as many.",
)
@click.option("--revision", help="Branch, tag or commit of a dataset on the Hub.  [default: main]")
@click.option("--config", help="Config (subset) to read, where a dataset on the Hub has several.")
@click.option("--split", help="Split to read.  [default: train]")
@click.option(
    "--map",
    "mapping",
    multiple=True,
    metavar="THEIRS=OURS,...|FILE",
    help="Other names for the source's columns (nothing: leave one out); or a YAML file.",
)
@click.option("--limit", type=int, metavar="N", help="Read only the first N rows.")
@click.option(
    "--max-bytes", type=Bytes(), metavar="SIZE", help="The most that a file may unpack to.  [default: 100GB]"
)
@click.option(
    "--max-rows", type=click.IntRange(1), metavar="N", help="The most rows to read.  [default: 100,000,000]"
)
@overwrite_option("schema and profile")
@quiet_option
@json_option
def profile(
    source: str,
    out: Path | None,
    schema: str | None,
    min_count: int,
    fold_names: bool,
    revision: str | None,
    config: str | None,
    split: str | None,
    mapping: tuple[str, ...],
    limit: int | None,
    max_bytes: int | None,
    max_rows: int | None,
    overwrite: bool,
    quiet: bool,
    as_json: bool,
) -> None:
    """Learn a schema and a profile from the rows of a catalogue.

    SOURCE is what `datagen pull` reads, or a dataset folder. What each column is, is found from its values;
    titles, prices and shares are fitted. The two YAML files hold no row, and no value that fewer than
    --min-count products have; rare names, such as those of small brands, have made-up ones in their place.
    Edit the files, and make a catalogue from them with `datagen make`.

    \b
    Examples:
      datagen profile shop.csv -o shop.profile.yaml
      datagen profile owner/name --split train -o shop.profile.yaml --min-count 20
    """
    from datagen.catalogue.matching import read_map
    from datagen.commands.learning import learn, show_warnings
    from datagen.fit.written import loaded, profile_text, schema_text
    from datagen.generation.recipe import write_recipe
    from datagen.readers.limits import DEFAULT_LIMITS, ReadLimits
    from datagen.schemas import InputError, load_schema
    from datagen.schemas.files import write_file
    from datagen.schemas.terminal import show_json, stage_progress

    paths = _paths(source, out, schema is not None)
    for path in paths.values():
        if path.is_dir() or ((path.exists() or path.is_symlink()) and not overwrite):
            raise InputError(f"{path} already exists; give --overwrite to replace it, or another --out.")
        if not path.parent.is_dir():
            raise InputError(f"There is no folder {path.parent}; make it first, or give another --out.")
    given = load_schema(schema) if schema is not None else None
    with stage_progress(quiet=quiet or as_json) as progress:
        learned = learn(
            source,
            _name(paths["profile"]),
            progress=progress,
            min_count=min_count,
            invent_names=not fold_names,
            schema=given,
            mapping=read_map(mapping),
            most_rows=limit,
            revision=revision,
            config=config,
            split=split,
            limits=ReadLimits(max_bytes or DEFAULT_LIMITS.bytes, max_rows or DEFAULT_LIMITS.rows),
        )
    written, likeness = loaded(learned.fitted)
    write_recipe(1, schema=written, profile=likeness, image_size=None)
    texts = {"profile": profile_text(learned.fitted, learned.source, min_count)}
    if given is None:
        texts = {"schema": schema_text(learned.fitted, learned.source), **texts}
    for kind, text in texts.items():
        write_file(paths[kind], text)
    if not quiet:
        show_warnings(learned)
    if as_json:
        findings = [vars(each) for each in learned.fitted.findings]
        files = {kind: str(path) for kind, path in paths.items()}
        rows = {
            "rows": learned.fitted.rows,
            "looked_at": learned.fitted.looked_at,
            "invalid": learned.invalid,
        }
        told = {"columns": findings, "warnings": list(learned.fitted.warnings)}
        show_json({**files, "source": learned.source, "sha256": learned.digest, **rows, **told})
    elif not quiet:
        _show(learned, paths, schema)


def _paths(source: str, out: Path | None, schema_given: bool) -> dict[str, Path]:
    """Where the two files go. Raises InputError for a name that is no YAML file's."""
    from datagen.fit.fitting import name_of
    from datagen.schemas import InputError
    from datagen.schemas.yaml_file import built_in

    stem = Path(source).name if Path(source).is_dir() else Path(source.split("@")[0]).stem
    profile = out or Path(f"{name_of(stem)}.profile.yaml")
    if profile.suffix not in {".yaml", ".yml"}:
        raise InputError(f"{profile} is no YAML file; give a name such as shop.profile.yaml.")
    if schema_given:
        return {"profile": profile}
    if _name(profile) in built_in(".yaml"):
        raise InputError(f"{_name(profile)} is a built-in schema; give another --out.")
    plain = profile.name.removesuffix(".yaml").removesuffix(".yml").removesuffix(".profile")
    end = ".yaml" if profile.name.startswith(f"{plain}.profile.") else ".schema.yaml"
    return {"schema": profile.with_name(plain + end), "profile": profile}


def _name(profile: Path) -> str:
    from datagen.fit.fitting import name_of

    return name_of(profile.name.removesuffix(".yaml").removesuffix(".yml").removesuffix(".profile"))


def _show(learned: Learned, paths: dict[str, Path], schema: str | None) -> None:
    """What was found of each column, and the commands to type next."""
    from datagen.schemas.terminal import show, show_next, show_table
    from datagen.schemas.text import count

    fitted = learned.fitted
    looked = f"{count(fitted.rows, 'row')}" + (
        f", {fitted.looked_at:,} of them looked at" if fitted.looked_at < fitted.rows else ""
    )
    rows = [
        (
            each.column,
            f"{each.role.replace('_', ' ')}: {each.rule}" + f"; folded: {each.folded}" * bool(each.folded),
        )
        for each in fitted.findings
    ]
    show_table(f"Learned {learned.source} ({looked})", rows)
    if learned.invalid:
        were = "was" if learned.invalid == 1 else "were"
        show("", f"{count(learned.invalid, 'row')} could not be read and {were} left out.")
    show("", f"Wrote {' and '.join(str(path) for path in paths.values())}.")
    columns = shlex.quote(str(paths["schema"])) if "schema" in paths else shlex.quote(schema or "")
    likeness = shlex.quote(str(paths["profile"]))
    name = shlex.quote(_name(paths["profile"]))
    show_next(
        [
            f"datagen make --rows 1000 --schema {columns} --profile {likeness} --out {name}-1000",
            f"datagen schema {columns} --validate --profile {likeness}",
        ]
    )
