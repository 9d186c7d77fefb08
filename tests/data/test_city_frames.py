"""Layers of a city as frames: every row, in order, in metres; and a name of their content."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from sqlalchemy import text

from data import city_frames
from data.cities import city_named
from data.errors import NotFound
from data.session import Database
from tests.conftest import copied

COUNTS = {
    "districts": "district WHERE valid_to IS NULL",
    "projects": "project WHERE exit_notice_id IS NULL",
    "zoning": "zoning WHERE valid_to IS NULL",
    "constraints": "constraint_area WHERE valid_to IS NULL",
    "buildings": "building",
    "facilities": "facility",
    "streets": "street_edge",
    "greenways": "greenway",
    "permeable": "surface WHERE kind <> 'impermeable'",
    "population": "population_cell",
}


def frames_of(database: Database, city: str = "demo-city", **options: object) -> dict[str, gpd.GeoDataFrame]:
    with database.reading() as connection:
        return city_frames.read(connection, city, **options)


def change(database: Database, statement: str) -> None:
    with database.writing("test") as connection:
        connection.execute(text(statement))


def named(database: Database, city: str = "demo-city") -> str:
    with database.reading() as connection:
        return city_frames.inputs_hash(connection, city)


def test_frames_hold_every_present_row_in_the_metric_crs(demo_city: Database) -> None:
    frames = frames_of(demo_city)
    with demo_city.reading() as connection:
        srid = city_named(connection, "demo-city")["metric_srid"]
        counts = {
            name: connection.scalar(text(f"SELECT count(*) FROM {rows}")) for name, rows in COUNTS.items()
        }
    assert {name: len(frames[name]) for name in COUNTS} == counts
    assert {frame.crs.to_epsg() for frame in frames.values()} == {srid}
    assert all(frame.index.equals(frame.reset_index().index) for frame in frames.values())


def test_areas_and_values_are_those_of_the_database(demo_city: Database) -> None:
    buildings = frames_of(demo_city, layers=["buildings"])["buildings"]
    with demo_city.reading() as connection:
        rows = connection.execute(text(
            "SELECT ST_Area(ST_Transform(shape, c.metric_srid)) AS area, b.floors, b.use, b.code "
            "FROM building b JOIN city c ON c.id = b.city_id ORDER BY b.id"
        )).all()  # fmt: skip
    np.testing.assert_allclose(buildings.area, [row.area for row in rows], rtol=1e-6)
    assert buildings["code"].tolist() == [row.code for row in rows]
    known = [np.nan if row.floors is None else row.floors for row in rows]
    np.testing.assert_array_equal(buildings["floors"], known)


def test_unknown_values_are_missing_and_never_zero(demo_city: Database) -> None:
    change(
        demo_city, "UPDATE building SET floors = NULL, use = NULL WHERE id = (SELECT min(id) FROM building)"
    )
    change(demo_city, "UPDATE street_edge SET walkable = NULL WHERE id = (SELECT min(id) FROM street_edge)")
    frames = frames_of(demo_city)
    first = frames["buildings"].iloc[0]
    assert np.isnan(first["floors"])
    assert first.isna()["use"]
    assert frames["streets"]["walkable"].iloc[0] is None
    assert not frames["streets"]["walkable"].eq(False).iloc[0]


def test_layers_without_rows_are_absent_and_shares_say_what_counts_where(zhengzhou: Database) -> None:
    frames = frames_of(zhengzhou, "zhengzhou")
    assert set(frames) == {"districts", "projects", "project_districts"}
    shares = frames["project_districts"]
    assert len(frames["projects"]) == 276
    np.testing.assert_allclose(shares.groupby("project")["share"].sum(), 1.0)
    assert shares["project"].nunique() == 276
    money = frames["projects"]["total_investment"].to_numpy()[shares["project"]] * shares["share"]
    assert money.sum() / 1e8 == pytest.approx(7895.45, abs=0.01)
    assert frames["projects"].geometry.isna().all()


def test_a_city_without_permeable_ground_is_told_from_one_whose_surfaces_are_not_supplied(
    demo_city: Database,
) -> None:
    assert len(frames_of(demo_city, layers=["permeable"])["permeable"])
    change(demo_city, "UPDATE surface SET kind = 'impermeable'")
    paved = named(demo_city)
    assert frames_of(demo_city, layers=["permeable"])["permeable"].empty
    change(demo_city, "DELETE FROM surface")
    assert frames_of(demo_city, layers=["permeable"]) == {}
    assert named(demo_city) != paved


def test_within_reads_only_what_meets_the_shape(demo_city: Database) -> None:
    whole = frames_of(demo_city, layers=["buildings"])["buildings"]
    corner = shapely.box(*whole.total_bounds[:2], *(whole.total_bounds[:2] + 2000))
    there = frames_of(demo_city, layers=["buildings"], within=corner).get("buildings", whole[:0])
    assert 0 < len(there) < len(whole)
    assert len(there) == pytest.approx(int(whole.intersects(corner).sum()), abs=2)


def test_a_city_that_is_not_there_is_named(database: Database) -> None:
    with pytest.raises(NotFound, match="nowhere"):
        frames_of(database, "nowhere")


def test_the_name_of_the_content_follows_content_only(
    demo_city: Database, server_url: str, demo_city_template: str
) -> None:
    before = named(demo_city)
    with copied(server_url, demo_city_template) as url:
        other = Database(url)
        assert named(other) == before
        other.close()
    # The same rows under other ids.
    change(demo_city, "UPDATE facility SET id = id + 1000000")
    assert named(demo_city) == before
    change(
        demo_city,
        "UPDATE facility SET capacity = coalesce(capacity, 0) + 1 WHERE id = (SELECT max(id) FROM facility)",
    )
    assert named(demo_city) != before


@pytest.mark.parametrize(
    "table",
    ["project", "district", "zoning", "building", "street_edge", "greenway", "surface", "population_cell"],
)
def test_every_layer_takes_part_in_the_name(demo_city: Database, table: str) -> None:
    before = named(demo_city)
    shape = "boundary" if table in {"project", "district"} else "shape"
    kept = f"{shape} IS NOT NULL ORDER BY id LIMIT 1"
    change(
        demo_city,
        f"UPDATE {table} SET {shape} = ST_Translate({shape}, 1e-5, 0) "
        f"WHERE id = (SELECT id FROM {table} WHERE {kept})",
    )
    assert named(demo_city) != before
