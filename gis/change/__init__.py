"""The ground of a city after a change 变更: what it does not reach is kept, what it adds is joined on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.analysis import Analysis
from gis.change.buildings import with_buildings
from gis.change.facilities import with_facilities
from gis.change.layer import Change, Rows, shapes, with_layer
from gis.change.sequence import in_turn
from gis.change.streets import with_streets

__all__ = ["Change", "Changed", "Rows", "changed", "touched"]


class Changed(NamedTuple):
    """An analysis after changes, and the shapes of all that went or came on the way."""

    analysis: Analysis
    about: NDArray[np.object_]


def changed(analysis: Analysis, changes: Sequence[Change]) -> Changed:
    """Return the same units on the changed ground, with all that the changes do not reach.

    Raises
    ------
    BadParameter
        A change names a layer that is not there, or a position at which there is nothing.
    MixedCRS
        What is added is in another CRS.
    """
    special = {"buildings": with_buildings, "facilities": with_facilities, "streets": with_streets}
    about = [np.empty(0, object)]
    for change in in_turn(analysis.ground, changes):
        analysis.ground.settle()
        about.append(shapes(analysis.ground, change))
        analysis = special.get(change.layer, with_layer)(analysis, change)
    return Changed(analysis, np.concatenate(about))


def touched(before: Analysis, after: Changed) -> Rows:
    """Units in which something may differ after changes of buildings and streets."""
    differ = np.zeros(len(after.analysis.ground.homes.rows), bool)
    ground = after.analysis.ground
    while ground is not before.ground and ground.inherited:
        differ[ground.inherited.others] = True
        ground = ground.inherited.before
    # Where no street was left on the way, no walk of before was kept.
    differ |= ground is not before.ground and ("doors",) in before.ground.memo.kept
    homes = after.analysis.homes.without(differ)
    # The middle of a building may lie beside it, but not beyond its bounds.
    near = before.units.sindex.query(shapely.envelope(after.about), predicate="intersects")[1]
    return np.unique(np.concatenate([homes.unit, near])).astype(np.int64)
