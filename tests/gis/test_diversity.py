"""Land-use mix against closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis import errors
from gis.diversity import hill_number, land_use_entropy, use_areas
from tests.gis.town import box, frame

LAND = frame(box(0, 0, 100))
areas = st.lists(st.floats(0.5, 100), min_size=1, max_size=8)


def parcels(*widths, uses=None):
    """Strips of land of these widths beside each other, each with a use of its own."""
    starts = np.cumsum([0, *widths[:-1]])
    names = [f"use {k}" for k in range(len(widths))] if uses is None else uses
    return frame(*(box(x, 0, width, 1) for x, width in zip(starts, widths, strict=True)), land_use=names)


def test_equal_uses_are_wholly_mixed_and_one_use_not_at_all():
    assert land_use_entropy(use_areas(LAND, parcels(25, 25, 25, 25))).tolist() == pytest.approx([1])
    assert land_use_entropy(use_areas(LAND, parcels(50, 50, uses=["R", "R"])), classes=5).tolist() == [0]


def test_entropy_of_a_half_and_two_quarters():
    expected = 1.5 * np.log(2) / np.log(3)
    assert land_use_entropy(use_areas(LAND, parcels(50, 25, 25))).tolist() == pytest.approx([expected])
    assert land_use_entropy(use_areas(LAND, parcels(50, 25, 25)), classes=8).tolist() == pytest.approx([0.5])


@pytest.mark.parametrize(("q", "expected"), [(0, 3), (1, 2**1.5), (2, 1 / (0.25 + 2 / 16))])
def test_hill_numbers_of_a_half_and_two_quarters(q, expected):
    assert hill_number(use_areas(LAND, parcels(50, 25, 25)), q=q).tolist() == pytest.approx([expected])


@given(areas, st.floats(0, 4))
def test_the_effective_number_of_uses_lies_between_one_and_their_number(widths, q):
    found = hill_number(use_areas(frame(box(0, 0, 1000)), parcels(*widths)), q=q)[0]
    assert 1 - 1e-9 <= found <= len(widths) + 1e-9


@given(areas)
def test_the_first_hill_number_is_the_exponential_of_the_entropy_and_the_limit_of_its_neighbours(widths):
    land = frame(box(0, 0, 1000))
    first = hill_number(use_areas(land, parcels(*widths)), q=1)[0]
    entropy = land_use_entropy(use_areas(land, parcels(*widths)), classes=9)[0]
    assert first == pytest.approx(np.exp(entropy * np.log(9)))
    assert hill_number(use_areas(land, parcels(*widths)), q=1 + 1e-6)[0] == pytest.approx(first, rel=1e-4)


def test_parcels_without_a_use_take_no_part():
    assert land_use_entropy(
        use_areas(LAND, parcels(25, 25, 50, uses=["R", "B", None]))
    ).tolist() == pytest.approx([1])


def test_areas_of_uses_by_unit():
    units = frame(box(0, 0, 50), box(50, 0, 50), None)
    found = use_areas(units, parcels(30, 40, 30, uses=["R", "B", "R"]))
    assert found.columns.tolist() == ["B", "R"]
    assert found.to_numpy() == pytest.approx(np.array([[20, 30], [20, 30], [0, 0]]))


def test_units_without_land_use_are_unknown():
    units = frame(box(0, 0, 100), box(500, 0, 100), None)
    for measure in (land_use_entropy, hill_number):
        assert measure(use_areas(units, parcels(10, 10))).isna().tolist() == [False, True, True]
    assert land_use_entropy(use_areas(units, parcels(10))).isna().all()
    assert hill_number(use_areas(units, parcels(10).iloc[:0])).isna().all()


def test_parameters_out_of_range_are_refused():
    with pytest.raises(errors.BadParameter, match="3 land uses, more than 2"):
        land_use_entropy(use_areas(LAND, parcels(1, 1, 1)), classes=2)
    with pytest.raises(errors.BadParameter, match="below zero"):
        hill_number(use_areas(LAND, parcels(1)), q=-1)


@pytest.mark.parametrize("q", [1000, 5000, 1e300, np.inf])
def test_a_high_order_looks_at_the_largest_use_alone(q):
    areas = use_areas(LAND, parcels(50, 30, 20))
    assert hill_number(areas, q).tolist() == pytest.approx([2], rel=1e-3)
    assert np.isnan(hill_number(areas.iloc[:0].reindex([0]).fillna(0), q)[0])
