"""Loading 示范市 Demo City: all of it or nothing, once, and labelled."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest
from fastapi import FastAPI, Request, Response
from sqlalchemy import text
from typer.testing import CliRunner

from app.api import layers
from app.cli import app
from app.services import demo
from app.services.cities import every
from app.services.exports import layers as layer_export
from app.services.map import table as map_table
from app.services.register.diff import diff
from app.services.register.summary import summary
from data import codes
from data.demo import synthetic
from data.errors import InvalidInput
from data.session import Database
from data.writers import demo_city as writer
from tests.conftest import copied

SLUG = "demo-city"
FILLED = writer.FILLED


def value(database: Database, query: str) -> object:
    with database.reading() as connection:
        return connection.scalar(text(query))


def counts(database: Database) -> dict[str, object]:
    return {table: value(database, f"SELECT count(*) FROM {table}") for table in FILLED}


class TestLoading:
    def test_every_table_is_filled(self, demo_city: Database) -> None:
        generated = synthetic.generate(1, 0.1).tables
        stored = counts(demo_city)
        assert all(stored.values())
        register_money = value(demo_city, "SELECT count(*) FROM investment WHERE source = 'register'")
        stored["investment"] = int(stored["investment"]) - int(register_money)  # type: ignore[call-overload]
        assert stored == {name: len(frame) for name, frame in generated.items()}

    def test_the_city_says_that_it_is_synthetic(self, demo_city: Database) -> None:
        [city] = every(demo_city)
        assert city["synthetic"]
        assert "SYNTHETIC" in city["attribution"]
        assert "合成数据" in city["attribution"]

    def test_every_layer_says_where_it_comes_from(self, demo_city: Database) -> None:
        with demo_city.reading() as connection:
            rows = connection.execute(text("SELECT layer, features, name FROM layer_source")).all()
        assert {row.layer for row in rows} == set(codes.LAYERS)
        assert all("seed 1, scale 0.1" in row.name and row.features > 0 for row in rows)

    def test_loading_again_changes_nothing(self, demo_city: Database) -> None:
        before = counts(demo_city)
        assert not demo.load_demo_city(demo_city, scale=0.1)
        assert counts(demo_city) == before

    def test_another_city_may_stand_beside_it(self, demo_city: Database) -> None:
        before = counts(demo_city)
        assert demo.load_demo_city(demo_city, scale=0.1, slug="demo-two")
        assert counts(demo_city) == {name: 2 * int(count) for name, count in before.items()}  # type: ignore[call-overload]

    def test_a_failure_leaves_nothing(self, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
        def broken(*_: object) -> None:
            raise RuntimeError("the last table fails")

        monkeypatch.setattr(writer, "_store_problems", broken)
        with pytest.raises(RuntimeError):
            demo.load_demo_city(database, scale=0.1)
        assert not any(counts(database).values())
        assert every(database) == []

    def test_the_audit_log_holds_a_line_a_statement(self, demo_city: Database) -> None:
        logged = value(demo_city, "SELECT count(*) FROM audit_log WHERE actor = 'gengxin demo'")
        assert 0 < int(logged) < 60  # type: ignore[call-overload]

    @pytest.mark.parametrize(("scale", "seed"), [(0, 1), (101, 1), (float("nan"), 1), (1, -1)])
    def test_an_impossible_size_or_seed_is_refused(self, database: Database, scale: float, seed: int) -> None:
        with pytest.raises(InvalidInput):
            demo.load_demo_city(database, scale, seed)


# What the tables must hold, each as a condition on the loaded city.
HOLDS = {
    "river": ("SELECT count(*) = 1 FROM constraint_area WHERE kind = 'water'"),
    "zoning has all four limits where a plot is built on": (
        "SELECT bool_and(num_nonnulls(floor_area_ratio, building_coverage, height_limit, green_ratio) = "
        "4) FROM zoning WHERE land_use < '1200'"
    ),
    "coverage and green share leave room for each other": (
        "SELECT bool_and(building_coverage + green_ratio <= 1) FROM zoning WHERE "
        "num_nonnulls(building_coverage, green_ratio) = 2"
    ),
    "buildings are described": (
        "SELECT bool_and(num_nonnulls(floors, height, floor_area, year_built, use, structure, "
        "households, population) = 8) FROM building"
    ),
    "floor area is footprint by floors": (
        "SELECT bool_and(abs(ST_Area(ST_Transform(shape, 4547)) * floors - floor_area) < 0.1) FROM building"
    ),
    "people live where homes are": ("SELECT bool_and((population > 0) = (households > 0)) FROM building"),
    "most buildings were graded": ("SELECT count(hazard_grade) > 0.9 * count(*) FROM building"),
    "schools, care and health have a capacity": (
        "SELECT bool_and(capacity > 0) FROM facility WHERE category IN ('kindergarten', "
        "'primary_school', 'middle_school', 'nursery', 'hospital', 'health_station', 'elderly_care')"
    ),
    "parks are of many sizes": (
        "SELECT max(ST_Area(shape::geography)) > 5 * min(ST_Area(shape::geography)) FROM facility WHERE "
        "category = 'park'"
    ),
    "segments meet in nodes of several": (
        "SELECT count(*) > 0 FROM (SELECT node FROM (SELECT from_node node FROM street_edge UNION ALL "
        "SELECT to_node FROM street_edge) n GROUP BY node HAVING count(*) >= 3) crossing"
    ),
    "old, central and built-up city differ": (
        "SELECT count(DISTINCT ST_AsBinary(shape)) = 3 FROM constraint_area WHERE kind IN ('old_city', "
        "'central_city', 'built_up')"
    ),
    "every type and stage has a polygon": (
        "SELECT count(DISTINCT project_type) = 8 FROM project WHERE boundary IS NOT NULL"
    ),
    "figures before and after": (
        "SELECT count(DISTINCT figure) = 12 AND bool_or(baseline IS NOT NULL) AND bool_and(planned IS "
        "NOT NULL) FROM project_figure"
    ),
    "nothing is allocated beyond today": ("SELECT max(year) <= 2026 FROM investment WHERE kind <> 'planned'"),
    "works under way are not done": (
        "SELECT coalesce(bool_and(progress < 1), true) FROM project WHERE stage = 'construction'"
    ),
    "a month follows a month": (
        "SELECT bool_and(next IS NULL OR next = (month_end + interval '1 day' + interval '1 month' - "
        "interval '1 day')::date) FROM (SELECT month_end, lead(month_end) OVER (PARTITION BY project_id "
        "ORDER BY month_end) AS next FROM progress_snapshot) month"
    ),
    "milestones are planned, some reached": (
        "SELECT bool_and(planned_on IS NOT NULL) AND count(reached_on) > 0 FROM milestone"
    ),
    "problems lead to projects that stand there": (
        "SELECT bool_and(ST_Intersects(b.shape, p.boundary)) FROM problem_project l JOIN problem b ON "
        "b.id = problem_id JOIN project p ON p.id = project_id WHERE b.shape IS NOT NULL AND p.boundary "
        "IS NOT NULL"
    ),
}


@pytest.fixture(scope="module")
def loaded(server_url: str, demo_city_template: str) -> Iterator[Database]:
    with copied(server_url, demo_city_template) as url:
        database = Database(url)
        yield database
        database.close()


@pytest.mark.parametrize("holds", HOLDS)
def test_the_city_holds_what_it_says(loaded: Database, holds: str) -> None:
    assert value(loaded, HOLDS[holds]) is True


class TestWhatPagesRead:
    def test_stage_and_progress_follow_from_the_events(self, demo_city: Database) -> None:
        wrong = value(
            demo_city,
            "SELECT count(*) FROM project p WHERE stage IS DISTINCT FROM (SELECT e.stage FROM stage_event e "
            "WHERE e.project_id = p.id ORDER BY on_date DESC LIMIT 1)",
        )
        assert wrong == 0
        assert value(demo_city, "SELECT count(*) FROM project WHERE progress IS NOT NULL")

    def test_printed_totals_reconcile(self, demo_city: Database) -> None:
        found = summary(demo_city, SLUG)
        assert found.reconciled
        assert found.largest_difference == 0

    def test_money_by_source_ties_to_the_project_and_to_the_register(self, demo_city: Database) -> None:
        wrong = value(
            demo_city,
            "SELECT count(*) FROM project p WHERE total_investment IS DISTINCT FROM (SELECT sum(amount) "
            "FROM investment i WHERE i.project_id = p.id AND kind = 'planned' AND source <> 'register')",
        )
        assert wrong == 0
        register = value(
            demo_city,
            "SELECT sum(i.amount) FROM investment i JOIN project p ON p.id = i.project_id "
            "WHERE i.source = 'register' AND p.exit_notice_id IS NULL",
        )
        total = value(demo_city, "SELECT sum(total_investment) FROM project WHERE exit_notice_id IS NULL")
        assert register == total == summary(demo_city, SLUG).total * Decimal(10**8)  # type: ignore[operator]

    def test_notices_differ(self, demo_city: Database) -> None:
        found = diff(demo_city, SLUG)
        assert found.entered
        assert found.exited
        assert found.changed

    def test_shapes_lie_where_the_metric_system_is_true(self, demo_city: Database) -> None:
        far = value(
            demo_city,
            "SELECT max(abs(ST_X(ST_Centroid(shape)) - 114.3)) FROM building",
        )
        assert float(far) < 0.1  # type: ignore[arg-type]
        difference = value(
            demo_city,
            "SELECT max(abs(ST_Length(ST_Transform(shape, 4547)) - length)) FROM street_edge",
        )
        assert float(difference) < 0.01  # type: ignore[arg-type]


class TestItSaysSynthetic:
    @pytest.mark.parametrize("kind", [*layer_export.FILES, "txt"])
    def test_every_file_of_a_layer(self, loaded: Database, tmp_path: Path, kind: str) -> None:
        planned = layer_export.plan_layer_export(loaded, SLUG, "facilities", {})
        path = tmp_path / f"layer.{kind}"
        layer_export.write_layer(loaded, planned, kind, path)
        assert "synthetic" in layer_export.content_disposition(planned, kind)
        assert says_synthetic(path.read_bytes())

    @pytest.mark.parametrize("query", [{}, {"figure": "projects", "unit": "district"}])
    def test_each_row_of_the_table_of_a_map(self, loaded: Database, query: dict[str, str]) -> None:
        [city] = every(loaded)
        file = io.BytesIO()
        count = map_table.write(loaded, city, query, file)
        rows = file.getvalue().decode().splitlines()[1:]
        assert len(rows) == count > 5
        assert all(says_synthetic(row.encode()) for row in rows)

    @pytest.mark.parametrize("answer", [layers.projects, layers.districts])
    def test_geojson(self, loaded: Database, answer: Callable[..., Response]) -> None:
        served = FastAPI()
        served.state.database = loaded
        request = Request({"type": "http", "app": served, "query_string": b"", "headers": []})
        found = json.loads(bytes(answer(request, SLUG).body))
        assert found["synthetic"] is True
        assert "SYNTHETIC" in found["attribution"]
        assert found["features"]


def says_synthetic(file: bytes) -> bool:
    """Whether a file, or one within a zip file, holds the word in either language."""
    if file[:2] == b"PK":
        packed = zipfile.ZipFile(io.BytesIO(file))
        file = b"".join(packed.read(name) for name in packed.namelist())
    return b"synthetic" in file.lower() or "合成数据".encode() in file


class TestCommand:
    def test_it_generates_at_another_scale(self, database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("GENGXIN_DATABASE_URL", database_url)
        run = CliRunner().invoke(app, ["city", "demo", "--scale", "0.1", "--seed", "3", "--slug", "small"])
        assert run.exit_code == 0, run.output
        shown = CliRunner().invoke(app, ["city", "list", "--json"])
        [city] = json.loads(shown.stdout)
        assert (city["slug"], city["synthetic"]) == ("small", True)
        assert pd.notna(city["name_en"])

    def test_a_slug_that_cannot_be_is_refused(
        self, database_url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("GENGXIN_DATABASE_URL", database_url)
        run = CliRunner().invoke(app, ["city", "demo", "--scale", "0.1", "--slug", "Not a slug"])
        assert run.exit_code != 0
        assert "slug" in run.output
