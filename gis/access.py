"""Access (可达性): what the distances to services mean for the people who walk them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from pandas import DataFrame, Series
from scipy.special import expit

from gis.errors import N_, BadParameter, MissingColumn, NegativeAmount
from gis.frames import Amounts, amounts_of, totals
from gis.overlap import Overlap, Positions
from gis.ranges import above_zero, from_zero
from gis.ranked import Ranked

Decay = Callable[[Amounts], Amounts]
PAIR = ("origin", "destination", "cost")


def two_step_floating_catchment(
    demand: Series[float],
    supply: Series[float],
    cost: DataFrame | ArrayLike,
    threshold: float,
    weight: Decay | None = None,
) -> Series[float]:
    """Supply within reach per person who shares it (两步移动搜索法, 2SFCA).

    Parameters
    ----------
    demand
        Persons at each origin, unique index.
    supply
        Capacity of each destination (beds, places, doctors), unique index.
    cost
        Long: a frame whose first three columns are origin and destination (labels of the two indexes) and
        cost, each pair once. Or dense: an array (origins, destinations). Pairs that are absent, or whose cost
        is missing or infinite, are out of reach.
    threshold
        Greatest cost of a catchment, zero or more in the unit of the costs, itself inside; inf: no limit.
    weight
        Weight of a pair from its cost, >= 0; None: 1 within the catchment.

    Returns
    -------
    Series
        Capacity per person on ``demand.index``; 0 where nothing is in reach, NaN where a demand or supply
        that takes part is missing.

    Raises
    ------
    BadParameter
        A label is unknown, a label or a pair is given twice, a table lacks a column, an array has another
        shape, an amount is no finite number, a cost is no number or below zero, or the threshold is.
    NegativeAmount
        A demand, supply or weight is below zero.

    Notes
    -----
    R_j = S_j / sum_i(P_i w_ij), A_i = sum_j(R_j w_ij): Luo and Wang (2003), weighted by Luo and Qi (2009).
    Conserved: sum(A_i P_i) = sum of the supply that somebody reaches.

    Examples
    --------
    >>> two_step_floating_catchment(Series([100.0, 50.0]), Series([3.0]), [[200], [900]], 1000).tolist()
    [0.02, 0.02]
    """
    from_zero(threshold=threshold)
    persons, capacity = _by_label("demand", demand), _by_label("supply", supply)
    origin, destination, costs = _pairs(demand.index, supply.index, cost)
    reached = (costs <= threshold) & np.isfinite(costs)
    origin, destination, costs = origin[reached], destination[reached], costs[reached]
    strength = np.ones(costs.size) if weight is None else np.asarray(weight(costs), float)
    if (strength < 0).any():
        raise NegativeAmount(N_("The weight of a pair is below zero."))
    return Series(shared(persons, capacity, origin, destination, strength), demand.index)


def shared(
    persons: Amounts,
    capacity: Amounts,
    origin: Positions,
    destination: Positions,
    strength: Amounts | float = 1.0,
) -> Amounts:
    """Capacity per person at each origin, of pairs of positions: the two steps of the two-step method."""
    sharers = totals(destination, persons[origin] * strength, capacity.size)
    per_person = capacity / np.where(sharers == 0, np.inf, sharers)
    return totals(origin, per_person[destination] * strength, persons.size)


def count_reachable(pairs: DataFrame, origins: int) -> Series[int]:
    """How many facilities each origin reaches (可达设施数).

    Parameters
    ----------
    pairs
        A row for each pair within reach; ``origin`` is a position below ``origins``.
    origins
        How many there are, with and without a facility.
    """
    return Series(np.bincount(pairs["origin"].to_numpy(), minlength=origins))


def soft_access(distance: ArrayLike, limit: float = 500.0, k: float = 5.0) -> Amounts:
    """Score of a distance that falls softly around a limit (软可达性评分), 1 near to 0 far.

    Parameters
    ----------
    distance
        Metres; inf where unreachable scores 0, NaN stays NaN.
    limit
        Metres at which the score is 0.5.
    k
        Steepness, dimensionless.

    Notes
    -----
    1 - 1 / (1 + exp(-k (d - limit) / limit)): Higgs et al. (2019).

    Examples
    --------
    >>> soft_access([0, 500, np.inf]).round(6).tolist()
    [0.993307, 0.5, 0.0]
    """
    above_zero(limit=limit, k=k)
    score: Amounts = expit(-k * (np.asarray(distance, float) - limit) / limit)
    return score


def summary(
    membership: Overlap, distance: ArrayLike, weight: ArrayLike, limits: Sequence[float] = (300, 500, 1000)
) -> DataFrame:
    """Weighted distances of the demand of each unit (步行距离统计).

    Parameters
    ----------
    membership
        The demand in the units: ``members(units, homes)`` or ``overlay(units, homes)``.
    distance
        Metres from each home to its nearest facility, zero or more; inf where unreachable.
    weight
        Persons, households or m² of each home. A home whose weight or distance is NaN takes no part.
    limits
        Metres above zero; itself within. Minutes are metres at a named speed.

    Returns
    -------
    DataFrame
        By position of the unit: ``mean`` (m) of what is reached; ``median`` and ``p90`` (m) of all, inf where
        they fall among the unreachable; ``share_300`` and so on, and ``unreachable``, shares of all;
        ``weight``, the sum of the weights. NaN, with a weight of 0, where there is no demand.

    Raises
    ------
    BadParameter
        There are more or fewer distances or weights than homes, a distance is below zero or no number, a
        weight is no finite number, or a limit is not above zero.
    NegativeAmount
        A weight is below zero.

    Notes
    -----
    A quantile is the least distance within which that share of the weight lives.
    """
    above_zero(limits=limits)
    metres = _from_zero("distance", distance)
    held = amounts_of(DataFrame({"weight": np.ravel(weight)}), "weight")
    _require_shape("distance", metres, membership.whole.shape)
    _require_shape("weight", held, membership.whole.shape)
    found = Ranked.of(membership, metres).walked(metres, held, limits)
    shares = {f"share_{limit:g}": _over(found.within[limit], found.weight) for limit in limits}
    unreachable = 1.0 - _over(found.reached, found.weight)
    return DataFrame(
        {"mean": found.mean, **found.quantiles, **shares, "unreachable": unreachable, "weight": found.weight}
    )


def living_circle(distances: DataFrame, required: Sequence[str], limit: float) -> DataFrame:
    """Completeness of the living circle of each home (生活圈完整度).

    Parameters
    ----------
    distances
        Metres from each home (row) to the nearest facility of each class (column); inf where unreachable.
    required
        The classes that a complete circle has.
    limit
        Metres, zero or more; itself within.

    Returns
    -------
    DataFrame
        ``completeness``, classes within reach over those required, 0 to 1; ``complete``, whether all are.
        Both are missing where a distance is.

    Raises
    ------
    MissingColumn
        A required class has no column.
    BadParameter
        No class is required, or the limit is below zero or no number.
    """
    from_zero(limit=limit)
    if not len(required):
        raise BadParameter(N_("A living circle needs at least one class of facilities."))
    if absent := [name for name in required if name not in distances]:
        raise MissingColumn(N_("The column {column} is missing."), column=", ".join(absent))
    metres = distances[list(required)]
    known = metres.notna().all(axis=1)
    completeness = (metres <= limit).mean(axis=1).where(known)
    return DataFrame(
        {
            "completeness": completeness,
            "complete": (metres <= limit).all(axis=1).astype("boolean").where(known),
        }
    )


def _pairs(
    origins: pd.Index, destinations: pd.Index, cost: DataFrame | ArrayLike
) -> tuple[Positions, Positions, Amounts]:
    if not isinstance(cost, DataFrame):
        dense = _from_zero("cost", cost)
        _require_shape("cost", dense, (origins.size, destinations.size))
        origin, destination = np.indices(dense.shape).reshape(2, -1)
        return origin, destination, dense.ravel()
    if cost.shape[1] < len(PAIR):
        raise BadParameter(
            N_("A table of costs has a column of origins, one of destinations and one of costs."),
            remedy=N_("Give a table with a column for each destination as an array."),
        )
    origin, destination = (
        index.get_indexer(pd.Index(cost.iloc[:, k])) for k, index in enumerate((origins, destinations))
    )
    if (np.minimum(origin, destination) < 0).any():
        raise BadParameter(N_("A pair names an origin or a destination that is not given."))
    pair = origin * destinations.size + destination
    if not (np.diff(pair) > 0).all() and np.unique(pair).size < pair.size:
        raise BadParameter(N_("A pair of origin and destination is given twice."))
    return origin, destination, _from_zero("cost", cost.iloc[:, 2])


def _by_label(name: str, amounts: Series[float]) -> Amounts:
    if not amounts.index.is_unique:
        raise BadParameter(N_("The index of {name} has a label twice."), name=name)
    return amounts_of(amounts.to_frame(name), name)


def _from_zero(name: str, given: ArrayLike) -> Amounts:
    """Numbers that are zero or more, infinite or missing."""
    try:
        numbers = np.asarray(given, float)
    except (TypeError, ValueError) as error:
        raise BadParameter(
            N_("The parameter {name} holds something that is not a number."), name=name
        ) from error
    from_zero(**{name: float(np.fmin.reduce(numbers, axis=None, initial=np.inf))})
    return numbers


def _require_shape(name: str, given: Amounts, needed: tuple[int, ...]) -> None:
    if given.shape != needed:
        raise BadParameter(
            N_("The parameter {name} has the shape {given} where {needed} is needed."),
            name=name,
            given=given.shape,
            needed=needed,
        )


def _over(part: Amounts, whole: Amounts) -> Amounts:
    return part / np.where(whole > 0, whole, np.nan)
