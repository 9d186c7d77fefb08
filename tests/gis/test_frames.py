"""What is refused before anything is measured, each with its own error, and what is let through."""

from __future__ import annotations

from decimal import Decimal

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from gis import coverage, density, diversity, errors, frames, grid, overlap
from gis.analysis import evaluate
from tests.gis.town import FIGURE_EIGHT, box, frame, measured

LAND = frame(box(0, 0, 100))
HOUSE = frame(
    box(10, 10, 10),
    floors=[2.0],
    floor_area=[200.0],
    population=[5.0],
    households=[2.0],
    year_built=[1990.0],
    land_use=["R"],
)
STREET = frame(shapely.linestrings([[0, 50], [100, 50]]))
MEASURES = {
    "floor_area_ratio": density.floor_area_ratio,
    "building_coverage": density.building_coverage,
    "mean_storeys": lambda units, things: measured("mean_storeys", units, buildings=things),
    "population_density": lambda units, things: measured("population_density", units, population=things),
    "green_ratio": lambda units, things: measured("green_ratio", units, zoning=things),
    "old_buildings": lambda units, things: measured("old_buildings", units, "before_1980", buildings=things),
    "use_areas": diversity.use_areas,
    "service_coverage": lambda units, things: coverage.service_coverage(units, things, things, 100),
    "park_coverage": lambda units, things: coverage.park_coverage(units, things, things),
    "renewal_coverage": lambda units, things: coverage.renewal_coverage(units, things, things),
    "zoning_coverage": coverage.zoning_coverage,
    "constraint_overlaps": coverage.constraint_overlaps,
    "members": lambda units, things: overlap.members(units, things).sum(),
    "pieces": overlap.pieces,
}


@pytest.fixture(params=MEASURES)
def measure(request):
    return MEASURES[request.param]


def test_sound_frames_are_measured(measure):
    measure(LAND, HOUSE)


def test_degrees_are_refused(measure):
    with pytest.raises(errors.GeographicCRS, match="not projected in metres"):
        measure(LAND.to_crs(4490), HOUSE.to_crs(4490))


def test_feet_are_refused(measure):
    with pytest.raises(errors.GeographicCRS, match="not projected in metres"):
        measure(LAND.set_crs(2263, allow_override=True), HOUSE.set_crs(2263, allow_override=True))


def test_frames_in_two_systems_are_refused(measure):
    with pytest.raises(errors.MixedCRS, match="different coordinate systems"):
        measure(LAND, HOUSE.to_crs(4546))


def test_a_frame_without_a_system_is_refused(measure):
    with pytest.raises(errors.MissingCRS):
        measure(LAND.set_crs(None, allow_override=True), HOUSE)


def test_a_figure_eight_is_named_by_its_row(measure):
    crossed = frame(box(0, 0, 1), FIGURE_EIGHT).set_axis(["K1", "K2"])
    with pytest.raises(errors.InvalidGeometry, match=r"Row K2.*Self-intersection"):
        measure(crossed, HOUSE)
    with pytest.raises(errors.InvalidGeometry, match="Row 1"):
        measure(
            LAND, HOUSE.iloc[[0, 0]].reset_index(drop=True).set_geometry(crossed.geometry.to_list(), crs=4547)
        )


def test_units_must_be_polygons(measure):
    with pytest.raises(errors.NotAPolygon, match=r"Row 0.*LineString"):
        measure(STREET, HOUSE)


@pytest.mark.parametrize("crs", [4326, 2263, None])
def test_a_grid_needs_metres(crs):
    area = LAND.set_crs(crs, allow_override=True)
    with pytest.raises((errors.GeographicCRS, errors.MissingCRS)):
        grid.square_grid(area, 100)


@pytest.mark.parametrize("corner", [np.nan, np.inf])
def test_a_line_that_is_not_finite_is_refused(corner):
    with np.errstate(invalid="ignore"):
        line = shapely.linestrings([[0, 0], [corner, 1]])
    with pytest.raises(errors.InvalidGeometry, match="Row 0"):
        density.road_density(LAND, gpd.GeoDataFrame(geometry=[line], crs=4547))


def test_a_collection_is_refused():
    with pytest.raises(errors.InvalidGeometry, match="GeometryCollection"):
        frames.shapes_of(frame(shapely.geometrycollections([shapely.Point(0, 0), box(0, 0, 1)])))


def test_missing_and_empty_shapes_are_none_and_the_frame_is_left_alone():
    given = frame(None, shapely.Polygon(), box(0, 0, 1))
    assert [shape is None for shape in frames.shapes_of(given)] == [True, True, False]
    assert given.geometry[1].is_empty


