"""Layers as files: each format is read back and compared with SQL row for row."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import openpyxl
import pandas as pd
import pyarrow.parquet as pq
import pyogrio
import pytest
import requests
import shapely
from fastapi import FastAPI
from sqlalchemy import text

from app.api import exports, problems
from app.reader import ReaderMiddleware
from app.services import cities
from app.services.exports.files import short_names
from app.services.exports.layers import FILES, kind_of, write_layer_file
from app.services.exports.projects import write_export
from app.services.filters import filter_from_query
from app.services.map.selection import selection
from data.codes import BUILDING_USES, LAYERS
from data.errors import InvalidInput, NotFound, UnsupportedFormat
from data.session import Database
from tests.app.layered_town import filled
from tests.processes import listening

CIRCLE = "circle:113.608,34.706,650"
RING = "ST_Transform(ST_Buffer(ST_Transform(ST_Point(113.608, 34.706, 4326), 4547), 650, 90), 4326)"
TABLES = {
    "projects": "project", "districts": "district", "zoning": "zoning", "constraints": "constraint_area",
    "parcels": "parcel", "buildings": "building", "facilities": "facility", "streets": "street_edge",
    "greenways": "greenway", "surfaces": "surface", "population": "population_cell", "problems": "problem",
}  # fmt: skip


@pytest.fixture
def town(zhengzhou: Database) -> Database:
    return filled(zhengzhou)


@pytest.fixture
def address(town: Database) -> Iterator[str]:
    """Address of a server of the exports alone."""
    app = FastAPI()
    app.state.database = town
    problems.register(app)
    app.include_router(exports.router)
    app.add_middleware(ReaderMiddleware, default="en")
    with listening(app) as served:
        yield served


def exported(database: Database, path: Path, layer: str, **params: str) -> Path:
    count = write_layer_file(database, "zhengzhou", layer, path, params, "en")
    assert path.exists()
    assert count >= 0
    return path


def read(path: Path, layer: str) -> pd.DataFrame:
    kind = kind_of(path)
    if kind == "parquet":
        return gpd.read_parquet(path)
    if kind in {"csv", "xlsx"}:
        return pd.read_csv(path, dtype={"code": str}) if kind == "csv" else pd.read_excel(path)
    if kind == "shp.zip":
        with zipfile.ZipFile(path) as archive:
            parts = [name for name in archive.namelist() if name.endswith(".shp")]
        return pd.concat([gpd.read_file(f"zip://{path}!{name}") for name in parts])
    return gpd.read_file(path, **({"layer": layer} if kind == "gpkg" else {}))


def stored(database: Database, query: str) -> list[Any]:
    with database.reading() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


@pytest.mark.parametrize("kind", FILES)
@pytest.mark.parametrize("layer", LAYERS)
def test_every_layer_leaves_in_every_format_with_all_its_rows(
    town: Database, tmp_path: Path, layer: str, kind: str
) -> None:
    path = exported(town, tmp_path / f"{layer}.{kind}", layer)
    kept = "WHERE valid_to IS NULL" if layer in {"zoning", "constraints"} else ""
    expected = sorted(row[0] for row in stored(town, f"SELECT code FROM {TABLES[layer]} {kept}"))
    assert sorted(map(str, read(path, layer)["code"])) == expected


@pytest.mark.parametrize("kind", ["gpkg", "parquet", "geojson", "shp.zip"])
def test_buildings_come_back_row_for_row(town: Database, tmp_path: Path, kind: str) -> None:
    found = read(exported(town, tmp_path / f"b.{kind}", "buildings"), "buildings")
    names = ["code", "floors", "height", "floor_area", "year_built", "use", "households", "population"]
    expected = stored(
        town,
        f"SELECT {', '.join(names)}, ST_AsBinary(shape), ST_Area(ST_Transform(shape, 4547)) FROM building "
        "ORDER BY id",
    )
    assert found.crs.to_epsg() == 4326
    short = {name: name for name in names} if kind != "shp.zip" else short_names(names)
    for place, name in enumerate(names):
        column = found[short[name]].astype(object).where(found[short[name]].notna(), None).tolist()
        wanted = [row[place] for row in expected]
        assert column == (pytest.approx(wanted) if place not in {0, 5} else wanted), name
    shapes = shapely.from_wkb([bytes(row[-2]) for row in expected])
    assert shapely.equals_exact(
        shapely.normalize(found.geometry.to_numpy()), shapely.normalize(shapes), 1e-7
    ).all() or (shapely.area(shapely.symmetric_difference(found.geometry.to_numpy(), shapes)).max() < 1e-12)
    assert found["area_m2"].tolist() == pytest.approx([row[-1] for row in expected])


def test_tables_hold_the_same_rows(town: Database, tmp_path: Path) -> None:
    expected = stored(
        town, "SELECT code, floors, use, ST_X(ST_PointOnSurface(shape)) FROM building ORDER BY id"
    )
    for kind in ("csv", "xlsx"):
        found = read(exported(town, tmp_path / f"b.{kind}", "buildings"), "buildings")
        assert found["code"].tolist() == [row[0] for row in expected]
        assert found["floors"].astype(object).where(found["floors"].notna(), None).tolist() == [
            row[1] for row in expected
        ]
        assert found["use_name"].fillna("").tolist() == [
            BUILDING_USES[row[2]].en if row[2] else "" for row in expected
        ]
        assert found["lon"].tolist() == pytest.approx([row[3] for row in expected], abs=1e-7)
    wkt = shapely.from_wkt(read(tmp_path / "b.csv", "buildings")["wkt"])
    assert shapely.is_valid(wkt).all()


@pytest.mark.parametrize("kind", FILES)
def test_an_export_is_exactly_the_selection(town: Database, tmp_path: Path, kind: str) -> None:
    rules = {
        "buildings": f"ST_Contains({RING}, ST_PointOnSurface(shape))",
        "facilities": f"ST_Contains({RING}, ST_PointOnSurface(shape))",
        "streets": f"ST_Length(ST_Intersection(shape, {RING})) > 0",
        "greenways": f"ST_Length(ST_Intersection(shape, {RING})) > 0",
        "surfaces": f"ST_Area(ST_Intersection(shape, {RING})) > 0",
        "zoning": f"ST_Area(ST_Intersection(shape, {RING})) > 0 AND valid_to IS NULL",
    }
    for layer, rule in rules.items():
        path = exported(town, tmp_path / f"{layer}.{kind}", layer, area=CIRCLE)
        expected = sorted(row[0] for row in stored(town, f"SELECT code FROM {TABLES[layer]} WHERE {rule}"))
        assert len(expected) > 0
        assert sorted(read(path, layer)["code"]) == expected


def test_the_sums_of_the_files_are_the_sums_of_the_selection(town: Database, tmp_path: Path) -> None:
    city = cities.choose(town, "zhengzhou")
    found = selection(town, city, {"area": CIRCLE}, filter_from_query({}))
    assert found is not None
    sums = found.sums

    def column(layer: str, name: str) -> pd.DataFrame:
        return read(exported(town, tmp_path / f"{layer}.parquet", layer, area=CIRCLE), layer)[name]

    assert column("streets", "selected_length_m").sum() == pytest.approx(
        sum(row["length"] for row in sums.streets)
    )
    assert column("zoning", "selected_area_m2").sum() == pytest.approx(
        sum(row["area"] for row in sums.zoning)
    )
    assert column("buildings", "area_m2").sum() == pytest.approx(sums.buildings["footprint"])
    cells = read(exported(town, tmp_path / "c.parquet", "population", area=CIRCLE), "population")
    people = (cells["population"] * cells["selected_share"]).sum()
    assert people == pytest.approx(sums.population["population"])
    projects = read(exported(town, tmp_path / "p.parquet", "projects", area=CIRCLE), "projects")
    assert len(projects) == sums.projects["projects"]
    assert projects["total_investment"].sum() == pytest.approx(float(sums.projects["investment"]))
    assert projects["selected_area_m2"].sum() == pytest.approx(sums.projects["site_inside"])


def test_the_project_list_keeps_to_the_selection_too(town: Database, tmp_path: Path) -> None:
    params = {"area": CIRCLE, "sort": "amount.desc"}
    count = write_export(town, "zhengzhou", tmp_path / "p.csv", params, "en")
    listed = list(csv.DictReader(io.StringIO((tmp_path / "p.csv").read_text(encoding="utf-8-sig"))))
    expected = stored(
        town,
        f"""SELECT code FROM project WHERE ST_Area(ST_Intersection(boundary, {RING})) > 0
        ORDER BY total_investment DESC, code""",
    )
    assert [row["Code"] for row in listed] == [row[0] for row in expected]
    assert count == len(expected) > 0
    write_export(town, "zhengzhou", tmp_path / "p.xlsx", params, "en")
    said = {
        row[0]: row[1]
        for row in openpyxl.load_workbook(tmp_path / "p.xlsx")["Definitions"].iter_rows(values_only=True)
    }
    assert said["Selection"] == "circle of 650 m"
    assert said["Projects"] == len(expected)


def test_filters_are_those_of_the_page(town: Database, tmp_path: Path) -> None:
    path = exported(town, tmp_path / "p.gpkg", "projects", stage="construction")
    assert set(read(path, "projects")["stage"]) == {"construction"}
    about = pyogrio.read_dataframe(path, layer="about").set_index("name")["value"]
    assert about["Coordinate system"] == "EPSG:4326"


def test_every_file_says_where_it_comes_from(town: Database, tmp_path: Path) -> None:
    wanted = ("town.gpkg (2025-06-30)", "EPSG:4326", "circle of 650 m", "Floors above ground")
    texts = []
    for kind in FILES:
        path = exported(town, tmp_path / f"b.{kind}", "buildings", area=CIRCLE)
        texts.append(described(path, kind))
    for said in texts:
        assert [part for part in wanted if part not in said] == []


def described(path: Path, kind: str) -> str:
    if kind == "gpkg":
        tables = [pyogrio.read_dataframe(path, layer=name) for name in ("about", "data_dictionary")]
        return "".join(table.to_csv() for table in tables)
    if kind == "parquet":
        metadata = pq.read_schema(path).metadata or {}
        return pq.ParquetFile(path).metadata.metadata[b"gengxin"].decode() + str(metadata.get(b"geo"))
    if kind == "geojson":
        return json.dumps(json.loads(path.read_text(encoding="utf-8"))["metadata"], ensure_ascii=False)
    if kind == "shp.zip":
        with zipfile.ZipFile(path) as archive:
            return archive.read("README.txt").decode("utf-8-sig")
    if kind == "csv":
        return path.with_name("b.README.txt").read_text(encoding="utf-8-sig")
    rows = openpyxl.load_workbook(path)["README"].iter_rows(values_only=True)
    return "".join(str(row) for row in rows)


def test_a_synthetic_city_says_so_in_name_rows_and_words(
    town: Database, address: str, tmp_path: Path
) -> None:
    with town.writing("t") as connection:
        connection.execute(text("UPDATE city SET synthetic = true"))
    for kind in FILES:
        path = exported(town, tmp_path / f"b.{kind}", "buildings")
        assert set(read(path, "buildings")["data"]) == {"synthetic"}
        assert "SYNTHETIC" in described(path, kind)
    url = f"{address}/export/buildings.csv?city=zhengzhou"
    named = requests.get(url, timeout=20).headers["content-disposition"]
    assert re.search(r'filename="zhengzhou-synthetic-buildings-\d{4}-\d\d-\d\d\.csv"', named)


def test_geojson_follows_rfc_7946(town: Database, tmp_path: Path) -> None:
    path = exported(town, tmp_path / "z.geojson", "zoning")
    found = json.loads(path.read_text(encoding="utf-8"))
    assert "crs" not in found
    for feature in found["features"]:
        for polygon in shapely.from_geojson(json.dumps(feature["geometry"])).geoms:
            assert polygon.exterior.is_ccw
    line = json.loads(exported(town, tmp_path / "s.geojson", "streets").read_text(encoding="utf-8"))[
        "features"
    ][0]
    assert line["geometry"]["coordinates"][0][0] < line["geometry"]["coordinates"][-1][0]


def test_shapefile_says_its_encoding_and_its_shortened_names(town: Database, tmp_path: Path) -> None:
    path = exported(town, tmp_path / "f.shp.zip", "facilities")
    with zipfile.ZipFile(path) as archive:
        names = set(archive.namelist())
        assert archive.read("facilities-points.cpg") == b"UTF-8"
        mapping = pd.read_csv(io.BytesIO(archive.read("columns.csv")), encoding="utf-8-sig")
    assert {"facilities-points.shp", "facilities-areas.shp", "README.txt"} <= names
    assert (
        dict(zip(mapping["column"], mapping["shapefile_column"], strict=True))["category_name"]
        == "category_n"
    )
    assert mapping["shapefile_column"].str.len().max() <= 10
    park = gpd.read_file(f"zip://{path}!facilities-areas.shp")
    assert park["name"].tolist() == ["人民公园"]


def test_geoparquet_says_its_crs_and_extent(town: Database, tmp_path: Path) -> None:
    path = exported(town, tmp_path / "b.parquet", "buildings", crs="4547")
    geo = json.loads(pq.ParquetFile(path).metadata.metadata[b"geo"])
    assert geo["version"] == "1.1.0"
    assert geo["columns"]["geometry"]["geometry_types"] == ["MultiPolygon"]
    frame = gpd.read_parquet(path)
    assert frame.crs.to_epsg() == 4547
    assert geo["columns"]["geometry"]["bbox"] == pytest.approx(list(frame.total_bounds))
    assert frame.area.tolist() == pytest.approx(frame["area_m2"].tolist())


def test_no_text_runs_as_a_formula_and_excel_reads_chinese(town: Database, tmp_path: Path) -> None:
    hostile = ["=1+1", "+cmd", "@SUM(A1)", "\t=1", "＝HYPERLINK()", "-5", 'a"b,c\nd', "正常"]
    with town.writing("t") as connection:
        for place, name in enumerate(hostile):
            connection.execute(
                text("UPDATE facility SET name = :name WHERE code = :code"),
                {"name": name, "code": f"F{place}"},
            )
    path = exported(town, tmp_path / "f.csv", "facilities")
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline="")))
    found = {row["code"]: row["name"] for row in rows}
    assert [found[f"F{place}"] for place in range(8)] == [
        "'=1+1", "'+cmd", "'@SUM(A1)", "'\t=1", "'＝HYPERLINK()", "-5", "a\"b,c\nd", "正常",
    ]  # fmt: skip
    table = exported(town, tmp_path / "f.xlsx", "facilities")
    sheet = openpyxl.load_workbook(table).worksheets[0]
    assert not [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]


def test_unknown_is_empty_and_never_zero(town: Database, tmp_path: Path) -> None:
    found = read(exported(town, tmp_path / "b.csv", "buildings"), "buildings")
    unknown = stored(town, "SELECT count(*) FROM building WHERE population IS NULL")[0][0]
    assert found["population"].isna().sum() == unknown > 0


def test_an_empty_selection_is_a_sound_empty_file(town: Database, tmp_path: Path) -> None:
    for kind in FILES:
        path = exported(town, tmp_path / f"b.{kind}", "buildings", area="rect:100,30,100.1,30.1")
        assert len(read(path, "buildings")) == 0


@pytest.mark.parametrize(
    ("name", "layer", "params", "error", "said"),
    [
        ("b.gpkg", "moon", {}, NotFound, "no layer «moon»"),
        ("b.doc", "buildings", {}, UnsupportedFormat, "«doc»"),
        ("b.gpkg", "buildings", {"crs": "3857"}, InvalidInput, "EPSG:3857"),
        ("b.geojson", "buildings", {"crs": "4547"}, InvalidInput, "WGS 84 only"),
        ("b.gpkg", "buildings", {"area": "rect:1"}, InvalidInput, "cannot be read"),
        ("b.gpkg", "projects", {"year": "20x5"}, InvalidInput, "year"),
        ("b.gpkg", "projects", {"area": "district:nowhere"}, NotFound, "no district"),
    ],
)
def test_wrong_input_leaves_no_file(
    town: Database, tmp_path: Path, name: str, layer: str, params: dict[str, str], error: type, said: str
) -> None:
    with pytest.raises(error, match=said):
        exported(town, tmp_path / name, layer, **params)
    assert list(tmp_path.iterdir()) == []


def test_the_web_answers_with_files_and_clear_errors(town: Database, address: str) -> None:
    asked = f"city=zhengzhou&area={CIRCLE}&lang=en"
    answer = requests.get(f"{address}/export/buildings.geojson?{asked}", timeout=20)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/geo+json"
    assert len(answer.content) == int(answer.headers["content-length"])
    inside = f"ST_Contains({RING}, ST_PointOnSurface(shape))"
    expected = stored(town, f"SELECT count(*) FROM building WHERE {inside}")[0][0]
    assert len(answer.json()["features"]) == expected
    link = re.search('<(.*)>; rel="describedby"', answer.headers["link"])
    assert link is not None
    assert f"Features: {expected}" in requests.get(address + link[1], timeout=20).text


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("moon.gpkg", 404),
        ("buildings.pdf", 415),
        ("buildings", 415),
        ("projects.pdf", 415),
        ("buildings.gpkg?city=atlantis", 404),
        ("buildings.gpkg?area=rect:1,2", 422),
        ("buildings.gpkg?area=district:%27", 404),
        ("projects.csv?area=moon", 422),
    ],
)
def test_what_cannot_be_exported_is_said(address: str, path: str, status: int) -> None:
    answer = requests.get(f"{address}/export/{path}", timeout=20)
    assert answer.status_code == status
    assert answer.json()["detail"]
