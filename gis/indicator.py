"""How an indicator is declared: names, unit, formula, source, inputs, parameters, and how it is computed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gis.frames import Amounts

if TYPE_CHECKING:
    from gis.analysis import Analysis

Direction = Literal["higher", "lower", "band", "neutral"]
Family = Literal["density", "land", "buildings", "coverage", "walk", "renewal"]
Subjects = Literal["", "facility", "street_class", "constraint", "age", "hazard"]


class Words(NamedTuple):
    """A text in both languages."""

    zh: str
    en: str


class Ratio(NamedTuple):
    """What a measure gives for each unit: the value in the indicator's unit, and what was divided by what."""

    value: Amounts
    numerator: Amounts
    denominator: Amounts


class Asked(NamedTuple):
    """Of which class (of facilities, streets, ...) and on which basis a measure is wanted; '' for none."""

    subject: str = ""
    basis: str = ""


Compute = Callable[["Analysis", Asked], Ratio]
OR = " | "
"""Between inputs of which one is enough."""
Names = NDArray[np.object_]
"""Names of inputs, one a unit."""
Lack = Callable[["Analysis", Asked], str | Names]


@dataclass(frozen=True)
class Total:
    """A total of each unit, and the name of what is missing in a unit of which it is not known."""

    total: Callable[[Analysis, Asked], Amounts]
    lack: Lack

    def __call__(self, here: Analysis, asked: Asked) -> Amounts:
        """Compute the total."""
        return self.total(here, asked)


def unless(*needs: str) -> Callable[[Callable[[Analysis, Asked], Amounts]], Total]:
    """Declare a total that is known unless this is missing, of several inputs all."""
    return lambda total: Total(total, lambda _here, _asked: OR.join(needs))


@dataclass(frozen=True)
class Quotient:
    """One total of each unit divided by another, times ``scale``."""

    numerator: Total
    denominator: Total
    scale: float = 1.0

    def __call__(self, here: Analysis, asked: Asked) -> Ratio:
        """Divide the totals."""
        return per(self.numerator(here, asked), self.denominator(here, asked), self.scale)

    def lack(self, here: Analysis, asked: Asked, found: Ratio) -> Names:
        """Name what is missing in each unit: what the numerator hangs on, where that is known the other."""
        above, below = (total.lack(here, asked) for total in (self.numerator, self.denominator))
        return np.where(np.isnan(found.numerator), above, below).astype(object)


@dataclass(frozen=True)
class Indicator:
    """One indicator 指标, declared once; documentation, commands and pages are made from it.

    ``inputs`` are layers and ``layer.column`` names; without one of them the indicator is *not supplied*.
    ``alternatives`` are inputs of which one is enough; ``lacks`` names what a subject needs beyond them.
    A single value that is not known lacks what its totals name, else the last of the inputs.
    ``direction`` says which change is an improvement.
    """

    code: str
    name: Words
    unit: str
    family: Family
    direction: Direction
    formula: Words
    source: Words
    compute: Compute
    inputs: tuple[str, ...] = ()
    alternatives: tuple[str, ...] = ()
    subjects: Subjects = ""
    bases: tuple[str, ...] = ("",)
    parameters: tuple[str, ...] = ()
    lacks: Callable[[Analysis, Asked], str | None] = lambda _here, _asked: None

    @property
    def needs(self) -> tuple[str, ...]:
        """All inputs by name; the alternatives are one."""
        return (*self.inputs, *([OR.join(self.alternatives)] if self.alternatives else []))

    def lack(self, here: Analysis, asked: Asked, found: Ratio) -> str | Names:
        """Name what is missing in each unit of which the value is not known."""
        quotient = self.compute
        return quotient.lack(here, asked, found) if isinstance(quotient, Quotient) else self.needs[-1]


def per(numerator: Amounts, denominator: Amounts, scale: float = 1.0) -> Ratio:
    """Divide; the value is NaN where the denominator is zero or unknown.

    Examples
    --------
    >>> per(np.array([1000.0, 1.0]), np.array([1e6, 0.0]), 1e6).value.tolist()
    [1000.0, nan]
    """
    value = np.full(len(numerator), np.nan)
    np.divide(numerator * scale, denominator, out=value, where=denominator > 0)
    return Ratio(value, numerator, denominator)
