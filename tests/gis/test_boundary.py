"""Checks on drawn and uploaded boundaries: each kind of problem, hints, overlaps, laws."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import affinity

from gis import errors
from gis.boundary import Limits, as_multipolygon, check_boundaries
from gis.datum import bd09_from_gcj02, gcj02_from_wgs84
from gis.problems import WORDINGS

CITY = shapely.box(113.0, 34.0, 114.0, 35.0)
PROJECT = shapely.box(113.60, 34.70, 113.61, 34.71)
X, Y = 113.60, 34.70


def frame(*shapes, codes=None, crs=4326):
    columns = {} if codes is None else {"code": codes}
    return gpd.GeoDataFrame(columns, geometry=list(shapes), crs=crs)


def check(*shapes, others=None, city=CITY, codes=None, **options):
    return check_boundaries(frame(*shapes, codes=codes), city, others, 4547, **options)


def kinds(problems):
    return [problem.kind for problem in problems]


def metres(wkt):
    """A shape drawn in metres about the project, in degrees."""
    shape = shapely.from_wkt(wkt)
    return affinity.affine_transform(shape, [1 / 91_000, 0, 0, 1 / 111_000, X, Y])


def moved(shape, convert):
    return shapely.transform(shape, lambda xy: np.column_stack(convert(*xy.T)))


def test_a_plain_boundary_has_no_problem():
    assert check(PROJECT) == []


def test_holes_and_several_parts_are_allowed():
    ring = metres(
        "POLYGON ((0 0, 900 0, 900 900, 0 900, 0 0), (100 100, 200 100, 200 200, 100 200, 100 100))"
    )
    parts = metres("MULTIPOLYGON (((0 0, 90 0, 90 90, 0 0)), ((2000 0, 2090 0, 2090 90, 2000 0)))")
    assert check(ring) == check(parts) == []


@pytest.mark.parametrize("shape", [None, shapely.Polygon(), shapely.MultiPolygon(), shapely.Point()])
def test_no_shape(shape):
    assert kinds(check(shape)) == ["empty"]


@pytest.mark.parametrize(
    "wkt",
    [
        "POINT (113.6 34.7)",
        "LINESTRING (113.6 34.7, 113.61 34.7, 113.61 34.71, 113.6 34.7)",
        "MULTIPOINT (113.6 34.7, 113.7 34.8)",
        "GEOMETRYCOLLECTION (POLYGON ((113.6 34.7, 113.61 34.7, 113.61 34.71, 113.6 34.7)))",
    ],
)
def test_other_geometry_types_are_named(wkt):
    shape = shapely.from_wkt(wkt)
    (problem,) = check(shape)
    assert (problem.kind, problem.severity) == ("not_a_polygon", "error")
    assert f"a {shape.geom_type}, not a polygon" in str(problem)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.filterwarnings("ignore:invalid value")
def test_coordinates_that_are_not_numbers(value):
    (problem,) = check(shapely.polygons([[113.6, 34.7], [113.61, 34.7], [value, 34.71], [113.6, 34.7]]))
    assert problem.kind == "not_finite"
    assert str(problem).startswith("1 coordinates are not numbers.")


def test_the_limit_of_vertices():
    circle = shapely.Point(X, Y).buffer(0.01, quad_segs=50)
    assert check(circle) == []
    (problem,) = check(circle, limits=Limits(max_vertices=200))
    assert problem.kind == "too_many_vertices"
    assert problem.values["count"] == 201


def test_a_million_vertices_are_refused_and_a_hundred_thousand_are_not():
    angle = np.linspace(0, 2 * np.pi, 1_000_001)
    big = shapely.Polygon(np.column_stack([X + 0.01 * np.cos(angle), Y + 0.01 * np.sin(angle)]))
    small = shapely.Polygon(shapely.get_coordinates(big)[::11])
    assert [(problem.row, problem.kind) for problem in check(small, big)][:1] == [(1, "too_many_vertices")]


@pytest.mark.parametrize(
    ("wkt", "place"),
    [
        ("POLYGON ((0 0, 200 200, 200 0, 0 200, 0 0))", (100, 100)),
        ("POLYGON ((0 0, 400 0, 400 400, 200 400, 200 600, 200 400, 0 400, 0 0))", (200, 600)),
        ("POLYGON ((0 0, 400 0, 400 400, 0 400, 0 0), (0 200, 400 200, 400 300, 0 300, 0 200))", None),
        ("POLYGON ((0 0, 400 0, 400 400, 0 400, 0 0), (0 0, 400 0, 400 400, 0 400, 0 0))", None),
        ("MULTIPOLYGON (((0 0, 200 0, 200 200, 0 0)), ((100 0, 300 0, 300 200, 100 0)))", None),
    ],
    ids=["bow-tie", "spike", "hole across", "duplicate ring", "overlapping parts"],
)
def test_self_crossing_says_where(wkt, place):
    (problem,) = check(metres(wkt))
    assert (problem.kind, problem.severity) == ("self_crossing", "error")
    if place:
        assert problem.values["x"] == pytest.approx(X + place[0] / 91_000, abs=1e-8)
        assert problem.values["y"] == pytest.approx(Y + place[1] / 111_000, abs=1e-8)


@pytest.mark.parametrize(
    ("wkt", "text"),
    [
        ("POLYGON ((0 0, 40 0, 40 40, 0 40, 0 0), (50 50, 60 50, 60 60, 50 50))", "A hole lies outside"),
        (
            "POLYGON ((0 0, 90 0, 90 90, 0 0), (10 5, 80 5, 80 75, 10 5), (60 20, 70 20, 70 30, 60 20))",
            "A hole lies inside another hole",
        ),
        (
            "MULTIPOLYGON (((0 0, 90 0, 90 90, 0 0)), ((40 10, 60 10, 60 20, 40 10)))",
            "One part lies inside another",
        ),
        (
            "POLYGON ((0 0, 40 0, 40 40, 0 40, 0 0), (20 0, 40 20, 20 40, 0 20, 20 0))",
            "Holes cut the polygon",
        ),
    ],
)
def test_other_invalid_shapes_say_what_and_where(wkt, text):
    (problem,) = check(metres(wkt))
    assert problem.kind == "invalid_shape"
    assert text in str(problem)
    assert "(113.6" in str(problem)


@pytest.mark.parametrize(
    "wkt", ["POLYGON ((0 0, 0.4 0, 0.4 0.4, 0 0.4, 0 0))", "POLYGON ((0 0, 10 10, 20 20, 0 0))",
            "POLYGON ((0 0, 0 0, 0 0, 0 0))", "POLYGON ((0 0, 9 0, 9 0.01, 0 0))"]
)  # fmt: skip
def test_shapes_without_area(wkt):
    (problem,) = check(metres(wkt))
    assert problem.kind == "zero_area"
    assert problem.values["area_m2"] < 1


def test_the_least_area_is_a_named_limit():
    assert (
        check(metres("POLYGON ((0 0, 0.4 0, 0.4 0.4, 0 0.4, 0 0))"), limits=Limits(minimum_area_m2=0.1)) == []
    )


def test_swapped_axes_are_guessed():
    (problem,) = check(shapely.box(34.70, 113.60, 34.71, 113.61))
    assert problem.kind == "wrong_crs"
    assert "look swapped" in str(problem)


def test_swapped_axes_are_guessed_where_both_are_in_range():
    paris = shapely.box(2.2, 48.8, 2.5, 48.9)
    problems = check_boundaries(frame(shapely.box(48.85, 2.3, 48.86, 2.31)), paris, None, 2154)
    assert kinds(problems) == ["wrong_crs"]
    assert "look swapped" in str(problems[0])


@pytest.mark.parametrize("srid", [4547, 3857, 4526])
def test_metres_that_lie_in_the_city_name_their_crs(srid):
    projected = gpd.GeoSeries([PROJECT], crs=4326).to_crs(srid).iloc[0]
    (problem,) = check(projected)
    assert problem.kind == "wrong_crs"
    assert f"import it as EPSG:{srid}" in str(problem)


def test_northing_before_easting_is_guessed():
    projected = gpd.GeoSeries([PROJECT], crs=4326).to_crs(4547)
    (problem,) = check(shapely.transform(projected.iloc[0], lambda xy: xy[:, ::-1]))
    assert problem.kind == "wrong_crs"
    assert "EPSG:4547 with northing before easting" in str(problem)


def test_coordinates_out_of_range_without_a_guess():
    (problem,) = check(shapely.box(1e7, 1e9, 2e7, 2e9))
    assert problem.kind == "wrong_crs"
    assert "Name the coordinate system" in str(problem)


def test_outside_the_city_is_an_error():
    (problem,) = check(shapely.box(121.4, 31.2, 121.5, 31.3))
    assert (problem.kind, problem.severity) == ("outside_city", "error")
    assert "Check the city chosen" in str(problem)


def test_across_the_edge_is_a_warning_with_area_and_share():
    (problem,) = check(shapely.box(113.99, 34.70, 114.01, 34.71))
    assert (problem.kind, problem.severity) == ("partly_outside_city", "warning")
    assert problem.values["share"] == pytest.approx(0.5, abs=1e-3)
    assert problem.values["area_m2"] == pytest.approx(0.01 * 91_500 * 0.01 * 110_900, rel=0.01)
    assert "(50.0%)" in str(problem)


def test_a_boundary_along_the_edge_of_the_city_is_inside():
    assert check(shapely.box(113.99, 34.70, 114.0, 34.71)) == []
    assert check(shapely.box(113.99, 34.70, 114.0 + 1e-10, 34.71)) == []


@pytest.mark.parametrize(
    ("name", "convert"),
    [("GCJ02", gcj02_from_wgs84), ("BD09", lambda x, y: bd09_from_gcj02(*gcj02_from_wgs84(x, y)))],
)
@pytest.mark.parametrize(("west", "kind"), [(113.998, "outside_city"), (113.980, "partly_outside_city")])
def test_a_shifted_datum_posing_as_wgs84_is_guessed_at_the_edge(name, convert, west, kind):
    drawn = shapely.box(west, 34.70, 113.9995, 34.71)
    (problem,) = check(moved(drawn, convert))
    assert problem.kind == kind
    assert f"import it as {name}" in str(problem)


def test_without_a_city_outline_nothing_is_said_about_inside():
    assert check(shapely.box(121.4, 31.2, 121.41, 31.21), city=None) == []
    assert kinds(check(shapely.box(500, 500, 501, 501), city=None)) == ["wrong_crs"]


def test_an_overlap_names_the_other_project_and_the_area():
    stored = frame(shapely.box(113.605, 34.70, 113.62, 34.71), codes=["K202201005"])
    (problem,) = check(PROJECT, codes=["K202201006"], others=stored)
    assert (problem.kind, problem.severity) == ("overlapping", "warning")
    assert problem.values["other"] == "K202201005"
    expected = gpd.GeoSeries([shapely.box(113.605, 34.70, 113.61, 34.71)], crs=4326).to_crs(4547).area[0]
    assert problem.values["area_m2"] == pytest.approx(expected, rel=1e-4)
    assert "overlaps project K202201005 by" in str(problem)


def test_neighbours_sharing_an_edge_do_not_overlap():
    assert check(PROJECT, others=frame(shapely.box(113.61, 34.70, 113.62, 34.71), codes=["K1"])) == []


def test_the_stored_boundary_of_the_same_project_is_no_overlap():
    assert check(PROJECT, codes=["K1"], others=frame(PROJECT, codes=["K1"])) == []


def test_two_uploads_that_overlap_are_both_told():
    problems = check(PROJECT, affinity.translate(PROJECT, 0.005), codes=["K1", "K2"])
    assert [(problem.row, problem.values["other"]) for problem in problems] == [(0, "K2"), (1, "K1")]


def test_stored_projects_without_a_boundary_are_no_obstacle():
    others = frame(None, shapely.Polygon(), PROJECT, codes=["K1", "K2", "K3"])
    assert [problem.values["other"] for problem in check(PROJECT, others=others)] == ["K3"]


def test_an_index_shared_with_the_stored_projects_confuses_nobody():
    others = frame(affinity.translate(PROJECT, 0.02), PROJECT, codes=["far", "here"])
    problems = check(affinity.translate(PROJECT, 0.1), PROJECT, others=others)
    assert [(problem.row, problem.values["other"]) for problem in problems] == [(1, "here")]


def test_heights_are_noted():
    (problem,) = check(shapely.force_3d(PROJECT, 90))
    assert (problem.kind, problem.severity) == ("height_dropped", "note")


def test_problems_come_in_the_order_of_the_rows_with_their_labels():
    table = frame(shapely.Point(X, Y), PROJECT, None, shapely.box(121, 31, 122, 32)).set_axis(list("dcba"))
    problems = check_boundaries(table, CITY, None, 4547)
    assert [(p.row, p.kind) for p in problems] == [
        ("d", "not_a_polygon"),
        ("b", "empty"),
        ("a", "outside_city"),
    ]


def test_an_empty_upload_has_no_problems():
    assert check_boundaries(frame(), CITY, frame(codes=[]), 4547) == []


def test_frames_must_be_in_wgs84():
    with pytest.raises(errors.WrongCRS, match="checked in EPSG:4326"):
        check_boundaries(frame(PROJECT, crs=4490), CITY, None, 4547)
    with pytest.raises(errors.MissingCRS):
        check_boundaries(frame(PROJECT, crs=None), CITY, None, 4547)


def test_a_repeated_index_is_refused():
    with pytest.raises(errors.BadParameter, match="unique index"):
        check_boundaries(frame(PROJECT, PROJECT).set_axis([1, 1]), CITY, None, 4547)


def test_every_wording_can_be_filled_from_its_values():
    shapes = [
        None, shapely.Point(X, Y), shapely.box(500, 500, 501, 501), shapely.force_3d(PROJECT), PROJECT,
        shapely.box(121, 31, 122, 32), shapely.box(113.99, 34.70, 114.01, 34.71),
        metres("POLYGON ((0 0, 200 200, 200 0, 0 200, 0 0))"), metres("POLYGON ((0 0, 9 0, 9 0.01, 0 0))"),
        metres("POLYGON ((0 0, 40 0, 40 40, 0 40, 0 0), (50 50, 60 50, 60 60, 50 50))"),
        shapely.Point(X, Y).buffer(0.01, quad_segs=500),
    ]  # fmt: skip
    problems = check(*shapes, limits=Limits(max_vertices=1000))
    assert set(kinds(problems)) == set(WORDINGS) - {"not_finite"}
    assert all("{" not in str(problem) for problem in problems)


def test_ten_thousand_boundaries_are_checked_in_one_go():
    column, row = (part.ravel() for part in np.meshgrid(np.arange(100), np.arange(100)))
    west, south = 113.0 + column * 0.009, 34.0 + row * 0.009
    grid = gpd.GeoDataFrame(
        {"code": [f"K{n}" for n in range(10_000)]},
        geometry=shapely.box(west, south, west + 0.008, south + 0.008),
        crs=4326,
    )
    assert check_boundaries(grid, CITY, grid, 4547) == []


@given(st.floats(0, 360), st.floats(-0.3, 0.3), st.floats(-0.3, 0.3))
def test_turning_and_moving_inside_the_city_raises_no_problem(angle, dx, dy):
    centre = affinity.translate(affinity.rotate(PROJECT, angle), 113.5 - X + dx, 34.5 - Y + dy)
    assert check(centre) == []


@given(st.floats(0.0001, 0.0099))
def test_overlaps_are_symmetric(shift):
    first, second = check(PROJECT, affinity.translate(PROJECT, shift, shift), codes=["K1", "K2"])
    assert first.values["area_m2"] == pytest.approx(second.values["area_m2"])


def test_as_multipolygon_keeps_every_coordinate_and_drops_the_height():
    parts = shapely.MultiPolygon([PROJECT, affinity.translate(PROJECT, 0.1)])
    source = gpd.GeoSeries(
        [PROJECT, None, shapely.force_3d(parts, 9), shapely.Polygon()], index=list("abcd"), crs=4326
    )
    result = as_multipolygon(source)
    assert result.index.equals(source.index)
    assert result.crs == source.crs
    assert result["b"] is None
    assert result.dropna().geom_type.tolist() == ["MultiPolygon"] * 3
    assert result["a"].equals(shapely.MultiPolygon([PROJECT]))
    assert result["c"].equals(parts)
    assert not result.has_z.any()
    assert result["d"].is_empty


def test_as_multipolygon_of_nothing():
    assert len(as_multipolygon(gpd.GeoSeries([], crs=4326))) == 0


def test_as_multipolygon_refuses_other_types():
    with pytest.raises(errors.NotAPolygon, match="a LineString, not a polygon"):
        as_multipolygon(gpd.GeoSeries([PROJECT, shapely.LineString([(0, 0), (1, 1)])]))


def test_an_error_keeps_a_boundary_out_and_a_warning_does_not():
    problems = pd.DataFrame(
        [vars(p) for p in check(PROJECT, affinity.translate(PROJECT, 0.005), shapely.Point(X, Y))]
    )
    assert set(problems[problems.severity == "error"].row) == {2}
