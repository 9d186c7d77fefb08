"""Indicators over HTTP: the units of a run with their values as GeoJSON, and runs computed on demand."""

from __future__ import annotations

import hashlib
import html
import json
from collections.abc import Iterator
from queue import Queue
from threading import Lock, Thread
from typing import Annotated, Any, Literal

import geopandas as gpd
import shapely
from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import AfterValidator, BaseModel, Field
from sqlalchemy import RowMapping

from app import errors
from app.api.problems import problem
from app.components.actor import actor_of
from app.components.indicators.map import merged, painted
from app.i18n import language, use_language
from app.reader import use_theme
from app.services import cities
from app.services.indicators.asked import refuse_unknown
from app.services.indicators.page import MOST_UNITS, Page, Picture, page_of, required, shapes_of
from app.services.indicators.runs import RunReport, run
from app.services.map.walk_answer import FASTEST, SLOWEST
from app.services.map.walking import SPEED
from app.services.start import home_of
from data.errors import N_, Conflict, GengxinError, InvalidInput, NotFound, UnsupportedFormat
from data.indicator_codes import UNIT_KINDS
from data.session import Database
from gis.errors import GisError
from gis.parameters import Parameters

router = APIRouter(prefix="/api/v1/cities", tags=["indicators"])
UNDER_WAY: set[tuple[str, str]] = set()
GUARD = Lock()
Look = Annotated[
    Literal["", "light", "dark"], Query(description="light or dark: with fills and escaped texts for a map")
]
Which = Annotated[int, Query(ge=1, le=2, description="2: what the first is compared with")]
PLAIN = ["unit_name_zh", "unit_name_en", "value", "numerator", "denominator", "verdict", "missing"]


def _unit_kind(kind: str) -> str:
    if kind not in UNIT_KINDS:
        raise ValueError(f"one of {', '.join(UNIT_KINDS)}")
    return kind


UnitKind = Annotated[str, AfterValidator(_unit_kind), Field(json_schema_extra={"enum": [*UNIT_KINDS]})]


class Wanted(BaseModel):
    """Which units are to be computed, the side of a grid's cells in metres, the walking speed in m/min."""

    units: UnitKind = "district"
    side: float | None = Field(default=None, gt=0)
    speed: float = Field(default=SPEED, ge=SLOWEST, le=FASTEST)


@router.get(
    "/{slug}/indicators.geojson",
    response_class=Response,
    responses={400: {"description": "No such indicator, class, basis, units or run"}},
)
def units(request: Request, slug: str, which: Which = 1, look: Look = "") -> Response:
    """Return the units of a run with an indicator's value, what was divided by what, and the verdict.

    Takes the parameters of the page: ``indicator``, ``class``, ``basis``, ``units``, ``run``; what does not
    exist is refused. Shapes are thinned for a map of the whole city; the export holds them in full.
    """
    database, city = request.app.state.database, cities.choose(request.app.state.database, slug)
    try:
        refuse_unknown(request.query_params, ("which", "look", "lang"))
        page = required(page_of(database, city, request.query_params))
    except InvalidInput as error:
        return problem(error, 400)
    picture = page.first if which == 1 else page.second
    if picture is None:
        raise NotFound(
            N_("The indicator {indicator} has not been computed for these units."),
            remedy=N_("Run `gengxin indicators run --city {city} --units {units}`."),
            indicator=page.indicator.code,
            city=slug,
            units=page.units,
        )
    shapes = shapes_of(database, picture.asked.run)
    frame = _drawn(page, picture, shapes, look) if look else _plain(picture, shapes)
    return _answer(request, city, frame)


def _drawn(page: Page, picture: Picture, shapes: gpd.GeoDataFrame, look: str) -> gpd.GeoDataFrame:
    use_theme(look)
    frame = merged(page, picture, shapes) if len(shapes) > MOST_UNITS else painted(page, picture, shapes)
    placed = frame[frame.geometry.notna()]
    return placed.assign(
        **{name: placed[name].map(html.escape) for name in ("name", "value", "parts", "verdict")}
    )


