"""The walking network of real cities against networkx, and of pgRouting's sample against its answers."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely

from gis.network import WalkNetwork
from tests.gis.network_peer import Peer, streets_of
from tests.verified import all_verified, verified

DATA = Path(__file__).resolve().parents[3] / "shared/data"
pytestmark = pytest.mark.skipif(not DATA.exists(), reason="the data of real cities are not here")
EXACT = 1e-6


@pytest.fixture(scope="module")
def wuhan_streets():
    return gpd.read_parquet(DATA / "china/wuhan_streets_osm.parquet")


@pytest.fixture(scope="module")
def wuhan(wuhan_streets):
    return WalkNetwork.from_edges(wuhan_streets)


@pytest.fixture(scope="module")
def wuhan_by_place(wuhan_streets):
    return WalkNetwork.from_edges(wuhan_streets[["geometry"]])


def test_the_streets_of_wuhan_are_one_network(wuhan):
    report = wuhan.report
    assert (report.edges_given, report.duplicates, report.edges_kept) == (92_667, 24, 92_643)
    assert (report.nodes, report.components.tolist()) == (82_902, [82_902])
    assert wuhan.length.sum() == pytest.approx(7_184_000, rel=1e-3)


def test_at_eleven_places_of_wuhan_a_trunk_road_passes_over_a_street_that_it_does_not_meet(
    wuhan, wuhan_by_place
):
    assert len(np.unique(np.round(wuhan.node_xy, 2), axis=0)) == 82_891 == wuhan_by_place.report.nodes
    homes, shops = wuhan.node_xy[::7], wuhan.node_xy[::901] + 20.0
    apart, joined = wuhan.nearest(homes, shops), wuhan_by_place.nearest(homes, shops)
    assert (joined <= apart + EXACT).all()
    assert 0 < (joined < apart - 1).mean() < 0.05


def test_the_streets_of_wuhan_end_where_their_nodes_are(wuhan):
    for node, at in ((wuhan.start, 0), (wuhan.end, -1)):
        assert (shapely.get_coordinates(shapely.get_point(wuhan.geometry, at)) == wuhan.node_xy[node]).all()
    assert wuhan.report.turned == 57_694


def test_all_nodes_of_wuhan_as_networkx_has_them(wuhan):
    graph = nx.Graph()
    for one, other, metres in zip(
        wuhan.start.tolist(), wuhan.end.tolist(), wuhan.length.tolist(), strict=True
    ):
        known = graph.get_edge_data(one, other, {"weight": np.inf})["weight"]
        graph.add_edge(one, other, weight=min(metres, known))
    shops = np.random.default_rng(5).choice(len(wuhan.node_xy), 200, replace=False)
    found = nx.multi_source_dijkstra_path_length(graph, set(shops.tolist()))
    expected = pd.Series(found).reindex(range(len(wuhan.node_xy)), fill_value=np.inf).to_numpy()
    distances = wuhan.node_distances(wuhan.node_xy[shops])
    assert distances == pytest.approx(expected, abs=EXACT)
    verified("mean walk of 82,902 nodes, Wuhan, m", "networkx", expected.mean(), distances.mean(), abs=EXACT)
    farthest = np.abs(distances - expected).max()
    verified("largest difference of a node's walk in Wuhan, m", "networkx", 0.0, farthest, abs=EXACT)


def assert_as_networkx(net, origins, facilities):
    expected = Peer(net.geometry, origins, facilities).table(len(origins), len(facilities))
    table = net.pairs(origins, facilities, np.inf)
    found = np.full_like(expected, np.inf)
    found[table["origin"], table["facility"]] = table["distance"]
    assert found == pytest.approx(expected, abs=EXACT)
    assert net.nearest(origins, facilities).to_numpy() == pytest.approx(expected.min(axis=1), abs=EXACT)
    reached = np.isfinite(expected)
    assert reached.mean() > 0.3
    return float(np.abs(found[reached] - expected[reached]).max())


def test_places_beside_the_streets_of_wuhan_as_networkx_has_them(wuhan_by_place):
    wuhan = wuhan_by_place
    rng = np.random.default_rng(6)
    near = wuhan.node_xy[rng.integers(0, len(wuhan.node_xy), 36)] + rng.normal(0, 40, (36, 2))
    difference = assert_as_networkx(wuhan, near[:32], near[32:])
    verified("largest difference of 128 walks, Wuhan, m", "networkx", 0.0, difference, abs=EXACT)


@pytest.mark.parametrize(("layer", "noding"), [("sidewalk_centerlines", True), ("street_centerlines", False)])
def test_cambridge_as_networkx_has_it(layer, noding):
    lines = gpd.read_parquet(DATA / f"cambridge_ma/{layer}.parquet").to_crs(26986)
    net = WalkNetwork.from_edges(lines, noding=noding)
    facilities = gpd.read_parquet(DATA / "cambridge_ma/facilities.parquet").to_crs(26986)
    points = facilities[facilities.geom_type == "Point"].get_coordinates().to_numpy()
    difference = assert_as_networkx(net, points[::3], points[1::40])
    verified(f"largest difference of a walk in Cambridge, {layer}, m", "networkx", 0.0, difference, abs=EXACT)


# -- pgRouting's sample: one street a side of a unit square, and two that nothing touches -----------------


@pytest.fixture(scope="module")
def sample():
    table = pd.read_csv(DATA / "peers/pgrouting_edges.csv")
    lines = shapely.linestrings(table[["x1", "y1", "x2", "y2"]].to_numpy().reshape(-1, 2, 2))
    names = {"from_node": table["source"].tolist(), "to_node": table["target"].tolist()}
    ends = pd.concat(
        [
            table[["source", "x1", "y1"]],
            table[["target", "x2", "y2"]].set_axis(["source", "x1", "y1"], axis=1),
        ]
    )
    place = ends.drop_duplicates("source").set_index("source")[["x1", "y1"]]
    return WalkNetwork.from_edges(streets_of(lines, **names)), place


def test_the_cost_matrix_of_pgrouting(sample):
    net, place = sample
    expected = pd.read_csv(DATA / "peers/pgrouting_costmatrix.csv")
    ids = sorted(set(expected["start_vid"]))
    table = net.pairs(place.loc[ids].to_numpy(), place.loc[ids].to_numpy(), 10.0)
    found = {f"{ids[o]} to {ids[f]}": metres for o, f, metres in table.itertuples(index=False) if o != f}
    rows = expected.itertuples(index=False)
    costs = {f"{row.start_vid} to {row.end_vid}": row.agg_cost for row in rows}
    all_verified("cost", "pgRouting 3.4.2, pgr_dijkstraCostMatrix", costs, found)


def test_the_driving_distances_of_pgrouting(sample):
    net, place = sample
    expected = pd.read_csv(DATA / "peers/pgrouting_dd_11_16_3_undirected.csv")
    starts = place.loc[[11, 16]].to_numpy()
    nearest = net.nearest(place.to_numpy(), starts, max_distance=3.0).set_axis(place.index)
    # pgRouting gives each node to one start only, the nearer one.
    found = {f"to node {node}": metres for node, metres in nearest[np.isfinite(nearest)].items()}
    costs = {f"to node {node}": cost for node, cost in expected.groupby("node")["agg_cost"].min().items()}
    all_verified("distance from 11 or 16", "pgRouting 3.4.2, pgr_drivingDistance", costs, found)
    of_one = expected[expected["from_v"] == 11].set_index("node")["agg_cost"]
    assert net.nearest(place.loc[of_one.index].to_numpy(), starts[:1]).tolist() == of_one.tolist()
