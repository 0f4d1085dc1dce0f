"""Evaluations for a person: report.md beside the figures, and the same tables for a terminal.

Everything here is a pure function of what scores.json holds (``evaluate.py``), so that reports can be written
anew whenever another evaluation of the same rows comes to stand beside them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from datagen.train.terminal import Shown

Record = Mapping[str, Any]
"""What scores.json holds."""

LABELS = {
    "unparsable": "answers that cannot be read",
    "title_exact": "title exact",
    "title_token_f1": "title token F1",
    "title_rouge_l": "title ROUGE-L",
    "category_accuracy": "category accuracy",
    "category_macro_f1": "category macro-F1",
    "price_within_20": "price within 20 %",
    "price_median_ape": "price median error",
    "price_mae": "price mean absolute error",
    "price_spearman": "price Spearman",
}
PLAIN = frozenset({"price_mae", "price_spearman"})
"""Scores that are no shares."""
LOWER_IS_BETTER = frozenset({"unparsable", "price_mae", "price_median_ape"})
OF_CATEGORIES = ("title_exact", "recall", "precision", "price_within_20", "price_median_ape")
OF_CATEGORY_LABELS = {**LABELS, "recall": "category recall", "precision": "category precision"}
MOST_CATEGORIES = 40
NOTHING = "–"

ABOUT_INTERVALS = (
    "In brackets: 95 % bootstrap intervals over title families, since rows of one family share a title and "
    "a price. A difference is unclear where its interval holds 0. The mean absolute error and Spearman "
    "are over the prices that were answered, all else over all rows."
)


def scores_table(record: Record, beside: Sequence[Record] = (), most_letters: int = 1000) -> Shown:
    """An evaluation, others of the same rows, and the baselines: one column each, one line a score.

    A table with intervals that is wider than ``most_letters`` comes without them.
    """
    answerers = [(one["label"], one["scores"]) for one in (record, *beside)]
    answerers += [(name, found["scores"]) for name, found in record["baselines"].items()]
    known = [name for name in LABELS if name in record["scores"]]
    headings = ["", *(label for label, _ in answerers)]
    rows = [[LABELS[name], *(estimate(name, scores[name]) for _, scores in answerers)] for name in known]
    widths = [max(map(len, column)) for column in zip(headings, *rows, strict=True)]
    if sum(widths) + 3 * len(widths) + 1 <= most_letters:
        return Shown("Scores", headings, rows, len(answerers))
    rows = [
        [LABELS[name], *(value_text(name, scores[name]["value"]) for _, scores in answerers)]
        for name in known
    ]
    return Shown("Scores (intervals in report.md)", headings, rows, len(answerers))


def difference_table(first: Record, second: Record, differences: Mapping[str, Any]) -> Shown:
    """Two evaluations of the same rows, and what the second has over the first."""
    both = [record["label"] for record in (first, second)]
    if first["run"] != second["run"]:
        both = [f"{record['run']}/{record['label']}" for record in (first, second)]
    rows = []
    for name in (name for name in LABELS if name in differences):
        one, other = (value_text(name, record["scores"][name]["value"]) for record in (first, second))
        rows.append(
            [LABELS[name], one, other, difference(name, differences[name]), verdict(name, differences)]
        )
    return Shown("Difference", ["", *both, "difference", ""], rows, 4)


def category_table(record: Record, most: int = MOST_CATEGORIES) -> Shown:
    """The scores of the ``most`` frequent categories."""
    known = [name for name in OF_CATEGORIES if any(name in one for one in record["by_category"])]
    shown = record["by_category"][:most]
    rows = [
        [one["category"], f"{one['rows']:,}", *(value_text(name, one[name]) for name in known)]
        for one in shown
    ]
    rest = len(record["by_category"]) - len(shown)
    title = "By category" + (f" (the largest {len(shown)}; {rest} more in scores.json)" if rest else "")
    return Shown(
        title, ["category", "rows", *(OF_CATEGORY_LABELS[name] for name in known)], rows, len(known) + 1
    )


def report(record: Record, beside: Sequence[Record]) -> str:
    """report.md: what was evaluated, the scores beside others', each category, and some answers."""
    lines = [f"# {record['run']}: {record['label']}, evaluated on the {record['data']['name']}", ""]
    lines += [*about(record), "", *markdown(scores_table(record, beside)), "", ABOUT_INTERVALS, ""]
    if not any(one["which"] == "base" for one in (record, *beside)):
        lines += ["`datagen evaluate RUN --which base` adds the model before training to the table.", ""]
    for name, against in record["differences"].items():
        table = difference_table(against, record, against["differences"])
        lines += [f"## {heading(name, record, against)}", "", sentence(record, against), ""]
        lines += [*markdown(table), ""]
    if record["by_category"]:
        table = category_table(record)
        lines += [f"## {table.title}", "", *markdown(table), ""]
    if record["samples"]:
        lines += ["## Some answers", ""]
        rows = [[one["truth"], one["answer"]] for one in record["samples"]]
        lines += [*markdown(Shown("", ["truth", "answer"], rows)), ""]
    return "\n".join(lines)


