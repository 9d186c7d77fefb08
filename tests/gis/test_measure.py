"""Areas and densities: unit squares, laws of area, errors of CRS."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gis import errors
from gis.measure import area_m2, density

ORIGIN = (500_000.0, 3_800_000.0)
offsets = st.floats(-20_000, 20_000)


def square(side=1000.0, x=ORIGIN[0], y=ORIGIN[1]):
    return shapely.box(x, y, x + side, y + side)


def frame(*shapes, crs=4547):
    return gpd.GeoDataFrame(geometry=list(shapes), crs=crs)


def test_a_square_kilometre_with_a_thousand_people_has_a_density_of_a_thousand():
    area = area_m2(frame(square()), 4547)
    assert area.tolist() == [1e6]
    assert density(pd.Series([1000.0]), area).tolist() == [1000.0]


def test_density_is_unknown_without_area_or_amount():
    per_km2 = density(pd.Series([1.0, np.nan, 0.0]), pd.Series([0.0, 1e6, 1e6]))
    assert per_km2.isna().tolist() == [True, True, False]
    assert per_km2[2] == 0


def test_density_matches_rows_by_index():
    per_km2 = density(pd.Series({"a": 10.0, "b": 20.0}), pd.Series({"b": 2e6, "a": 1e6}))
    assert per_km2.to_dict() == {"a": 10.0, "b": 10.0}


def test_area_of_degrees_is_taken_in_the_city_plane():
    degrees = frame(square()).to_crs(4326)
    assert area_m2(degrees, 4547)[0] == pytest.approx(1e6, rel=1e-9)


def test_lines_have_no_area_and_missing_shapes_an_unknown_one():
    areas = area_m2(frame(shapely.from_wkt("LINESTRING (500000 3800000, 500001 3800000)"), None), 4547)
    assert areas[0] == 0
    assert np.isnan(areas[1])


@pytest.mark.parametrize("srid", [4326, 4490, 2263])
def test_a_crs_that_is_not_in_metres_is_refused(srid):
    with pytest.raises(errors.GeographicCRS, match="not projected in metres"):
        area_m2(frame(square()), srid)


def test_a_frame_without_crs_is_refused():
    with pytest.raises(errors.MissingCRS):
        area_m2(frame(square(), crs=None), 4547)


def test_an_unknown_srid_is_named():
    with pytest.raises(errors.UnknownCRS, match="999999"):
        area_m2(frame(square()), 999999)


@given(offsets, offsets, st.floats(0, 360))
def test_moving_and_turning_a_shape_leaves_its_area(dx, dy, angle):
    shape = gpd.GeoSeries([square().difference(square(300, ORIGIN[0] + 100, ORIGIN[1] + 100))], crs=4547)
    moved = shape.rotate(angle).translate(dx, dy)
    assert area_m2(moved.to_frame("geometry"), 4547)[0] == pytest.approx(1e6 - 300**2, rel=1e-9)


@given(st.floats(0.1, 50))
def test_scaling_by_k_scales_the_area_by_its_square(k):
    scaled = gpd.GeoSeries([square()], crs=4547).scale(k, k)
    assert area_m2(scaled.to_frame("geometry"), 4547)[0] == pytest.approx(1e6 * k**2, rel=1e-9)


@given(st.floats(1, 999))
def test_splitting_a_polygon_keeps_the_sum(cut):
    left = shapely.box(*ORIGIN, ORIGIN[0] + cut, ORIGIN[1] + 1000)
    parts = frame(left, square().difference(left))
    assert area_m2(parts, 4547).sum() == pytest.approx(1e6, rel=1e-9)
