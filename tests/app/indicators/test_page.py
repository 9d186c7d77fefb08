"""The page of indicators: what an address chooses, its figures, its table, its verdicts."""

from __future__ import annotations

import pytest

from app.components.indicators.charts import distribution
from app.components.indicators.map import shared_classes
from app.components.indicators.notice import notice
from app.components.indicators.table import written
from app.components.indicators.words import missing_words, picture_name, verdict_words
from app.services import cities
from app.services.indicators import page as indicator_page
from app.services.indicators.page import ordered
from app.services.indicators.runs import run
from data.session import Database
from tests.app import small_city
from tests.app.indicators.asked import SLUG, page, picture, texts


def test_a_bare_address_shows_an_indicator_that_is_known(standing: Database) -> None:
    shown = page(standing)
    assert shown.units == "district"
    assert shown.first is not None
    assert shown.first.known.size == 2
    assert (shown.second, shown.wrong) == (None, [])


def test_an_address_that_says_nonsense_still_shows_something_and_says_so(standing: Database) -> None:
    shown = page(standing, units="parish", indicator="happiness", run="x", sort="up")
    assert (shown.units, shown.indicator) == ("district", page(standing).indicator)
    assert [one.name for one in shown.wrong] == ["sort", "units", "run", "indicator"]
    said = "".join(texts(notice(shown)))
    assert "«parish» is no kind of unit; shown is: District." in said
    assert f"«happiness» is no indicator; shown is: {shown.indicator.name.en}." in said
    shown = page(standing, indicator="road_density", basis="moon", class2="pub", **{"class": "motorway"})
    assert shown.first is not None
    assert shown.first.asked.subject == ""
    assert shown.first.known.tolist() == pytest.approx([1.0, 0.0])
    said = "".join(texts(notice(shown)))
    assert "«motorway» is no class of this indicator; shown is: All." in said
    assert "«moon» is left out: this indicator has no such choice." in said
    assert "B · «pub» is no class of this indicator" in said
    assert notice(page(standing, indicator="road_density", **{"class": "all"})) is None


def test_what_is_shown_has_an_address_of_its_own(standing: Database) -> None:
    asked = {"indicator": "service_coverage", "class": "kindergarten", "indicator2": "road_density"}
    shown = page(standing, **asked, basis2="nonsense", units="parish")
    again = page(standing, **shown.params)
    assert again.wrong == []
    assert again.params == shown.params
    assert again.first is not None
    assert again.second is not None
    assert again.first.asked[1:] == ("service_coverage", "kindergarten", "population")
    assert again.second.asked[1] == "road_density"


def test_an_address_chooses_class_and_basis(standing: Database) -> None:
    shown = picture(standing, indicator="service_coverage", basis="floor_area", **{"class": "kindergarten"})
    assert shown.asked[1:] == ("service_coverage", "kindergarten", "floor_area")
    assert shown.known.tolist() == [100.0]
    assert picture_name(shown) == "Service-radius coverage · Kindergarten · residential floor area"


def test_units_without_a_run_have_no_picture(standing: Database) -> None:
    shown = page(standing, units="grid", indicator="road_density")
    assert (shown.first, shown.runs, shown.indicator.code) == (None, [], "road_density")


def test_what_is_missing_is_named_and_its_parts_are_no_figures(standing: Database) -> None:
    shown = picture(standing, indicator="greenway_coverage")
    assert shown.known.empty
    assert set(shown.missing) == {"greenways"}
    assert missing_words("greenways") == "Greenways"
    assert missing_words("population.population | buildings.population") == (
        "Population (residents) or Buildings (residents)"
    )
    assert shown.table[["numerator", "denominator"]].isna().all(axis=None)


def test_the_newest_run_is_shown_and_an_older_one_by_its_number(small: Database) -> None:
    first = picture(small).asked.run
    again = run(small, SLUG, actor="test").run
    assert picture(small).asked.run == again
    assert picture(small, run=str(first)).asked.run == first


def test_two_runs_are_compared_unit_by_unit(small: Database) -> None:
    older = picture(small).asked.run
    with small.writing("test") as connection:
        small_city.run(connection, "UPDATE population_cell SET population = 1500")
    run(small, SLUG, actor="test")
    shown = page(small, indicator="population_density", run2=str(older))
    rows = indicator_page.compared(shown)
    assert rows["value"].tolist() == pytest.approx([1500.0, 0.0])
    assert rows["other"].tolist() == pytest.approx([1000.0, 0.0])
    assert rows["difference"].tolist() == pytest.approx([-500.0, 0.0])


