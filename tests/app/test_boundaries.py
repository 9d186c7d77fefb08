"""Boundaries of projects: checked by name, saved, deleted, undone, uploaded for many at once."""

from __future__ import annotations

import json
import threading
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from sqlalchemy import text

from app.services.boundaries import edit as boundaries
from app.services.boundaries.edit import (
    BoundaryRefused,
    boundary,
    check_boundary,
    completeness,
    delete_boundary,
    save_boundary,
    undo_boundary,
    upload_boundaries,
)
from app.services.boundaries.upload import BoundariesInvalid
from data.errors import Conflict, InvalidInput, NotFound, UnsupportedFormat
from data.projects import ProjectFilter
from data.session import Database
from gis.datum import gcj02_from_wgs84
from gis.errors import MissingCRS

CITY = "zhengzhou"


@pytest.fixture
def codes(zhengzhou: Database) -> list[str]:
    with zhengzhou.reading() as connection:
        return list(connection.scalars(text("SELECT code FROM project ORDER BY code")))


def square(lon: float = 113.60, lat: float = 34.75, size: float = 0.01) -> dict[str, Any]:
    return shapely.geometry.mapping(shapely.box(lon, lat, lon + size, lat + size))


def collection(*geometries: dict[str, Any]) -> dict[str, Any]:
    features = [{"type": "Feature", "properties": {}, "geometry": geometry} for geometry in geometries]
    return {"type": "FeatureCollection", "features": features}


def save(database: Database, code: str, geometry: dict[str, Any], **options: Any) -> boundaries.Boundary:
    return save_boundary(
        database, CITY, code, geometry, **{"status": "drafted", "actor": "planner"} | options
    )


def kinds(database: Database, geometry: dict[str, Any], code: str) -> list[tuple[str, str]]:
    return [(found.kind, found.severity) for found in check_boundary(database, CITY, code, geometry)]


def stored_wkb(database: Database, code: str) -> bytes | None:
    with database.reading() as connection:
        query = text("SELECT ST_AsBinary(boundary) FROM project WHERE code = :code")
        found = connection.scalar(query, {"code": code})
        return None if found is None else bytes(found)


def boundaries_stored(database: Database) -> int:
    with database.reading() as connection:
        return int(connection.scalar(text("SELECT count(boundary) FROM project")))


def audit(database: Database, code: str) -> list[tuple[str, str | None]]:
    query = """
        SELECT a.actor, a.after ->> 'boundary_status' FROM audit_log a JOIN project p ON p.id = a.row_id
        WHERE a.table_name = 'project' AND a.action = 'update' AND p.code = :code
            AND a.before -> 'boundary_status' <> a.after -> 'boundary_status' ORDER BY a.id
    """
    with database.reading() as connection:
        return [tuple(row) for row in connection.execute(text(query), {"code": code})]


