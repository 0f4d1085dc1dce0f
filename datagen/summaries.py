"""What the commands say at their end: tables for a person, and what to type next."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from datagen.terminal import show_table, size

if TYPE_CHECKING:
    from datagen.dataset import Made
    from datagen.push import Pushed
    from datagen.verify import Verdict


def show_plan(plan: dict[str, Any]) -> None:
    """What ``make --dry-run`` would make."""
    sources = {key: "{name} ({sha256:.12})".format(**plan[key]) for key in ("schema", "profile")}
    shown = {**plan, **sources}
    if plan["image_size"]:
        shown["image_size"] = "{} x {}".format(*plan["image_size"])
    show_table("Would make", {name.replace("_", " "): str(value) for name, value in shown.items()})


def show_made(made: Made, pictures: bool) -> None:
    """The summary of a run, and the commands to type next."""
    rate = made.rows_made / max(made.seconds, 1e-9)
    show_table(
        f"Made {made.path}",
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


def show_pushed(pushed: Pushed, dry_run: bool) -> None:
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
    show_table(f"Would push to {pushed.repo}" if dry_run else f"Pushed to {pushed.repo}", rows)


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
