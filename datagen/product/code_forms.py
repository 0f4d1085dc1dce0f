"""The sections of a profile that say what product codes and picture ids look like."""

from __future__ import annotations

from itertools import pairwise
from typing import Literal

import numpy as np
from pydantic import Field, model_validator

from datagen.product.code_template import LONGEST_TEMPLATE, code_template
from datagen.product.section import Section, Share, Weight, require_weight


class CodeLine(Section):
    """A range of numbers that codes are taken from, its share, and the kinds that always use it."""

    share: Weight = 0.0
    ranges: tuple[tuple[int, int], ...] = Field(min_length=1)
    kinds: tuple[str, ...] = ()


class Codes(Section):
    """Code = prefix + number padded to ``digits`` + suffix, or the number written by a ``template``.

    A template (:mod:`datagen.product.code_template`) has letters too: ``AB-??##``. Each line serves the first
    rows of a catalogue, as many as the shortest line has numbers; all later rows are served by ``overflow``.
    Ranges include both ends and must not overlap.
    """

    prefix: str = Field(default="", max_length=20)
    digits: int = Field(default=0, ge=0, le=15)
    suffix: str = Field(default="", max_length=20)
    template: str = Field(default="", max_length=LONGEST_TEMPLATE)
    lines: dict[str, CodeLine] = Field(min_length=1)
    overflow: tuple[tuple[int, int], ...] = ()

    @model_validator(mode="after")
    def _ranges_are_apart(self) -> Codes:
        if not any(line.share > 0 for line in self.lines.values()):
            raise ValueError("at least one line must have a share above 0")
        if self.template and (self.digits or self.prefix or self.suffix):
            raise ValueError("a template already has prefix, digits and suffix; give one or the other")
        if not (self.template or self.digits):
            raise ValueError("digits is missing: how many a number has, from 1 to 15 (or give a template)")
        space = self.space
        ranges = sorted([r for line in self.lines.values() for r in line.ranges] + list(self.overflow))
        for low, high in ranges:
            if not 0 <= low <= high < space:
                within = f"{self.digits} digits" if self.digits else f"the {space:,} codes of the template"
                raise ValueError(f"the range {low} to {high} is not within {within}, lower end first")
        for (_, before), (after, _) in pairwise(ranges):
            if after <= before:
                raise ValueError(f"two ranges overlap at {after}")
        return self

    @property
    def space(self) -> int:
        """Numbers are below this. Raises ValueError for a template that is none."""
        return int(10**self.digits) if self.digits else code_template(self.template).space

    def text(self, number: int) -> str:
        """The code of one number."""
        if self.digits:
            return f"{self.prefix}{number:0{self.digits}d}{self.suffix}"
        written: str = code_template(self.template).texts(np.array([number], dtype=np.int64))[0].as_py()
        return written


class Pictures(Section):
    """The forms of picture ids, and the share of rows whose picture address is the missing text."""

    forms: dict[Literal["guid", "sha1"], Weight]
    missing: Share = 0.0

    @model_validator(mode="after")
    def _some_form(self) -> Pictures:
        require_weight(self.forms.values(), "form")
        return self


NUMBERED = Codes(digits=9, lines={"all": CodeLine(share=1, ranges=((0, 999_999_999),))})
"""The codes of a catalogue without codes of its own: they name its pictures."""

GUIDS = Pictures(forms={"guid": 1.0})
"""The picture ids of a catalogue that does not say what they look like."""
