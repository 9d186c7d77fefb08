"""Greenways 绿道 and surfaces 下垫面 from a file to the indicators that are computed of them."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from app.services.exports.layers import write_layer_file
from app.services.imports.layers import LayerReport, Options, import_layer
from app.services.indicators import runs
from data import indicators as queries
from data.errors import InvalidInput
from data.faults import LayerInvalid
from data.session import Database
from tests.app import small_city
from tests.app.import_files import written

ORIGIN = small_city.EAST, small_city.NORTH


@pytest.fixture
def small(database: Database) -> Database:
    """A city of two districts, A and B, of one square kilometre each; one home at (120, 120)."""
    small_city.build(database)
    return database


def frame(*shapes: shapely.Geometry | None, **columns: list[object]) -> gpd.GeoDataFrame:
    """Features in metres from the city's corner."""
    moved = [shape and shapely.transform(shape, lambda points: points + ORIGIN) for shape in shapes]
    return gpd.GeoDataFrame(columns, geometry=np.array(moved, dtype=object), crs=small_city.SRID)


def load(small: Database, folder: Path, kind: str, layer: gpd.GeoDataFrame, **options: object) -> LayerReport:
    path = written(folder, layer, ".parquet")
    given = Options(**options)  # type: ignore[arg-type]
    return import_layer(small, path, kind=kind, city="small", actor="test", options=given)


def faults(small: Database, folder: Path, kind: str, layer: gpd.GeoDataFrame) -> dict[str, int]:
    with pytest.raises(LayerInvalid) as caught:
        load(small, folder, kind, layer)
    assert asked(small, "SELECT count(*) FROM greenway UNION ALL SELECT count(*) FROM surface") == [
        (0,),
        (0,),
    ]
    return dict(caught.value.counts)


def asked(small: Database, query: str) -> list[tuple[object, ...]]:
    with small.reading() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def measured(small: Database, indicator: str, basis: str = "") -> dict[str, tuple[float | None, str | None]]:
    """Value, or what is missing, of an indicator in each district."""
    report = runs.run(small, "small", actor="test", indicators=[indicator])
    with small.reading() as connection:
        table = queries.values(connection, report.run)
    table = table[table["basis"] == basis].set_index("unit_code")
    known = table[["value", "missing"]].astype(object).where(table[["value", "missing"]].notna(), None)
    return {str(code): tuple(row) for code, row in zip(known.index, known.to_numpy(), strict=True)}


def test_greenways_are_stored_with_their_length_in_metres(small: Database, tmp_path: Path) -> None:
    bent = shapely.LineString([(100, 600), (400, 600), (400, 1000)])
    layer = frame(bent, bent, 绿道编号=["L1", None], 绿道等级=["市级绿道", None], 绿道名称=["滨河绿道", None])
    assert load(small, tmp_path, "greenways", layer).stored == 2
    assert asked(small, "SELECT code, greenway_class, name, length FROM greenway ORDER BY id") == [
        ("L1", "city", "滨河绿道", pytest.approx(700, rel=1e-6)),
        (None, None, None, pytest.approx(700, rel=1e-6)),
    ]
    assert asked(small, "SELECT layer, features FROM layer_source") == [("greenways", 2)]
    assert asked(small, "SELECT bool_and(ST_SRID(mercator) = 3857) FROM greenway") == [(True,)]


def test_the_greenway_within_a_kilometre_covers_the_home(small: Database, tmp_path: Path) -> None:
    home = measured(small, "greenway_coverage", "floor_area")
    assert home["A"] == (None, "greenways")
    far = frame(shapely.LineString([(1500, 900), (1900, 900)]), code=["far"])
    load(small, tmp_path, "greenways", far)
    assert measured(small, "greenway_coverage", "floor_area")["A"] == (0.0, None)
    near = frame(shapely.LineString([(120, 900), (500, 900)]), code=["near"])
    load(small, tmp_path, "greenways", near, existing="add")
    assert measured(small, "greenway_coverage", "floor_area")["A"] == (100.0, None)


def test_permeable_ground_counts_once_and_paved_ground_never(small: Database, tmp_path: Path) -> None:
    assert measured(small, "permeable_ratio") == {"A": (None, "permeable"), "B": (None, "permeable")}
    layer = frame(
        shapely.box(0, 0, 500, 1000), shapely.box(250, 0, 750, 500), shapely.box(750, 0, 1000, 1000),
        code=["M1", "M2", "M3"], 下垫面=["绿地", "permeable_paving", "不透水地面"],
    )  # fmt: skip
    load(small, tmp_path, "surfaces", layer)
    found = measured(small, "permeable_ratio")
    assert found["A"][0] == pytest.approx(62.5, rel=1e-6)
    assert found["B"] == (0.0, None)


