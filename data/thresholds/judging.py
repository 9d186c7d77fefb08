"""Judge a value by a threshold 评价: does it hold, how severe is it if not, and which of two is stricter."""

from __future__ import annotations

import math
from types import MappingProxyType
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from data.thresholds.threshold import Threshold

Verdict = Literal["pass", "fail", "warn", "info"]
# Sums of floats carry noise in their last digits: 100 % of the residents may come out a hair below.
NOISE = 1e-12
# The wording sets the severity: what must be, what should be in principle, what is striven for.
MODALS: MappingProxyType[str, Verdict] = MappingProxyType(
    {
        **dict.fromkeys(("不得", "不应", "严禁", "应", "应当", "必须", "不低于", "不超过", "不大于"), "fail"),
        **dict.fromkeys(("原则上", "一般不得", "一般不应", "宜", "不宜"), "warn"),
        **dict.fromkeys(("力争", "争取", "鼓励", "基本", "可"), "info"),
    }
)
STRENGTHS: MappingProxyType[str, Verdict] = MappingProxyType(
    {"binding": "fail", "expected": "warn", "aspirational": "info"}
)
SEVERITIES: tuple[Verdict, ...] = ("info", "warn", "fail")


class Range(NamedTuple):
    """The values that a threshold allows; an open end is not among them."""

    low: float
    high: float
    open: bool


def judge(value: float | None, threshold: Threshold) -> Verdict | None:
    """Judge a value.

    Parameters
    ----------
    value
        In the threshold's unit; None and NaN: not supplied.

    Returns
    -------
    str or None
        ``pass`` where the threshold holds, else its severity: ``fail`` for what must be (不得, 应, 必须, and
        figures without a softer word), ``warn`` for what should be in principle (原则上, 一般不得), ``info``
        for what is striven for (力争, 鼓励). None where nothing is supplied.

    Examples
    --------
    >>> least = Threshold("road_density", "national", "built_up", ">=", 8, None, "km/km²", "binding", "A")
    >>> judge(8.0, least)
    'pass'
    >>> more = Threshold("road_density", "national", "main_city", ">", 8, None, "km/km²", "binding", "B")
    >>> judge(8.0, more)
    'fail'
    """
    if value is None or math.isnan(value):
        return None
    return "pass" if holds(value, threshold).all() else severity(threshold)


def judge_all(values: ArrayLike, threshold: Threshold) -> NDArray[np.object_]:
    """Judge many values at once, as ``judge`` does each."""
    numbers = np.asarray(values, dtype=float)
    found = np.where(holds(numbers, threshold), "pass", severity(threshold)).astype(object)
    found[np.isnan(numbers)] = None
    return found


def holds(values: ArrayLike, threshold: Threshold) -> NDArray[np.bool_]:
    """Whether values are among those that a threshold allows; bands include both ends."""
    numbers, allowed = np.asarray(values, dtype=float), allows(threshold)
    low, high = _noise(allowed.low), _noise(allowed.high)
    if allowed.open:
        return (numbers > allowed.low + low) & (numbers < allowed.high - high)
    return (numbers >= allowed.low - low) & (numbers <= allowed.high + high)


def allows(threshold: Threshold) -> Range:
    """Return the values that a threshold allows."""
    low = -math.inf if threshold.low is None else threshold.low
    high = math.inf if threshold.high is None else threshold.high
    return Range(low, high, threshold.operator in {">", "<"})


def severity(threshold: Threshold) -> Verdict:
    """Return what a value is told that misses the threshold: by its wording, else by its strength."""
    return MODALS.get(threshold.modal, STRENGTHS[threshold.strength])


def stricter(own: Threshold, base: Threshold) -> bool:
    """Whether one threshold asks at least what another asks, at least as strongly.

    Examples
    --------
    >>> base = Threshold("floor_area_ratio", "national", "city", "between", 0.6, 0.8, "", "binding", "A")
    >>> own = Threshold("floor_area_ratio", "national", "city", "between", 0.6, 0.7, "", "binding", "B")
    >>> stricter(own, base), stricter(base, own)
    (True, False)
    """
    mine, theirs = allows(own), allows(base)
    if SEVERITIES.index(severity(own)) < SEVERITIES.index(severity(base)):
        return False
    if mine.low < theirs.low or mine.high > theirs.high:
        return False
    touches = mine.low == theirs.low > -math.inf or mine.high == theirs.high < math.inf
    return not (touches and theirs.open and not mine.open)


def _noise(bound: float) -> float:
    return abs(bound) * NOISE if math.isfinite(bound) else 0.0
