"""``datagen push``: dataset folders to the Hugging Face Hub."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

from datagen.commands.command import Command
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
    dry_run: bool,
    quiet: bool,
    as_json: bool,
) -> None:
    """Push a dataset folder to the Hugging Face Hub, in one commit.

    FOLDER is a dataset, or a folder of datasets as splits (train, validation, test) and configs (such as
    real, synthetic, mixed). Run again after a failure, it sends only what is missing.

    \b
    Examples:
      datagen push burberry-3040 me/synthetic-burberry --tag v1
      datagen push burberry-3040 me/synthetic-burberry --public --dry-run
    """
    from datagen.hub.push import push as push_folder
    from datagen.schemas.terminal import show_json, stage_progress

    with stage_progress(quiet=quiet or as_json) as progress:
        result = push_folder(
            folder,
            repo,
            private=private,
            revision=revision,
            tag=tag,
            create_pr=create_pr,
            message=message,
            split=split,
            config=config,
            dry_run=dry_run,
            progress=progress,
        )
    if as_json:
        show_json(result.as_json())
    elif quiet:
        return
    elif dry_run:
        _show_plan(result)
    else:
        _show_result(result)


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
        "load with": result.load,
    }
    return [row for row in rows.items() if row[1]]
