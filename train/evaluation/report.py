"""Evaluations as text: report.md next to the figures, and the same tables for a terminal.

Everything here is a pure function of the contents of scores.json (``evaluate.py``), so that reports can be
rewritten whenever another evaluation of the same rows is added to the table. Labels, units and order come
from the table in scores.py; a score that an older scores.json lacks is shown as a dash.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from datagen.schemas.markdown import escape
from datagen.schemas.markdown import table as markdown_table
from datagen.schemas.text import count
from datagen.train.evaluation.scores import Score, named
from datagen.train.terminal import Table

Record = Mapping[str, Any]
"""The contents of a scores.json."""

MOST_CATEGORIES = 40
MOST_LETTERS = 2000
"""Of one answer in report.md; more is cut."""

SHOWN = {"shuffled-neighbours": "shuffled neighbours"}
"""What was shown, in words, if it was not the rows' own; otherwise it is a kind of pictures."""

NOTHING = "–"
NEIGHBOURS_MATTER = "Do the neighbours matter?"
UNKNOWN: Mapping[str, None] = {"value": None, "low": None, "high": None}

ABOUT_INTERVALS = (
    "In brackets: 95 % bootstrap intervals over title families, since rows of one family share a title and "
    "a price. A difference is unclear if its interval includes 0. The mean absolute error and Spearman are "
    "over the prices that were answered, everything else is over all rows."
)


def scores_table(record: Record, others: Sequence[Record] = (), most_letters: int = 1000) -> Table:
    """An evaluation, others of the same rows, and the baselines: a column for each, a line for each score.

    If the table is wider than ``most_letters`` with intervals, it comes without them.
    """
    columns = [(one["label"], one["scores"]) for one in (record, *others)]
    columns += [(name, baseline["scores"]) for name, baseline in record["baselines"].items()]
    scores = named(record["scores"])
    headings = ["", *(label for label, _ in columns)]
    rows = [
        [score.label, *(estimate(score, found.get(score.name, UNKNOWN)) for _, found in columns)]
        for score in scores
    ]
    widths = [max(map(len, column)) for column in zip(headings, *rows, strict=True)]
    if sum(widths) + 3 * len(widths) + 1 <= most_letters:
        return Table("Scores", headings, rows, len(columns))
    rows = [
        [score.label, *(value_text(score, found.get(score.name, UNKNOWN)["value"]) for _, found in columns)]
        for score in scores
    ]
    return Table("Scores (intervals in report.md)", headings, rows, len(columns))


def difference_table(first: Record, second: Record, differences: Mapping[str, Any]) -> Table:
    """Two evaluations of the same rows, and the difference of the second from the first."""
    both = [record["label"] for record in (first, second)]
    if first["run"] != second["run"]:
        both = [f"{record['run']}/{record['label']}" for record in (first, second)]
    rows = []
    for score in named(differences):
        one, other = (
            value_text(score, record["scores"].get(score.name, UNKNOWN)["value"])
            for record in (first, second)
        )
        found = differences[score.name]
        rows.append([score.label, one, other, difference(score, found), verdict(score, found)])
    return Table("Difference", ["", *both, "difference", ""], rows, 4)


def category_table(record: Record, most: int = MOST_CATEGORIES) -> Table:
    """The scores of the ``most`` frequent categories."""
    present = {name for one in record["by_category"] for name in one}
    scores = [score for score in named(present) if score.by_category]
    largest = record["by_category"][:most]
    rows = [
        [one["category"], f"{one['rows']:,}", *(value_text(score, one.get(score.name)) for score in scores)]
        for one in largest
    ]
    rest = len(record["by_category"]) - len(largest)
    title = "By category" + (f" (the largest {len(largest)}; {rest} more in scores.json)" if rest else "")
    headings = ["category", "rows", *(score.label for score in scores)]
    return Table(title, headings, rows, len(scores) + 1)


def report(record: Record, others: Sequence[Record]) -> str:
    """report.md: what was evaluated, the scores next to those of others, each category, and some answers."""
    said = f"{record['run']}: {record['label']}, evaluated on the {record['data']['name']}"
    lines = [f"# {escape(said, MOST_LETTERS)}", ""]
    lines += [*about(record), "", markdown(scores_table(record, others)), "", ABOUT_INTERVALS, ""]
    if not any(one["which"] == "base" for one in (record, *others)):
        lines += ["`datagen evaluate RUN --which base` adds the model before training to the table.", ""]
    for name, against in record["differences"].items():
        table = difference_table(against, record, against["differences"])
        said = escape(heading(name, record, against), MOST_LETTERS)
        lines += [f"## {said}", "", escape(sentence(record, against), MOST_LETTERS), ""]
        lines += [markdown(table), ""]
    if record["by_category"]:
        table = category_table(record)
        lines += [f"## {table.title}", "", markdown(table), ""]
    if record["samples"]:
        lines += ["## Sample answers", ""]
        rows = [[one["truth"], one["answer"]] for one in record["samples"]]
        lines += [markdown(Table("", ["truth", "answer"], rows)), ""]
    return "\n".join(lines)


def about(record: Record) -> list[str]:
    """A few sentences about the rows and the answers."""
    data = record["data"]
    rows, families = count(record["rows"], "row"), count(record["families"], "title family")
    lines = [
        f"{rows} in {families}, {record['prices']:,} of them "
        f"with a price ({record['priced']:,} answered with one). Answers are generated greedily, at most "
        f"{record['generation']['max_new_tokens']} new tokens; the model never sees the right ones."
    ]
    if record["images"] == "shuffled":
        lines.append("Every row was shown with a picture from another title family.")
    if record["images"] == "blank":
        lines.append("Every row was shown with a blank picture.")
    lines += _about_neighbours(record)
    if data["unreadable"]:
        lines.append(f"{data['unreadable']:,} rows are left out because their pictures cannot be read.")
    if data["known_titles"]:
        lines.append(
            f"Warning: the titles of {data['known_titles']:,} of these rows occur in the training rows."
        )
    if record["baselines"]:
        lines.append(
            "majority: always the most frequent category with its most frequent title and median price; "
            "nearest: the training row whose picture is most similar in colours and edges; both use "
            f"{data['training_rows']:,} training rows."
        )
    return lines


