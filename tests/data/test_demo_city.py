"""示范市 Demo City as generated: it repeats, holds together, and uses every code."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pyproj
import pytest
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from benchmarks import compare_demo_city
from data import codes
from data.demo.synthetic import METRIC, TABLES, DemoCity, generate

SCALE = 0.4
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def city() -> DemoCity:
    return generate(seed=1, scale=SCALE)


def metres(shapes: object) -> np.ndarray:
    to = pyproj.Transformer.from_crs(4326, METRIC, always_xy=True)
    given = np.asarray(shapes, dtype=object)
    return shapely.transform(given, lambda points: np.column_stack(to.transform(points[:, 0], points[:, 1])))


def digest(city: DemoCity) -> str:
    found = hashlib.sha256()
    for name, frame in city.tables.items():
        found.update(name.encode())
        for column in frame:
            values = frame[column]
            if column in {"shape", "boundary"}:
                values = pd.Series(shapely.to_wkb(values.to_numpy(dtype=object), hex=True))
            found.update(values.astype(str).str.cat(sep="\n").encode())
    return found.hexdigest()


def graph_of(city: DemoCity, only: np.ndarray | None = None) -> tuple[int, int]:
    edges = city.street_edge if only is None else city.street_edge[only]
    nodes, row = np.unique(
        np.concatenate([edges["from_node"], edges["to_node"]]).astype(str), return_inverse=True
    )
    start, end = row[: len(edges)], row[len(edges) :]
    graph = coo_array((np.ones(start.size), (start, end)), shape=(nodes.size, nodes.size))
    return connected_components(graph, directed=False)[0], nodes.size


class TestSameSeedSameBytes:
    def test_the_same_seed_gives_the_same_bytes(self) -> None:
        assert digest(generate(7, 0.1)) == digest(generate(7, 0.1))

    def test_the_same_seed_gives_the_same_bytes_in_another_process(self) -> None:
        code = "from tests.data.test_demo_city import *; print(digest(generate(7, 0.1)))"
        found = {
            subprocess.run(
                [sys.executable, "-c", code],
                env={**os.environ, "PYTHONHASHSEED": seed},
                cwd=ROOT,
                check=True,
                capture_output=True,
                text=True,
            ).stdout
            for seed in ("1", "2")
        }
        assert found == {digest(generate(7, 0.1)) + "\n"}

    def test_another_seed_gives_another_city(self) -> None:
        assert digest(generate(7, 0.1)) != digest(generate(8, 0.1))


class TestShapes:
    def test_every_shape_is_valid_and_none_is_empty(self, city: DemoCity) -> None:
        for name, frame in city.tables.items():
            for column in {"shape", "boundary"} & set(frame):
                shapes = frame[column].dropna().to_numpy()
                assert shapely.is_valid(shapes).all(), name
                assert not shapely.is_empty(shapes).any(), name

    def test_buildings_stand_within_their_parcel(self, city: DemoCity) -> None:
        parcels = metres(city.parcel["shape"])
        assert shapely.within(metres(city.building["shape"]), parcels[city.building["parcel"]]).all()

    def test_no_two_buildings_overlap(self, city: DemoCity) -> None:
        shapes = metres(city.building["shape"])
        one, other = shapely.STRtree(shapes).query(shapes, predicate="intersects")
        assert (one == other).all()

    def test_parcels_do_not_overlap(self, city: DemoCity) -> None:
        shapes = metres(city.parcel["shape"])
        one, other = shapely.STRtree(shapes).query(shapes, predicate="intersects")
        twice = one < other
        assert shapely.area(shapely.intersection(shapes[one[twice]], shapes[other[twice]])).max() < 0.01

    def test_districts_fill_the_city_without_overlap(self, city: DemoCity) -> None:
        shapes = metres(city.district["boundary"].dropna())
        assert shapely.area(shapely.union_all(shapes)) == pytest.approx(shapely.area(shapes).sum(), rel=1e-9)
        everything = shapely.buffer(shapely.union_all(shapes), 1)
        assert shapely.within(metres(city.building["shape"]), everything).all()

    def test_old_city_built_up_area_and_central_city_are_three_polygons(self, city: DemoCity) -> None:
        areas = city.constraint_area.set_index("kind")["shape"]
        found = {shapely.to_wkb(areas[kind]) for kind in ("old_city", "built_up", "central_city")}
        assert len(found) == 3

    def test_no_building_stands_in_the_river(self, city: DemoCity) -> None:
        water = metres(city.constraint_area.query("kind == 'water'")["shape"])[0]
        assert not shapely.intersects(metres(city.building["shape"]), water).any()

    def test_surfaces_do_not_overlap_and_nothing_stands_on_the_green_of_a_parcel(
        self, city: DemoCity
    ) -> None:
        shapes = metres(city.surface["shape"])
        one, other = shapely.STRtree(shapes).query(shapes, predicate="intersects")
        twice = one < other
        assert shapely.area(shapely.intersection(shapes[one[twice]], shapes[other[twice]])).max() < 0.01
        rings = shapes[shapely.get_num_interior_rings(shapes) == 1]
        assert rings.size > len(city.parcel) / 4
        _, hit = shapely.STRtree(rings).query(metres(city.building["shape"]), predicate="intersects")
        assert not hit.size

    def test_greenways_are_as_long_as_they_say_and_dry(self, city: DemoCity) -> None:
        lines = metres(city.greenway["shape"])
        assert np.abs(shapely.length(lines) - city.greenway["length"]).max() < 0.01
        banks = lines[city.greenway["greenway_class"] == "region"]
        water = metres(city.constraint_area.query("kind == 'water'")["shape"])[0]
        assert not shapely.intersects(banks, water).any()

    def test_no_more_floor_area_is_exempt_than_a_storey(self, city: DemoCity) -> None:
        built = city.building
        assert (built["exempt_floor_area"] >= 0).all()
        assert (built["exempt_floor_area"] <= built["floor_area"] / built["floors"]).all()
        assert (built["exempt_floor_area"] > 0).any()

    def test_areas_follow_the_streets_around_their_blocks(self, city: DemoCity) -> None:
        areas = city.project[city.project["geometry_kind"].eq("area") & city.project["boundary"].notna()]
        corners, owner = shapely.get_coordinates(metres(areas["boundary"]), return_index=True)
        assert np.unique(owner).size == len(areas) > 5
        streets = shapely.STRtree(metres(city.street_edge["shape"]))
        _, distance = streets.query_nearest(shapely.points(corners), return_distance=True, all_matches=False)
        assert distance.max() < 1.0


class TestStreets:
    def test_all_streets_hang_together(self, city: DemoCity) -> None:
        assert graph_of(city)[0] == 1

    def test_segments_end_where_their_nodes_are(self, city: DemoCity) -> None:
        edges = city.street_edge
        ends = shapely.get_coordinates(edges["shape"].to_numpy()).reshape(-1, 2, 2)
        places = pd.DataFrame(ends.reshape(-1, 2).round(9), columns=["x", "y"])
        places["node"] = np.stack([edges["from_node"], edges["to_node"]], axis=1).ravel()
        assert (places.groupby("node")[["x", "y"]].nunique() == 1).all(axis=None)

    def test_lengths_are_those_of_the_shapes(self, city: DemoCity) -> None:
        found = shapely.length(metres(city.street_edge["shape"]))
        assert np.abs(found - city.street_edge["length"]).max() < 0.01

    def test_the_outer_ring_closes(self, city: DemoCity) -> None:
        ring = (city.street_edge["street_class"] == "expressway").to_numpy()
        assert graph_of(city, ring)[0] == 1
        ends = city.street_edge[ring][["from_node", "to_node"]].stack()
        assert (ends.value_counts() == 2).all()

    def test_the_city_falls_in_two_without_its_bridges(self, city: DemoCity) -> None:
        water = metres(city.constraint_area.query("kind == 'water'")["shape"])[0]
        dry = ~shapely.intersects(metres(city.street_edge["shape"]), water)
        assert not dry.all()
        assert graph_of(city, dry)[0] >= 2


class TestCodes:
    @pytest.mark.parametrize(
        ("table", "column", "terms", "elsewhere"),
        [
            ("project", "project_type", codes.PROJECT_TYPES, set()),
            ("project", "renewal_mode", codes.RENEWAL_MODES, set()),
            ("project", "geometry_kind", codes.GEOMETRY_KINDS, set()),
            ("stage_event", "stage", codes.STAGES, set()),
            ("investment", "source", codes.FUNDING_SOURCES, {"register"}),
            ("investment", "kind", codes.INVESTMENT_KINDS, set()),
            ("project_figure", "figure", codes.FIGURES, set()),
            ("document", "kind", codes.DOCUMENT_KINDS, set()),
            ("zoning", "land_use", codes.LAND_USES, set()),
            ("constraint_area", "kind", codes.CONSTRAINT_KINDS, set()),
            ("building", "use", codes.BUILDING_USES, set()),
            ("building", "structure", codes.STRUCTURES, set()),
            ("building", "hazard_grade", codes.HAZARD_GRADES, set()),
            ("building", "heritage", codes.HERITAGE, set()),
            ("building", "disposition", codes.DISPOSITIONS, set()),
            ("facility", "category", codes.FACILITY_CATEGORIES, set()),
            ("street_edge", "street_class", codes.STREET_CLASSES, set()),
            ("greenway", "greenway_class", codes.GREENWAY_CLASSES, set()),
            ("surface", "kind", codes.SURFACE_KINDS, set()),
            ("problem", "dimension", codes.DIMENSIONS, set()),
            ("problem", "severity", codes.SEVERITIES, set()),
        ],
    )
    def test_every_code_is_used(
        self, city: DemoCity, table: str, column: str, terms: dict[str, object], elsewhere: set[str]
    ) -> None:
        assert set(city.tables[table][column].dropna()) == set(terms) - elsewhere

    def test_every_layer_has_a_table(self) -> None:
        assert set(TABLES) == set(codes.LAYERS)


class TestProgramme:
    def test_shares_of_each_project_sum_to_one(self, city: DemoCity) -> None:
        sums = city.project_district.groupby("project")["share"].sum()
        assert len(sums) == len(city.project)
        assert np.abs(sums - 1).max() < 1e-9
        assert city.project_district["project"].duplicated().any()

    def test_planned_money_ties_to_the_total_to_the_fen(self, city: DemoCity) -> None:
        planned = city.investment.query("kind == 'planned'").groupby("project")["fen"].sum()
        totals = (city.project["total_investment"] * 100).dropna()
        pd.testing.assert_series_equal(planned, totals, check_names=False, check_index_type=False)

    def test_no_more_is_allocated_than_planned_nor_paid_than_allocated(self, city: DemoCity) -> None:
        keys = ["project", "year", "source"]
        wide = city.investment.pivot_table(index=keys, columns="kind", values="fen").fillna(0)
        assert (wide["allocated"] <= wide["planned"]).all()
        assert (wide["paid"] <= wide["allocated"]).all()

    def test_stages_follow_the_ladder_in_time(self, city: DemoCity) -> None:
        events = city.stage_event.copy()
        events["rank"] = events["stage"].map({name: k for k, name in enumerate(codes.STAGES)})
        events = events.sort_values(["project", "rank"])
        inner = events["project"] == events["project"].shift()
        assert (events["on_date"] > events["on_date"].shift())[inner].all()
        assert (events["rank"] == events["rank"].shift() + 1)[inner].all()
        assert events["on_date"].max() <= pd.Timestamp(city.day)

    def test_progress_never_falls_and_ends_by_the_day_of_the_city(self, city: DemoCity) -> None:
        snapshots = city.progress_snapshot
        assert (snapshots.groupby("project")["reported"].diff().dropna() >= 0).all()
        assert not (snapshots["certified"] > snapshots["reported"]).any()
        assert snapshots["month_end"].max() == pd.Timestamp(city.day)

    def test_existing_floor_area_is_retained_altered_or_demolished(self, city: DemoCity) -> None:
        wide = city.project_figure.pivot_table(
            index="project", columns="figure", values=["baseline", "planned"]
        )
        before, after = wide["baseline"], wide["planned"]
        parts = sum(after[f"floor_area_{name}"] for name in ("retained", "altered", "demolished"))
        told = before["floor_area"].notna()
        assert told.any()
        assert (before["floor_area"][told] == parts[told]).all()
        new = before["floor_area"] - after["floor_area_demolished"] + after["floor_area_new"]
        assert (after["floor_area"][told] == new[told]).all()

    def test_notices_show_entries_exits_and_changes(self, city: DemoCity) -> None:
        rows = city.register_entry
        listed = [set(part["project"]) for _, part in rows.groupby("notice")]
        for before, after in pairwise(listed):
            assert after - before
            assert before - after
        assert (rows.groupby("project")["amount"].nunique() > 1).any()
        newest = rows.drop_duplicates("project", keep="last").set_index("project")["amount"]
        totals = city.project["total_investment"]
        assert list(newest.loc[totals.index].dropna()) == list(totals.dropna())

    def test_every_boundary_status_tells_the_truth(self, city: DemoCity) -> None:
        pending = city.project["boundary_status"] == "pending"
        assert pending.any()
        assert (pending == city.project["boundary"].isna()).all()


class TestSize:
    def test_scale_one_is_the_size_it_says(self) -> None:
        one = generate(1, 1)
        assert 13_000 <= len(one.building) <= 17_000
        assert len(one.project) == 300
        assert one.district["boundary"].notna().sum() == 6
        assert one.building["population"].sum() == pytest.approx(one.population_cell["population"].sum())
        assert 200_000 <= one.building["population"].sum() <= 500_000


class TestComparison:
    """The table of docs/demo-city.md is the one that benchmarks/compare_demo_city.py prints."""

    def test_without_the_real_cities_it_says_so(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        compare_demo_city.main(tmp_path, scale=0.1)
        printed = capsys.readouterr().out
        assert all(f"{name} is left out" in printed for name in compare_demo_city.CITIES)
        assert "| building footprint, m² | " in printed

    @pytest.mark.skipif(not compare_demo_city.FOLDER.exists(), reason="the real cities' files are not here")
    def test_the_page_shows_what_is_printed(self, capsys: pytest.CaptureFixture[str]) -> None:
        compare_demo_city.main(compare_demo_city.FOLDER)
        printed = capsys.readouterr().out
        assert printed in (ROOT / "docs/demo-city.md").read_text(encoding="utf-8")

    def test_detours_of_a_square_grid_are_those_of_right_angles(self) -> None:
        side, step = 21, 100.0
        x, y = (part.ravel() for part in np.meshgrid(np.arange(side), np.arange(side), indexing="ij"))
        east, north = np.flatnonzero(x < side - 1), np.flatnonzero(y < side - 1)
        start, end = np.r_[east, north], np.r_[east + side, north + 1]
        points = np.column_stack([x, y]) * step
        lines = np.array(shapely.linestrings(np.stack([points[start], points[end]], axis=1)), dtype=object)
        streets = compare_demo_city.streets_of(lines, pd.Series(start), pd.Series(end))
        found = compare_demo_city.detours(streets)
        assert found.min() >= 1
        assert found.max() == pytest.approx(np.sqrt(2))
        assert compare_demo_city.network(streets)["segment"] == pytest.approx(step)
