"""How an indicator is declared: names, unit, formula, source, inputs, parameters, and how it is computed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

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
Total = Callable[["Analysis", Asked], Amounts]


@dataclass(frozen=True)
class Indicator:
    """One indicator 指标, declared once; documentation, commands and pages are made from it.

    ``inputs`` are layers and ``layer.column`` names; without one of them the indicator is *not supplied*.
    ``alternatives`` are inputs of which one is enough; ``lacks`` names what a subject needs beyond them.
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
    def needs(self) -> str:
        """The input on which the value hangs, of alternatives each."""
        return " | ".join(self.alternatives) or self.inputs[-1]


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


def over(numerator: Total, denominator: Total, scale: float = 1.0) -> Compute:
    """Declare one total of each unit divided by another, times ``scale``."""
    return lambda here, asked: per(numerator(here, asked), denominator(here, asked), scale)
