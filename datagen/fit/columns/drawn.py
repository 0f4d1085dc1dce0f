"""Columns that follow from nothing else: the entry of the profile that their values are drawn from."""

from __future__ import annotations

import calendar
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from statistics import NormalDist
from typing import Any

import numpy as np

from datagen.fit.columns.codes import Occupied, find_form
from datagen.fit.columns.observed import Observed
from datagen.fit.folding import Fold, at_most, rounded_all
from datagen.product.code_template import ALPHABETS, CodeTemplate
from datagen.product.distributions import Geometric, Poisson
from datagen.schemas.keyed import F64
from datagen.schemas.schema import DType

FEW_VALUES = 20
"""So many numbers or days at most are a choice; of more, the distribution is fitted."""

MOST_OPTIONS = 1_000
QUANTILES = (0, 1, 5, 10, 25, 50, 75, 90, 95, 99, 100)
LONG_TEXT = 80
"""Characters: longer texts on average are free text."""


@dataclass(frozen=True)
class Entry:
    """An entry of the section ``drawn``: its plain data, what it is in words, and what was folded."""

    dtype: DType
    values: dict[str, Any]
    words: str
    folded: str = ""


def fit_entry(column: Observed, fold: Fold) -> Entry | str:
    """What a column can be drawn from, its gaps too; for one that cannot be drawn, why not."""
    found, missing = _of_what_is_there(column, fold), fold.missing(column.texts)
    if isinstance(found, str) or not missing:
        return found
    return replace(found, values={**found.values, "missing": missing})


def _of_what_is_there(column: Observed, fold: Fold) -> Entry | str:
    if column.dtype == "bool":
        known = fold.of(np.asarray(column.texts.is_valid()))
        share = known.share(np.array([text == "true" for text in column.texts.drop_null().to_pylist()]))
        return Entry("bool", {"boolean": share}, f"true in {share:.0%} of the rows")
    if column.letters > LONG_TEXT:
        return "long text"
    frequent = fold.frequent(column.texts)
    present = column.rows - column.texts.null_count
    share = sum(frequent.values()) / max(1, present)
    days = _days(column)
    if column.is_number or days is not None:
        if frequent and share >= 0.98 and column.distinct <= FEW_VALUES:
            return _choice(column, frequent, fold)
        if days is not None:
            return _dates(column, days, fold)
        return _numbers(column, fold)
    if frequent and len(frequent) <= MOST_OPTIONS and share >= 0.5:
        return _choice(column, frequent, fold)
    template, alike = find_form(column.texts)
    if template and alike >= 0.95 and column.words < 1.5:
        return _template(column, template, fold)
    return f"{column.distinct:,} different texts, few of them in {fold.min_count} products"


def _choice(column: Observed, frequent: dict[str, int], fold: Fold) -> Entry:
    rare = column.distinct - len(frequent)
    folded = f"{at_most(rare, fold.min_count)} rare values" if rare else ""
    values: dict[str, Any] = {"choice": rounded_all(frequent, fold.min_count)}
    values_are = "one value" if len(frequent) == 1 else f"one of {len(frequent):,} values"
    return Entry(column.dtype, values, f"{values_are}, with their frequencies", folded)


def _days(column: Observed) -> list[date] | None:
    known = column.texts.drop_null().to_pylist()
    try:
        return [date.fromisoformat(text) for text in known] if column.dtype in ("date32", "string") else None
    except ValueError:
        return None


def _dates(column: Observed, days: list[date], fold: Fold) -> Entry | str:
    """All days of the months from the first to the last that several rows have."""
    known = np.asarray(column.texts.is_valid())
    if fold.many(known) < fold.min_count:
        return f"dates of fewer than {fold.min_count} products"
    low, high = fold.of(known).inner(np.array([float(day.toordinal()) for day in days]))
    first, last = date.fromordinal(int(low)).replace(day=1), date.fromordinal(int(high))
    last = last.replace(day=calendar.monthrange(last.year, last.month)[1])
    values: dict[str, Any] = {"date": {"from": first.isoformat(), "to": last.isoformat()}}
    return Entry(column.dtype, values, f"a day from {first} to {last}")


def _numbers(column: Observed, fold: Fold) -> Entry | str:
    known, min_count = fold.once(column.numbers), fold.min_count
    if fold.many(np.isfinite(column.numbers)) < 2 * min_count:
        return f"numbers of fewer than {2 * min_count} products"
    whole = column.dtype == "int64"
    if whole and column.distinct >= 0.98 * column.rows and column.letters >= 6 and known[0] > 0:
        return _ids(column)
    low, high, step = _bounds(*fold.inner(column.numbers), column.decimals)
    inside = known[(known >= low) & (known <= high)]
    values: dict[str, Any] = {"from": low, "to": high}
    if not whole:
        values["decimals"] = column.decimals
    name, parameters, distance = _nearest(inside, low, high, whole)
    fitted: Mapping[Any, float] = parameters
    if distance > 0.04 + 0.9 / math.sqrt(len(inside)):
        fitted = _quantiles(inside, low, high, step, min_count)
        name = "quantiles"
    if name != "uniform":
        values[name] = fitted
    words = f"{name.replace('_', '-')} numbers from {low:g} to {high:g}"
    kind = "integer" if whole else "float"
    if whole:
        values["from"], values["to"] = int(low), int(high)
    return Entry(column.dtype, {kind: values}, words)


