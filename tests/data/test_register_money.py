"""Printed amounts become yuan exactly, or are refused with what to do."""

from __future__ import annotations

from decimal import Decimal

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.readers.money import BAD, NEGATIVE, TOO_FINE, TOO_LARGE, UNITS, read_amounts

YI = Decimal(10) ** 8
FULL_WIDTH = str.maketrans("0123456789.,-", "０１２３４５６７８９．，－")


def read(text: str, unit: str = "亿元") -> Decimal | None:
    amounts = read_amounts(pd.Series([text], dtype="str"), unit)
    assert not any(mask.any() for mask in amounts.faults.values()), amounts.faults
    value: Decimal | None = amounts.yuan[0]
    return value


def fault(text: str) -> tuple[str, str]:
    amounts = read_amounts(pd.Series([text], dtype="str"), "亿元")
    assert amounts.yuan[0] is None
    (kind,) = [kind for kind, mask in amounts.faults.items() if mask[0]]
    return kind


@pytest.mark.parametrize("text", ["", " ", "/", "／", "-", "－", "—", "——", "--", "–"])
def test_not_given_is_unknown_never_zero(text: str) -> None:
    assert read(text) is None


def test_zero_is_zero() -> None:
    assert read("0") == 0


@pytest.mark.parametrize(
    ("text", "unit", "yuan"),
    [
        ("7.4", "亿元", "740000000"),
        ("1.107528", "亿元", "110752800"),
        ("0.0508", "亿元", "5080000"),
        ("457.47", "亿元", "45747000000"),
        ("574636.58", "万元", "5746365800"),
        ("12", "元", "12"),
        ("0.01", "元", "0.01"),
        ("+5", "元", "5"),
        (".5", "亿元", "50000000"),
        ("5.", "亿元", "500000000"),
        ("007.40", "亿元", "740000000"),
        ("0.0000000001", "亿元", "0.01"),
        ("99999999.9999999999", "亿元", "9999999999999999.99"),
    ],
)
def test_units_are_powers_of_ten(text: str, unit: str, yuan: str) -> None:
    assert read(text, unit) == Decimal(yuan)


@pytest.mark.parametrize(
    ("text", "number"),
    [("1,234.5", "1234.5"), ("1 234.5", "1234.5"), ("１２．５", "12.5"), ("１，２３４", "1234")],
)
def test_separators_and_full_width_are_read_and_reported(text: str, number: str) -> None:
    amounts = read_amounts(pd.Series([text, "1"], dtype="str"), "亿元")
    assert amounts.yuan[0] == Decimal(number) * YI
    assert amounts.normalised.tolist() == [True, False]


@pytest.mark.parametrize(
    "text",
    [
        "abc",
        "NaN",
        "nan",
        "inf",
        "-inf",
        "1.2.3",
        "1e400",
        "1e3",
        "12,34",
        "1,5",
        "1,234 567",
        "1.5亿",
        "三",
        "0x1",
    ],
)
def test_what_is_no_amount_is_refused(text: str) -> None:
    assert fault(text) == BAD


@pytest.mark.parametrize(("text", "kind"), [
    ("-1", NEGATIVE),
    ("－0.5", NEGATIVE),
    ("0.00000000001", TOO_FINE),
    ("100000000", TOO_LARGE),
    ("9" * 400, TOO_LARGE),
])  # fmt: skip
def test_out_of_range_is_refused_by_name(text: str, kind: tuple[str, str]) -> None:
    assert fault(text) == kind


def test_no_rows_no_amounts() -> None:
    assert read_amounts(pd.Series([], dtype="str"), "亿元").yuan.empty


amounts_in_fen = st.integers(min_value=0, max_value=10**17)


@given(amounts_in_fen, st.sampled_from(sorted(UNITS)))
def test_what_is_printed_is_what_is_read(fen: int, unit: str) -> None:
    yuan = Decimal(fen).scaleb(-2)
    printed = format(yuan.scaleb(-UNITS[unit]), "f")
    assert read(printed, unit) == yuan


@given(amounts_in_fen)
def test_writing_style_does_not_change_the_amount(fen: int) -> None:
    yuan = Decimal(fen).scaleb(-2)
    plain, grouped = format(yuan, "f"), format(yuan, ",f")
    assert read(plain, "元") == read(grouped, "元") == read(grouped.translate(FULL_WIDTH), "元") == yuan


@given(st.text(max_size=30))
def test_any_text_is_an_amount_or_unknown_or_one_fault(text: str) -> None:
    amounts = read_amounts(pd.Series([text], dtype="str"), "亿元")
    faults = sum(int(mask[0]) for mask in amounts.faults.values())
    assert faults <= 1
    assert amounts.yuan[0] is None or (faults == 0 and 0 <= amounts.yuan[0] < 10**16)