class TestChecks:
    def test_a_square_in_the_city_has_no_problem(self, zhengzhou: Database, codes: list[str]) -> None:
        assert kinds(zhengzhou, square(), codes[0]) == []

    @pytest.mark.parametrize(
        ("geometry", "kind"),
        [
            (square(lon=116.4, lat=39.9), "outside_city"),
            (square(size=1e-9), "zero_area"),
            ({"type": "LineString", "coordinates": [[113.6, 34.7], [113.7, 34.8]]}, "not_a_polygon"),
            (square(lon=34.75, lat=113.6), "wrong_crs"),
            (square(lon=500_000, lat=3_850_000, size=1000), "wrong_crs"),
            (collection(), "empty"),
            (
                {
                    "type": "Polygon",
                    "coordinates": [
                        [[113.6, 34.7], [113.61, 34.71], [113.61, 34.7], [113.6, 34.71], [113.6, 34.7]]
                    ],
                },
                "self_crossing",
            ),
        ],
    )
    def test_an_unsound_boundary_is_named_and_not_saved(
        self, zhengzhou: Database, codes: list[str], geometry: dict[str, Any], kind: str
    ) -> None:
        assert (kind, "error") in kinds(zhengzhou, geometry, codes[0])
        with pytest.raises(BoundaryRefused) as refused:
            save(zhengzhou, codes[0], geometry, accept_warnings=True)
        assert kind in {found.kind for found in refused.value.problems}
        assert boundaries_stored(zhengzhou) == 0

    def test_an_overlap_is_a_warning_that_names_the_neighbour_and_its_area(
        self, zhengzhou: Database, codes: list[str]
    ) -> None:
        save(zhengzhou, codes[0], square())
        found = check_boundary(zhengzhou, CITY, codes[1], square(lon=113.605))
        assert [(one.kind, one.severity, one.values["other"]) for one in found] == [
            ("overlapping", "warning", codes[0])
        ]
        half = save(zhengzhou, codes[2], square(lon=113.7)).area_m2
        assert found[0].values["area_m2"] == pytest.approx(half / 2, rel=1e-3)

    def test_a_project_does_not_overlap_itself(self, zhengzhou: Database, codes: list[str]) -> None:
        save(zhengzhou, codes[0], square())
        assert kinds(zhengzhou, square(size=0.011), codes[0]) == []

    def test_parts_that_overlap_each_other_are_an_error(self, zhengzhou: Database, codes: list[str]) -> None:
        drawn = collection(square(), square(lon=113.605))
        assert [severity for _, severity in kinds(zhengzhou, drawn, codes[0])] == ["error"]

    @pytest.mark.parametrize(
        "drawing",
        [
            {"x": 1},
            {"type": "Polygon"},
            {"type": "Polygon", "coordinates": [[[113.6, 34.7], [113.61, 34.71]]]},
            {"type": "Polygon", "coordinates": "'; DROP TABLE project; --"},
            {"type": "FeatureCollection", "features": [7]},
        ],
    )
    def test_what_is_not_geojson_is_refused_in_words(
        self, zhengzhou: Database, codes: list[str], drawing: dict[str, Any]
    ) -> None:
        with pytest.raises(InvalidInput, match="is not GeoJSON"):
            check_boundary(zhengzhou, CITY, codes[0], drawing)

    def test_an_unknown_project_is_named(self, zhengzhou: Database) -> None:
        with pytest.raises(NotFound, match="K999"):
            check_boundary(zhengzhou, CITY, "K999", square())


class TestSaving:
    def test_area_status_and_crs_are_stored(self, zhengzhou: Database, codes: list[str]) -> None:
        saved = save(zhengzhou, codes[0], square(), status="surveyed")
        assert (saved.status, saved.crs) == ("surveyed", "EPSG:4326")
        metres_north = 0.01 * 110_940
        metres_east = 0.01 * 111_320 * np.cos(np.radians(34.755))
        assert saved.area_m2 == pytest.approx(metres_north * metres_east, rel=3e-3)
        assert boundary(zhengzhou, CITY, codes[0]) == saved

    def test_several_polygons_make_one_boundary(self, zhengzhou: Database, codes: list[str]) -> None:
        saved = save(zhengzhou, codes[0], collection(square(), square(lon=113.7)))
        assert saved.geometry is not None
        assert len(saved.geometry["coordinates"]) == 2

    def test_a_warning_needs_consent(self, zhengzhou: Database, codes: list[str]) -> None:
        save(zhengzhou, codes[0], square())
        with pytest.raises(BoundaryRefused, match=codes[0]):
            save(zhengzhou, codes[1], square())
        assert boundary(zhengzhou, CITY, codes[1]).status == "pending"
        assert save(zhengzhou, codes[1], square(), accept_warnings=True).status == "drafted"

    def test_the_log_names_who_did_it(self, zhengzhou: Database, codes: list[str]) -> None:
        save(zhengzhou, codes[0], square(), actor="web:wang")
        delete_boundary(zhengzhou, CITY, codes[0], actor="web:li")
        assert audit(zhengzhou, codes[0]) == [("web:wang", "drafted"), ("web:li", "pending")]

    def test_pending_is_not_a_status_to_save(self, zhengzhou: Database, codes: list[str]) -> None:
        with pytest.raises(InvalidInput, match="pending"):
            save(zhengzhou, codes[0], square(), status="pending")

    def test_there_is_nothing_to_delete_twice(self, zhengzhou: Database, codes: list[str]) -> None:
        save(zhengzhou, codes[0], square())
        assert delete_boundary(zhengzhou, CITY, codes[0], actor="t").status == "pending"
        with pytest.raises(Conflict):
            delete_boundary(zhengzhou, CITY, codes[0], actor="t")


