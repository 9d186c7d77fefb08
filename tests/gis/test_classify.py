"""Classes of a choropleth: known breaks, gaps in the data, laws."""

from __future__ import annotations

import itertools

import mapclassify
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis import errors
from gis.classify import MOST_CLASSES, SCHEMES, classify

# Printed amounts of 15 of the 16 areas (without the cross-district one), 亿元: 郑建文〔2025〕45号
PRINTED = [
    947.99, 602.55, 780.79, 1547.65, 481.36, 63.33, 904.44, 668.77, 288.35, 482.74, 137.30, 168.01, 27.85,
    359.40, 46.92,
]  # fmt: skip
numbers = st.lists(st.floats(-1e6, 1e6).map(lambda x: round(x, 3)), min_size=1, max_size=40)
schemes = pytest.mark.parametrize("scheme", SCHEMES)


@pytest.mark.parametrize(
    ("scheme", "peer"),
    [
        ("fisher_jenks", mapclassify.FisherJenks),
        ("quantiles", mapclassify.Quantiles),
        ("equal_interval", mapclassify.EqualInterval),
    ],
)
@pytest.mark.filterwarnings("ignore:Numba not installed")
def test_breaks_and_classes_are_those_of_mapclassify(scheme, peer):
    classes, expected = classify(PRINTED, scheme, 5), peer(np.array(PRINTED), k=5)
    assert classes.bounds == pytest.approx(expected.bins)
    assert classes.counts.tolist() == expected.counts.tolist()
    assert classes.index.tolist() == expected.yb.tolist()


@given(
    st.lists(st.integers(0, 12) | st.floats(0, 12).map(lambda x: 1e6 + x * 1e-3), min_size=2, max_size=9),
    st.integers(1, 5),
)
def test_natural_breaks_leave_the_least_variance_of_all_ways_to_divide(values, k):
    def squares(parts):
        return sum(np.var(part) * len(part) for part in parts)

    ordered = np.sort(np.array(values, float))
    cuts = itertools.combinations(range(1, len(ordered)), min(k, len(set(values))) - 1)
    least = min(squares(np.split(ordered, cut)) for cut in cuts)
    classes = classify(ordered, k=k)
    ours = squares(ordered[classes.index == number] for number in range(classes.k))
    # what a double holds of the sum of all squares is what ckmeans promises
    assert ours == pytest.approx(least, rel=1e-9, abs=1e-13 * (ordered**2).sum())


def test_natural_breaks_part_two_clusters():
    classes = classify([1, 2, 3, 100, 101, 102], "natural breaks", 2)
    assert classes.intervals() == [(1, 3), (3, 102)]
    assert classes.index.tolist() == [0, 0, 0, 1, 1, 1]


def test_equal_intervals_of_zero_to_ten():
    assert classify(range(11), "Equal-Interval", 5).edges.tolist() == [0, 2, 4, 6, 8, 10]


def test_quantiles_hold_equal_numbers():
    assert classify(range(100), "quantiles", 4).counts.tolist() == [25, 25, 25, 25]


@schemes
def test_unknown_values_stay_unclassified_at_their_place(scheme):
    values = pd.Series([3.0, np.nan, 1.0, np.inf, 2.0], index=list("abcde"))
    classes = classify(values, scheme, 3)
    assert classes.index.isna().to_dict() == {"a": False, "b": True, "c": False, "d": True, "e": False}
    assert classes.counts.sum() == 3
    assert classes.edges[-1] == 3


@schemes
def test_fewer_distinct_values_give_fewer_classes(scheme):
    classes = classify([7, 7, 9], scheme, 5)
    assert classes.k == 2
    assert classes.counts.tolist() == [2, 1]


@schemes
def test_one_value_makes_one_class_and_none_makes_none(scheme):
    assert classify([4, 4], scheme).intervals() == [(4, 4)]
    assert classify([], scheme).k == 0
    assert classify([np.nan], scheme).intervals() == []


def test_coinciding_quantiles_leave_no_class_empty():
    classes = classify([0, 0, 0, 0, 0, 0, 1, 2], "quantiles", 5)
    assert (classes.counts > 0).all()
    assert classes.counts[0] == 6


def test_ten_thousand_values_are_classified_the_same_twice():
    values = np.random.default_rng(7).lognormal(size=10_000)
    first, second = classify(values), classify(values[::-1])
    assert first.edges.tolist() == second.edges.tolist()
    assert first.k == 5


def test_an_unknown_scheme_is_named_with_the_known_ones():
    with pytest.raises(errors.UnknownScheme, match=r"pretty is not .* fisher_jenks"):
        classify([1, 2], "pretty")


@schemes
@pytest.mark.parametrize("k", [0, MOST_CLASSES + 1])
def test_no_classes_and_more_than_can_be_made_are_refused(scheme, k):
    with pytest.raises(errors.BadParameter, match=f"1 to 255, not {k}"):
        classify(range(300), scheme, k)
    assert classify(range(300), scheme, MOST_CLASSES).k == MOST_CLASSES


@schemes
@given(numbers, st.integers(1, 7))
def test_classes_are_ordered_complete_and_bound_their_values(scheme, values, k):
    classes = classify(values, scheme, k)
    assert 1 <= classes.k <= k
    assert classes.counts.sum() == len(values)
    assert (classes.edges[0], classes.edges[-1]) == (min(values), max(values))
    assert (np.diff(classes.bounds) > 0).all()
    assert (np.array(values) <= classes.bounds[classes.index.to_numpy(int)]).all()
    order = np.argsort(values, kind="stable")
    assert classes.index.iloc[order].is_monotonic_increasing


def test_values_are_numbers_and_classes_are_whole():
    with pytest.raises(errors.BadParameter, match="not numbers"):
        classify(["a", "b"])
    for k in (2.5, "5", float("nan")):
        with pytest.raises(errors.BadParameter, match="must be 1 to 255"):
            classify([1, 2, 3], k=k)
