"""A Dask cluster of two real worker processes gives the values of a run without one, to the last bit."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from distributed import LocalCluster
from typer.testing import CliRunner

from app.cli import app
from app.services.demo import load_demo_city
from app.services.indicators import cluster as indicator_cluster
from app.services.indicators.chunks import chunks
from app.services.indicators.runs import run
from app.services.indicators.version import code_version
from data import indicators as queries
from data.errors import Conflict, InvalidInput
from data.session import Database


@pytest.fixture(scope="module")
def scheduler() -> Iterator[str]:
    """Address of a scheduler with two worker processes of one thread each."""
    with LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0", silence_logs=40
    ) as cluster:
        yield cluster.scheduler_address


def test_two_workers_give_the_same_bytes(demo_city: Database, scheduler: str, tmp_path: Path) -> None:
    alone = run(demo_city, "demo-city", actor="test", chunk=2)
    parts: list[tuple[int, int]] = []
    together = run(
        demo_city, "demo-city", actor="test", scheduler=scheduler, chunk=2, home=tmp_path,
        report=lambda done, total, _name: parts.append((done, total)),
    )  # fmt: skip
    assert together.values_hash == alone.values_hash
    assert together.identical_to == alone.run
    assert together.values > 1000
    assert parts[0] == (0, 4)
    assert parts[-1] == (4, 4)
    assert not list(tmp_path.rglob("*.parquet"))


def test_cells_that_share_edges_do_not_share_points(demo_city: Database, scheduler: str) -> None:
    asked = {"side": 400.0, "indicators": ["population_density", "facilities_per_km2", "blind_spots"]}
    alone = run(demo_city, "demo-city", "grid", actor="test", chunk=7, **asked)
    together = run(demo_city, "demo-city", "grid", actor="test", scheduler=scheduler, chunk=7, **asked)
    assert alone.units_count > 20
    assert together.identical_to == alone.run


def test_chunks_are_measured_again_only_where_they_are_not_there(
    demo_city: Database, scheduler: str, tmp_path: Path
) -> None:
    def stops(done: int, _total: int, _name: str) -> None:
        if done == 2:
            raise KeyboardInterrupt

    asked = {"indicators": ["population_density"], "scheduler": scheduler, "chunk": 2, "home": tmp_path}
    with pytest.raises(KeyboardInterrupt):
        run(demo_city, "demo-city", actor="test", report=stops, **asked)
    assert run(demo_city, "demo-city", actor="test", **asked).resumed == 2


def test_the_size_of_chunks_changes_nothing_but_the_noise_of_sums(demo_city: Database) -> None:
    asked = {"side": 400.0, "indicators": ["population_density", "facilities_per_km2", "blind_spots"]}
    tables = []
    for size in (5, 2000):
        found = run(demo_city, "demo-city", "grid", actor="test", chunk=size, **asked)
        with demo_city.reading() as connection:
            tables.append(queries.values(connection, found.run))
    pd.testing.assert_frame_equal(*tables, check_exact=False, rtol=1e-9, atol=1e-9)


def test_every_unit_is_wanted_once_and_has_its_neighbours() -> None:
    cells = [shapely.box(x, y, x + 1, y + 1) for y in range(5) for x in range(5)]
    units = gpd.GeoDataFrame(geometry=[*cells, None], crs=4547)
    plan = chunks(units, 4)
    assert np.concatenate([chunk.wanted for chunk in plan]).tolist() == list(range(26))
    for chunk in plan:
        assert set(chunk.wanted) <= set(chunk.near)
        touching = units.iloc[chunk.wanted].union_all()
        assert set(units.index[units.intersects(touching)]) <= set(chunk.near)


def test_the_command_line_computes_several_cities_at_once(
    demo_city: Database, scheduler: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load_demo_city(demo_city, scale=0.1, seed=2, slug="second-city")
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
    monkeypatch.setenv("GENGXIN_DATABASE_URL", demo_city.engine.url.render_as_string(hide_password=False))
    monkeypatch.setenv("GENGXIN_HOME", str(tmp_path))
    words = ["run", "--city", "demo-city", "--city", "second-city", "--indicator", "road_density", "--json"]
    together = CliRunner().invoke(app, ["indicators", *words, "--scheduler", scheduler])
    alone = CliRunner().invoke(app, ["indicators", *words])
    assert (together.exit_code, alone.exit_code) == (0, 0), together.output + alone.output
    first, second = json.loads(together.stdout), json.loads(alone.stdout)
    assert [one["city"] for one in first] == ["demo-city", "second-city"]
    assert [one["values_hash"] for one in first] == [one["values_hash"] for one in second]
    assert first[0]["values_hash"] != first[1]["values_hash"]


def test_a_scheduler_that_is_not_there_is_named(demo_city: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(indicator_cluster, "SECONDS_TO_CONNECT", 0.5)
    for address in ("tcp://127.0.0.1:9", "nonsense://x"):
        with pytest.raises(InvalidInput, match=address):
            run(demo_city, "demo-city", actor="test", scheduler=address)


def test_a_program_ends_quietly_where_there_is_no_scheduler() -> None:
    asked = "from app.services.indicators.cluster import connected\nwith connected('bogus', ''): pass"
    ended = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=False)
    assert "No Dask scheduler answers at bogus" in ended.stderr
    assert "Exception ignored" not in ended.stderr


def test_workers_of_another_version_are_refused(scheduler: str) -> None:
    with (
        pytest.raises(Conflict, match=code_version().replace("+", "[+]")),
        indicator_cluster.connected(scheduler, "0.0.0+other"),
    ):
        pass
