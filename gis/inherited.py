"""Values of homes that a ground has from another 继承: read where they are asked for, and copied nowhere."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from gis.frames import Amounts, Mask
from gis.memo import Key

if TYPE_CHECKING:
    from gis.ground import Ground

OTHER = -1
V = TypeVar("V", Amounts, Mask)


@dataclass(frozen=True)
class Within(Generic[V]):
    """A value of homes, to ask ``Ground.by_home`` for, that hangs on nothing beyond a distance in metres."""

    radius: float
    value: Callable[..., V]

    def __call__(self, ground: Ground, *asked: Hashable) -> V:
        """Compute the value of all homes of a ground."""
        return self.value(ground, *asked)


class Inherited(NamedTuple):
    """The homes of a ground by another one that knows most of their values.

    Attributes
    ----------
    before
        The ground that knows them.
    row
        Position of each home there; -1: its values are its own.
    other
        A ground of those other homes alone, in their order; None where there are none.
    """

    before: Ground
    row: NDArray[np.int64]
    other: Ground | None = None

    @property
    def others(self) -> NDArray[np.int64]:
        """Positions of the homes whose values are their own."""
        return np.flatnonzero(self.row == OTHER)

    def values(self, home: NDArray[np.int64], value: Callable[..., V], *asked: Hashable) -> V:
        """A value of some homes, as ``Ground.by_home`` is asked for it."""
        row = self.row[home]
        known = row != OTHER
        found = self.before.values(row[known], value, *asked)
        if self.other is None or known.all():
            return found
        whole = np.empty(len(home), found.dtype)
        whole[known] = found
        whole[~known] = self.other.by_home(value, *asked)[np.searchsorted(self.others, home[~known])]
        return whole

    def reads(self, key: Key) -> frozenset[str] | None:
        """The inputs that went into a value of the homes; None where it was not computed."""
        kept = self.before.memo.kept.get(key)
        if kept is not None:
            return kept.reads
        return self.before.inherited.reads(key) if self.before.inherited else None
