"""Values from any provider method of Faker, each row seeded by itself.

Faker is called row by row, at some 10 to 400 microseconds each; no other kind of drawn values needs it.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from datagen.arrow import numbers, texts
from datagen.columns.cells import LONGEST
from datagen.product.drawn import FakerCall
from datagen.schemas import InputError
from datagen.schemas.keyed import U64
from datagen.schemas.schema import DType
from datagen.schemas.yaml_file import nearest

if TYPE_CHECKING:
    from faker import Generator

TRIALS = 48
"""Values that are made to see whether a method can be used."""

_CLOCK = {"now", "today", "utcnow", "time", "time_ns", "localtime", "gmtime"}
"""Functions of the standard library that read the clock."""

_EPOCH = date(1970, 1, 1)


def values(call: FakerCall, raw: U64, dtype: DType) -> pa.Array:
    """What the method returns when seeded with each raw word (Arrow, of ``dtype``).

    Raises InputError where it fails, or returns what does not fit the dtype.
    """
    generator = _generator(call.locale)
    method = _method(generator, call)
    return _as_arrow(
        [_fitting(call, _returned(generator, method, call, int(word)), dtype) for word in raw], dtype
    )


def try_out(call: FakerCall, dtype: DType) -> None:
    """Raises InputError where a method is unknown, fails, reads the clock, or returns what does not fit."""
    generator = _generator(call.locale)
    method = _method(generator, call)
    for word in range(TRIALS):
        with _ClockWatch() as watch:
            value = _returned(generator, method, call, word)
        if watch.was_read:
            raise InputError(
                f"Faker's {call.method} reads the clock, so the same command would make different values "
                "later; use another method, or `date: {from: ..., to: ...}` for dates."
            )
        if _fitting(call, value, dtype) != _fitting(call, _returned(generator, method, call, word), dtype):
            raise InputError(
                f"Faker's {call.method} returns different values for the same seed; use another method."
            )


class _ClockWatch:
    """Whether anything reads the clock within it: the interpreter reports every call of a built-in."""

    def __init__(self) -> None:
        self.was_read = False
        self._before: Any = None

    def __enter__(self) -> _ClockWatch:
        self._before = sys.getprofile()
        sys.setprofile(self._notice)
        return self

    def __exit__(self, *_: object) -> None:
        sys.setprofile(self._before)

    def _notice(self, frame: object, event: str, function: object) -> None:
        if event == "c_call" and getattr(function, "__name__", "") in _CLOCK:
            self.was_read = True


@lru_cache(maxsize=8)
def _generator(locale: str) -> Generator:
    from faker import Factory

    try:
        generator: Generator = Factory.create(locale)
    except (AttributeError, ImportError, ValueError):
        from faker.config import AVAILABLE_LOCALES

        raise InputError(f"Faker has no locale {locale!r}; {nearest(locale, AVAILABLE_LOCALES)}.") from None
    return generator


def _method(generator: Generator, call: FakerCall) -> Callable[..., Any]:
    known = {
        name
        for provider in generator.get_providers()
        for name in dir(provider)
        if not name.startswith("_") and callable(getattr(provider, name, None))
    }
    if call.method not in known:
        raise InputError(
            f"Faker has no method {call.method!r} for the locale {call.locale}; "
            f"{nearest(call.method, known)}."
        )
    method: Callable[..., Any] = getattr(generator, call.method)
    return method


def _returned(generator: Generator, method: Callable[..., Any], call: FakerCall, seed: int) -> object:
    generator.seed_instance(seed)
    try:
        return method(**call.arguments)
    except Exception as error:  # a provider raises anything for arguments that it does not understand
        said = " ".join(str(error).split())[:200]
        raise InputError(f"Faker's {call.method} cannot be called as the profile says ({said}).") from None


def _fitting(call: FakerCall, value: object, dtype: DType) -> Any:
    """The value as one of the dtype. Raises InputError."""
    if dtype == "string" and isinstance(value, str) and len(value) <= LONGEST and _is_unicode(value):
        return value
    if dtype == "bool" and isinstance(value, bool):
        return value
    if (
        dtype == "int64"
        and isinstance(value, int)
        and not isinstance(value, bool)
        and -(2**63) <= value < 2**63
    ):
        return value
    if dtype == "float64" and isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        number = _float(value)
        if math.isfinite(number):
            return number
    if dtype == "date32" and isinstance(value, date) and not isinstance(value, datetime):
        return value
    shown = repr(value)[:80]
    raise InputError(
        f"Faker's {call.method} returned {shown}, which does not fit a column of the dtype {dtype}."
    )


def _float(value: float | Decimal) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf


def _is_unicode(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _as_arrow(values: list[Any], dtype: DType) -> pa.Array:
    if dtype == "string":
        return texts(values)
    if dtype == "date32":
        days = np.array([(value - _EPOCH).days for value in values], dtype=np.int32)
        return numbers(days).cast(pa.date32())
    return numbers(
        np.array(values, dtype={"bool": np.bool_, "int64": np.int64, "float64": np.float64}[dtype])
    )
