"""Facilities of the living circle 生活圈设施 on the plots planned for them, in estates and along streets."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely

from data import codes
from data.demo.synthetic.chance import Floats, Integers, Texts, stream
from data.demo.synthetic.land import Land
from data.demo.synthetic.plots import polygons
from data.demo.synthetic.streets import Network

# On plots of a land use, by category: the chance that a plot has one.
ON_PLOTS = {
    "0702": {
        "community_centre": 0.8, "health_station": 0.55, "canteen": 0.4, "elderly_care": 0.45,
        "nursery": 0.3, "culture": 0.3, "sports": 0.3,
    },
    "0803": {"culture": 0.9}, "0805": {"sports": 1.0}, "0806": {"hospital": 0.5, "health_station": 0.4},
    "0807": {"elderly_care": 1.0},
    "0901": {"market": 0.3, "convenience_store": 0.9, "parking": 0.3, "charging": 0.3},
    "0902": {"parking": 0.6, "charging": 0.4, "convenience_store": 0.5},
    "1208": {"parking": 1.0, "bus_stop": 0.6, "toilet": 0.5},
    "1300": {"waste_station": 0.5, "fire_station": 0.35, "other": 0.3},
    "1401": {"toilet": 0.5, "sports": 0.3},
    "0701": {
        "convenience_store": 0.42, "post_station": 0.32, "nursery": 0.06, "canteen": 0.07,
        "elderly_care": 0.07, "health_station": 0.05, "kindergarten": 0.10, "charging": 0.22,
        "parking": 0.2, "toilet": 0.07, "waste_station": 0.12, "sports": 0.12, "market": 0.03,
    },
}  # fmt: skip
SCHOOLS = ((9_000.0, "kindergarten"), (20_000.0, "primary_school"), (np.inf, "middle_school"))
# What a facility offers, a typical number and its spread: places, beds, seats, parking spaces or chargers;
# visits a day of a health station, stalls of a market.
CAPACITY = {
    "kindergarten": (300, 90), "primary_school": (1300, 380), "middle_school": (1700, 450),
    "nursery": (70, 25), "health_station": (80, 30), "market": (90, 40), "hospital": (420, 220),
    "elderly_care": (90, 45), "canteen": (120, 40), "parking": (160, 90),
    "charging": (16, 8), "community_centre": (400, 120), "sports": (260, 120), "culture": (500, 220),
}  # fmt: skip
FLOOR_AREA = {
    "kindergarten": 12.0, "primary_school": 9.5, "middle_school": 12.5, "nursery": 9.0, "hospital": 92.0,
    "elderly_care": 34.0, "canteen": 3.0, "community_centre": 4.5, "culture": 6.0,
}  # fmt: skip


@dataclass(frozen=True)
class _Points:
    category: Texts
    xy: Floats
    superblock: Integers


def draw(seed: int, land: Land, network: Network, place: Texts, rows: int) -> pd.DataFrame:
    """Place all facilities: points, and parks and squares as areas; ``place`` names each superblock."""
    rng = stream(seed, "facilities")
    found = [_schools(land), _on_plots(rng, land), _stops(rng, network), _metro(network, rows)]
    found.append(_missing(rng, land, found))
    points = _Points(*(np.concatenate([getattr(p, f) for p in found]) for f in _Points.__dataclass_fields__))
    frame = _frame(rng, points, place)
    return pd.concat([frame, _open_space(land, place)], ignore_index=True)


def _centres(quads: Floats) -> Floats:
    return np.asarray(quads.mean(axis=1))


def _schools(land: Land) -> _Points:
    plots = np.flatnonzero((land.land_use == "0804") & (land.plot_character != "campus"))
    area = shapely.area(polygons(land.plot_shape[plots]))
    kind = np.array([name for _, name in SCHOOLS], dtype=object)[
        np.searchsorted([limit for limit, _ in SCHOOLS], area)
    ]
    return _Points(kind, _centres(land.plot_shape[plots]), land.plots.superblock[plots])


def _on_plots(rng: np.random.Generator, land: Land) -> _Points:
    category, plot = [], []
    for use, chances in ON_PLOTS.items():
        rows = np.flatnonzero(land.land_use == use)
        for name, chance in chances.items():
            chosen = rows[rng.random(rows.size) < chance]
            category.append(np.full(chosen.size, name, dtype=object))
            plot.append(chosen)
    plots = np.concatenate(plot)
    s, t = rng.uniform(0.06, 0.94, (2, plots.size))[..., None]
    quad = land.plot_shape[plots]
    south = quad[:, 0] * (1 - s) + quad[:, 1] * s
    north = quad[:, 3] * (1 - s) + quad[:, 2] * s
    return _Points(np.concatenate(category), south * (1 - t) + north * t, land.plots.superblock[plots])


def _stops(rng: np.random.Generator, network: Network) -> _Points:
    """Put bus stops along main streets, about every 350 m."""
    main = np.isin(network.street_class, ["arterial", "secondary"]) & ~network.bridge
    edges = np.flatnonzero(main & (rng.random(main.size) < network.length / 350))
    middle = (network.points[network.start[edges]] + network.points[network.end[edges]]) / 2
    return _Points(np.full(edges.size, "bus_stop", dtype=object), middle, np.full(edges.size, -1))


def _metro(network: Network, rows: int) -> _Points:
    """Put stations on the two main axes, where other main streets cross them."""
    middle = (rows - 1) // 2
    axis = ((network.at == middle * 960) & network.upright) | (
        (network.at == (middle + 1) * 960) & ~network.upright
    )
    nodes = network.start[axis & (network.low % 1920 == 0) & ~network.bridge]
    return _Points(np.full(nodes.size, "metro", dtype=object), network.points[nodes], np.full(nodes.size, -1))


def _missing(rng: np.random.Generator, land: Land, found: list[_Points]) -> _Points:
    """Give a small city one of each category that chance left out."""
    present = {name for part in found for name in part.category}
    absent = sorted(set(codes.FACILITY_CATEGORIES) - present - {"park", "square"})
    plots = rng.choice(np.flatnonzero(land.land_use == "0701"), len(absent), replace=False)
    return _Points(
        np.array(absent, dtype=object), _centres(land.plot_shape[plots]), land.plots.superblock[plots]
    )


def _frame(rng: np.random.Generator, points: _Points, place: Texts) -> pd.DataFrame:
    size = points.category.size
    typical = np.array([CAPACITY.get(one, (np.nan, 0)) for one in points.category], dtype=float)
    capacity = np.round((typical[:, 0] + typical[:, 1] * rng.normal(0, 1, size)).clip(typical[:, 0] * 0.3))
    each = np.array([FLOOR_AREA.get(one, np.nan) for one in points.category])
    local = np.where(
        points.superblock >= 0, place[points.superblock], place[rng.integers(place.size, size=size)]
    )
    names = local + np.array([codes.FACILITY_CATEGORIES[one].zh for one in points.category], dtype=object)
    return pd.DataFrame(
        {
            "category": points.category,
            "name": names,
            "capacity": capacity,
            "floor_area": np.round(capacity * each * rng.uniform(0.8, 1.2, size)),
            "shape": shapely.points(points.xy),
        }
    )


def _open_space(land: Land, place: Texts) -> pd.DataFrame:
    plots = np.flatnonzero(np.isin(land.land_use, ["1401", "1403"]))
    category = np.where(land.land_use[plots] == "1401", "park", "square").astype(object)
    suffix = np.where(category == "park", "公园", "广场").astype(object)
    return pd.DataFrame(
        {
            "category": category,
            "name": place[land.plots.superblock[plots]] + suffix,
            "shape": polygons(land.plot_shape[plots]),
        }
    )
