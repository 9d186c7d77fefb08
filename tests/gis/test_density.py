"""Densities against closed forms, momepy's published values, and a second reckoning of two real cities."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from gis import density, errors
from gis.overlap import assigned, overlay
from tests.gis.town import box, frame, measured
from tests.verified import all_verified, verified

DATA = Path(__file__).resolve().parents[3] / "shared/data"
here = pytest.mark.skipif(not DATA.exists(), reason="the shared data are not here")
MOMEPY = "momepy 0.11.0, its own tests"
KM2 = frame(box(0, 0, 1000))


@pytest.fixture(scope="module")
def bubenec():
    """Buildings and cells of a quarter of Prague as momepy 0.11.0 publishes them, heights and all."""
    file = DATA / "peers/momepy_bubenec.gpkg"
    buildings, cells, streets = (
        gpd.read_file(file, layer=layer) for layer in ("buildings", "tessellation", "streets")
    )
    buildings["floors"] = np.linspace(10.0, 30.0, 144) // 3
    return buildings, cells, streets


@pytest.fixture(scope="module")
def published():
    peers = json.loads((DATA / "peers/EXPECTED.json").read_text())
    return next(values for name, values in peers.items() if name.startswith("momepy"))


@pytest.fixture(scope="module")
def vologda():
    buildings = gpd.read_parquet(DATA / "vologda_ru/buildings.parquet")
    buildings = buildings.rename(columns={"number_of_floors": "floors"})
    return gpd.read_parquet(DATA / "vologda_ru/boundaries.parquet").to_crs(buildings.crs), buildings


def figures(values):
    return {"mean": values.mean(), "max": values.max(), "min": values.min(), "count": values.count()}


@here
def test_momepy_published_values_per_cell(bubenec, published):
    buildings, cells, _ = bubenec
    belongs = assigned(cells, buildings, pd.Index(cells["uID"]).get_indexer(buildings["uID"]))
    found = density.building_coverage(cells, buildings, overlap=belongs)
    expected = published["coverage_ratio_per_tessellation_cell"]
    all_verified("building coverage of 144 cells", MOMEPY, expected, figures(found), rel=1e-12)
    found = density.floor_area_ratio(cells, buildings, overlap=belongs)
    expected = published["far_per_tessellation_cell"]
    all_verified("floor area ratio of 144 cells", MOMEPY, expected, figures(found), rel=1e-12)


@here
def test_momepy_cells_by_the_part_inside_differ_by_what_sticks_out_of_a_cell(bubenec, published):
    buildings, cells, _ = bubenec
    found = density.building_coverage(cells, buildings)
    assert found.mean() == pytest.approx(published["coverage_ratio_per_tessellation_cell"]["mean"], rel=2e-5)
    cut = gpd.overlay(cells.reset_index(), buildings[["geometry"]], keep_geom_type=False)
    peer = cut.area.groupby(cut["index"]).sum() / cells.area
    assert found.to_numpy() == pytest.approx(peer.to_numpy(), rel=1e-9)


@here
def test_momepy_published_values_per_block(bubenec, published):
    buildings, cells, streets = bubenec
    ground = shapely.union_all(cells.geometry.to_numpy()).difference(streets.buffer(0.001).union_all())
    parts = shapely.get_parts(ground)
    house, part = shapely.STRtree(parts).query(buildings.representative_point().array, predicate="within")
    block_of = pd.Series(part, buildings["uID"].iloc[house])
    blocks = cells.assign(block=cells["uID"].map(block_of)).dissolve("block")
    belongs = assigned(blocks, buildings, blocks.index.get_indexer(buildings["uID"].map(block_of)))
    found = density.building_coverage(blocks, buildings, overlap=belongs)
    expected = published["coverage_ratio_per_block"]
    all_verified("building coverage of 8 blocks", MOMEPY, expected, figures(found), rel=1e-9)


@here
def test_vologda_residents_per_km2(vologda):
    city, buildings = vologda
    verified("residents of Vologda", "blocksnet, tests/data", 356_810, buildings["population"].sum())
    inside = buildings[buildings.within(city.geometry[0])]
    crossing = buildings[buildings.intersects(city.geometry[0]) & ~buildings.within(city.geometry[0])]
    parts = crossing.intersection(city.geometry[0]).area / crossing.area
    residents = inside["population"].sum() + (parts * crossing["population"]).sum()
    found = measured("population_density", city, buildings=buildings)
    expected = residents / shoelace(city.geometry[0]) * 1e6
    verified("residents per km² of Vologda", "shoelace formula, without GEOS", expected, found[0], rel=1e-9)
    assert residents == pytest.approx(356_810, rel=0.05)


@here
def test_vologda_floor_area_ratio_is_that_of_the_source(vologda):
    _, buildings = vologda
    floor_area = np.array([shoelace(shape) for shape in buildings.geometry]) * buildings["floors"].to_numpy()
    assert floor_area.sum() == pytest.approx(buildings["build_floor_area"].sum(), rel=1e-3)
    every = gpd.GeoDataFrame(geometry=[shapely.box(*buildings.total_bounds)], crs=buildings.crs)
    found = density.floor_area_ratio(every, buildings)
    expected = floor_area.sum() / every.area[0]
    verified("floor area ratio of Vologda", "shoelace formula, without GEOS", expected, found[0], rel=1e-9)
    storeys = measured("mean_storeys", every, buildings=buildings)
    assert storeys.tolist() == pytest.approx([floor_area.sum() / buildings.area.sum()], rel=1e-9)


@here
def test_cambridge_has_its_published_area():
    neighbourhoods, zones = (
        gpd.read_parquet(DATA / f"cambridge_ma/{name}.parquet").to_crs(26986)
        for name in ("neighborhoods", "zoning_districts")
    )
    outline = gpd.read_parquet(DATA / "cambridge_ma/city_boundary.parquet").to_crs(26986)
    assert outline.area.sum() / 1e6 == pytest.approx(18.4585, abs=1e-4)
    area = outline.area.sum() / 1e6
    verified("km² of Cambridge, Massachusetts", "city's demographic FAQ", 18.47, area, rel=1e-3)
    assert measured("zoning_coverage", outline, zoning=neighbourhoods).tolist() == pytest.approx(
        [100], abs=0.1
    )
    assert measured("zoning_coverage", outline, zoning=zones)[0] < 100


def shoelace(shape):
    """The area of a polygon without GEOS."""
    rings = [(part.exterior, part.interiors) for part in getattr(shape, "geoms", [shape])]
    return sum(ring_area(outer) - sum(map(ring_area, inner)) for outer, inner in rings)


def ring_area(ring):
    x, y = (np.asarray(ring.coords) - ring.coords[0]).T[:2]
    return abs(np.dot(x[:-1], y[1:]) - np.dot(x[1:], y[:-1])) / 2


def test_a_square_kilometre_with_a_thousand_residents():
    people = frame(box(10, 10, 100), box(500, 500, 20), population=[400.0, 600.0], households=[100.0, 200.0])
    for drawn in (people, people.set_geometry(people.centroid)):
        assert measured("population_density", KM2, population=drawn).tolist() == [1000.0]
        assert measured("household_density", KM2, population=drawn).tolist() == [300.0]


def test_a_building_that_crosses_an_edge_counts_by_the_part_inside():
    units, house = frame(box(0, 0, 100), box(100, 0, 100)), frame(box(75, 0, 100, 20), floors=[5.0])
    assert density.building_coverage(units, house).tolist() == pytest.approx([0.05, 0.15])
    assert density.floor_area_ratio(units, house).tolist() == pytest.approx([0.25, 0.75])


def test_measures_of_form():
    unit = frame(box(0, 0, 100))
    town = frame(box(0, 0, 20), box(50, 50, 30, 20), floors=[6.0, 2.0])
    assert measured("mean_storeys", unit, buildings=town).tolist() == pytest.approx([3600 / 1000])
    assert measured("open_space_ratio", unit, buildings=town).tolist() == pytest.approx([(1 - 0.1) / 0.36])


def test_exempt_floor_area_does_not_count():
    town = frame(box(0, 0, 20), box(75, 0, 50), floors=[6.0, 1.0], exempt=[400.0, 500.0])
    assert density.floor_area_ratio(frame(box(0, 0, 100)), town, "exempt").tolist() == pytest.approx([0.3])


def test_supplied_floor_area_comes_before_floors():
    town = frame(box(0, 0, 10), box(20, 0, 10), floors=[9.0, 3.0], floor_area=[500.0, None])
    assert density.floor_area(town).tolist() == pytest.approx([500, 300])
    assert density.floor_area(town.drop(columns="floors"))[1] != density.floor_area(town)[1]


def test_a_missing_floor_count_makes_the_ratio_of_its_unit_unknown():
    units = frame(box(0, 0, 100), box(100, 0, 100))
    town = frame(box(10, 10, 10), box(20, 20, 10), box(110, 10, 10), floors=[1.0, None, 2.0])
    assert density.floor_area_ratio(units, town).tolist() == pytest.approx([np.nan, 0.02], nan_ok=True)
    assert density.building_coverage(units, town).tolist() == pytest.approx([0.02, 0.01])


def test_a_unit_without_ground_is_unknown_and_one_without_buildings_is_unbuilt():
    units = frame(None, shapely.Polygon(), box(0, 0, 10)).set_axis(["a", "b", "c"])
    town = frame(box(50, 50, 10), floors=[1.0], population=[9.0])
    unbuilt = pytest.approx({"a": np.nan, "b": np.nan, "c": 0}, nan_ok=True)
    for measure in (density.floor_area_ratio, density.building_coverage):
        assert measure(units, town).to_dict() == unbuilt
    assert measured("population_density", units, buildings=town).to_dict() == unbuilt
    for code in ("mean_storeys", "open_space_ratio"):
        assert measured(code, units, buildings=town).isna().all()


def test_floor_area_over_construction_land_leaves_out_reserved_land_and_water():
    units = frame(box(0, 0, 100), box(100, 0, 100))
    land = frame(box(0, 0, 80, 100), box(80, 0, 20, 100), box(100, 0, 100), land_use=["0701", "1600", "1700"])
    house = frame(box(0, 0, 40), floors=[3.0])
    found = measured("construction_land_ratio", units, buildings=house, zoning=land)
    assert found.tolist() == pytest.approx([4800 / 8000, np.nan], nan_ok=True)


def test_road_density_of_a_lattice_is_two_streets_a_block():
    lines = [shapely.linestrings([[x, 0], [x, 1000]]) for x in range(0, 1001, 250)]
    lines += [shapely.linestrings([[0, y], [1000, y]]) for y in range(0, 1001, 250)]
    streets = frame(*lines, street_class=["arterial"] * 5 + ["path"] * 5)
    assert density.road_density(KM2, streets).tolist() == pytest.approx([2 / 0.25])
    assert density.road_density(KM2, streets, ["arterial"]).tolist() == pytest.approx([1 / 0.25])
    assert measured("road_density", KM2, streets=streets).tolist() == pytest.approx([1 / 0.25])
    assert measured("road_density", KM2, "path", streets=streets).tolist() == pytest.approx([1 / 0.25])


def test_intersections_of_a_lattice():
    segments = []
    for k in range(4):
        for j in range(3):
            segments += [
                [[j * 100, k * 100], [(j + 1) * 100, k * 100]],
                [[k * 100, j * 100], [k * 100, (j + 1) * 100]],
            ]
    streets = frame(*shapely.linestrings(segments), street_class=["local"] * 24)
    crossings = density.street_intersections(streets)
    assert len(crossings) == 12
    assert len(density.street_intersections(streets, 4)) == 4
    assert measured("intersection_density", KM2, streets=streets).tolist() == [12]
    assert len(density.dead_ends(streets)) == 0
    assert len(density.dead_ends(streets.iloc[1:])) == 1


def test_a_place_where_one_street_goes_on_is_no_intersection():
    streets = frame(*shapely.linestrings([[[0, 0], [5, 5]], [[5, 5], [9, 5]], [[5.001, 5], [5, 9]]]))
    assert len(density.street_intersections(streets)) == 1
    assert len(density.street_intersections(streets.iloc[:2])) == 0
    assert len(density.street_intersections(streets.iloc[:0])) == 0


def test_permeable_ground_counts_once():
    permeable = frame(box(0, 0, 500, 1000), box(250, 0, 500, 1000), None)
    assert measured("permeable_ratio", KM2, permeable=permeable).tolist() == pytest.approx([75])


def test_a_ready_overlap_gives_the_same():
    units, town = frame(box(0, 0, 50), box(50, 0, 50)), frame(box(40, 10, 20), floors=[3.0])
    ready = overlay(units, town)
    for measure in (density.floor_area_ratio, density.building_coverage):
        assert measure(units, town, overlap=ready).tolist() == measure(units, town).tolist()


def test_streets_without_classes_cannot_be_filtered():
    with pytest.raises(errors.MissingColumn, match="street_class"):
        density.road_density(KM2, frame(shapely.linestrings([[0, 0], [9, 9]])), ["main"])


def test_a_building_drawn_as_a_point_has_no_footprint_and_so_no_floor_area_but_the_supplied():
    town = frame(shapely.Point(5, 5), shapely.Point(6, 6), floors=[3.0, 3.0], floor_area=[None, 500.0])
    assert density.floor_area(town).tolist() == pytest.approx([np.nan, 500], nan_ok=True)


def test_more_exempt_floor_area_than_there_is_is_refused():
    town = frame(box(0, 0, 10), box(20, 0, 10), floors=[2.0, 2.0], exempt=[200.0, 201.0]).set_axis(["a", "b"])
    unit = frame(box(0, 0, 100))
    assert density.floor_area_ratio(unit, town.iloc[:1], "exempt").tolist() == [0]
    with pytest.raises(errors.BadParameter, match=r"In 1 rows more floor area is exempt.*row b"):
        density.floor_area_ratio(unit, town, "exempt")
    units, houses = frame(box(0, 0, 15), box(15, 0, 85)), town.rename(columns={"exempt": "exempt_floor_area"})
    found = measured("counted_floor_area_ratio", units, buildings=houses)
    assert found.tolist() == pytest.approx([0, np.nan], nan_ok=True)


def test_a_sliver_inside_a_building_is_built_over():
    sliver, house = frame(box(0, 0, 1e-7, 1)), frame(box(-5, -5, 10), floors=[3.0])
    assert density.building_coverage(sliver, house).tolist() == pytest.approx([1])
    assert density.floor_area_ratio(sliver, house).tolist() == pytest.approx([3])


def test_a_street_of_no_length_adds_nothing():
    still = shapely.linestrings([[5, 5], [5, 5]])
    streets = frame(still, shapely.linestrings([[0, 1], [1000, 1]]), street_class=["local", "arterial"])
    assert density.road_density(KM2, streets).tolist() == pytest.approx([1])
    assert measured("road_density", KM2, "local", streets=streets).tolist() == [0]


def test_one_class_of_streets_may_be_named_alone():
    lines = shapely.linestrings([[[0, 100], [1000, 100]], [[0, 200], [1000, 200]]])
    streets = frame(*lines, street_class=["local", "arterial"])
    assert density.road_density(KM2, streets, "local").tolist() == pytest.approx([1])


@pytest.mark.parametrize("precision", [0, -1, np.nan, np.inf])
def test_a_precision_that_is_not_above_zero_is_refused(precision):
    with pytest.raises(errors.BadParameter, match="precision"):
        density.street_intersections(frame(shapely.linestrings([[0, 0], [9, 9]])), precision=precision)