def test_wholly_paved_ground_is_known_to_be_zero(small: Database, tmp_path: Path) -> None:
    load(small, tmp_path, "surfaces", frame(shapely.box(0, 0, 2000, 1000), kind=["impermeable"]))
    assert measured(small, "permeable_ratio") == {"A": (0.0, None), "B": (0.0, None)}


def test_what_cannot_be_stored_is_named(small: Database, tmp_path: Path) -> None:
    line, area = shapely.LineString([(0, 0), (9, 9)]), shapely.box(0, 0, 9, 9)
    flat, bow = shapely.LineString([(5, 5), (5, 5)]), shapely.Polygon([(0, 0), (9, 9), (9, 0), (0, 9)])
    found = faults(
        small, tmp_path, "greenways",
        frame(line, line, area, flat, None, code=["A", "A", "B", "C", "D"], 等级=["城市", *[None] * 4]),
    )  # fmt: skip
    assert found == {
        "unknown_code": 1, "duplicate_code": 1, "wrong_type": 1, "no_length": 1, "missing_shape": 1
    }  # fmt: skip
    found = faults(
        small, tmp_path, "surfaces",
        frame(area, area, bow, line, code=["A", "B", "C", "D"], kind=["lawn", None, "green", "green"]),
    )  # fmt: skip
    assert found == {"unknown_code": 1, "missing_value": 1, "invalid_shape": 1, "wrong_type": 1}


def test_surfaces_must_say_what_they_are(small: Database, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="kind"):
        load(small, tmp_path, "surfaces", frame(shapely.box(0, 0, 9, 9), code=["A"]))


def test_the_exempt_floor_area_of_buildings_may_be_given(small: Database, tmp_path: Path) -> None:
    layer = frame(shapely.box(300, 300, 320, 320), shapely.box(400, 300, 420, 320), code=["B8", "B9"])
    layer["不计容建筑面积（公顷）"] = [0.02, None]
    load(small, tmp_path, "buildings", layer, existing="add")
    stored = "SELECT exempt_floor_area FROM building WHERE code IN ('B8', 'B9') ORDER BY code"
    assert asked(small, stored) == [(pytest.approx(200.0),), (None,)]
    layer["不计容建筑面积（公顷）"] = [-1, None]
    layer["code"] = ["B6", "B7"]
    with pytest.raises(LayerInvalid) as caught:
        load(small, tmp_path, "buildings", layer, existing="add")
    assert caught.value.counts == {"out_of_range": 1}


LINE = "ST_GeomFromText('LINESTRING(114 34, 114 35)', 4326)"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE building SET exempt_floor_area = -1",
        f"INSERT INTO greenway (city_id, length, shape) SELECT id, 0, {LINE} FROM city",
        f"INSERT INTO greenway (city_id, length, greenway_class, shape) SELECT id, 1, 'x', {LINE} FROM city",
        "INSERT INTO surface (city_id, kind, shape) SELECT city_id, 'lawn', shape FROM zoning LIMIT 1",
    ],
)
def test_the_tables_refuse_what_cannot_be(small: Database, statement: str) -> None:
    with (
        pytest.raises(IntegrityError, match="violates check constraint"),
        small.writing("test") as connection,
    ):
        connection.execute(text(statement))


@pytest.mark.parametrize(("table", "layer"), [("greenway", "greenways"), ("surface", "surfaces")])
def test_a_change_raises_the_version_of_its_layer(small: Database, table: str, layer: str) -> None:
    version = f"SELECT version FROM layer_version WHERE layer = '{layer}'"
    before = asked(small, version)
    with small.writing("test") as connection:
        connection.execute(text(f"DELETE FROM {table}"))
    assert asked(small, version) > before


@pytest.mark.parametrize("kind", ["gpkg", "parquet", "geojson"])
def test_what_was_exported_can_be_imported(small: Database, tmp_path: Path, kind: str) -> None:
    line = shapely.LineString([(100, 600), (400, 600)])
    load(small, tmp_path, "greenways", frame(line, code=["L1"], 等级=["社区级绿道"], name=["桃源绿道"]))
    held = "SELECT code, greenway_class, name, round(length::numeric, 2), ST_AsText(shape, 6) FROM greenway"
    before = asked(small, held)
    file = tmp_path / f"out.{kind}"
    write_layer_file(small, "small", "greenways", file, {}, "en")
    options = Options(existing="replace", layer="greenways" if kind == "gpkg" else None)
    import_layer(small, file, kind="greenways", city="small", actor="test", options=options)
    assert asked(small, held) == before
