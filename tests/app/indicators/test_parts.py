"""What a value is made of: named, with its unit, and divided only where the value is the quotient."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from app.components.indicators.parts import NOT_DIVIDED, PARTS, part_title, parts_of, parts_words
from app.components.indicators.table import ranking, written
from app.components.indicators.told import told
from app.components.view import View
from app.services import cities
from app.services.indicators.page import held_of, ordered
from data.session import Database
from gis.catalogue import INDICATORS
from tests.app.indicators.asked import SLUG, page, picture, texts


def test_every_indicator_but_the_area_says_what_it_is_made_of() -> None:
    assert set(PARTS) == set(INDICATORS) - {"land_area"}
    assert set(PARTS) >= NOT_DIVIDED


def test_a_value_that_is_shown_as_divided_is_the_quotient(standing: Database) -> None:
    held = held_of(standing, picture(standing).asked.run)
    compared = set()
    for row in held[held["known"] > 0].to_dict("records"):
        code = row["indicator"]
        if code not in PARTS:
            continue
        asked = {"class": row["subject"] or "all", "basis": row["basis"]}
        shown = picture(standing, indicator=code, **asked)
        rows = shown.table[shown.table["value"].notna() & (shown.table["denominator"] > 0)]
        times = 100.0 if shown.indicator.unit == "%" else 1000.0 if code == "two_step_access" else 1.0
        quotient = (rows["numerator"] / rows["denominator"] * times).to_numpy()
        if code not in NOT_DIVIDED:
            assert rows["value"].to_numpy() == pytest.approx(quotient), code
        elif code != "blind_spots":
            assert not np.allclose(rows["value"], quotient), code
        compared.add(code)
    assert len(compared) > 20


def test_parts_are_named_in_the_unit_of_the_basis(standing: Database) -> None:
    by_people = picture(standing, indicator="service_coverage", basis="population")
    by_floors = picture(standing, indicator="service_coverage", basis="floor_area")
    titles = [[part_title(part) for part in parts_of(one).values()] for one in (by_people, by_floors)]
    assert titles == [
        ["Residents covered", "Residents"],
        ["Residential floor area covered, m²", "Residential floor area, m²"],
    ]


@pytest.mark.parametrize(
    ("basis", "said"),
    [
        ("population", "Residents reaching one 70,010 · Residents 71,064"),
        (
            "floor_area",
            "Residential floor area reaching one 70,010 m² · Residential floor area 71,064 m²",
        ),
    ],
)
def test_a_distance_stands_beside_those_who_reach_one_and_is_no_quotient(
    standing: Database, basis: str, said: str
) -> None:
    asked = page(standing, indicator="walk_mean", basis=basis, **{"class": "kindergarten"})
    assert asked.first is not None
    known = asked.first.table.assign(value=304.4, numerator=70010.0, denominator=71064.0)
    shown = replace(asked, first=replace(asked.first, table=known))
    words = "".join(texts(told(shown, "A")))
    assert "304.4 m" in words
    assert said in words
    assert "÷" not in words


def test_an_area_is_made_of_nothing(standing: Database) -> None:
    shown = page(standing, indicator="land_area")
    assert shown.first is not None
    assert set(parts_words(shown.first)) == {""}
    assert not {"numerator", "denominator"} & set(written(shown, ordered(shown, "", "unit_name_en"))[0])


def test_the_headings_say_part_and_unit(standing: Database) -> None:
    view = View(cities.choose(standing, SLUG), {})
    columns = ranking(view, page(standing, indicator="road_density")).children.columnDefs
    headings = {column["colId"]: column["headerName"] for column in columns}
    assert headings["value"] == "Value, km/km²"
    assert headings["numerator"] == "Length of streets, km"
    assert headings["denominator"] == "Land area, km²"


def test_money_is_told_in_hundred_millions(standing: Database) -> None:
    shown = page(standing, indicator="investment_per_km2")
    assert shown.first is not None
    assert shown.first.known.max() == pytest.approx(1.2e9), (
        "four projects of 300 million on a square kilometre"
    )
    row = written(shown, ordered(shown, "", "unit_name_en"))[0]
    assert (row["value_text"], row["numerator_text"]) == ("12.00", "12.00")
    said = "".join(texts(told(shown, "A")))
    assert "12.00 CNY 100 M / km²" in said
    assert "Total investment 12.00 CNY 100 M ÷ Land area 1.000 km²" in said
