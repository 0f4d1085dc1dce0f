"""Codes: their form, found from examples, and numbers that no code of the source has.

Made codes cannot meet those of the source, since they come from stretches of numbers in which the source has
none. Stretches begin and end on round numbers, so that their ends tell of no code.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from datagen.product.code_template import ALPHABETS, LONGEST_TEMPLATE, CodeTemplate, code_template, escaped
from datagen.schemas.schema import DType

EXAMPLES = 5_000
"""Codes that the form is found from."""

MOST_CELLS = 1_000_000
"""Equal parts that the space of numbers is divided into, to note which of them have a code."""

FEWEST_CODES = 2_000_000
"""A made catalogue must have room; where the source's form leaves less, codes get one digit more."""

MOST_RANGES = 16


@dataclass(frozen=True)
class CodeForm:
    """What codes look like: a template, the share of codes of that form, and the ranges of free numbers."""

    template: str
    share: float
    ranges: list[list[int]] = field(default_factory=list)
    longer: bool = False

    def section(self, source: str) -> dict[str, Any]:
        """The section ``codes`` of a profile."""
        lines = {"free": {"share": 1, "ranges": self.ranges}}
        before, digits, after = _plain(self.template)
        if digits:
            shown = {"prefix": before, "digits": digits, "suffix": after}
            return {**{k: v for k, v in shown.items() if v}, "lines": lines, "source": source}
        return {"template": self.template, "lines": lines, "source": source}

    def pattern(self) -> str:
        """The regular expression of the schema's column."""
        return "^" + code_template(self.template).pattern + "$"


def find_form(codes: pa.Array) -> tuple[str, float]:
    """The template of most codes, and its share of them; ("", 0) where no form has a tenth of them."""
    some = codes.drop_null()[:EXAMPLES].to_pylist()
    shapes = Counter(_shape(code) for code in some)
    if not shapes:
        return "", 0.0
    (shape, count) = max(shapes.items(), key=lambda each: (each[1], each[0]))
    if count < 0.1 * len(some) or len(shape) > LONGEST_TEMPLATE // 2:
        return "", 0.0
    alike = [code for code in some if _shape(code) == shape]
    template = "".join(_sign(Counter(code[at] for code in alike)) for at in range(len(shape)))
    try:
        numbers = CodeTemplate(template).numbers(pa.array(some))
    except ValueError:
        return "", 0.0
    return template, float((numbers >= 0).mean())


def _shape(code: str) -> str:
    """Which characters are digits, letters or something else: codes of one shape may have one template."""
    if all(each in "0123456789abcdef-" for each in code) and len(code) >= 24:
        return "".join("-" if each == "-" else "x" for each in code)
    mixed = any(
        a.isdigit() and b.isalpha() and c.isdigit() for a, b, c in zip(code, code[1:], code[2:], strict=False)
    )
    return "".join("x" if mixed and each.isalnum() else _kind(each) for each in code)


def _kind(character: str) -> str:
    if character.isdigit():
        return "9"
    return ("A" if character.isupper() else "a") if character.isalpha() else character


def _sign(characters: Counter[str]) -> str:
    """What stands for one place of the codes: itself, or the sign of the narrowest alphabet.

    Characters of fewer than five codes, and of a fiftieth of them at most, do not count: a template must not
    tell of a single code.
    """
    codes = characters.total()
    seen = {each for each, count in characters.items() if count >= min(5, 0.02 * codes)}
    if len(seen) == 1 and codes > 1:
        return escaped(next(iter(seen)))
    for sign, alphabet in ALPHABETS.items():
        if seen <= set(alphabet):
            return sign
    return escaped(characters.most_common(1)[0][0])


