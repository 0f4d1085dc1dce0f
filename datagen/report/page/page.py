"""The page of a report: one HTML file that loads nothing and runs nothing.

Every text is escaped where it is put in; titles and names of columns are anybody's.
"""

from __future__ import annotations

import math

from datagen.report.document import Report, Side
from datagen.report.figures import REFERENCES, ContactSheet, Figure, Picture, Section, Table
from datagen.report.page.scale import mark, scale
from datagen.report.page.wording import SIGNS, cell_number, interval, number, wanted
from datagen.schemas.pages.document import document, table, text
from datagen.schemas.pages.template import data_address, part
from datagen.schemas.text import count

MOST_ROWS_SHOWN = 40
"""Of one table; report.json has the rest."""
MOST_AT_A_GLANCE = 4

LEGEND = {
    "other half": "one half of the real rows against the other: the best that can be reached",
    "resample": "real rows drawn again: what a copier scores",
    "shuffled": "real columns shuffled apart: the worst",
    "chance": "what guessing gives",
}


def page(report: Report) -> str:
    """The page as text. The same report gives the same bytes."""
    synthetic, real = report.synthetic, report.real
    summary = f"{_summary(report.sections)}{_legend()}"
    sections = "\n".join(_section(section) for section in report.sections)
    body = (
        f'<section id="summary" aria-label="Summary">\n{summary}\n</section>\n{sections}\n'
        f'<section id="made">\n<h2>How this report was made</h2>\n{_made(report)}\n</section>'
    )
    title = f"How close {synthetic.name} is to {real.name}"
    return document(title, _subtitle(report), part("report.page", "report.css"), body)


def _subtitle(report: Report) -> str:
    sides = [f"{_of(report.synthetic)} synthetic", f"{_of(report.real)} real"]
    if report.holdout:
        sides.append(f"{_of(report.holdout)} held out")
    judged = len(report.judged)
    verdict = (
        f"{len(report.passed)} of {count(judged, 'judged figure')} pass" if judged else "nothing was judged"
    )
    return f"{', '.join(sides)}; {verdict}."


def _of(side: Side) -> str:
    rows = count(side.rows, "row")
    return rows if side.compared == side.rows else f"{side.compared:,} of {rows}"


# The first screen


def _summary(sections: tuple[Section, ...]) -> str:
    """A line for each section: its verdict, and its headline among its references."""
    return f'<ul class="rows">{"".join(_headline(section) for section in sections)}</ul>'


def _headline(section: Section) -> str:
    link = f'<a href="#{text(section.name)}">{text(section.title)}</a>'
    first = section.headline
    if first is None or section.not_computed:
        why = (
            f"Not computed, because {section.not_computed}."
            if section.not_computed
            else _at_a_glance(section)
        )
        name = f'<div class="name">{link}{_verdict(section.verdict)}</div>'
        return f'<li class="row plain">{name}<p class="about">{text(why)}</p></li>'
    about = f'<span class="quiet">{text(first.name)}</span>'
    return _row(first, f"{link}{_verdict(section.verdict)}{about}")


def _at_a_glance(section: Section) -> str:
    """The first lines of a section without figures."""
    if not section.tables:
        return section.about
    first = section.tables[0]
    return f"{first.title}: {', '.join(str(row[0]) for row in first.rows[:MOST_AT_A_GLANCE]) or 'none'}."


def _verdict(verdict: str) -> str:
    return f'<span class="verdict {verdict}">{SIGNS[verdict]}</span>'


def _row(figure: Figure, name: str, about: str = "") -> str:
    """A figure: its name, the number with interval and threshold, and the scale with its references."""
    if figure.value is None or not math.isfinite(figure.value):
        reason = f"Not computed, because {figure.not_computed}." if figure.not_computed else "Not computed."
        return (
            f'<li class="row plain"><div class="name">{name}</div>'
            f'<p class="about">{text(reason)}{" " * bool(about)}{text(about, 1000)}</p></li>'
        )
    details = [
        f"{interval(figure)} (95 %)" if interval(figure) else "",
        f"wanted: {wanted(figure)}" if wanted(figure) else "",
    ]
    amount = f'<b class="number">{number(figure.value)}</b>'
    amount += "".join(f"<span>{text(each)}</span>" for each in details if each)
    order = [*REFERENCES, *(name for name in figure.references if name not in REFERENCES)]
    marks = "".join(
        f"<li>{mark(each)}<span>{text(each)}</span> {_like(figure, figure.references[each])}</li>"
        for each in order
        if each in figure.references
    )
    drawn = f'{scale(figure)}<ul class="marks">{marks}</ul>' if marks else scale(figure)
    below = f'<p class="about">{text(about, 1000)}</p>' if about else ""
    return (
        f'<li class="row"><div class="name">{name}</div><div class="amount">{amount}</div>'
        f'<div class="drawn">{drawn}</div>{below}</li>'
    )


