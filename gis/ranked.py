"""Demand by distance 按距离排序的需求: means, quantiles and shares of each unit from one sorting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from gis.frames import Amounts, Mask, sums
from gis.network.lines import spread
from gis.overlap import Overlap, Positions

QUANTILES = {"median": 0.5, "p90": 0.9}
ROUNDING = 1e-9


class Walked(NamedTuple):
    """What the demand of each unit walks, one entry a unit; amounts are in the unit of the weights.

    Attributes
    ----------
    mean
        Metres, of what is reached; NaN where nothing is.
    quantiles
        Metres, of all, by name; inf where they fall among the unreachable, NaN where there is no demand.
    within
        Weight within each limit in metres, by the limit.
    reached, weight
        Weight whose distance is finite, and of all.
    """

    mean: Amounts
    quantiles: Mapping[str, Amounts]
    within: Mapping[float, Amounts]
    reached: Amounts
    weight: Amounts


class Ranked(NamedTuple):
    """The demand of units, unit after unit, the nearest first.

    Attributes
    ----------
    feature
        Positions of the demand.
    share
        The part of each that counts in its unit.
    first : (units + 1,) array
        Where each unit begins, and how many entries there are.
    """

    feature: Positions
    share: Amounts
    first: Positions

    @classmethod
    def of(cls, membership: Overlap, distance: Amounts) -> Ranked:
        """Sort the demand in each unit by its distance; what has none takes no part."""
        metres = distance[membership.feature]
        known = np.flatnonzero(~np.isnan(metres))
        order = known[np.argsort(metres[known])]
        # The fewer bits the units take, the faster they are sorted.
        unit = membership.unit.astype(np.min_scalar_type(membership.units))
        order = order[np.argsort(unit[order], kind="stable")]
        first = np.append(0, np.cumsum(np.bincount(unit[order], minlength=membership.units)))
        share = membership.share[order]
        # Homes are points, which count as wholes: one number stands for all, and takes no room.
        share = np.broadcast_to(1.0, len(share)) if (share == 1).all() else share
        return cls(membership.feature[order].astype(np.int32), share, first)

    def walked(self, distance: Amounts, weight: Amounts, limits: Sequence[float]) -> Walked:
        """Sum up by distance.

        Parameters
        ----------
        distance
            Metres by position of the demand, that it was sorted by.
        weight
            By the same positions; what is not above zero, or missing, takes no part.
        limits
            Metres; itself within.
        """
        metres = distance[self.feature]
        held = np.nan_to_num(weight)[self.feature] * self.share
        np.maximum(held, 0.0, out=held)
        cuts = np.unique([*limits, np.finfo(float).max])
        upto = self._within(metres, held, cuts)
        reached, everyone = upto[:, -2], upto[:, -1]
        walk = np.where(np.isfinite(metres), metres, 0.0) * held
        return Walked(
            sums(walk, self.first) / np.where(reached > 0, reached, np.nan),
            self._quantiles(metres, held),
            {float(limit): upto[:, column] for column, limit in enumerate(cuts[:-1])},
            reached,
            everyone,
        )

    def _within(self, metres: Amounts, held: Amounts, cuts: Amounts) -> Amounts:
        """The weight of each unit up to each cut, and all of it, shape (units, cuts + 1)."""
        upto = _upto(metres, self.first[:-1, None], self.first[1:, None], cuts)
        begin = np.append(np.column_stack([self.first[:-1], upto]).ravel(), self.first[-1])
        between: Amounts = sums(held, begin).reshape(len(upto), len(cuts) + 1)
        return np.cumsum(between, axis=1)

    def _quantiles(self, metres: Amounts, held: Amounts) -> dict[str, Amounts]:
        """The first distance of each unit at which the running weight reaches a share of its total."""
        running = np.r_[0.0, np.cumsum(held)]
        before, after = running[self.first[:-1]], running[self.first[1:]]
        some = after > before
        found = {}
        for name, q in QUANTILES.items():
            reached = (before + (q - ROUNDING) * (after - before))[some]
            found[name] = np.full(len(before), np.nan)
            found[name][some] = metres[np.searchsorted(running, reached) - 1]
        return found

    def without(self, keep: Mask) -> Ranked:
        """Leave out the demand that is not kept, by its position; the other positions stay."""
        kept = np.asarray(keep, bool)[self.feature]
        before = np.append(0, np.cumsum(kept))
        return Ranked(self.feature[kept], self.share[kept], before[self.first])

    def joined(self, other: Ranked, distance: Amounts) -> Ranked:
        """Insert further demand of the same units; ``distance`` is that of both, by position."""
        unit = np.repeat(np.arange(len(other.first) - 1), np.diff(other.first))
        metres, begin, end = distance[self.feature], self.first[unit], self.first[unit + 1]
        at = _upto(metres, begin, end, distance[other.feature])
        feature, share = np.insert(self.feature, at, other.feature), np.insert(self.share, at, other.share)
        return Ranked(feature, share, self.first + other.first)

    def of_units(self, rows: Positions) -> Ranked:
        """Some of the units."""
        count = self.first[rows + 1] - self.first[rows]
        entry, _unit = spread(self.first[rows], count)
        return Ranked(self.feature[entry], self.share[entry], np.append(0, np.cumsum(count)))


def _upto(metres: Amounts, low: Positions, high: Positions, limit: Amounts) -> Positions:
    """Where, in stretches of ascending metres, what is within a limit ends; by halving all at once."""
    low, high, limit = np.broadcast_arrays(low, high, limit)
    while (open_ := low < high).any():
        middle = np.where(open_, (low + high) // 2, 0)
        inside = open_ & (metres[middle] <= limit)
        low, high = np.where(inside, middle + 1, low), np.where(open_ & ~inside, middle, high)
    return low
