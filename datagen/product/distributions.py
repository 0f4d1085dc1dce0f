"""Distributions: each is its parameters, the share of values below a bound, and the inverse of that.

A value between two bounds is drawn by inversion: a uniform number between the shares below the two
bounds, put through the inverse. So bounds truncate a distribution, and no draw is rejected.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from statistics import NormalDist
from typing import Annotated

import numpy as np
from pydantic import ConfigDict, Field, RootModel, model_validator

from datagen.product.section import Percent, Section
from datagen.schemas.keyed import F64


class Distribution(Section):
    """What all distributions have."""

    @abstractmethod
    def below(self, value: float) -> float:
        """The share of values up to ``value``."""

    @abstractmethod
    def at(self, share: F64) -> F64:
        """The value below which each share in [0, 1] lies; infinite at unbounded ends."""


class Normal(Distribution):
    """The normal distribution: its mean and its standard deviation."""

    mean: float = Field(ge=-1e15, le=1e15)
    sd: float = Field(gt=0, le=1e15)

    def below(self, value: float) -> float:
        """See :class:`Distribution`."""
        return NormalDist().cdf((value - self.mean) / self.sd)

    def at(self, share: F64) -> F64:
        """See :class:`Distribution`."""
        return self.mean + self.sd * standard_normal_at(share)


class LogNormal(Distribution):
    """Values whose logarithm is normal: their median, and the standard deviation of the logarithm."""

    median: float = Field(gt=0, le=1e15)
    sigma: float = Field(gt=0, le=20)

    def below(self, value: float) -> float:
        """See :class:`Distribution`."""
        return NormalDist().cdf(math.log(value / self.median) / self.sigma) if value > 0 else 0.0

    def at(self, share: F64) -> F64:
        """See :class:`Distribution`."""
        return self.median * np.exp(self.sigma * standard_normal_at(share))


class Poisson(Distribution):
    """Counts of independent events: their mean."""

    mean: float = Field(gt=0, le=1e6)

    def below(self, value: float) -> float:
        """See :class:`Distribution`."""
        counts, shares = self._table()
        place = int(np.searchsorted(counts, math.floor(min(value, 1e9)), side="right"))
        return float(shares[place - 1]) if place else 0.0

    def at(self, share: F64) -> F64:
        """See :class:`Distribution`."""
        counts, shares = self._table()
        values: F64 = counts[np.searchsorted(shares, share).clip(0, len(counts) - 1)]
        return values

    def _table(self) -> tuple[F64, F64]:
        """All counts within 10 standard deviations (outside lie under 1e-20), and the shares up to each."""
        reach = 10 * math.sqrt(self.mean) + 40
        first, last = max(0, math.floor(self.mean - reach)), math.ceil(self.mean + reach)
        logs = [
            count * math.log(self.mean) - self.mean - math.lgamma(count + 1) for count in range(first, last)
        ]
        shares = np.cumsum(np.exp(logs))
        return np.arange(first, last, dtype=np.float64), shares / shares[-1]


class Geometric(Distribution):
    """Failures before the first success, 0 being the likeliest: their mean."""

    mean: float = Field(gt=0, le=1e12)

    def below(self, value: float) -> float:
        """See :class:`Distribution`."""
        return -math.expm1((math.floor(value) + 1) * self._log_failure) if value >= 0 else 0.0

    def at(self, share: F64) -> F64:
        """See :class:`Distribution`."""
        with np.errstate(divide="ignore"):
            return np.floor(np.log1p(-share) / self._log_failure)

    @property
    def _log_failure(self) -> float:
        return -math.log1p(1 / self.mean)


class Quantiles(RootModel[dict[Percent, Annotated[float, Field(ge=-1e15, le=1e15)]]]):
    """Any distribution, by some of its quantiles (percent -> value) and straight lines between them."""

    model_config = ConfigDict(frozen=True)

    @model_validator(mode="after")
    def _quantiles_rise(self) -> Quantiles:
        percents, values = list(self.root), list(self.root.values())
        if percents != sorted(percents) or not percents or percents[0] != 0 or percents[-1] != 100:
            raise ValueError("quantiles must go from 0 to 100 percent, in increasing order")
        if values != sorted(values):
            raise ValueError("quantiles must not decrease")
        return self

    def below(self, value: float) -> float:
        """See :class:`Distribution`."""
        percents, values = list(self.root), list(self.root.values())
        if value < values[0]:
            return 0.0
        return float(np.interp(value, values, percents)) / 100 if value < values[-1] else 1.0

    def at(self, share: F64) -> F64:
        """See :class:`Distribution`."""
        return np.interp(share * 100, list(self.root), list(self.root.values()))


def standard_normal_at(share: F64) -> F64:
    """The quantiles of the standard normal distribution, to 16 digits.

    Algorithm AS 241 (Wichura, "The percentage points of the normal distribution", Applied Statistics
    37, 1988), as :meth:`statistics.NormalDist.inv_cdf` has it, over an array.
    """
    from_middle = share - 0.5
    with np.errstate(divide="ignore", invalid="ignore"):
        tail = np.sqrt(-np.log(np.minimum(share, 1 - share)))
        central = 0.180625 - from_middle * from_middle
        middle = from_middle * _ratio(central, _MIDDLE)
        out = np.where(tail <= 5, _ratio(tail - 1.6, _TAIL), _ratio(tail - 5, _FAR_TAIL))
        out = np.where(np.isinf(tail), np.inf, out)
    return np.where(np.abs(from_middle) <= 0.425, middle, np.copysign(out, from_middle))


Coefficients = tuple[tuple[float, ...], tuple[float, ...]]


def _ratio(x: F64, coefficients: Coefficients) -> F64:
    above, below = (np.polyval(np.array(part), x) for part in coefficients)
    ratio: F64 = above / below
    return ratio


_MIDDLE: Coefficients = (
    (
        2.5090809287301226727e3,
        3.3430575583588128105e4,
        6.7265770927008700853e4,
        4.5921953931549871457e4,
        1.3731693765509461125e4,
        1.9715909503065514427e3,
        1.3314166789178437745e2,
        3.3871328727963666080e0,
    ),
    (
        5.2264952788528545610e3,
        2.8729085735721942674e4,
        3.9307895800092710610e4,
        2.1213794301586595867e4,
        5.3941960214247511077e3,
        6.8718700749205790830e2,
        4.2313330701600911252e1,
        1.0,
    ),
)
_TAIL: Coefficients = (
    (
        7.74545014278341407640e-4,
        2.27238449892691845833e-2,
        2.41780725177450611770e-1,
        1.27045825245236838258e0,
        3.64784832476320460504e0,
        5.76949722146069140550e0,
        4.63033784615654529590e0,
        1.42343711074968357734e0,
    ),
    (
        1.05075007164441684324e-9,
        5.47593808499534494600e-4,
        1.51986665636164571966e-2,
        1.48103976427480074590e-1,
        6.89767334985100004550e-1,
        1.67638483018380384940e0,
        2.05319162663775882187e0,
        1.0,
    ),
)
_FAR_TAIL: Coefficients = (
    (
        2.01033439929228813265e-7,
        2.71155556874348757815e-5,
        1.24266094738807843860e-3,
        2.65321895265761230930e-2,
        2.96560571828504891230e-1,
        1.78482653991729133580e0,
        5.46378491116411436990e0,
        6.65790464350110377720e0,
    ),
    (
        2.04426310338993978564e-15,
        1.42151175831644588870e-7,
        1.84631831751005468180e-5,
        7.86869131145613259100e-4,
        1.48753612908506148525e-2,
        1.36929880922735805310e-1,
        5.99832206555887937690e-1,
        1.0,
    ),
)
