"""Access against PySAL's published catchments, spopt's San Francisco and closed forms."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import cdist

from gis import errors
from gis.access import count_reachable, living_circle, soft_access, summary, two_step_floating_catchment
from gis.coverage import service_coverage_walk
from gis.overlap import members
from tests.gis.town import box, frame, seeds
from tests.verified import all_verified, verified

SPOPT = "spopt 0.7.0, its own tests"
PEERS = Path(__file__).resolve().parents[3] / "shared/data/peers"
here = pytest.mark.skipif(not PEERS.exists(), reason="the shared data are not here")
TRACTS = pd.Index([1, 2, 3])
GRIDLOCK = [[1, 80, 40], [80, 1, 40], [40, 40, 1]]


@pytest.fixture(scope="module")
def san_francisco():
    """Metres along the streets from 205 tracts to 16 stores, and the tracts' residents in 2000."""
    table = pd.read_csv(PEERS / "spopt_SF_network_distance_candidateStore_16_censusTract_205_new.csv")
    return table.pivot_table("distance", "DestinationName", "name"), table.groupby("DestinationName")[
        "demand"
    ].first()


@pytest.fixture(scope="module")
def published():
    peers = json.loads((PEERS / "EXPECTED.json").read_text())
    return next(values for name, values in peers.items() if name.startswith("spopt"))


def best_four(distances, gain):
    """The four stores of most gain, by trying all 1820 sets."""
    sets = list(itertools.combinations(range(distances.shape[1]), 4))
    return list(max(sets, key=lambda four: gain(distances[:, four].min(axis=1))))


def one_unit(rows):
    """All rows as points in one unit."""
    return members(frame(box(0, 0, 10)), frame(*gpd.points_from_xy(np.ones(rows), np.ones(rows))))


@here
def test_spopt_p_median_of_san_francisco(san_francisco, published):
    distances, residents = (table.to_numpy(float) for table in san_francisco)
    four = best_four(distances, lambda nearest: -(residents * nearest).sum())
    found = summary(one_unit(205), distances[:, four].min(axis=1), residents)
    expected = published["p_median_p4_weighted_mean_distance_m"]
    verified(
        "weighted mean walk to four stores, San Francisco, m", SPOPT, expected, found["mean"][0], rel=1e-12
    )


@here
def test_spopt_coverage_of_san_francisco(san_francisco, published):
    distances, residents = (table.to_numpy(float) for table in san_francisco)
    expected = published["mclp_radius_5000m_p4"]
    four = best_four(distances, lambda nearest: residents[nearest <= 5000].sum())
    assert sorted(san_francisco[0].columns[four]) == expected["optimal_set_found_here_by_brute_force"]
    tracts = frame(*gpd.points_from_xy(np.ones(205), np.ones(205)), tract=np.ones(205))
    nearest = distances[:, four].min(axis=1)
    found = service_coverage_walk(frame(box(0, 0, 10)), tracts, nearest, 5000, weight="tract").loc[0]
    uncovered = found["denominator"] - found["numerator"]
    verified("tracts of San Francisco not covered at 5 km", SPOPT, expected["uncovered_tracts"], uncovered)
    share = expected["percent_tracts_covered"]
    verified("tracts of San Francisco covered, %", SPOPT, share, found["share"] * 100, rel=1e-12)


def test_pysal_catchments_of_three_tracts():
    found = two_step_floating_catchment(
        pd.Series([100, 50, 10], TRACTS),
        pd.Series([15, 20, 100], TRACTS),
        GRIDLOCK,
        61,
        weight=lambda cost: 1 / cost,
    )
    expected = {1: 0.3314441169802766, 2: 0.5798281320669381, 3: 7.286418169862544}
    named = {f"tract {tract}": value for tract, value in found.items()}
    expected = {f"tract {tract}": value for tract, value in expected.items()}
    all_verified("two-step catchment", "PySAL access, hospital example", expected, named, rel=1e-14)
    served = (found * [100, 50, 10]).sum()
    verified("two-step catchment, supply conserved", "sum of the supply", 135, served, rel=1e-12)


