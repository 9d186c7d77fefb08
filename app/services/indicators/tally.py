"""What a run sums up to while its values pass by, chunk after chunk."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

SERIES = ["indicator", "subject", "basis", "unit"]
AS_TEXT = dict.fromkeys(SERIES, "str")
NAMES = ("indicator", "subject", "basis", "unit_code", "missing")
MEASURED = ("value", "numerator", "denominator")


@dataclass
class Tally:
    """Counts of a run's values, and a digest of them to the last bit."""

    count: int = 0
    known: int = 0
    missing: Counter[str] = field(default_factory=Counter)
    _content: Any = field(default_factory=hashlib.sha256)
    _series: list[pd.DataFrame] = field(default_factory=list)

    def add(self, values: pd.DataFrame) -> None:
        """Take a chunk into account."""
        self.count += len(values)
        self.known += int(values["value"].count())
        self.missing.update(values["missing"].dropna())
        self._content.update(_digest(values))
        counted = values.groupby(SERIES, observed=True)["value"].count().reset_index(name="known")
        lacking = values.groupby([*SERIES, "missing"], observed=True).size().reset_index(name="lacking")
        self._series.append(pd.concat([counted.astype(AS_TEXT), lacking.astype(AS_TEXT)]))

    @property
    def values_hash(self) -> str:
        """Name the values, whatever thresholds say of them."""
        return str(self._content.hexdigest())

    def held(self) -> list[list[Any]]:
        """List each series with how many of its values are known, and what most of the others lack."""
        every = pd.concat(self._series)
        known = every.groupby(SERIES)["known"].sum().astype(int)
        lacking = every.groupby([*SERIES, "missing"])["lacking"].sum().reset_index()
        most = lacking.sort_values("lacking", kind="stable").drop_duplicates(SERIES, keep="last")
        table = known.reset_index().merge(most[[*SERIES, "missing"]], on=SERIES, how="left").astype(object)
        return table.where(table.notna(), None).to_numpy().tolist()


def _digest(values: pd.DataFrame) -> bytes:
    content = hashlib.sha256()
    for name in NAMES:
        place, named = pd.factorize(values[name])
        content.update("\0".join(map(str, named)).encode() + place.astype("<i8").tobytes())
    for name in MEASURED:
        numbers = values[name].to_numpy(dtype=float)
        content.update(np.where(np.isnan(numbers), np.nan, numbers).astype("<f8").tobytes())
    return content.digest()
