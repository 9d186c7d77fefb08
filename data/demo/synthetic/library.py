"""The published project library: three notices, their rows and printed totals."""

from __future__ import annotations

import hashlib

import numpy as np
import pandas as pd

from data.demo.synthetic.chance import Texts, either, stream

NOTICES = (
    ("示建更〔2024〕12号", "2024-11-15", 2024),
    ("示建更〔2025〕18号", "2025-11-20", 2025),
    ("示建更〔2026〕21号", "2026-09-25", 2026),
)
REASONS = ("已竣工移交，退出项目库", "实施主体调整，暂缓实施", "并入相邻片区项目", None)
YI = 1e8


def areas(shares: pd.DataFrame, districts: pd.DataFrame, count: int) -> tuple[Texts, Texts]:
    """Return the printed area and section of each project; several districts are joined with +."""
    ordered = shares.sort_values(["project", "district"])
    name = districts["name_zh"].to_numpy()[ordered["district"]]
    area = pd.Series(name).groupby(ordered["project"].to_numpy()).agg("+".join)
    first = ordered.drop_duplicates("project").set_index("project")["district"]
    section = districts["section"].to_numpy()[first.reindex(range(count))]
    return area.reindex(range(count)).to_numpy(), section


def notices() -> pd.DataFrame:
    """Return the notices in order."""
    return pd.DataFrame(
        {
            "number": [number for number, _, _ in NOTICES],
            "sequence": np.arange(1, len(NOTICES) + 1),
            "published_on": pd.to_datetime([day for _, day, _ in NOTICES]),
            "source_name": ["synthetic" for _ in NOTICES],
            "source_sha256": [hashlib.sha256(number.encode()).hexdigest() for number, _, _ in NOTICES],
        }
    )


def entries(seed: int, frame: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of each notice: some projects leave, some are renamed or change their amount."""
    rng = stream(seed, "library")
    year = frame["code_year"].to_numpy()
    leaves = np.where(rng.random(len(frame)) < 0.06, rng.integers(1, len(NOTICES), len(frame)), len(NOTICES))
    first = np.searchsorted([last for _, _, last in NOTICES], year)
    leaves = np.maximum(leaves, first + 1)
    changed = rng.random((len(NOTICES), len(frame))) < 0.05
    factor = np.ones(len(frame))
    parts = []
    for place in reversed(range(len(NOTICES))):
        last_year = NOTICES[place][2]
        listed = np.flatnonzero((year <= last_year) & (leaves > place))
        amount = np.round(frame["total_investment"].to_numpy() * factor / 1e6) * 1e6
        part = frame.iloc[listed][["code", "name", "area", "section"]].copy()
        part["project"] = listed
        part["amount"] = amount[listed]
        renamed = changed[place, listed] & (place < len(NOTICES) - 1) & (listed % 3 == 0)
        part.loc[renamed, "name"] = part["name"][renamed].str.replace("项目", "工程", regex=False)
        part["notice"] = place
        part["printed_as_new"] = (year[listed] == last_year) & (place > 0)
        part = part.sort_values("code")
        part["sequence"] = np.arange(1, len(part) + 1)
        parts.append(part)
        differs = changed[place] & (leaves > place)
        factor = np.where(differs, factor * rng.uniform(0.8, 1.25, len(frame)), factor)
    return pd.concat(reversed(parts), ignore_index=True)


def totals(rows: pd.DataFrame, city: str) -> pd.DataFrame:
    """Return the totals that each notice prints for areas, sections and the city."""
    parts = []
    for level, column in (("area", "area"), ("section", "section"), ("city", None)):
        label = rows[column] if column else pd.Series(city, index=rows.index)
        section = rows["section"] if level != "city" else ""
        frame = rows.assign(label=label, printed_section=section)
        found = frame.groupby(["notice", "label"], as_index=False, sort=True).agg(
            printed=("amount", "sum"), section=("printed_section", "first")
        )
        parts.append(found.assign(level=level))
    return pd.concat(parts, ignore_index=True)


def exits(rows: pd.DataFrame, count: int) -> pd.DataFrame:
    """Return for each project the row of the notice that no longer lists it (NA: listed) and the reason."""
    last = rows.groupby("project")["notice"].max().reindex(range(count))
    gone = last.notna() & (last < len(NOTICES) - 1)
    reason = np.array(REASONS, dtype=object)[np.arange(count) % len(REASONS)]
    return pd.DataFrame(
        {
            "exit_notice": (last + 1).where(gone).astype("Int64"),
            "exit_reason": either(gone, reason, None),
        }
    )