class TestUndo:
    def test_undo_of_delete_brings_back_every_digit(self, zhengzhou: Database, codes: list[str]) -> None:
        odd = square(lon=113.6 + 1 / 3 * 1e-3, lat=34.7 + np.pi * 1e-3, size=np.e * 1e-2)
        save(zhengzhou, codes[0], odd, status="surveyed")
        before = stored_wkb(zhengzhou, codes[0])
        delete_boundary(zhengzhou, CITY, codes[0], actor="t")
        assert undo_boundary(zhengzhou, CITY, codes[0], actor="t").status == "surveyed"
        assert stored_wkb(zhengzhou, codes[0]) == before

    def test_undo_of_a_change_restores_the_one_before_and_undo_again_the_change(
        self, zhengzhou: Database, codes: list[str]
    ) -> None:
        save(zhengzhou, codes[0], square())
        first = stored_wkb(zhengzhou, codes[0])
        save(zhengzhou, codes[0], square(lon=113.7))
        second = stored_wkb(zhengzhou, codes[0])
        undo_boundary(zhengzhou, CITY, codes[0], actor="t")
        assert stored_wkb(zhengzhou, codes[0]) == first
        undo_boundary(zhengzhou, CITY, codes[0], actor="t")
        assert stored_wkb(zhengzhou, codes[0]) == second

    def test_undo_of_the_first_boundary_leaves_it_pending(
        self, zhengzhou: Database, codes: list[str]
    ) -> None:
        save(zhengzhou, codes[0], square())
        undone = undo_boundary(zhengzhou, CITY, codes[0], actor="t")
        assert (undone.status, undone.geometry, undone.crs) == ("pending", None, None)

    def test_undo_touches_the_boundary_only(self, zhengzhou: Database, codes: list[str]) -> None:
        save(zhengzhou, codes[0], square())
        with zhengzhou.writing("t") as connection:
            connection.execute(text("UPDATE project SET name = '新名' WHERE code = :c"), {"c": codes[0]})
        undo_boundary(zhengzhou, CITY, codes[0], actor="t")
        with zhengzhou.reading() as connection:
            row = connection.execute(
                text("SELECT name, boundary_status FROM project WHERE code = :c"), {"c": codes[0]}
            ).one()
        assert tuple(row) == ("新名", "pending")

    def test_there_is_nothing_to_undo_at_first(self, zhengzhou: Database, codes: list[str]) -> None:
        with pytest.raises(Conflict, match=codes[0]):
            undo_boundary(zhengzhou, CITY, codes[0], actor="t")


