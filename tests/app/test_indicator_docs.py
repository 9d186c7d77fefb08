"""The pages about indicators say what the catalogue and the thresholds say, in both languages."""

from __future__ import annotations

import dataclasses

import pytest

from app.services.indicators.docs import LANGUAGES, Language, catalogue_text, page_of, renewed
from data.thresholds import shipped
from gis.catalogue import FAMILIES, INDICATORS
from gis.parameters import EXPLAINED, Parameters


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_is_that_of_the_present_catalogue(language: Language) -> None:
    page = page_of(language).read_text(encoding="utf-8")
    assert renewed(page, language) == page, "run: python -m app.services.indicators.docs"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_indicator_parameter_and_threshold_is_documented(language: Language) -> None:
    page = catalogue_text(language)
    assert [code for code in INDICATORS if f"`{code}`" not in page] == []
    assert [one.clause for one in shipped() if one.clause not in page] == []
    assert set(EXPLAINED) == {field.name for field in dataclasses.fields(Parameters)}
    assert [name for name in EXPLAINED if f"| `{name}` |" not in page] == []


@pytest.mark.parametrize("code", INDICATORS)
def test_an_indicator_says_all_that_a_reader_needs(code: str) -> None:
    one = INDICATORS[code]
    for words in (one.name, one.formula, one.source):
        assert words.zh.strip()
        assert words.en.strip()
    assert one.family in FAMILIES
    assert one.inputs or one.alternatives
    assert set(one.parameters) <= set(EXPLAINED)


def test_what_stands_around_the_catalogue_is_left_alone() -> None:
    page = "before <!-- catalogue: begin -->old<!-- catalogue: end --> after"
    assert renewed(page, "en").startswith("before <!-- catalogue: begin -->\n")
    assert renewed(page, "en").endswith("<!-- catalogue: end --> after")
    assert "old<" not in renewed(page, "en")
