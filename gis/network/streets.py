"""The street lines of a frame: which may be walked, what their ends are called, at which level they run."""

from __future__ import annotations

from enum import IntEnum
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import shapely
from geopandas import GeoDataFrame, GeoSeries
from numpy.typing import ArrayLike, NDArray
from shapely import GeometryType

from gis.errors import N_, BadParameter, NotALine
from gis.frames import column_of, shapes_of
from gis.network.lines import Flags, Integers, Lines

NAMED_ENDS = (("from_node", "to_node"), ("u", "v"))
LINEAR = (GeometryType.LINESTRING, GeometryType.LINEARRING, GeometryType.MULTILINESTRING)
NO = ("", "no", "false", "0", "0.0")
UNNAMED = -1


class Fate(IntEnum):
    """What became of a row that was given."""

    STREET = 0
    NOT_WALKABLE = 1
    EMPTY = 2


class Streets(NamedTuple):
    """Lines that may be walked.

    Attributes
    ----------
    line : (n,) array of LineString
        Their courses.
    row : (n,) array
        Position of the row that each was read from.
    ends : (n, 2) array
        Numbers of the names of the first and the last node, -1 where a node is known by its place.
    level : (n,) array
        Number of the level at which it runs; lines of different levels cross without meeting.
    """

    line: Lines
    row: Integers
    ends: Integers
    level: Integers

    def take(self, chosen: Flags | Integers) -> Streets:
        """Some of the streets."""
        return Streets._make(field[chosen] for field in self)

    def renumbered(self, number: Integers) -> Streets:
        """The streets of rows that bear other numbers."""
        return self._replace(row=number[self.row])

    def joined(self, other: Streets) -> Streets:
        """These streets and then the others."""
        return Streets._make(map(np.concatenate, zip(self, other, strict=True)))


def read_streets(
    edges: GeoDataFrame | GeoSeries, walkable: str | ArrayLike | None, names: pd.Index[Any]
) -> tuple[Streets, NDArray[np.int8], pd.Index[Any]]:
    """Read the lines of a frame that may be walked.

    Parameters
    ----------
    edges, walkable
        As in ``WalkNetwork.from_edges``.
    names
        Names of nodes that have a number already.

    Returns
    -------
    tuple
        The streets, the fate of each row, and the names with those that are new.
    """
    frame = GeoDataFrame(geometry=edges) if isinstance(edges, GeoSeries) else edges
    shapes = shapes_of(frame)
    _require_lines(frame, shapes)
    fate = np.full(len(frame), Fate.STREET, np.int8)
    fate[~_walkable(frame, walkable)] = Fate.NOT_WALKABLE
    fate[shapely.is_missing(shapes)] = Fate.EMPTY
    row = np.flatnonzero(fate == Fate.STREET)
    ends, names = _end_names(frame, names)
    streets = Streets(_flat(shapes[row]), row, ends[row], _level(frame)[row])
    return _single_lines(streets), fate, names


def _flat(lines: Lines) -> Lines:
    return shapely.force_2d(lines) if shapely.has_z(lines).any() else lines


def _require_lines(edges: GeoDataFrame, shapes: Lines) -> None:
    kinds = shapely.get_type_id(shapes)
    other = (kinds >= 0) & ~np.isin(kinds, LINEAR)
    if other.any():
        first = int(np.flatnonzero(other)[0])
        raise NotALine(
            N_("A {kind} was given where a line is needed."),
            where=N_("Row {row}."),
            remedy=N_("A network is made of street centre lines; {count} rows are something else."),
            row=edges.index[first],
            kind=shapes[first].geom_type,
            count=int(other.sum()),
        )


def _walkable(edges: GeoDataFrame, walkable: str | ArrayLike | None) -> Flags:
    if walkable is None:
        return np.ones(len(edges), bool)
    given = column_of(edges, walkable) if isinstance(walkable, str) else walkable
    if isinstance(given, pd.Series) and not given.index.equals(edges.index):
        raise BadParameter(N_("What may be walked is given on another index than the streets."))
    try:
        flags = pd.array(np.asarray(given, dtype=object), dtype="boolean")
    except (TypeError, ValueError) as error:
        raise BadParameter(
            N_("What may be walked is not given as true and false."),
            remedy=N_("Give one truth value a street; a missing one counts as true."),
        ) from error
    if len(flags) != len(edges):
        raise BadParameter(
            N_("{given} truth values were given for {count} streets."), given=len(flags), count=len(edges)
        )
    return flags.fillna(True).to_numpy(bool)


def _end_names(edges: GeoDataFrame, names: pd.Index[Any]) -> tuple[Integers, pd.Index[Any]]:
    columns = next((list(pair) for pair in NAMED_ENDS if set(pair) <= set(edges.columns)), None)
    if columns is None:
        return np.full((len(edges), 2), UNNAMED), names
    given = pd.concat([edges[name] for name in columns], ignore_index=True)
    codes, found = pd.factorize(given)
    known = names.append(pd.Index(found).difference(names, sort=False)) if len(names) else pd.Index(found)
    number = np.append(known.get_indexer(found), UNNAMED)
    return number[codes].reshape(2, -1).T, known


def _level(edges: GeoDataFrame) -> Integers:
    """Number the levels: the layer of OpenStreetMap, apart from it bridges, and apart from them tunnels."""
    none = pd.Series(0, index=edges.index)
    layer = pd.to_numeric(edges.get("layer", none), errors="coerce").fillna(0).to_numpy(np.int64)
    bridge, tunnel = (_said(edges.get(name, none)) for name in ("bridge", "tunnel"))
    number: Integers = 4 * layer + 2 * bridge + tunnel
    return number


def _said(values: pd.Series[Any]) -> Flags:
    text = values.astype(object).where(values.notna(), "no").astype(str)
    return ~text.str.lower().isin(NO).to_numpy(bool)


def _single_lines(streets: Streets) -> Streets:
    """Take lines in several parts apart; what meets within a line is merged first."""
    many = shapely.get_type_id(streets.line) == GeometryType.MULTILINESTRING
    if not many.any():
        return streets
    merged = streets.line.copy()
    merged[many] = shapely.line_merge(merged[many])
    line, whole = shapely.get_parts(merged, return_index=True)
    return broken(streets, line, whole)


def broken(streets: Streets, line: Lines, whole: Integers) -> Streets:
    """Streets taken apart: the outer ends keep their names, the inner ones are known by place."""
    parts = streets.take(whole)
    ends = parts.ends.copy()
    inner = whole[1:] == whole[:-1]
    ends[1:, 0][inner] = UNNAMED
    ends[:-1, 1][inner] = UNNAMED
    return parts._replace(line=line, ends=ends)
