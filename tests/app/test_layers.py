"""The layers of a city over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests
import shapely
from fastapi import FastAPI
from sqlalchemy import text

from app.api import layers, problems
from app.services.boundaries.edit import save_boundary
from data.session import Database
from tests.processes import listening


class Client:
    """A server of the layers alone, asked over HTTP."""

    def __init__(self, address: str) -> None:
        self.address = address

    def get(self, path: str, **options: Any) -> requests.Response:
        return requests.get(self.address + path, timeout=20, **options)


@pytest.fixture
def client(zhengzhou: Database) -> Iterator[Client]:
    app = FastAPI()
    app.state.database = zhengzhou
    problems.register(app)
    app.include_router(layers.router)
    with listening(app) as address:
        yield Client(address)


def projects_url(query: str = "") -> str:
    return f"/api/v1/cities/zhengzhou/projects.geojson?{query}"


def test_projects_without_boundary_are_features_without_place(client: Client, zhengzhou: Database) -> None:
    square = shapely.geometry.mapping(shapely.box(113.6, 34.75, 113.61, 34.76))
    save_boundary(zhengzhou, "zhengzhou", "K202201001", square, status="drafted", actor="t")
    every = client.get(projects_url()).json()["features"]
    assert len(every) == 276
    assert sum(feature["geometry"] is None for feature in every) == 275
    (one,) = client.get(projects_url("located=1")).json()["features"]
    assert one["id"] == "K202201001"
    assert one["properties"]["boundary_status"] == "drafted"
    assert shapely.geometry.shape(one["geometry"]).bounds == (113.6, 34.75, 113.61, 34.76)


def test_the_layer_takes_the_filters_of_the_pages(client: Client) -> None:
    assert len(client.get(projects_url("district=410102")).json()["features"]) == 26
    assert client.get(projects_url("year=abcd")).status_code in {400, 422, 500}


def test_amounts_sum_to_the_printed_total(client: Client) -> None:
    features = client.get(projects_url()).json()["features"]
    total = sum(feature["properties"]["total_investment"] or 0 for feature in features)
    assert total / 1e8 == pytest.approx(7895.45, abs=0.005)


def test_texts_are_escaped_on_request_only(client: Client, zhengzhou: Database) -> None:
    with zhengzhou.writing("t") as connection:
        query = text("UPDATE project SET name = '<img src=x onerror=alert(1)>' WHERE code = 'K202201001'")
        connection.execute(query)
    plain = client.get(projects_url("q=K202201001")).json()["features"][0]
    escaped = client.get(projects_url("q=K202201001&escape=html")).json()["features"][0]
    assert plain["properties"]["name"] == "<img src=x onerror=alert(1)>"
    assert escaped["properties"]["name"] == "&lt;img src=x onerror=alert(1)&gt;"


def test_an_unchanged_layer_is_not_sent_twice(client: Client) -> None:
    first = client.get(projects_url())
    again = client.get(projects_url(), headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_districts_carry_figures_and_pending_ones_no_place(client: Client) -> None:
    features = client.get("/api/v1/cities/zhengzhou/districts.geojson").json()["features"]
    assert len(features) == 15
    assert sum(feature["geometry"] is None for feature in features) == 3
    total = sum(feature["properties"]["investment"] for feature in features)
    assert total / 1e8 == pytest.approx(7895.45, abs=0.005)
