"""Classes of a choropleth map and their legend."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pandas import Series

from gis.errors import N_, BadParameter, UnknownScheme

Values = NDArray[np.float64]
Bounds = Callable[[Values, int], Values]

JENKS_SAMPLE = 500
"""Optimal breaks cost n² k; above this many values they are found on evenly spaced order statistics."""


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
        Number of classes wanted, at least 1. Fewer come back where the values have fewer distinct numbers or
        where quantiles coincide.

    Returns
    -------
    Classes
        Edges, counts and the class of each value. The same values give the same classes in any order.

    Raises
    ------
    UnknownScheme
        The scheme is not in ``SCHEMES``.
    BadParameter
        ``k`` is below 1.

    Notes
    -----
    Breaks are those of mapclassify. Natural breaks are the optimal ones of Fisher (1958) and Jenks (1977),
    not a k-means run, so they do not change from call to call.

    Examples
    --------
    >>> classes = classify([1, 2, 3, 10, 11, 12], k=2)
    >>> classes.intervals(), classes.counts.tolist()
    ([(1.0, 3.0), (3.0, 12.0)], [3, 3])
    """
    name = _scheme_name(scheme)
    if k < 1:
        raise BadParameter(N_("The number of classes must be 1 or more, not {k}."), k=k)
    numbers = Series(values, dtype=float)
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
    """Optimal upper bounds; they are values of the sample, so nearly equal ones stay apart."""
    every = np.linspace(0, len(ordered) - 1, min(len(ordered), JENKS_SAMPLE)).round().astype(int)
    sample = ordered[every]
    return _mapclassify_bounds("FisherJenks", sample, min(k, len(np.unique(sample))))


def _quantiles(ordered: Values, k: int) -> Values:
    """Quantiles; where one value fills several, the classes that hold nothing are left out."""
    bounds = np.unique(_mapclassify_bounds("Quantiles", ordered, k))
    held: Values = bounds[np.unique(np.searchsorted(bounds, ordered).clip(max=len(bounds) - 1))]
    return held


def _equal_interval(ordered: Values, k: int) -> Values:
    return _mapclassify_bounds("EqualInterval", ordered, k)


def _mapclassify_bounds(classifier: str, values: Values, k: int) -> Values:
    import mapclassify  # noqa: PLC0415 - slow to import, and a start of the dashboard does not need it

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return np.asarray(getattr(mapclassify, classifier)(values, k=k).bins, np.float64)


SCHEMES: dict[str, Bounds] = {
    "fisher_jenks": _fisher_jenks,
    "natural_breaks": _fisher_jenks,
    "quantiles": _quantiles,
    "equal_interval": _equal_interval,
}
"""The schemes by name."""
