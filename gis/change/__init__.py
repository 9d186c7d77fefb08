"""The ground of a city after a change 变更: what it does not reach is kept, what it adds is joined on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import shapely

from gis.analysis import Analysis
from gis.change.buildings import with_buildings
from gis.change.facilities import with_facilities
from gis.change.layer import Change, Rows, added, check, shapes, with_layer
from gis.change.streets import with_streets

__all__ = ["Change", "Rows", "changed", "touched"]


def changed(analysis: Analysis, changes: Sequence[Change]) -> Analysis:
    """Return the same units on the changed ground, with all that the change does not reach.

    Raises
    ------
    BadParameter
        A change names a layer that is not there, or a position that it does not have.
    MixedCRS
        What is added is in another CRS.
    """
    special = {"buildings": with_buildings, "facilities": with_facilities, "streets": with_streets}
    for change in changes:
        analysis.ground.settle()
        check(analysis.ground, change)
        complete = replace(change, added=added(analysis.ground, change))
        analysis = special.get(change.layer, with_layer)(analysis, complete)
    return analysis


def touched(before: Analysis, after: Analysis, changes: Sequence[Change]) -> Rows:
    """Units in which something may differ after changes of buildings and streets."""
    differ = np.zeros(len(after.ground.homes.rows), bool)
    ground = after.ground
    while ground is not before.ground and ground.inherited:
        differ[ground.inherited.others] = True
        ground = ground.inherited.before
    homes = after.homes.without(differ)
    lie = before.units.sindex
    # The middle of a building may lie beside it, but not beyond its bounds.
    about = [shapely.envelope(shapes(before.ground, change)) for change in changes]
    near = lie.query(np.concatenate(about), predicate="intersects")[1]
    return np.unique(np.concatenate([homes.unit, near])).astype(np.int64)