def test_a_long_table_and_a_dense_one_are_the_same():
    demand, supply = pd.Series([100.0, 50, 10], TRACTS), pd.Series([15.0, 20, 100], list("abc"))
    dense = two_step_floating_catchment(demand, supply, GRIDLOCK, 61)
    pairs = [(i, j, GRIDLOCK[a][b]) for a, i in enumerate(TRACTS) for b, j in enumerate("abc")]
    long = pd.DataFrame(pairs, columns=["origin", "destination", "cost"]).sample(frac=1, random_state=1)
    assert two_step_floating_catchment(demand, supply, long, 61).to_dict() == pytest.approx(dense.to_dict())
    near = long[long["cost"] <= 61]
    assert two_step_floating_catchment(demand, supply, near, 61).to_dict() == pytest.approx(dense.to_dict())


def lattice(n):
    return np.indices((n, n)).reshape(2, -1).T


@pytest.mark.parametrize(("threshold", "expected"), [(100, 5), (0.5, 5), (0, 5)])
def test_a_lattice_of_equal_places_has_equal_access(threshold, expected):
    size = 36
    demand, supply = pd.Series(np.full(size, 1.0)), pd.Series(np.full(size, 5.0))
    found = two_step_floating_catchment(demand, supply, cdist(lattice(6), lattice(6)), threshold)
    assert found.tolist() == pytest.approx([expected] * size)


@given(seeds, st.floats(1, 200), st.booleans())
@settings(max_examples=50, deadline=None)
def test_supply_that_is_reached_is_conserved(seed, threshold, decays):
    random = np.random.default_rng(seed)
    demand, supply = pd.Series(random.uniform(0, 500, 40)), pd.Series(random.uniform(0, 90, 7))
    cost = cdist(random.uniform(0, 100, (40, 2)), random.uniform(0, 100, (7, 2)))
    weight = (lambda metres: np.exp(-metres / 50)) if decays else None
    access = two_step_floating_catchment(demand, supply, cost, threshold, weight)
    reached = (cost <= threshold).any(axis=0)
    assert (access * demand).sum() == pytest.approx(supply[reached].sum())


@given(seeds)
@settings(max_examples=20, deadline=None)
def test_more_supply_never_lowers_access(seed):
    random = np.random.default_rng(seed)
    demand, supply, cost = (
        pd.Series(random.uniform(1, 9, 20)),
        pd.Series(random.uniform(1, 9, 5)),
        random.uniform(0, 9, (20, 5)),
    )
    more = supply + random.uniform(0, 3, 5)
    before, after = (two_step_floating_catchment(demand, each, cost, 5) for each in (supply, more))
    assert (after >= before - 1e-12).all()


def test_an_unknown_demand_makes_those_unknown_who_share_with_it():
    found = two_step_floating_catchment(
        pd.Series([1.0, np.nan, 1.0]), pd.Series([3.0, 3.0]), [[1, 9], [1, 9], [9, 1]], 5
    )
    assert found.tolist() == pytest.approx([np.nan, np.nan, 3], nan_ok=True)


@pytest.mark.parametrize(
    ("cost", "said"),
    [
        ([[1, 2, 3]], r"shape \(1, 3\) where \(2, 1\)"),
        (pd.DataFrame({"o": [7], "d": [0], "c": [1.0]}), "not given"),
        (pd.DataFrame({"o": [0, 0], "d": [0, 0], "c": [1.0, 2.0]}), "given twice"),
        (pd.DataFrame([[1.0], [2.0]]), "a column of origins, one of destinations and one of costs"),
        (pd.DataFrame({"o": [0], "d": [0], "c": ["near"]}), "cost holds something that is not a number"),
        ([["near"], [2.0]], "cost holds something that is not a number"),
        ([[1.0], [-0.5]], r"cost is -0\.5; it must be zero or more"),
        (pd.DataFrame({"o": [0], "d": [0], "c": [-3]}), r"cost is -3\.0"),
    ],
)
def test_costs_that_do_not_fit_are_refused(cost, said):
    with pytest.raises(errors.BadParameter, match=said):
        two_step_floating_catchment(pd.Series([1.0, 2.0]), pd.Series([3.0]), cost, 5)


