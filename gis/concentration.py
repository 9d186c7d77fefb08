"""How unevenly an amount is spread over projects: top share, Lorenz curve, Gini, Pareto, size bands.

Everywhere an unknown amount (NaN) takes no part, and what is below zero, infinite or no number is refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pandas import DataFrame, Series

from gis.errors import N_, BadParameter, NegativeAmount

Amounts = NDArray[np.float64]


def top_share(values: ArrayLike, n: int) -> float:
    """Share of the ``n`` largest amounts in the total (前 n 项占比).

    Parameters
    ----------
    values
        Amounts >= 0 in one unit.
    n
        A count; more than there are amounts means all.

    Returns
    -------
    float
        0 to 1; NaN where the total is 0 or nothing is known.

    Raises
    ------
    BadParameter
        ``n`` is no whole number, or below zero.

    Examples
    --------
    >>> top_share([6, 3, 1], 1)
    0.6
    """
    if not isinstance(n, Integral):
        raise BadParameter(N_("A count of {n} is not a whole number."), n=n)
    if n < 0:
        raise BadParameter(N_("A count of {n} is below zero."), n=n)
    amounts = _descending(values)
    return _share(amounts[:n].sum(), amounts.sum())


def lorenz(values: ArrayLike) -> tuple[Amounts, Amounts]:
    """The Lorenz curve (洛伦兹曲线): share of the total held by the smallest shares of the projects.

    Parameters
    ----------
    values
        Amounts >= 0 in one unit.

    Returns
    -------
    tuple of ndarray
        x, the cumulative share of projects, and y, their cumulative share of the total, both from 0 to 1 with
        n + 1 points. y is NaN beyond its first point where the total is 0.

    Notes
    -----
    Lorenz, M. O. (1905), Methods of measuring the concentration of wealth.
    """
    amounts = _descending(values)[::-1]
    x = np.arange(amounts.size + 1) / max(amounts.size, 1)
    return x, np.r_[0.0, _shares(amounts).cumsum()]


def gini(values: ArrayLike) -> float:
    """The Gini coefficient (基尼系数): twice the area between equality and the Lorenz curve.

    Parameters
    ----------
    values
        Amounts >= 0 in one unit.

    Returns
    -------
    float
        0 where all are equal, (n - 1) / n where one holds everything; NaN where the total is 0.

    Notes
    -----
    G = sum((2 i - n - 1) x_i) / (n sum(x)), x ascending, i from 1. No small-sample correction.

    Examples
    --------
    >>> gini([1, 2, 3])
    0.2222222222222222
    """
    amounts = _descending(values)[::-1]
    ranks = np.arange(1, amounts.size + 1)
    return _share(((2 * ranks - amounts.size - 1) * amounts).sum(), amounts.size * amounts.sum())


def pareto(values: ArrayLike) -> DataFrame:
    """The Pareto table (帕累托): amounts from the largest down with their running share of the total.

    Parameters
    ----------
    values
        Amounts >= 0 in one unit; the index of a Series is kept.

    Returns
    -------
    DataFrame
        Columns ``amount``, ``share`` and ``cumulative_share``, largest first; equal amounts keep their order.
    """
    known = _known(values).sort_values(ascending=False, kind="stable")
    shares = _shares(known.to_numpy())
    return DataFrame(
        {"amount": known, "share": shares, "cumulative_share": shares.cumsum()}, index=known.index
    )


def size_bands(values: ArrayLike, edges: Sequence[float]) -> DataFrame:
    """Count and amount of projects in each size band (规模分档).

    Parameters
    ----------
    values
        Amounts >= 0 in one unit.
    edges
        The inner edges, ascending, in the same unit: (1, 5) makes the bands <1, 1-5 and >=5. A band holds its
        lower edge and not its upper one.

    Returns
    -------
    DataFrame
        One row a band: ``lower``, ``upper`` (infinite for the last), ``count``, ``amount``, ``share`` of the
        amount. The counts add up to the known values.

    Raises
    ------
    BadParameter
        The edges do not ascend.

    Examples
    --------
    >>> size_bands([0.5, 1, 4.9, 5], (1, 5))["count"].tolist()
    [1, 2, 1]
    """
    inner = np.asarray(edges, float)
    if not (np.diff(inner) > 0).all() or not (inner > 0).all():
        raise BadParameter(
            N_("The edges {edges} of the size bands must be above zero and ascend."), edges=edges
        )
    amounts = _known(values).to_numpy()
    band = np.searchsorted(inner, amounts, side="right")
    totals = np.bincount(band, weights=amounts, minlength=inner.size + 1).astype(float)
    return DataFrame(
        {
            "lower": np.r_[0.0, inner],
            "upper": np.r_[inner, np.inf],
            "count": np.bincount(band, minlength=inner.size + 1),
            "amount": totals,
            "share": _shares(totals),
        }
    )


def _known(values: ArrayLike) -> Series[float]:
    try:
        known: Series[float] = Series(values).astype(float).dropna()
    except (TypeError, ValueError) as error:
        raise BadParameter(N_("Some of the amounts are not numbers.")) from error
    if np.isinf(known).any():
        raise BadParameter(
            N_("The amount at {position} is infinite."), position=known.index[np.isinf(known)][0]
        )
    if (known < 0).any():
        raise NegativeAmount(
            N_("{count} amounts are below zero, the first at {position}."),
            remedy=N_("Correct them: a share of a total needs amounts of zero or more."),
            count=int((known < 0).sum()),
            position=known.index[known < 0][0],
        )
    return known


def _descending(values: ArrayLike) -> Amounts:
    ascending: Amounts = np.sort(_known(values).to_numpy())
    return ascending[::-1]


def _shares(amounts: NDArray[np.floating]) -> Amounts:
    total = amounts.sum()
    return amounts / total if total > 0 else np.full(amounts.shape, np.nan)


def _share(part: float, total: float) -> float:
    return float(part / total) if total > 0 else float("nan")
