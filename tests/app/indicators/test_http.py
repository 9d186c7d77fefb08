"""Indicators over HTTP: runs on demand, and what is refused."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
import requests

from app.api import indicators
from app.api.indicators import Wanted
from app.components.indicators.words import run_name
from data.indicator_codes import UNIT_KINDS
from data.session import Database
from tests.app import small_city
from tests.app.indicators.asked import SLUG, picture


def test_a_run_says_a_speed_that_is_not_the_usual(small: Database, address: str) -> None:
    usual = picture(small).run
    assert "m/min" not in run_name(usual)
    url = f"{address}/api/v1/cities/{SLUG}/indicators/runs"
    assert requests.post(url, json={"units": "district", "speed": 900}, timeout=60).status_code == 422
    assert requests.post(url, json={"units": "district", "speed": 80}, timeout=60).status_code == 200
    quick = picture(small).run
    assert quick["parameters"]["walking_speed"] == 80
    assert run_name(quick).endswith(" · 80 m/min")


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("units=parish", "The parameter units cannot be «parish». Choose among: district,"),
        ("indicator=road_densty", "The parameter indicator cannot be «road_densty». Perhaps road_density"),
        ("indicator=xyz", "«xyz». `gengxin indicators list` names them all."),
        ("indicator=road_density&class=pub", "The parameter class cannot be «pub». Choose among: all"),
        ("indicator=road_density&basis=moon", "The parameter basis cannot be «moon». Leave it out."),
        ("indicator=service_coverage&basis=moon", "Choose among: population, floor_area."),
        ("run=x", "The parameter run cannot be «x». Choose among: 1."),
        ("run2=x", "The parameter run2 cannot be «x»."),
        ("indicator2=xyz", "The parameter indicator2 cannot be «xyz»."),
        ("sort=value.up", "The parameter sort cannot be «value.up»."),
        ("indicater=road_density", "Indicators have no parameter «indicater»."),
        ("indicator=" + "x" * 5000, "«" + "x" * 40 + "»"),
    ],
)
def test_what_does_not_exist_is_refused_over_http(reading: str, query: str, said: str) -> None:
    for url in (
        f"{reading}/api/v1/cities/{SLUG}/indicators.geojson?lang=en&{query}",
        f"{reading}/export/indicators.csv?city={SLUG}&lang=en&{query}",
    ):
        answer = requests.get(url, timeout=30)
        assert answer.status_code == 400
        assert answer.json()["error"] == "InvalidInput"
        assert said in answer.json()["detail"]


def test_an_export_keeps_the_stored_unit_and_says_it(reading: str) -> None:
    url = f"{reading}/export/indicators.csv?city={SLUG}&lang=en&indicator=investment_per_km2"
    rows = list(csv.DictReader(io.StringIO(requests.get(url, timeout=30).content.decode("utf-8-sig"))))
    values = {row["code"]: (float(row["value"]), row["unit"]) for row in rows}
    assert values["A"] == (pytest.approx(1.2e9), "CNY/km²")


def _events(answer: requests.Response) -> list[dict[str, Any]]:
    return [json.loads(line[6:]) for line in answer.text.splitlines() if line.startswith("data: ")]


def test_a_run_asked_for_tells_its_progress_and_is_stored(standing: Database, reading: str) -> None:
    url = f"{reading}/api/v1/cities/{SLUG}/indicators/runs"
    answer = requests.post(
        url, json={"units": "grid", "side": 500}, timeout=60, headers={"X-Forwarded-User": "li"}
    )
    told = _events(answer)
    assert [one["done"] for one in told[:-1]] == list(range(len(told) - 1))
    shown = picture(standing, units="grid")
    assert told[-1]["run"] == shown.asked.run
    assert shown.run["actor"] == "web:li"
    assert len(shown.table) >= 8


@pytest.mark.parametrize("kind", UNIT_KINDS)
def test_every_kind_of_unit_may_be_asked_for(kind: str) -> None:
    assert Wanted(units=kind).units == kind


def test_a_run_that_cannot_be_made_says_why(small: Database, address: str) -> None:
    url = f"{address}/api/v1/cities/{SLUG}/indicators/runs"
    with small.writing("test") as connection:
        small_city.run(connection, "DELETE FROM zoning")
    (told,) = _events(requests.post(f"{url}?lang=en", json={"units": "zone"}, timeout=60))
    assert told["error"] == "Conflict"
    assert "no zone with a boundary" in told["detail"]
    refused = requests.post(url, json={"units": "parish"}, timeout=30)
    assert refused.status_code == 422
    assert refused.json()["detail"].startswith("The parameter units cannot be «parish».")
    assert requests.post(url, data={"units": "district"}, timeout=30).status_code == 422
    unknown = f"{address}/api/v1/cities/nowhere/indicators/runs"
    assert requests.post(unknown, json={"units": "district"}, timeout=30).status_code == 404


def test_one_run_of_the_same_units_at_a_time(standing: Database, reading: str) -> None:
    indicators.UNDER_WAY.add((SLUG, "district"))
    try:
        url = f"{reading}/api/v1/cities/{SLUG}/indicators/runs?lang=en"
        answer = requests.post(url, json={"units": "district"}, timeout=30)
    finally:
        indicators.UNDER_WAY.discard((SLUG, "district"))
    assert answer.status_code == 409
    assert "being computed" in answer.json()["detail"]
