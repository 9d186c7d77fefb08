"""Filters read from addresses: right ones become conditions, wrong ones are named."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.services.filters import filter_from_query
from app.services.projects.listing import Sort, sort_from_query
from data.errors import InvalidInput
from data.projects import ProjectFilter


def test_an_empty_address_keeps_everything() -> None:
    assert filter_from_query({}) == ProjectFilter()
    assert filter_from_query({"city": "zhengzhou", "lang": "en", "sort": "code.asc"}).active() == []


def test_lists_flags_and_amounts_are_read() -> None:
    found = filter_from_query(
        {
            "q": " 金水 产业园 ",
            "district": "410102,410105",
            "section": "市内五区",
            "year": "2022,2025",
            "batch": "202503",
            "band": "<1,>=100",
            "boundary": "drafted",
            "min": "0.5",
            "max": "12.34",
            "entered": "1",
            "cross": "1",
            "exited": "0",
        }
    )
    assert found == ProjectFilter(
        text="金水 产业园",
        districts=("410102", "410105"),
        sections=("市内五区",),
        years=(2022, 2025),
        batches=("202503",),
        bands=("<1", ">=100"),
        boundary=("drafted",),
        minimum=Decimal("50000000"),
        maximum=Decimal("1234000000"),
        entered=True,
        cross_district=True,
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("year", "20x5"),
        ("year", "２０２５"),
        ("year", "2025,"[:-1] + "0"),
        ("year", "-2025"),
        ("band", "1-6"),
        ("band", "<1,huge"),
        ("boundary", "drawn"),
        ("min", "twelve"),
        ("min", "NaN"),
        ("max", "Infinity"),
        ("max", "1e400"),
    ],
)
def test_a_wrong_value_is_named_with_its_filter_and_a_remedy(name: str, value: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        filter_from_query({name: value})
    assert raised.value.values["name"] == name
    assert raised.value.values["value"] in value
    assert raised.value.remedy


@given(
    st.dictionaries(st.sampled_from(["q", "district", "year", "band", "boundary", "min", "max"]), st.text())
)
def test_any_address_gives_a_filter_or_a_named_error(query: dict[str, str]) -> None:
    try:
        found = filter_from_query(query)
    except InvalidInput:
        return
    assert "\x00" not in found.text
    assert len(found.text) <= 200


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, Sort("code", False)),
        ({"sort": "amount.desc"}, Sort("amount", True)),
        ({"sort": "name"}, Sort("name", False)),
        ({"sort": "district.asc"}, Sort("district", False)),
    ],
)
def test_the_order_is_read(asked: dict[str, str], expected: Sort) -> None:
    assert sort_from_query(asked) == expected


@pytest.mark.parametrize(
    "asked", ["id.asc", "amount.down", "amount.desc; DROP TABLE project", ".", "code.asc.x"]
)
def test_an_unknown_order_is_named(asked: str) -> None:
    with pytest.raises(InvalidInput, match="cannot be sorted"):
        sort_from_query({"sort": asked})
