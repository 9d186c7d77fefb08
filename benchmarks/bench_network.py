"""Walking distances on the streets of Wuhan (82,902 nodes), beside networkx and shapely, and as they grow."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely
from pytest_benchmark.fixture import BenchmarkFixture

from gis.network import WalkNetwork

STREETS = Path(__file__).resolve().parents[2] / "shared/data/china/wuhan_streets_osm.parquet"
pytestmark = pytest.mark.skipif(not STREETS.exists(), reason="the streets of Wuhan are not here")
CLASSES = 20
SIZES = (1, 3, 10)
HOMES = 1_000_000
ROUNDS = 5
WALK = [400.0, 800.0, 1200.0]


@pytest.fixture(scope="module")
def streets() -> gpd.GeoDataFrame:
    return gpd.read_parquet(STREETS)


@pytest.fixture(scope="module")
def net(streets: gpd.GeoDataFrame) -> WalkNetwork:
    return WalkNetwork.from_edges(streets)


@pytest.fixture(scope="module")
def graph(net: WalkNetwork) -> nx.Graph:
    table = pd.DataFrame(np.sort([net.start, net.end], axis=0).T, columns=["u", "v"])
    shortest = table.assign(weight=net.length).sort_values("weight").drop_duplicates(["u", "v"])
    return nx.from_pandas_edgelist(shortest, "u", "v", "weight")


def beside(net: WalkNetwork, count: int, seed: int, spread: float) -> np.ndarray:
    """Places beside the streets, as buildings and shops are."""
    rng = np.random.default_rng(seed)
    return net.node_xy[rng.integers(0, len(net.node_xy), count)] + rng.normal(0, spread, (count, 2))


def nodes_at(net: WalkNetwork, xy: np.ndarray) -> list[int]:
    return net.start[net.snap(xy, np.inf).edge].tolist()


def side_by_side(streets: gpd.GeoDataFrame, times: int) -> gpd.GeoDataFrame:
    """The same city several times, each joined to the next by a street."""
    west, _south, east, _north = streets.total_bounds
    start = streets.geometry.iloc[0].coords[0]
    step, new_names = east - west, 10**12
    copies = [
        streets[["u", "v"]].add(n * new_names).assign(geometry=streets.geometry.translate(n * step))
        for n in range(times)
    ]
    one = int(WalkNetwork.from_edges(streets).names[0])
    links = [
        {"u": one + n * new_names, "v": one + (n + 1) * new_names, "geometry": shapely.LineString(way)}
        for n in range(times - 1)
        for way in [[(start[0] + n * step, start[1]), (start[0] + (n + 1) * step, start[1])]]
    ]
    frames = [*copies, pd.DataFrame(links, columns=["u", "v", "geometry"])]
    return gpd.GeoDataFrame(pd.concat(frames, ignore_index=True), geometry="geometry", crs=streets.crs)


def least_work(action: Callable[[], Any], rounds: int = ROUNDS) -> float:
    """Seconds of the processors, all threads together: how work grows shows on a busy machine too."""
    taken = []
    for _round in range(rounds):
        start = time.process_time()
        action()
        taken.append(time.process_time() - start)
    return min(taken)


def seconds(action: Callable[[], Any]) -> float:
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def median(action: Callable[[], Any], rounds: int = ROUNDS) -> float:
    return statistics.median(seconds(action) for _round in range(rounds))


def test_twenty_classes_from_all_nodes(
    benchmark: BenchmarkFixture, net: WalkNetwork, graph: nx.Graph
) -> None:
    shops = [beside(net, 50 * (number + 1), number, 30.0) for number in range(CLASSES)]
    net.node_distances(shops[0])
    at = [set(nodes_at(net, xy)) for xy in shops]
    peer = seconds(lambda: [nx.multi_source_dijkstra_path_length(graph, nodes) for nodes in at])
    ours = median(lambda: [net.node_distances(xy) for xy in shops])
    print(f"\n20 classes, {len(net.node_xy):,} nodes: {ours:.2f} s, networkx {peer:.1f} s", end="")
    print(f" ({peer / ours:.0f} times as long)")
    benchmark.extra_info.update(networkx_s=peer, ratio=peer / ours)
    assert peer >= 10 * ours
    benchmark.pedantic(lambda: [net.node_distances(xy) for xy in shops], rounds=ROUNDS)


def test_a_million_homes(benchmark: BenchmarkFixture, net: WalkNetwork) -> None:
    homes, shops = beside(net, HOMES, 99, 60.0), beside(net, 500, 98, 30.0)
    fresh = WalkNetwork.from_edges(gpd.GeoDataFrame(geometry=net.geometry, crs=net.crs))
    index = seconds(lambda: (fresh.index, fresh.ways))
    net.nearest(homes[:10], shops)
    taken = {size: median(partial(net.nearest, homes[: HOMES // 10 * size], shops), 3) for size in SIZES}
    tree, some = shapely.STRtree(net.geometry), shapely.points(homes[::20])
    peer = 20 * seconds(lambda: tree.query_nearest(some, max_distance=100.0, all_matches=False))
    print(f"\nindex {index:.2f} s; homes snapped and answered:")
    for size, value in taken.items():
        print(f"{HOMES // 10 * size:>10,} homes: {value:.2f} s")
    print(f"{HOMES:>10,} homes, shapely's STRtree, snapped only: {peer:.1f} s")
    benchmark.extra_info.update(index_s=index, strtree_s=peer, taken={str(n): t for n, t in taken.items()})
    assert taken[10] <= 15 * taken[1]
    assert peer >= 2 * taken[10]
    benchmark.pedantic(net.nearest, args=(homes, shops), rounds=3)


def test_growth_with_the_city(benchmark: BenchmarkFixture, streets: gpd.GeoDataFrame) -> None:
    taken: dict[int, dict[str, float]] = {}
    for size in SIZES:
        many = side_by_side(streets, size)
        net = WalkNetwork.from_edges(many)
        assert net.report.components.tolist() == [82_902 * size]
        shops = beside(net, 500 * size, 7, 30.0)
        taken[size] = {
            "built": least_work(partial(WalkNetwork.from_edges, many), 3),
            "indexed": least_work(partial(net.snap, shops), 1),
            "all nodes": least_work(partial(net.node_distances, shops)),
        }
        print(f"\n{len(many):>9,} edges:", *(f"{what} {value:.3f} s" for what, value in taken[size].items()))
    benchmark.extra_info.update({str(size): value for size, value in taken.items()})
    assert all(taken[10][what] <= 30 * taken[1][what] for what in taken[1])
    benchmark.pedantic(WalkNetwork.from_edges, args=(streets,), rounds=3)


def test_pairs_within_a_kilometre(benchmark: BenchmarkFixture, net: WalkNetwork, graph: nx.Graph) -> None:
    homes, places = net.snap(beside(net, 100_000, 5, 60.0)), beside(net, 1000, 6, 30.0)
    shops, nodes = net.snap(places), nodes_at(net, places)
    search = partial(nx.single_source_dijkstra_path_length, graph, cutoff=1000.0)
    peer = seconds(lambda: [search(node) for node in nodes])
    ours = median(lambda: net.pairs(homes, shops, 1000.0), 3)
    count = len(net.pairs(homes, shops, 1000.0))
    print(f"\n100,000 homes, 1,000 shops, {count:,} pairs: {ours:.2f} s", end="")
    print(f"; networkx, from shops to nodes only: {peer:.2f} s")
    benchmark.extra_info.update(pairs=count, networkx_s=peer)
    assert peer >= ours
    benchmark.pedantic(net.pairs, args=(homes, shops, 1000.0), rounds=3)


def by_networkx(net: WalkNetwork, graph: nx.Graph, node: int) -> list[Any]:
    """The usual recipe: an ego graph a distance, the edges in it buffered and united, none cut."""
    shapes = []
    for distance in WALK:
        reached = np.zeros(len(net.node_xy), bool)
        reached[list(nx.ego_graph(graph, node, distance, distance="weight"))] = True
        edges = net.geometry[reached[net.start] & reached[net.end]]
        shapes.append(shapely.union_all(shapely.buffer(edges, 25.0)))
    return shapes


def test_isochrones_of_a_click(benchmark: BenchmarkFixture, net: WalkNetwork, graph: nx.Graph) -> None:
    xy = beside(net, 40, 11, 30.0)
    net.isochrone(xy[0], WALK, max_snap=np.inf)
    ours = [seconds(partial(net.isochrone, place, WALK, max_snap=np.inf)) for place in xy]
    peer = [seconds(partial(by_networkx, net, graph, node)) for node in nodes_at(net, xy)]
    for name, taken in (("ours, edges cut", ours), ("networkx and shapely, whole edges", peer)):
        longest = max(taken) * 1e3
        print(f"\n5, 10, 15 minutes: median {statistics.median(taken) * 1e3:.0f} ms", end="")
        print(f", longest {longest:.0f} ms ({name})", end="")
    print()
    benchmark.extra_info.update(longest_ms=max(ours) * 1e3, networkx_ms=statistics.median(peer) * 1e3)
    assert statistics.median(ours) <= 3 * statistics.median(peer)
    benchmark.pedantic(net.isochrone, args=(xy[0], WALK), kwargs={"max_snap": np.inf}, rounds=5)


def test_a_street_added_and_one_closed(
    benchmark: BenchmarkFixture, net: WalkNetwork, streets: gpd.GeoDataFrame
) -> None:
    homes, shops = net.snap(beside(net, 100_000, 5, 60.0)), beside(net, 500, 6, 30.0)
    ends = {"u": net.names[[100]], "v": net.names[[400]]}
    added = gpd.GeoDataFrame(ends, geometry=[shapely.LineString(net.node_xy[[100, 400]])], crs=net.crs)

    def change() -> pd.Series:
        after = net.changed(added, removed=[5])
        return after.nearest(after.resnap(homes), shops)

    def anew() -> pd.Series:
        after = WalkNetwork.from_edges(pd.concat([streets.drop(5), added]))
        return after.nearest(homes.places, shops)

    assert np.abs(change() - anew()).max() < 1e-6
    alone, whole, peer = median(partial(net.changed, added, [5])), median(change), median(anew)
    print(
        f"\nchanged in {alone * 1e3:.0f} ms; with the distances of 100,000 homes {whole * 1e3:.0f} ms", end=""
    )
    print(f"; built and snapped anew {peer * 1e3:.0f} ms")
    benchmark.extra_info.update(changed_ms=alone * 1e3, anew_ms=peer * 1e3)
    assert whole <= peer
    benchmark.pedantic(change, rounds=3)
