"""Thresholds in the database: those that come with Gengxin, and a city's own; none is ever changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields

from sqlalchemy import Connection, RowMapping, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from data.models import District
from data.models import Threshold as Row
from data.thresholds.reading import shipped
from data.thresholds.threshold import Threshold

# First two digits of a district's code, as GB/T 2260 has them, and the province that they stand for.
PROVINCES = {
    "11": "北京市", "12": "天津市", "13": "河北省", "14": "山西省", "15": "内蒙古自治区", "21": "辽宁省",
    "22": "吉林省", "23": "黑龙江省", "31": "上海市", "32": "江苏省", "33": "浙江省", "34": "安徽省",
    "35": "福建省", "36": "江西省", "37": "山东省", "41": "河南省", "42": "湖北省", "43": "湖南省",
    "44": "广东省", "45": "广西壮族自治区", "46": "海南省", "50": "重庆市", "51": "四川省", "52": "贵州省",
    "53": "云南省", "54": "西藏自治区", "61": "陕西省", "62": "甘肃省", "63": "青海省",
    "64": "宁夏回族自治区", "65": "新疆维吾尔自治区",
}  # fmt: skip
NATIONAL = "national"
NAMES = tuple(field.name for field in fields(Threshold))
BATCH = 1000


@dataclass(frozen=True)
class Stored:
    """A threshold in the database; ``own`` where it is the city's."""

    id: int
    own: bool
    threshold: Threshold


def is_current(connection: Connection) -> bool:
    """Whether the thresholds of the database are those that come with this version."""
    query = select(Row.digest).where(Row.city_id.is_(None), Row.withdrawn_at.is_(None))
    return set(connection.scalars(query)) == {one.digest() for one in shipped()}


def synchronise(connection: Connection) -> None:
    """Store the thresholds that come with this version, and withdraw those that came with another."""
    _put(connection, shipped(), None, "")


def replace_own(connection: Connection, city: RowMapping, thresholds: Sequence[Threshold]) -> int:
    """Put these thresholds in the place of a city's own; return how many are withdrawn."""
    return _put(connection, thresholds, city["id"], city["slug"])


def stored(connection: Connection, city: RowMapping) -> list[Stored]:
    """List what holds for a city: its own thresholds, and those of the nation, its province and itself."""
    mine = [NATIONAL, city["name_zh"], *_provinces(connection, city["id"])]
    query = (
        select(*Row.__table__.columns)
        .where(
            Row.withdrawn_at.is_(None),
            or_(Row.city_id == city["id"], Row.city_id.is_(None) & Row.jurisdiction.in_(mine)),
        )
        .order_by(Row.indicator, Row.subject, Row.id)
    )
    return [_stored(row) for row in connection.execute(query).mappings()]


def with_ids(connection: Connection, ids: Iterable[int]) -> dict[int, Stored]:
    """Return thresholds by id, withdrawn ones too: old verdicts keep theirs."""
    query = select(*Row.__table__.columns).where(Row.id.in_(sorted(set(ids))))
    return {row["id"]: _stored(row) for row in connection.execute(query).mappings()}


def _provinces(connection: Connection, city_id: int) -> list[str]:
    query = select(func.left(District.code, 2)).where(
        District.city_id == city_id, District.code.regexp_match("^[0-9]{6}")
    )
    return sorted({PROVINCES[code] for code in connection.scalars(query) if code in PROVINCES})


def _put(connection: Connection, thresholds: Sequence[Threshold], city_id: int | None, slug: str) -> int:
    rows = {one.digest(slug): one for one in thresholds}
    owner = Row.city_id.is_(None) if city_id is None else Row.city_id == city_id
    gone = update(Row).where(owner, Row.withdrawn_at.is_(None), Row.digest.not_in(rows))
    withdrawn = connection.execute(gone.values(withdrawn_at=dt.datetime.now(dt.UTC))).rowcount
    if rows:
        values = [{"digest": digest, "city_id": city_id, **asdict(one)} for digest, one in rows.items()]
        added = insert(Row).values(values)
        again = added.on_conflict_do_update(index_elements=["digest"], set_={"withdrawn_at": None})
        connection.execute(again)
    return withdrawn


def _stored(row: RowMapping) -> Stored:
    return Stored(row["id"], row["city_id"] is not None, Threshold(**{name: row[name] for name in NAMES}))