@pytest.mark.parametrize("threshold", [-1.0, np.nan])
def test_a_threshold_is_zero_or_more(threshold):
    with pytest.raises(errors.BadParameter, match="threshold is"):
        two_step_floating_catchment(pd.Series([1.0]), pd.Series([3.0]), [[1.0]], threshold)


def test_what_cannot_be_reached_is_out_of_reach_without_a_limit_too():
    cost = [[100.0, np.inf], [np.inf, np.nan], [0.0, np.inf]]
    found = two_step_floating_catchment(pd.Series([1.0, 1, 1]), pd.Series([3.0, 5.0]), cost, np.inf)
    assert found.tolist() == [1.5, 0.0, 1.5]


@pytest.mark.parametrize("at", [0, 1])
@pytest.mark.parametrize(
    ("amounts", "said"),
    [
        (pd.Series([1.0, 2.0], [4, 4]), "has a label twice"),
        (pd.Series([1.0, np.inf]), "infinite"),
        (pd.Series([1.0, "many"]), "not a number"),
    ],
)
def test_amounts_that_cannot_be_shared_are_refused(at, amounts, said):
    given_ = [pd.Series([1.0, 2.0]), pd.Series([1.0, 2.0])]
    given_[at] = amounts
    with pytest.raises(errors.BadParameter, match=said):
        two_step_floating_catchment(*given_, np.ones((2, 2)), 5)


@pytest.mark.parametrize(
    ("distance", "weight", "limits", "error", "said"),
    [
        ([1, 2, 3], [1, -5, 1], [300], errors.NegativeAmount, "1 values of weight are below zero"),
        ([1, 2], [1, 1, 1], [300], errors.BadParameter, r"distance has the shape \(2,\) where \(3,\)"),
        ([1, 2, 3, 4], [1, 1, 1], [300], errors.BadParameter, r"distance has the shape \(4,\)"),
        ([1, 2, 3], [1, 1], [300], errors.BadParameter, r"weight has the shape \(2,\)"),
        ([1, 2, 3], [1, 1, 1], [np.nan], errors.BadParameter, "limits is nan"),
        ([1, 2, 3], [1, 1, 1], [300, np.inf], errors.BadParameter, "limits is inf"),
        ([1, -2, 3], [1, 1, 1], [300], errors.BadParameter, r"distance is -2\.0"),
        ([1, "far", 3], [1, 1, 1], [300], errors.BadParameter, "distance holds something"),
        ([1, 2, 3], [1, "many", 1], [300], errors.BadParameter, "weight holds something"),
        ([1, 2, 3], [1, np.inf, 1], [300], errors.BadParameter, "infinite"),
    ],
)
def test_a_summary_of_what_cannot_be_summed_is_refused(distance, weight, limits, error, said):
    with pytest.raises(error, match=said):
        summary(one_unit(3), distance, weight, limits)


@pytest.mark.parametrize("at", [0, 1, 2])
def test_amounts_below_zero_are_refused(at):
    given_, weight = [pd.Series([1.0]), pd.Series([1.0])], None
    if at < 2:
        given_[at] = -given_[at]
    else:
        weight = np.negative
    with pytest.raises(errors.NegativeAmount):
        two_step_floating_catchment(*given_, [[1.0]], 5, weight)


def test_counts_of_what_is_reachable():
    assert count_reachable(pd.DataFrame({"origin": [0, 0, 2]}), 4).tolist() == [2, 0, 1, 0]


