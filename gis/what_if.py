"""What a change would do 情景推演: facilities, streets, buildings or projects added or taken away."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
import pandas as pd

from gis.analysis import NAMES, Analysis, Measured, as_table, chosen
from gis.change import Change, Rows, changed, touched
from gis.frames import Amounts
from gis.ground import WALKABLE
from gis.indicator import Asked, Indicator, Ratio
from gis.layers import Classes
from gis.overlap import Overlap
from gis.ranked import Ranked

__all__ = ["Change", "what_if"]

KEYS = ["unit", *NAMES]
# What the demand of one unit leaves for the others, and communities that lie in several units.
SHARED = ("two_step_access", "complete_communities")

MANY = 0.5
"""Share of the units above which all are computed anew; no result depends on it."""


def what_if(
    analysis: Analysis, changes: Sequence[Change], indicators: Collection[str] | None = None
) -> pd.DataFrame:
    """Compute what changes, and only that.

    Parameters
    ----------
    analysis
        Units on the ground of a city; what was computed of it is used again.
    changes
        Added and removed features, one change after the other; what ``Change`` says of positions holds.
    indicators
        Codes of the catalogue; all if not given.

    Returns
    -------
    DataFrame
        The rows of ``evaluate`` that differ, with ``before`` and ``missing_before``.

    Raises
    ------
    BadParameter
        A change names a layer that is not there, or a position at which there is nothing.
    MixedCRS
        What is added is in another CRS.

    Notes
    -----
    Equal to a full run on the changed layers, but for the order of the terms of a sum (1e-9 of the value) and
    for what is taken away to the last. Of layers alone nobody can tell whether there is none of a class of
    facilities or none was surveyed, so that a full run calls it not supplied. Here it is known to be none, as
    in a full run with the classes of before in ``Parameters.surveyed``. So it is with a column of buildings,
    such as residents, when all that held a value go.
    """
    wanted = chosen(indicators)
    before = _measured(analysis, wanted)
    after = _measured(_after(analysis, changes, wanted), wanted)
    anew = [key for key in {**before, **after} if _differs(before.get(key), after.get(key))]
    units = len(analysis.units)
    new = as_table([after[key] for key in anew if key in after], units)
    old = as_table([before[key] for key in anew if key in before], units)
    both = new.merge(old, on=KEYS, how="outer", suffixes=("", "_before"))
    same = np.isclose(both["value"], both["value_before"], rtol=1e-12, atol=0, equal_nan=True)
    same &= both["missing"].fillna("").eq(both["missing_before"].fillna("")).to_numpy()
    kept = [*KEYS, "value", "numerator", "denominator", "missing", "value_before", "missing_before"]
    return both.loc[~same, kept].rename(columns={"value_before": "before"}).reset_index(drop=True)


def _after(analysis: Analysis, changes: Sequence[Change], wanted: Sequence[Indicator]) -> Analysis:
    """The changed analysis; where buildings and streets change, it computes the units that notice alone."""
    after = changed(analysis, changes)
    found, of_homes = after.analysis, {change.layer for change in changes} <= {"buildings", "streets"}
    on_foot = any(WALKABLE in one.inputs for one in wanted)
    if on_foot and not analysis.ground.supplied(WALKABLE):
        return found
    if changes and of_homes and "buildings" in analysis.ground.frames:
        units = touched(analysis, after)
        few = len(units) < MANY * len(analysis.units)
        return _InPart(found, analysis, units) if few else _Whole(found, analysis)
    return found


class _Whole(Analysis):
    """Units after a change that many of them notice: the homes are not sorted again by their walks."""

    def __init__(self, after: Analysis, before: Analysis) -> None:
        super().__init__(after.ground, after.units, after.own)
        self._before = before

    def ranked(self, category: str) -> Ranked:
        return self.once(("ranked", category), lambda: self._ranked(category))

    def _ranked(self, category: str) -> Ranked:
        """The homes in their order before, but that those whose walk differs are put where they belong."""
        before, old, new = self._before, self._before.ground.walk(category), self.ground.walk(category)
        differ = np.ones(len(new), bool)
        differ[: len(old)] = new[: len(old)] != old
        if not differ.any():
            return before.ranked(category)
        moved = Ranked.of(self.homes.without(differ), new)
        return before.ranked(category).without(~differ[: len(old)]).joined(moved, new)


class _InPart(Analysis):
    """Units of which a change touches some: what is computed of the others before still holds."""

    def __init__(self, after: Analysis, before: Analysis, touched: Rows) -> None:
        super().__init__(after.ground, after.units, after.own)
        self._before, self._touched = before, touched
        self._part = _Part(after, touched)

    def ratio(self, indicator: Indicator, asked: Asked) -> Ratio:
        def merged() -> Ratio:
            if indicator.code in SHARED:
                return indicator.compute(self, asked)
            before, now = self._before.ratio(indicator, asked), self._part.ratio(indicator, asked)
            return Ratio(*(self._replaced(old, new) for old, new in zip(before, now, strict=True)))

        return self.once(("ratio", indicator.code, *asked), merged)

    def _replaced(self, old: Amounts, new: Amounts) -> Amounts:
        found = old.copy()
        found[self._touched] = new
        return found


class _Part(Analysis):
    """Some of the units of an analysis, which lie where they lay, and the homes in them."""

    def __init__(self, whole: Analysis, rows: Rows) -> None:
        self._whole, self._rows = whole, rows
        self._place = np.full(len(whole.units), -1)
        self._place[rows] = np.arange(len(rows))
        self._homes = np.unique(whole.homes.feature[self._place[whole.homes.unit] >= 0])
        super().__init__(whole.ground.of_homes(self._homes), whole.units.iloc[rows])

    def overlap(self, layer: str) -> Overlap:
        return self.once(("overlap", layer), lambda: self._of(self._whole.overlap(layer)))

    def ends_met(self, least: int, most: float = np.inf, classes: Classes = None) -> Amounts:
        return self._whole.ends_met(least, most, classes)[self._rows]

    @property
    def homes(self) -> Overlap:
        return self.once(("homes",), self._own_homes)

    def _own_homes(self) -> Overlap:
        found, number = self._of(self._whole.homes), np.zeros(len(self._whole.homes.whole), np.int64)
        number[self._homes] = np.arange(len(self._homes))
        return Overlap(found.units, found.unit, number[found.feature], found.amount, found.whole[self._homes])

    def _of(self, whole: Overlap) -> Overlap:
        unit = self._place[whole.unit]
        here = unit >= 0
        kept = (unit[here], whole.feature[here], whole.amount[here], whole.whole)
        return Overlap(len(self.units), *kept)


def _measured(analysis: Analysis, wanted: Sequence[Indicator]) -> dict[tuple[str, ...], Measured]:
    found = (one for indicator in wanted for one in analysis.measured(indicator))
    return {(one.indicator.code, *one.asked): one for one in found}


def _differs(before: Measured | None, after: Measured | None) -> bool:
    """Whether an indicator was computed anew: what no change reached is the very same object."""
    if before is None or after is None:
        return True
    return before.ratio is not after.ratio or before.missing != after.missing
