"""Where street ends meet, and the same after streets went and others came."""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.street_ends import StreetEnds
from tests.gis.network_peer import lattice, streets_of, town

generators = st.integers(0, 2**32 - 1).map(np.random.default_rng)


def test_the_corners_of_a_lattice_by_how_many_streets_meet():
    ends = StreetEnds.of(lattice(3, 100.0))
    assert [len(ends.meeting(least, most)) for least, most in ((2, 2), (3, 3), (4, 4), (3, np.inf))] == [
        4,
        8,
        4,
        12,
    ]
    corners = shapely.get_coordinates(ends.meeting(2, 2).array).tolist()
    assert corners == [[0, 0], [0, 300], [300, 0], [300, 300]]


def test_a_loop_has_two_ends_and_a_street_in_parts_has_those_of_each():
    loop = [(0, 0), (50, 0), (50, 50), (0, 0)]
    parts = shapely.MultiLineString([[(0, 0), (9, 0)], [(0, 0), (0, 9)]])
    ends = StreetEnds.of(streets_of([loop, parts]))
    assert ends.degree.tolist() == [4, 1, 1]
    assert len(StreetEnds.of(streets_of([])).meeting(0)) == 0


@settings(deadline=None, max_examples=60)
@given(generators, st.integers(0, 12), st.integers(0, 6))
def test_ends_after_a_change_are_those_of_the_changed_streets(rng, gone, come):
    streets, added = town(rng), town(rng, streets=come)
    removed = rng.choice(len(streets), gone, replace=False)
    before = StreetEnds.of(streets)
    found = before.changed(streets.iloc[removed], added)
    expected = StreetEnds.of(pd.concat([streets.drop(removed), added], ignore_index=True))
    known = found.degree > 0
    assert found.cell[known].tolist() == expected.cell.tolist()
    assert found.degree[known].tolist() == expected.degree.tolist()
    differing = found.differing(before)
    other = np.setdiff1d(np.union1d(before.cell, expected.cell), differing)
    assert (before.at(other) == expected.at(other)).all()
    assert (before.at(differing) != expected.at(differing)).all()
