"""Concentration against closed forms and the published figures of the Zhengzhou library."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis import errors
from gis.concentration import gini, lorenz, pareto, size_bands, top_share

REGISTER = Path(__file__).parents[2] / "data/demo/zhengzhou/register_2025_45.csv"
BANDS = (1, 5, 10, 50, 100)
amounts = st.lists(st.floats(0.01, 1e6), min_size=1, max_size=60)


@pytest.fixture(scope="module")
def investment():
    """276 amounts in 亿元: 郑建文〔2025〕45号."""
    return pd.read_csv(REGISTER, encoding="utf-8-sig")["项目总投资亿元_total_investment_yi"]


def test_size_bands_of_the_zhengzhou_library(investment):
    bands = size_bands(investment, BANDS)
    assert bands["count"].tolist() == [39, 70, 47, 64, 39, 17]
    assert bands["amount"].round(1).iloc[[0, 4, 5]].tolist() == [21.4, 2709.3, 3278.4]
    assert round(bands["share"].iloc[-1], 3) == 0.415
    assert bands["amount"].sum() == pytest.approx(7895.45, abs=0.005)


def test_top_ten_of_the_zhengzhou_library(investment):
    assert round(top_share(investment, 10), 3) == 0.312
    assert round(pareto(investment)["cumulative_share"].iloc[9], 3) == 0.312


def test_median_mean_and_maximum_of_the_zhengzhou_library(investment):
    assert investment.median() == 7.4
    assert round(investment.mean(), 1) == 28.6
    assert pareto(investment)["amount"].iloc[0] == 457.47


def test_gini_of_the_zhengzhou_library_is_the_area_under_its_lorenz_curve(investment):
    assert gini(investment) == pytest.approx(1 - 2 * np.trapezoid(*lorenz(investment)[::-1]), abs=1e-12)
    assert gini(investment) == pytest.approx(0.7196, abs=1e-4)


@pytest.mark.parametrize("n", [1, 2, 7, 100])
def test_gini_of_equal_amounts_is_zero_and_of_one_holder_is_n_minus_1_over_n(n):
    assert gini([5.0] * n) == pytest.approx(0, abs=1e-12)
    assert gini([0.0] * (n - 1) + [5.0]) == pytest.approx((n - 1) / n)


@pytest.mark.parametrize("n", [2, 10, 1000])
def test_gini_of_the_first_n_numbers(n):
    assert gini(range(1, n + 1)) == pytest.approx((n - 1) / (3 * n))


def test_lorenz_of_equal_amounts_is_the_diagonal():
    x, y = lorenz([3, 3, 3, 3])
    assert x.tolist() == [0, 0.25, 0.5, 0.75, 1]
    assert y == pytest.approx(x)


def test_lorenz_of_one_two_three():
    assert lorenz([3, 1, 2])[1] == pytest.approx([0, 1 / 6, 1 / 2, 1])


def test_pareto_keeps_the_projects_with_their_amounts():
    table = pareto(pd.Series({"K1": 1.0, "K2": 6.0, "K3": 3.0}))
    assert table.index.tolist() == ["K2", "K3", "K1"]
    assert table["share"].tolist() == [0.6, 0.3, 0.1]
    assert table["cumulative_share"].tolist() == pytest.approx([0.6, 0.9, 1.0])


def test_a_band_holds_its_lower_edge():
    bands = size_bands([0, 0.999, 1, 5, 99.99, 100], BANDS)
    assert bands["count"].tolist() == [2, 1, 1, 0, 1, 1]
    assert bands["lower"].tolist() == [0, 1, 5, 10, 50, 100]
    assert bands["upper"].iloc[-1] == np.inf


def test_more_than_there_are_means_all_and_none_means_nothing():
    assert top_share([1, 2], 5) == 1
    assert top_share([1, 2], 0) == 0


@pytest.mark.parametrize("values", [[], [np.nan], [0.0, 0.0], [None]])
def test_shares_of_nothing_are_unknown(values):
    assert np.isnan(top_share(values, 1))
    assert np.isnan(gini(values))
    assert size_bands(values, (1,))["share"].isna().all()


def test_money_may_come_as_decimals_with_gaps():
    assert top_share([Decimal("6"), None, Decimal("4")], 1) == 0.6


@pytest.mark.parametrize(
    "measure", [gini, lorenz, pareto, lambda v: top_share(v, 1), lambda v: size_bands(v, (1,))]
)
def test_an_amount_below_zero_is_named(measure):
    with pytest.raises(errors.NegativeAmount, match="1 amounts are below zero, the first at K2"):
        measure(pd.Series({"K1": 1.0, "K2": -1.0}))


@pytest.mark.parametrize("edges", [(5, 1), (1, 1), (0, 1)])
def test_edges_must_ascend_from_above_zero(edges):
    with pytest.raises(errors.BadParameter, match="above zero and ascend"):
        size_bands([1], edges)


def test_a_negative_count_is_refused():
    with pytest.raises(errors.BadParameter):
        top_share([1], -1)


@given(amounts, st.floats(0.1, 1000))
def test_the_unit_of_money_changes_no_share(values, factor):
    scaled = np.array(values) * factor
    assert gini(scaled) == pytest.approx(gini(values), abs=1e-9)
    assert top_share(scaled, 3) == pytest.approx(top_share(values, 3))


@given(amounts)
def test_the_lorenz_curve_rises_below_the_diagonal(values):
    x, y = lorenz(values)
    assert (np.diff(y) >= 0).all()
    assert (y <= x + 1e-9).all()
    assert y[-1] == pytest.approx(1)
    assert gini(values) == pytest.approx(1 - 2 * np.trapezoid(y, x), abs=1e-9)


@given(amounts)
def test_bands_lose_no_project_and_no_money(values):
    bands = size_bands(values, BANDS)
    assert bands["count"].sum() == len(values)
    assert bands["amount"].sum() == pytest.approx(sum(values))


@pytest.mark.parametrize("n", [1.5, float("nan"), "2"])
def test_a_count_is_a_whole_number(n):
    with pytest.raises(errors.BadParameter, match="not a whole number"):
        top_share([6, 3, 1], n)


@pytest.mark.parametrize("values", [[1.0, float("inf")], ["six"]])
def test_amounts_are_finite_numbers(values):
    with pytest.raises(errors.BadParameter, match=r"infinite|not numbers"):
        gini(values)
