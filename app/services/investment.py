"""Investment 投资: printed totals beside the rows' sums, and how concentrated the money is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

import pandas as pd
from sqlalchemy import Connection, RowMapping

from app.services.register import summary as register_summary
from app.services.register.rules import district_names
from app.services.register.summary import TOLERANCE, Line, Summary
from data import cities, districts, projects
from data.investment import amounts
from data.projects import BAND_EDGES_YI, BANDS, YI, ProjectFilter
from data.readers.register import area_key
from data.session import Database
from gis import concentration


@dataclass(frozen=True)
class Printed:
    """A printed line: an ``area``, a ``section`` or the ``city``.

    ``code`` names the district of an area line that is one district; ``by_share`` is the district's money
    with its part of cross-district projects, in 亿元.
    """

    level: str
    line: Line
    code: str | None
    by_share: Decimal | None

    @property
    def agrees(self) -> bool | None:
        """Whether the rows add up to the printed total within 0.005 亿元; None where nothing is printed."""
        return None if self.line.difference is None else abs(self.line.difference) <= TOLERANCE


@dataclass(frozen=True)
class Reconciliation:
    """A notice's lines in printed order, each section before its areas and the city last."""

    notice: str
    lines: tuple[Printed, ...]

    @property
    def printed(self) -> int:
        """How many totals the notice prints."""
        return sum(line.agrees is not None for line in self.lines)

    @property
    def agreeing(self) -> int:
        """How many of them the rows add up to."""
        return sum(line.agrees is True for line in self.lines)


@dataclass(frozen=True)
class Concentration:
    """How unevenly the money is spread; amounts in yuan.

    ``amounts`` are the known ones, largest first, indexed by project name; ``bands`` has one row a size band
    with ``count``, ``amount`` and ``share``; ``unknown`` counts the projects without an amount.
    """

    amounts: pd.Series
    top: int
    top_share: float
    gini: float
    bands: pd.DataFrame
    unknown: int


@dataclass(frozen=True)
class InvestmentView:
    """What the investment page shows."""

    totals: RowMapping
    reconciliation: Reconciliation
    concentration: Concentration
    largest: list[RowMapping]
    cross_district: list[RowMapping]


def investment(database: Database, city: RowMapping, keep: ProjectFilter, top: int) -> InvestmentView:
    """Reconcile a city's newest notice and measure the concentration of the filtered projects.

    Parameters
    ----------
    keep
        Narrows concentration and lists, not the reconciliation: a printed total has no part.
    top
        How many of the largest projects to list and to set against the whole.

    Raises
    ------
    NotFound
        The city has no notice yet.
    """
    printed = register_summary.summary(database, city["slug"])
    with database.reading() as connection:
        return InvestmentView(
            totals=projects.totals(connection, city["id"], keep),
            reconciliation=_reconciliation(connection, city, printed),
            concentration=_concentration(amounts(connection, city["id"], keep), top),
            largest=_largest(connection, city["id"], keep, top),
            cross_district=_largest(connection, city["id"], replace(keep, cross_district=True), None),
        )


def _largest(connection: Connection, city_id: int, keep: ProjectFilter, top: int | None) -> list[RowMapping]:
    query = projects.ordered(projects.listing(city_id, keep), "amount", descending=True)
    return projects.page(connection, query, limit=top)


def _concentration(found: pd.Series, top: int) -> Concentration:
    known = found.dropna()
    bands = concentration.size_bands(known, [edge * float(YI) for edge in BAND_EDGES_YI])
    return Concentration(
        amounts=known,
        top=min(top, len(known)),
        top_share=concentration.top_share(known, top),
        gini=concentration.gini(known),
        bands=bands.set_axis(list(BANDS), axis="index"),
        unknown=len(found) - len(known),
    )


def _reconciliation(connection: Connection, city: RowMapping, printed: Summary) -> Reconciliation:
    frame = districts.figures(connection, city["id"], city["metric_srid"], ProjectFilter())
    by_share = frame.set_index("code")["investment"]
    by_section = frame.groupby("section")["investment"].sum(min_count=1)
    codes = _codes(connection, city["id"])
    lines: list[Printed] = []
    for section in printed.sections:
        lines.append(Printed("section", section, None, _yi(by_section.get(section.label))))
        lines += [_area(line, codes, by_share) for line in printed.areas if line.section == section.label]
    lines += [_area(line, codes, by_share) for line in printed.areas if not line.section]
    lines.append(Printed("city", printed.city_total, None, _yi(by_share.sum(min_count=1))))
    return Reconciliation(printed.notice, tuple(lines))


def _codes(connection: Connection, city_id: int) -> dict[str, str]:
    rows = cities.districts_of(connection, city_id)
    code_of = {row["id"]: row["code"] for row in rows}
    return {key: code_of[district] for key, (_, district) in district_names(rows).items()}


def _area(line: Line, codes: dict[str, str], by_share: pd.Series) -> Printed:
    code = codes.get(area_key(line.label))
    return Printed("area", line, code, None if code is None else _yi(by_share.get(code)))


def _yi(yuan: float | None) -> Decimal | None:
    return None if yuan is None or pd.isna(yuan) else Decimal(str(round(yuan, 2))) / YI