def test_a_line_of_no_length_is_known_to_have_none():
    assert frames.shapes_of(frame(shapely.linestrings([[1, 1], [1, 1]])))[0].length == 0


def test_a_missing_column_is_named_with_those_there_are():
    with pytest.raises(errors.MissingColumn, match=r"floors is missing.*height, geometry"):
        density.floor_area_ratio(LAND, frame(box(0, 0, 1), height=[3.0]))


def test_an_amount_below_zero_is_named():
    with pytest.raises(errors.NegativeAmount, match="1 values of floors are below zero, the first in row 1"):
        density.floor_area_ratio(LAND, frame(box(0, 0, 1), box(2, 2, 1), floors=[1.0, -1.0]))


def test_words_where_numbers_are_needed_are_refused():
    with pytest.raises(errors.BadParameter, match="floors holds something that is not a number"):
        density.floor_area_ratio(LAND, frame(box(0, 0, 1), floors=["six"]))


def test_decimals_and_gaps_are_numbers():
    given = gpd.GeoDataFrame({"population": [Decimal("2.5"), None]}, geometry=[None, None])
    assert frames.amounts_of(given, "population") == pytest.approx([2.5, np.nan], nan_ok=True)


@pytest.mark.parametrize("column", ["floors", "floor_area"])
def test_an_infinite_amount_is_named(column):
    endless = HOUSE.assign(**{column: [np.inf]}).set_axis(["K7"])
    with pytest.raises(errors.BadParameter, match=f"1 values of {column} are infinite, the first in row K7"):
        density.floor_area_ratio(LAND, endless)
    with pytest.raises(errors.BadParameter, match="values of population are infinite"):
        coverage.service_coverage(LAND, HOUSE.assign(population=np.inf), HOUSE, 100)


GROUND = {
    "building_coverage": density.building_coverage,
    "floor_area_ratio": density.floor_area_ratio,
    "use_areas": diversity.use_areas,
    "constraint_overlaps": coverage.constraint_overlaps,
    "covered_area": lambda units, things: coverage.service_coverage(units, things, LAND, 9, weight="area"),
    "ready": lambda units, things: density.building_coverage(
        units, things, overlap=overlap.overlay(units, things)
    ),
}


@pytest.mark.parametrize("shape", [shapely.Point(5, 5), shapely.linestrings([[0, 0], [9, 9]])])
@pytest.mark.parametrize("name", GROUND)
def test_points_and_lines_have_no_ground(name, shape):
    things = frame(box(0, 0, 1), shape, floors=[1.0, 1.0], land_use=["R", "R"]).set_axis(["K1", "K2"])
    with pytest.raises(errors.NotAPolygon, match=rf"Row K2\. A {shape.geom_type} was given"):
        GROUND[name](LAND, things)


@pytest.mark.parametrize("shape", [shapely.Point(5, 5), box(0, 0, 10)])
def test_points_and_polygons_are_no_streets(shape):
    street = STREET.geometry.iloc[0]
    streets = gpd.GeoDataFrame(geometry=[street, *frame(shape).geometry], crs=4547)
    for measure in (density.street_intersections, lambda roads: density.road_density(LAND, roads)):
        with pytest.raises(errors.NotALine, match=rf"Row 1\. A {shape.geom_type} was given"):
            measure(streets)


def test_missing_and_empty_shapes_are_of_any_dimension():
    nothing = frame(None, shapely.Point(), shapely.Polygon(), shapely.LineString(), floors=[1.0] * 4)
    assert density.building_coverage(LAND, nothing).tolist() == [0]
    assert density.road_density(LAND, nothing).tolist() == [0]


def test_a_table_without_shapes_is_no_layer():
    for table in (pd.DataFrame({"floors": [1.0]}), gpd.GeoDataFrame({"floors": [1.0]})):
        with pytest.raises(errors.BadParameter, match="without shapes"):
            density.building_coverage(LAND, table)
        with pytest.raises(errors.BadParameter, match="without shapes"):
            density.building_coverage(table, HOUSE)


@pytest.mark.parametrize(
    ("layer", "shape", "refusal"),
    [
        ("buildings", shapely.Point(5, 5), errors.NotAPolygon),
        ("zoning", shapely.Point(5, 5), errors.NotAPolygon),
        ("constraints", STREET.geometry.iloc[0], errors.NotAPolygon),
        ("streets", box(0, 0, 1), errors.NotALine),
    ],
)
def test_the_layers_of_a_city_have_the_shapes_that_are_measured(layer, shape, refusal):
    with pytest.raises(refusal, match=rf"Row 0\. A {shape.geom_type}"):
        evaluate({layer: frame(shape)}, LAND)
