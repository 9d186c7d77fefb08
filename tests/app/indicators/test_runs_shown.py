"""Which of several runs is shown: one of a few indicators hides none of the others."""

from __future__ import annotations

import json

import pytest
from plotly.utils import PlotlyJSONEncoder

from app.components.indicators.choices import choices
from app.components.indicators.listing import catalogue_list, lacking
from app.components.view import View
from app.services import cities
from app.services.indicators.page import page_of
from app.services.indicators.runs import run
from data.session import Database
from gis.catalogue import INDICATORS
from tests.app.indicators.asked import SLUG, page, texts


@pytest.fixture
def partly(small: Database) -> Database:
    """The city, whose newest run holds one indicator."""
    run(small, SLUG, indicators=["land_area"], actor="test")
    return small


def looked_at(database: Database) -> View:
    return View(cities.choose(database, SLUG), {})


def test_a_bare_address_shows_a_whole_run(partly: Database) -> None:
    shown = page(partly)
    assert shown.run == shown.runs[1]
    assert len(shown.computed) > 10


def test_an_indicator_is_shown_from_the_newest_run_that_holds_it(partly: Database) -> None:
    assert [page(partly, indicator=code).run for code in ("land_area", "road_density")] == page(partly).runs
    assert page(partly, indicator="road_density").first is not None


def test_a_run_without_the_indicator_says_so_and_leaves_the_choice_of_runs(partly: Database) -> None:
    shown = page(partly, indicator="road_density", run=str(page(partly).runs[0]["id"]))
    assert shown.first is None
    assert shown.params["run"] == str(shown.runs[0]["id"])
    said = json.dumps(choices(looked_at(partly), shown), cls=PlotlyJSONEncoder)
    assert "Computed on" in said
    assert f"{INDICATORS['road_density'].name.en} \\u2013 not in this run" in said
    assert "not supplied" not in said
    told = list(texts(catalogue_list(looked_at(partly), shown)))
    assert "not computed in this run" in told
    assert not [words for words in told if words.startswith("needs")]


def test_all_that_an_indicator_lacks_is_named_not_what_was_missed_first(zhengzhou: Database) -> None:
    run(zhengzhou, "zhengzhou", actor="test", indicators=["walk_mean", "facilities_per_km2", "road_density"])
    shown = page_of(zhengzhou, cities.choose(zhengzhou, "zhengzhou"), {})
    assert lacking(shown, INDICATORS["walk_mean"]) == ["Buildings", "Facilities and parks", "Streets"]