def _like(figure: Figure, value: float) -> str:
    """A reference, as a count where the figure is one."""
    return number(int(value) if isinstance(figure.value, int) and value == int(value) else value)


def _legend() -> str:
    value = (
        '<svg class="glyph" width="14" height="16" viewBox="-7 -8 14 16" aria-hidden="true">'
        '<circle class="value" r="5.5"/></svg>'
    )
    lines = [f"<li>{value}the synthetic rows, with their 95 % interval</li>"]
    lines += [f"<li>{mark(name)}{text(name)}: {text(about)}</li>" for name, about in LEGEND.items()]
    lines.append("<li>dashed line: the threshold; shaded: the side that passes</li>")
    return f'<ul class="legend">{"".join(lines)}</ul>'


# Sections


def _section(section: Section) -> str:
    parts = [f"<h2>{text(section.title)} {_verdict(section.verdict)}</h2>"]
    if section.about:
        parts.append(f"<p>{text(section.about, 2000)}</p>")
    if section.not_computed:
        parts.append(f"<p>Not computed, because {text(section.not_computed, 1000)}.</p>")
    if section.figures:
        rows = [
            _row(figure, f"<b>{text(figure.name)}</b>{_judged(figure)}", figure.about)
            for figure in section.figures
        ]
        parts.append(f'<ul class="rows">{"".join(rows)}</ul>')
    parts += [_sheet(sheet) for sheet in section.sheets]
    parts += [_table(table) for table in section.tables]
    if section.left_out:
        parts.append(_left_out(section.left_out))
    return f'<section id="{text(section.name)}">{"".join(parts)}</section>'


def _judged(figure: Figure) -> str:
    """The verdict of a figure that has a threshold."""
    return _verdict(figure.verdict) if figure.verdict != "none" else ""


def _left_out(sentences: tuple[str, ...]) -> str:
    lines = "".join(f"<li>{text(sentence, 1000)}</li>" for sentence in sentences)
    return f'<div class="left-out"><b>Left out</b><ul>{lines}</ul></div>'


def _table(each: Table) -> str:
    right = [
        all(not isinstance(row[at], str) for row in each.rows if at < len(row))
        for at in range(len(each.columns))
    ]
    rows = [[_cell(cell) for cell in row] for row in each.rows[:MOST_ROWS_SHOWN]]
    more = len(each.rows) - MOST_ROWS_SHOWN
    below = f'<p class="quiet">{count(more, "more row")} in report.json.</p>' if more > 0 else ""
    about = f'<p class="about">{text(each.about, 1000)}</p>' if each.about else ""
    return f"<h3>{text(each.title)}</h3>{about}{table(each.title, each.columns, right, rows)}{below}"


def _cell(cell: str | float | None) -> str:
    return text(cell) if isinstance(cell, str) else cell_number(cell)


def _sheet(sheet: ContactSheet) -> str:
    shown = "".join(
        f"<figure><figcaption>{name}</figcaption>{_pictures(side)}</figure>"
        for name, side in (("Real", sheet.real), ("Synthetic", sheet.synthetic))
        if side
    )
    about = f'<p class="about">{text(sheet.about, 1000)}</p>' if sheet.about else ""
    return f'<h3>{text(sheet.title)}</h3>{about}<div class="sheets">{shown}</div>'


def _pictures(pictures: tuple[Picture, ...]) -> str:
    return f'<div class="pictures">{"".join(map(_picture, pictures))}</div>'


def _picture(picture: Picture) -> str:
    caption = text(picture.caption, 120)
    return (
        f'<img src="{data_address(picture.jpeg)}" width="{picture.width}" height="{picture.height}" '
        f'alt="{caption}" title="{caption}">'
    )


def _made(report: Report) -> str:
    sides = [("real", report.real), ("synthetic", report.synthetic)]
    if report.holdout:
        sides.append(("holdout", report.holdout))
    facts = [
        (name, f"{text(side.name)}, {_of(side)}, manifest SHA-256 <code>{text(side.sha256)}</code>")
        for name, side in sides
    ]
    facts.append(("seed", f"{report.seed}"))
    facts.append(
        ("versions", text(", ".join(f"{name} {version}" for name, version in report.versions.items())))
    )
    lines = "".join(f"<dt>{name}</dt><dd>{value}</dd>" for name, value in facts)
    left_out = _left_out(report.left_out) if report.left_out else ""
    return (
        f"<pre>{text(report.command, 2000)}</pre><p>The same command and versions give the same bytes of "
        f"this page and of report.json, which has every number.</p><dl>{lines}</dl>{left_out}"
    )