def in_words(images: str) -> str:
    """What the rows were shown with: "shuffled pictures"."""
    return SHOWN.get(images, f"{images} pictures")


def _about_neighbours(record: Record) -> list[str]:
    """Sentences about the products that stood in the prompts."""
    of = record.get("retrieval")
    if not of:
        return []
    known = {"category": "the right category", "price_within_20": "a price within 20 % of the right one"}
    could = [
        f"{100 * of['recall'][name]['value']:.1f} % of the rows {words}"
        for name, words in known.items()
        if name in of["recall"]
    ]
    whose = " of another row" if record["images"] == "shuffled-neighbours" else ""
    return [
        f"Every prompt holds the answers of the {count(of['k'], 'product')}{whose} whose pictures are "
        f"nearest, of {of['products']:,} in {of['index']}, none of them of a title family that is held out"
        + (f"; in {' and in '.join(could)} is among them." if could else ".")
    ]


def heading(name: str, record: Record, against: Record) -> str:
    """The heading above a difference."""
    if name == "own":
        shuffled = record["images"] in SHOWN
        return NEIGHBOURS_MATTER if shuffled else "Does the picture matter?"
    if _is_of_neighbours(record, against):
        return NEIGHBOURS_MATTER
    return f"{record['run']} against {against['run']}"


def sentence(record: Record, against: Record) -> str:
    """The difference in the leading scores, in words."""
    phrases = []
    leading = [score for score in named(against["differences"]) if score.lead]
    for score in sorted(leading, key=lambda score: score.lead):
        found = against["differences"][score.name]
        amount, outcome = difference(score, found), verdict(score, found)
        if record["images"] == "own":
            phrases.append(f"{score.label} {amount}, {outcome}")
        elif outcome == "worse":
            phrases.append(f"{score.label} falls by {difference(score, _negated(found), sign='')}")
        else:
            phrases.append(f"{score.label} does not clearly fall: {amount}")
    if not phrases:
        return ""
    if _is_of_neighbours(record, against):
        mine, others = _both_neighbours(record, against)
        change = f"{count(mine, 'neighbour')} in the prompt instead of none" if mine else ""
        change = change or f"no neighbours in the prompt instead of {others}"
        return f"With {change}, on {count(against['rows'], 'row')}: {'; '.join(phrases)}."
    if record["images"] == "own":
        return f"Compared with {against['run']}, on {count(against['rows'], 'row')}: {'; '.join(phrases)}."
    return f"With {in_words(record['images'])}, {'; '.join(phrases)}."


def _both_neighbours(record: Record, against: Record) -> tuple[int, int]:
    """How many neighbours an evaluation has, and the one that it is compared with."""
    return int((record.get("retrieval") or {}).get("k", 0)), int(against.get("neighbours") or 0)


def _is_of_neighbours(record: Record, against: Record) -> bool:
    """Whether a difference is that between neighbours in the prompt and none, of the same model."""
    mine, others = _both_neighbours(record, against)
    return record["images"] == "own" and record["run"] == against["run"] and bool(mine) != bool(others)


def estimate(score: Score, found: Mapping[str, float | None]) -> str:
    """A score with its interval."""
    if found["low"] is None or found["high"] is None:
        return value_text(score, found["value"])
    low, high = (value_text(score, found[end], unit=False) for end in ("low", "high"))
    return f"{value_text(score, found['value'])} ({low} to {high})"


def difference(score: Score, found: Mapping[str, float | None], sign: str = "+") -> str:
    """A difference with its interval; shares in percentage points."""
    if found["value"] is None:
        return NOTHING
    unit = " points" if score.unit == "share" else ""
    value, low, high = (_signed(score, found[end], sign) for end in ("value", "low", "high"))
    return f"{value}{unit}" + ("" if found["low"] is None else f" ({low} to {high})")


def verdict(score: Score, found: Mapping[str, float | None]) -> str:
    """Whether a difference, given its interval, makes the second evaluation better or worse."""
    low, high = found["low"], found["high"]
    if low is None or high is None:
        return NOTHING
    if low <= 0 <= high:
        return "the same" if low == high == 0 else "unclear"
    return "better" if (low > 0) != score.lower_is_better else "worse"


def value_text(score: Score, value: float | None, unit: bool = True) -> str:
    """A score as text: shares in percent."""
    if value is None:
        return NOTHING
    if score.unit == "currency":
        return f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.2f}"
    if score.unit == "correlation":
        return f"{value:.2f}"
    return f"{100 * value:,.1f}" + (" %" if unit else "")


def markdown(table: Table) -> str:
    """A table of a report as Markdown; whatever a title or an answer holds is only text."""
    first = len(table.headings) - table.figures
    cells = [[escape(cell, MOST_LETTERS) for cell in line] for line in [table.headings, *table.rows]]
    return markdown_table(cells[0], cells[1:], right_aligned=range(first, len(table.headings)))


def _signed(score: Score, value: float | None, sign: str) -> str:
    text = value_text(score, value, unit=False)
    return text if value is None or value < 0 else sign + text


def _negated(found: Mapping[str, float | None]) -> dict[str, float | None]:
    low, high = found["low"], found["high"]
    value = found["value"]
    return {
        "value": None if value is None else -value,
        "low": None if high is None else -high,
        "high": None if low is None else -low,
    }