def test_indicators_of_unlike_units_have_no_difference(standing: Database) -> None:
    shown = page(standing, indicator="population_density", indicator2="road_density")
    rows = indicator_page.compared(shown)
    assert rows["other"].tolist() == pytest.approx([1.0, 0.0])
    assert "difference" not in rows


def test_two_pictures_of_one_indicator_share_their_classes(standing: Database) -> None:
    shown = page(standing, indicator="renewal_coverage", basis="area", basis2="floor_area")
    assert shown.first is not None
    assert shown.second is not None
    one, other = shared_classes(shown, shown.first), shared_classes(shown, shown.second)
    assert one.classes.edges.tolist() == other.classes.edges.tolist()
    assert len(one.values) == len(other.values) == 4


def test_rows_are_ordered_with_the_unknown_last(standing: Database) -> None:
    shown = page(standing, indicator="mean_storeys")
    assert shown.first is not None
    assert shown.first.table["value"].isna().tolist() == [False, True]
    for sort in ("value.desc", "value.asc", "", "nonsense.up"):
        assert ordered(shown, sort, "unit_name_en")["unit_code"].tolist() == ["A", "B"]
    assert ordered(shown, "name.desc", "unit_name_en")["unit_code"].tolist() == ["B", "A"]


def test_the_table_says_not_supplied_and_never_zero(standing: Database) -> None:
    shown = page(standing, indicator="mean_storeys")
    known, unknown = written(shown, ordered(shown, "", "unit_name_en"))
    assert (known["value"], known["value_text"]) == (6.0, "6.000")
    assert (unknown["value"], unknown["value_text"]) == (None, "not supplied")
    assert unknown["reason"] == "nothing to count here, such as no homes"


def test_the_threshold_in_force_judges_with_a_word(standing: Database) -> None:
    shown = page(standing, indicator="road_density")
    assert shown.first is not None
    assert shown.first.verdicts() == {"fail": 2}
    assert shown.first.threshold is not None
    found, judging, reference = indicator_page.thresholds_of(standing, cities.choose(standing, SLUG), shown)
    assert judging == {shown.first.threshold.id}
    assert reference is None
    assert {one.threshold.indicator for one in found} == {"road_density"}
    assert len(found) > 1
    rows = written(shown, ordered(shown, "", "unit_name_en"))
    assert {row["judged_text"] for row in rows} == {"Does not meet it"}


def test_what_speaks_of_other_ground_stands_beside_and_judges_nothing(standing: Database) -> None:
    shown = page(standing, indicator="green_ratio")
    assert shown.first is not None
    assert shown.first.threshold is None
    assert shown.first.verdicts() == {}
    found, judging, reference = indicator_page.thresholds_of(standing, cities.choose(standing, SLUG), shown)
    assert not judging
    assert reference is not None
    assert reference in found
    assert reference.threshold.scope == "built_up"
    drawn = str(distribution(shown.first, reference))
    assert "for reference ≥ 38.9 % (Built-up area)" in drawn
    assert "for reference" not in str(distribution(shown.first))


def test_each_area_is_told_what_is_asked_of_it(small: Database) -> None:
    with small.writing("test") as connection:
        for kind in ("county_town", "cluster"):
            drawn = f"SELECT id, '{kind}', {small_city.shape(0, 0, 1000, 1000)} FROM city"
            small_city.run(connection, f"INSERT INTO constraint_area (city_id, kind, shape) {drawn}")
    run(small, SLUG, "area", actor="test")
    shown = page(small, units="area", indicator="population_density")
    assert shown.first is not None
    said = dict(zip(shown.first.table["unit_code"], verdict_words(shown.first), strict=True))
    assert said["county_town:1"] == "Does not meet it (6,000 – 10,000 persons/km²)"
    assert said["cluster:1"] == "Meets the threshold (≤ 10,000 persons/km²)"
    assert said["city"] == ""
    assert shown.first.threshold is None
    judging = indicator_page.thresholds_of(small, cities.choose(small, SLUG), shown).judging
    assert judging == set(shown.first.thresholds)