def _plain(picture: Picture, shapes: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    rows = picture.table.set_index("unit_code")
    return shapes[["geometry"]].join(rows[PLAIN]).rename_axis("code").reset_index()


def _answer(request: Request, city: RowMapping, frame: gpd.GeoDataFrame) -> Response:
    said = {"synthetic": True, "attribution": city["attribution"]} if city["synthetic"] else {}
    rounded = shapely.set_precision(frame.geometry.to_numpy(), 1e-5, mode="pointwise")
    shapes = shapely.to_geojson(rounded)
    table = frame.drop(columns="geometry").astype(object)
    rows = table.where(table.notna(), None).to_dict("records")
    features = ",".join(_feature(row, shape) for row, shape in zip(rows, shapes, strict=True))
    head = json.dumps({"type": "FeatureCollection", **said}, ensure_ascii=False, separators=(",", ":"))
    body = f'{head[:-1]},"features":[{features}]}}'.encode()
    tag = f'W/"{hashlib.sha256(body).hexdigest()[:20]}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return Response(body, media_type="application/geo+json", headers=headers)


def _feature(properties: dict[Any, Any], shape: str | None) -> str:
    known = json.dumps(properties, ensure_ascii=False, separators=(",", ":"))
    return f'{{"type":"Feature","geometry":{shape or "null"},"properties":{known}}}'


@router.post(
    "/{slug}/indicators/runs",
    summary="Compute the indicators of a city",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {}}}, 409: {"description": "It is being computed"}},
)
def compute(request: Request, slug: str, wanted: Wanted) -> StreamingResponse:
    """Compute all indicators of a city's units and store them; tells how far it is, line by line.

    Takes JSON only, which no other site can make a browser send. Each event is one JSON object: ``done``,
    ``total`` and ``part`` while it computes; ``run`` with its ``values`` and ``known`` at the end, or
    ``error`` and ``detail``. Who goes away does not stop it.
    """
    if not request.headers.get("content-type", "").startswith("application/json"):
        raise UnsupportedFormat(N_("A run is asked for in JSON."), remedy=N_("Send application/json."))
    database, city = request.app.state.database, cities.choose(request.app.state.database, slug)
    key = (city["slug"], wanted.units)
    with GUARD:
        if key in UNDER_WAY:
            raise Conflict(
                N_("The indicators of {city} are being computed for these units."),
                remedy=N_("Wait until it is done, then load the page again."),
                city=slug,
            )
        UNDER_WAY.add(key)
    told: Queue[dict[str, Any] | None] = Queue()
    work = (database, request, key, wanted, told, language())
    Thread(target=_compute, args=work, daemon=True).start()
    return StreamingResponse(
        _events(told), media_type="text/event-stream", headers={"Cache-Control": "no-store"}
    )


def _compute(  # noqa: PLR0913, PLR0917 - the parts of one request
    database: Database,
    request: Request,
    key: tuple[str, str],
    wanted: Wanted,
    told: Queue[dict[str, Any] | None],
    spoken: str,
) -> None:
    use_language(spoken)

    def report(done: int, total: int, part: str) -> None:
        told.put({"done": done, "total": total, "part": part})

    try:
        actor, home = actor_of(request.headers), home_of(request.app.state.settings)
        found = run(
            database, key[0], wanted.units, actor=actor, side=wanted.side,
            parameters=Parameters(walking_speed=wanted.speed), home=home, report=report,
        )  # fmt: skip
        told.put(_finished(found))
    except (GengxinError, GisError) as error:
        told.put({"error": type(error).__name__, "detail": errors.translated(error)})
    finally:
        with GUARD:
            UNDER_WAY.discard(key)
        told.put(None)


def _finished(found: RunReport) -> dict[str, Any]:
    return {"run": found.run, "values": found.values, "known": found.known, "seconds": found.seconds}


def _events(told: Queue[dict[str, Any] | None]) -> Iterator[str]:
    while (line := told.get()) is not None:
        yield f"data: {json.dumps(line, ensure_ascii=False)}\n\n"
