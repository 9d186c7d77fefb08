"""What homes walk, from one sorting, against the same in plain words, also after some go and others come."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.overlap import Overlap
from gis.ranked import Ranked

LIMITS = (0.0, 300.0, 500.0)
generators = st.integers(0, 2**32 - 1).map(np.random.default_rng)


def placed(rng, units, homes):
    """Homes in units, some in several and some in none."""
    unit, feature = np.nonzero(rng.random((units, homes)) < 0.4)
    return Overlap(units, unit, feature, np.ones(len(unit)), np.ones(homes))


def town(rng, homes):
    metres = rng.exponential(300, homes).round(-1)
    metres[rng.random(homes) < 0.2] = np.inf
    return metres, rng.integers(0, 9, homes).astype(float)


def assert_plain(walked, membership, metres, weight):
    for unit in range(membership.units):
        own = membership.feature[membership.unit == unit]
        far, held = metres[own], weight[own]
        assert walked.weight[unit] == held.sum()
        assert walked.reached[unit] == held[np.isfinite(far)].sum()
        for limit in LIMITS:
            assert walked.within[limit][unit] == held[far <= limit].sum()
        near = np.isfinite(far) & (held > 0)
        mean = np.average(far[near], weights=held[near]) if near.any() else np.nan
        assert walked.mean[unit] == pytest.approx(mean, nan_ok=True)
        each = np.sort(np.repeat(far, held.astype(int)))
        for name, q in {"median": 0.5, "p90": 0.9}.items():
            expected = each[int(np.ceil(q * len(each) - 1e-9)) - 1] if len(each) else np.nan
            np.testing.assert_equal(walked.quantiles[name][unit], expected)


@settings(deadline=None, max_examples=60)
@given(generators, st.integers(1, 4), st.integers(0, 30))
def test_what_is_walked_is_that_of_each_unit_alone(rng, units, homes):
    membership, (metres, weight) = placed(rng, units, homes), town(rng, homes)
    assert_plain(Ranked.of(membership, metres).walked(metres, weight, LIMITS), membership, metres, weight)


@settings(deadline=None, max_examples=60)
@given(generators, st.integers(1, 4), st.integers(1, 30))
def test_homes_that_move_are_put_where_a_new_sorting_puts_them(rng, units, homes):
    membership, (before, weight), (after, _) = placed(rng, units, homes), town(rng, homes), town(rng, homes)
    moved = rng.random(homes) < 0.3
    after = np.where(moved, after, before)
    left = Ranked.of(membership, before).without(~moved)
    found = left.joined(Ranked.of(membership.without(moved), after), after)
    assert (np.diff(found.first) == np.bincount(membership.unit, minlength=units)).all()
    assert_plain(found.walked(after, weight, LIMITS), membership, after, weight)
    some = np.flatnonzero(rng.random(units) < 0.5)
    part = found.of_units(some).walked(after, weight, LIMITS)
    assert part.weight.tolist() == found.walked(after, weight, LIMITS).weight[some].tolist()


def test_what_has_no_distance_or_no_weight_takes_no_part():
    membership = Overlap(1, np.zeros(4, int), np.arange(4), np.ones(4), np.ones(4))
    metres, weight = np.array([100.0, np.nan, 300.0, 5.0]), np.array([1.0, 9.0, 1.0, np.nan])
    found = Ranked.of(membership, metres).walked(metres, weight, LIMITS)
    assert (found.weight[0], found.mean[0], found.quantiles["median"][0]) == (2.0, 200.0, 100.0)
