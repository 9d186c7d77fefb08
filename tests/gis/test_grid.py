"""Grids: the same cell for the same place, corners shared bit by bit, no cell that only touches."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis import errors
from gis.grid import hexagon_grid, square_grid
from tests.gis.town import box, frame

GRIDS = [square_grid, hexagon_grid]


def at(x, y, width, height=None):
    return gpd.GeoDataFrame(geometry=[box(x, y, width, height)], crs=4547)


def test_squares_are_counted_from_the_origin_of_the_system():
    grid = square_grid(at(-150, 90, 200, 20), 100)
    assert grid["code"].tolist() == ["-2_0", "-1_0", "0_0", "-2_1", "-1_1", "0_1"]
    assert grid.geometry[0].bounds == (-200, 0, -100, 100)
    assert grid.crs.to_epsg() == 4547


def test_a_square_area_is_its_own_cell_and_has_no_neighbours():
    assert square_grid(at(300, 400, 100), 100)["code"].tolist() == ["3_4"]


def test_a_hexagon_has_the_area_of_the_formula():
    assert hexagon_grid(at(0, 0, 1000), 50).area.to_numpy() == pytest.approx(1.5 * np.sqrt(3) * 50**2)


@pytest.mark.parametrize("grid", GRIDS)
@given(st.floats(-5000, 5000), st.floats(-5000, 5000), st.floats(1, 2000), st.floats(40, 300))
@settings(max_examples=25, deadline=None)
def test_cells_cover_the_area_without_gap_or_overlap(grid, x, y, width, side):
    area = at(x, y, width)
    cells = grid(area, side)
    inside = cells.intersection(area.geometry[0]).area
    assert inside.sum() == pytest.approx(width**2)
    assert cells["code"].is_unique
    assert shapely.union_all(cells.geometry.to_numpy()).area == pytest.approx(cells.area.sum())


@pytest.mark.parametrize("grid", GRIDS)
def test_the_same_place_is_the_same_cell_in_every_grid(grid):
    small = grid(at(1000, 1000, 150), 60).set_index("code").geometry
    large = grid(at(0, 0, 3000), 60).set_index("code").geometry
    assert (small.to_wkb() == large.loc[small.index].to_wkb()).all()


def test_neighbouring_hexagons_share_their_corners_bit_by_bit():
    corners = shapely.get_coordinates(hexagon_grid(at(500_000, 3_800_000, 1000), 61.7).geometry.to_numpy())
    assert len(np.unique(corners, axis=0)) == len(np.unique(corners.round(3), axis=0))


def test_cells_lie_where_the_area_lies_and_not_in_its_hole_or_between_its_parts():
    ring = frame(box(0, 0, 1000).difference(box(100, 100, 800)))
    assert len(square_grid(ring, 100)) == 36
    assert len(square_grid(frame(box(0, 0, 100), box(900, 900, 100), None), 100)) == 2


@pytest.mark.parametrize("grid", GRIDS)
@pytest.mark.parametrize("area", [frame(), frame(None), frame(shapely.Polygon())])
def test_no_area_has_no_cells(grid, area):
    assert len(grid(area, 100)) == 0


@pytest.mark.parametrize("grid", GRIDS)
@pytest.mark.parametrize("side", [0, -5, np.nan, np.inf])
def test_a_side_must_be_above_zero(grid, side):
    with pytest.raises(errors.BadParameter, match="above zero"):
        grid(at(0, 0, 100), side)


@pytest.mark.parametrize("grid", GRIDS)
def test_a_grid_too_fine_for_any_city_is_refused(grid):
    with pytest.raises(errors.BadParameter, match=r"cells; 4000000 is the most.*longer side"):
        grid(at(0, 0, 50_000), 1)


@pytest.mark.parametrize("side", [1e9, 1e16, 1e100])
def test_a_cell_however_large_holds_what_lies_in_its_corner(side):
    area = gpd.GeoSeries([shapely.box(0.2, 0.2, 0.4, 0.4)], crs=4547)
    assert square_grid(area, side)["code"].tolist() == ["0_0"]
    assert len(hexagon_grid(area, side)) == 1