def about(record: Record) -> list[str]:
    """A few sentences on the rows and the answers."""
    data = record["data"]
    lines = [
        f"{record['rows']:,} rows in {record['families']:,} title families, {record['prices']:,} of them "
        f"with a price ({record['priced']:,} answered with one). Answers by generation, greedy, at most "
        f"{record['generation']['max_new_tokens']} new tokens; none was shown to the model."
    ]
    if record["images"] == "shuffled":
        lines.append("Every row was shown the picture of another title family.")
    if record["images"] == "blank":
        lines.append("Every row was shown a blank picture.")
    if data["unreadable"]:
        lines.append(f"{data['unreadable']:,} rows without a picture that can be read are left out.")
    if data["known_titles"]:
        lines.append(f"Beware: the titles of {data['known_titles']:,} of these rows were trained on.")
    if record["baselines"]:
        lines.append(
            "majority: always the most frequent category's most frequent title and median price; nearest: "
            "the training row whose picture is most similar in colours and edges; both know "
            f"{data['training_rows']:,} training rows."
        )
    return lines


def heading(name: str, record: Record, against: Record) -> str:
    """The heading above a difference."""
    return "Does the picture matter?" if name == "own" else f"{record['run']} against {against['run']}"


def sentence(record: Record, against: Record) -> str:
    """The difference in the leading scores, in words."""
    differences = against["differences"]
    told = []
    for name in (name for name in LEADING if name in differences):
        amount, held = difference(name, differences[name]), verdict(name, differences)
        if record["images"] == "own":
            told.append(f"{LABELS[name]} {amount}, {held}")
        elif held == "worse":
            told.append(f"{LABELS[name]} falls by {difference(name, _turned(differences[name]), sign='')}")
        else:
            told.append(f"{LABELS[name]} does not fall for certain: {amount}")
    if not told:
        return ""
    if record["images"] == "own":
        return f"Over {against['run']}, on {against['rows']:,} rows: {'; '.join(told)}."
    return f"With {record['images']} pictures, {'; '.join(told)}."


LEADING = ("category_accuracy", "title_exact", "price_within_20")
"""Scores where more is better, told in words."""


def estimate(name: str, found: Mapping[str, float | None]) -> str:
    """A score with its interval."""
    if found["low"] is None or found["high"] is None:
        return value_text(name, found["value"])
    low, high = (value_text(name, found[end], unit=False) for end in ("low", "high"))
    return f"{value_text(name, found['value'])} ({low} to {high})"


def difference(name: str, found: Mapping[str, float | None], sign: str = "+") -> str:
    """A difference with its interval; shares in percentage points."""
    if found["value"] is None:
        return NOTHING
    unit = "" if name in PLAIN else " points"
    value, low, high = (_signed(name, found[end], sign) for end in ("value", "low", "high"))
    return f"{value}{unit}" + ("" if found["low"] is None else f" ({low} to {high})")


def verdict(name: str, differences: Mapping[str, Any]) -> str:
    """Whether the second is better or worse for certain."""
    low, high = differences[name]["low"], differences[name]["high"]
    if low is None or high is None:
        return NOTHING
    if low <= 0 <= high:
        return "the same" if low == high == 0 else "unclear"
    return "better" if (low > 0) != (name in LOWER_IS_BETTER) else "worse"


def value_text(name: str, value: float | None, unit: bool = True) -> str:
    """A score for a person: shares in percent."""
    if value is None:
        return NOTHING
    if name == "price_mae":
        return f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.2f}"
    if name in PLAIN:
        return f"{value:.2f}"
    return f"{100 * value:,.1f}" + (" %" if unit else "")


def markdown(table: Shown) -> list[str]:
    """The lines of a Markdown table."""
    align = ["---"] * (len(table.headings) - table.figures) + ["---:"] * table.figures
    lines = [table.headings, align, *table.rows]
    return ["| " + " | ".join(_cell(cell) for cell in line) + " |" for line in lines]


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;")


def _signed(name: str, value: float | None, sign: str) -> str:
    text = value_text(name, value, unit=False)
    return text if value is None or value < 0 else sign + text


def _turned(found: Mapping[str, float | None]) -> dict[str, float | None]:
    low, high = found["low"], found["high"]
    value = found["value"]
    return {
        "value": None if value is None else -value,
        "low": None if high is None else -high,
        "high": None if low is None else -low,
    }