def geojson_file(rows: dict[str, dict[str, Any]], field: str = "code") -> bytes:
    features = [
        {"type": "Feature", "properties": {field: code, "note": "n"}, "geometry": geometry}
        for code, geometry in rows.items()
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def upload(database: Database, content: bytes, **options: Any) -> boundaries.UploadReport:
    defaults = {"city": CITY, "crs": None, "actor": "uploader", "filename": "b.geojson"}
    return upload_boundaries(database, content, **defaults | options)


class TestUpload:
    def test_dry_run_says_what_would_happen_and_writes_nothing(
        self, zhengzhou: Database, codes: list[str]
    ) -> None:
        content = geojson_file({codes[0]: square(), "K000": square(lon=113.7)}, field="项目编号")
        report = upload(zhengzhou, content, dry_run=True)
        assert report.code_field == "项目编号"
        assert report.counts == {"set": 1, "replaced": 0, "unchanged": 0, "faulty": 1}
        assert [found.kind for found in report.rows[1].problems] == ["unknown_code"]
        assert (report.written, boundaries_stored(zhengzhou)) == (0, 0)

    def test_one_faulty_row_stops_all(self, zhengzhou: Database, codes: list[str]) -> None:
        content = geojson_file({codes[0]: square(), codes[1]: square(lon=116.0)})
        with pytest.raises(BoundariesInvalid) as refused:
            upload(zhengzhou, content)
        assert [(fault.row, fault.value) for fault in refused.value.rows] == [(2, codes[1])]
        assert boundaries_stored(zhengzhou) == 0

    def test_faulty_rows_are_left_out_on_request(self, zhengzhou: Database, codes: list[str]) -> None:
        content = geojson_file({codes[0]: square(), codes[1]: square(lon=116.0)})
        report = upload(zhengzhou, content, skip_faulty=True, status="surveyed")
        assert (report.written, boundaries_stored(zhengzhou)) == (1, 1)
        assert boundary(zhengzhou, CITY, codes[0]).status == "surveyed"

    def test_a_second_upload_changes_nothing(self, zhengzhou: Database, codes: list[str]) -> None:
        content = geojson_file({code: square(lon=113.6 + 0.02 * i) for i, code in enumerate(codes[:5])})
        assert upload(zhengzhou, content).written == 5
        again = upload(zhengzhou, content)
        assert (again.written, again.counts["unchanged"]) == (0, 5)

    def test_a_changed_boundary_is_replaced(self, zhengzhou: Database, codes: list[str]) -> None:
        upload(zhengzhou, geojson_file({codes[0]: square()}), status="surveyed")
        report = upload(zhengzhou, geojson_file({codes[0]: square(size=0.02)}))
        assert report.counts["replaced"] == 1
        assert [found.kind for found in report.rows[0].problems] == ["replaces_surveyed"]

    def test_duplicate_and_missing_codes_are_named(self, zhengzhou: Database, codes: list[str]) -> None:
        features = json.loads(geojson_file({codes[0]: square()}))
        features["features"] += json.loads(geojson_file({codes[0]: square(lon=113.7)}))["features"]
        features["features"] += json.loads(geojson_file({" ": square(lon=113.8)}))["features"]
        report = upload(zhengzhou, json.dumps(features).encode(), dry_run=True)
        found = [{problem.kind for problem in row.problems} for row in report.rows]
        assert found == [{"duplicate_code"}, {"duplicate_code"}, {"missing_code"}]

    def test_the_field_with_most_known_codes_is_chosen(self, zhengzhou: Database, codes: list[str]) -> None:
        content = geojson_file({code: square(lon=113.6 + 0.02 * i) for i, code in enumerate(codes[:3])}, "F1")
        assert upload(zhengzhou, content, dry_run=True).code_field == "F1"

    def test_without_codes_the_fields_are_listed(self, zhengzhou: Database) -> None:
        with pytest.raises(InvalidInput, match="note"):
            upload(zhengzhou, geojson_file({"x": square()}, "F1"))
        with pytest.raises(InvalidInput, match="«nope»"):
            upload(zhengzhou, geojson_file({"x": square()}), code_field="nope")

    def test_full_width_codes_match(self, zhengzhou: Database, codes: list[str]) -> None:
        wide = codes[0].translate({ord(c): ord(c) + 0xFEE0 for c in "K0123456789"})
        assert upload(zhengzhou, geojson_file({f" {wide} ": square()})).written == 1

    def test_gcj02_is_moved_and_kept_as_the_source_datum(self, zhengzhou: Database, codes: list[str]) -> None:
        true = shapely.box(113.6, 34.75, 113.61, 34.76)
        shifted = shapely.transform(true, lambda xy: np.column_stack(gcj02_from_wgs84(xy[:, 0], xy[:, 1])))
        content = geojson_file({codes[0]: shapely.geometry.mapping(shifted)})
        upload(zhengzhou, content, crs="gcj-02")
        stored = boundary(zhengzhou, CITY, codes[0])
        assert stored.crs == "GCJ02"
        assert shapely.hausdorff_distance(shapely.geometry.shape(stored.geometry), true) < 5e-6

    @pytest.mark.parametrize("suffix", [".gpkg", ".zip"])
    def test_geopackage_and_zipped_shapefile_in_metres(
        self, zhengzhou: Database, codes: list[str], tmp_path: Path, suffix: str
    ) -> None:
        shapes = [shapely.box(113.6 + 0.02 * i, 34.75, 113.61 + 0.02 * i, 34.76) for i in range(3)]
        frame = gpd.GeoDataFrame({"code": codes[:3]}, geometry=shapes, crs=4326).to_crs(4547)
        report = upload_boundaries(
            zhengzhou, written(frame, tmp_path, suffix), city=CITY, crs=None, actor="t"
        )
        assert (report.written, report.crs) == (3, "EPSG:4547")
        stored = shapely.geometry.shape(boundary(zhengzhou, CITY, codes[2]).geometry)
        assert shapely.hausdorff_distance(stored, shapes[2]) < 1e-7

    @pytest.mark.filterwarnings("ignore:'crs' was not provided")
    def test_a_shapefile_without_projection_asks_for_it(
        self, zhengzhou: Database, codes: list[str], tmp_path: Path
    ) -> None:
        frame = gpd.GeoDataFrame({"code": codes[:1]}, geometry=[shapely.box(113.6, 34.75, 113.61, 34.76)])
        path = written(frame, tmp_path, ".zip")
        with pytest.raises(MissingCRS):
            upload_boundaries(zhengzhou, path, city=CITY, crs=None, actor="t", dry_run=True)
        report = upload_boundaries(zhengzhou, path, city=CITY, crs="EPSG:4326", actor="t")
        assert report.written == 1

    def test_other_formats_are_refused(self, zhengzhou: Database) -> None:
        with pytest.raises(UnsupportedFormat, match="kml"):
            upload(zhengzhou, b"<kml/>", filename="a.kml")

    def test_overlaps_within_a_file_are_warnings(self, zhengzhou: Database, codes: list[str]) -> None:
        content = geojson_file({codes[0]: square(), codes[1]: square(lon=113.605)})
        report = upload(zhengzhou, content)
        assert report.written == 2
        assert [[found.values["other"] for found in row.problems] for row in report.rows] == [
            [codes[1]],
            [codes[0]],
        ]

    def test_two_uploads_at_once_are_both_right(self, zhengzhou: Database, codes: list[str]) -> None:
        contents = [
            geojson_file({code: square(lon=lon + 0.002 * i, size=0.001) for i, code in enumerate(part)})
            for lon, part in ((113.3, codes[:100]), (113.55, codes[100:200]))
        ]
        workers = [threading.Thread(target=upload, args=(zhengzhou, content)) for content in contents]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        assert boundaries_stored(zhengzhou) == 200


def written(frame: gpd.GeoDataFrame, folder: Path, suffix: str) -> Path:
    if suffix == ".gpkg":
        frame.to_file(folder / "b.gpkg")
        return folder / "b.gpkg"
    frame.to_file(folder / "b.shp")
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for part in folder.glob("b.*"):
            archive.write(part, part.name)
    (folder / "b.zip").write_bytes(packed.getvalue())
    return folder / "b.zip"


class TestCompleteness:
    def test_districts_add_up_to_the_projects_and_the_cross_district_ones_again(
        self, zhengzhou: Database, codes: list[str]
    ) -> None:
        save(zhengzhou, codes[0], square())
        save(zhengzhou, codes[1], square(lon=113.7), status="surveyed")
        frame = completeness(zhengzhou, CITY)
        assert (frame[["pending", "drafted", "surveyed"]].sum(axis=1) == frame["projects"]).all()
        with zhengzhou.reading() as connection:
            memberships = connection.scalar(text("SELECT count(*) FROM project_district"))
        assert frame["projects"].sum() == memberships == 278

    def test_zones_without_boundary_are_counted_but_have_no_place(self, zhengzhou: Database) -> None:
        frame = completeness(zhengzhou, CITY).set_index("name_zh")
        zones = frame.loc[["经开区", "高新区", "郑东新区"]]
        assert (zones["pending"] > 0).all()
        assert zones["lon"].isna().all()
        assert frame["lon"].notna().sum() == 12

    def test_it_follows_the_filter(self, zhengzhou: Database) -> None:
        frame = completeness(zhengzhou, CITY, ProjectFilter(districts=("410102",)))
        assert frame.set_index("code").loc["410102", "projects"] == 26
