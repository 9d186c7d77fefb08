"""Classes of a choropleth map and their legend."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from numbers import Integral

import numpy as np
from ckmeans import ckmeans
from numpy.typing import ArrayLike, NDArray
from pandas import Series

from gis.errors import N_, BadParameter, UnknownScheme

Values = NDArray[np.float64]
Bounds = Callable[[Values, int], Values]

MOST_CLASSES = 255
"""More than this ckmeans does not divide into."""


@dataclass(frozen=True)
class Classes:
    """Classes of a choropleth (分级), lowest first.

    Attributes
    ----------
    scheme
        Name in ``SCHEMES``.
    edges
        k + 1 ascending values: the minimum, then the upper bound of each class, which belongs to it.
    counts
        Number of values in each class; they add up to the number of classified values.
    index
        Class number from 0 of each value, on the index of the values; NA where the value is NaN or infinite.
    """

    scheme: str
    edges: Values
    counts: NDArray[np.int64]
    index: Series[int]

    @property
    def k(self) -> int:
        """Number of classes; fewer than asked for where the values are fewer."""
        return len(self.counts)

    @property
    def bounds(self) -> Values:
        """Upper bound of each class."""
        return self.edges[1:]

    def intervals(self) -> list[tuple[float, float]]:
        """Lower and upper edge of each class, for the legend."""
        return list(zip(self.edges[:-1].tolist(), self.edges[1:].tolist(), strict=True))


def classify(values: ArrayLike, scheme: str = "fisher_jenks", k: int = 5) -> Classes:
    """Group values into classes for a choropleth map (分级设色).

    Parameters
    ----------
    values
        Numbers in one unit; the index of a Series is kept. NaN and infinite values stay unclassified.
    scheme
        ``fisher_jenks`` (also called natural_breaks, 自然断点), ``quantiles`` (分位数) or ``equal_interval``
        (等间距). Case, spaces and hyphens do not matter.
    k
        Number of classes wanted, 1 to ``MOST_CLASSES``. Fewer come back where the values have fewer distinct
        numbers or where quantiles coincide.

    Returns
    -------
    Classes
        Edges, counts and the class of each value. The same values give the same classes in any order.

    Raises
    ------
    UnknownScheme
        The scheme is not in ``SCHEMES``.
    BadParameter
        ``k`` is out of its range or not whole, or a value is not a number.

    Notes
    -----
    Natural breaks are the optimal ones of Fisher (1958) and Jenks (1977), found on every value with Wang and
    Song's Ckmeans.1d.dp (2011), not a k-means run, so they do not change from call to call. Quantiles are
    linear between order statistics (type 7 of Hyndman and Fan, 1996).

    Examples
    --------
    >>> classes = classify([1, 2, 3, 10, 11, 12], k=2)
    >>> classes.intervals(), classes.counts.tolist()
    ([(1.0, 3.0), (3.0, 12.0)], [3, 3])
    """
    name = _scheme_name(scheme)
    if not isinstance(k, Integral) or not 1 <= k <= MOST_CLASSES:
        raise BadParameter(N_("The number of classes must be 1 to {most}, not {k}."), most=MOST_CLASSES, k=k)
    try:
        numbers = Series(values, dtype=float)
    except (TypeError, ValueError) as error:
        raise BadParameter(N_("Some of the values are not numbers.")) from error
    finite = np.isfinite(numbers.to_numpy())
    ordered: Values = np.sort(numbers.to_numpy()[finite])
    bounds = _bounds(ordered, name, k)
    index = Series(np.searchsorted(bounds, numbers.to_numpy()), numbers.index, dtype="Int64").where(finite)
    counts = np.bincount(index.dropna().to_numpy(np.int64), minlength=len(bounds))
    return Classes(name, np.r_[ordered[:1], bounds], counts, index)


def _scheme_name(scheme: str) -> str:
    name = scheme.strip().lower().replace(" ", "_").replace("-", "_")
    if name not in SCHEMES:
        raise UnknownScheme(
            N_("{scheme} is not a classification scheme."),
            remedy=N_("Use one of: {schemes}."),
            scheme=scheme,
            schemes=", ".join(SCHEMES),
        )
    return name


def _bounds(ordered: Values, scheme: str, k: int) -> Values:
    distinct = np.unique(ordered)
    if len(distinct) <= 1:
        return distinct
    bounds = np.unique(SCHEMES[scheme](ordered, min(k, len(distinct))))
    complete: Values = np.r_[bounds[bounds < distinct[-1]], distinct[-1]]
    return complete


def _fisher_jenks(ordered: Values, k: int) -> Values:
    return np.array([group[-1] for group in ckmeans(ordered, k)])


def _quantiles(ordered: Values, k: int) -> Values:
    """Quantiles; where one value fills several, the classes that hold nothing are left out."""
    bounds = np.unique(np.quantile(ordered, np.arange(1, k + 1) / k))
    held: Values = bounds[np.unique(np.searchsorted(bounds, ordered).clip(max=len(bounds) - 1))]
    return held


def _equal_interval(ordered: Values, k: int) -> Values:
    return np.linspace(ordered[0], ordered[-1], k + 1)[1:]


SCHEMES: dict[str, Bounds] = {
    "fisher_jenks": _fisher_jenks,
    "natural_breaks": _fisher_jenks,
    "quantiles": _quantiles,
    "equal_interval": _equal_interval,
}
"""The schemes by name."""
