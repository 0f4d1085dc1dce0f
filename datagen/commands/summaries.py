"""What the commands say at their end: tables for a person, and what to type next."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from datagen.commands.terminal import show_table, size
from datagen.schemas.folder import REJECTED

if TYPE_CHECKING:
    from datagen.catalogue.importing import ImportResult
    from datagen.dataset.verify import Verdict
    from datagen.generation.make import MakeResult
    from datagen.hub.pull_back import PullResult
    from datagen.hub.push import PushResult


def show_plan(plan: dict[str, Any]) -> None:
    """What ``make --dry-run`` would make."""
    sources = {key: "{name} ({sha256:.12})".format(**plan[key]) for key in ("schema", "profile")}
    shown = {**plan, **sources}
    if plan["image_size"]:
        shown["image_size"] = "{} x {}".format(*plan["image_size"])
    for name in ("attributes", "masks"):
        shown[name] = "yes" if plan[name] else "no"
    show_table("Would make", {name.replace("_", " "): str(value) for name, value in shown.items()})


def show_made(made: MakeResult, pictures: bool) -> None:
    """The summary of a run, and the commands to type next."""
    rate = made.rows_made / max(made.seconds, 1e-9)
    show_table(
        f"MakeResult {made.path}",
        {
            "rows": f"{made.rows:,}",
            "families": f"{made.families:,} products; the other rows are their colourways",
            "shards": f"{made.shards:,}",
            "bytes": f"{made.bytes:,} ({size(made.bytes)})",
            "seconds": f"{made.seconds:.1f}",
            "rows/s": f"{rate:,.0f}" if made.rows_made else "nothing was missing",
        },
    )
    folder = shlex.quote(str(made.path))
    code = f"import datasets; print(datasets.load_dataset({str(made.path)!r}))"
    plain = re.fullmatch(r"[\w./-]+", str(made.path))
    load = f'python -c "{code}"' if plain else shlex.join(["python", "-c", code])
    commands = [f"datagen preview {folder}"] * pictures + [f"datagen verify {folder}"]
    if not re.search(r"[][*?$~]", str(made.path)):  # datasets would take it for a pattern
        commands.append(load)
    click.echo("\nNext:\n" + "\n".join(f"  {command}" for command in commands))


def show_pushed(pushed: PushResult, dry_run: bool) -> None:
    """What a push did, or would do."""
    if dry_run:
        commit = "(dry run: nothing was sent)"
    elif pushed.sent or pushed.deleted:
        commit = pushed.commit
    else:
        commit = f"{pushed.commit} (all of it was there)"
    rows = {
        "files": f"{pushed.sent} to send" if dry_run else f"{pushed.sent} sent",
        "kept": f"{pushed.kept} that were there already",
        "deleted": f"{pushed.deleted} that are stale",
        "bytes": f"{pushed.bytes:,} ({size(pushed.bytes)})",
        "commit": commit,
        "tag": pushed.tag or "-",
        "visible to": "you only" if pushed.private else "everybody",
        "address": pushed.pull_request or pushed.url,
        "load it": pushed.load,
    }
    show_table(f"Would push to {pushed.repo}" if dry_run else f"PushResult to {pushed.repo}", rows)


def show_pulled(pulled: PullResult | ImportResult) -> None:
    """What was pulled: the kept and the rejected rows, which columns they are, and what to type next."""
    from datagen.hub.pull_back import PullResult  # heavy, and here it is loaded already

    if isinstance(pulled, PullResult):
        click.echo(
            f"PullResult {pulled.rows:,} rows in {pulled.tables} table(s) to {pulled.path}, "
            f"commit {pulled.commit[:8]}; every checksum holds."
        )
        return
    renamed = [f"{ours} from {theirs}" for ours, theirs in pulled.columns.items() if ours != theirs]
    rows = {
        "rows": f"{pulled.rows:,} of the {pulled.rows_read:,} that were read",
        "pictures": {
            "none": "none",
            "column": "from the source's own column",
            "files": "from files beside the source",
            "links": "fetched by their addresses",
        }[pulled.pictures],
        "columns": ", ".join(renamed),
        "header": "was lost; columns were taken by position" if pulled.header_lost else "",
        "left out": ", ".join(pulled.left_out),
        "not used": ", ".join(repr(name)[1:-1] for name in pulled.unused[:12])
        + (" ..." if len(pulled.unused) > 12 else ""),
        "filled in": ", ".join(f"{name} in {count:,} rows" for name, count in pulled.filled.items()),
        "other than asked": "\n".join(f"{name} {how}" for name, how in pulled.relaxed.items()),
        "rejected": "\n".join(f"{count:,} x {reason}" for reason, count in pulled.reasons.items()) or "none",
        "bytes": f"{pulled.bytes:,} ({size(pulled.bytes)})",
    }
    show_table(
        f"PullResult {pulled.path} from {pulled.source}", {name: told for name, told in rows.items() if told}
    )
    folder = shlex.quote(str(pulled.path))
    commands = [f"datagen preview {folder}"] * (pulled.pictures != "none") + [f"datagen verify {folder}"]
    click.echo("\nNext:\n" + "\n".join(f"  {command}" for command in commands))
    if pulled.rejected:
        click.echo(f"\nThe rejected rows, each with its reason: {pulled.path / REJECTED}")


def show_verdict(folder: Path, verdict: Verdict) -> None:
    """What a check found, rule by rule."""
    if verdict.whole:
        click.echo(f"{folder} is whole: {verdict.rows:,} rows in {verdict.shards} shards, every rule holds.")
        return
    for breach in verdict.breaches:
        click.echo(str(breach))
    click.echo(f"\n{folder} is not whole:")
    for rule, count in verdict.counts.items():
        click.echo(f"  {count:,} x {rule}")