def _ids(column: Observed) -> Entry:
    """Numbers that tell rows apart, such as a second code: as many digits, and none of the source's."""
    template = "#" * max(len(text) for text in column.counts)
    occupied = Occupied(template)
    occupied.add(column.texts)
    free = occupied.free("int64") or [[10 ** len(template), 10 ** (len(template) + 1) - 1]]
    low, high = max(free, key=lambda pair: pair[1] - pair[0])
    return Entry(
        "int64", {"integer": {"from": low, "to": high}}, "numbers that none of the source's rows has"
    )


def _bounds(low: float, high: float, decimals: int) -> tuple[float, float, float]:
    """Bounds that several products reach, rounded outwards so that they are no row's value, and the step."""
    spread = max(high - low, abs(high) * 1e-3, 10.0**-decimals)
    step = 10.0 ** (math.floor(math.log10(spread)) - 1)
    digits = max(0, -math.floor(math.log10(step)))
    first, last = math.floor(low / step) * step, math.ceil(high / step) * step
    return round(first, digits), round(last, digits), step


def _nearest(known: F64, low: float, high: float, whole: bool) -> tuple[str, dict[str, float], float]:
    """The distribution nearest to some sorted numbers: its name, parameters, Kolmogorov's distance."""
    mean, sd = float(known.mean()), float(known.std())
    tried: list[tuple[str, dict[str, float], F64]] = [("uniform", {}, (known - low) / max(high - low, 1e-12))]
    if sd > 0:
        normal = NormalDist(mean, sd)
        tried.append(
            ("normal", {"mean": _short(mean), "sd": _short(sd)}, np.array([normal.cdf(x) for x in known]))
        )
    if known[0] > 0 and sd > 0:
        logs = np.log(known)
        bell = NormalDist(float(logs.mean()), max(float(logs.std()), 1e-9))
        parameters = {"median": _short(math.exp(bell.mean)), "sigma": _short(bell.stdev)}
        tried.append(("log_normal", parameters, np.array([bell.cdf(x) for x in logs])))
    if whole and low >= 0 and 0 < mean < 1000:
        poisson, geometric = Poisson(mean=mean), Geometric(mean=mean)
        tried.append(("poisson", {"mean": _short(mean)}, np.array([poisson.below(x) for x in known])))
        tried.append(("geometric", {"mean": _short(mean)}, np.array([geometric.below(x) for x in known])))
    values, first, counts = np.unique(known, return_index=True, return_counts=True)
    upto = (first + counts) / len(known)
    distances = []
    for name, _, below in tried:
        at = below[first]
        # Where many rows share a value, a continuous distribution is compared half-way up its step.
        steps = upto if name in ("poisson", "geometric") else upto - counts / len(known) / 2
        distances.append(float(np.max(np.abs(at - steps))) if len(values) else 1.0)
    best = int(np.argmin(distances))
    return tried[best][0], tried[best][1], distances[best]


def _quantiles(known: F64, low: float, high: float, step: float, min_count: int) -> dict[int, float]:
    """Quantiles that several products lie beyond, rounded to a tenth of the spread's leading digit."""
    enough = 100 * min_count / len(known)
    digits = max(0, -math.floor(math.log10(step))) + 1
    kept = [percent for percent in QUANTILES if enough <= percent <= 100 - enough]
    values = [round(float(np.percentile(known, percent)) / step) * step for percent in kept]
    table = {0: low, **{p: round(v, digits) for p, v in zip(kept, values, strict=True)}, 100: high}
    rising = np.maximum.accumulate(list(table.values())).clip(low, high)
    return {percent: float(value) for percent, value in zip(table, rising, strict=True)}


def _short(value: float) -> float:
    return float(f"{value:.3g}")


def _template(column: Observed, template: str, fold: Fold) -> Entry:
    """A template of texts that no row has: its first signs are fixed to what no row begins with."""
    form = CodeTemplate(template)
    occupied = Occupied(template)
    occupied.add(column.texts)
    fixed = _free_start(form, occupied.free("string", fewest=1))
    parts = form.parts if fixed is not None else [("", ALPHABETS["#"]), *form.parts]
    following = iter(fixed or "")
    signs, words, written = {alphabet: sign for sign, alphabet in ALPHABETS.items()}, {}, ""
    for literal, alphabet in parts:
        character = next(following, "") if alphabet else literal
        if character:
            written += "".join("\\" + c if c in "\\#?{}" else c for c in character)
        elif signs[alphabet] in "#?":
            written += signs[alphabet]
        else:
            name = {"%": "hex", "&": "HEX", "!": "letter", "~": "sign", "*": "SIGN"}[signs[alphabet]]
            words[name] = list(alphabet)
            written += "{" + name + "}"
    values: dict[str, Any] = {"text": {"template": written, **({"words": words} if words else {})}}
    return Entry("string", values, f"texts like {template}, none of the source's")


def _free_start(form: CodeTemplate, ranges: list[list[int]]) -> str | None:
    """The first characters (at signs) of a stretch of numbers that is free; None where there is none."""
    rest = form.space
    for fixed, alphabet in enumerate(form.alphabets[: form.counted]):
        rest //= len(alphabet)
        for low, high in ranges:
            first = -(-low // rest)
            if (first + 1) * rest - 1 <= high:
                characters: list[str] = []
                for each in reversed(form.alphabets[: fixed + 1]):
                    first, digit = divmod(first, len(each))
                    characters.insert(0, each[digit])
                return "".join(characters)
    return None