def _plain(template: str) -> tuple[str, int, str]:
    """Prefix, digits, suffix, where a template is just that; otherwise no digits."""
    signs = [bool(alphabet) for _, alphabet in CodeTemplate(template).parts]
    parts = CodeTemplate(template).parts
    first, last = signs.index(True), len(signs) - signs[::-1].index(True)
    if not all(signs[first:last]) or any(alphabet != ALPHABETS["#"] for _, alphabet in parts[first:last]):
        return "", 0, ""
    digits = last - first
    before = "".join(literal for literal, _ in parts[:first])
    after = "".join(literal for literal, _ in parts[last:])
    return ("", 0, "") if digits > 15 or max(len(before), len(after)) > 20 else (before, digits, after)


class Occupied:
    """Which parts of a template's numbers have a code of the source, noted batch by batch."""

    def __init__(self, template: str) -> None:
        self._template = code_template(template)
        self._width = 1
        while self._template.space // self._width > MOST_CELLS:
            self._width *= 10
        self._cells: NDArray[np.bool_] = np.zeros(-(-self._template.space // self._width), dtype=bool)

    def add(self, codes: pa.Array) -> None:
        """Note some codes; those of another form are no numbers, and cannot be met."""
        numbers = self._template.numbers(codes.drop_null())
        self._cells[numbers[numbers >= 0] // self._width] = True

    def free(self, dtype: DType, fewest: int = FEWEST_CODES) -> list[list[int]]:
        """Ranges of numbers, both ends included, that no code has, the widest first; [] for too few.

        They are whole parts of a thousandth of the space at least, unless those leave too few numbers.
        """
        space, width = self._template.space, self._width
        lowest = _lowest(self._template, dtype)
        while width * 1000 < space:
            width *= 10
        while width >= max(self._width, min(1000, space)):
            found = self._free_of(width, lowest)
            if sum(high - low + 1 for low, high in found) >= fewest:
                return sorted(found)
            width //= 10
        return []

    def _free_of(self, width: int, lowest: int) -> list[list[int]]:
        each = width // self._width
        padded = np.zeros(-(-len(self._cells) // each) * each, dtype=bool)
        padded[: len(self._cells)] = self._cells
        taken = padded.reshape(-1, each).any(axis=1)
        edges = np.flatnonzero(np.diff(np.concatenate([[True], taken, [True]]).astype(np.int8)))
        found = []
        for first, last in zip(edges[::2], edges[1::2], strict=True):
            low, high = max(int(first) * width, lowest), min(int(last) * width, self._template.space) - 1
            if low <= high:
                found.append([low, high])
        return sorted(found, key=lambda pair: pair[0] - pair[1])[:MOST_RANGES]


def _lowest(template: CodeTemplate, dtype: DType) -> int:
    """The first number whose code does not begin with a zero, for a column of numbers."""
    if dtype != "int64" or not template.parts[0][1]:
        return 0
    return template.space // 10


def fitted_form(template: str, share: float, dtype: DType, all_codes: Iterable[pa.Array]) -> CodeForm:
    """The form with its free ranges, after all codes of the source were looked at."""
    occupied = Occupied(template)
    for codes in all_codes:
        occupied.add(codes)
    ranges = occupied.free(dtype)
    if ranges:
        return CodeForm(template, share, ranges)
    longer = _longer(template)
    space = code_template(longer).space
    # A code of one character more is none of this form; another form may be as long, but has its letters.
    again = Occupied(longer)
    for codes in all_codes:
        again.add(codes)
    ranges = again.free(dtype, fewest=1)
    return CodeForm(longer, share, ranges or [[space // 10, space - 1]], longer=True)


def _longer(template: str) -> str:
    """A template with digits before its first sign, until it has room for many codes."""
    first = next(at for at, (_, alphabet) in enumerate(CodeTemplate(template).parts) if alphabet)
    parts = CodeTemplate(template).parts
    signs = {alphabet: sign for sign, alphabet in ALPHABETS.items()}
    written = [signs[alphabet] if alphabet else escaped(literal) for literal, alphabet in parts]
    longer = template
    while True:
        written.insert(first, "#")
        longer = "".join(written)
        if code_template(longer).space >= 5 * FEWEST_CODES:
            return longer
