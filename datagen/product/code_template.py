"""Templates of codes, such as ``AB-####``: numbers written as codes, and codes read as numbers.

A template's signs stand for letters or digits, each from its own alphabet; together they are the digits of
a number, the first of them the highest. A template of more signs than a number can hold is filled with its
number at the front; the further signs follow from the number by a hash: equal codes are equal numbers.
"""

from __future__ import annotations

import math
import re
from functools import cached_property, lru_cache
from itertools import groupby

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datagen import arrow
from datagen.schemas.keyed import I64, further

DIGITS, CAPITALS = "0123456789", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
ALPHABETS = {
    "#": DIGITS,
    "?": CAPITALS,
    "!": CAPITALS.lower(),
    "%": DIGITS + "abcdef",
    "&": DIGITS + "ABCDEF",
    "~": DIGITS + CAPITALS.lower(),
    "*": DIGITS + CAPITALS,
}
"""Sign of a template -> the characters that it stands for, in the order of their value; narrow ones first."""

LARGEST_SPACE = 10**15
"""Numbers of codes are below this, so that they are exact everywhere."""

LONGEST_TEMPLATE = 80

_PART = re.compile(r"\\(.)|([#?!%&~*])|([^\\#?!%&~*])", re.DOTALL)


class CodeTemplate:
    """A template, read once."""

    def __init__(self, template: str) -> None:
        """Raises ValueError for a template without a sign, or with a backslash at its end."""
        self.parts: list[tuple[str, str]] = []
        at = 0
        while at < len(template):
            match = _PART.match(template, at)
            if match is None:
                raise ValueError(
                    "the template ends with a backslash; put the character after it that it protects"
                )
            escaped, sign, plain = match.groups()
            self.parts.append(("", ALPHABETS[sign]) if sign else (escaped or plain, ""))
            at = match.end()
        self.alphabets = [alphabet for literal, alphabet in self.parts if alphabet]
        if not self.alphabets:
            raise ValueError(f"the template has none of the signs {' '.join(ALPHABETS)}, so it is one code")

    @cached_property
    def counted(self) -> int:
        """How many signs, from the front, hold the number; the rest follow from it."""
        sizes = np.array([math.log10(len(alphabet)) for alphabet in self.alphabets])
        return max(1, int((np.cumsum(sizes) <= math.log10(LARGEST_SPACE) + 1e-9).sum()))

    @cached_property
    def space(self) -> int:
        """How many numbers there are."""
        return math.prod(len(alphabet) for alphabet in self.alphabets[: self.counted])

    @property
    def pattern(self) -> str:
        """A regular expression (of RE2) that all codes of the template match."""
        written = [
            f"[{_class(alphabet)}]" if alphabet else re.escape(literal) for literal, alphabet in self.parts
        ]
        runs = [(each, len(list(run))) for each, run in groupby(written)]
        return "".join(each + (f"{{{count}}}" if count > 1 else "") for each, count in runs)

    def texts(self, numbers: I64) -> pa.Array:
        """The codes (Arrow string) of some numbers below :attr:`space`."""
        digits: list[I64] = []
        rest = numbers.copy()
        for alphabet in reversed(self.alphabets[: self.counted]):
            rest, digit = np.divmod(rest, len(alphabet))
            digits.insert(0, digit)
        for at, alphabet in enumerate(self.alphabets[self.counted :]):
            hashed = further(numbers.astype(np.uint64), at + 1) % np.uint64(len(alphabet))
            digits.append(hashed.astype(np.int64))
        parts: list[pa.Array | pa.Scalar] = [pa.repeat(arrow.text(""), len(numbers))]
        following = iter(digits)
        for literal, alphabet in self.parts:
            if alphabet:
                parts.append(arrow.texts(list(alphabet)).take(arrow.numbers(next(following))))
            else:
                parts.append(arrow.text(literal))
        return pc.binary_join_element_wise(*parts, arrow.text(""))

    def numbers(self, codes: pa.Array) -> I64:
        """The numbers (int64) of some codes, by their counted signs; -1 for a code of another form."""
        fits = pc.fill_null(pc.match_substring_regex(codes, f"^(?:{self.pattern})$"), False)
        fits = fits.to_numpy(zero_copy_only=False).astype(bool)
        found = np.full(len(codes), -1, dtype=np.int64)
        kept = codes.filter(arrow.numbers(fits)).to_pylist()
        if not kept:
            return found
        at = [place for place, (_, alphabet) in enumerate(self.parts) if alphabet][: self.counted]
        letters = np.array([[code[place] for place in at] for code in kept])
        number = np.zeros(len(kept), dtype=np.int64)
        for column, alphabet in zip(letters.T, self.alphabets, strict=False):
            value = {letter: digit for digit, letter in enumerate(alphabet)}
            number = number * len(alphabet) + np.array([value[letter] for letter in column], dtype=np.int64)
        found[fits] = number
        return found


@lru_cache(maxsize=64)
def code_template(template: str) -> CodeTemplate:
    """:class:`CodeTemplate`, read once. Raises ValueError."""
    return CodeTemplate(template)


def escaped(literal: str) -> str:
    """A text as the part of a template that stands for itself."""
    return "".join("\\" + each if each in {*ALPHABETS, "\\"} else each for each in literal)


def _class(alphabet: str) -> str:
    ranges = (
        ("0-9", DIGITS),
        ("A-Z", CAPITALS),
        ("a-z", CAPITALS.lower()),
        ("A-F", "ABCDEF"),
        ("a-f", "abcdef"),
    )
    said, rest = "", alphabet
    for name, letters in ranges:
        if letters in rest:
            said, rest = said + name, rest.replace(letters, "")
    return said