def test_soft_access_scores_of_the_published_distances():
    scores = soft_access([0, 250, 500, 750, 1000]).round(6).tolist()
    published = [0.993307, 0.924142, 0.5, 0.075858, 0.006693]
    for metres, expected, score in zip((0, 250, 500, 750, 1000), published, scores, strict=True):
        verified(f"soft access score at {metres} m", "Higgs et al. 2019 (GHSCI)", expected, score)
    assert soft_access([np.inf, np.nan]).tolist() == pytest.approx([0, np.nan], nan_ok=True)
    for wrong in ({"limit": 0}, {"limit": np.inf}, {"k": -1}):
        with pytest.raises(errors.BadParameter, match="must be finite and above zero"):
            soft_access([1], **wrong)


def test_a_summary_of_ten_homes():
    found = summary(one_unit(10), np.arange(100, 1001, 100), np.ones(10)).loc[0].to_dict()
    assert found == pytest.approx(
        {"mean": 550, "median": 500, "p90": 900, "share_300": 0.3, "share_500": 0.5, "share_1000": 1.0,
         "unreachable": 0, "weight": 10}
    )  # fmt: skip


def test_the_unreachable_count_in_the_shares_and_not_in_the_mean():
    found = summary(one_unit(4), [100, 200, np.inf, np.nan], [1, 1, 2, 9]).loc[0]
    assert found[["mean", "median", "p90"]].tolist() == [150, 200, np.inf]
    assert found[["share_300", "unreachable", "weight"]].tolist() == [0.5, 0.5, 4]


def test_nobody_has_no_distance():
    units = frame(box(0, 0, 10), box(20, 0, 10), None)
    found = summary(members(units, frame(*gpd.points_from_xy([5], [5]))), [7], [1])
    assert found["median"].tolist() == pytest.approx([7, np.nan, np.nan], nan_ok=True)
    assert found["weight"].tolist() == [1, 0, 0]


def plain_quantile(metres, weights, q):
    order = np.argsort(metres, kind="stable")
    running = weights[order].cumsum()
    return metres[order][np.argmax(running >= q * running[-1] * (1 - 1e-12))]


@given(seeds)
@settings(max_examples=30, deadline=None)
def test_a_summary_is_that_of_each_unit_alone(seed):
    random = np.random.default_rng(seed)
    units = frame(*(box(x, 0, 10) for x in range(0, 50, 10)))
    town = frame(*gpd.points_from_xy(random.uniform(0, 50, 80), random.uniform(0, 10, 80)))
    metres, weights = random.exponential(400, 80).round(-1), random.integers(1, 50, 80).astype(float)
    metres[random.random(80) < 0.1] = np.inf
    placed = members(units, town)
    found = summary(placed, metres, weights)
    for unit in range(5):
        own = placed.feature[placed.unit == unit]
        far, held = metres[own], weights[own]
        near = np.isfinite(far)
        assert found["mean"][unit] == pytest.approx((far * held)[near].sum() / held[near].sum())
        assert found["median"][unit] == plain_quantile(far, held, 0.5)
        assert found["p90"][unit] == plain_quantile(far, held, 0.9)
        assert found["share_500"][unit] == pytest.approx(held[far <= 500].sum() / held.sum())


def test_a_living_circle_is_complete_with_all_its_classes():
    distances = pd.DataFrame({"clinic": [100, 900, np.inf], "school": [500, 500, np.nan], "bank": [9, 9, 9]})
    found = living_circle(distances, ["clinic", "school"], 500)
    assert found["completeness"].tolist() == pytest.approx([1, 0.5, np.nan], nan_ok=True)
    assert found["complete"].tolist() == [True, False, pd.NA]


def test_a_living_circle_needs_its_classes():
    with pytest.raises(errors.MissingColumn, match="park, market"):
        living_circle(pd.DataFrame({"clinic": [1.0]}), ["clinic", "park", "market"], 500)
    with pytest.raises(errors.BadParameter, match="at least one"):
        living_circle(pd.DataFrame({"clinic": [1.0]}), [], 500)
    with pytest.raises(errors.BadParameter, match="limit is nan"):
        living_circle(pd.DataFrame({"clinic": [1.0]}), ["clinic"], np.nan)
