"""``datagen push``: dataset folders and trained models to the Hugging Face Hub."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from datagen.commands.command import Command, training
from datagen.commands.options import folder_argument, json_option, quiet_option

if TYPE_CHECKING:
    from datagen.hub.attempt import PushResult


@click.command(cls=Command, kept="Files that were sent are kept")
@folder_argument
@click.argument("repo", metavar="OWNER/NAME")
@click.option("--private/--public", default=None, help="Visibility of a new repository.  [default: private]")
@click.option("--revision", default="main", show_default=True, metavar="BRANCH", help="Branch to push to.")
@click.option("--tag", help="Tag for the commit.")
@click.option("--create-pr", is_flag=True, help="Open a pull request instead of committing.")
@click.option("--message", "-m", help="Commit message.")
@click.option("--split", help="Split on the Hub that a single dataset becomes.  [default: train]")
@click.option(
    "--config", help="Config (subset) on the Hub that a single dataset becomes.  [default: default]"
)
@click.option("--merged", is_flag=True, help="Of a run: push a complete model instead of its adapter.")
@click.option(
    "--which", metavar="best|last|CHECKPOINT", help="Of a run: the weights to push.  [default: best]"
)
@click.option("--dry-run", is_flag=True, help="Check everything, print what would be sent, send nothing.")
@quiet_option
@json_option
def push(
    folder: Path,
    repo: str,
    private: bool | None,
    revision: str,
    tag: str | None,
    create_pr: bool,
    message: str | None,
    split: str | None,
    config: str | None,
    merged: bool,
    which: str | None,
    dry_run: bool,
    quiet: bool,
    as_json: bool,
) -> None:
    """Push a dataset or a trained model to the Hugging Face Hub.

    FOLDER is a dataset, a folder of datasets as splits (train, validation, test) and configs (such as real,
    synthetic, mixed), or a run of datagen train, whose adapter becomes a model with its card. It is one
    commit. Run again after a failure, it sends only what is missing.

    \b
    Examples:
      datagen push burberry-3040 me/synthetic-burberry --tag v1
      datagen push burberry-3040 me/synthetic-burberry --public --dry-run
      datagen push run me/product-reader
      datagen push run me/product-reader-merged --merged
    """
    from datagen.schemas.terminal import show_json, stage_progress

    is_run = _is_run(folder)
    _refuse_options_of_the_other(
        is_run, {"--split": split, "--config": config}, {"--which": which, "--merged": merged}
    )
    with stage_progress(quiet=quiet or as_json) as progress:
        options: dict[str, Any] = {
            "private": private,
            "revision": revision,
            "tag": tag,
            "create_pr": create_pr,
            "message": message,
            "dry_run": dry_run,
            "progress": progress,
        }
        if is_run:
            result = _push_run(folder, repo, which or "best", merged, options)
        else:
            from datagen.hub.push import push as push_folder

            result = push_folder(folder, repo, split=split, config=config, **options)
    if as_json:
        show_json(result.as_json())
    elif quiet:
        return
    elif dry_run:
        _show_plan(result)
    else:
        _show_result(result)


def _is_run(folder: Path) -> bool:
    """Whether a folder is a run. Raises InputError where it is nothing that can be pushed."""
    from datagen.schemas import InputError
    from datagen.schemas.folder import MANIFEST, SCHEMA
    from datagen.schemas.model_folder import RUN_CONFIG

    sets = (MANIFEST, f"*/{MANIFEST}", f"*/*/{MANIFEST}", SCHEMA)  # one with its schema is unfinished
    if not folder.is_dir() or any(any(folder.glob(pattern)) for pattern in sets):
        return False
    if (folder / RUN_CONFIG).is_file():
        return True
    raise InputError(
        f"{folder} is neither a dataset nor a run: it has no {MANIFEST} and no {RUN_CONFIG}; give a folder "
        "that datagen make, pull or train wrote."
    )


def _refuse_options_of_the_other(is_run: bool, of_sets: dict[str, Any], of_runs: dict[str, Any]) -> None:
    from datagen.schemas import InputError

    wrong = [name for name, value in (of_sets if is_run else of_runs).items() if value]
    if wrong:
        what, other = ("datasets", "a run") if is_run else ("runs", "a dataset")
        raise InputError(f"{wrong[0]} is for {what}, and this is {other}; leave it out.")


def _push_run(folder: Path, repo: str, which: str, merged: bool, options: dict[str, Any]) -> PushResult:
    """Push a run. Its files are written beside it first, on the same disk, and removed afterwards."""
    from datagen.hub.push_model import push_model, work_folder

    write = training().write_model
    with work_folder(folder) as out:
        return push_model(lambda: write(folder, out, repo, which, merged=merged), repo, **options)


def _show_plan(plan: PushResult) -> None:
    """What ``--dry-run`` would push."""
    from datagen.schemas.terminal import show, show_table

    show_table(f"Would push to {plan.repo}", _rows(plan, "to send", "to remove"))
    show("", "Nothing was sent; run the same command without --dry-run to push.")


def _show_result(result: PushResult) -> None:
    """What a push did, and how to get the dataset back."""
    from datagen.schemas.terminal import show_next, show_table

    if result.pull_request:
        title = f"Proposed to {result.repo} as a pull request"
    elif result.sent or result.deleted:
        title = f"Pushed to {result.repo}"
    else:
        title = f"{result.repo} has everything already"
    show_table(title, _rows(result, "sent", "removed"))
    if not result.pull_request:
        if _is_command(result.load):
            show_next([result.load])
            return
        code = f"import datasets; print(datasets.{result.load})"
        source = f"{result.repo}@{result.tag or result.commit}"
        show_next([shlex.join(["python", "-c", code]), f"datagen pull {source} --out copy"])


def _rows(result: PushResult, sent: str, removed: str) -> list[tuple[str, str]]:
    """The rows of the summary, without those that say nothing."""
    from datagen.schemas.terminal import size
    from datagen.schemas.text import count

    rows = {
        sent: f"{count(result.sent, 'file')}, {size(result.bytes)}" if result.sent else "nothing",
        "unchanged": count(result.kept, "file") if result.kept else "",
        removed: f"{count(result.deleted, 'file')} of an older version" if result.deleted else "",
        "commit": result.commit,
        "tag": result.tag or "",
        "visibility": "private" if result.private else "public",
        "address": result.pull_request or result.url,
        "use with" if _is_command(result.load) else "load with": result.load,
    }
    return [row for row in rows.items() if row[1]]


def _is_command(use: str) -> bool:
    """Whether what was pushed is used with a command, as models are."""
    return use.startswith("datagen ")
