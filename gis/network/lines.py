"""Lines as flat arrays: metres along each line, the place at a distance along it, the part between two."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar, cast

import numpy as np
import shapely
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.integer[Any]]
Flags = NDArray[np.bool_]
Lines = NDArray[np.object_]
N = TypeVar("N", bound=np.generic)


class Polylines(NamedTuple):
    """The vertices of many lines, one after the other.

    Attributes
    ----------
    xy : (v, 2) array
        Vertices in the order of their lines.
    along : (v,) array
        Metres from the start of the vertex's line.
    line : (v,) array
        Position of the vertex's line.
    first : (n + 1,) array
        Position of the first vertex of each line, and the count of vertices.
    """

    xy: Floats
    along: Floats
    line: Integers
    first: Integers

    @classmethod
    def of(cls, lines: Lines) -> Polylines:
        """Take lines apart; none may be missing or empty."""
        xy, line = shapely.get_coordinates(lines, return_index=True)
        first = np.searchsorted(line, np.arange(len(lines) + 1))
        ordinal = np.arange(len(line)) - first[line]
        step = np.zeros(len(line))
        step[1:] = np.hypot(*np.diff(xy, axis=0).T)
        step[first[:-1]] = 0.0
        return cls(xy, running(np.add, step, ordinal), line, first)

    def take(self, chosen: Integers) -> Polylines:
        """Some of the lines."""
        count = self.first[chosen + 1] - self.first[chosen]
        position, line = spread(self.first[chosen], count)
        return Polylines(self.xy[position], self.along[position], line, np.append(0, np.cumsum(count)))

    def joined(self, other: Polylines) -> Polylines:
        """These lines and then the others."""
        first = np.concatenate([self.first[:-1], other.first + self.first[-1]])
        line = np.concatenate([self.line, other.line + len(self.first) - 1])
        return Polylines(
            np.concatenate([self.xy, other.xy]), np.concatenate([self.along, other.along]), line, first
        )

    @property
    def ends(self) -> Floats:
        """Coordinates of the first and of the last vertex of each line, shape (2, n, 2)."""
        return np.asarray(self.xy[np.stack([self.first[:-1], self.first[1:] - 1])])

    @property
    def length(self) -> Floats:
        """Length of each line in metres."""
        return np.asarray(self.along[self.first[1:] - 1])

    def part(self, line: Integers, begin: Floats, end: Floats) -> Lines:
        """The parts of lines between two distances along each, as LineStrings."""
        position, part = spread(self.first[line], self.first[line + 1] - self.first[line])
        inner = (self.along[position] > begin[part]) & (self.along[position] < end[part])
        position, part = position[inner], part[inner]
        parts = np.arange(len(line))
        owner = np.concatenate([parts, part, parts])
        order = np.argsort(owner, kind="stable")
        xy = np.concatenate([self.place(line, begin), self.xy[position], self.place(line, end)])
        return lines_of(xy[order], owner[order])

    def place(self, line: Integers, at: Floats) -> Floats:
        """Coordinates of the places at metres along lines, shape (n, 2)."""
        low, high = self.first[line], self.first[line + 1] - 2
        while (low < high).any():
            middle = (low + high + 1) // 2
            beyond = self.along[middle] > at
            low, high = np.where(beyond, low, middle), np.where(beyond, middle - 1, high)
        step = self.along[low + 1] - self.along[low]
        share = np.divide(at - self.along[low], step, out=np.zeros(len(at)), where=step > 0).clip(0, 1)
        place: Floats = self.xy[low] + share[:, None] * (self.xy[low + 1] - self.xy[low])
        return place


def lines_of(xy: Floats, line: Integers) -> Lines:
    """LineStrings of vertices, of which each bears the position of its line."""
    return cast(Lines, shapely.linestrings(xy, indices=line))


def running(
    operation: Callable[[NDArray[N], NDArray[N]], NDArray[N]], values: NDArray[N], ordinal: Integers
) -> NDArray[N]:
    """Accumulate values within groups, each group from its first value on.

    Parameters
    ----------
    operation
        An associative function of arrays of later and of earlier values, for example ``np.add``.
    values, ordinal
        The values, group after group, and the position of each within its group.

    Notes
    -----
    By doubling (Hillis and Steele, 1986): the outcome for a group does not depend on what stands before it.

    Examples
    --------
    >>> running(np.add, np.array([1.0, 2.0, 3.0, 4.0]), np.array([0, 1, 0, 1])).tolist()
    [1.0, 3.0, 3.0, 7.0]
    """
    total = values.copy()
    step = 1
    while step <= ordinal.max(initial=0):
        later = np.flatnonzero(ordinal >= step)
        total[later] = operation(total[later], total[later - step])
        step *= 2
    return total


def spread(first: Integers, count: Integers) -> tuple[Integers, Integers]:
    """The positions of many runs, run after run, and the run that each belongs to.

    Examples
    --------
    >>> [found.tolist() for found in spread(np.array([5, 0]), np.array([2, 1]))]
    [[5, 6, 0], [0, 0, 1]]
    """
    run = np.repeat(np.arange(len(count)), count)
    before = np.cumsum(count) - count
    return np.arange(len(run)) - before[run] + first[run], run
