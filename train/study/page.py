"""The page of a study, in the look of a report: sentences, plot, tables, what was done. It runs no script."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from datagen.schemas.pages.document import document, table, text
from datagen.schemas.text import count
from datagen.train.study.outcome import Outcome
from datagen.train.study.plot import plot
from datagen.train.study.results import ScoreResults
from datagen.train.study.tables import HEADINGS, RIGHT, table_of

LOOK = """\
.plot { border: 1px solid var(--line); border-radius: .5rem; margin: .75rem 0; }
.plot { background: #fff; color: #000; }
.plot { overflow-x: auto; }
.plot svg { display: block; min-width: 40rem; }
.said { margin: .75rem 0; padding-left: 1.1rem; max-width: 50rem; }
.said li { margin: .3rem 0; overflow-wrap: anywhere; }
"""
ABOUT = (
    "Differences are to real rows alone, seed by seed, on the same test rows, in points. Intervals hold "
    "95 % of resamples of title families and seeds together (BCa). p is of the sign-flip test over seeds, "
    "each for one comparison: of twenty without any effect, one is expected below 0.05. "
    "A gain or loss is significant if both the interval and p < 0.05 exclude none. "
    "Power is the chance that a difference of 5 points would have been found; found at power 80 % is the "
    "difference, in points, that would have been found with that chance. "
    "Worth in real rows: how many further real rows give the same score, read off the curve of real rows "
    "alone; less than 0 is worth less than nothing, and ≥ and ≤ say that the curve ends there."
)


def page(outcome: Outcome) -> str:
    """The page as text. The same outcome gives the same bytes."""
    data = outcome.data
    title = f"Do the rows of {data['synthetic']} help beside those of {data['real']}?"
    subtitle = (
        f"{count(outcome.finished, 'model')} of {outcome.planned:,}, {count(len(outcome.seeds), 'seed')}; "
        f"{count(data['test_rows'], 'test row')} in {count(data['test_families'], 'title family')}, "
        f"up to {data['pool']:,} real training rows, {data['used']:,} synthetic ones."
    )
    said = "".join(f"<li>{text(sentence, 1000)}</li>" for sentence in outcome.sentences)
    drawn = plot(outcome.results, "Score against real rows")
    parts = [
        f'<section id="summary" aria-label="Summary"><ul class="said">{said}</ul>'
        f'<div class="plot" tabindex="0" role="region" aria-label="Plot">{drawn}</div></section>',
        f'<section id="how"><p class="about">{text(ABOUT, 2000)}</p></section>',
        *(_tables(one) for one in outcome.results),
        _failed(outcome.failed),
        _made(outcome),
    ]
    return document(title, subtitle, LOOK, "\n".join(part for part in parts if part))


def _tables(results: ScoreResults) -> str:
    label = results.label[0].upper() + results.label[1:]
    rows = [[text(cell) for cell in line] for line in table_of(results)]
    drawn = table(label, HEADINGS, RIGHT, rows)
    return f'<section id="{text(results.name)}"><h2>{text(label)}</h2>{drawn}</section>'


def _failed(failed: Mapping[str, str]) -> str:
    if not failed:
        return ""
    lines = "".join(f"<li><code>{text(name)}</code>: {text(why, 1000)}</li>" for name, why in failed.items())
    return f'<section id="failed"><h2>Failed</h2><ul class="said">{lines}</ul></section>'


def _made(outcome: Outcome) -> str:
    data = outcome.data
    facts: list[tuple[str, Any]] = [
        ("real", f"{data['real']}, {data['pool'] + data['test_rows']:,} usable rows"),
        ("synthetic", f"{data['synthetic']}, {data['synthetic_rows']:,} usable rows"),
        ("left out", f"{data['left_out']:,} synthetic rows with the title of a test row"),
        ("learner", ", ".join(f"{name} {value}" for name, value in outcome.learner.items())),
        ("versions", ", ".join(f"{name} {version}" for name, version in outcome.versions.items())),
    ]
    lines = "".join(f"<dt>{text(name)}</dt><dd>{text(value, 1000)}</dd>" for name, value in facts)
    return (
        f'<section id="made"><h2>How this study was made</h2><pre>{text(outcome.command, 2000)}</pre>'
        "<p>The same command goes on where a study stopped, and gives the same models. results.json has "
        f"every number, cells.parquet every model.</p><dl>{lines}</dl></section>"
    )
